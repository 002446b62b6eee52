"""From the kitchen to the bed: a tray is taken out, handed to the right person, or refused at the press."""

from __future__ import annotations

import pytest

from core.delivery.commands import GiveTray, ReportEaten, TakeOut
from core.delivery.model import HandOver, Tray, TrayState
from core.diets.allergies import RecordAllergiesAsked
from core.diets.model import DietProfile
from core.kernel.tx import Tx
from core.kernel.values import MINUTE_MS
from core.orders.model import OrderMove, OrderState
from core.wards.commands import OpenStay
from core.wards.identity import BIRTH_DATE, HOSPITAL_NUMBER, NAME, hashed
from core.wards.model import Stay
from tests import given

S = OrderState


# -- out of the kitchen ---------------------------------------------------------------------------------------------


def test_a_tray_that_is_taken_out_has_its_runner(tx: Tx) -> None:
    order = given.order(tx, state=S.OUT)
    tray = given.tray(tx, order)
    assert (tray.state, tray.runner_id, tray.out_at) == (TrayState.OUT, "runner_1", given.NOON)


def test_a_second_runner_is_told_who_was_first(tx: Tx) -> None:
    order = given.order(tx, state=S.OUT)
    done = given.perform(tx, TakeOut(order_id=order.id), by=given.RUNNER_2)
    assert (done.already, given.tray(tx, order).runner_id) == ({"by": "runner_1"}, "runner_1")


@pytest.mark.parametrize("state", [S.CONFIRMED, S.HELD, S.COOKING, S.OUT, S.DELIVERED, S.CANCELLED])
def test_only_a_ready_tray_is_taken_out(tx: Tx, state: OrderState) -> None:
    order = given.order(tx, state=state)
    assert given.refusal_at_press(tx, TakeOut(order_id=order.id)) == "not_ready"


def test_a_tray_of_somebody_else_is_unknown_to_this_order(tx: Tx) -> None:
    order, other = given.order(tx, state=S.READY), given.order(tx, state=S.READY)
    wrong = TakeOut(order_id=order.id, tray_id=given.tray(tx, other).id)
    assert given.refusal_at_press(tx, wrong) == "unknown_tray"


def test_a_meal_that_became_forbidden_is_not_taken_out(tx: Tx) -> None:
    order = given.order(tx, state=S.READY, dishes=(given.ISOMBE,))
    given.allergy_unswept(tx, order, "peanut")
    assert given.refusal_at_press(tx, TakeOut(order_id=order.id)) == "meal_blocked"


def test_what_is_on_its_way_against_the_rules_is_called_back(tx: Tx) -> None:
    order = given.order(tx, state=S.READY, dishes=(given.ISOMBE,))
    given.allergy_unswept(tx, order, "peanut")
    done = given.perform(tx, TakeOut(order_id=order.id), by=given.RUNNER)
    assert (done.cases, given.now(tx, order).stop, given.tray(tx, order).label_void) == (
        ["taken_out_against_rules"],
        "allergy",
        True,
    )


def test_a_cancelled_tray_that_left_all_the_same_is_called_back(tx: Tx) -> None:
    order = given.order(tx, state=S.CANCELLED)
    done = given.perform(tx, TakeOut(order_id=order.id), by=given.RUNNER)
    assert (done.cases, given.now(tx, order).stop) == (["taken_out_after_cancel"], "cancelled")


def test_a_held_tray_that_left_all_the_same_is_called_back(tx: Tx) -> None:
    order = given.order(tx, state=S.HELD)
    done = given.perform(tx, TakeOut(order_id=order.id), by=given.RUNNER)
    assert (done.cases, given.now(tx, order).state) == (["taken_out_of_turn"], S.HELD)


# -- at the bed -----------------------------------------------------------------------------------------------------


def test_tray_and_wristband_match_and_the_meal_is_delivered(tx: Tx) -> None:
    order = given.order(tx, state=S.OUT)
    given.perform(tx, given.give(tx, order), by=given.RUNNER)
    over = tx.all(HandOver, of=order)[0]
    assert (given.now(tx, order).state, over.identifiers, over.by, over.second) == (
        S.DELIVERED,
        "wristband",
        "runner_1",
        False,
    )


def test_r55_a_tray_for_an_isolated_patient_goes_to_the_nurse(tx: Tx) -> None:
    order = given.order(tx, state=S.OUT)
    given.perform(tx, given.give(tx, order, to_nurse="nurse_1"), by=given.RUNNER)
    assert (given.now(tx, order).state, given.tray(tx, order).state) == (S.HANDED_TO_NURSE, TrayState.AT_WARD)


def test_a_tray_nobody_has_scanned_is_not_given(tx: Tx) -> None:
    order = given.order(tx, state=S.OUT)
    assert given.refusal_at_press(tx, GiveTray(order_id=order.id, wristband=order.stay_id)) == "tray_not_scanned"


def test_the_wristband_of_another_patient_is_the_wrong_person(tx: Tx) -> None:
    order, other = given.order(tx, state=S.OUT), given.stay(tx)
    wrong = given.give(tx, order).model_copy(update={"wristband": other.id})
    assert given.refusal_at_press(tx, wrong) == "wrong_person"


@pytest.mark.parametrize(
    ("kinds", "code"),
    [
        ((BIRTH_DATE, HOSPITAL_NUMBER), ""),
        ((BIRTH_DATE, NAME), ""),
        ((BIRTH_DATE,), "wrong_person"),
        ((), "wrong_person"),
    ],
)
def test_r57_two_identifiers_are_typed_where_no_wristband_can_be_read(
    tx: Tx, kinds: tuple[str, ...], code: str
) -> None:
    order = given.order(tx, state=S.OUT)
    known = {part.partition(":")[0]: part for part in tx.get(DietProfile, order.stay_id).identifiers.split()}
    typed = tuple(known[kind] for kind in kinds)
    give = given.give(tx, order).model_copy(update={"wristband": "", "typed": typed})
    assert given.refusal_at_press(tx, give) == code


def test_r57_the_same_identifier_typed_twice_is_one(tx: Tx) -> None:
    order = given.order(tx, state=S.OUT)
    birth = next(part for part in tx.get(DietProfile, order.stay_id).identifiers.split() if part.startswith("birth"))
    give = given.give(tx, order).model_copy(update={"wristband": "", "typed": (birth, birth)})
    assert given.refusal_at_press(tx, give) == "wrong_person"


def test_r57_a_bed_is_no_identifier(tx: Tx) -> None:
    order = given.order(tx, state=S.OUT, stay=given.stay(tx, bed="A-001"))
    bed = hashed(stay_id=order.stay_id, kind="bed", value="A-001")
    birth = next(part for part in tx.get(DietProfile, order.stay_id).identifiers.split() if part.startswith("birth"))
    give = given.give(tx, order).model_copy(update={"wristband": "", "typed": (birth, bed)})
    assert given.refusal_at_press(tx, give) == "wrong_person"


@pytest.mark.parametrize(
    ("state", "code"),
    [(S.DELIVERED, "given_already"), (S.CANCELLED, "order_cancelled"), (S.COOKING, "not_ready"), (S.HELD, "not_ready")],
)
def test_the_press_at_the_bed_names_what_is_in_the_way(tx: Tx, state: OrderState, code: str) -> None:
    order = given.order(tx, state=state)
    assert given.refusal_at_press(tx, given.give(tx, order)) == code


def test_nil_by_mouth_while_the_tray_is_on_its_way_is_refused_at_the_press(tx: Tx) -> None:
    order = given.order(tx, state=S.OUT)
    press = given.give(tx, order)
    given.nil_by_mouth(tx, order.stay_id)
    assert given.refusal_at_press(tx, press, by=given.RUNNER) == "stop_not_seen"


def test_a_forbidden_meal_is_refused_at_the_press_even_where_no_stop_has_arrived(tx: Tx) -> None:
    order = given.order(tx, state=S.OUT, dishes=(given.ISOMBE,))
    given.allergy_unswept(tx, order, "peanut")
    assert given.refusal_at_press(tx, given.give(tx, order), by=given.RUNNER) == "meal_blocked"


def test_what_cannot_be_decided_at_the_bed_is_allowed_by_a_nurse(tx: Tx) -> None:
    order = given.order(tx, state=S.OUT)
    given.unmatched_unswept(tx, order)
    alone = given.refusal_at_press(tx, given.give(tx, order), by=given.RUNNER)
    with_nurse = given.refusal_at_press(tx, given.give(tx, order, nurse_id="nurse_1", why="asked"), by=given.RUNNER)
    assert (alone, with_nurse) == ("meal_held", "")


def test_no_nurse_allows_what_is_forbidden(tx: Tx) -> None:
    order = given.order(tx, state=S.OUT, dishes=(given.ISOMBE,))
    given.allergy_unswept(tx, order, "peanut")
    press = given.give(tx, order, nurse_id="nurse_1", why="asked")
    assert given.refusal_at_press(tx, press, by=given.RUNNER) == "meal_blocked"


def test_a_hand_over_against_the_rules_is_kept_with_a_case_and_costs_nothing(tx: Tx) -> None:
    order = given.order(tx, state=S.OUT, dishes=(given.ISOMBE,))
    given.allergy_unswept(tx, order, "peanut")
    done = given.perform(tx, given.give(tx, order), by=given.RUNNER)
    assert (done.cases, given.now(tx, order).state, given.balances(tx, order)) == (
        ["given_against_rules"],
        S.DELIVERED,
        {},
    )


def test_a_hand_over_without_identifiers_stands_and_is_looked_at(tx: Tx) -> None:
    order = given.order(tx, state=S.OUT)
    done = given.perform(tx, given.give(tx, order).model_copy(update={"wristband": ""}), by=given.RUNNER)
    assert (done.cases, given.now(tx, order).state) == (["given_without_identifiers"], S.DELIVERED)


def test_r48_a_second_hand_over_is_noted_and_the_first_is_kept(tx: Tx) -> None:
    order = given.order(tx, state=S.DELIVERED)
    done = given.perform(tx, given.give(tx, order), by=given.RUNNER_2, at=given.NOON + MINUTE_MS)
    seconds = [(over.by, over.second) for over in tx.all(HandOver, of=order)]
    assert (done.already, seconds) == (
        {"by": "runner_1", "at": given.NOON},
        [("runner_1", False), ("runner_2", True)],
    )


def test_r48_a_second_hand_over_costs_nothing_more(tx: Tx) -> None:
    order = given.order(tx, state=S.DELIVERED)
    given.perform(tx, given.give(tx, order), by=given.RUNNER_2)
    assert given.balances(tx, order) == {"charged": 1_200, "on_account": 1_200}


def test_r47_delivered_after_cancel_is_a_case_and_the_order_stays_cancelled(tx: Tx) -> None:
    order = given.order(tx, state=S.CANCELLED)
    done = given.perform(tx, given.give(tx, order), by=given.RUNNER)
    assert (done.cases, given.now(tx, order).state, len(tx.all(HandOver, of=order))) == (
        ["delivered_after_cancel"],
        S.CANCELLED,
        1,
    )


def test_a_held_tray_that_was_given_all_the_same_is_a_case(tx: Tx) -> None:
    order = given.order(tx, state=S.HELD)
    done = given.perform(tx, given.give(tx, order), by=given.RUNNER)
    assert (done.cases, given.now(tx, order).state) == (["given_out_of_turn"], S.HELD)


def test_who_carries_the_tray_and_gives_it_may_leave_the_step_between_out(tx: Tx) -> None:
    order = given.order(tx, state=S.READY)
    given.perform(tx, given.give(tx, order), by=given.RUNNER)
    steps = [(step.to_state, step.implied) for step in tx.all(OrderMove, of=order)][-2:]
    assert steps == [(S.OUT, True), (S.DELIVERED, False)]


def test_r20_a_moved_patient_gets_the_tray_where_they_are(tx: Tx) -> None:
    order = given.order(tx, state=S.OUT)
    given.move_to(tx, given.stay_of(tx, order), "B")
    moved = given.now(tx, order)
    assert (moved.ward_id, given.tray(tx, order).ward_id, len(tx.all(Tray, of=order))) == ("B", "B", 1)
    assert given.refusal_at_press(tx, given.give(tx, moved), by=given.NURSE_B) == ""


def test_identifiers_of_a_patient_known_by_id_alone_are_learned_from_the_hospital_s_own_record(tx: Tx) -> None:
    first = given.stay(tx)
    given.leave(tx, first)
    again = OpenStay(stay_id="stay-again", ward_id="A", patient_id=first.patient_id)
    given.perform(tx, again, by=given.NURSE)
    given.perform(tx, RecordAllergiesAsked(stay_id="stay-again", none=True), by=given.NURSE)
    kinds = [part.partition(":")[0] for part in tx.get(DietProfile, "stay-again").identifiers.split()]
    assert (sorted(kinds), tx.get(Stay, "stay-again").patient_id) == (
        [BIRTH_DATE, HOSPITAL_NUMBER, NAME],
        first.patient_id,
    )


# -- eaten ----------------------------------------------------------------------------------------------------------


def test_a_meal_eaten_before_the_hand_over_is_told_to_the_nurse(tx: Tx) -> None:
    order = given.order(tx, state=S.OUT)
    done = given.perform(tx, ReportEaten(order_id=order.id, note="bread"), by=given.RUNNER)
    assert (done.cases, given.now(tx, order).state, given.balances(tx, order)["charged"]) == (
        ["eaten_before_hand_over"],
        S.DELIVERED,
        1_200,
    )


@pytest.mark.parametrize("state", [S.COOKING, S.READY, S.OUT])
def test_what_was_eaten_against_the_rules_costs_nothing(tx: Tx, state: OrderState) -> None:
    order = given.order(tx, state=state, dishes=(given.ISOMBE,))
    given.record_allergy(tx, order.stay_id, "peanut")
    done = given.perform(tx, ReportEaten(order_id=order.id), by=given.NURSE)
    assert (done.cases, given.balances(tx, order)) == (["eaten_against_rules"], {})


def test_a_meal_eaten_that_was_given_is_no_news(tx: Tx) -> None:
    order = given.order(tx, state=S.DELIVERED)
    done = given.perform(tx, ReportEaten(order_id=order.id), by=given.NURSE)
    assert (done.already, done.cases) == ({"at": given.NOON}, [])


def test_a_cancelled_meal_that_was_eaten_is_a_case_and_moves_nothing(tx: Tx) -> None:
    order = given.order(tx, state=S.CANCELLED)
    done = given.perform(tx, ReportEaten(order_id=order.id), by=given.NURSE)
    assert (done.cases, given.now(tx, order).state) == (["eaten_before_hand_over"], S.CANCELLED)
