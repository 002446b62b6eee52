"""The five-minute tour (screens.md §14.1): what to press next and what to say; it presses nothing itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from admin_cli.demo.counted import Counted
from admin_cli.demo.journal import Happening
from core.words import word

VISITOR = "A-015"  # the bed of whoever holds the phone


@dataclass(frozen=True, slots=True)
class Sight:
    """What the launcher sees at one instant."""

    happenings: Sequence[Happening] = ()
    counted: Counted = Counted()  # noqa: RUF009 - frozen
    is_cut: bool = False


Look = Callable[[Sight], bool]


@dataclass(frozen=True, slots=True)
class Stop:
    """One row of the tour: the next key, the words key of what to say, and how the launcher sees that it was done.

    key: several are pressed one after the other. seen: None where the last of them goes on.
    """

    key: str
    says: str
    seen: Look | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(self.key.split())


def _happened(what: str) -> Look:
    def look(sight: Sight) -> bool:
        return any(one.what == what and one.bed == VISITOR for one in sight.happenings)

    return look


def _settled(sight: Sight) -> bool:
    return not sight.is_cut and sight.counted.waiting == 0


def _stopped(sight: Sight) -> bool:
    return any(one.what == "stopped" and one.ms is not None for one in sight.happenings)


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
        self._pressed = 0  # of this stop's keys

    @property
    def stop(self) -> Stop:
        return STOPS[self.place]

    def look(self, sight: Sight) -> None:
        """Goes on by itself where what had to be seen was seen."""
        if self.stop.seen is not None and self.stop.seen(sight):
            self.go_on()

    def pressed(self, key: str) -> None:
        keys = self.stop.keys
        if self.stop.seen is not None or key != keys[self._pressed]:
            return
        self._pressed += 1
        if self._pressed == len(keys):
            self.go_on()

    def go_on(self) -> None:
        """To the next one, done or not."""
        self._pressed = 0
        self.place = min(self.place + 1, len(STOPS) - 1)

    def row(self, language: str) -> str:
        said = word(f"tour.{self.stop.says}", language)
        pressed = word("tour.next_key", language, press=self.stop.key)
        return f"{self.place + 1}/{len(STOPS)}  {pressed}   {said}"
