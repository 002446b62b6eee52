"""The kitchen's console: a wall that stays readable whoever is there, and asks who only when somebody acts."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from consoles.kit.app import ConsoleApp
from consoles.kit.screen import ConsoleScreen
from kitchen_tui.screens.board import BoardScreen

if TYPE_CHECKING:
    from core.settings import Settings


class KitchenApp(ConsoleApp):
    """fast: a digit chooses a tile and does its next step (a setting of the hospital's own choice)."""

    KIND: ClassVar[str] = "kitchen"
    LOCK_MINUTES: ClassVar[int] = 2
    READABLE_WHEN_LOCKED: ClassVar[bool] = True
    fast = False

    def first_screen(self) -> ConsoleScreen:
        return BoardScreen()


def main(settings: Settings, *, may_leave: bool = False, plain: bool = False) -> int:
    """Opens the kitchen's console on this machine; the exit code. may_leave: Esc on the board ends it."""
    from consoles.kit.launch import launch

    return launch(KitchenApp, settings, may_leave=may_leave, plain=plain)
