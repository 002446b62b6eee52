"""Rows of ingredients and dishes become acts, or faults, never both."""

from __future__ import annotations

import pytest

from core.diets.catalogue import COMPONENTS, PREFERENCES
from core.kernel.sheet import Import
from core.kernel.tx import Tx
from core.menu.commands import SetDish, SetIngredient
from core.menu.importing import KnownMenu, read_menu
from core.menu.model import DishFacts
from tests import given

INGREDIENTS = "code,name_en,allergens,energy_kcal,sodium_mg,carbohydrate_g,verified\n"
DISHES = "code,name_en,recipe,price_francs,suits,services,sold,cross_contact,level,kitchen_en\n"
KNOWN = KnownMenu(
    ingredients=frozenset({"rice", "salt"}),
    recipes={"brine": (), "sauce": ("brine",)},
    suits=COMPONENTS,
    preferences=PREFERENCES,
)


def menu(*, ingredients: str = "", dishes: str = "", known: KnownMenu = KNOWN) -> Import:
    files = [("dishes.csv", (DISHES + dishes).encode())] if dishes else []
    if ingredients:
        files.append(("ingredients.csv", (INGREDIENTS + ingredients).encode()))
    return read_menu(files, known)


def faults(told: Import) -> list[tuple[str, int, str, str]]:
    return [(fault.file, fault.line, fault.column, fault.code) for fault in told.faults]


def test_an_ingredient_becomes_an_act() -> None:
    told = menu(ingredients='beans,Beans,,"333,2",12,"60,01",yes\n')
    assert [wanted.command for wanted in told.acts] == [
        SetIngredient(
            ingredient_id="beans",
            name_en="Beans",
            name_fr="Beans",
            name_rw="Beans",
            verified=True,
            energy_kcal=333,
            sodium_mg=12,
            carbohydrate_mg=60_010,
        )
    ]


def test_an_empty_nutrient_is_unknown_and_nobody_has_vouched_for_it() -> None:
    command = menu(ingredients="beans,Beans,,,,,\n").acts[0].command
    assert isinstance(command, SetIngredient)
    assert (command.energy_kcal, command.potassium_mg, command.verified) == (None, None, False)


def test_a_dish_may_use_what_the_same_import_brings() -> None:
    told = menu(ingredients="beans,Beans,,333,,,\n", dishes="plate,Plate,beans:150 sauce:20,900,,,,,,\n")
    assert [wanted.command.name for wanted in told.acts] == ["menu.set_ingredient", "menu.set_dish"]


def test_dishes_come_after_the_recipes_they_hold_whatever_their_rows() -> None:
    rows = "outer,Outer,middle:50,900,,,,,,\nmiddle,Middle,inner:10,0,,,no,,,\ninner,Inner,salt:1,0,,,no,,,\n"
    told = menu(dishes=rows)
    assert [(wanted.line, wanted.command.entity) for wanted in told.acts] == [(4, "inner"), (3, "middle"), (2, "outer")]


def test_imported_dishes_mean_what_their_recipe_says(tx: Tx) -> None:
    told = menu(
        ingredients="paste,Paste,peanut,600,4,10,yes\n",
        dishes="base,Base,paste:50,0,,,no,,,\nplate,Plate,base:25 rice:100,900,diabetic,lunch,,milk,5,\n",
    )
    for wanted in told.acts:
        given.perform(tx, wanted.command, by=given.LEAD)
    facts = tx.get(DishFacts, "plate")
    assert (facts.allergens, facts.may_contain, facts.level) == ("peanut", "milk", "5")


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("Beans,Beans,,333,,,", "code", "bad_code"),
        (",Beans,,333,,,", "code", "empty"),
        ("beans,,,333,,,", "name_en", "empty"),
        ("beans,Beans,seawater,333,,,", "allergens", "unknown_allergen"),
        ("beans,Beans,,-333,,,", "energy_kcal", "negative"),
        ("beans,Beans,,333,-1,,", "sodium_mg", "negative"),
        ("beans,Beans,,333,much,,", "sodium_mg", "not_a_number"),
        ("beans,Beans,,333,,,perhaps", "verified", "not_yes_or_no"),
    ],
)
def test_a_bad_ingredient_is_named_by_line_and_column(row: str, column: str, code: str) -> None:
    told = menu(ingredients=f"good,Good,,1,,,\n{row}\n")
    assert (told.acts, faults(told)) == ((), [("ingredients.csv", 3, column, code)])


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("plate,Plate,gold:10,900,,,,,,", "recipe", "unknown_part"),
        ("plate,Plate,rice,900,,,,,,", "recipe", "bad_part"),
        ("plate,Plate,rice:0,900,,,,,,", "recipe", "bad_part"),
        ("plate,Plate,rice:-5,900,,,,,,", "recipe", "bad_part"),
        ("plate,Plate,rice:999999,900,,,,,,", "recipe", "bad_part"),
        ("plate,Plate,plate:10,900,,,,,,", "recipe", "holds_itself"),
        ("plate,Plate,rice:10,-900,,,,,,", "price_francs", "negative"),
        ("plate,Plate,rice:10,9.50,,,,,,", "price_francs", "not_a_whole_number"),
        ("plate,Plate,rice:10,900,low_carb,,,,,", "suits", "unknown_diet"),
        ("plate,Plate,rice:10,900,,brunch,,,,", "services", "unknown_meal"),
        ("plate,Plate,rice:10,900,,,,nut,,", "cross_contact", "unknown_allergen"),
        ("plate,Plate,rice:10,900,,,,,8,", "level", "not_one_of"),
        ("plate,Plate,rice:10,900,,,,,,A name that is too long", "kitchen_en", "kitchen_name_too_long"),
    ],
)
def test_a_bad_dish_is_named_by_line_and_column(row: str, column: str, code: str) -> None:
    told = menu(dishes=f"good,Good,rice:100,500,,,,,,\n{row}\n")
    assert (told.acts, faults(told)) == ((), [("dishes.csv", 3, column, code)])


def test_a_circle_of_recipes_is_told_as_a_way_round() -> None:
    told = menu(dishes="one,One,two:10,0,,,no,,,\ntwo,Two,three:10,0,,,no,,,\nthree,Three,one:10,0,,,no,,,\n")
    assert [fault.detail["value"] for fault in told.faults] == [
        "one > two > three > one",
        "two > three > one > two",
        "three > one > two > three",
    ]


def test_a_circle_through_a_recipe_that_is_there_already_is_found() -> None:
    told = menu(dishes="brine,Brine,sauce:10,0,,,no,,,\n")
    assert [fault.detail["value"] for fault in told.faults] == ["brine > sauce > brine"]


def test_every_bad_row_is_told_at_once() -> None:
    told = menu(ingredients="a,A,fishy,1,,,\nb,B,,-1,,,\n", dishes="plate,Plate,a:10 gold:1,x,,,,,,\n")
    assert [(fault.file, fault.line) for fault in told.faults] == [
        ("dishes.csv", 2),
        ("dishes.csv", 2),
        ("ingredients.csv", 2),
        ("ingredients.csv", 3),
    ]


def test_a_code_that_comes_twice_is_wrong_the_second_time() -> None:
    told = menu(ingredients="a,A,,1,,,\na,A again,,2,,,\n")
    assert faults(told) == [("ingredients.csv", 3, "code", "twice")]


def test_a_name_that_looks_like_a_formula_stays_a_name() -> None:
    command = menu(ingredients='a,"=2+5",,1,,,\n').acts[0].command
    assert isinstance(command, SetIngredient) and command.name_en == "=2+5"


def test_what_is_sold_to_nobody_needs_no_short_name() -> None:
    told = menu(dishes="base,A base that is only in other dishes,rice:10,0,,,no,,,\n")
    assert isinstance(told.acts[0].command, SetDish) and told.faults == ()


def test_a_chain_of_thousands_of_recipes_does_not_exhaust_us() -> None:
    chain = "".join(f"r{n},R,r{n + 1}:10,0,,,no,,,\n" for n in range(3_000)) + "r3000,R,rice:1,0,,,no,,,\n"
    told = menu(dishes=chain)
    assert (len(told.acts), told.acts[0].command.entity, told.acts[-1].command.entity) == (3_001, "r3000", "r0")
