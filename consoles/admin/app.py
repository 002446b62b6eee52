"""The administrator's console on this machine: which screens it has, and how one leads to another."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from consoles.kit.app import ConsoleApp

if TYPE_CHECKING:
    from consoles.kit.app import Opening
    from consoles.kit.screen import ConsoleScreen
    from core.settings import Settings

UNDER = 2  # screens that are never left: the library's own, and the overview
# the nine screens, by their digit; one that is not whole yet is not listed
PLACES: dict[int, str] = {
    1: "overview",
    2: "orders",
    3: "wards",
    4: "people",
    7: "devices",
    8: "trouble",
    9: "reports",
}


class AdminApp(ConsoleApp):
    """Personal: locked, it hides what it knows and rings all the same.

    data_folder: where lists are written. chance: of one-time codes and PINs.
    """

    KIND: ClassVar[str] = "admin"
    LOCK_MINUTES: ClassVar[int] = 5
    READABLE_WHEN_LOCKED: ClassVar[bool] = False

    def __init__(self, opening: Opening, *, language: str = "en", look: str = "", may_leave: bool = False) -> None:
        super().__init__(opening, language=language, look=look, may_leave=may_leave)
        self.data_folder = Path()
        self.looked_at = -60_000  # by the steady clock: when the server was asked last how the consoles are
        self.chance: Callable[[int], bytes] = os.urandom

    def first_screen(self) -> ConsoleScreen:
        from consoles.admin.screens.overview import OverviewScreen

        return OverviewScreen()

    async def go(self, place: str, **wanted: Any) -> None:
        """From anywhere to one of the nine, so that Esc leads back to the overview."""
        while len(self.screen_stack) > UNDER:
            await self.pop_screen()
        if place != "overview":
            await self.push_screen(_made(place, **wanted))


def _made(place: str, **wanted: Any) -> ConsoleScreen:
    from importlib import import_module

    module = import_module(f"consoles.admin.screens.{place}")
    screen: ConsoleScreen = getattr(module, f"{place.capitalize()}Screen")(**wanted)
    return screen


def main(settings: Settings, *, may_leave: bool = False, plain: bool = False) -> int:
    """Opens the administrator's console on this machine; the exit code."""
    from consoles.kit.launch import console_on

    app: Any = console_on(AdminApp, settings, may_leave=may_leave, plain=plain)
    app.data_folder = settings.data_folder
    app.run()
    return app.return_code or 0
