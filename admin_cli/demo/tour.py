"""The five-minute tour (screens.md §14.1): what to press next and what to say; it presses nothing itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.words import word

if TYPE_CHECKING:
    from admin_cli.demo.stage import Stage

VISITOR = "A-015"  # the bed of whoever holds the phone

Look = Callable[["Stage"], bool]


@dataclass(frozen=True, slots=True)
class Stop:
    """One row of the tour: the next key, the words key of what to say, and how the launcher sees that it was done."""

    key: str
    says: str
    seen: Look | None = None  # None: Enter or the key itself goes on


def _happened(what: str) -> Look:
    def look(stage: Stage) -> bool:
        return any(one.what == what and one.bed == VISITOR for one in stage.journal.happenings)

    return look


def _settled(stage: Stage) -> bool:
    return not stage.hospital.line.is_cut and stage.journal.counted.waiting == 0


def _stopped(stage: Stage) -> bool:
    return any(one.what == "stopped" and one.ms is not None for one in stage.journal.happenings)


STOPS = (
    Stop("o", "launcher"),
    Stop("Enter", "phone"),
    Stop("Enter", "order", _happened("ordered")),
    Stop("1", "cook", _happened("ready")),
    Stop("1", "undo"),
    Stop("x", "cut"),
    Stop("1 2", "offline"),
    Stop("x", "back", _settled),
    Stop("3", "stop", _stopped),
    Stop("2", "blocked"),
    Stop("1", "seen"),
    Stop("k", "crash"),
    Stop("4", "overview"),
    Stop("q", "leave"),
)


class Tour:
    """Where the presenter is. It waits, and never presses for them."""

    def __init__(self) -> None:
        self.place = 0

    @property
    def stop(self) -> Stop:
        return STOPS[self.place]

    def look(self, stage: Stage) -> None:
        """Goes on by itself where what had to be seen was seen."""
        if self.stop.seen is not None and self.stop.seen(stage):
            self.go_on()

    def pressed(self, key: str) -> None:
        if self.stop.seen is None and key in self.stop.key:
            self.go_on()

    def go_on(self) -> None:
        self.place = min(self.place + 1, len(STOPS) - 1)

    def row(self, language: str) -> str:
        said = word(f"tour.{self.stop.says}", language)
        pressed = word("tour.next_key", language, press=self.stop.key)
        return f"{self.place + 1}/{len(STOPS)}  {pressed}   {said}"
