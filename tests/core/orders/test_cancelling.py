"""Cancelling: anybody until the stove, staff on the stove, nobody once the meal is ready."""

from __future__ import annotations

import pytest

from core.kernel.tx import Tx
from core.orders.commands import MarkReady, StartCooking
from core.orders.model import Order, OrderState
from core.orders.placing import CancelOrder
from core.payments.model import CashDue, Payment
from tests import given

S = OrderState
FREE = (S.CONFIRMED, S.HELD)
ON_THE_STOVE = (S.COOKING, S.KITCHEN_ISSUE)
TOO_LATE = (S.READY, S.OUT, S.DELIVERED, S.HANDED_TO_NURSE, S.UNDELIVERABLE, S.COMPLETED)


@pytest.mark.parametrize("state", FREE)
def test_before_the_stove_a_patient_cancels_and_owes_nothing(tx: Tx, state: OrderState) -> None:
    order = given.order(tx, state=state, method="cash")
    given.perform(tx, CancelOrder(order_id=order.id, reason="not hungry"), by=given.patient(given.stay_of(tx, order)))
    cancelled = given.now(tx, order)
    assert (cancelled.state, cancelled.reason, cancelled.held_for, cancelled.stop) == (
        S.CANCELLED,
        "not hungry",
        "",
        "",
    )
    assert (tx.get(Payment, order.id).due_francs, tx.get(CashDue, order.id).settled_at) == (0, given.NOON)


@pytest.mark.parametrize("state", ON_THE_STOVE)
def test_on_the_stove_a_patient_is_told_that_it_cooks_already(tx: Tx, state: OrderState) -> None:
    order = given.order(tx, state=state)
    patient = given.patient(given.stay_of(tx, order))
    assert given.refusal_of(tx, CancelOrder(order_id=order.id), by=patient) == "cooking_already"


@pytest.mark.parametrize("state", ON_THE_STOVE)
def test_on_the_stove_the_ward_cancels_and_the_kitchen_gets_a_stop_card(tx: Tx, state: OrderState) -> None:
    order = given.order(tx, state=state)
    given.perform(tx, CancelOrder(order_id=order.id), by=given.NURSE)
    assert (given.now(tx, order).state, given.now(tx, order).stop) == (S.CANCELLED, "cancelled")


@pytest.mark.parametrize("state", TOO_LATE)
def test_a_meal_that_is_ready_or_further_is_not_cancelled(tx: Tx, state: OrderState) -> None:
    order = given.order(tx, state=state)
    refused = given.refusal_of(tx, CancelOrder(order_id=order.id), by=given.NURSE)
    assert (refused, given.now(tx, order).state) == ("too_late_to_cancel", state)


def test_cancelling_twice_counts_once(tx: Tx) -> None:
    order = given.order(tx, state=S.CANCELLED)
    done = given.perform(tx, CancelOrder(order_id=order.id), by=given.NURSE)
    assert (done.already, done.changes) == ({"at": given.NOON}, [])


def test_nobody_cancels_the_meal_of_a_stranger(tx: Tx) -> None:
    order, other = given.order(tx), given.stay(tx)
    assert given.refusal_of(tx, CancelOrder(order_id=order.id), by=given.patient(other)) == "not_your_stay"


def test_r43_a_start_after_the_cancel_is_a_fact_with_a_case_and_a_stop_card(tx: Tx) -> None:
    order = given.order(tx, state=S.CANCELLED)
    done = given.perform(tx, StartCooking(order_id=order.id), by=given.COOK)
    stopped = given.now(tx, order)
    assert (done.cases, stopped.state, stopped.stop) == (["started_after_cancel"], S.CANCELLED, "cancelled")


def test_r43_the_patient_is_not_charged_for_a_meal_started_after_the_cancel(tx: Tx) -> None:
    order = given.order(tx, state=S.CANCELLED)
    given.perform(tx, StartCooking(order_id=order.id), by=given.COOK)
    given.perform(tx, MarkReady(order_id=order.id), by=given.COOK)
    assert given.balances(tx, order) == {}


def test_a_cancelled_order_keeps_its_number_and_its_lines(tx: Tx) -> None:
    order = given.order(tx, state=S.CANCELLED)
    assert tx.get(Order, order.id).number == order.number
