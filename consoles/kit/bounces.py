"""A key that is held down, or that bounces, is one press: whoever leans on Enter does not send a tray away.

Nor does whoever ends a PIN with Enter: it went by itself at the sixth digit, and that Enter is of the pad.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.events import Key

if TYPE_CHECKING:
    from consoles.kit.app import ConsoleApp


AFTER_PIN_MS = 1_000  # nobody has looked at the screen behind the pad, and chosen something there, sooner than this


class Bounces:
    """Only on screens, and only for the keys they name: in a dialog every digit of a PIN counts."""

    def __init__(self, app: ConsoleApp) -> None:
        self._app = app
        self._key = ""
        self._at = 0
        self._pin_at: int | None = None

    def pin_given(self) -> None:
        """The pad closes now: the next key, if it is an Enter, still belongs to it."""
        self._pin_at = self._app.mono()

    def takes(self, event: Key) -> bool:
        """Whether this key is the echo of the one before."""
        pin_at, self._pin_at = self._pin_at, None
        if event.key == "enter" and pin_at is not None and self._app.mono() - pin_at < AFTER_PIN_MS:
            self._key, self._at = event.key, self._app.mono()
            return True
        seen = self._app.seen
        if seen is None or self._app.screen is not seen:
            self.forget()
            return False
        mono = self._app.mono()
        before, self._key, at, self._at = self._key, event.key, self._at, mono
        return event.key == before and mono - at < seen.DEBOUNCED_MS.get(event.key, 0)

    def forget(self) -> None:
        """The next press is a first one."""
        self._key, self._pin_at = "", None
