"""Generated patients and dishes, each made twice: as the engine stores it, and as the second opinion reads it."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random
from typing import Any

from core.diets.catalogue import COMPONENTS, DRINK_LEVELS, FOOD_LEVELS, ISOLATIONS, PREFERENCES
from core.diets.model import DietProfile
from core.diets.nutrients import NOTHING_YET
from core.diets.profile import Period, with_diet, with_period
from core.kernel.tx import Tx
from core.kernel.values import HOUR_MS, SYSTEM, as_codes
from core.menu.model import DishFacts
from core.menu.substances import ALLERGENS, NUTRIENTS
from core.store.demo import house, pages
from core.store.demo.script import Script
from tests import given
from tests.core.diets.oracle import FOREVER, Leaf, Person, Plate, Told

NOON = given.NOON
# what a whole day's meals come to, so that limits fall on both sides
LIMITS = {"potassium_mg": (300, 700, 1_200, 2_000), "sodium_mg": (50, 400, 900), "carbohydrate_mg": (30_000, 60_000)}


def demo_menu() -> list[tuple[DishFacts, Plate]]:
    """The 22 dishes of the demo hospital: facts as the commands tell them, recipes as the pages say."""
    script = Script(NOON, "menu")
    house.fill_larder(script, NOON)
    with given.transaction() as tx:
        for deed in script.told():
            given.perform(tx, deed.command, by=SYSTEM, at=deed.at)
        known = {written["code"]: leaf_of(written) for written in pages.ingredients()}
        recipes = {written["code"]: written for written in (*pages.recipes(), *pages.dishes())}
        menu = [(_facts(tx, written["code"]), plate_of(written, known, recipes)) for written in pages.dishes()]
    return [_on_the_list(*one) if place % 5 == 0 else one for place, one in enumerate(menu)]


def _on_the_list(facts: DishFacts, plate: Plate) -> tuple[DishFacts, Plate]:
    """A dish that a small child can choke on."""
    plate.on_choking_list = True
    return facts.altered({"choking": True}), plate


def leaf_of(written: dict[str, Any]) -> Leaf:
    return Leaf(
        written["code"],
        set(written["allergens"]),
        set(written["may_contain"]),
        written["verified"],
        {nutrient: written.get(nutrient) for nutrient in NUTRIENTS},
    )


def plate_of(written: dict[str, Any], known: dict[str, Leaf], recipes: dict[str, Any]) -> Plate:
    parts: list[tuple[int, Leaf | Plate]] = [
        (
            part["grams"],
            plate_of(recipes[part["recipe"]], known, recipes) if part.get("recipe") else known[part["ingredient"]],
        )
        for part in written["part"]
    ]
    return Plate(
        written["code"],
        parts,
        yields=written["portion_grams"],
        cross_contact=set(written.get("cross_contact", ())),
        suits=set(written.get("suits", ())),
        honours=set(written.get("preferences", ())),
        is_drink=written.get("is_drink", False),
        level=written.get("level", "7"),
        on_choking_list=written.get("choking", False),
    )


def _facts(tx: Tx, code: str) -> DishFacts:
    return tx.get(DishFacts, code)


# -- patients -------------------------------------------------------------------------------------------------------


def patient(chance: Random, substances: list[str]) -> tuple[DietProfile, Person, dict[str, int | None]]:
    """One patient: the profile, the same person for the second opinion, and what the day has brought so far."""
    allergens = [one for one in substances if chance.random() < 0.05] if chance.random() < 0.6 else []
    person = Person(
        here=chance.random() < 0.97,
        under_five=chance.random() < 0.1,
        arrived=NOON - chance.choice((HOUR_MS, 20 * HOUR_MS, 40 * HOUR_MS)),
        asked=bool(allergens) or chance.random() < 0.9,
        substances=set(allergens),
        unmatched=chance.random() < 0.08,
    )
    text = "[]"
    for count in range(chance.choice((0, 1, 1, 1, 2, 2, 3, 4, 6))):
        text = _something_is_ordered(chance, person, text, f"p{count}", at=NOON - (7 - count) * 3 * HOUR_MS)
    used = {nutrient: chance.choice((0, 0, 100, 600, 900, None)) for nutrient in NUTRIENTS}
    person.eaten = dict(used)
    profile = DietProfile(
        id="stay-1",
        ward_id="A",
        kitchen_id="main",
        open=person.here,
        small_child=person.under_five,
        opened_at=person.arrived,
        allergies_asked=person.asked,
        allergens=as_codes(allergens),
        unmatched=person.unmatched,
        periods=text,
        changed_at=NOON,
        changed_by="doctor_1",
    )
    return profile, person, {**NOTHING_YET, **used}


def _something_is_ordered(chance: Random, person: Person, text: str, name: str, *, at: int) -> str:
    """A diet, a fast or a hold, told to the profile by the engine and to the person in plain words."""
    kind = chance.choice(("diet", "diet", "diet", "fast", "hold"))
    starts = at if kind == "hold" else at + chance.choice((0, 0, 0, HOUR_MS, 5 * HOUR_MS, 12 * HOUR_MS))
    ends = FOREVER if kind == "hold" or chance.random() < 0.6 else starts + chance.choice((1, HOUR_MS, 9 * HOUR_MS))
    told = Told(kind, starts, ends)
    period: dict[str, Any] = {"id": name, "from_at": starts, "until_at": None if ends == FOREVER else ends}
    if kind != "diet":
        person.told.append(told)
        return with_period(text, Period(kind={"fast": "nil_by_mouth", "hold": "hold"}[kind], **period), at=at)
    told.components = set(chance.sample(COMPONENTS, chance.choice((0, 1, 1, 2))))
    told.preferences = set(chance.sample(PREFERENCES, chance.choice((0, 0, 1))))
    told.food = chance.choice(("", "", *FOOD_LEVELS))
    told.drink = chance.choice(("", "", *DRINK_LEVELS))
    told.limits = {
        name: chance.choice(LIMITS[name]) for name in chance.sample(sorted(LIMITS), chance.choice((0, 1, 2)))
    }
    told.isolation = chance.choice(("", "", "", *ISOLATIONS))
    if told.isolation:  # it stands by itself from now on, in place of the one before
        for before in person.isolated:
            before.ends = min(before.ends, starts)
        person.isolated.append(Told("isolation", starts, ends, isolation=told.isolation))
    named = [i for i in range(len(person.told)) if chance.random() < 0.8]
    for place in named:  # an order that names another ends it when it starts
        person.told[place].ends = min(person.told[place].ends, starts)
    person.told.append(told)
    new = Period(
        kind="diet",
        components=tuple(sorted(told.components)),
        preferences=tuple(sorted(told.preferences)),
        food=told.food,
        fluid=told.drink,
        limits=told.limits,
        isolation=told.isolation,
        **period,
    )
    return with_diet(text, new, replaces=[f"p{place}" for place in named], at=at)


def substances_of(menu: Iterable[tuple[DishFacts, Plate]]) -> list[str]:
    """All that somebody here could be allergic to: the fourteen, and every ingredient of the menu."""
    inside = {code for facts, _ in menu for code in facts.ingredients.split()}
    return sorted({*ALLERGENS, *inside})
