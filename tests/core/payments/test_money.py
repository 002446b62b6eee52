"""Money: a meal costs once, when it was given; cash is never lost; the books only grow (invariant 8)."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from core.kernel.tx import Tx
from core.orders.commands import TakeBack
from core.orders.model import OrderState
from core.payments.commands import PutOnAccount, TakeCash
from core.payments.model import CashDue, Charge, LedgerEntry, Payment
from tests import given

S = OrderState


def test_nothing_is_charged_before_the_meal_is_given(tx: Tx) -> None:
    before = [given.balances(tx, given.order(tx, state=state)) for state in (S.CONFIRMED, S.COOKING, S.READY, S.OUT)]
    assert before == [{}] * 4


@pytest.mark.parametrize("state", [S.DELIVERED, S.HANDED_TO_NURSE])
def test_a_given_meal_is_charged_to_the_account_of_the_stay(tx: Tx, state: OrderState) -> None:
    order = given.order(tx, state=state)
    assert given.balances(tx, order) == {"charged": 1_200, "on_account": 1_200}


def test_a_meal_paid_in_cash_owes_the_account_nothing(tx: Tx) -> None:
    order = given.order(tx, state=S.DELIVERED, method="cash")
    given.perform(tx, TakeCash(order_id=order.id, francs=1_200), by=given.RUNNER)
    payment = tx.get(Payment, order.id)
    assert (given.balances(tx, order), payment.state, tx.get(CashDue, order.id).settled_at) == (
        {"charged": 1_200, "cash": 1_200},
        "paid",
        given.NOON,
    )


def test_too_little_cash_leaves_the_rest_due_and_a_case(tx: Tx) -> None:
    order = given.order(tx, state=S.OUT, method="cash")
    done = given.perform(tx, TakeCash(order_id=order.id, francs=1_000), by=given.RUNNER)
    due = tx.get(CashDue, order.id)
    assert (done.cases, due.due_francs, due.settled_at) == (["underpaid"], 200, None)


def test_the_rest_paid_later_settles_it(tx: Tx) -> None:
    order = given.order(tx, state=S.OUT, method="cash")
    given.perform(tx, TakeCash(order_id=order.id, francs=1_000), by=given.RUNNER)
    given.perform(tx, TakeCash(order_id=order.id, francs=200), by=given.RUNNER)
    assert (tx.get(Payment, order.id).state, given.balances(tx, order)["cash"]) == ("paid", 1_200)


def test_cash_taken_twice_is_in_the_books_twice_and_a_case(tx: Tx) -> None:
    order = given.order(tx, state=S.OUT, method="cash")
    given.perform(tx, TakeCash(order_id=order.id, francs=1_200), by=given.RUNNER)
    done = given.perform(tx, TakeCash(order_id=order.id, francs=1_200), by=given.RUNNER_2)
    assert (done.cases, given.balances(tx, order)["cash"]) == (["overpaid"], 2_400)


def test_too_much_cash_is_booked_and_looked_at(tx: Tx) -> None:
    order = given.order(tx, state=S.OUT, method="cash")
    done = given.perform(tx, TakeCash(order_id=order.id, francs=1_500), by=given.RUNNER)
    case = given.cases(tx, order)[0]
    assert (done.cases, given.balances(tx, order)["cash"], case.order_id) == (["overpaid"], 1_500, order.id)


def test_cash_for_a_meal_that_asks_for_none_is_never_lost(tx: Tx) -> None:
    order = given.order(tx, state=S.OUT)
    done = given.perform(tx, TakeCash(order_id=order.id, francs=500), by=given.RUNNER)
    assert (done.cases, given.balances(tx, order)["cash"]) == (["cash_not_due"], 500)


def test_cash_for_an_order_nobody_knows_is_in_the_books_all_the_same(tx: Tx) -> None:
    done = given.perform(tx, TakeCash(order_id="no-such-order", francs=500), by=given.RUNNER)
    entry = done.added(LedgerEntry)[0]
    assert (done.cases, entry.francs, entry.order_id, entry.stay_id) == (["cash_not_due"], 500, "no-such-order", "")


def test_without_cash_at_the_bed_the_stay_owes_the_meal(tx: Tx) -> None:
    order = given.order(tx, state=S.OUT, method="cash")
    given.perform(tx, PutOnAccount(order_id=order.id), by=given.RUNNER)
    given.perform(tx, given.give(tx, order), by=given.RUNNER)
    assert (tx.get(Payment, order.id).method, given.balances(tx, order)) == (
        "account",
        {"charged": 1_200, "on_account": 1_200},
    )


def test_what_was_paid_stays_paid_when_the_rest_goes_on_the_account(tx: Tx) -> None:
    order = given.order(tx, state=S.DELIVERED, method="cash")
    given.perform(tx, TakeCash(order_id=order.id, francs=1_000), by=given.RUNNER)
    given.perform(tx, PutOnAccount(order_id=order.id), by=given.RUNNER)
    assert given.balances(tx, order) == {"charged": 1_200, "cash": 1_000, "on_account": 200}


def test_nothing_is_put_on_the_account_twice(tx: Tx) -> None:
    order = given.order(tx, state=S.DELIVERED, method="cash")
    given.perform(tx, PutOnAccount(order_id=order.id), by=given.RUNNER)
    assert given.perform(tx, PutOnAccount(order_id=order.id), by=given.RUNNER).already == {}
    assert given.balances(tx, order)["on_account"] == 1_200


def test_invariant_8_one_order_has_one_charge_however_often_it_is_given(tx: Tx) -> None:
    order = given.order(tx, state=S.DELIVERED)
    for _ in range(2):
        given.perform(tx, TakeBack(order_id=order.id, step="delivered"), by=given.RUNNER)
        given.perform(tx, given.give(tx, order), by=given.RUNNER)
    charges = tx.all(Charge, of=tx.get(Payment, order.id))
    assert ([charge.francs for charge in charges], given.balances(tx, order)) == (
        [1_200],
        {"charged": 1_200, "on_account": 1_200},
    )


def test_invariant_8_the_books_are_answered_and_never_changed(tx: Tx) -> None:
    order = given.order(tx, state=S.DELIVERED)
    before = tx.all(LedgerEntry, of=tx.get(Payment, order.id))
    given.perform(tx, TakeBack(order_id=order.id, step="delivered"), by=given.RUNNER)
    after = tx.all(LedgerEntry, of=tx.get(Payment, order.id))
    assert (after[: len(before)], [entry.francs for entry in after[len(before) :]]) == (before, [-1_200, -1_200])


def test_money_for_a_meal_that_nobody_gets_goes_back_with_a_case(tx: Tx) -> None:
    order = given.order(tx, method="cash")
    given.perform(tx, TakeCash(order_id=order.id, francs=1_200), by=given.RUNNER)
    done = given.perform(tx, given.cancel(order), by=given.NURSE)
    assert (done.cases, given.balances(tx, order)) == (["money_owed_back"], {"cash": 1_200, "owed_back": 1_200})


def test_the_ledger_and_the_charge_are_the_administration_s_alone(tx: Tx) -> None:
    order = given.order(tx, state=S.DELIVERED)
    entry = tx.all(LedgerEntry, of=tx.get(Payment, order.id))[0]
    assert LedgerEntry.seen_by(entry.__dict__) == ("admin",)


@pytest.mark.parametrize("francs", [0, -5, 10_000_001, 12.5])
def test_francs_are_whole_and_more_than_none(francs: float) -> None:
    with pytest.raises(ValidationError):
        TakeCash(order_id="x", francs=francs)  # type: ignore[arg-type]  # which is the point
