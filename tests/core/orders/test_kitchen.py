"""The kitchen's steps: start, tick, ready, take back, stop, problem; each refused at the press or kept as a fact."""

from __future__ import annotations

import pytest

from core.delivery.model import Tray, TrayState
from core.kernel.case import Case
from core.kernel.tx import Tx
from core.kernel.values import SYSTEM
from core.orders.commands import (
    AcknowledgeStop,
    ArchiveOrder,
    CompleteOrder,
    FlagProblem,
    MarkReady,
    ResolveProblem,
    StartCooking,
    TakeBack,
    TickLine,
)
from core.orders.model import Order, OrderLine, OrderMove, OrderState
from tests import given

S = OrderState


# -- start ----------------------------------------------------------------------------------------------------------


def test_a_meal_that_is_made_again_goes_back_to_the_stove(tx: Tx) -> None:
    order = given.order(tx, state=S.KITCHEN_ISSUE)
    done = given.perform(tx, StartCooking(order_id=order.id))
    assert (given.now(tx, order).state, done.cases) == (S.COOKING, [])


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (S.HELD, "order_held"),
        (S.COOKING, "cannot_start"),
        (S.READY, "cannot_start"),
        (S.OUT, "cannot_start"),
        (S.DELIVERED, "cannot_start"),
        (S.CANCELLED, "cannot_start"),
        (S.COMPLETED, "cannot_start"),
    ],
)
def test_the_press_names_what_is_in_the_way_of_a_start(tx: Tx, state: OrderState, code: str) -> None:
    order = given.order(tx, state=state)
    assert given.refusal_at_press(tx, StartCooking(order_id=order.id)) == code


def test_a_start_is_refused_at_the_press_by_the_newest_rules(tx: Tx) -> None:
    order = given.order(tx, dishes=(given.ISOMBE,))
    given.allergy_unswept(tx, order, "peanut")
    assert given.refusal_at_press(tx, StartCooking(order_id=order.id)) == "meal_blocked"


def test_a_start_against_the_rules_is_kept_with_a_case_and_the_meal_is_stopped(tx: Tx) -> None:
    order = given.order(tx, dishes=(given.ISOMBE,))
    given.allergy_unswept(tx, order, "peanut")
    done = given.perform(tx, StartCooking(order_id=order.id))
    assert (done.cases, given.now(tx, order).state, given.now(tx, order).stop) == (
        ["cooked_against_rules"],
        S.COOKING,
        "allergy",
    )


def test_a_start_of_a_held_meal_is_a_fact_with_a_case_and_stays_held(tx: Tx) -> None:
    order = given.order(tx, state=S.HELD)
    done = given.perform(tx, StartCooking(order_id=order.id))
    assert (done.cases, given.now(tx, order).state, given.now(tx, order).stop) == (
        ["cooked_against_rules"],
        S.HELD,
        "nil_by_mouth",
    )


def test_r48_a_second_kitchen_that_starts_the_same_tray_is_noted(tx: Tx) -> None:
    order = given.order(tx, state=S.COOKING)
    done = given.perform(tx, StartCooking(order_id=order.id), by=given.COOK_2)
    assert (done.cases, given.now(tx, order).state) == (["double_preparation"], S.COOKING)


def test_the_same_cook_who_presses_twice_is_told_so_and_nothing_happens(tx: Tx) -> None:
    order = given.order(tx, state=S.COOKING)
    done = given.perform(tx, StartCooking(order_id=order.id), by=given.COOK)
    assert (done.already, done.changes) == ({"by": "cook_1"}, [])


# -- tick and ready -------------------------------------------------------------------------------------------------


def test_an_item_is_ticked_and_taken_off_again(tx: Tx) -> None:
    order = given.order(tx, state=S.COOKING)
    line = tx.all(OrderLine, of=order)[0]
    given.perform(tx, TickLine(line_id=line.id), by=given.COOK)
    ticked = given.now(tx, line)
    given.perform(tx, TickLine(line_id=line.id, ticked=False), by=given.COOK)
    assert ((ticked.ticked_at, ticked.ticked_by), given.now(tx, line).ticked_at) == ((given.NOON, "cook_1"), None)


def test_an_item_ticked_twice_is_ticked_once_by_the_first(tx: Tx) -> None:
    order = given.order(tx, state=S.COOKING)
    line = tx.all(OrderLine, of=order)[0]
    given.perform(tx, TickLine(line_id=line.id), by=given.COOK)
    done = given.perform(tx, TickLine(line_id=line.id), by=given.COOK_2)
    assert (done.already, given.now(tx, line).ticked_by) == ({"by": "cook_1"}, "cook_1")


def test_a_ready_meal_lies_on_a_tray_with_a_label(tx: Tx) -> None:
    order = given.order(tx, state=S.READY)
    tray = given.tray(tx, order)
    assert (tray.number, tray.state, tray.label_version, tray.label_void) == (1, TrayState.ASSEMBLED, 1, False)


def test_ready_before_cooking_is_refused_at_the_press(tx: Tx) -> None:
    order = given.order(tx)
    assert given.refusal_at_press(tx, MarkReady(order_id=order.id)) == "not_cooking"


def test_ready_without_a_start_implies_the_start(tx: Tx) -> None:
    order = given.order(tx)
    given.perform(tx, MarkReady(order_id=order.id))
    implied = [step.to_state for step in tx.all(OrderMove, of=order) if step.implied]
    assert (given.now(tx, order).state, implied) == (S.READY, [S.COOKING])


def test_ready_against_the_rules_is_kept_with_a_case_and_its_label_is_void(tx: Tx) -> None:
    order = given.order(tx, state=S.COOKING, dishes=(given.ISOMBE,))
    given.allergy_unswept(tx, order, "peanut")
    done = given.perform(tx, MarkReady(order_id=order.id))
    assert (done.cases, given.tray(tx, order).label_void) == (["ready_against_rules"], True)


def test_ready_told_twice_keeps_one_tray(tx: Tx) -> None:
    order = given.order(tx, state=S.READY)
    done = given.perform(tx, MarkReady(order_id=order.id), by=given.COOK_2)
    assert (done.already, len(tx.all(Tray, of=order))) == ({"by": "cook_1"}, 1)


def test_ready_of_a_cancelled_meal_stops_it(tx: Tx) -> None:
    order = given.order(tx, state=S.CANCELLED)
    done = given.perform(tx, MarkReady(order_id=order.id))
    assert (done.cases, given.now(tx, order).stop) == (["started_after_cancel"], "cancelled")


# -- take back ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "back"),
    [
        (S.COOKING, S.CONFIRMED),
        (S.READY, S.COOKING),
        (S.OUT, S.READY),
        (S.DELIVERED, S.OUT),
        (S.HANDED_TO_NURSE, S.OUT),
    ],
)
def test_a_step_made_by_mistake_is_taken_back(tx: Tx, step: OrderState, back: OrderState) -> None:
    order = given.order(tx, state=step)
    done = given.perform(tx, TakeBack(order_id=order.id, step=step.value), by=given.NURSE)  # type: ignore[arg-type]  # one of the five
    assert (given.now(tx, order).state, done.cases) == (back, [])


def test_undo_is_another_fact_and_both_stay_in_the_history(tx: Tx) -> None:
    order = given.order(tx, state=S.COOKING)
    given.perform(tx, TakeBack(order_id=order.id, step="cooking"), by=given.COOK)
    steps = [(step.to_state, step.reason) for step in tx.all(OrderMove, of=order)]
    assert steps == [(S.CONFIRMED, ""), (S.COOKING, ""), (S.CONFIRMED, "taken_back")]


def test_a_tray_taken_back_to_the_stove_is_thrown_away(tx: Tx) -> None:
    order = given.order(tx, state=S.READY)
    tray = given.tray(tx, order)
    given.perform(tx, TakeBack(order_id=order.id, step="ready"), by=given.COOK)
    assert (given.now(tx, tray).state, given.now(tx, tray).label_void) == (TrayState.DISCARDED, True)


def test_a_step_that_others_have_built_upon_cannot_be_taken_back(tx: Tx) -> None:
    order = given.order(tx, state=S.READY)
    done = given.perform(tx, TakeBack(order_id=order.id, step="cooking"), by=given.COOK)
    assert (done.cases, given.now(tx, order).state) == (["taken_back_too_late"], S.READY)


def test_a_step_that_was_never_made_is_nothing_to_take_back(tx: Tx) -> None:
    order = given.order(tx)
    done = given.perform(tx, TakeBack(order_id=order.id, step="ready"), by=given.COOK)
    assert (done.already, done.changes) == ({"state": S.CONFIRMED}, [])


def test_what_is_taken_back_is_judged_by_the_rules_of_now(tx: Tx) -> None:
    order = given.order(tx, state=S.COOKING, dishes=(given.ISOMBE,))
    given.allergy_unswept(tx, order, "peanut")
    given.perform(tx, TakeBack(order_id=order.id, step="cooking"), by=given.COOK)
    assert (given.now(tx, order).state, given.now(tx, order).held_for) == (S.HELD, "allergy")


def test_a_hand_over_taken_back_is_not_charged_and_the_next_one_is(tx: Tx) -> None:
    order = given.order(tx, state=S.DELIVERED)
    given.perform(tx, TakeBack(order_id=order.id, step="delivered"), by=given.RUNNER)
    after_mistake = given.balances(tx, order)["charged"]
    given.perform(tx, given.give(tx, order), by=given.RUNNER)
    assert (after_mistake, given.balances(tx, order)["charged"]) == (0, 1_200)


# -- stop -----------------------------------------------------------------------------------------------------------


def test_r15_a_stopped_meal_does_not_go_on_until_somebody_has_seen_why(tx: Tx) -> None:
    order = given.order(tx, state=S.COOKING)
    given.nil_by_mouth(tx, order.stay_id)
    unseen = given.refusal_at_press(tx, MarkReady(order_id=order.id))
    given.perform(tx, AcknowledgeStop(order_id=order.id), by=given.COOK)
    assert (unseen, given.refusal_at_press(tx, MarkReady(order_id=order.id))) == ("stop_not_seen", "stopped")


def test_a_stop_is_seen_by_one_person_once(tx: Tx) -> None:
    order = given.order(tx, state=S.COOKING)
    given.nil_by_mouth(tx, order.stay_id)
    given.perform(tx, AcknowledgeStop(order_id=order.id), by=given.COOK)
    done = given.perform(tx, AcknowledgeStop(order_id=order.id), by=given.COOK_2)
    assert (given.now(tx, order).stop_seen_by, done.already) == ("cook_1", {"by": "cook_1"})


def test_a_stop_for_another_reason_has_to_be_seen_again(tx: Tx) -> None:
    order = given.order(tx, state=S.COOKING, dishes=(given.ISOMBE,))
    given.record_allergy(tx, order.stay_id, "peanut")
    given.perform(tx, AcknowledgeStop(order_id=order.id), by=given.COOK)
    given.nil_by_mouth(tx, order.stay_id)
    assert (given.now(tx, order).stop, given.now(tx, order).stop_seen_by) == ("nil_by_mouth", "")


# -- problem --------------------------------------------------------------------------------------------------------


def test_a_problem_has_a_case_with_an_owner_to_come_and_moves_nothing(tx: Tx) -> None:
    order = given.order(tx, state=S.READY)
    given.perform(tx, FlagProblem(order_id=order.id, problem="dropped", note="at the lift"), by=given.RUNNER)
    case = given.cases(tx, order)[0]
    flagged = given.now(tx, order)
    assert (case.code, case.owner_id, flagged.problem, flagged.state) == ("problem_reported", "", "dropped", S.READY)


@pytest.mark.parametrize("state", [S.COOKING, S.READY])
def test_a_meal_that_is_made_again_gets_a_new_tray_number(tx: Tx, state: OrderState) -> None:
    order = given.order(tx, state=state)
    given.perform(tx, FlagProblem(order_id=order.id, problem="burnt", remake=True), by=given.COOK)
    assert given.now(tx, order).state == S.KITCHEN_ISSUE
    given.perform(tx, StartCooking(order_id=order.id))
    given.perform(tx, MarkReady(order_id=order.id))
    assert given.tray(tx, order).number == (2 if state is S.READY else 1)


def test_a_remake_of_a_meal_that_was_never_begun_is_looked_at(tx: Tx) -> None:
    order = given.order(tx)
    done = given.perform(tx, FlagProblem(order_id=order.id, problem="burnt", remake=True), by=given.COOK)
    assert ("remake_out_of_turn" in done.cases, given.now(tx, order).state) == (True, S.CONFIRMED)


def test_resolving_a_problem_closes_its_case_in_words(tx: Tx) -> None:
    order = given.order(tx, state=S.READY)
    given.perform(tx, FlagProblem(order_id=order.id, problem="dropped"), by=given.RUNNER)
    given.perform(tx, ResolveProblem(order_id=order.id, closing="a new tray went up"), by=given.LEAD)
    case = given.cases(tx, order)[0]
    assert (given.now(tx, order).problem, case.closed_by, case.closing) == (
        "",
        "kitchen_lead_1",
        "a new tray went up",
    )


def test_where_there_is_no_problem_nothing_is_resolved(tx: Tx) -> None:
    order = given.order(tx)
    assert given.refusal_of(tx, ResolveProblem(order_id=order.id, closing="fine"), by=given.LEAD) == "no_problem"


# -- by time itself -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [S.DELIVERED, S.HANDED_TO_NURSE, S.UNDELIVERABLE])
def test_what_has_ended_is_completed_by_time(tx: Tx, state: OrderState) -> None:
    order = given.order(tx, state=state)
    given.perform(tx, CompleteOrder(order_id=order.id), by=SYSTEM)
    assert given.now(tx, order).state == S.COMPLETED


def test_a_meal_that_is_still_on_its_way_is_not_completed(tx: Tx) -> None:
    order = given.order(tx, state=S.OUT)
    assert given.refusal_of(tx, CompleteOrder(order_id=order.id), by=SYSTEM) == "not_finished"


def test_an_archived_order_leaves_the_devices_with_all_that_hangs_on_it(tx: Tx) -> None:
    order = given.order(tx, state=S.COMPLETED)
    done = given.perform(tx, ArchiveOrder(order_id=order.id), by=SYSTEM)
    left = {change.table.seen_by(change.after.__dict__) for change in done.changes}
    tables = {change.table.table_name for change in done.changes}
    assert (left, tables) == ({()}, {"order", "order_line", "order_move", "tray", "hand_over"})


def test_an_open_order_is_not_archived(tx: Tx) -> None:
    order = given.order(tx, state=S.READY)
    assert given.refusal_of(tx, ArchiveOrder(order_id=order.id), by=SYSTEM) == "not_finished"


def test_a_case_about_an_order_names_its_stay_ward_and_kitchen(tx: Tx) -> None:
    order = given.order(tx, state=S.CANCELLED)
    done = given.perform(tx, StartCooking(order_id=order.id))
    case = done.added(Case)[0]
    assert (case.order_id, case.stay_id, case.ward_id, case.kitchen_id) == (order.id, order.stay_id, "A", "main")


def test_an_order_that_does_not_exist_is_gone(tx: Tx) -> None:
    assert given.refusal_of(tx, StartCooking(order_id="nothing")) == "gone"
    assert tx.written() == tx.written()
    assert tx.peek(Order, "nothing") is None
