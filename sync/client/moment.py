"""What a machine's clocks say, and the server's instant estimated from them (sync.md §2.10)."""

from __future__ import annotations

from dataclasses import dataclass

from core.store.queue import Cursor
from sync.ports import Moment

__all__ = ["UNKNOWN_ERROR_MS", "Estimate", "Moment", "rules_age", "server_time"]

DRIFT_PER_MILLE = 1  # a quartz may be this wrong
UNKNOWN_ERROR_MS = 24 * 3_600_000


@dataclass(frozen=True, slots=True)
class Estimate:
    """The server's instant, and how wrong it may be, both in ms."""

    at: int
    error: int


def server_time(cursor: Cursor | None, moment: Moment) -> Estimate:
    """From the last contact and the steady clock; across a reboot only the wall clock is left, with a wide error.

    Never before the last instant the server told: time does not run backwards on a console either.
    """
    if cursor is None or cursor.heard_wall == 0:
        return Estimate(moment.wall, UNKNOWN_ERROR_MS)
    if cursor.heard_boot == moment.boot and moment.mono >= cursor.heard_mono:
        passed = moment.mono - cursor.heard_mono
        return Estimate(cursor.server_at + passed, cursor.clock_error + passed * DRIFT_PER_MILLE // 1000)
    passed = max(0, moment.wall - cursor.heard_wall)
    return Estimate(cursor.server_at + passed, UNKNOWN_ERROR_MS)


def rules_age(cursor: Cursor | None, moment: Moment) -> int:
    """How old this console's knowledge of diets and recipes is, in ms."""
    if cursor is None or cursor.rules_at == 0:
        return UNKNOWN_ERROR_MS
    return max(0, server_time(cursor, moment).at - cursor.rules_at)
