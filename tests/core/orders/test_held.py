"""Held meals: who is to settle them until when, what may be had instead, and how another dish takes a place."""

from __future__ import annotations

import pytest

from core.kernel.tx import Tx
from core.kernel.values import MINUTE_MS
from core.menu.commands import MarkOutOfStock
from core.menu.model import Service
from core.orders.commands import AcknowledgeChange
from core.orders.held import InTheWay, SubstituteDish, gives_way_at, in_the_way, settle_by
from core.orders.model import Order, OrderLine, OrderState
from core.orders.tickets import Ticket, ticket_of
from core.payments.model import CashDue, Payment
from tests import given

S = OrderState
NOON, CUT_OFF = given.NOON, given.CUT_OFF


def forbidden(tx: Tx, *dishes: str, state: OrderState = S.CONFIRMED, method: str = "account") -> Order:
    """A meal whose first dish turns out to be what its patient must not have."""
    order = given.order(tx, dishes=dishes or (given.RICE,), state=state, method=method)
    given.record_allergy(tx, order.stay_id, "rice")
    return given.now(tx, order)


def swap(tx: Tx, order: Order, gone: str, come: str) -> SubstituteDish:
    line = next(line for line in tx.all(OrderLine, of=order) if line.dish_id == gone)
    return SubstituteDish(order_id=order.id, line_id=line.id, dish_id=come)


def asked(tx: Tx, order: Order) -> list[InTheWay]:
    db = given.saved(tx)
    tx.begin(given.act(given.cancel(order), by=given.NUTRITIONIST, at=NOON))
    try:
        return in_the_way(tx, db, order.id, language="en")
    finally:
        tx.drop()


def card(tx: Tx, order: Order) -> Ticket:
    ticket = ticket_of(given.saved(tx), order.id, at=NOON)
    assert ticket is not None
    return ticket


# -- until when -------------------------------------------------------------------------------------------------------


def test_a_held_meal_is_to_be_settled_a_quarter_of_an_hour_before_the_cut_off(tx: Tx) -> None:
    order = given.order(tx, state=S.HELD, at=given.MORNING)
    service = tx.get(Service, given.LUNCH)
    assert (settle_by(order, service), gives_way_at(order, service)) == (CUT_OFF - 15 * MINUTE_MS, CUT_OFF)


def test_what_is_held_late_leaves_its_owner_a_quarter_of_an_hour_all_the_same(tx: Tx) -> None:
    order = given.order(tx, state=S.HELD, at=CUT_OFF - MINUTE_MS)
    service = tx.get(Service, given.LUNCH)
    assert (settle_by(order, service), gives_way_at(order, service)) == (CUT_OFF + 14 * MINUTE_MS,) * 2


# -- what may be had instead ------------------------------------------------------------------------------------------


def test_the_dish_that_is_nearest_by_what_it_brings_and_costs_comes_first(tx: Tx) -> None:
    found = asked(tx, forbidden(tx))
    assert [(one.dish_id, one.reason, [other.dish_id for other in one.substitutes]) for one in found] == [
        (given.RICE, "allergy", [given.MILK_PORRIDGE, given.BEANS, given.SALTY, given.ISOMBE])
    ]


def test_a_dish_that_this_patient_must_not_have_either_is_not_offered(tx: Tx) -> None:
    order = forbidden(tx)
    given.record_allergy(tx, order.stay_id, "milk")
    given.prescribe(tx, order.stay_id, components=("low_salt",))
    given.perform(tx, MarkOutOfStock(dish_id=given.ISOMBE), by=given.COOK)
    assert [one.dish_id for one in asked(tx, order)[0].substitutes] == [given.BEANS]


def test_what_the_other_dishes_and_meals_bring_counts_against_a_limit(tx: Tx) -> None:
    order = given.order(tx, dishes=(given.RICE, given.BEANS))
    given.order(tx, stay=given.stay_of(tx, order), service=given.DINNER, dishes=(given.SALTY,), placed_at=NOON)
    given.prescribe(tx, order.stay_id, limits={"sodium_mg": 925})
    given.record_allergy(tx, order.stay_id, "rice")
    assert [one.dish_id for one in asked(tx, order)[0].substitutes] == [given.MILK_PORRIDGE]


def test_for_whoever_may_not_eat_at_all_no_other_dish_helps(tx: Tx) -> None:
    order = forbidden(tx)
    given.nil_by_mouth(tx, order.stay_id)
    assert asked(tx, order) == []


def test_a_meal_that_is_allowed_has_nothing_in_its_way(tx: Tx) -> None:
    assert asked(tx, given.order(tx)) == []


# -- putting it in place ----------------------------------------------------------------------------------------------


def test_one_command_puts_the_nearest_dish_in_its_place_and_the_meal_goes_on(tx: Tx) -> None:
    order = forbidden(tx)
    command = asked(tx, order)[0].command(order.id)
    assert command is not None
    given.perform(tx, command, by=given.NUTRITIONIST)
    line = tx.all(OrderLine, of=order)[0]
    assert (given.now(tx, order).state, line.dish_id, line.instead_of) == (
        S.CONFIRMED,
        given.MILK_PORRIDGE,
        given.RICE,
    )


def test_a_meal_with_a_second_dish_in_the_way_waits_for_that_one_too(tx: Tx) -> None:
    order = given.order(tx, dishes=(given.RICE, given.BEANS))
    for allergen in ("rice", "beans"):
        given.record_allergy(tx, order.stay_id, allergen)
    states = []
    for found, come in zip(asked(tx, order), (given.MILK_PORRIDGE, given.ISOMBE), strict=True):
        given.perform(tx, swap(tx, order, found.dish_id, come), by=given.NURSE)
        states.append(given.now(tx, order).state)
    assert states == [S.HELD, S.CONFIRMED]


def test_a_stop_at_the_stove_is_lifted_when_the_pan_gets_another_dish(tx: Tx) -> None:
    order = forbidden(tx, state=S.COOKING)
    assert order.stop == "allergy"
    given.perform(tx, swap(tx, order, given.RICE, given.BEANS), by=given.NURSE)
    assert (given.now(tx, order).state, given.now(tx, order).stop) == (S.COOKING, "")


def test_the_kitchens_card_says_that_it_changed_until_a_cook_has_read_it(tx: Tx) -> None:
    order = forbidden(tx)
    given.perform(tx, swap(tx, order, given.RICE, given.BEANS), by=given.NURSE, at=NOON)
    changed = card(tx, order).changed
    assert changed is not None
    seen = AcknowledgeChange(order_id=order.id, rules_version=changed.version)
    given.perform(tx, seen, by=given.COOK)
    assert (changed.at, changed.instead_of, card(tx, order).changed) == (NOON, (given.RICE,), None)


def test_a_swap_without_a_change_of_rules_is_told_to_the_kitchen_as_well(tx: Tx) -> None:
    order = given.order(tx, dishes=(given.RICE,))
    given.perform(tx, swap(tx, order, given.RICE, given.BEANS), by=given.NURSE)
    changed = card(tx, order).changed
    assert changed is not None and changed.instead_of == (given.RICE,)


def test_what_takes_its_place_is_judged_when_it_happens(tx: Tx) -> None:
    order = forbidden(tx)
    given.record_allergy(tx, order.stay_id, "beans")
    refused = given.refusal(tx, swap(tx, order, given.RICE, given.BEANS), by=given.NURSE)
    assert (refused.code, refused.detail["dish"], given.now(tx, order).state) == ("meal_blocked", given.BEANS, S.HELD)


@pytest.mark.parametrize("state", [S.READY, S.OUT, S.DELIVERED, S.CANCELLED])
def test_what_is_on_its_tray_or_over_gets_no_other_dish(tx: Tx, state: OrderState) -> None:
    order = given.order(tx, dishes=(given.RICE,), state=state)
    assert given.refusal_of(tx, swap(tx, order, given.RICE, given.BEANS), by=given.NURSE) == "too_late_to_substitute"


def test_the_line_of_another_meal_is_left_alone(tx: Tx) -> None:
    mine, other = given.order(tx, dishes=(given.RICE,)), given.order(tx, dishes=(given.RICE,))
    wrong = swap(tx, other, given.RICE, given.BEANS).model_copy(update={"order_id": mine.id})
    assert given.refusal_of(tx, wrong, by=given.NURSE) == "gone"


def test_r53_a_dearer_dish_costs_no_more_than_what_was_ordered_and_a_cheaper_one_less(tx: Tx) -> None:
    dearer, cheaper = given.order(tx, dishes=(given.RICE,)), given.order(tx, dishes=(given.SALTY,), method="cash")
    given.perform(tx, swap(tx, dearer, given.RICE, given.SALTY), by=given.NURSE)
    given.perform(tx, swap(tx, cheaper, given.SALTY, given.RICE), by=given.NURSE)
    owed = [tx.get(Payment, order.id).due_francs for order in (dearer, cheaper)]
    assert (owed, tx.get(CashDue, cheaper.id).due_francs) == ([500, 500], 500)
