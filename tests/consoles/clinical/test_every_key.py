"""Every key of every key bar does what its word says; bar, help and palette read the same registry."""

from __future__ import annotations

from threading import Event

import pytest

from consoles.clinical.screens.card import CardScreen
from consoles.clinical.screens.held import HeldScreen
from consoles.clinical.screens.my_day import MyDayScreen
from consoles.clinical.screens.patients import PatientsScreen
from consoles.kit.dialogs import ChooseScreen, TypeScreen
from consoles.kit.explain import ExplainScreen
from consoles.kit.help import HelpScreen
from consoles.kit.keybar import registry
from consoles.kit.refused import SyncScreen
from consoles.kit.screen import ConsoleScreen
from consoles.kit.sign_in import PinScreen, WhoScreen
from consoles.kit.table import Table
from consoles.kit.testing import StillClock, settled
from core.kernel.tx import Tx
from core.words import has
from sync.client.door import Door
from sync.client.loop import OnChange
from tests.consoles.clinical.conftest import Desk
from tests.consoles.clinical.doing import (
    DESK,
    DOCTOR,
    LAPTOP,
    NURSE,
    NUTRITIONIST,
    PEOPLE,
    PINS,
    app_of,
    card_of,
    message,
    open_card,
    press,
    rows,
    shown,
    sign_in,
)
from tests.kitchen_tui import lunch

SCREENS = (PatientsScreen, HeldScreen, MyDayScreen, CardScreen)


@pytest.mark.parametrize("screen", SCREENS)
def test_every_key_of_a_bar_is_known_and_has_words(screen: type[ConsoleScreen]) -> None:
    from consoles.clinical.app import ClinicalApp

    rows = [row for owner in screen.__mro__ for row in owner.__dict__.get("BINDINGS", ())]
    known = registry([*rows, *ClinicalApp.BINDINGS])
    named = {name for bar in screen.BAR.values() for row in bar for name in row.replace("|", " ").split()}
    assert named - set(known) == set()
    assert [name for name in known if not has(f"key.{name}", "en")] == []


async def test_f10_then_six_digits_sign_a_person_in(desk: Desk, tx: Tx) -> None:
    lunch.swing(tx)
    async with desk().run_test(size=DESK) as pilot:
        await settled(pilot)
        await press(pilot, "f10")
        assert isinstance(app_of(pilot).screen, WhoScreen)
        await press(pilot, str(PEOPLE.index(NURSE) + 1))
        assert isinstance(app_of(pilot).screen, PinScreen)
        await press(pilot, *PINS[NURSE])
        assert app_of(pilot).acting.person.id == NURSE


async def test_f10_in_the_first_frame_is_not_lost_it_asks_as_soon_as_the_store_is_open(desk: Desk, tx: Tx) -> None:
    lunch.swing(tx)
    app, ready = desk(), Event()
    opens = app.opening

    def opened_late(on_change: OnChange) -> Door:
        ready.wait(timeout=30)
        return opens(on_change)

    app.opening = opened_late
    async with app.run_test(size=DESK) as pilot:
        await pilot.press("f10")
        assert not isinstance(app.screen, WhoScreen)
        ready.set()
        await settled(pilot)
        assert isinstance(app.screen, WhoScreen)


async def test_patients_enter_opens_the_card_and_escape_leads_back(desk: Desk, tx: Tx) -> None:
    lunch.swing(tx)
    async with desk().run_test(size=DESK) as pilot:
        await sign_in(pilot)
        await press(pilot, "down", "down", "enter")
        assert card_of(pilot).stay_id == "stay-A-009"
        await press(pilot, "escape")
        assert isinstance(app_of(pilot).seen, PatientsScreen)
        assert app_of(pilot).seen.query_one(Table).chosen == "stay-A-009"


async def test_patients_e_says_why_the_meal_of_this_hour_is_judged_as_it_is(desk: Desk, tx: Tx) -> None:
    lunch.swing(tx)
    lunch.admitted(tx, lunch.Meal("", "B-021", ()))
    async with desk().run_test(size=DESK) as pilot:
        await sign_in(pilot)
        assert app_of(pilot).seen.query_one(Table).choose("stay-ICU-004")
        await press(pilot, "e")
        explained = app_of(pilot).screen
        assert isinstance(explained, ExplainScreen)
        assert ("rule 2", "nil by mouth since 12:09, doctor", "flag") in [
            (t.label, t.text, t.token) for t in explained.told
        ]
        await press(pilot, "escape")
        assert app_of(pilot).seen.query_one(Table).choose("stay-B-021")
        await press(pilot, "e")
        assert message(pilot) == "Nothing is ordered that could be explained."


@pytest.mark.parametrize(("typed", "found"), [("a-015", "stay-A-015"), ("31", "stay-A-031"), ("renal", "stay-B-012")])
async def test_patients_slash_finds_a_bed_or_a_word(desk: Desk, tx: Tx, typed: str, found: str) -> None:
    lunch.swing(tx)
    async with desk().run_test(size=DESK) as pilot:
        await sign_in(pilot)
        await press(pilot, "slash")
        assert isinstance(app_of(pilot).screen, TypeScreen)
        await press(pilot, *typed, "enter")
        assert app_of(pilot).seen.query_one(Table).chosen == found


async def test_patients_slash_says_when_there_is_nothing(desk: Desk, tx: Tx) -> None:
    lunch.swing(tx)
    async with desk().run_test(size=DESK) as pilot:
        await sign_in(pilot)
        await press(pilot, "slash", *"zz", "enter")
        assert message(pilot) == 'Nothing was found for "zz".'


async def test_patients_w_chooses_one_ward_or_all(desk: Desk, tx: Tx) -> None:
    lunch.swing(tx)
    async with desk().run_test(size=DESK) as pilot:
        await sign_in(pilot, NURSE)
        assert {row[1:3] for row in rows(pilot)[3:9] if row.strip()} == {"A-"}
        await press(pilot, "w")
        assert isinstance(app_of(pilot).screen, ChooseScreen)
        await press(pilot, "1")
        assert "ICU-004" in shown(pilot)
        await press(pilot, "w", "5")
        assert [row[1:6] for row in rows(pilot)[3:6]] == ["B-003", "B-007", "B-012"]


async def test_digits_lead_from_screen_to_screen(desk: Desk, tx: Tx) -> None:
    lunch.swing(tx)
    async with desk().run_test(size=DESK) as pilot:
        await sign_in(pilot)
        for digit, kind in (("1", MyDayScreen), ("3", HeldScreen), ("2", PatientsScreen), ("2", PatientsScreen)):
            await press(pilot, digit)
            assert isinstance(app_of(pilot).seen, kind)
        await press(pilot, "enter", "3")
        assert isinstance(app_of(pilot).seen, HeldScreen)


@pytest.mark.parametrize("screen", ["1", "3"])
async def test_what_waits_opens_its_card_and_says_why(desk: Desk, tx: Tx, screen: str) -> None:
    lunch.swing(tx)
    async with desk().run_test(size=DESK) as pilot:
        await sign_in(pilot, NUTRITIONIST)
        await press(pilot, screen, "e")
        explained = app_of(pilot).screen
        assert isinstance(explained, ExplainScreen)
        assert ("rule 5", "allergies were not asked", "flag") in [(t.label, t.text, t.token) for t in explained.told]
        await press(pilot, "escape", "enter")
        assert card_of(pilot).stay_id == "stay-EM-002"


async def test_my_day_e_on_somebody_new_says_what_to_choose(desk: Desk, tx: Tx) -> None:
    lunch.swing(tx)
    async with desk().run_test(size=DESK) as pilot:
        await sign_in(pilot, NUTRITIONIST)
        await press(pilot, "end", "e")
        assert message(pilot) == "Choose something first."


@pytest.mark.parametrize(
    ("key", "title"),
    [
        ("d", "DIET ORDER, FROM NOW"),
        ("m", "NIL BY MOUTH, FROM NOW"),
        ("h", "ALL TRAYS HELD, FROM NOW"),
        ("a", "ALLERGY"),
    ],
)
@pytest.mark.parametrize("size", [DESK, LAPTOP], ids=["120x36", "80x24"])
async def test_each_order_opens_and_escape_changes_none(
    desk: Desk, tx: Tx, key: str, title: str, size: tuple[int, int]
) -> None:
    lunch.swing(tx)
    async with desk().run_test(size=size) as pilot:
        await open_card(pilot, "A-009")
        await press(pilot, key)
        assert f"IF YOU SAVE:  {title}" in shown(pilot)
        await press(pilot, "escape")
        assert ("IF YOU SAVE" in shown(pilot), card_of(pilot).performed) == (False, [])
        assert "TODAY" in shown(pilot)


async def test_card_o_says_when_no_meal_can_be_ordered(desk: Desk, tx: Tx) -> None:
    lunch.swing(tx)
    async with desk().run_test(size=DESK) as pilot:
        await open_card(pilot, "A-009", NUTRITIONIST)
        await press(pilot, "o")
        assert message(pilot) == "no meal is planned"


async def test_card_e_tells_every_rule_in_its_sequence(desk: Desk, tx: Tx) -> None:
    lunch.swing(tx)
    async with desk().run_test(size=DESK) as pilot:
        await open_card(pilot, "ICU-004")
        await press(pilot, "e")
        explained = app_of(pilot).screen
        assert isinstance(explained, ExplainScreen)
        labels = [one.label for one in explained.told if one.label.startswith("rule")]
        assert labels == ["rule 1", "rule 2", "rule 3-12"]
        assert explained.told[-1].label == "seen by"


async def test_card_e_without_an_order_still_says_who_has_it(desk: Desk, tx: Tx) -> None:
    lunch.admitted(tx, lunch.Meal("", "A-015", ()))
    async with desk().run_test(size=DESK) as pilot:
        await open_card(pilot, "A-015")
        await press(pilot, "e")
        explained = app_of(pilot).screen
        assert isinstance(explained, ExplainScreen)
        assert [one.label for one in explained.told] == ["TODAY", "seen by"]


async def test_card_enter_with_nothing_open_says_what_to_press(desk: Desk, tx: Tx) -> None:
    lunch.swing(tx)
    async with desk().run_test(size=LAPTOP) as pilot:
        await open_card(pilot, "A-009")
        await press(pilot, "enter")
        assert message(pilot) == "Nothing is open to save. d, m, h, a, o, w, v or g opens an order."


async def test_card_tab_shows_the_other_half_and_goes_through_fields(desk: Desk, tx: Tx) -> None:
    lunch.swing(tx)
    async with desk().run_test(size=LAPTOP) as pilot:
        await open_card(pilot, "A-015")
        assert "ORDERED" not in shown(pilot)
        await press(pilot, "tab")
        assert "ORDERED" in shown(pilot)
        await press(pilot, "escape")
        assert "TODAY" in shown(pilot)
        await press(pilot, "m", "tab")
        assert app_of(pilot).focused.id == "from"
        await press(pilot, "shift+tab")
        assert app_of(pilot).focused.id == "reason"


@pytest.mark.parametrize("bed", ["-", "A-015"])
async def test_f2_and_help_open_over_every_screen(desk: Desk, tx: Tx, bed: str) -> None:
    lunch.swing(tx)
    async with desk().run_test(size=DESK) as pilot:
        await (sign_in(pilot) if bed == "-" else open_card(pilot, bed))
        await press(pilot, "f1")
        assert isinstance(app_of(pilot).screen, HelpScreen)
        await press(pilot, "escape", "f2")
        assert isinstance(app_of(pilot).seen, SyncScreen)


async def test_each_role_lands_on_its_own_first_screen(desk: Desk, tx: Tx) -> None:
    lunch.swing(tx)
    async with desk().run_test(size=DESK) as pilot:
        for person, kind, ward in (
            (DOCTOR, PatientsScreen, ""),
            (NUTRITIONIST, MyDayScreen, ""),
            (NURSE, PatientsScreen, "ward A"),
        ):
            await sign_in(pilot, person)
            assert (type(app_of(pilot).seen), ward in rows(pilot)[0]) == (kind, True)


async def test_whoever_comes_back_finds_the_card_that_was_left(desk: Desk, tx: Tx) -> None:
    lunch.swing(tx)
    async with desk().run_test(size=DESK) as pilot:
        await open_card(pilot, "A-015")
        app_of(pilot).sign_out()
        await settled(pilot)
        await sign_in(pilot)
        assert card_of(pilot).stay_id == "stay-A-015"


async def test_locked_it_hides_every_patient_and_what_was_said_of_them(desk: Desk, tx: Tx) -> None:
    lunch.swing(tx)
    async with desk().run_test(size=DESK) as pilot:
        await open_card(pilot, "A-015")
        await press(pilot, "e")
        app_of(pilot).sign_out()
        await settled(pilot)
        assert "A-015" not in shown(pilot) and "PEANUT" not in shown(pilot)
        await press(pilot, "m")
        assert isinstance(app_of(pilot).screen, WhoScreen)


async def test_it_locks_after_five_minutes_without_an_act(desk: Desk, tx: Tx, clock: StillClock) -> None:
    lunch.swing(tx)
    async with desk().run_test(size=DESK) as pilot:
        await open_card(pilot, "A-015")
        clock.pass_(minutes=6)
        app_of(pilot).tick()
        await settled(pilot)
        assert (app_of(pilot).acting.person, "A-015" in shown(pilot)) == (None, False)
