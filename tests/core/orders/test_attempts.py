"""A press that the rules refuse is itself noted: for whom, at which step, why;
a press that is refused otherwise is not."""

from __future__ import annotations

from typing import Any

import pytest

from core import handlers
from core.care.patients import news
from core.delivery.commands import GiveTray, TakeOut
from core.diets.model import CareFile, DietAttempt
from core.kernel.message import Command
from core.kernel.tx import Tx
from core.menu.defaults import SetDefaultMeal
from core.orders.attempts import NoteAttempt, Ordered
from core.orders.commands import MarkReady, StartCooking
from core.orders.model import OrderState
from core.wards.model import Stay
from tests import given

S = OrderState
NOON = given.NOON
STEPS: list[tuple[OrderState, Any, str]] = [
    (S.CONFIRMED, StartCooking, "start"),
    (S.COOKING, MarkReady, "ready"),
    (S.READY, TakeOut, "take_out"),
    (S.OUT, GiveTray, "give"),
]


@pytest.mark.parametrize(("state", "command", "step"), STEPS)
def test_a_press_that_the_rules_refuse_is_noted_with_its_step(
    tx: Tx, state: OrderState, command: type[Command], step: str
) -> None:
    order = given.order(tx, state=state, dishes=(given.ISOMBE,))
    attempt = handlers.HANDLES[command.name].attempt
    assert attempt is not None
    noted = attempt(command.model_validate({"order_id": order.id}), "meal_blocked")
    assert noted == NoteAttempt(order_id=order.id, step=step)  # type: ignore[arg-type]  # one of the five


@pytest.mark.parametrize(("state", "command", "step"), STEPS)
def test_a_press_that_is_refused_for_another_reason_is_no_attempt(
    tx: Tx, state: OrderState, command: type[Command], step: str
) -> None:
    order = given.order(tx, state=state)
    attempt = handlers.HANDLES[command.name].attempt
    assert attempt is not None
    assert attempt(command.model_validate({"order_id": order.id}), "not_ready") is None


def test_an_attempt_is_told_by_the_verdict_as_it_is_known_now(tx: Tx) -> None:
    order = given.order(tx, dishes=(given.ISOMBE,))
    given.record_allergy(tx, order.stay_id, "peanut")
    done = given.perform(tx, NoteAttempt(order_id=order.id, step="start"), by=given.COOK)
    attempt = done.added(DietAttempt)[0]
    assert (attempt.code, attempt.dish_id, attempt.order_id, attempt.by, attempt.ward_id) == (
        "allergy",
        given.ISOMBE,
        order.id,
        "cook_1",
        "A",
    )


def test_nothing_is_noted_when_the_rules_allow_it_meanwhile(tx: Tx) -> None:
    order = given.order(tx)
    assert given.perform(tx, NoteAttempt(order_id=order.id, step="give"), by=given.RUNNER).changes == []


def test_an_attempt_on_a_meal_that_became_no_order_names_the_dish(tx: Tx) -> None:
    stay = given.stay(tx, allergies=("peanut",))
    command = NoteAttempt(stay_id=stay.id, service_id=given.LUNCH, lines=(Ordered(dish_id=given.ISOMBE),), step="order")
    attempt = given.perform(tx, command, by=given.NURSE).added(DietAttempt)[0]
    assert (attempt.step, attempt.dish_id, attempt.order_id) == ("order", given.ISOMBE, "")


def test_a_console_that_refuses_an_order_notes_the_same_meal_it_refused(tx: Tx) -> None:
    stay = given.stay(tx)
    place = given.place(stay, given.ISOMBE)
    attempt = handlers.HANDLES[place.name].attempt
    assert attempt is not None
    assert attempt(place, "meal_held") == NoteAttempt(
        stay_id=stay.id, service_id=given.LUNCH, lines=place.lines, step="order"
    )


def test_attempts_hang_on_the_clinical_record_and_nobody_else_sees_them(tx: Tx) -> None:
    stay = given.stay(tx, allergies=("peanut",))
    given.refused(tx, given.place(stay, given.ISOMBE), by=given.patient(stay), at=given.MORNING)
    attempts = tx.all(DietAttempt, of=tx.get(CareFile, stay.id))
    assert [DietAttempt.seen_by(attempt.__dict__) for attempt in attempts] == [("care:A",)]


# -- who hears of it --------------------------------------------------------------------------------------------------


def attempts(tx: Tx, stay_id: str) -> list[DietAttempt]:
    return tx.all(DietAttempt, of=tx.get(CareFile, stay_id))


def ordering(stay: Stay, dish: str, service: str = given.LUNCH) -> NoteAttempt:
    """What a console notes when the press is refused there."""
    return NoteAttempt(stay_id=stay.id, service_id=service, lines=(Ordered(dish_id=dish),), step="order")


def test_the_nutritionist_hears_of_a_patient_dish_and_rule_once_a_day_from_whichever_door(tx: Tx) -> None:
    stay = given.stay(tx, allergies=("peanut",))
    given.refused(tx, given.place(stay, given.ISOMBE), by=given.patient(stay), at=given.MORNING)  # a page
    given.refused(tx, given.place(stay, given.ISOMBE), by=given.NURSE, at=given.MORNING)  # the server, for a console
    given.perform(tx, ordering(stay, given.ISOMBE), by=given.NURSE)  # a press on a console
    found = attempts(tx, stay.id)
    told = [(one.kind, one.detail, one.dish_id) for one in news(given.saved(tx), at=NOON) if one.kind == "attempt"]
    assert ([one.told for one in found], {one.day for one in found}) == ([True, False, False], {given.DAY})
    assert told == [("attempt", "allergy", given.ISOMBE)]


def test_another_rule_another_dish_and_another_day_are_told_anew(tx: Tx) -> None:
    stay = given.stay(tx, allergies=("peanut", "milk"))
    given.services(tx, 1)
    wanted = [(given.ISOMBE, given.LUNCH), (given.MILK_PORRIDGE, given.LUNCH), (given.ISOMBE, "2026-11-25-lunch")]
    for dish, service in wanted:
        given.perform(tx, ordering(stay, dish, service), by=given.NURSE)
    assert [one.told for one in attempts(tx, stay.id)] == [True, True, True]


def test_an_attempt_names_a_dish_of_the_same_kind_that_was_allowed(tx: Tx) -> None:
    stay = given.stay(tx, allergies=("peanut",), diet=("low_salt",))
    for rank, dish in enumerate((given.SALTY, given.BEANS), 1):
        default = SetDefaultMeal(default_id=dish, kitchen_id="main", meal="lunch", rank=rank, dish_ids=(dish,))
        given.perform(tx, default, by=given.LEAD, at=given.MIDNIGHT)
    given.refused(tx, given.place(stay, given.ISOMBE), by=given.patient(stay), at=given.MORNING)
    assert [one.suggested_id for one in attempts(tx, stay.id)] == [given.BEANS]


def test_r11_what_would_be_too_much_for_the_day_is_an_attempt_too(tx: Tx) -> None:
    stay = given.stay(tx)
    given.prescribe(tx, stay.id, limits={"sodium_mg": 15}, at=given.MORNING)
    given.order(tx, stay=stay, dishes=(given.RICE,))
    noted = given.perform(tx, ordering(stay, given.BEANS), by=given.NURSE)
    assert [one.code for one in noted.added(DietAttempt)] == ["nutrient_limit"]


def test_r17_what_a_guest_may_not_have_is_no_attempt_of_the_patient(tx: Tx) -> None:
    place = given.place(given.stay(tx), given.ISOMBE).model_copy(update={"guest": True})
    attempt = handlers.HANDLES[place.name].attempt
    assert attempt is not None
    assert attempt(place, "meal_blocked") is None
