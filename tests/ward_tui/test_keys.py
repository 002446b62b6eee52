"""Every key in every key bar was pressed, and says in three languages what it does."""

from __future__ import annotations

import re

import pytest
from textual.pilot import Pilot

from consoles.kit.testing import pressed
from core.words import LANGUAGES, has, word
from tests.ward_tui.ward import HANDHELD, LAPTOP, RUNNER, Ward
from ward_tui.app import WardApp
from ward_tui.choosing import ChoosingSheet
from ward_tui.screen import WardScreen
from ward_tui.screens.admit import AdmitScreen
from ward_tui.screens.bedside import BedsideScreen
from ward_tui.screens.cash import CashSheet
from ward_tui.screens.collect import CollectScreen
from ward_tui.screens.desk import DeskScreen
from ward_tui.screens.load import LoadScreen
from ward_tui.screens.order import OrderScreen
from ward_tui.screens.run import RunScreen
from ward_tui.screens.signing import SigningSheet
from ward_tui.screens.unordered import UnorderedScreen
from ward_tui.screens.way import WayScreen
from ward_tui.why import WhySheet

SCREENS: tuple[type[WardScreen], ...] = (
    RunScreen,
    LoadScreen,
    CollectScreen,
    WayScreen,
    BedsideScreen,
    DeskScreen,
    OrderScreen,
    UnorderedScreen,
    AdmitScreen,
)
SHEETS = (CashSheet, SigningSheet, ChoosingSheet, WhySheet)
OPENED_BY: dict[type[WardScreen], tuple[str, ...]] = {
    RunScreen: (),
    LoadScreen: ("l",),
    CollectScreen: ("k",),
    WayScreen: ("w",),
    BedsideScreen: ("enter",),
    DeskScreen: ("d",),
    OrderScreen: ("d", "o"),
    UnorderedScreen: ("d", "l"),
    AdmitScreen: ("d", "a"),
}
# (screen, binding) -> what stands on the glass once its key was pressed there
SEEN: dict[tuple[type[WardScreen], str], str] = {
    (RunScreen, "ward.choose"): ">1  A-001",
    (RunScreen, "ward.open_stop"): "BEDSIDE",
    (RunScreen, "ward.load"): "TAKE OUT",
    (RunScreen, "ward.collect"): "COLLECT",
    (RunScreen, "ward.way"): "THE WAY",
    (RunScreen, "ward.issue"): "NOT GIVEN: why?",
    (RunScreen, "ward.cash"): "CASH AT THE BED",
    (RunScreen, "ward.type_number"): "The number on the tray's label",
    (RunScreen, "ward.desk"): "WARD A DESK",
    (RunScreen, "kit.undo"): word("undo.nothing"),
    (RunScreen, "kit.why"): "rules here",
    (RunScreen, "kit.sync"): "SYNC",
    (RunScreen, "kit.who"): "Who",
    (RunScreen, "kit.help"): word("help.title"),
    (LoadScreen, "ward.choose"): ">1  cart A",
    (LoadScreen, "ward.take_out"): "LOADED L-0413 A-002",
    (LoadScreen, "ward.type_number"): "The number on the tray's label",
    (LoadScreen, "kit.undo"): word("undo.nothing"),
    (LoadScreen, "kit.back"): "MY RUN",
    (LoadScreen, "kit.help"): word("help.title"),
    (CollectScreen, "ward.choose"): ">1  A-003",
    (CollectScreen, "ward.collect_one"): "COLLECTED L-0414 A-003",
    (CollectScreen, "ward.type_number"): "The number on the tray's label",
    (CollectScreen, "kit.next_page"): "COLLECT",
    (CollectScreen, "kit.back"): "MY RUN",
    (CollectScreen, "kit.help"): word("help.title"),
    (WayScreen, "ward.back"): "MY RUN",
    (WayScreen, "kit.sync"): "SYNC",
    (WayScreen, "kit.help"): word("help.title"),
    (DeskScreen, "ward.open_bed"): "Orders a meal for the chosen patient",
    (DeskScreen, "ward.order"): "ORDER FOR A-001",
    (DeskScreen, "ward.hold"): "HOLD ALL TRAYS of A-001",
    (DeskScreen, "ward.admit"): "ADMIT A PATIENT",
    (DeskScreen, "ward.bed"): "A-001: which bed?",
    (DeskScreen, "ward.move"): "A-001: to which ward?",
    (DeskScreen, "ward.away"): "A-001 is away: why?",
    (DeskScreen, "ward.discharge"): "Discharge A-001?",
    (DeskScreen, "ward.unordered"): "NO ORDER YET",
    (DeskScreen, "ward.other_ward"): "Which ward?",
    (DeskScreen, "ward.run"): "MY RUN",
    (DeskScreen, "kit.undo"): word("undo.nothing"),
    (DeskScreen, "kit.why"): "rules here",
    (DeskScreen, "kit.help"): word("help.title"),
    (OrderScreen, "ward.order_it"): "of your role",  # a runner's
    (OrderScreen, "ward.tick"): "(v) Brochette",
    (OrderScreen, "ward.guest"): "FOR A GUEST OF A-001",
    (OrderScreen, "kit.next_page"): "ORDER FOR",
    (OrderScreen, "kit.help"): word("help.title"),
    (UnorderedScreen, "ward.order"): "ORDER FOR A-004",
    (UnorderedScreen, "kit.next_page"): "NO ORDER YET",
    (UnorderedScreen, "ward.back"): "DESK",
    (UnorderedScreen, "kit.help"): word("help.title"),
    (AdmitScreen, "ward.save"): "A name is needed",
    (AdmitScreen, "ward.next_field"): "ADMIT A PATIENT",
    (AdmitScreen, "kit.back"): "DESK",
    (AdmitScreen, "kit.help"): word("help.title"),
}
ACTS = ("ward.take_out", "ward.collect_one")  # last: what they change is gone for the others
KEYS = {"kit.next_page": "pagedown", "kit.back": "escape", "ward.choose": "1", "kit.help": "f1"}


def bar_of(screen: type[WardScreen]) -> list[str]:
    """Every id in its bars."""
    rows = [row for rows in screen.BAR.values() for row in rows]
    return list(dict.fromkeys(part for row in rows for part in row.replace("|", " ").split()))


def bindings_of(owner: type) -> list[tuple[str, str]]:
    """(id, key) of each binding it brings."""
    found = []
    for one in owner.__mro__:
        for binding in one.__dict__.get("BINDINGS", []):
            if getattr(binding, "id", None):
                found.append((re.sub(r"\.\d$", "", binding.id), binding.key.partition(",")[0]))
    return found


def test_every_key_of_every_bar_is_pressed_here() -> None:
    wanted = {(screen, name) for screen in SCREENS for name in bar_of(screen)}
    assert wanted == set(SEEN)


@pytest.mark.parametrize("owner", [*SCREENS, *SHEETS, WardApp], ids=lambda owner: owner.__name__)
def test_every_key_has_words_in_three_languages(owner: type) -> None:
    for name, _ in bindings_of(owner):
        for language in LANGUAGES:
            assert has(f"key.{name}", language), (name, language)
            if name.startswith("ward."):
                assert has(f"keyhelp.{name}", language), (name, language)


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.__name__)
def test_every_screen_has_help_in_three_languages(screen: type[WardScreen]) -> None:
    assert all(has(f"help.{screen.HELP_WORDS}", language) for language in LANGUAGES)


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.__name__)
async def test_each_key_of_the_bar_does_what_the_bar_says(w: Ward, screen: type[WardScreen]) -> None:
    w.out("A-001", method="cash")
    w.ready(w.order(w.patient("A-002")))
    w.given(w.out("A-003"), RUNNER)
    w.patient("A-004")
    for name in sorted(bar_of(screen), key=lambda name: name in ACTS):
        async with w.shown(LAPTOP) as pilot:
            await pressed(pilot, *OPENED_BY[screen])
            assert isinstance(w.app.seen, screen)
            await _press_named(pilot, screen, name)
            assert SEEN[(screen, name)] in w.screen(), name


async def _press_named(pilot: Pilot[None], screen: type[WardScreen], name: str) -> None:
    known = dict(bindings_of(WardApp))
    known.update(dict(reversed(bindings_of(screen))))
    await pressed(pilot, KEYS.get(name) or known[name])


async def test_bar_and_help_show_the_same_keys(w: Ward) -> None:
    w.out("A-001")
    async with w.shown(LAPTOP) as pilot:
        bar = " ".join(w.screen().splitlines()[-2:])
        shown = {known.shown for name, known in w.app.seen.known_keys().items() if name in bar_of(RunScreen)}
        assert all(f"{cap} " in f" {bar} " for cap in shown)
        help_pages = ""
        await pressed(pilot, "f1")
        for _ in range(4):
            help_pages += w.screen()
            await pressed(pilot, "pagedown")
        for cap in shown:
            assert cap in help_pages


async def test_every_number_key_of_the_cash_sheet_counts(w: Ward) -> None:
    w.out("A-001", method="cash")
    async with w.shown(HANDHELD) as pilot:
        await pressed(pilot, "c", *"12345")
        assert "8,600 RWF" in w.screen()


async def test_a_signature_can_be_wiped(w: Ward) -> None:
    order_id = w.out("A-001")
    async with w.shown(HANDHELD) as pilot:
        await w.scan_tray(pilot, order_id)
        await w.scan_wristband(pilot, order_id)
        await pressed(pilot, "enter")
        await pilot.mouse_down("#pad", offset=(4, 2))
        await pilot.hover("#pad", offset=(20, 3))
        await pilot.mouse_up("#pad", offset=(22, 3))
        await pressed(pilot, "delete", "enter")
        assert "Nobody has signed yet." in w.screen()
