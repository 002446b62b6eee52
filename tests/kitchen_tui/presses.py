"""Pressing keys at a wall: who signs in, and what was saved."""

from __future__ import annotations

from textual.pilot import Pilot

from consoles.kit.app import ConsoleApp
from consoles.kit.testing import glass, pressed
from kitchen_tui.screens.board import BoardScreen
from tests.consoles.house import PINS

COOK_1, COOK_2, LEAD = 1, 2, 3  # as the wall lists them


async def sign_in(pilot: Pilot[None], number: int = COOK_2) -> None:
    """F10, the person, the six digits."""
    person = sorted(PINS)[number - 1]
    await pressed(pilot, "f10", str(number), *PINS[person])


async def choose(pilot: Pilot[None], number: str) -> None:
    """The tile of this order, by the digit it has now, on whatever page."""
    board = board_of(pilot)
    while True:
        ticket = next(t for t in board.board.cards.values() if t.number == number)
        digit = board.board.number_of(ticket.key)
        if digit:
            break
        await pressed(pilot, "plus")
    if board.board.chosen != ticket.key:
        await pressed(pilot, str(digit))


def board_of(pilot: Pilot[None]) -> BoardScreen:
    app: ConsoleApp = pilot.app  # type: ignore[assignment]  # consoles only
    board = app.screen_stack[1]
    assert isinstance(board, BoardScreen)
    return board


def saved(pilot: Pilot[None]) -> list[str]:
    """The acts pressed on the screen that is seen, by their names."""
    app: ConsoleApp = pilot.app  # type: ignore[assignment]  # consoles only
    assert app.seen is not None
    return [command.name for command in app.seen.performed]


def message(pilot: Pilot[None]) -> str:
    app: ConsoleApp = pilot.app  # type: ignore[assignment]  # consoles only
    assert app.seen is not None
    return app.seen.said


def rows(pilot: Pilot[None]) -> list[str]:
    return glass(pilot.app)  # type: ignore[arg-type]  # consoles only
