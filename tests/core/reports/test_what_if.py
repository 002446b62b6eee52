"""A described case gets the verdict that a patient would get."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.diets.verdict import VerdictKind
from core.kernel.refusal import Refusal
from core.reports.what_if import Answer, judge, read_case

NOON = "2026-11-24T12:30:00+02:00"
RICE = {"name": "rice", "suits": ["low_salt"], "nutrients": {"sodium_mg": 390}}


def answer(*, dishes: list[dict[str, Any]] | None = None, **case: Any) -> Answer:
    asked = {"allergies_asked": True, "diets": [{"components": ["regular"]}]}
    patient = {**asked, **case.pop("patient", {})}
    whole = {"serve_at": NOON, "patient": patient, "dishes": dishes or [RICE], **case}
    return judge(read_case(json.dumps(whole)))


def reasons(found: Answer) -> list[tuple[str, str]]:
    return [(reason.code, reason.dish_id) for reason in found.whole.reasons]


def test_a_patient_on_a_regular_diet_may_have_rice() -> None:
    assert answer().whole.kind is VerdictKind.ALLOW


def test_nobody_is_allowed_anything_without_a_diet_order() -> None:
    assert reasons(answer(patient={"diets": []})) == [("no_diet_order", "")]


def test_an_allergy_is_found_in_an_ingredient() -> None:
    isombe = {"name": "isombe", "allergens": ["peanut"], "ingredients": ["palm_oil"]}
    assert reasons(answer(patient={"allergies": ["palm_oil"]}, dishes=[isombe])) == [("allergy", "isombe")]


def test_an_allergy_named_counts_as_asked() -> None:
    found = answer(patient={"allergies": ["milk"], "allergies_asked": None})
    assert found.whole.kind is VerdictKind.ALLOW


def test_dishes_of_one_meal_add_up() -> None:
    limited = {"diets": [{"components": ["regular"], "limits": {"sodium_mg": 600}}]}
    again = {**RICE, "name": "rice again"}
    found = answer(patient=limited, dishes=[RICE, again])
    assert [(name, one.code) for name, one in found.dishes] == [("rice", "allow"), ("rice again", "nutrient_limit")]


def test_what_was_eaten_before_counts() -> None:
    limited = {"diets": [{"components": ["regular"], "limits": {"sodium_mg": 600}}]}
    assert reasons(answer(patient=limited, used={"sodium_mg": 300})) == [("nutrient_limit", "rice")]


def test_a_nutrient_that_is_not_named_is_unknown() -> None:
    limited = {"diets": [{"components": ["regular"], "limits": {"potassium_mg": 600}}]}
    assert reasons(answer(patient=limited)) == [("nutrient_unknown", "rice")]


def test_a_fast_that_begins_before_the_meal_blocks_it() -> None:
    fasting = {"nil_by_mouth": [{"from": "2026-11-24T12:00:00+02:00", "reason": "procedure"}]}
    assert answer(patient=fasting).whole.code == "nil_by_mouth"


def test_an_ended_fast_brings_no_diet_back() -> None:
    ended = {"nil_by_mouth": [{"from": "2026-11-24T06:00:00+02:00", "until": "2026-11-24T08:00:00+02:00"}]}
    assert answer(patient=ended).whole.code == "no_diet_order"


def test_two_textures_hold() -> None:
    two = {"diets": [{"food_level": "4"}, {"food_level": "6"}]}
    assert answer(patient=two).whole.code == "texture_conflict"


def test_old_rules_hold_whoever_has_an_allergy() -> None:
    found = answer(patient={"allergies": ["milk"]}, rules_age_minutes=300)
    assert found.whole.code == "rules_old"


@pytest.mark.parametrize(
    "wrong",
    [
        {"serve_at": "noon"},
        {"serve_at": "2026-11-24T12:30:00"},
        {"dishes": []},
        {"extra": 1},
        {"patient": {"allergie": ["milk"]}},
        {"patient": {"diets": [{"components": ["low_carb"]}]}},
        {"patient": {"diets": [{"limits": {"sodium": 600}}]}},
        {"dishes": [{"name": "rice", "allergens": ["ground nut"]}]},
        {"dishes": [{"name": "rice", "allergens": ["groundnut"]}]},
        {"dishes": [{"name": "rice", "nutrients": {"sodium_mg": -1}}]},
        {"used": {"salt": 1}},
        {"rules_age_minutes": -5},
    ],
)
def test_a_case_that_says_something_else_is_refused(wrong: dict[str, Any]) -> None:
    whole = {"serve_at": NOON, "patient": {}, "dishes": [RICE], **wrong}
    with pytest.raises(Refusal) as refused:
        read_case(json.dumps(whole))
    assert refused.value.code == "bad_case_file" and refused.value.detail["why"]


@pytest.mark.parametrize("text", ["", "[]", "{", '"x"', "null"])
def test_what_is_no_case_at_all_is_refused(text: str) -> None:
    with pytest.raises(Refusal):
        read_case(text)
