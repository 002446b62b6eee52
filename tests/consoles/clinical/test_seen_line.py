"""What the seen-by line says: who has it, who has not, since when it is not known, and never more than is known."""

from __future__ import annotations

from msgspec.structs import replace

from consoles.clinical.seen_line import Reached, every_holder, seen_lines
from core.care.card import Card, Change
from core.diets.model import DietProfile
from core.diets.profile import DIET, Period
from core.kernel.values import MINUTE_MS
from core.wards.model import Stay
from sync.client.seen import SeenBy
from sync.protocol import Holder
from tests import given
from tests.kitchen_tui import lunch

NOW = lunch.NOW
SAVED = NOW - 3 * MINUTE_MS
KITCHEN = Holder("kitchen 1", "kitchen", has=True, at=SAVED, heard_at=NOW)
FIRST = Holder("handheld 1", "ward", has=True, at=SAVED, heard_at=NOW)
OFF = Holder("handheld 2", "ward", has=False, at=0, heard_at=NOW - 6 * MINUTE_MS)


def card() -> Card:
    stay = Stay(id="s", patient_id="p", ward_id="A", kitchen_id="main", bed_id="A-015", opened_at=given.MORNING)
    profile = DietProfile(id="s", ward_id="A", kitchen_id="main", changed_at=SAVED, changed_by="doctor_1")
    salt = Period(DIET, "d", SAVED, components=("low_salt",), by="doctor_1", at=SAVED)
    return Card(
        stay=stay,
        ward=None,
        profile=profile,
        at=NOW,
        rules_age=0,
        born="",
        flags=(),
        allergies=(),
        periods=(salt,),
        holds=(),
        meals=(),
        left=(),
        attempts=(),
        dish_names={},
        people={"doctor_1": "doctor"},
        change=Change(SAVED, "doctor_1", salt),
    )


def reached(*holders: Holder, pending: bool = False, linked: bool = True, known: bool = True) -> Reached:
    seen = SeenBy(at=NOW, changed_at=SAVED, holders=holders) if known else None
    return Reached(card(), seen, pending, linked, NOW - 12 * MINUTE_MS)


def said(told: Reached, *, width: int = 120, rows: int = 1, language: str = "en") -> list[str]:
    return [line.plain for line in seen_lines(told, NOW, width, language, rows=rows)]


def test_it_names_each_console_with_its_minute_and_who_has_it_not() -> None:
    seen = "kitchen 1 12:09   handheld 1 12:09   handheld 2 not yet (off 6 min)"
    assert said(reached(KITCHEN, FIRST, OFF)) == [f" saved 12:09   Low salt   doctor   seen by: {seen}"]


def test_a_console_in_contact_that_has_not_taken_it_over_is_not_called_off() -> None:
    assert said(reached(replace(OFF, heard_at=NOW)))[0].endswith("seen by: handheld 2 not yet")


def test_a_console_whose_minute_is_not_known_has_it_all_the_same() -> None:
    assert said(reached(replace(KITCHEN, at=0)))[0].endswith("seen by: kitchen 1 has it")


def test_nobody_holds_the_patient() -> None:
    assert said(reached())[0].endswith("seen by: no kitchen or handheld holds this patient")


def test_offline_it_says_since_when_it_is_not_known() -> None:
    assert said(reached(known=False, linked=False))[0].endswith("who has it is not known since 12:00: no link")


def test_offline_what_was_known_keeps_its_age() -> None:
    assert said(reached(KITCHEN, linked=False))[0].endswith("seen by: kitchen 1 12:09   (as of 12:12)")


def test_what_waits_here_is_seen_by_nobody() -> None:
    told = reached(KITCHEN, pending=True, linked=False)
    assert said(told)[0].endswith("saved here, waits for the link: no other console has it yet")
    assert told.waits_for_somebody


def test_an_answer_about_an_older_change_is_no_answer() -> None:
    old = Reached(card(), SeenBy(NOW, SAVED - 1, (KITCHEN,)), pending=False, linked=True, contact_at=NOW)
    assert said(old)[0].endswith("asking who has it")


def test_on_a_small_screen_what_was_saved_gives_way_and_those_missing_come_first() -> None:
    many = [replace(FIRST, name=f"handheld {number}") for number in range(3, 30)]
    lines = said(reached(KITCHEN, *many, OFF), width=80, rows=2)
    assert len(lines) == 2 and max(len(line) for line in lines) <= 80
    assert lines[0].startswith(" seen by: handheld 2 not yet (off 6 min)")
    assert lines[1].endswith("more")


def test_the_explanation_names_every_one() -> None:
    assert every_holder(reached(KITCHEN, OFF), NOW, "en") == [
        ("kitchen 1", "kitchen 1 12:09"),
        ("handheld 2", "handheld 2 not yet (off 6 min)"),
    ]
