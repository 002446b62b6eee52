"""The wall as it looks, at the sizes and in the looks it is made for: compared with the pictures that were approved."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from consoles.kit.testing import pressed, settled
from core.kernel.tx import Tx
from tests.kitchen_tui import lunch
from tests.kitchen_tui.conftest import Wall
from tests.kitchen_tui.presses import choose, sign_in

SIZES = [(80, 24), (132, 43), (40, 12)]
Before = Callable[[Pilot[None]], Awaitable[None]]


def signed_in(*keys: str) -> Before:
    async def before(pilot: Pilot[None]) -> None:
        await settled(pilot)
        await sign_in(pilot)
        await pressed(pilot, *keys)

    return before


@pytest.mark.parametrize("size", SIZES, ids=[f"{width}x{height}" for width, height in SIZES])
def test_the_wall_at_lunch(snap_compare: Any, wall: Wall, tx: Tx, size: tuple[int, int]) -> None:
    lunch.swing(tx)
    assert snap_compare(wall(), terminal_size=size, run_before=signed_in())


@pytest.mark.parametrize("look", ["contrast", "ansi", "plain"])
def test_the_wall_in_other_colours(snap_compare: Any, wall: Wall, tx: Tx, look: str) -> None:
    lunch.swing(tx)
    assert snap_compare(wall(look=look), terminal_size=(80, 24), run_before=signed_in())


@pytest.mark.parametrize("language", ["fr", "rw"])
def test_the_wall_in_other_languages(snap_compare: Any, wall: Wall, tx: Tx, language: str) -> None:
    lunch.swing(tx)
    assert snap_compare(wall(language=language), terminal_size=(80, 24), run_before=signed_in())


def test_a_step_can_be_undone_for_ten_seconds(snap_compare: Any, wall: Wall, tx: Tx) -> None:
    lunch.swing(tx)

    async def before(pilot: Pilot[None]) -> None:
        await signed_in()(pilot)
        await choose(pilot, "L-0412")
        await pressed(pilot, "enter", "space")

    assert snap_compare(wall(), terminal_size=(80, 24), run_before=before)


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("all_day", "a"),
        ("recall", "r"),
        ("stock", "o"),
        ("history", "h"),
        ("issue", "i"),
        ("why", "e"),
        ("help", "f1"),
        ("commands", "ctrl+p"),
        ("sync", "f2"),
        ("who", "f10"),
    ],
)
def test_the_screens_behind_the_wall(snap_compare: Any, wall: Wall, tx: Tx, name: str, keys: str) -> None:
    lunch.swing(tx)
    assert snap_compare(wall(), terminal_size=(80, 24), run_before=signed_in("3", keys))


def test_an_empty_wall(snap_compare: Any, wall: Wall, tx: Tx) -> None:
    from tests import given

    given.service(tx, "dinner", hour=19)
    assert snap_compare(wall(), terminal_size=(80, 24), run_before=signed_in())
