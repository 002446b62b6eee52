"""A press that the rules refuse is itself noted: for whom, at which step, why;
a press that is refused otherwise is not."""

from __future__ import annotations

from typing import Any

import pytest

from core import handlers
from core.delivery.commands import GiveTray, TakeOut
from core.diets.model import CareFile, DietAttempt
from core.kernel.message import Command
from core.kernel.tx import Tx
from core.orders.attempts import NoteAttempt, Ordered
from core.orders.commands import MarkReady, StartCooking
from core.orders.model import OrderState
from tests import given

S = OrderState
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
