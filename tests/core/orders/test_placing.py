"""Placing an order: who may, until when, for whom, and what the rules make of the meal that is wished for."""

from __future__ import annotations

import pytest

from core.diets.model import DietAttempt
from core.kernel.refusal import Refusal
from core.kernel.tx import Tx
from core.kernel.values import MINUTE_MS, derived_id
from core.menu.commands import MarkOutOfStock
from core.orders.attempts import Ordered
from core.orders.model import Order, OrderLine, OrderMove, OrderState
from core.orders.placing import ON_DEMAND_MINUTES
from core.payments.model import CashDue, Payment
from core.wards.commands import Discharge
from tests import given

AFTER_CUT_OFF = given.CUT_OFF + MINUTE_MS


def test_a_patient_s_own_meal_never_waits_for_money(tx: Tx) -> None:
    order = given.order(tx, method="cash")
    assert (order.state, tx.get(Payment, order.id).state) == (OrderState.CONFIRMED, "pending")


def test_an_order_holds_its_lines_its_first_step_and_its_promise(tx: Tx) -> None:
    order = given.order(tx, dishes=(given.RICE, given.BEANS))
    lines = [(line.dish_id, line.halves) for line in tx.all(OrderLine, of=order)]
    steps = [step.to_state for step in tx.all(OrderMove, of=order)]
    promised = given.NOON + 4 * MINUTE_MS
    assert (lines, steps, order.promised_at) == (
        [(given.RICE, 2), (given.BEANS, 2)],
        [OrderState.CONFIRMED],
        promised,
    )


def test_the_id_of_an_order_follows_from_its_act_alone(tx: Tx) -> None:
    stay = given.stay(tx)
    command, op_id = given.place(stay), given.op_id()
    tx.begin(given.act(command, by=given.patient(stay), at=given.MORNING, id=op_id))
    given.run(tx, command)
    layer, _ = tx.keep()
    assert next(row.id for (table, _), row in layer.rows.items() if table is Order) == derived_id(op_id, 1)


def test_cash_is_due_at_the_bed_for_a_meal_paid_in_cash(tx: Tx) -> None:
    order = given.order(tx, method="cash", dishes=(given.RICE, given.BEANS))
    assert tx.get(CashDue, order.id).due_francs == 1_200


def test_half_a_portion_costs_half_rounded_up(tx: Tx) -> None:
    stay = given.stay(tx)
    half = given.place(stay).model_copy(update={"lines": (Ordered(dish_id=given.RICE, halves=1),)})
    order = given.perform(tx, half, by=given.patient(stay), at=given.MORNING).added(Order)[0]
    assert tx.get(Payment, order.id).due_francs == 250


def test_a_wish_is_kept_word_for_word(tx: Tx) -> None:
    stay = given.stay(tx)
    order = given.perform(
        tx, given.place(stay, wish="no salt, I have a PEANUT allergy"), by=given.patient(stay), at=given.MORNING
    ).added(Order)[0]
    assert (order.wish, order.state) == ("no salt, I have a PEANUT allergy", OrderState.CONFIRMED)


def test_nobody_orders_for_a_stranger(tx: Tx) -> None:
    mine, other = given.stay(tx), given.stay(tx)
    assert given.refusal_of(tx, given.place(other), by=given.patient(mine), at=given.MORNING) == "not_your_stay"


def test_an_order_for_a_discharged_patient_is_refused_and_nothing_is_saved(tx: Tx) -> None:
    stay = given.stay(tx)
    given.perform(tx, Discharge(stay_id=stay.id), by=given.NURSE)
    assert given.refusal_of(tx, given.place(stay), by=given.NURSE, at=given.MORNING) == "stay_closed"
    assert tx.all(Order, of=given.now(tx, stay)) == []


def test_nothing_is_ordered_before_the_service_opens(tx: Tx) -> None:
    stay = given.stay(tx, at=given.MIDNIGHT + 1)
    assert given.refusal_of(tx, given.place(stay), by=given.patient(stay), at=given.MIDNIGHT + 2) == "not_open_yet"


def test_a_patient_who_orders_after_the_cut_off_is_sent_to_the_ward(tx: Tx) -> None:
    stay = given.stay(tx)
    assert given.refusal_of(tx, given.place(stay), by=given.patient(stay), at=AFTER_CUT_OFF) == "after_cut_off"


def test_r25_after_the_cut_off_the_ward_orders_a_late_tray(tx: Tx) -> None:
    stay = given.stay(tx)
    done = given.perform(tx, given.place(stay), by=given.NURSE, at=AFTER_CUT_OFF)
    order = done.added(Order)[0]
    assert (order.late, order.promised_at - AFTER_CUT_OFF, done.cases) == (True, ON_DEMAND_MINUTES * MINUTE_MS, [])


def test_r25_an_order_made_before_the_cut_off_and_heard_after_it_is_a_late_tray_with_a_case(tx: Tx) -> None:
    stay = given.stay(tx)
    done = given.perform(
        tx, given.place(stay), by=given.NURSE, at=AFTER_CUT_OFF, claimed_at=given.CUT_OFF - 5 * MINUTE_MS
    )
    assert (done.added(Order)[0].late, done.cases) == (True, ["late_tray"])


def test_r25_there_is_one_late_tray_a_service(tx: Tx) -> None:
    stay = given.stay(tx)
    given.order(tx, stay=stay)
    assert given.refusal_of(tx, given.place(stay), by=given.NURSE, at=AFTER_CUT_OFF) == "ordered_already"


def test_r25_a_cancelled_meal_does_not_stand_in_the_way_of_a_late_tray(tx: Tx) -> None:
    stay = given.stay(tx)
    given.order(tx, stay=stay, state=OrderState.CANCELLED)
    assert given.refusal_of(tx, given.place(stay), by=given.NURSE, at=AFTER_CUT_OFF) == ""


def test_r25_no_late_tray_after_the_service_has_ended(tx: Tx) -> None:
    stay = given.stay(tx)
    over = given.NOON + 120 * MINUTE_MS
    assert given.refusal_of(tx, given.place(stay), by=given.NURSE, at=over) == "after_cut_off"


@pytest.mark.parametrize("dish", ["no-such-dish"])
def test_a_dish_that_does_not_exist_is_refused(tx: Tx, dish: str) -> None:
    stay = given.stay(tx)
    assert given.refusal_of(tx, given.place(stay, dish), by=given.patient(stay), at=given.MORNING) == "gone"


def test_a_dish_of_another_meal_is_not_served(tx: Tx) -> None:
    stay = given.stay(tx)
    given.service(tx, "breakfast", hour=7)
    early = given.MIDNIGHT + 2 * 60 * MINUTE_MS
    breakfast = given.place(stay, service=f"{given.DAY}-breakfast")
    assert given.refusal_of(tx, breakfast, by=given.patient(stay), at=early) == "dish_not_served"


def test_a_dish_that_has_run_out_is_refused_with_its_name(tx: Tx) -> None:
    stay = given.stay(tx)
    given.perform(tx, MarkOutOfStock(dish_id=given.RICE), at=given.MORNING)
    with pytest.raises(Refusal) as refused:
        given.perform(tx, given.place(stay), by=given.patient(stay), at=given.MORNING)
    assert (refused.value.code, refused.value.detail["reason"], refused.value.detail["dish"]) == (
        "meal_blocked",
        "out_of_stock",
        given.RICE,
    )


def test_what_cannot_be_decided_is_refused_to_a_patient_and_waits_for_a_nurse_when_staff_ask(tx: Tx) -> None:
    stay = given.stay(tx, asked=False)
    alone = given.refusal_of(tx, given.place(stay), by=given.patient(stay), at=given.MORNING)
    order = given.perform(tx, given.place(stay), by=given.NURSE, at=given.MORNING).added(Order)[0]
    assert (alone, order.state, order.held_for) == ("meal_held", OrderState.HELD, "allergies_not_asked")


def test_a_forbidden_meal_is_refused_to_staff_as_well(tx: Tx) -> None:
    stay = given.stay(tx, allergies=("peanut",))
    assert given.refusal_of(tx, given.place(stay, given.ISOMBE), by=given.NURSE, at=given.MORNING) == "meal_blocked"


def test_a_preference_asks_once_and_is_confirmed_with_one_tap(tx: Tx) -> None:
    stay = given.stay(tx)
    given.prescribe(tx, stay.id, preferences=("halal",), at=given.MORNING)
    asked = given.refusal_of(tx, given.place(stay), by=given.patient(stay), at=given.MORNING)
    confirmed = given.refusal_of(tx, given.place(stay, confirm=True), by=given.patient(stay), at=given.MORNING)
    assert (asked, confirmed) == ("meal_asks", "")


def test_a_refused_order_leaves_its_attempt_and_nothing_else(tx: Tx) -> None:
    stay = given.stay(tx, allergies=("peanut",))
    refused = given.refused(tx, given.place(stay, given.ISOMBE), by=given.patient(stay), at=given.MORNING)
    attempt = refused.added(DietAttempt)[0]
    assert ([change.table for change in refused.changes], attempt.step, attempt.code, attempt.dish_id) == (
        [DietAttempt],
        "order",
        "allergy",
        given.ISOMBE,
    )
