"""What the kitchen's wall is told: which meals, in which sequence, with which flags,
and what is counted beside them."""

from __future__ import annotations

import pytest

from core.diets.commands import PrescribeDiet
from core.kernel.tx import Tx
from core.kernel.values import MINUTE_MS
from core.menu.commands import MarkOutOfStock
from core.orders.commands import AcknowledgeChange, AcknowledgeStop, FlagProblem, StartCooking, TakeBack
from core.orders.counts import dish_counts, trolleys
from core.orders.history import life_of, made_last, trays_before, why
from core.orders.kitchen import KitchenBoard, age_order, diet_order, kitchen_board
from core.orders.model import OrderState
from core.orders.placing import CancelOrder
from tests import given

SEVEN = given.NOON - 20 * MINUTE_MS


def board(tx: Tx, *, at: int = SEVEN, rules_age: int | None = 0) -> KitchenBoard:
    return kitchen_board(given.saved(tx), at=at, rules_age=rules_age)


def numbers(found: KitchenBoard) -> list[str]:
    return [ticket.number for ticket in found.tickets]


# -- which meals ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [OrderState.CONFIRMED, OrderState.HELD, OrderState.COOKING, OrderState.KITCHEN_ISSUE])
def test_what_waits_for_the_stove_or_stands_on_it_is_on_the_wall(tx: Tx, state: OrderState) -> None:
    order = given.order(tx, state=state, at=SEVEN)
    assert numbers(board(tx)) == [order.number]


@pytest.mark.parametrize("state", [OrderState.READY, OrderState.OUT, OrderState.DELIVERED, OrderState.CANCELLED])
def test_what_has_left_the_stove_is_not(tx: Tx, state: OrderState) -> None:
    given.order(tx, state=state, at=SEVEN)
    assert numbers(board(tx)) == []


def test_a_meal_of_this_evening_is_only_counted_as_coming(tx: Tx) -> None:
    given.order(tx, service=given.DINNER, at=given.NOON, placed_at=given.NOON)
    found = board(tx, at=given.NOON + MINUTE_MS)
    assert (numbers(found), found.counts.coming, found.counts.to_cook) == ([], 1, 0)


@pytest.mark.parametrize("state", [OrderState.COOKING, OrderState.READY, OrderState.OUT])
def test_a_stop_stands_on_the_wall_until_it_is_read_wherever_its_tray_is(tx: Tx, state: OrderState) -> None:
    order = given.order(tx, state=state, at=SEVEN)
    given.nil_by_mouth(tx, order.stay_id, at=SEVEN)
    before = board(tx)
    given.perform(tx, AcknowledgeStop(order_id=order.id), by=given.COOK, at=SEVEN)
    assert (numbers(before), before.counts.stopped, numbers(board(tx))) == ([order.number], 1, [])


def test_a_meal_cancelled_on_the_stove_is_a_stop(tx: Tx) -> None:
    order = given.order(tx, state=OrderState.COOKING, at=SEVEN)
    given.perform(tx, CancelOrder(order_id=order.id), by=given.NURSE, at=SEVEN)
    ticket = board(tx).tickets[0]
    assert (ticket.is_stopped, ticket.flags[0].code) == (True, "cancelled")


# -- in which sequence ------------------------------------------------------------------------------------------------


def test_beds_are_walked_as_people_count(tx: Tx) -> None:
    given.perform(tx, given.AddBeds(ward_id="A", beds=(given.NewBed(bed_id="A-10"), given.NewBed(bed_id="A-2"))))
    for bed in ("A-10", "A-2"):
        given.order(tx, stay=given.stay(tx, bed=bed))
    assert [ticket.bed for ticket in board(tx).tickets] == ["A-2", "A-10"]


def test_the_ward_that_is_reached_first_comes_first(tx: Tx) -> None:
    for ward in ("B", "A"):
        given.order(tx, stay=given.stay(tx, ward=ward))
    assert [ticket.ward_id for ticket in board(tx).tickets] == ["A", "B"]


def test_another_view_puts_equal_diets_together_or_the_oldest_first(tx: Tx) -> None:
    late = given.order(tx, stay=given.stay(tx, diet=("diabetic",)), placed_at=given.MORNING + MINUTE_MS)
    plain = given.order(tx, stay=given.stay(tx), placed_at=given.MORNING)
    other = given.order(tx, stay=given.stay(tx, diet=("diabetic",)), placed_at=given.MORNING + 2 * MINUTE_MS)
    tickets = board(tx).tickets
    by_diet = [ticket.number for ticket in sorted(tickets, key=diet_order)]
    by_age = [ticket.number for ticket in sorted(tickets, key=age_order)]
    assert (by_diet, by_age) == (
        [plain.number, late.number, other.number],
        [plain.number, late.number, other.number],
    )


# -- what stands on it ------------------------------------------------------------------------------------------------


def test_a_change_after_the_order_is_told_with_what_was_until_somebody_has_read_it(tx: Tx) -> None:
    order = given.order(tx)
    given.prescribe(tx, order.stay_id, components=("diabetic",), at=SEVEN)
    changed = board(tx).tickets[0].changed
    assert changed is not None
    assert (changed.at, changed.was) == (SEVEN, ("regular",))
    given.perform(tx, AcknowledgeChange(order_id=order.id, rules_version=changed.version), by=given.COOK)
    assert board(tx).tickets[0].changed is None


def test_a_second_change_is_told_again(tx: Tx) -> None:
    order = given.order(tx)
    given.prescribe(tx, order.stay_id, components=("diabetic",), at=SEVEN)
    first = board(tx).tickets[0].changed
    assert first is not None
    given.perform(tx, AcknowledgeChange(order_id=order.id, rules_version=first.version), by=given.COOK)
    given.prescribe(tx, order.stay_id, components=("low_salt",), at=SEVEN + MINUTE_MS)
    second = board(tx).tickets[0].changed
    assert second is not None
    assert (second.version > first.version, second.was) == (True, ("diabetic",))


def test_reading_a_change_twice_counts_once_by_the_first(tx: Tx) -> None:
    order = given.order(tx)
    given.prescribe(tx, order.stay_id, components=("diabetic",), at=SEVEN)
    changed = board(tx).tickets[0].changed
    assert changed is not None
    read = AcknowledgeChange(order_id=order.id, rules_version=changed.version)
    given.perform(tx, read, by=given.COOK)
    assert given.perform(tx, read, by=given.COOK_2).already == {"by": "cook_1"}


def test_old_rules_are_a_flag_for_a_patient_with_an_allergy(tx: Tx) -> None:
    given.order(tx, stay=given.stay(tx, allergies=("milk",)))
    codes = [flag.code for flag in board(tx, rules_age=5 * 60 * MINUTE_MS).tickets[0].flags]
    assert codes == ["allergy", "rules_old"]


def test_a_bed_that_is_not_known_is_the_ward(tx: Tx) -> None:
    given.order(tx, stay=given.stay(tx, ward="B"))
    assert board(tx).tickets[0].bed == "B"


def test_who_cooks_it_is_told_by_role_and_number(tx: Tx) -> None:
    order = given.order(tx)
    given.perform(tx, StartCooking(order_id=order.id), by=given.COOK_2, at=SEVEN)
    assert board(tx).tickets[0].cook == "cook_2"


def test_a_dish_is_named_in_the_cooks_language(tx: Tx) -> None:
    given.order(tx, dishes=(given.RICE,))
    found = kitchen_board(given.saved(tx), at=SEVEN, language="rw")
    assert [item.name for item in found.tickets[0].items] == ["umuceri"]


# -- counts -----------------------------------------------------------------------------------------------------------


def test_the_top_row_counts_what_is_to_cook_cooking_ready_and_held(tx: Tx) -> None:
    for state in (
        OrderState.CONFIRMED,
        OrderState.COOKING,
        OrderState.READY,
        OrderState.HELD,
        OrderState.KITCHEN_ISSUE,
    ):
        given.order(tx, state=state, at=SEVEN)
    counts = board(tx).counts
    assert (counts.to_cook, counts.cooking, counts.ready, counts.held) == (2, 1, 1, 1)


def test_a_low_salt_tray_cannot_hide_in_the_sum_of_a_dish(tx: Tx) -> None:
    given.order(tx, dishes=(given.RICE,))
    given.order(tx, stay=given.stay(tx, diet=("low_salt",)), dishes=(given.RICE,))
    given.order(tx, dishes=(given.RICE,), state=OrderState.READY, at=SEVEN)
    rice = dish_counts(board(tx).everything)[0]
    kinds = [([flag.arguments["components"] for flag in kind.flags], kind.left, kind.done) for kind in rice.kinds]
    assert (rice.left, rice.done, kinds) == (2, 1, [([], 1, 1), (["low_salt"], 1, 0)])


def test_a_trolley_tells_how_many_are_given_and_where_its_runner_was(tx: Tx) -> None:
    at_bed = given.stay(tx, bed="A-001")
    given.order(tx, stay=at_bed, state=OrderState.DELIVERED)
    given.order(tx, state=OrderState.READY)
    db = given.saved(tx)
    found = trolleys(db, kitchen_board(db, at=given.NOON).everything, given.LUNCH)[0]
    told = (found.ward_id, found.delivered, found.left, found.ready, found.all, found.runner, found.near_bed)
    assert told == ("A", 1, 1, 2, 2, "runner_1", "A-001")


def test_what_has_run_out_is_named(tx: Tx) -> None:
    given.perform(tx, MarkOutOfStock(dish_id=given.RICE), by=given.COOK)
    assert board(tx).out_of_stock == (given.RICE,)


def test_between_meals_the_wall_knows_what_opens_next(tx: Tx) -> None:
    found = board(tx, at=given.MIDNIGHT)
    assert found.service is None
    assert found.next_service is not None
    assert found.next_service.meal == "lunch"


# -- what has been ----------------------------------------------------------------------------------------------------


def test_the_last_steps_can_come_back_and_those_built_upon_cannot(tx: Tx) -> None:
    ready = given.order(tx, state=OrderState.READY, at=given.NOON)
    out = given.order(tx, state=OrderState.OUT, at=given.NOON)
    found = {made.order_id: made.can_come_back for made in made_last(given.saved(tx), since=given.MIDNIGHT)}
    assert found == {ready.id: True, out.id: False}


def test_a_step_that_was_taken_back_is_not_made_any_more(tx: Tx) -> None:
    order = given.order(tx, state=OrderState.COOKING, at=given.NOON)
    given.perform(tx, TakeBack(order_id=order.id, step="cooking"), by=given.COOK, at=given.NOON + MINUTE_MS)
    made = made_last(given.saved(tx), since=given.MIDNIGHT)
    assert [one.can_come_back for one in made] == [False]


def test_a_meals_life_is_told_from_its_first_step_with_who_and_when(tx: Tx) -> None:
    order = given.order(tx, state=OrderState.READY, at=given.NOON)
    steps = [(step.to_state, step.by) for step in life_of(given.saved(tx), order.id)]
    assert steps == [("confirmed", ""), ("cooking", "cook_1"), ("ready", "cook_1")]


def test_a_patients_last_trays_are_told_the_newest_first(tx: Tx) -> None:
    stay = given.stay(tx)
    first = given.order(tx, stay=stay, placed_at=given.MORNING)
    second = given.order(tx, stay=stay, placed_at=given.MORNING + MINUTE_MS)
    assert [order.id for order in trays_before(given.saved(tx), stay.id)] == [second.id, first.id]


def test_why_names_the_rule_its_version_and_who_set_it(tx: Tx) -> None:
    order = given.order(tx)
    given.nil_by_mouth(tx, order.stay_id, at=SEVEN)
    found = why(given.saved(tx), order.id, at=SEVEN, rules_age=0)
    assert found is not None
    assert (found.kind, found.reasons[0].code, found.changed_by, found.changed_at) == (
        "block",
        "nil_by_mouth",
        "doctor_1",
        SEVEN,
    )


def test_why_is_nothing_for_a_meal_that_is_not_held_here(tx: Tx) -> None:
    assert why(given.saved(tx), "order-9", at=SEVEN, rules_age=0) is None


def test_a_problem_is_marked_on_its_card(tx: Tx) -> None:
    order = given.order(tx)
    given.perform(tx, FlagProblem(order_id=order.id, problem="cold"), by=given.COOK)
    assert board(tx).tickets[0].problem == "cold"


def test_regular_beside_another_diet_is_no_flag(tx: Tx) -> None:
    stay = given.stay(tx)
    given.perform(tx, PrescribeDiet(stay_id=stay.id, replaces=(), components=("diabetic",)), by=given.DOCTOR, at=SEVEN)
    given.order(tx, stay=stay)
    flags = [flag.arguments for flag in board(tx).tickets[0].flags if flag.code == "component"]
    assert flags == [{"components": "diabetic"}]
