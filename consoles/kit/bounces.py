"""A key that is held down, or that bounces, is one press: whoever leans on Enter does not send a tray away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.events import Key

if TYPE_CHECKING:
    from consoles.kit.app import ConsoleApp


class Bounces:
    """Only on screens, and only for the keys they name: in a dialog every digit of a PIN counts."""

    def __init__(self, app: ConsoleApp) -> None:
        self._app = app
        self._key = ""
        self._at = 0

    def takes(self, event: Key) -> bool:
        """Whether this key is the echo of the one before."""
        seen = self._app.seen
        if seen is None or self._app.screen is not seen:
            self.forget()
            return False
        mono = self._app.mono()
        before, self._key, at, self._at = self._key, event.key, self._at, mono
        return event.key == before and mono - at < seen.DEBOUNCED_MS.get(event.key, 0)

    def forget(self) -> None:
        """The next press is a first one."""
        self._key = ""
