"""What cannot be gets a clear answer, and nothing of it is half saved."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from core.diets.allergies import RecordAllergy
from core.diets.model import Allergy, CareFile, DietOrder, DietProfile
from core.diets.overrides import AllowDish
from core.diets.prescribing import EndDietOrder, PrescribeDiet
from core.diets.profile import periods_of, standing
from core.handlers import HANDLES
from core.kernel.message import Command
from core.kernel.tx import Tx
from core.kernel.values import Actor
from core.menu.commands import Part, SetDish, SetIngredient
from core.menu.model import DishFacts
from core.orders.model import Order, OrderState
from core.people.access import actor_problem
from core.words.said import refusal_words
from tests import given

NOON = given.NOON


def orders(tx: Tx, stay_id: str) -> list[DietOrder]:
    return tx.all(DietOrder, of=tx.get(CareFile, stay_id))


def test_contradictory_textures_hold_every_tray_and_somebody_is_told(tx: Tx) -> None:
    order = given.order(tx)
    given.prescribe(tx, order.stay_id, food_level="4", at=NOON)
    done = given.prescribe(tx, order.stay_id, food_level="6", beside=True, at=NOON)
    held = given.now(tx, order)
    assert (done.cases, held.state, held.held_for) == (["texture_conflict"], OrderState.HELD, "texture_conflict")


def test_two_active_diets_both_apply_and_neither_is_lost(tx: Tx) -> None:
    stay = given.stay(tx, diet=("low_salt",))
    given.prescribe(tx, stay.id, components=("diabetic",), beside=True)
    assert [one.state for one in orders(tx, stay.id)] == ["active", "active"]
    assert standing(tx.get(DietProfile, stay.id).periods, NOON).components == ("diabetic", "low_salt")


def test_of_two_fasts_an_order_that_names_one_leaves_the_other_and_says_so(tx: Tx) -> None:
    stay = given.stay(tx)
    for _ in range(2):
        given.nil_by_mouth(tx, stay.id, at=NOON)
    fasts = [one.id for one in periods_of(tx.get(DietProfile, stay.id).periods) if one.kind == "nil_by_mouth"]
    diet = PrescribeDiet(stay_id=stay.id, replaces=(fasts[0],), components=("regular",))
    done = given.perform(tx, diet, by=given.DOCTOR)
    assert done.cases == ["fasting_stands"]
    assert standing(tx.get(DietProfile, stay.id).periods, NOON).fasting is not None


def test_an_allergy_that_names_no_known_substance_is_kept_in_words_and_holds_all_food(tx: Tx) -> None:
    order = given.order(tx)
    given.perform(tx, RecordAllergy(stay_id=order.stay_id, code="seawater"), by=given.NURSE)
    kept = tx.all(Allergy, of=tx.get(CareFile, order.stay_id))
    assert [(one.code, one.text) for one in kept] == [("", "seawater")]
    assert given.now(tx, order).held_for == "allergy_unmatched"


def test_a_recipe_that_contains_itself_is_refused_and_the_dish_stays_as_it_was(tx: Tx) -> None:
    before = tx.get(DishFacts, given.RICE)
    circle = SetDish(
        dish_id=given.RICE, name_en="r", name_fr="r", name_rw="r", parts=(Part(recipe_id=given.RICE, grams=5),)
    )
    refused = given.refusal(tx, circle, by=given.LEAD)
    assert (refused.code, tx.get(DishFacts, given.RICE)) == ("recipe_contains_itself", before)


def test_a_nutrient_without_its_unit_is_no_command() -> None:
    with pytest.raises(ValidationError, match="sodium"):
        SetIngredient(ingredient_id="x", name_en="x", name_fr="x", name_rw="x", verified=True, sodium=5)  # type: ignore[call-arg]  # that is what is tested


def test_a_limit_on_a_nutrient_without_its_unit_is_refused_and_nothing_is_ordered(tx: Tx) -> None:
    stay = given.stay(tx)
    before = orders(tx, stay.id)
    diet = PrescribeDiet(stay_id=stay.id, replaces=(), limits={"sodium": 2_000})
    refused = given.refusal(tx, diet, by=given.DOCTOR)
    assert (refused.code, refused.detail["code"], orders(tx, stay.id)) == ("unknown_diet_code", "sodium", before)


def test_nobody_orders_for_a_patient_who_has_gone(tx: Tx) -> None:
    stay = given.stay(tx)
    given.leave(tx, stay, at=given.MORNING)
    refused = given.refusal(tx, given.place(stay), by=given.NURSE, at=given.MORNING)
    assert (refused.code, tx.all(Order, of=stay)) == ("stay_closed", [])


@pytest.mark.parametrize("by", [given.NURSE, given.COOK, given.RUNNER, given.LEAD])
def test_whoever_may_not_allow_a_dish_does_not(by: Actor) -> None:
    assert actor_problem(by, HANDLES[AllowDish.name]) == "not_your_role"


@pytest.mark.parametrize(
    "wrong", [EndDietOrder(diet_order_id="nobody"), PrescribeDiet(stay_id="nobody", replaces=(), components=("soft",))]
)
def test_what_is_about_nobody_known_is_refused_in_three_sentences(tx: Tx, wrong: Command) -> None:
    refused = given.refusal(tx, wrong, by=given.DOCTOR)
    for language in ("en", "fr", "rw"):
        said = refusal_words(refused.code, refused.detail, language)
        assert all((said.what, said.stays, said.next)), (language, said)
