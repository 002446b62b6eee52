"""R28: of the meals that were served, how many were wholly as the rules had it; exactly, and of meals alone."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from core.delivery.commands import ReportEaten
from core.delivery.compliance import Compliance, Served, compliance, meals_served
from core.diets.model import DietProfile
from core.diets.overrides import AllowDish
from core.kernel.tx import Tx
from core.kernel.values import DAY_MS, HOUR_MS
from core.orders.model import OrderState
from tests import given

S = OrderState
NOON = given.NOON


def meals(kept: int, against: int) -> list[Served]:
    return [Served(f"o{n}", n, against=n < against) for n in range(kept + against)]


def of(tx: Tx, stay_id: str) -> Compliance:
    return compliance(meals_served(given.saved(tx), stay_id, from_at=NOON - DAY_MS, until_at=NOON + DAY_MS))


def test_r28_nine_of_ten_are_ninety_percent() -> None:
    assert (compliance(meals(9, 1)).share, compliance(meals(9, 1)).percent) == (Fraction(9, 10), 90)


def test_r28_without_a_meal_there_is_no_share_and_not_a_hundred_percent() -> None:
    assert (compliance([]).share, compliance([]).percent) == (None, None)


@pytest.mark.parametrize(
    ("kept", "against", "percent"), [(1, 1, 50), (2, 1, 67), (1, 2, 33), (1, 7, 13), (199, 1, 100)]
)
def test_r28_a_percentage_is_rounded_half_up_and_the_fraction_is_kept(kept: int, against: int, percent: int) -> None:
    found = compliance(meals(kept, against))
    assert (found.percent, found.share) == (percent, Fraction(kept, kept + against))


@examples(
    st.lists(st.builds(Served, st.uuids().map(str), st.integers(0, 9), st.booleans(), st.booleans()), max_size=40)
)
def test_r28_kept_and_allowed_never_exceed_what_was_served(served: list[Served]) -> None:
    found = compliance(served)
    assert 0 <= found.allowed <= found.kept <= found.served == len(served)
    assert found.share is None or 0 <= found.share <= 1


@pytest.mark.parametrize("served", [0, 5, 6])
def test_r30_fewer_than_six_meals_say_nothing(served: int) -> None:
    assert compliance(meals(served, 0)).says_something == (served >= 6)


@pytest.mark.parametrize("state", [S.DELIVERED, S.HANDED_TO_NURSE, S.COMPLETED])
def test_r28_a_meal_counts_once_it_was_served(tx: Tx, state: OrderState) -> None:
    order = given.order(tx, state=state)
    assert of(tx, order.stay_id) == Compliance(served=1, kept=1)


@pytest.mark.parametrize("state", [S.CONFIRMED, S.HELD, S.COOKING, S.OUT, S.UNDELIVERABLE, S.CANCELLED])
def test_r28_what_was_not_served_is_no_meal(tx: Tx, state: OrderState) -> None:
    order = given.order(tx, state=state)
    assert of(tx, order.stay_id) == Compliance()


def test_r28_a_meal_given_against_the_rules_counts_against(tx: Tx) -> None:
    order = given.order(tx, state=S.OUT, dishes=(given.ISOMBE,))
    given.allergy_unswept(tx, order, "peanut")
    given.perform(tx, given.give(tx, order), by=given.RUNNER)
    assert of(tx, order.stay_id) == Compliance(served=1, kept=0)


def test_r28_a_meal_eaten_against_the_rules_counts_against(tx: Tx) -> None:
    order = given.order(tx, state=S.OUT)
    given.nil_by_mouth(tx, order.stay_id)
    given.perform(tx, ReportEaten(order_id=order.id), by=given.NURSE)
    assert of(tx, order.stay_id) == Compliance(served=1, kept=0)


def test_r28_what_a_clinician_has_allowed_is_kept_and_told_apart(tx: Tx) -> None:
    stay = given.stay(tx, diet=("low_salt",))
    version = tx.get(DietProfile, stay.id).rules_version
    allow = AllowDish(
        stay_id=stay.id, dish_id=given.SALTY, codes=("component",), why="eats nothing else",
        until_at=NOON + 8 * HOUR_MS, rules_version=version,
    )  # fmt: skip
    given.perform(tx, allow, by=given.DOCTOR, at=given.MORNING)
    given.order(tx, stay=stay, dishes=(given.SALTY,), state=S.DELIVERED)
    assert of(tx, stay.id) == Compliance(served=1, kept=1, allowed=1)


def test_r13_a_rule_that_came_later_blames_no_meal_before_it(tx: Tx) -> None:
    order = given.order(tx, state=S.DELIVERED, dishes=(given.ISOMBE,))
    given.record_allergy(tx, order.stay_id, "peanut")
    assert of(tx, order.stay_id) == Compliance(served=1, kept=1)


def test_r28_a_blocked_attempt_is_no_meal(tx: Tx) -> None:
    stay = given.stay(tx, allergies=("peanut",))
    given.refused(tx, given.place(stay, given.ISOMBE), by=given.patient(stay), at=given.MORNING)
    assert of(tx, stay.id) == Compliance()


def test_r28_a_period_counts_the_meals_that_were_handed_over_in_it(tx: Tx) -> None:
    order = given.order(tx, state=S.DELIVERED)
    db = given.saved(tx)
    counted = [
        len(meals_served(db, order.stay_id, from_at=start, until_at=start + 1)) for start in (NOON - 1, NOON, NOON + 1)
    ]
    assert counted == [0, 1, 0]


def test_r48_a_second_hand_over_is_no_second_meal(tx: Tx) -> None:
    order = given.order(tx, state=S.DELIVERED)
    given.perform(tx, given.give(tx, order), by=given.RUNNER_2, at=NOON + 1)
    assert of(tx, order.stay_id).served == 1
