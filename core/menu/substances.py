"""The codes of what food is made of: the fourteen allergens, the nutrients, and whether a substance is known."""

from __future__ import annotations

from typing import TypeVar

from core.kernel.refusal import Refusal, Unknown
from core.kernel.row import Row
from core.kernel.tx import Tx
from core.menu.model import Ingredient

R = TypeVar("R", bound=Row)

ALLERGENS = (
    "celery",
    "crustaceans",
    "egg",
    "fish",
    "gluten",
    "lupin",
    "milk",
    "molluscs",
    "mustard",
    "nuts",
    "peanut",
    "sesame",
    "soya",
    "sulphites",
)
MEALS = ("breakfast", "lunch", "dinner", "snack")
NUTRIENTS = (
    "energy_kcal",
    "carbohydrate_mg",
    "protein_mg",
    "fat_mg",
    "sugars_mg",
    "sodium_mg",
    "potassium_mg",
    "phosphorus_mg",
)


def is_known_substance(tx: Tx, code: str) -> bool:
    """Whether dishes can be checked for it: an allergen, or an ingredient of this hospital.

    Ingredients are everybody's rows, so a console that has none by this code knows that there is none; should it
    arrive, the act is judged again.
    """
    return code in ALLERGENS or existing(tx, Ingredient, code) is not None


def existing(tx: Tx, table: type[R], row_id: str) -> R | None:
    """The row if there is one here."""
    try:
        return tx.get(table, row_id)
    except (Refusal, Unknown):
        return None
