"""Undo rather than ask: for ten seconds the last act can be taken back with one key, by another act."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.kernel.message import Command

UNDO_MS = 10_000


@dataclass(frozen=True, slots=True)
class Undo:
    """What takes the last act back, and until when by the steady clock."""

    command: Command
    act: str
    until: int

    def seconds_left(self, mono: int) -> int:
        return max(0, -(-(self.until - mono) // 1_000))


def offered(command: Command, act: str, mono: int) -> Undo:
    return Undo(command, act, mono + UNDO_MS)
