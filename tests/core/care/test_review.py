"""R13: what was served before a rule was known is nobody's fault, and the nutritionist looks at it all the same."""

from __future__ import annotations

from core.care.patients import news
from core.care.review import ServedBefore, served_before_known
from core.kernel.tx import Tx
from core.kernel.values import HOUR_MS
from core.orders.model import Order, OrderState
from tests import given

NOON, LATER = given.NOON, given.NOON + HOUR_MS


def looked_at(tx: Tx, order: Order, *, at: int = LATER) -> list[ServedBefore]:
    return served_before_known(given.saved(tx), at=at, stay_ids=[order.stay_id])


def test_r13_a_meal_is_listed_when_its_allergy_is_recorded_after_it_was_served(tx: Tx) -> None:
    order = given.order(tx, state=OrderState.DELIVERED, dishes=(given.ISOMBE,))
    given.record_allergy(tx, order.stay_id, "peanut", at=LATER)
    assert looked_at(tx, order) == [ServedBefore(order.stay_id, order.id, NOON, "allergy", given.ISOMBE)]
    assert [(one.kind, one.detail) for one in news(given.saved(tx), at=LATER)][:1] == [("served_before", "allergy")]


def test_r13_so_is_one_that_an_order_forbids_which_was_meant_for_its_hour(tx: Tx) -> None:
    order = given.order(tx, state=OrderState.DELIVERED, dishes=(given.SALTY,))
    given.prescribe(tx, order.stay_id, components=("low_salt",), from_at=given.MORNING, at=LATER)
    assert [(one.code, one.dish_id) for one in looked_at(tx, order)] == [("component", given.SALTY)]


def test_r13_an_order_that_begins_later_says_nothing_of_it(tx: Tx) -> None:
    order = given.order(tx, state=OrderState.DELIVERED, dishes=(given.SALTY,))
    given.prescribe(tx, order.stay_id, components=("low_salt",), at=LATER)
    assert looked_at(tx, order) == []


def test_r13_what_the_meal_does_not_hold_and_what_is_a_day_ago_is_not_listed(tx: Tx) -> None:
    order = given.order(tx, state=OrderState.DELIVERED, dishes=(given.RICE,))
    given.record_allergy(tx, order.stay_id, "peanut", at=LATER)
    without = looked_at(tx, order)
    given.record_allergy(tx, order.stay_id, "rice", at=LATER + 1)
    assert (without, looked_at(tx, order, at=LATER + 24 * HOUR_MS)) == ([], [])


def test_r13_a_meal_that_never_reached_its_patient_is_not_listed(tx: Tx) -> None:
    order = given.order(tx, state=OrderState.OUT, dishes=(given.ISOMBE,))
    given.record_allergy(tx, order.stay_id, "peanut", at=LATER)
    assert looked_at(tx, order) == []
