"""The administrator's console as it looks, at its sizes and in its looks: compared with the pictures approved."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from consoles.kit.testing import pressed
from core.kernel.tx import Tx
from tests.consoles.admin import office
from tests.consoles.admin.conftest import Office

SIZES = [(120, 36), (80, 24), (40, 12)]
Before = Callable[[Pilot[None]], Awaitable[None]]


def signed_in(*keys: str) -> Before:
    async def before(pilot: Pilot[None]) -> None:
        await office.sign_in(pilot)
        await pressed(pilot, *keys)

    return before


@pytest.mark.parametrize("size", SIZES, ids=[f"{width}x{height}" for width, height in SIZES])
def test_the_overview_at_lunch(snap_compare: Any, admin: Office, tx: Tx, size: tuple[int, int]) -> None:
    office.busy(tx)
    assert snap_compare(admin(), terminal_size=size, run_before=signed_in())


@pytest.mark.parametrize("look", ["contrast", "ansi", "plain"])
def test_the_overview_in_other_colours(snap_compare: Any, admin: Office, tx: Tx, look: str) -> None:
    office.busy(tx)
    assert snap_compare(admin(look=look), terminal_size=(120, 36), run_before=signed_in())


@pytest.mark.parametrize("language", ["fr", "rw"])
def test_the_overview_in_other_languages(snap_compare: Any, admin: Office, tx: Tx, language: str) -> None:
    office.busy(tx)
    assert snap_compare(admin(language=language), terminal_size=(120, 36), run_before=signed_in())


def test_a_quiet_hospital(snap_compare: Any, admin: Office) -> None:
    assert snap_compare(admin(), terminal_size=(120, 36), run_before=signed_in())


@pytest.mark.parametrize("size", SIZES[:2], ids=["120x36", "80x24"])
@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("meals", ("tab", "tab", "tab")),
        ("orders", ("2",)),
        ("order", ("enter", "2")),
        ("override", ("down", "down", "o")),
        ("wards", ("3",)),
        ("beds", ("3", "down", "down", "enter")),
        ("people", ("4",)),
        ("person", ("4", "enter")),
        ("devices", ("7",)),
        ("code", ("7", "c")),
        ("trouble", ("8",)),
        ("reports", ("9",)),
        ("events", ("f8",)),
        ("money", ("tab", "tab", "tab", "tab", "tab", "tab", "enter")),
        ("case", ("up", "down", "down", "down", "down", "down", "enter")),
        ("why", ("down", "down", "e")),
        ("take_in", ("f2", "t")),
        ("help", ("f1",)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_screens_behind_it(
    snap_compare: Any, admin: Office, tx: Tx, name: str, keys: tuple[str, ...], size: tuple[int, int]
) -> None:
    office.busy(tx)
    assert snap_compare(admin(), terminal_size=size, run_before=signed_in(*keys))
