"""R16: what somebody allows against the rules is one dish for one patient, with a reason and an end, and no longer."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from core.diets.allergies import RecordAllergiesAsked
from core.diets.commands import HoldTrays
from core.diets.flags import flags_of
from core.diets.model import Allowance, CareFile, DietProfile
from core.diets.overrides import AllowDish, EndAllowance
from core.diets.rules import judge
from core.diets.verdict import Verdict
from core.kernel.tx import Tx
from core.kernel.values import DAY_MS, HOUR_MS, Actor
from core.menu.commands import BackInStock, MarkOutOfStock
from core.menu.model import DishFacts
from core.orders.model import OrderState
from tests import given

NOON, TONIGHT = given.NOON, given.NOON + 8 * HOUR_MS


def profile(tx: Tx, stay_id: str) -> DietProfile:
    return tx.get(DietProfile, stay_id)


def verdict(tx: Tx, stay_id: str, dish: str, *, serve_at: int = NOON) -> Verdict:
    tx.begin(given.act(HoldTrays(stay_id=stay_id, reason="-"), by=given.NURSE, at=NOON))
    found = judge(tx, stay_id=stay_id, dish_id=dish, serve_at=serve_at)
    tx.drop()
    return found


def on_low_salt(tx: Tx) -> str:
    stay = given.stay(tx)
    given.prescribe(tx, stay.id, components=("low_salt",))
    return stay.id


def allow(tx: Tx, stay_id: str, dish: str = given.SALTY, *codes: str, **more: Any) -> AllowDish:
    fields: dict[str, Any] = {
        "stay_id": stay_id,
        "dish_id": dish,
        "codes": codes or ("component",),
        "why": "eats nothing else",
        "until_at": TONIGHT,
        "rules_version": profile(tx, stay_id).rules_version,
    }
    return AllowDish(**{**fields, **more})


def allowed(
    tx: Tx, stay_id: str, dish: str = given.SALTY, *codes: str, by: Actor = given.DOCTOR, **more: Any
) -> Allowance:
    return given.perform(tx, allow(tx, stay_id, dish, *codes, **more), by=by).added(Allowance)[0]


# -- what it does ---------------------------------------------------------------------------------------------------


def test_r16_what_a_nutritionist_allows_is_allowed_and_says_against_what(tx: Tx) -> None:
    stay_id = on_low_salt(tx)
    before = verdict(tx, stay_id, given.SALTY).code
    allowed(tx, stay_id, by=given.NUTRITIONIST)
    found = verdict(tx, stay_id, given.SALTY)
    assert (before, found.code, [reason.code for reason in found.overridden]) == ("component", "allow", ["component"])


def test_r16_it_holds_for_that_dish_and_for_that_patient(tx: Tx) -> None:
    mine, other = on_low_salt(tx), on_low_salt(tx)
    given.dish(tx, "salt_fish", "goat", price=900, suits=("regular",))
    allowed(tx, mine)
    found = [verdict(tx, stay, dish).code for stay, dish in ((mine, "salt_fish"), (other, given.SALTY))]
    assert found == ["component", "component"]


def test_r16_it_holds_against_the_reasons_that_were_named_and_no_others(tx: Tx) -> None:
    stay_id = on_low_salt(tx)
    given.prescribe(tx, stay_id, components=("low_salt",), limits={"sodium_mg": 100})
    allowed(tx, stay_id)
    assert verdict(tx, stay_id, given.SALTY).code == "nutrient_limit"


def test_r16_it_ends_by_itself(tx: Tx) -> None:
    stay_id = on_low_salt(tx)
    allowed(tx, stay_id)
    found = [verdict(tx, stay_id, given.SALTY, serve_at=at).code for at in (TONIGHT - 1, TONIGHT)]
    assert found == ["allow", "component"]


def test_r16_a_held_meal_is_released_with_it_and_its_label_says_so(tx: Tx) -> None:
    stay = given.stay(tx)
    order = given.order(tx, stay=stay, dishes=(given.SALTY,))
    given.prescribe(tx, stay.id, components=("low_salt",))
    held = given.now(tx, order).state
    allowed(tx, stay.id)
    released = given.now(tx, order)
    meal = verdict(tx, stay.id, given.SALTY)
    flags = [flag.code for flag in flags_of(profile(tx, stay.id), serve_at=NOON, at=NOON, meal=meal)]
    assert (held, released.state, released.overridden, "override" in flags) == (
        OrderState.HELD,
        OrderState.CONFIRMED,
        "component",
        True,
    )


def test_r16_who_may_not_eat_at_all_is_not_fed_by_an_allowance(tx: Tx) -> None:
    stay_id = on_low_salt(tx)
    given.nil_by_mouth(tx, stay_id)
    allowed(tx, stay_id)
    assert verdict(tx, stay_id, given.SALTY).code == "nil_by_mouth"


# -- what ends it ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("change", ["allergy", "diet", "fast", "hold"])
def test_r16_any_newer_rule_of_the_patient_voids_it_for_good(tx: Tx, change: str) -> None:
    stay_id = on_low_salt(tx)
    allowance = allowed(tx, stay_id)
    if change == "allergy":
        given.record_allergy(tx, stay_id, "milk")
    elif change == "diet":
        given.prescribe(tx, stay_id, components=("low_salt",))
    elif change == "fast":
        given.nil_by_mouth(tx, stay_id)
    else:
        given.perform(tx, HoldTrays(stay_id=stay_id, reason="vomits"), by=given.NURSE)
    given.prescribe(tx, stay_id, components=("low_salt",))
    ended = given.now(tx, allowance)
    assert (verdict(tx, stay_id, given.SALTY).code, ended.ended_at, bool(ended.ended_why)) == ("component", NOON, True)


def test_r16_a_change_of_the_dish_leaves_it_without_effect(tx: Tx) -> None:
    stay_id = on_low_salt(tx)
    allowed(tx, stay_id)
    given.ingredient(tx, "goat", sodium_mg=2_000)
    assert verdict(tx, stay_id, given.SALTY).code == "component"


def test_r16_a_stop_comes_back_when_the_allowance_is_void(tx: Tx) -> None:
    order = given.order(tx, dishes=(given.SALTY,), state=OrderState.COOKING)
    stops = []
    given.prescribe(tx, order.stay_id, components=("low_salt",))
    stops.append(given.now(tx, order).stop)
    allowed(tx, order.stay_id)
    stops.append(given.now(tx, order).stop)
    given.record_allergy(tx, order.stay_id, "milk")
    stops.append(given.now(tx, order).stop)
    assert stops == ["component", "", "component"]


def test_a_question_that_changes_nothing_voids_nothing(tx: Tx) -> None:
    stay_id = on_low_salt(tx)
    allowed(tx, stay_id)
    given.perform(tx, RecordAllergiesAsked(stay_id=stay_id, none=True), by=given.NURSE)
    assert verdict(tx, stay_id, given.SALTY).code == "allow"


def test_whoever_may_allow_it_ends_it_once(tx: Tx) -> None:
    stay_id = on_low_salt(tx)
    allowance = allowed(tx, stay_id)
    given.perform(tx, EndAllowance(allowance_id=allowance.id), by=given.NUTRITIONIST)
    again = given.perform(tx, EndAllowance(allowance_id=allowance.id), by=given.DOCTOR)
    assert (verdict(tx, stay_id, given.SALTY).code, again.already) == ("component", {"by": "nutritionist_1"})


def test_two_allowances_stand_beside_one_another(tx: Tx) -> None:
    stay_id = on_low_salt(tx)
    given.dish(tx, "salt_fish", "goat", price=900, suits=("regular",))
    first = allowed(tx, stay_id)
    allowed(tx, stay_id, "salt_fish")
    given.perform(tx, EndAllowance(allowance_id=first.id), by=given.DOCTOR)
    assert [verdict(tx, stay_id, dish).code for dish in (given.SALTY, "salt_fish")] == ["component", "allow"]


def test_a_dish_that_ran_out_and_came_back_must_be_allowed_anew(tx: Tx) -> None:
    """Its facts have a newer version: that nothing in them can harm is for a person to see."""
    stay_id = on_low_salt(tx)
    allowed(tx, stay_id)
    given.perform(tx, MarkOutOfStock(dish_id=given.SALTY), by=given.COOK)
    given.perform(tx, BackInStock(dish_id=given.SALTY), by=given.COOK)
    assert verdict(tx, stay_id, given.SALTY).code == "component"


# -- who may --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["allergy", "texture", "fluid", "recipe_unverified"])
def test_a_nutritionist_allows_diet_and_nutrients_and_nothing_that_can_choke_or_kill(tx: Tx, code: str) -> None:
    stay_id = on_low_salt(tx)
    command = allow(tx, stay_id, given.SALTY, code, second_id="doctor_1")
    assert given.refusal_of(tx, command, by=given.NUTRITIONIST) == "not_yours_to_allow"


@pytest.mark.parametrize(
    "code", ["nil_by_mouth", "no_diet_order", "no_stay", "trays_held", "out_of_stock", "allergy_unmatched"]
)
def test_nobody_allows_what_is_no_property_of_the_dish(tx: Tx, code: str) -> None:
    stay_id = on_low_salt(tx)
    assert given.refusal_of(tx, allow(tx, stay_id, given.SALTY, code), by=given.DOCTOR) == "not_yours_to_allow"


@pytest.mark.parametrize(
    ("second", "refused"),
    [
        ("", "second_person_needed"),
        ("doctor_1", "second_person_needed"),
        ("cook_1", "second_person_needed"),
        ("nobody", "second_person_needed"),
        ("nurse_1", ""),
        ("nutritionist_1", ""),
    ],
)
def test_r16_against_an_allergy_a_second_person_of_the_ward_stands_by_it(tx: Tx, second: str, refused: str) -> None:
    stay = given.stay(tx, allergies=("peanut",))
    command = allow(tx, stay.id, given.ISOMBE, "allergy", second_id=second)
    assert given.refusal_of(tx, command, by=given.DOCTOR) == refused
    assert verdict(tx, stay.id, given.ISOMBE).code == ("allergy" if refused else "allow")


@pytest.mark.parametrize("by", [given.NURSE, given.COOK, given.ADMIN])
def test_nobody_else_allows_anything(by: Actor) -> None:
    from core.handlers import HANDLES

    assert not by.roles & HANDLES[AllowDish.name].roles


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"until_at": NOON}, "allowance_over_already"),
        ({"until_at": NOON + 7 * DAY_MS + 1}, "allowance_too_long"),
        ({"rules_version": 1}, "rules_changed_meanwhile"),
        ({"dish_id": "no_such_dish"}, "gone"),
    ],
)
def test_an_allowance_that_cannot_be_is_refused_and_nothing_is_saved(tx: Tx, more: dict[str, Any], code: str) -> None:
    stay_id = on_low_salt(tx)
    before = profile(tx, stay_id)
    assert (given.refusal_of(tx, allow(tx, stay_id, **more), by=given.DOCTOR), profile(tx, stay_id)) == (code, before)
    assert tx.all(Allowance, of=tx.get(CareFile, stay_id)) == []


def test_nothing_is_allowed_to_somebody_who_has_gone(tx: Tx) -> None:
    stay = given.stay(tx)
    given.leave(tx, stay)
    assert given.refusal_of(tx, allow(tx, stay.id), by=given.DOCTOR) == "stay_closed"


def test_an_allowance_has_its_reason_in_words_and_stays_in_the_record(tx: Tx) -> None:
    stay_id = on_low_salt(tx)
    with pytest.raises(ValidationError):
        allow(tx, stay_id, why=" ")
    allowance = allowed(tx, stay_id)
    version = tx.get(DishFacts, given.SALTY).version
    assert (allowance.why, allowance.allowed_by, Allowance.seen_by(allowance.__dict__)) == (
        "eats nothing else",
        "doctor_1",
        ("care:A",),
    )
    assert f'"facts":{version}' in profile(tx, stay_id).allowances
    assert "eats nothing else" not in profile(tx, stay_id).allowances
