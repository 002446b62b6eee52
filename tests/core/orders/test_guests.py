"""R17: food for whoever visits a patient is a meal of its own: paid, marked, and never the patient's."""

from __future__ import annotations

import pytest

from core.delivery.compliance import meals_served
from core.diets.isolation import Isolate
from core.kernel.tx import Tx
from core.menu.commands import MarkOutOfStock
from core.orders.defaults import owed
from core.orders.held import SubstituteDish
from core.orders.model import Order, OrderLine, OrderState
from core.orders.placing import PlaceOrder
from core.orders.tickets import ticket_of
from core.payments.model import Payment
from core.wards.model import Stay
from tests import given

S = OrderState
NOON, MORNING = given.NOON, given.MORNING


def for_guest(stay: Stay, *dishes: str, **more: bool) -> PlaceOrder:
    return given.place(stay, *(dishes or (given.ISOMBE,))).model_copy(update={"guest": True, **more})


def guest_meal(tx: Tx, stay: Stay, *dishes: str, **more: bool) -> Order:
    return given.perform(tx, for_guest(stay, *dishes, **more), by=given.NURSE, at=MORNING).added(Order)[0]


def flags(tx: Tx, order: Order) -> list[str]:
    ticket = ticket_of(given.saved(tx), order.id, at=NOON)
    assert ticket is not None
    return [flag.code for flag in ticket.flags]


def test_r17_a_guest_s_food_is_not_judged_by_what_the_patient_may_eat(tx: Tx) -> None:
    stay = given.stay(tx, allergies=("peanut",), diet=("renal",))
    order = guest_meal(tx, stay)
    given.record_allergy(tx, stay.id, "cassava_leaves")
    assert (given.now(tx, order).state, given.now(tx, order).checked) == (S.CONFIRMED, "allow")


def test_r17_it_is_a_tray_of_its_own_marked_for_a_guest_and_paid(tx: Tx) -> None:
    stay = given.stay(tx, allergies=("peanut",))
    order, own = guest_meal(tx, stay), given.order(tx, stay=stay)
    assert (flags(tx, order), order.guest, own.guest) == (["guest"], True, False)
    assert tx.get(Payment, order.id).due_francs == 1_000


def test_r17_a_guest_s_card_says_what_whoever_enters_must_know(tx: Tx) -> None:
    stay = given.stay(tx)
    order = guest_meal(tx, stay)
    given.perform(tx, Isolate(stay_id=stay.id, isolation="contact"), by=given.NURSE)
    given.nil_by_mouth(tx, stay.id)
    assert flags(tx, order) == ["nil_by_mouth", "isolation", "guest"]
    assert given.now(tx, order).state == S.CONFIRMED


def test_r17_food_beside_somebody_who_fasts_is_asked_about_first(tx: Tx) -> None:
    stay = given.stay(tx)
    given.nil_by_mouth(tx, stay.id, at=MORNING)
    refused = given.refusal(tx, for_guest(stay), by=given.NURSE, at=MORNING)
    assert (refused.code, refused.detail["reason"]) == ("guest_asks", "nil_by_mouth")
    assert guest_meal(tx, stay, confirm=True).state == S.CONFIRMED


def test_r17_so_is_food_in_an_airborne_room(tx: Tx) -> None:
    stay = given.stay(tx)
    given.perform(tx, Isolate(stay_id=stay.id, isolation="airborne"), by=given.NURSE, at=MORNING)
    refused = given.refusal(tx, for_guest(stay), by=given.NURSE, at=MORNING)
    assert (refused.code, refused.detail["reason"]) == ("guest_asks", "isolation_airborne")


def test_r17_a_patient_cannot_call_their_own_meal_a_guest_s(tx: Tx) -> None:
    stay = given.stay(tx, allergies=("peanut",))
    assert given.refusal_of(tx, for_guest(stay), by=given.patient(stay), at=MORNING) == "guest_through_staff"


def test_r17_a_guest_s_meal_counts_for_nothing_of_the_patient_s(tx: Tx) -> None:
    stay = given.stay(tx)
    given.prescribe(tx, stay.id, limits={"sodium_mg": 20}, at=MORNING)
    order = guest_meal(tx, stay, given.SALTY)
    own = given.order(tx, stay=stay, dishes=(given.RICE,))
    given.perform(tx, given.start(order), by=given.COOK)
    assert (own.state, meals_served(given.saved(tx), stay.id, from_at=MORNING, until_at=NOON)) == (S.CONFIRMED, [])


def test_r17_a_patient_whose_guest_eats_still_gets_a_tray(tx: Tx) -> None:
    stay = given.stay(tx)
    guest_meal(tx, stay)
    late = given.perform(tx, given.place(stay, given.RICE), by=given.NURSE, at=given.CUT_OFF).added(Order)
    assert (owed(given.saved(tx), given.CUT_OFF, limit=9), len(late)) == ([], 1)


@pytest.mark.parametrize("state", [S.READY, S.OUT])
def test_r17_it_is_carried_and_handed_over_like_any_tray(tx: Tx, state: OrderState) -> None:
    stay = given.stay(tx, allergies=("peanut",))
    order = guest_meal(tx, stay)
    for command, by in given._life(order.id, state):
        given.perform(tx, command, by=by)
    given.press(tx, given.give(tx, order), by=given.RUNNER)
    done = given.perform(tx, given.give(tx, order), by=given.RUNNER)
    assert (done.cases, given.now(tx, order).state) == ([], S.DELIVERED)


def test_r17_what_has_run_out_is_no_guest_s_either(tx: Tx) -> None:
    given.perform(tx, MarkOutOfStock(dish_id=given.ISOMBE), by=given.COOK, at=MORNING)
    refused = given.refusal(tx, for_guest(given.stay(tx)), by=given.NURSE, at=MORNING)
    assert (refused.code, refused.detail["reason"]) == ("meal_blocked", "out_of_stock")


def test_r17_another_dish_in_a_guest_s_meal_is_not_judged_by_the_patient_either(tx: Tx) -> None:
    order = guest_meal(tx, given.stay(tx, allergies=("peanut",)), given.RICE)
    line = tx.all(OrderLine, of=order)[0]
    swap = SubstituteDish(order_id=order.id, line_id=line.id, dish_id=given.ISOMBE)
    given.perform(tx, swap, by=given.NURSE)
    assert (given.now(tx, order).state, given.now(tx, line).dish_id) == (S.CONFIRMED, given.ISOMBE)
