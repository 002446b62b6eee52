"""R24: why a tray was not given decides what becomes of the order, of the money and of the tray."""

from __future__ import annotations

import pytest

from core.delivery.commands import CONSEQUENCES, CollectTray, EndWaiting, ReportIssue
from core.delivery.model import DeliveryIssue, Tray, TrayState
from core.kernel.tx import Tx
from core.kernel.values import MINUTE_MS, SYSTEM
from core.orders.model import OrderState
from core.payments.model import CashDue, Payment
from tests import given

S = OrderState
TWO_HOURS = given.NOON + 120 * MINUTE_MS
ENDING = [code for code, follows in CONSEQUENCES.items() if not follows.waits and not follows.remake]
WAITING = [code for code, follows in CONSEQUENCES.items() if follows.waits]
REMADE = [code for code, follows in CONSEQUENCES.items() if follows.remake]


def test_r24_is_the_table_of_the_design() -> None:
    assert {code: (c.charged, c.waits, c.remake) for code, c in CONSEQUENCES.items()} == {
        "asleep": (True, True, False),
        "off_ward": (True, True, False),
        "procedure": (False, True, False),
        "refused": (True, False, False),
        "nil_by_mouth": (False, False, False),
        "diet_changed": (False, False, False),
        "discharged": (False, False, False),
        "wrong_tray": (False, False, True),
        "spilled": (False, False, True),
        "kitchen_error": (False, False, True),
    }


@pytest.mark.parametrize("code", ENDING)
def test_r24_what_will_not_be_eaten_is_undeliverable_and_its_tray_is_thrown_away(tx: Tx, code: str) -> None:
    order = given.order(tx, state=S.OUT)
    tray = given.tray(tx, order)
    given.perform(tx, given.issue(order, code), by=given.RUNNER)
    ended = given.now(tx, order)
    assert (ended.state, ended.reason, given.now(tx, tray).state) == (S.UNDELIVERABLE, code, TrayState.DISCARDED)


@pytest.mark.parametrize("code", [*WAITING, *REMADE])
def test_r14_what_goes_on_after_an_issue_is_stopped_when_it_is_not_for_the_patient_any_more(tx: Tx, code: str) -> None:
    order = given.order(tx, dishes=(given.ISOMBE,))
    given.allergy_unswept(tx, order, "peanut")
    given.perform(tx, given.issue(order, code), by=given.RUNNER)
    after = given.now(tx, order)
    assert (after.state, after.stop) == (S.OUT if code in WAITING else S.KITCHEN_ISSUE, "allergy")


@pytest.mark.parametrize("code", ENDING)
def test_r24_only_what_the_patient_refused_is_charged(tx: Tx, code: str) -> None:
    order = given.order(tx, state=S.OUT)
    given.perform(tx, given.issue(order, code), by=given.RUNNER)
    assert given.balances(tx, order).get("charged", 0) == (1_200 if code == "refused" else 0)


def test_r24_cash_for_a_refused_meal_is_not_asked_for_at_the_bed(tx: Tx) -> None:
    order = given.order(tx, state=S.OUT, method="cash")
    given.perform(tx, given.issue(order, "refused"), by=given.RUNNER)
    assert (tx.get(CashDue, order.id).settled_at, tx.get(Payment, order.id).method) == (given.NOON, "account")


@pytest.mark.parametrize("code", WAITING)
def test_r24_a_tray_whose_patient_is_away_waits(tx: Tx, code: str) -> None:
    order = given.order(tx, state=S.OUT)
    given.perform(tx, given.issue(order, code), by=given.RUNNER)
    assert (given.now(tx, order).state, [issue.code for issue in tx.all(DeliveryIssue, of=order)]) == (S.OUT, [code])


@pytest.mark.parametrize("code", WAITING)
def test_r24_after_two_hours_a_waiting_tray_is_no_meal_any_more(tx: Tx, code: str) -> None:
    order = given.order(tx, state=S.OUT)
    given.perform(tx, given.issue(order, code), by=given.RUNNER)
    given.perform(tx, EndWaiting(order_id=order.id), by=SYSTEM, at=TWO_HOURS)
    charged = given.balances(tx, order).get("charged", 0)
    assert (given.now(tx, order).state, charged) == (S.UNDELIVERABLE, 0 if code == "procedure" else 1_200)


def test_r24_before_two_hours_a_tray_goes_on_waiting(tx: Tx) -> None:
    order = given.order(tx, state=S.OUT)
    given.perform(tx, given.issue(order, "asleep"), by=given.RUNNER)
    assert given.refusal_of(tx, EndWaiting(order_id=order.id), by=SYSTEM, at=TWO_HOURS - 1) == "not_waiting"


def test_r24_a_tray_that_is_simply_on_its_way_does_not_end_by_time(tx: Tx) -> None:
    order = given.order(tx, state=S.OUT)
    assert given.refusal_of(tx, EndWaiting(order_id=order.id), by=SYSTEM, at=TWO_HOURS) == "not_waiting"


def test_r24_a_tray_that_is_already_too_old_does_not_wait_at_all(tx: Tx) -> None:
    order = given.order(tx, state=S.OUT)
    given.perform(tx, given.issue(order, "asleep"), by=given.RUNNER, at=TWO_HOURS)
    assert given.now(tx, order).state == S.UNDELIVERABLE


@pytest.mark.parametrize("code", REMADE)
def test_r24_what_went_wrong_on_our_side_is_made_again_and_costs_nothing_extra(tx: Tx, code: str) -> None:
    order = given.order(tx, state=S.OUT)
    tray = given.tray(tx, order)
    given.perform(tx, given.issue(order, code), by=given.RUNNER)
    assert (given.now(tx, order).state, given.now(tx, tray).state, given.balances(tx, order)) == (
        S.KITCHEN_ISSUE,
        TrayState.DISCARDED,
        {},
    )


def test_a_runner_who_reports_an_issue_had_the_tray_in_hand(tx: Tx) -> None:
    order = given.order(tx, state=S.READY)
    given.perform(tx, given.issue(order, "asleep"), by=given.RUNNER)
    assert (given.now(tx, order).state, given.tray(tx, order).runner_id) == (S.OUT, "runner_1")


@pytest.mark.parametrize("state", [S.DELIVERED, S.CANCELLED, S.HELD])
def test_an_issue_with_a_tray_that_is_not_on_its_way_is_looked_at(tx: Tx, state: OrderState) -> None:
    order = given.order(tx, state=state)
    done = given.perform(tx, given.issue(order, "asleep"), by=given.RUNNER)
    assert (done.cases, given.now(tx, order).state) == (["issue_out_of_turn"], state)


def test_an_issue_told_twice_is_kept_twice_and_counted_once(tx: Tx) -> None:
    order = given.order(tx, state=S.UNDELIVERABLE)
    done = given.perform(tx, ReportIssue(order_id=order.id, code="refused"), by=given.RUNNER_2)
    assert (done.already, len(tx.all(DeliveryIssue, of=order))) == ({"at": given.NOON}, 2)


# -- the empty tray -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [S.DELIVERED, S.HANDED_TO_NURSE])
def test_an_empty_tray_that_goes_back_completes_the_meal(tx: Tx, state: OrderState) -> None:
    order = given.order(tx, state=state)
    given.perform(tx, CollectTray(order_id=order.id), by=given.RUNNER)
    assert (given.now(tx, order).state, given.tray(tx, order).state) == (S.COMPLETED, TrayState.COLLECTED)


def test_a_tray_is_collected_once(tx: Tx) -> None:
    order = given.order(tx, state=S.DELIVERED)
    given.perform(tx, CollectTray(order_id=order.id), by=given.RUNNER)
    done = given.perform(tx, CollectTray(order_id=order.id), by=given.RUNNER_2)
    assert (done.already, done.changes) == ({}, [])


def test_where_there_is_no_tray_there_is_nothing_to_collect(tx: Tx) -> None:
    order = given.order(tx)
    done = given.perform(tx, CollectTray(order_id=order.id), by=given.RUNNER)
    assert (done.already, tx.all(Tray, of=order)) == ({}, [])
