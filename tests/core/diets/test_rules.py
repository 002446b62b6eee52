"""The rules of what a patient may eat, one test or more for each, named after its number in the design."""

from __future__ import annotations

import itertools
from fractions import Fraction

import pytest

from core.diets.catalogue import DRINK_LEVELS, FOOD_LEVELS
from core.diets.nutrients import NOTHING_YET, amounts_of, of_portion
from core.diets.profile import with_diet
from core.diets.verdict import REASONS, Reason, Thresholds, Verdict, VerdictKind, together, verdict
from core.kernel.values import DAY_MS, HOUR_MS, MINUTE_MS
from tests.core.diets.plates import NOON, diet, dish, fast, hold, patient

ALLOW, WARN, HOLD, BLOCK = VerdictKind.ALLOW, VerdictKind.WARN, VerdictKind.HOLD, VerdictKind.BLOCK


def codes(found: Verdict) -> list[str]:
    return [reason.code for reason in found.reasons]


# -- R1 -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tags", [tags for size in range(4) for tags in itertools.combinations(
    ("diabetic", "low_salt", "vegetarian"), size
)])  # fmt: skip
def test_r1_an_allergy_is_no_diet_tag_isombe_is_blocked_under_every_combination_of_tags(tags: tuple[str, ...]) -> None:
    isombe = dish("isombe", allergens="peanut", suits=" ".join(tags), preferences=" ".join(tags))
    found = verdict(patient(diet("diabetic"), allergens="peanut"), isombe, serve_at=NOON, at=NOON)
    assert (found.kind, found.code, found.reasons[0].arguments) == (
        BLOCK,
        "allergy",
        {"substance": "peanut", "how": "contains"},
    )


def test_r1_what_may_contain_it_is_blocked_as_well_and_says_so() -> None:
    found = verdict(patient(allergens="gluten"), dish(may_contain="gluten"), serve_at=NOON, at=NOON)
    assert (found.kind, found.reasons[0].arguments["how"]) == (BLOCK, "may_contain")


def test_r1_an_allergy_to_one_ingredient_finds_it_in_the_recipe() -> None:
    found = verdict(patient(allergens="pineapple"), dish(ingredients="papaya pineapple"), serve_at=NOON, at=NOON)
    assert found.code == "allergy"


def test_r1_a_substance_whose_name_begins_alike_is_another_one() -> None:
    found = verdict(patient(allergens="egg"), dish(ingredients="eggplant", allergens="nuts"), serve_at=NOON, at=NOON)
    assert found.kind is ALLOW


# -- R2, R3 ---------------------------------------------------------------------------------------------------------


def test_r2_there_are_four_verdicts_and_the_gravest_reason_decides() -> None:
    every = [Reason("preference"), Reason("rules_old"), Reason("allergy")]
    assert [Verdict(tuple(every[:count])).kind for count in range(4)] == [ALLOW, WARN, HOLD, BLOCK]


def test_r3_all_reasons_are_returned_in_their_fixed_order_and_the_first_is_the_headline() -> None:
    nobody = patient(
        diet("diabetic", food="4", limits={"sodium_mg": 5}, preferences=("halal",)),
        fast(at=NOON),
        allergens="peanut",
        open=False,
        unmatched=True,
    )
    worst = dish(allergens="peanut", verified=False, out_of_stock=True)
    found = verdict(nobody, worst, serve_at=NOON - 1, at=NOON - 1)
    assert codes(found) == [
        "no_stay",
        "allergy",
        "allergy_unmatched",
        "recipe_unverified",
        "texture",
        "component",
        "nutrient_limit",
        "preference",
        "out_of_stock",
    ]
    assert codes(verdict(nobody, worst, serve_at=NOON, at=NOON))[:3] == ["no_stay", "nil_by_mouth", "allergy"]


def test_r3_every_reason_has_its_place_and_places_run_from_one_to_twelve() -> None:
    assert sorted({place for place, _ in REASONS.values()}) == list(range(1, 13))


def test_r3_the_reasons_of_a_meal_are_those_of_its_dishes_each_once() -> None:
    halal = patient(diet("regular", preferences=("halal",)), open=False)
    dishes = [verdict(halal, dish(name), serve_at=NOON, at=NOON) for name in ("pork", "ham")]
    assert [(reason.code, reason.dish_id) for reason in together(dishes).reasons] == [
        ("no_stay", ""),
        ("preference", "pork"),
        ("preference", "ham"),
    ]


def test_r3_stock_and_preference_no_longer_matter_for_a_meal_on_its_way() -> None:
    found = verdict(patient(diet("regular", preferences=("halal",))), dish(out_of_stock=True), serve_at=NOON, at=NOON)
    assert (codes(found), codes(found.safety)) == (["preference", "out_of_stock"], [])


# -- R4 -------------------------------------------------------------------------------------------------------------


def test_r4_no_diet_order_is_not_a_regular_diet() -> None:
    found = verdict(patient(hold()), dish(), serve_at=NOON, at=NOON)
    assert codes(found) == ["trays_held", "no_diet_order"]


def test_r4_where_the_hospital_says_so_a_new_patient_has_a_day_of_grace() -> None:
    grace = Thresholds(no_order_grace=DAY_MS)
    nobody_asked_yet = patient(fast(at=NOON + 2 * DAY_MS), opened_at=NOON - HOUR_MS)
    within = verdict(nobody_asked_yet, dish(), serve_at=NOON, at=NOON, thresholds=grace)
    after = verdict(nobody_asked_yet, dish(), serve_at=NOON + DAY_MS, at=NOON, thresholds=grace)
    assert (within.kind, within.notes, after.code) == (ALLOW, ("no_order_grace",), "no_diet_order")


def test_r4_grace_is_over_with_the_first_order_and_does_not_come_back() -> None:
    grace = Thresholds(no_order_grace=DAY_MS)
    ended = patient(diet(at=NOON - 2 * HOUR_MS, until=NOON - HOUR_MS), opened_at=NOON - 3 * HOUR_MS)
    assert verdict(ended, dish(), serve_at=NOON, at=NOON, thresholds=grace).code == "no_diet_order"


# -- R5 -------------------------------------------------------------------------------------------------------------


def test_r5_diets_of_different_kinds_apply_together() -> None:
    both = patient(diet("diabetic"), diet("low_salt", id="d2"))
    found = verdict(both, dish(suits="diabetic"), serve_at=NOON, at=NOON)
    assert [reason.arguments for reason in found.reasons] == [{"component": "low_salt"}]


def test_r5_of_two_limits_on_one_nutrient_the_lower_one_counts() -> None:
    both = patient(diet(limits={"sodium_mg": 20}), diet(id="d2", limits={"sodium_mg": 9}))
    assert verdict(both, dish(), serve_at=NOON, at=NOON).reasons[0].arguments["most"] == 9


def test_r5_two_textures_are_a_conflict_and_the_stricter_one_never_wins_silently() -> None:
    both = patient(diet(food="3"), diet(id="d2", food="5"))
    found = verdict(both, dish(level="3"), serve_at=NOON, at=NOON)
    assert (found.code, found.reasons[0].arguments["levels"]) == ("texture_conflict", "3 5")


def test_r5_the_same_texture_twice_is_no_conflict() -> None:
    both = patient(diet(food="5"), diet(id="d2", food="5"))
    assert verdict(both, dish(level="5"), serve_at=NOON, at=NOON).kind is ALLOW


def test_r5_what_an_order_names_ends_when_it_starts_and_what_it_does_not_name_stands() -> None:
    before = patient(diet("diabetic"), diet("low_salt", id="d2"))
    told = with_diet(before.periods, diet("soft", id="d3", at=NOON), replaces=["d1"], at=NOON)
    found = verdict(before.altered({"periods": told}), dish(), serve_at=NOON, at=NOON)
    assert [reason.arguments["component"] for reason in found.reasons] == ["low_salt", "soft"]


# -- R6, R7 ---------------------------------------------------------------------------------------------------------

TEN_AT_NIGHT, EIGHT = NOON - 14 * HOUR_MS, NOON - 4 * HOUR_MS


def test_r6_the_end_of_nil_by_mouth_brings_no_earlier_diet_back() -> None:
    someone = patient(diet(), fast(at=TEN_AT_NIGHT, until=EIGHT))
    assert verdict(someone, dish(), serve_at=EIGHT + MINUTE_MS, at=NOON).code == "no_diet_order"


def test_r6_after_nil_by_mouth_only_what_the_doctor_orders_anew() -> None:
    someone = patient(
        diet(), fast(at=TEN_AT_NIGHT, until=EIGHT), diet("clear_liquids", id="d2", at=EIGHT + 2 * MINUTE_MS)
    )
    broth, rice = dish("broth", suits="clear_liquids"), dish("rice", suits="regular")
    assert [verdict(someone, food, serve_at=NOON, at=NOON).code for food in (broth, rice)] == ["allow", "component"]


def test_r6_nil_by_mouth_without_an_end_lasts_until_an_order_names_it() -> None:
    fasting = patient(diet(), fast())
    told = with_diet(fasting.periods, diet("soft", id="d2", at=NOON), replaces=["n1"], at=NOON)
    assert verdict(fasting, dish(), serve_at=NOON + 9 * DAY_MS, at=NOON).code == "nil_by_mouth"
    assert verdict(fasting.altered({"periods": told}), dish(suits="soft"), serve_at=NOON, at=NOON).kind is ALLOW


def test_r6_a_diet_that_began_while_nobody_might_eat_does_not_come_back_either() -> None:
    someone = patient(fast(at=TEN_AT_NIGHT, until=EIGHT), diet(at=EIGHT - HOUR_MS))
    assert verdict(someone, dish(), serve_at=NOON, at=NOON).code == "no_diet_order"


def test_r7_a_meal_is_judged_at_the_hour_it_is_served() -> None:
    from_noon = patient(diet(), fast(at=NOON))
    assert [verdict(from_noon, dish(), serve_at=at, at=NOON - 3 * HOUR_MS).code for at in (NOON - 1, NOON)] == [
        "allow",
        "nil_by_mouth",
    ]


def test_r7_after_a_procedure_the_diet_ordered_for_then_counts_and_is_flagged() -> None:
    six, eleven = NOON - 6 * HOUR_MS, NOON - HOUR_MS
    with_order = patient(diet(), fast(at=six, until=eleven), diet("soft", id="d2", at=eleven))
    without = patient(diet(), fast(at=six, until=eleven))
    found = verdict(with_order, dish(suits="soft"), serve_at=NOON, at=NOON - 3 * HOUR_MS)
    assert (found.kind, found.notes) == (ALLOW, ("after_fasting",))
    assert verdict(without, dish(suits="soft"), serve_at=NOON, at=NOON - 3 * HOUR_MS).code == "no_diet_order"


def test_r7_a_service_that_is_past_is_judged_now() -> None:
    fasting_since_one = patient(diet(), fast(at=NOON + HOUR_MS))
    assert verdict(fasting_since_one, dish(), serve_at=NOON, at=NOON + 2 * HOUR_MS).code == "nil_by_mouth"


# -- R8, R9 ---------------------------------------------------------------------------------------------------------


def test_r9_a_patient_nobody_has_asked_about_allergies_is_held() -> None:
    found = verdict(patient(allergies_asked=False), dish(), serve_at=NOON, at=NOON)
    assert (found.kind, found.code) == (HOLD, "allergies_not_asked")


def test_r9_an_unverified_recipe_holds_for_the_allergic_and_for_nobody_else() -> None:
    unverified = dish(verified=False)
    found = [
        verdict(someone, unverified, serve_at=NOON, at=NOON).code
        for someone in (patient(), patient(allergens="milk"), patient(unmatched=True))
    ]
    assert found == ["allow", "recipe_unverified", "allergy_unmatched"]


# -- R10 ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("required", list(FOOD_LEVELS))
def test_r10_food_is_served_at_its_level_exactly_or_as_the_site_s_list_says(required: str) -> None:
    served = [
        level
        for level in FOOD_LEVELS
        if verdict(patient(diet(food=required)), dish(level=level), serve_at=NOON, at=NOON).kind is ALLOW
    ]
    assert sorted(served) == sorted(FOOD_LEVELS[required])


@pytest.mark.parametrize("required", ["1", "2", "3", "4"])
def test_r10_thin_drinks_are_blocked_for_whoever_needs_them_thick(required: str) -> None:
    drinks = [
        level
        for level in DRINK_LEVELS
        if verdict(patient(diet(fluid=required)), dish(level=level, is_drink=True), serve_at=NOON, at=NOON).kind
        is ALLOW
    ]
    assert drinks == [required]


def test_r10_level_three_is_not_stricter_than_five() -> None:
    assert verdict(patient(diet(food="5")), dish(level="3"), serve_at=NOON, at=NOON).code == "texture"


def test_r10_a_drink_is_judged_as_a_drink_and_food_as_food() -> None:
    someone = patient(diet(food="4", fluid="2"))
    assert [verdict(someone, dish(level="2", is_drink=True), serve_at=NOON, at=NOON).code,
            verdict(someone, dish(level="4"), serve_at=NOON, at=NOON).code] == ["allow", "allow"]  # fmt: skip


# -- R11, R12 -------------------------------------------------------------------------------------------------------


def test_r11_limits_count_what_the_day_has_brought_already() -> None:
    limited = patient(diet(limits={"potassium_mg": 2_000}))
    beans = dish("beans", potassium_mg=860)
    used = [dict(NOTHING_YET, potassium_mg=before) for before in (0, 1_140, 1_141)]
    found = [verdict(limited, beans, serve_at=NOON, at=NOON, used=so_far) for so_far in used]
    assert [(one.kind, codes(one)) for one in found] == [(ALLOW, []), (ALLOW, []), (BLOCK, ["nutrient_limit"])]
    assert found[2].reasons[0].arguments["left"] == 859


def test_r11_unknown_is_never_nought() -> None:
    limited = patient(diet(limits={"potassium_mg": 2_000}))
    in_dish = verdict(limited, dish(potassium_mg=None), serve_at=NOON, at=NOON)
    in_day = verdict(limited, dish(), serve_at=NOON, at=NOON, used=dict(NOTHING_YET, potassium_mg=None))
    assert [(one.kind, one.code) for one in (in_dish, in_day)] == [(HOLD, "nutrient_unknown")] * 2


def test_r11_what_is_known_may_already_be_too_much() -> None:
    limited = patient(diet(limits={"potassium_mg": 500}))
    found = verdict(limited, dish(potassium_mg=600), serve_at=NOON, at=NOON, used=dict(NOTHING_YET, potassium_mg=None))
    assert found.code == "nutrient_limit"


def test_r11_one_unknown_part_makes_the_sum_unknown_and_only_that_nutrient() -> None:
    sums = amounts_of([(dish(potassium_mg=None), 2), (dish(), 2)])
    assert (sums["potassium_mg"], sums["sodium_mg"]) == (None, 20)


def test_r11_the_three_plates_of_a_lunch_that_is_far_too_much_potassium() -> None:
    plates = [dish(potassium_mg=amount) for amount in (810, 930, 769)]
    assert amounts_of([(plate, 2) for plate in plates])["potassium_mg"] == 2_509


@pytest.mark.parametrize(("halves", "amount"), [(1, 6), (2, 11), (3, 17), (4, 22), (8, 44)])
def test_r12_a_half_portion_brings_half_rounded_half_up(halves: int, amount: int) -> None:
    exact = Fraction(11 * halves, 2)
    assert of_portion(dish(sodium_mg=11), "sodium_mg", halves) == amount == int(exact + Fraction(1, 2))


# -- R46, R55 -------------------------------------------------------------------------------------------------------

OLD = 4 * HOUR_MS + 1


@pytest.mark.parametrize(
    ("someone", "code"),
    [
        (patient(), "rules_unconfirmed"),
        (patient(allergens="milk"), "rules_old"),
        (patient(unmatched=True), "allergy_unmatched"),
        (patient(diet(), fast(at=NOON + DAY_MS)), "rules_old"),
        (patient(diet(), hold(at=NOON + DAY_MS)), "rules_old"),
    ],
)
def test_r46_old_rules_hold_for_the_delicate_and_ask_a_nurse_for_the_others(someone: object, code: str) -> None:
    assert isinstance(someone, type(patient()))
    assert verdict(someone, dish(), serve_at=NOON, at=NOON, rules_age=OLD).code == code


def test_r46_rules_of_four_hours_are_still_good_and_rules_of_unknown_age_are_not() -> None:
    someone = patient(allergens="milk")
    assert [verdict(someone, dish(), serve_at=NOON, at=NOON, rules_age=age).code for age in (OLD - 1, None)] == [
        "allow",
        "rules_old",
    ]


def test_r55_protective_isolation_is_a_diet_rule_too() -> None:
    someone = patient(diet(isolation="protective"))
    assert [verdict(someone, food, serve_at=NOON, at=NOON).code for food in (dish(), dish(suits="protective"))] == [
        "component",
        "allow",
    ]


def test_r58_a_wish_or_a_note_is_no_part_of_a_verdict() -> None:
    assert "wish" not in (verdict.__kwdefaults__ or {})
    assert not any("text" in name or "note" in name for name in type(patient()).model_fields)
