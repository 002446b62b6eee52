"""The demo hospital's kitchen, wards, beds and menu, brought in as any hospital brings its own."""

from __future__ import annotations

from typing import Any, Literal

from core.menu.commands import Part, SetDish, SetIngredient
from core.menu.substances import NUTRIENTS
from core.store.demo import pages
from core.store.demo.script import Script
from core.wards.commands import AddBeds, NewBed, OpenKitchen, OpenWard, SetBedState

DOOR_LETTERS = "23456789ACDEFGHJKMNPQRTVWXYZ"  # nothing that looks like something else
DOOR_LENGTH = 6
CATEGORY_OF_PARTS = "recipe"


def open_house(script: Script, at: int) -> None:
    for kitchen in pages.hospital()["kitchen"]:
        script.imported(at, OpenKitchen(kitchen_id=kitchen["code"], title=kitchen["name_en"]))
    for ward in pages.hospital()["ward"]:
        script.imported(at, _opening(ward))
        codes = bed_codes(ward)
        beds = tuple(NewBed(bed_id=code, door_code=door_code(script, code)) for code in codes)
        script.imported(at, AddBeds(ward_id=ward["code"], beds=beds))
        states: tuple[Literal["cleaning", "closed"], ...] = ("cleaning", "closed")
        for state in states:
            for number in ward[state]:
                script.imported(at, SetBedState(bed_id=number, state=state))


def bed_codes(ward: pages.Page) -> list[str]:
    return [f"{ward['code']}-{number:03}" for number in range(1, ward["beds"] + 1)]


def door_code(script: Script, bed_id: str) -> str:
    """The short code of a bed's QR."""
    drawn = script.word("door", bed_id)[:DOOR_LENGTH]
    return "".join(DOOR_LETTERS[byte % len(DOOR_LETTERS)] for byte in drawn)


def fill_larder(script: Script, at: int) -> None:
    """Ingredients, then the recipes that others use, then what is sold."""
    for ingredient in pages.ingredients():
        script.imported(at, _ingredient(ingredient))
    for recipe in pages.recipes():
        script.imported(at, _recipe(recipe))
    for dish in pages.dishes():
        script.imported(at, _dish(dish))


def _opening(ward: pages.Page) -> OpenWard:
    return OpenWard(
        ward_id=ward["code"],
        kitchen_id=ward["kitchen"],
        name_en=ward["name_en"],
        name_fr=ward["name_fr"],
        name_rw=ward["name_rw"],
        extension=ward["extension"],
        walking_order=ward["walking_order"],
        minutes_from_kitchen=ward["minutes_from_kitchen"],
        first=ward["first"],
    )


def _ingredient(written: pages.Page) -> SetIngredient:
    amounts: dict[str, Any] = {nutrient: written.get(nutrient) for nutrient in NUTRIENTS}
    return SetIngredient(
        ingredient_id=written["code"],
        **_names(written),
        source=f"SR24 {written['sr24']}" if written.get("sr24") else "",
        allergens=tuple(written["allergens"]),
        may_contain=tuple(written["may_contain"]),
        verified=written["verified"],
        **amounts,
    )


def _recipe(written: pages.Page) -> SetDish:
    return SetDish(
        dish_id=written["code"],
        **_names(written),
        category=CATEGORY_OF_PARTS,
        sold=False,
        portion_grams=written["portion_grams"],
        parts=_parts(written),
    )


def _dish(written: pages.Page) -> SetDish:
    return SetDish(
        dish_id=written["code"],
        **_names(written),
        kitchen_en=written["kitchen_en"],
        kitchen_fr=written["kitchen_fr"],
        kitchen_rw=written["kitchen_rw"],
        category=written["category"],
        price_francs=written["price_francs"],
        is_drink=written["is_drink"],
        level=written["level"],
        suits=tuple(written["suits"]),
        preferences=tuple(written["preferences"]),
        services=tuple(written["services"]),
        cross_contact=tuple(written["cross_contact"]),
        choking=written.get("choking", False),
        portion_grams=written["portion_grams"],
        parts=_parts(written),
    )


def _names(written: pages.Page) -> dict[str, Any]:
    return {name: written[name] for name in ("name_en", "name_fr", "name_rw")}


def _parts(written: pages.Page) -> tuple[Part, ...]:
    return tuple(
        Part(
            ingredient_id=part.get("ingredient", ""),
            recipe_id=part.get("recipe", ""),
            grams=part["grams"],
        )
        for part in written["part"]
    )
