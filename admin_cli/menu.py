"""`dusangire menu`: brings in a hospital's own ingredients and dishes, and lists what is on the menu."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from admin_cli import shown
from admin_cli.bringing import DryRun

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.menu.importing import KnownMenu
    from core.menu.model import Dish, DishFacts

app = typer.Typer(
    help="Bring in the hospital's own menu, and look at it.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)
COLUMNS = """Brings in ingredients and dishes from CSV files: all of them, or none and every fault with its line.

Comma, semicolon or tab; UTF-8, UTF-16 or the old Western code page; the first line names the columns, in any sequence.
Two kinds of file, told apart by their columns; both may be given at once. A code that is there already is changed.

\b
INGREDIENTS, one row each. Nutrients per 100 g, with point or comma; an empty cell is unknown, never zero.
  code            small letters, digits and _
  name_en         and name_fr, name_rw: empty is the English one
  allergens       codes, separated by spaces: celery crustaceans egg fish gluten lupin
                  milk molluscs mustard nuts peanut sesame soya sulphites
  may_contain     the same, for what the mill also grinds
  energy_kcal, carbohydrate_g, protein_g, fat_g, sugars_g,
  sodium_mg, potassium_mg, phosphorus_mg
  verified        yes when somebody vouches for what is in it; empty is no
  source          where the figures come from

\b
DISHES, one row each. A recipe that only other recipes use has sold = no.
  code, name_en, name_fr, name_rw
  recipe          parts with their grams: beans:200 onion:30 seasoning_brine:12
  price_francs    whole francs
  portion_grams   the weight that is served
  category        a code: porridge main greens staple side soup fruit drink
  services        breakfast lunch dinner snack; empty is all
  level           IDDSI: 0 to 4 for drinks, 3 to 7 and 7EC for food; empty is 7
  is_drink        yes or no; empty is no
  suits           diets: diabetic low_salt renal ... ; regular goes without saying
  preferences     vegetarian halal ...
  cross_contact   allergens from a shared fryer or mill
  choking         yes: a child under five can choke on it; empty is no
  kitchen_en      and kitchen_fr, kitchen_rw: at most 20 letters; empty is the name
  sold, withdrawn yes or no; empty is yes, and no

\b
Needed are code, name_en, allergens, energy_kcal; and code, name_en, recipe, price_francs.
JSON: {taken_in, dry_run, acts: {name: count}, faults: [{file, line, column, code, words}]}.
"""


@app.command("import", help=COLUMNS)
def import_menu(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="CSV files of ingredients and dishes.")],
    dry_run: DryRun = False,
    as_json: shown.Json = False,
) -> None:
    from admin_cli.bringing import bring_in, read_file
    from admin_cli.hospital import hospital
    from core.menu.importing import read_menu

    read = [(path.name, read_file(path)) for path in files]
    with hospital() as store:
        with store.reading() as connection:
            known = _known(connection)
        bring_in(store, read_menu(read, known), dry_run=dry_run, as_json=as_json)


@app.command("list")
def list_menu(as_json: shown.Json = False, console: shown.Console = False) -> None:
    """Every dish on the menu, with its allergens and figures of one portion.

    JSON: a list of {dish, name_en, category, price_francs, services, level, allergens, may_contain, verified,
    energy_kcal, carbohydrate_mg, sodium_mg, potassium_mg, phosphorus_mg, out_of_stock}; null is not known.
    """
    from admin_cli.place import reading
    from core.menu.queries import all_dishes, all_facts

    with reading(console=console) as place, place.store.reading() as connection:
        facts = all_facts(connection)
        sold = [dish for dish in all_dishes(connection) if dish.sold and dish.withdrawn_at is None]
        found = [_dish(dish, facts[dish.id]) for dish in sold if dish.id in facts]
    if as_json:
        return shown.as_json(found)
    rows = [
        (
            one["dish"],
            one["name_en"],
            f"{one['price_francs']:,}",
            " ".join(one["allergens"]) + ("" if one["verified"] else " (not verified)"),
            _figure(one["energy_kcal"]),
            _figure(one["sodium_mg"]),
            _figure(one["potassium_mg"]),
            "OUT" if one["out_of_stock"] else "",
        )
        for one in found
    ]
    columns = ("dish", "name", "francs", "allergens", "kcal", "Na mg", "K mg", "")
    shown.as_table(columns, rows, empty="Nothing is on the menu yet. dusangire menu import")


def _known(connection: Connection) -> KnownMenu:
    from core.diets.catalogue import COMPONENTS, PREFERENCES
    from core.menu.importing import KnownMenu
    from core.menu.queries import all_dishes, ingredients, recipe_of

    dishes = [dish.id for dish in all_dishes(connection)]
    return KnownMenu(
        ingredients=frozenset(one.id for one in ingredients(connection)),
        recipes={
            dish_id: tuple(part.recipe_id for part in recipe_of(connection, dish_id) if part.recipe_id)
            for dish_id in dishes
        },
        suits=COMPONENTS,
        preferences=PREFERENCES,
    )


def _dish(dish: Dish, facts: DishFacts) -> dict[str, Any]:
    from core.kernel.values import codes

    return {
        "dish": dish.id,
        "name_en": dish.name_en,
        "category": dish.category,
        "price_francs": dish.price_francs,
        "services": codes(dish.services),
        "level": dish.level,
        "allergens": codes(facts.allergens),
        "may_contain": codes(facts.may_contain),
        "verified": facts.verified,
        "energy_kcal": facts.energy_kcal,
        "carbohydrate_mg": facts.carbohydrate_mg,
        "sodium_mg": facts.sodium_mg,
        "potassium_mg": facts.potassium_mg,
        "phosphorus_mg": facts.phosphorus_mg,
        "out_of_stock": dish.out_of_stock_at is not None,
    }


def _figure(amount: int | None) -> str:
    return "?" if amount is None else f"{amount:,}"
