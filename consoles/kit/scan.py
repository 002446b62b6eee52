"""A scanner is a keyboard that types very fast: its burst is gathered before any key binding sees a digit of it.

A scanner that is set up to send a prefix (F13 or STX) and Enter costs other keys nothing. For one without, `holding`
keeps every character back for 30 ms to see whether more of them follow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.events import Key
from textual.message import Message
from textual.timer import Timer

if TYPE_CHECKING:
    from consoles.kit.app import ConsoleApp

PREFIXES = ("f13", "ctrl+b")  # F13, and STX as terminals name it
SUFFIX = "enter"
CLOSE_SECONDS = 0.030  # keys nearer than this are one burst
LOST_SECONDS = 0.5  # after a prefix: then it was no scan
SHORTEST, LONGEST = 4, 128


class Scanned(Message):
    """Something was scanned. code: as the scanner said it; "" when the burst made no sense."""

    def __init__(self, code: str) -> None:
        super().__init__()
        self.code = code


class ScanRouter:
    """Stands in front of the bindings. `takes` says whether a key belongs to a scan."""

    def __init__(self, app: ConsoleApp, *, holding: bool = False) -> None:
        self._app = app
        self.holding = holding
        self._held: list[Key] = []
        self._prefixed = False
        self._timer: Timer | None = None
        self._letting_go = False
        self.last = ""

    def takes(self, event: Key) -> bool:
        if self._letting_go:
            return False
        if event.key in PREFIXES:
            self._begin()
            return True
        if self._prefixed or (self._held and self.holding):
            return self._more(event)
        if self.holding and event.is_printable:
            self._held = [event]
            self._wait(CLOSE_SECONDS)
            return True
        return False

    def _begin(self) -> None:
        self._held, self._prefixed = [], True
        self._wait(LOST_SECONDS)

    def _more(self, event: Key) -> bool:
        if event.key == SUFFIX and (self._prefixed or len(self._held) >= SHORTEST):
            self._finish()
            return True
        if event.is_printable and len(self._held) < LONGEST:
            self._held.append(event)
            self._wait(LOST_SECONDS if self._prefixed else CLOSE_SECONDS)
            return True
        if not self._prefixed:
            self._held.append(event)  # goes on behind those before it
        self._let_go()
        return True

    def _finish(self) -> None:
        code = "".join(key.character or "" for key in self._held)
        self._clear()
        good = SHORTEST <= len(code) <= LONGEST and code.isascii() and code.isprintable()
        self.last = code if good else ""
        if self._app.seen is not None:
            self._app.seen.post_message(Scanned(self.last))

    def _let_go(self) -> None:
        """It was a person typing: the keys go on, in their sequence. After a prefix they were a broken scan."""
        held, prefixed = self._held, self._prefixed
        self._clear()
        if prefixed:
            if self._app.seen is not None:
                self._app.seen.post_message(Scanned(""))
            return
        self._app.call_later(self._replay, held)

    async def _replay(self, held: list[Key]) -> None:
        self._letting_go = True
        try:
            for key in held:
                await self._app.on_event(key)
        finally:
            self._letting_go = False

    def _clear(self) -> None:
        self._held, self._prefixed = [], False
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def _wait(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.stop()
        self._timer = self._app.set_timer(seconds, self._let_go)
