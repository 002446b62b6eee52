"""R14: when what a patient may eat changes, every unfinished meal is judged again in the same transaction."""

from __future__ import annotations

import pytest

from core.delivery.commands import GiveTray, TakeOut
from core.delivery.model import TrayState
from core.diets.allergies import RecordAllergy, WithdrawAllergy
from core.diets.model import Allergy, CareFile
from core.kernel.tx import Tx
from core.orders.commands import AcknowledgeStop, FlagProblem
from core.orders.model import Order, OrderMove, OrderState
from tests import given

S = OrderState


def test_r14_a_confirmed_meal_is_held_with_its_reason(tx: Tx) -> None:
    order = given.order(tx, dishes=(given.ISOMBE,))
    given.record_allergy(tx, order.stay_id, "peanut")
    held = given.now(tx, order)
    assert (held.state, held.held_for, held.checked) == (S.HELD, "allergy", "block")


@pytest.mark.parametrize("state", [S.COOKING, S.KITCHEN_ISSUE, S.READY, S.OUT])
def test_r14_a_meal_that_is_made_or_carried_is_stopped_where_it_is(tx: Tx, state: OrderState) -> None:
    order = given.order(tx, state=state, dishes=(given.ISOMBE,))
    given.record_allergy(tx, order.stay_id, "peanut")
    stopped = given.now(tx, order)
    assert (stopped.state, stopped.stop, stopped.stop_at, stopped.stop_seen_by) == (state, "allergy", given.NOON, "")


@pytest.mark.parametrize("state", [S.READY, S.OUT])
def test_r14_the_label_of_a_stopped_tray_is_void(tx: Tx, state: OrderState) -> None:
    order = given.order(tx, state=state, dishes=(given.ISOMBE,))
    given.record_allergy(tx, order.stay_id, "peanut")
    assert given.tray(tx, order).label_void is True


@pytest.mark.parametrize("state", [S.DELIVERED, S.HANDED_TO_NURSE, S.UNDELIVERABLE, S.COMPLETED, S.CANCELLED])
def test_r13_what_is_over_is_not_judged_again(tx: Tx, state: OrderState) -> None:
    order = given.order(tx, state=state, dishes=(given.ISOMBE,))
    given.record_allergy(tx, order.stay_id, "peanut")
    assert given.now(tx, order) == order


def test_r14_every_meal_of_the_patient_is_judged_and_nobody_else_s(tx: Tx) -> None:
    stay, other = given.stay(tx), given.stay(tx)
    lunch = given.order(tx, stay=stay, dishes=(given.ISOMBE,))
    dinner = given.order(tx, stay=stay, dishes=(given.ISOMBE,), service=given.DINNER, placed_at=given.NOON)
    theirs = given.order(tx, stay=other, dishes=(given.ISOMBE,))
    given.record_allergy(tx, stay.id, "peanut")
    assert [given.now(tx, order).state for order in (lunch, dinner, theirs)] == [S.HELD, S.HELD, S.CONFIRMED]


def test_r14_a_meal_that_is_allowed_again_is_released_by_itself(tx: Tx) -> None:
    order = given.order(tx, dishes=(given.ISOMBE,))
    allergy = given.record_allergy(tx, order.stay_id, "peanut").added(Allergy)[0]
    given.perform(tx, WithdrawAllergy(allergy_id=allergy.id, finding="refuted", reason="tested"), by=given.DOCTOR)
    steps = [(step.to_state, step.reason) for step in tx.all(OrderMove, of=order)]
    assert (given.now(tx, order).held_for, steps[-2:]) == ("", [(S.HELD, "allergy"), (S.CONFIRMED, "allowed_again")])


def test_r14_a_stop_is_lifted_when_the_rules_allow_the_meal_again_and_the_label_is_new(tx: Tx) -> None:
    order = given.order(tx, state=S.READY, dishes=(given.ISOMBE,))
    allergy = given.record_allergy(tx, order.stay_id, "peanut").added(Allergy)[0]
    given.perform(tx, WithdrawAllergy(allergy_id=allergy.id, finding="refuted", reason="tested"), by=given.DOCTOR)
    tray = given.tray(tx, order)
    assert (given.now(tx, order).stop, tray.label_void, tray.label_version) == ("", False, 2)


def test_r14_a_meal_held_for_one_reason_and_then_for_another_names_the_newest(tx: Tx) -> None:
    order = given.order(tx, dishes=(given.ISOMBE,))
    given.record_allergy(tx, order.stay_id, "peanut")
    given.nil_by_mouth(tx, order.stay_id)
    assert given.now(tx, order).held_for == "nil_by_mouth"


def test_r14_the_stop_of_a_cancelled_meal_is_lifted_by_no_change_of_rules(tx: Tx) -> None:
    order = given.order(tx, state=S.COOKING)
    given.perform(tx, given.cancel(order), by=given.NURSE)
    given.prescribe(tx, order.stay_id)
    assert given.now(tx, order).stop == "cancelled"


def test_r14_a_tray_with_a_void_label_is_refused_at_the_lift_and_at_the_bed(tx: Tx) -> None:
    at_the_lift = given.order(tx, state=S.READY, dishes=(given.ISOMBE,))
    at_the_bed = given.order(tx, state=S.OUT, dishes=(given.ISOMBE,))
    for order in (at_the_lift, at_the_bed):
        given.record_allergy(tx, order.stay_id, "peanut")
        given.perform(tx, AcknowledgeStop(order_id=order.id), by=given.RUNNER)
    assert given.refusal_at_press(tx, TakeOut(order_id=at_the_lift.id)) == "stopped"
    assert given.refusal_at_press(tx, GiveTray(order_id=at_the_bed.id)) == "stopped"


def test_r14_each_step_is_logged_in_the_order_s_own_history(tx: Tx) -> None:
    order = given.order(tx, dishes=(given.ISOMBE,))
    done = given.perform(tx, RecordAllergy(stay_id=order.stay_id, code="peanut"), by=given.NURSE)
    step = done.added(OrderMove)[0]
    assert (step.from_state, step.to_state, step.reason, step.by) == (S.CONFIRMED, S.HELD, "allergy", "nurse_1")


def test_r14_a_change_that_alters_no_verdict_writes_no_order(tx: Tx) -> None:
    order = given.order(tx, dishes=(given.RICE,))
    done = given.record_allergy(tx, order.stay_id, "peanut")
    assert Order not in [change.table for change in done.changes]


def test_r14_a_tray_that_was_given_keeps_its_label(tx: Tx) -> None:
    order = given.order(tx, state=S.DELIVERED, dishes=(given.ISOMBE,))
    given.record_allergy(tx, order.stay_id, "peanut")
    tray = given.tray(tx, order)
    assert (tray.state, tray.label_void) == (TrayState.GIVEN, False)


def test_the_clinical_record_of_the_patient_names_what_was_recorded(tx: Tx) -> None:
    order = given.order(tx)
    given.record_allergy(tx, order.stay_id, "peanut")
    assert [allergy.code for allergy in tx.all(Allergy, of=tx.get(CareFile, order.stay_id))] == ["peanut"]


def test_r14_a_meal_that_is_made_again_after_it_came_back_is_judged_by_the_rules_of_now(tx: Tx) -> None:
    order = given.order(tx, state=S.UNDELIVERABLE, dishes=(given.ISOMBE,))
    given.record_allergy(tx, order.stay_id, "peanut")
    given.perform(tx, FlagProblem(order_id=order.id, problem="spilled", remake=True), by=given.NURSE)
    assert (given.now(tx, order).state, given.now(tx, order).stop) == (S.KITCHEN_ISSUE, "allergy")
