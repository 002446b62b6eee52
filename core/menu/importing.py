"""A hospital's own menu from its own tables: read, checked row by row, and turned into acts or into faults, never both.

Two kinds of table, told apart by their headings; both may come in one go, and a dish may use what either brings.

Ingredients, one row each. Nutrients are per 100 g; an empty cell is unknown, never zero:

    code, name_en, name_fr, name_rw      code: small letters, digits and _ ; missing names are taken from name_en
    allergens, may_contain               codes, separated by spaces: celery crustaceans egg fish gluten lupin milk
                                         molluscs mustard nuts peanut sesame soya sulphites
    verified                             yes when somebody vouches for what is in it; empty: no
    energy_kcal                          whole or decimal numbers, with a point or a comma
    carbohydrate_g, protein_g, fat_g, sugars_g, sodium_mg, potassium_mg, phosphorus_mg
    source                               where the figures come from

Dishes, one row each; a recipe that only other recipes use has sold = no:

    code, name_en, name_fr, name_rw
    recipe                               parts with their grams: beans:200 onion:30 seasoning_brine:12
    price_francs, portion_grams          whole numbers
    category                             a code: porridge main greens staple side soup fruit drink
    services                             breakfast lunch dinner snack; empty: all of them
    level, is_drink                      IDDSI: 0 to 4 for drinks, 3 to 7 and 7EC for food; empty: 7
    suits                                diets it suits: diabetic low_salt renal ...; regular goes without saying
    preferences                          vegetarian halal ...
    cross_contact                        allergens from a shared fryer or mill
    choking                              yes: a child under five can choke on it; empty: no
    kitchen_en, kitchen_fr, kitchen_rw   at most 20 letters, for the wall; empty: the name
    sold, withdrawn                      yes or no; empty: yes, and no
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from core.kernel.sheet import Import, Layout, Sheet, SheetRow, Wanted, read_sheet, twice
from core.kernel.text import cells
from core.menu.commands import KITCHEN_CELLS, MOST_PARTS, Part, SetDish, SetIngredient
from core.menu.substances import ALLERGENS, MEALS

MOST_FRANCS = 10_000_000
MOST_GRAMS = 100_000
LEVELS = ("0", "1", "2", "3", "4", "5", "6", "7EC", "7")
_NAMES = ("name_fr", "name_rw")
_GRAM_COLUMNS = ("carbohydrate", "protein", "fat", "sugars")
_MILLIGRAM_COLUMNS = ("sodium", "potassium", "phosphorus")
_PART = re.compile(r"([a-z][a-z0-9_]{0,47})[:=](\d{1,7})g?\Z")
_BETWEEN_PARTS = re.compile(r"[\s,;|+]+")

INGREDIENTS = Layout(
    kind="ingredients",
    known_by="energy_kcal",
    required=("code", "name_en", "allergens", "energy_kcal"),
    optional=(
        *_NAMES,
        "may_contain",
        "verified",
        "source",
        *(f"{name}_g" for name in _GRAM_COLUMNS),
        *(f"{name}_mg" for name in _MILLIGRAM_COLUMNS),
    ),
)
DISHES = Layout(
    kind="dishes",
    known_by="recipe",
    required=("code", "name_en", "recipe", "price_francs"),
    optional=(
        *_NAMES,
        *("kitchen_en", "kitchen_fr", "kitchen_rw"),
        *("category", "services", "level", "is_drink", "suits", "preferences", "cross_contact", "choking"),
        *("portion_grams", "sold", "withdrawn"),
    ),
)


@dataclass(frozen=True, slots=True)
class KnownMenu:
    """What the hospital has already, and the codes its diets use. recipes: dish -> the recipes it holds."""

    ingredients: frozenset[str] = frozenset()
    recipes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    suits: Collection[str] = ()
    preferences: Collection[str] = ()


def read_menu(files: Sequence[tuple[str, bytes]], known: KnownMenu) -> Import:
    """files: names and bytes, ingredients and dishes in any sequence."""
    sheets = [read_sheet(name, data, (DISHES, INGREDIENTS)) for name, data in files]
    ingredients = [(row, row.code("code")) for row in _rows(sheets, INGREDIENTS.kind)]
    dishes = [(row, row.code("code")) for row in _rows(sheets, DISHES.kind)]
    twice(ingredients, "code")
    twice(dishes, "code")
    codes = known.ingredients | {code for _, code in ingredients}
    recipes = {*known.recipes, *(code for _, code in dishes)}
    read = [(row, _ingredient(row, code)) for row, code in ingredients]
    plates = {
        code: (row, _dish(row, code, _parts(row, ingredients=codes, recipes=recipes), known)) for row, code in dishes
    }
    ordered = _inner_first(plates, known)
    faults = [fault for sheet in sheets for fault in sheet.faults]
    if faults:
        return Import((), tuple(sorted(faults, key=lambda fault: (fault.file, fault.line))))
    together = [*read, *(plates[code] for code in ordered)]
    return Import(tuple(Wanted(row.file, row.line, act) for row, act in together if act is not None), ())


def _rows(sheets: Iterable[Sheet], kind: str) -> list[SheetRow]:
    return [row for sheet in sheets if sheet.kind == kind for row in sheet.rows]


def _ingredient(row: SheetRow, code: str) -> SetIngredient | None:
    """None when any cell of the row is wrong."""
    columns = _ingredient_columns(row)
    return None if row.is_faulty else SetIngredient(ingredient_id=code, **columns)


def _ingredient_columns(row: SheetRow) -> dict[str, Any]:
    name = row.words("name_en", required=True)
    return {
        "name_en": name,
        "name_fr": row.words("name_fr") or name,
        "name_rw": row.words("name_rw") or name,
        "source": row.words("source"),
        "allergens": row.codes("allergens", ALLERGENS, unknown="unknown_allergen"),
        "may_contain": row.codes("may_contain", ALLERGENS, unknown="unknown_allergen"),
        "verified": row.yes("verified", otherwise=False),
        "energy_kcal": row.amount("energy_kcal"),
        **{f"{nutrient}_mg": row.amount(f"{nutrient}_g", parts=1_000) for nutrient in _GRAM_COLUMNS},
        **{f"{nutrient}_mg": row.amount(f"{nutrient}_mg") for nutrient in _MILLIGRAM_COLUMNS},
    }


def _parts(row: SheetRow, *, ingredients: Collection[str], recipes: Collection[str]) -> tuple[Part, ...]:
    """The recipe cell. A code is an ingredient where there is one, else a recipe."""
    parts: list[Part] = []
    written = [part for part in _BETWEEN_PARTS.split(row.words("recipe", most=2_000)) if part]
    for part in written:
        found = _PART.match(part)
        if found is None or not 0 < int(found[2]) <= MOST_GRAMS:
            row.wrong("recipe", "bad_part", value=part)
        elif found[1] in ingredients:
            parts.append(Part(ingredient_id=found[1], grams=int(found[2])))
        elif found[1] in recipes:
            parts.append(Part(recipe_id=found[1], grams=int(found[2])))
        else:
            row.wrong("recipe", "unknown_part", value=found[1])
    if len(written) > MOST_PARTS:
        row.wrong("recipe", "too_many_parts", most=MOST_PARTS)
    return tuple(parts[:MOST_PARTS])


def _dish(row: SheetRow, code: str, parts: tuple[Part, ...], known: KnownMenu) -> SetDish | None:
    """None when any cell of the row is wrong."""
    columns = _dish_columns(row, known)
    return None if row.is_faulty else SetDish(dish_id=code, parts=parts, **columns)


def _dish_columns(row: SheetRow, known: KnownMenu) -> dict[str, Any]:
    sold = row.yes("sold", otherwise=True)
    category = row.code("category") if row.words("category") else ""
    return {
        **_dish_names(row, sold=sold),
        "category": category,
        "sold": sold,
        "price_francs": row.whole("price_francs", most=MOST_FRANCS),
        "is_drink": row.yes("is_drink", otherwise=False),
        "level": cast("Any", row.choice("level", LEVELS, otherwise="7")),
        "suits": row.codes("suits", known.suits, unknown="unknown_diet"),
        "preferences": row.codes("preferences", known.preferences, unknown="unknown_preference"),
        "services": row.codes("services", MEALS, unknown="unknown_meal"),
        "cross_contact": row.codes("cross_contact", ALLERGENS, unknown="unknown_allergen"),
        "choking": row.yes("choking", otherwise=False),
        "portion_grams": row.whole("portion_grams", most=MOST_GRAMS),
        "withdrawn": row.yes("withdrawn", otherwise=False),
    }


def _dish_names(row: SheetRow, *, sold: bool) -> dict[str, str]:
    english = row.words("name_en", required=True)
    names = {"name_en": english}
    for language in ("fr", "rw"):
        names[f"name_{language}"] = row.words(f"name_{language}") or english
    for language in ("en", "fr", "rw"):
        column = f"kitchen_{language}"
        names[column] = row.words(column)
        shown = names[column] or names[f"name_{language}"]
        if sold and cells(shown) > KITCHEN_CELLS:
            row.wrong(column, "kitchen_name_too_long", value=shown, most=KITCHEN_CELLS)
    return names


def _inner_first(plates: Mapping[str, tuple[SheetRow, SetDish | None]], known: KnownMenu) -> list[str]:
    """The dishes of the tables, each after the recipes it holds; notes a recipe that holds itself, at any depth."""
    holds = {**known.recipes, **{code: _held(plate) for code, (_, plate) in plates.items()}}
    circles = {code: _circle(code, holds) for code in plates}
    for code, (row, _) in plates.items():
        if circles[code]:
            row.wrong("recipe", "holds_itself", value=" > ".join(circles[code]))
    if any(circles.values()):
        return []
    ordered: dict[str, None] = {}
    for code in plates:
        _visit(code, holds, ordered)
    return [code for code in ordered if code in plates]


def _held(plate: SetDish | None) -> tuple[str, ...]:
    return tuple(part.recipe_id for part in plate.parts if part.recipe_id) if plate is not None else ()


def _circle(start: str, holds: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The way from a recipe back to itself, () when there is none."""
    within: dict[str, str] = {}
    waiting = [start]
    while waiting:
        code = waiting.pop()
        for inner in holds.get(code, ()):
            if inner == start:
                way = [code]
                while way[-1] != start:
                    way.append(within[way[-1]])
                return (*reversed(way), start)
            if inner not in within:
                within[inner] = code
                waiting.append(inner)
    return ()


def _visit(code: str, holds: Mapping[str, tuple[str, ...]], ordered: dict[str, None]) -> None:
    """Depth first, without recursion: a bad file must not be able to exhaust the stack."""
    path = [(code, 0)]
    while path:
        here, place = path.pop()
        inner = holds.get(here, ())
        if here in ordered:
            continue
        if place < len(inner):
            path += [(here, place + 1), (inner[place], 0)]
        else:
            ordered[here] = None
