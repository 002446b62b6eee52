"""Pictures of the ward's screens at their sizes, in each look: what changes in them is looked at before it is kept."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from consoles.kit.testing import pressed, settled
from tests.ward_tui.ward import HANDHELD, LAPTOP, LARGE_TYPE, RUNNER, Ward

Steps = Callable[[Ward, Pilot[None], dict[str, str]], Awaitable[None]]
Snap = Callable[..., bool]


def lunch(w: Ward) -> dict[str, str]:
    """The handheld of the tour: four trays on their way, one of them stopped, one moved, one ready."""
    orders = {
        "A-015": w.out("A-015", allergies=("peanut", "fish"), diet=("diabetic", "low_salt"), method="cash"),
        "A-022": w.out("A-022", isolation="contact"),
        "A-018": w.out("A-018", assistance=("needs_help_eating",)),
    }
    w.given(w.out("A-002"), RUNNER)
    orders["A-003"] = w.ready(w.order(w.patient("A-003")))
    w.pass_(minutes=2)
    w.move(orders["A-018"], "B-012")
    return orders


async def at_the_list(w: Ward, pilot: Pilot[None], orders: dict[str, str]) -> None:
    await settled(pilot)


async def at_a_match(w: Ward, pilot: Pilot[None], orders: dict[str, str]) -> None:
    await settled(pilot)
    await w.scan_tray(pilot, orders["A-015"])
    await w.scan_wristband(pilot, orders["A-015"])


async def at_no_match(w: Ward, pilot: Pilot[None], orders: dict[str, str]) -> None:
    await settled(pilot)
    await w.scan_tray(pilot, orders["A-015"])
    await w.scan_wristband(pilot, orders["A-022"])


async def at_a_stop(w: Ward, pilot: Pilot[None], orders: dict[str, str]) -> None:
    await settled(pilot)
    w.nil_by_mouth(orders["A-022"])
    await w.hear(pilot)
    await w.scan_tray(pilot, orders["A-022"])


async def at_the_cash(w: Ward, pilot: Pilot[None], orders: dict[str, str]) -> None:
    await at_a_match(w, pilot, orders)
    await pressed(pilot, "enter", "2")


async def at_the_desk(w: Ward, pilot: Pilot[None], orders: dict[str, str]) -> None:
    await settled(pilot)
    await pressed(pilot, "d")


PICTURES: dict[str, tuple[Steps, tuple[int, int], str]] = {
    "run-handheld": (at_the_list, HANDHELD, "dark"),
    "run-large-type": (at_the_list, LARGE_TYPE, "dark"),
    "run-laptop": (at_the_list, LAPTOP, "dark"),
    "match-handheld": (at_a_match, HANDHELD, "dark"),
    "match-contrast": (at_a_match, HANDHELD, "contrast"),
    "no-match-plain": (at_no_match, HANDHELD, "plain"),
    "blocked-handheld": (at_a_stop, HANDHELD, "dark"),
    "blocked-contrast": (at_a_stop, HANDHELD, "contrast"),
    "blocked-sixteen": (at_a_stop, HANDHELD, "sixteen"),
    "blocked-plain": (at_a_stop, HANDHELD, "plain"),
    "cash-handheld": (at_the_cash, HANDHELD, "dark"),
    "desk-laptop": (at_the_desk, LAPTOP, "dark"),
}


@pytest.mark.parametrize("picture", list(PICTURES))
def test_the_screen_looks_as_it_was_agreed(w: Ward, snap_compare: Snap, picture: str) -> None:
    steps, size, look = PICTURES[picture]
    orders = lunch(w)
    app: Any = w.open(look=look)

    async def before(pilot: Pilot[None]) -> None:
        await steps(w, pilot, orders)

    assert snap_compare(app, terminal_size=size, run_before=before)
