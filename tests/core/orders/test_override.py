"""An administrator may move a meal by hand along the table of allowed moves, with a reason, and never past a rule."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from core.delivery.model import TrayState
from core.diets.commands import PrescribeDiet, StartNilByMouth
from core.handlers import HANDLES
from core.kernel.handle import Kind, Where
from core.kernel.tx import Tx
from core.kernel.values import HOUR_MS, Role
from core.orders.model import ALLOWED_MOVES, Order, OrderMove, OrderState
from core.orders.override import OverrideState, steps_by_hand
from core.payments.commands import TakeCash
from tests import given

S = OrderState
WAITS_FOR_MONEY = (S.PAYMENT_PENDING, S.PAYMENT_FAILED)
EDGES = [(state, step) for state in S if state not in WAITS_FOR_MONEY for step in steps_by_hand(state)]
SAFE_EDGES = [edge for edge in EDGES if edge != (S.HELD, S.CONFIRMED)]


def force(order: Order, step: OrderState, *, seen: str = "", reason: str = "the tray stood there") -> OverrideState:
    return OverrideState(order_id=order.id, seen=seen or order.state, step=step.value, reason=reason)  # type: ignore[arg-type]


@pytest.mark.parametrize(("state", "step"), SAFE_EDGES, ids=[f"{state}-{step}" for state, step in SAFE_EDGES])
def test_every_step_by_hand_is_one_edge_of_the_table_and_keeps_who_and_why(
    tx: Tx, state: OrderState, step: OrderState
) -> None:
    order = given.order(tx, state=state)
    done = given.perform(tx, force(order, step), by=given.ADMIN)
    steps = [(one.from_state, one.to_state, one.by, one.reason) for one in done.added(OrderMove)]
    assert steps[0] == (state.value, step.value, "admin_1", "the tray stood there")
    assert given.now(tx, order).state == step


@pytest.mark.parametrize("state", [state for state in S if state not in WAITS_FOR_MONEY])
def test_what_is_not_an_edge_of_the_table_is_refused(tx: Tx, state: OrderState) -> None:
    order = given.order(tx, state=state)
    others = [step for step in S if step not in ALLOWED_MOVES[state] and step not in (*WAITS_FOR_MONEY, S.HELD)]
    codes = {given.refusal_of(tx, force(order, step), by=given.ADMIN) for step in others}
    assert codes == {"no_such_step"}


def test_whether_a_meal_is_held_or_paid_for_is_never_forced() -> None:
    offered = {step for state in S for step in steps_by_hand(state)}
    assert offered.isdisjoint({S.HELD, S.PAYMENT_PENDING, S.PAYMENT_FAILED})
    assert {steps_by_hand(state) for state in WAITS_FOR_MONEY} == {(S.CANCELLED,)}


def test_whoever_looked_at_an_older_state_looks_again(tx: Tx) -> None:
    order = given.order(tx, state=S.COOKING)
    refusal = given.refusal(tx, force(order, S.COOKING, seen="confirmed"), by=given.ADMIN)
    assert (refusal.code, refusal.detail["state"]) == ("moved_meanwhile", "cooking")


@pytest.mark.parametrize(
    ("state", "step"), [(S.CONFIRMED, S.COOKING), (S.COOKING, S.READY), (S.READY, S.OUT), (S.OUT, S.DELIVERED)]
)
def test_no_step_towards_the_bed_leads_past_a_rule(tx: Tx, state: OrderState, step: OrderState) -> None:
    order = given.order(tx, state=state)
    given.allergy_unswept(tx, order, "beans")
    assert given.refusal_of(tx, force(order, step), by=given.ADMIN) == "meal_blocked"


def test_at_the_bed_counts_what_holds_now_and_not_at_the_hour_of_the_service(tx: Tx) -> None:
    order = given.order(tx, state=S.OUT)
    now = given.NOON - HOUR_MS
    fast = StartNilByMouth(stay_id=order.stay_id, reason="procedure", until_at=given.NOON - 1)
    given.perform(tx, fast, by=given.DOCTOR, at=now)
    given.perform(
        tx, PrescribeDiet(stay_id=order.stay_id, replaces=(), from_at=given.NOON - 1), by=given.DOCTOR, at=now
    )
    assert given.refusal_of(tx, force(order, S.DELIVERED), by=given.ADMIN, at=now) == "meal_blocked"


def test_no_step_towards_the_bed_leads_past_a_stop(tx: Tx) -> None:
    order = given.order(tx, state=S.OUT)
    given.nil_by_mouth(tx, order.stay_id)
    assert given.refusal_of(tx, force(order, S.DELIVERED), by=given.ADMIN) == "stop_not_seen"


def test_a_held_meal_is_released_by_its_rules_and_not_by_hand(tx: Tx) -> None:
    order = given.order(tx, state=S.HELD)
    refused = given.refusal_of(tx, force(order, S.CONFIRMED), by=given.ADMIN)
    given.perform(tx, force(order, S.CANCELLED), by=given.ADMIN)
    assert (refused, given.now(tx, order).state) == ("meal_blocked", S.CANCELLED)


def test_a_meal_that_is_given_by_hand_is_charged_and_its_tray_counts_as_given(tx: Tx) -> None:
    order = given.order(tx, state=S.OUT)
    given.perform(tx, force(order, S.DELIVERED), by=given.ADMIN)
    assert given.balances(tx, order) == {"charged": 1_200, "on_account": 1_200}
    assert given.tray(tx, order).state == TrayState.GIVEN


def test_a_hand_over_that_never_was_is_taken_back_with_its_charge(tx: Tx) -> None:
    order = given.order(tx, state=S.DELIVERED)
    given.perform(tx, force(order, S.OUT), by=given.ADMIN)
    assert given.balances(tx, order) == {"charged": 0, "on_account": 0}
    assert given.tray(tx, order).state == TrayState.OUT


def test_what_was_paid_for_a_meal_cancelled_by_hand_is_owed_back(tx: Tx) -> None:
    order = given.order(tx, state=S.COOKING, method="cash")
    given.perform(tx, TakeCash(order_id=order.id, francs=1_200), by=given.RUNNER)
    done = given.perform(tx, force(order, S.CANCELLED), by=given.ADMIN)
    assert (given.balances(tx, order)["owed_back"], done.cases) == (1_200, ["money_owed_back"])
    assert given.now(tx, order).stop == "cancelled"


def test_a_meal_that_is_sent_out_by_hand_is_with_whoever_sent_it(tx: Tx) -> None:
    order = given.order(tx, state=S.READY)
    given.perform(tx, force(order, S.OUT), by=given.ADMIN)
    assert (given.tray(tx, order).state, given.tray(tx, order).runner_id) == (TrayState.OUT, "admin_1")


@pytest.mark.parametrize("given_to", [S.DELIVERED, S.HANDED_TO_NURSE])
def test_a_finished_meal_keeps_its_tray_and_its_charge(tx: Tx, given_to: OrderState) -> None:
    order = given.order(tx, state=given_to)
    tray, books = given.tray(tx, order), given.balances(tx, order)
    given.perform(tx, force(order, S.COMPLETED), by=given.ADMIN)
    assert (given.tray(tx, order), given.balances(tx, order)) == (tray, books)


def test_only_an_administrator_may_and_only_with_a_reason(tx: Tx) -> None:
    handle = HANDLES[OverrideState.name]
    assert (handle.roles, handle.kind, handle.where) == ({Role.ADMIN}, Kind.INTENT, Where.BOTH)
    with pytest.raises(ValidationError):
        force(given.order(tx), S.COOKING, reason="  ")
