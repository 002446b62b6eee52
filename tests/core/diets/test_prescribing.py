"""Who writes a diet order: a doctor; a draft waits for one, and what was heard by telephone is signed within a day."""

from __future__ import annotations

from typing import Any

import pytest

from core.diets.commands import EndDietOrder, HoldTrays
from core.diets.model import CareFile, DietOrder, DietProfile, DietState
from core.diets.prescribing import CosignDiet, DraftDiet, MissSignature, SignDiet, TakeVerbalDiet
from core.diets.profile import replaced_by_order
from core.diets.queries import unsigned
from core.diets.rules import judge
from core.kernel.tx import Tx
from core.kernel.values import DAY_MS, HOUR_MS, SYSTEM
from core.orders.model import OrderState
from tests import given

NOON = given.NOON


def code(tx: Tx, stay_id: str, dish: str = given.SALTY, *, serve_at: int = NOON) -> str:
    tx.begin(given.act(HoldTrays(stay_id=stay_id, reason="-"), by=given.NURSE, at=NOON))
    found = judge(tx, stay_id=stay_id, dish_id=dish, serve_at=serve_at)
    tx.drop()
    return found.code


def standing(tx: Tx, stay_id: str) -> tuple[str, ...]:
    return replaced_by_order(tx.get(DietProfile, stay_id).periods, from_at=NOON)


def draft(tx: Tx, stay_id: str, **more: Any) -> DietOrder:
    command = DraftDiet(stay_id=stay_id, components=("low_salt",), **more)
    return given.perform(tx, command, by=given.NUTRITIONIST).added(DietOrder)[0]


def heard(tx: Tx, stay_id: str, doctor_id: str = "doctor_1") -> TakeVerbalDiet:
    return TakeVerbalDiet(
        stay_id=stay_id, components=("low_salt",), replaces=standing(tx, stay_id), doctor_id=doctor_id
    )


# -- drafts ---------------------------------------------------------------------------------------------------------


def test_a_draft_feeds_nobody_and_forbids_nothing(tx: Tx) -> None:
    fed, hungry = given.stay(tx), given.stay(tx, diet=None)
    before = tx.get(DietProfile, fed.id)
    drafts = [draft(tx, stay.id) for stay in (fed, hungry)]
    assert ([one.state for one in drafts], tx.get(DietProfile, fed.id)) == ([DietState.DRAFT] * 2, before)
    assert (code(tx, fed.id), code(tx, hungry.id)) == ("allow", "no_diet_order")


def test_a_draft_that_a_doctor_signs_is_the_doctor_s_order_and_holds_from_then(tx: Tx) -> None:
    stay = given.stay(tx)
    proposed = draft(tx, stay.id)
    given.perform(tx, SignDiet(diet_order_id=proposed.id, replaces=standing(tx, stay.id)), by=given.DOCTOR)
    signed = given.now(tx, proposed)
    assert (signed.state, signed.ordered_by, signed.drafted_by, code(tx, stay.id)) == (
        DietState.ACTIVE,
        "doctor_1",
        "nutritionist_1",
        "component",
    )


def test_a_signed_draft_judges_the_open_meals_at_once(tx: Tx) -> None:
    stay = given.stay(tx)
    order = given.order(tx, stay=stay, dishes=(given.SALTY,))
    proposed = draft(tx, stay.id)
    given.perform(tx, SignDiet(diet_order_id=proposed.id, replaces=standing(tx, stay.id)), by=given.DOCTOR)
    assert given.now(tx, order).state == OrderState.HELD


def test_a_draft_keeps_the_hours_it_was_written_for(tx: Tx) -> None:
    stay = given.stay(tx)
    proposed = draft(tx, stay.id, from_at=NOON + HOUR_MS, limits={"sodium_mg": 5}, food_level="7")
    given.perform(tx, SignDiet(diet_order_id=proposed.id, replaces=()), by=given.DOCTOR)
    assert (code(tx, stay.id), code(tx, stay.id, serve_at=NOON + HOUR_MS)) == ("allow", "component")


def test_a_draft_is_signed_once(tx: Tx) -> None:
    stay = given.stay(tx)
    proposed = draft(tx, stay.id)
    sign = SignDiet(diet_order_id=proposed.id, replaces=())
    given.perform(tx, sign, by=given.DOCTOR)
    assert given.refusal_of(tx, sign, by=given.DOCTOR) == "not_a_draft"


def test_a_draft_whose_time_is_over_cannot_be_signed_any_more(tx: Tx) -> None:
    stay = given.stay(tx)
    proposed = draft(tx, stay.id, until_at=NOON + HOUR_MS)
    late = SignDiet(diet_order_id=proposed.id, replaces=())
    assert given.refusal_of(tx, late, by=given.DOCTOR, at=NOON + HOUR_MS) == "diet_over_already"


def test_a_draft_that_is_thrown_away_was_never_in_force(tx: Tx) -> None:
    stay = given.stay(tx)
    proposed = draft(tx, stay.id)
    before = tx.get(DietProfile, stay.id)
    given.perform(tx, EndDietOrder(diet_order_id=proposed.id), by=given.DOCTOR)
    assert (given.now(tx, proposed).state, tx.get(DietProfile, stay.id)) == (DietState.ENDED, before)


# -- by word of mouth -----------------------------------------------------------------------------------------------


def test_what_a_nurse_hears_holds_at_once_in_the_name_of_its_doctor(tx: Tx) -> None:
    stay = given.stay(tx)
    order = given.perform(tx, heard(tx, stay.id), by=given.NURSE).added(DietOrder)[0]
    assert (order.ordered_by, order.heard_by, order.signed_at, code(tx, stay.id)) == (
        "doctor_1",
        "nurse_1",
        None,
        "component",
    )


@pytest.mark.parametrize("nobody", ["nurse_1", "cook_1", "no_such_person"])
def test_only_a_doctor_gives_a_verbal_order(tx: Tx, nobody: str) -> None:
    stay = given.stay(tx)
    refused = given.refusal_of(tx, heard(tx, stay.id, nobody), by=given.NURSE)
    assert (refused, len(tx.all(DietOrder, of=tx.get(CareFile, stay.id)))) == ("not_a_doctor", 1)


def test_a_verbal_order_is_signed_once_by_a_doctor(tx: Tx) -> None:
    stay = given.stay(tx)
    order = given.perform(tx, heard(tx, stay.id), by=given.NURSE).added(DietOrder)[0]
    given.perform(tx, CosignDiet(diet_order_id=order.id), by=given.DOCTOR)
    again = given.perform(tx, CosignDiet(diet_order_id=order.id), by=given.DOCTOR)
    signed = given.now(tx, order)
    assert (signed.signed_by, signed.signed_at, again.already) == ("doctor_1", NOON, {"by": "doctor_1"})


def test_what_a_doctor_has_written_needs_no_second_signature(tx: Tx) -> None:
    stay = given.stay(tx)
    order = given.prescribe(tx, stay.id).added(DietOrder)[0]
    assert given.refusal_of(tx, CosignDiet(diet_order_id=order.id), by=given.DOCTOR) == "not_a_verbal_order"


def test_after_a_day_without_a_signature_somebody_is_told_once_and_the_order_holds(tx: Tx) -> None:
    stay = given.stay(tx)
    order = given.perform(tx, heard(tx, stay.id), by=given.NURSE).added(DietOrder)[0]
    tomorrow = NOON + DAY_MS
    found = [unsigned(given.saved(tx), at) for at in (tomorrow - 1, tomorrow)]
    given.perform(tx, MissSignature(diet_order_id=order.id), by=SYSTEM, at=tomorrow)
    case = given.open_cases(tx)[-1]
    assert found == [[], [(order.id, tomorrow)]]
    assert (case.code, case.stay_id, case.ward_id, case.actor_id) == (
        "verbal_order_not_signed",
        stay.id,
        "A",
        "doctor_1",
    )
    assert (unsigned(given.saved(tx), tomorrow), code(tx, stay.id)) == ([], "component")


def test_a_signed_order_is_not_asked_after(tx: Tx) -> None:
    stay = given.stay(tx)
    order = given.perform(tx, heard(tx, stay.id), by=given.NURSE).added(DietOrder)[0]
    given.perform(tx, CosignDiet(diet_order_id=order.id), by=given.DOCTOR)
    done = given.perform(tx, MissSignature(diet_order_id=order.id), by=SYSTEM, at=NOON + DAY_MS)
    assert (unsigned(given.saved(tx), NOON + DAY_MS), done.already) == ([], {"by": "doctor_1"})
