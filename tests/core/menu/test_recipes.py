"""What a dish means for safety follows from everything in it, at any depth;
what nobody knows is unknown and never nought."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from core.kernel.tx import Tx
from core.menu.commands import (
    ArchiveService,
    BackInStock,
    MarkOutOfStock,
    Part,
    SetDish,
    SetIngredient,
    SetService,
)
from core.menu.events import DishFactsChanged
from core.menu.model import Dish, DishFacts, Service
from core.menu.recipes import DEEPEST
from tests import given

MIDNIGHT = given.MIDNIGHT


def facts(tx: Tx, dish_id: str) -> DishFacts:
    return tx.get(DishFacts, dish_id)


def of(code: str, grams: int = 100) -> Part:
    return Part(ingredient_id=code, grams=grams)


def holding(code: str, grams: int = 100) -> Part:
    return Part(recipe_id=code, grams=grams)


def dish(code: str, *parts: Part, **more: Any) -> SetDish:
    return SetDish(dish_id=code, name_en=code, name_fr=code, name_rw=code, parts=parts, **more)


def ingredient(code: str, **more: Any) -> SetIngredient:
    known: dict[str, Any] = {"verified": True, "sodium_mg": 10, "potassium_mg": 100}
    return SetIngredient(ingredient_id=code, name_en=code, name_fr=code, name_rw=code, **{**known, **more})


def set_all(tx: Tx, *commands: SetDish | SetIngredient) -> given.Done:
    done = given.Done()
    for command in commands:
        done = given.perform(tx, command, by=given.LEAD)
    return done


# -- the tree -------------------------------------------------------------------------------------------------------


def test_r1_an_allergen_three_recipes_deep_is_in_the_dish(tx: Tx) -> None:
    set_all(
        tx,
        dish("paste", of("groundnut_paste"), sold=False),
        dish("sauce", holding("paste"), of("rice"), sold=False),
        dish("stew", holding("sauce"), of("beans")),
    )
    assert (facts(tx, "stew").allergens, facts(tx, "stew").ingredients) == ("peanut", "beans groundnut_paste rice")


def test_r1_when_an_ingredient_changes_every_dish_above_it_is_told_anew(tx: Tx) -> None:
    set_all(tx, dish("paste", of("beans"), sold=False), dish("stew", holding("paste")))
    done = set_all(tx, ingredient("beans", allergens=("soya",)))
    told = {event.dish_id for event in done.events if isinstance(event, DishFactsChanged)}
    assert (told, facts(tx, "stew").allergens) == ({given.BEANS, "paste", "stew"}, "soya")


def test_r1_an_allergen_that_is_taken_out_of_an_inner_recipe_leaves_the_dishes_above(tx: Tx) -> None:
    set_all(tx, dish("paste", of("groundnut_paste"), sold=False), dish("stew", holding("paste")))
    set_all(tx, dish("paste", of("rice"), sold=False))
    assert (facts(tx, "stew").allergens, facts(tx, "stew").ingredients) == ("", "rice")


def test_a_shared_fryer_is_a_may_contain_of_the_dish_and_of_what_holds_it(tx: Tx) -> None:
    set_all(tx, dish("chips", of("beans"), cross_contact=("fish",)), dish("plate", holding("chips")))
    assert [facts(tx, code).may_contain for code in ("chips", "plate")] == ["fish", "fish"]


def test_what_is_in_it_is_not_also_a_may_contain(tx: Tx) -> None:
    set_all(tx, dish("fried_fish", of("groundnut_paste"), cross_contact=("peanut",)))
    assert (facts(tx, "fried_fish").allergens, facts(tx, "fried_fish").may_contain) == ("peanut", "")


def test_r9_one_unverified_leaf_makes_the_whole_tree_unverified(tx: Tx) -> None:
    set_all(tx, ingredient("stock_cube", verified=False), dish("broth", of("stock_cube", 5), sold=False))
    set_all(tx, dish("stew", holding("broth"), of("rice")))
    assert (facts(tx, "stew").verified, facts(tx, given.RICE).verified) == (False, True)


def test_r9_a_dish_without_a_recipe_is_unknown_and_not_empty(tx: Tx) -> None:
    set_all(tx, dish("mystery"))
    assert (facts(tx, "mystery").verified, facts(tx, "mystery").potassium_mg) == (False, None)


# -- nutrients ------------------------------------------------------------------------------------------------------


def test_r11_a_nutrient_nobody_knows_makes_that_nutrient_of_the_dish_unknown_and_no_other(tx: Tx) -> None:
    set_all(tx, ingredient("amaranth", potassium_mg=None), dish("greens", of("amaranth"), of("rice")))
    assert (facts(tx, "greens").potassium_mg, facts(tx, "greens").sodium_mg) == (None, 20)


def test_r11_unknown_goes_through_every_recipe_above(tx: Tx) -> None:
    set_all(
        tx,
        ingredient("amaranth", potassium_mg=None),
        dish("greens", of("amaranth"), sold=False),
        dish("plate", holding("greens", 1), of("rice", 500)),
    )
    assert facts(tx, "plate").potassium_mg is None


def test_amounts_are_exact_and_rounded_once_at_the_end(tx: Tx) -> None:
    set_all(tx, ingredient("salt", sodium_mg=1), *[dish(f"pinch_{n}", of("salt", 49), sold=False) for n in range(3)])
    set_all(tx, dish("plate", *[holding(f"pinch_{n}", 49) for n in range(3)]))
    assert (facts(tx, "pinch_0").sodium_mg, facts(tx, "plate").sodium_mg) == (0, 1)


def test_a_part_of_a_recipe_brings_its_share_of_what_the_recipe_yields(tx: Tx) -> None:
    set_all(tx, dish("sauce", of("rice", 200), sold=False, portion_grams=400), dish("plate", holding("sauce", 100)))
    assert (facts(tx, "sauce").potassium_mg, facts(tx, "plate").potassium_mg) == (200, 50)


def test_a_nutrient_without_a_unit_is_no_command() -> None:
    with pytest.raises(ValidationError):
        SetIngredient(ingredient_id="x", name_en="x", name_fr="x", name_rw="x", verified=True, potassium=5)  # type: ignore[call-arg]
    with pytest.raises(ValidationError):
        ingredient("x", potassium_mg="5 mg")


# -- recipes that cannot be -----------------------------------------------------------------------------------------


def test_a_recipe_that_contains_itself_is_refused(tx: Tx) -> None:
    assert given.refusal_of(tx, dish("stew", holding("stew")), by=given.LEAD) == "recipe_contains_itself"


@pytest.mark.parametrize("depth", range(1, DEEPEST))
def test_a_recipe_that_contains_itself_at_any_depth_is_refused_and_nothing_is_saved(tx: Tx, depth: int) -> None:
    set_all(tx, dish("r0", of("rice"), sold=False))
    set_all(tx, *[dish(f"r{n}", holding(f"r{n - 1}"), sold=False) for n in range(1, depth + 1)])
    before = facts(tx, "r0")
    circle = dish("r0", holding(f"r{depth}"), sold=False)
    assert (given.refusal_of(tx, circle, by=given.LEAD), facts(tx, "r0")) == ("recipe_contains_itself", before)


def test_a_recipe_deeper_than_anybody_can_check_is_refused(tx: Tx) -> None:
    set_all(tx, dish("r0", of("rice"), sold=False))
    set_all(tx, *[dish(f"r{n}", holding(f"r{n - 1}"), sold=False) for n in range(1, DEEPEST)])
    assert given.refusal_of(tx, dish("top", holding(f"r{DEEPEST - 1}")), by=given.LEAD) == "recipe_too_deep"


def test_depth_is_looked_for_above_as_well_as_below(tx: Tx) -> None:
    set_all(tx, dish("r0", of("rice"), sold=False), dish("deep", of("rice"), sold=False))
    set_all(tx, *[dish(f"r{n}", holding(f"r{n - 1}"), sold=False) for n in range(1, DEEPEST)])
    assert given.refusal_of(tx, dish("r0", holding("deep"), sold=False), by=given.LEAD) == "recipe_too_deep"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (dish("x", of("no_such")), "unknown_ingredient"),
        (dish("x", holding("no_such")), "unknown_recipe"),
        (dish("x", of("rice"), services=("brunch",)), "unknown_meal"),
        (dish("x", of("rice"), cross_contact=("gold",)), "unknown_allergen"),
        (dish("x", of("rice"), kitchen_en="a name that is too long for the wall"), "kitchen_name_too_long"),
        (ingredient("x", allergens=("gold",)), "unknown_allergen"),
    ],
)
def test_a_dish_that_cannot_be_is_refused_with_what_is_wrong(tx: Tx, wrong: SetDish, code: str) -> None:
    assert given.refusal_of(tx, wrong, by=given.LEAD) == code


def test_a_part_is_an_ingredient_or_a_recipe_and_weighs_something() -> None:
    for wrong in (
        {"ingredient_id": "a", "recipe_id": "b", "grams": 1},
        {"grams": 1},
        {"ingredient_id": "a", "grams": 0},
    ):
        with pytest.raises(ValidationError):
            Part(**wrong)  # type: ignore[arg-type]  # which is the point


# -- stock ----------------------------------------------------------------------------------------------------------


def test_a_dish_that_runs_out_says_so_once_and_comes_back(tx: Tx) -> None:
    given.perform(tx, MarkOutOfStock(dish_id=given.RICE), by=given.COOK)
    again = given.perform(tx, MarkOutOfStock(dish_id=given.RICE), by=given.COOK_2)
    out = (tx.get(Dish, given.RICE).out_of_stock_at, facts(tx, given.RICE).out_of_stock)
    given.perform(tx, BackInStock(dish_id=given.RICE), by=given.COOK)
    back = (tx.get(Dish, given.RICE).out_of_stock_at, facts(tx, given.RICE).out_of_stock)
    assert (out, again.already, back) == ((given.NOON, True), {}, (None, False))


def test_what_is_there_cannot_come_back(tx: Tx) -> None:
    assert given.perform(tx, BackInStock(dish_id=given.RICE), by=given.COOK).already == {}


def test_a_new_recipe_leaves_the_stock_as_it_is(tx: Tx) -> None:
    given.perform(tx, MarkOutOfStock(dish_id=given.RICE), by=given.COOK)
    set_all(tx, dish(given.RICE, of("beans")))
    assert (tx.get(Dish, given.RICE).out_of_stock_at, facts(tx, given.RICE).out_of_stock) == (given.NOON, True)


def test_a_withdrawn_dish_cannot_be_ordered_and_keeps_the_day_it_was_withdrawn(tx: Tx) -> None:
    set_all(tx, dish(given.RICE, of("rice"), withdrawn=True))
    given.perform(tx, dish(given.RICE, of("rice"), withdrawn=True), by=given.LEAD, at=given.NOON + 5)
    assert (tx.get(Dish, given.RICE).withdrawn_at, facts(tx, given.RICE).out_of_stock) == (given.NOON, True)


def test_a_recipe_that_is_not_sold_cannot_be_ordered(tx: Tx) -> None:
    set_all(tx, dish("paste", of("rice"), sold=False))
    assert facts(tx, "paste").out_of_stock is True


def test_an_edit_that_means_nothing_for_safety_tells_nobody(tx: Tx) -> None:
    before = facts(tx, given.RICE)
    priced = dish(
        given.RICE, of("rice"), price_francs=900, suits=("regular", "diabetic", "low_salt"), portion_grams=200,
        services=("lunch", "dinner"), category="main",
    )  # fmt: skip
    done = set_all(tx, priced)
    assert ([event for event in done.events if isinstance(event, DishFactsChanged)], facts(tx, given.RICE)) == (
        [],
        before,
    )


# -- services -------------------------------------------------------------------------------------------------------


def service(**more: Any) -> SetService:
    times: dict[str, Any] = {
        "opens_at": MIDNIGHT,
        "cut_off_at": MIDNIGHT + 2,
        "dispatch_at": MIDNIGHT + 3,
        "ends_at": MIDNIGHT + 4,
    }
    named: dict[str, Any] = {
        "service_id": f"{given.DAY}-snack",
        "kitchen_id": "main",
        "day": given.DAY,
        "meal": "snack",
    }
    return SetService(**{**named, **times, **more})


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"cut_off_at": MIDNIGHT}, "service_times_crossed"),
        ({"dispatch_at": MIDNIGHT + 5}, "service_times_crossed"),
        ({"service_id": f"{given.DAY}-dinner"}, "service_misnamed"),
        ({"kitchen_id": "cellar"}, "unknown_kitchen"),
    ],
)
def test_a_service_that_cannot_be_is_refused(tx: Tx, wrong: dict[str, Any], code: str) -> None:
    assert given.refusal_of(tx, service(**wrong), by=given.LEAD) == code


def test_a_service_may_be_moved_until_it_is_right(tx: Tx) -> None:
    given.perform(tx, service(), by=given.LEAD)
    given.perform(tx, service(ends_at=MIDNIGHT + 9), by=given.LEAD)
    assert tx.get(Service, f"{given.DAY}-snack").ends_at == MIDNIGHT + 9


def test_a_service_long_over_leaves_the_devices(tx: Tx) -> None:
    given.perform(tx, service(), by=given.LEAD)
    given.perform(tx, ArchiveService(service_id=f"{given.DAY}-snack"))
    assert Service.seen_by(tx.get(Service, f"{given.DAY}-snack").__dict__) == ()
