"""Who acts at this console: one person at a time, until they leave, change, or have done nothing for a while."""

from __future__ import annotations

from dataclasses import dataclass

MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who has proven who they are. display: as shared screens name them, "cook 2"."""

    id: str
    display: str


class Acting:
    """Instants are of the steady clock, ms: setting a clock keeps nobody in."""

    def __init__(self, *, minutes: int) -> None:
        self._most = minutes * MINUTE_MS
        self._acted_at = 0
        self.person: Person | None = None

    def begin(self, person: Person, mono: int) -> None:
        self.person, self._acted_at = person, mono

    def acted(self, mono: int) -> None:
        """That person did something that only they may do."""
        self._acted_at = mono

    def end(self) -> None:
        self.person = None

    def lock_if_idle(self, mono: int) -> bool:
        """Whether the console has just locked itself."""
        if self.person is None or mono - self._acted_at < self._most:
            return False
        self.person = None
        return True
