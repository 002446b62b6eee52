"""Rules of the safety engine that no other file tells, and that every named rule is told by some test."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core.diets.allergies import RecordAllergiesAsked
from core.diets.children import is_child, pieces_mm
from core.diets.flags import flags_of
from core.diets.model import DietProfile
from core.diets.rules import judge
from core.diets.verdict import VerdictKind
from core.kernel.tx import Tx
from core.kernel.values import DAY_MS
from core.menu.commands import Part, SetDish
from core.orders.model import OrderState
from core.orders.rules import verdict_on
from core.wards.commands import OpenStay
from tests import given

S = OrderState
NOON = given.NOON
NAMED = (*range(1, 20), *range(25, 29), 47, 53, *range(55, 59))
TESTS = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def told() -> frozenset[int]:
    """The rules that a test names: `test_r16_...`."""
    names = (re.findall(r"def test_r(\d+)_", path.read_text()) for path in sorted(TESTS.rglob("test_*.py")))
    return frozenset(int(number) for found in names for number in found)


@pytest.mark.parametrize("rule", NAMED)
def test_every_rule_of_the_safety_engine_has_a_test_named_after_it(told: frozenset[int], rule: int) -> None:
    assert rule in told


def test_r15_a_meal_does_not_go_on_while_its_stop_is_unread_whatever_was_told(tx: Tx) -> None:
    order = given.order(tx, state=S.READY)
    given.record_allergy(tx, order.stay_id, "rice")
    assert given.refusal_at_press(tx, given.give(tx, order), by=given.RUNNER) == "stop_not_seen"


def test_r19_a_bed_is_nobody_s_identity_the_wristband_of_the_child_is_not_the_mother_s(tx: Tx) -> None:
    mother, child = given.stay(tx, bed="A-001"), given.stay(tx)
    order = given.order(tx, stay=mother, state=S.OUT)
    press = given.give(tx, order).model_copy(update={"wristband": child.id})
    assert given.refusal_at_press(tx, press, by=given.RUNNER) == "wrong_person"


def test_r19_a_child_beside_its_mother_has_rules_of_its_own(tx: Tx) -> None:
    mother, child = given.stay(tx, bed="A-001"), given.stay(tx, diet=None)
    tx.begin(given.act(given.place(mother), by=given.NURSE, at=NOON))
    kinds = [judge(tx, stay_id=one.id, dish_id=given.RICE, serve_at=NOON).kind for one in (mother, child)]
    tx.drop()
    assert kinds == [VerdictKind.ALLOW, VerdictKind.BLOCK]


@pytest.mark.parametrize("at", [given.MORNING, given.CUT_OFF])
def test_r26_an_early_or_a_late_tray_is_judged_again_when_the_diet_stops(tx: Tx, at: int) -> None:
    stay = given.stay(tx)
    order = given.perform(tx, given.place(stay, given.RICE), by=given.NURSE, at=at).added(type(given.order(tx)))[0]
    given.nil_by_mouth(tx, stay.id, at=at + 1)
    assert (given.now(tx, order).state, given.now(tx, order).held_for) == (S.HELD, "nil_by_mouth")


def test_r27_a_limit_counts_the_hospital_s_day_and_not_the_one_of_utc(tx: Tx) -> None:
    """A lunch that leaves at midnight of the 25th leaves at 22:00 UTC of the 24th: another day's limit all the same."""
    given.service(tx, "lunch", hour=0, midnight=given.MIDNIGHT + DAY_MS, day="2026-11-25")
    stay = given.stay(tx)
    given.prescribe(tx, stay.id, limits={"sodium_mg": 1_000}, at=given.MORNING)
    given.order(tx, stay=stay, dishes=(given.SALTY,))
    placed = given.MIDNIGHT + DAY_MS - 6 * 3_600_000
    tomorrow = given.order(tx, stay=stay, dishes=(given.SALTY,), service="2026-11-25-lunch", placed_at=placed)
    tx.begin(given.act(given.cancel(tomorrow), by=given.NURSE, at=placed))
    found = verdict_on(tx, tomorrow)
    tx.drop()
    assert found.kind is VerdictKind.ALLOW


@pytest.mark.parametrize(
    ("level", "born", "largest"),
    [("5", "2019-03-01", 2), ("6", "2019-03-01", 8), ("5", "1974-04-12", None), ("4", "2019-03-01", None)],
)
def test_r56_a_child_s_texture_is_cut_to_a_child_s_pieces(tx: Tx, level: str, born: str, largest: int | None) -> None:
    open_stay = OpenStay(stay_id="stay-child", ward_id="A", full_name="Keza Small", birth_date=born)
    given.perform(tx, open_stay, by=given.NURSE, at=given.MORNING)
    given.prescribe(tx, "stay-child", food_level=level, at=given.MORNING)
    flags = flags_of(tx.get(DietProfile, "stay-child"), serve_at=NOON, at=NOON)
    assert [flag.arguments["mm"] for flag in flags if flag.code == "pieces"] == ([] if largest is None else [largest])


@pytest.mark.parametrize(("born", "child"), [("2010-11-24", False), ("2010-11-25", True), ("", False), ("?", False)])
def test_r56_a_child_is_one_until_the_sixteenth_birthday(born: str, child: bool) -> None:
    assert is_child(born, given.MIDNIGHT) == child


@pytest.mark.parametrize(("level", "child", "mm"), [("5", True, 2), ("5", False, 4), ("6", True, 8), ("6", False, 15)])
def test_r56_pieces_go_by_age(level: str, child: bool, mm: int) -> None:
    assert pieces_mm(level, child=child) == mm


@pytest.mark.parametrize(("born", "verdict"), [("2023-03-01", "block"), ("2019-03-01", "allow"), ("", "allow")])
def test_r56_what_a_small_child_can_choke_on_is_not_for_small_children(tx: Tx, born: str, verdict: str) -> None:
    rice = SetDish(
        dish_id=given.RICE, name_en="r", name_fr="r", name_rw="r", category="main", suits=("regular",),
        services=("lunch",), choking=True, parts=(Part(ingredient_id="rice", grams=9),),
    )  # fmt: skip
    given.perform(tx, rice, by=given.LEAD, at=given.MIDNIGHT)
    open_stay = OpenStay(stay_id="stay-child", ward_id="A", full_name="Keza Small", birth_date=born)
    given.perform(tx, open_stay, by=given.NURSE, at=given.MORNING)
    given.perform(tx, RecordAllergiesAsked(stay_id="stay-child", none=True), by=given.NURSE, at=given.MORNING)
    given.prescribe(tx, "stay-child", at=given.MORNING)
    tx.begin(given.act(RecordAllergiesAsked(stay_id="stay-child", none=True), by=given.NURSE, at=NOON))
    found = judge(tx, stay_id="stay-child", dish_id=given.RICE, serve_at=NOON)
    tx.drop()
    assert (found.kind.value, [one.code for one in found.reasons]) == (verdict, ["choking"] * (verdict == "block"))
