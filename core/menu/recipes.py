"""What a dish means for safety, told from its recipe: everything in it, at any depth, counts for the whole (R1, R9).

Sums are exact fractions, rounded half up once, at the end. A part that nobody knows makes the whole unknown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from core.kernel.refusal import Refusal
from core.kernel.tx import Tx
from core.kernel.values import as_codes, codes
from core.menu.events import DishFactsChanged
from core.menu.model import Dish, DishFacts, Ingredient, RecipePart
from core.menu.substances import NUTRIENTS, existing

DEEPEST = 8
Exact = dict[str, Fraction | None]


@dataclass(slots=True)
class Composition:
    """What is in one portion of a dish or recipe. `depth`: how many recipes lie within one another, itself included."""

    allergens: dict[str, None] = field(default_factory=dict)
    may_contain: dict[str, None] = field(default_factory=dict)
    ingredients: dict[str, None] = field(default_factory=dict)
    verified: bool = True
    nutrients: Exact = field(default_factory=lambda: dict.fromkeys(NUTRIENTS, Fraction(0)))
    grams: int = 0
    depth: int = 1

    def take_in(self, part: Composition, share: Fraction | None) -> None:
        """Adds so much of a part: all of what it may do to somebody, and its share of what it nourishes."""
        self.allergens.update(part.allergens)
        self.may_contain.update(part.may_contain)
        self.ingredients.update(part.ingredients)
        self.verified = self.verified and part.verified
        self.depth = max(self.depth, part.depth + 1)
        for nutrient, so_far in self.nutrients.items():
            here = part.nutrients[nutrient]
            known = so_far is not None and here is not None and share is not None
            self.nutrients[nutrient] = so_far + here * share if known else None  # type: ignore[operator]


class Kitchen:
    """Reads recipes, each once. Raises Refusal for a recipe that holds itself,
    or lies deeper than anybody can check."""

    def __init__(self, tx: Tx) -> None:
        self.tx = tx
        self.known: dict[str, Composition] = {}

    def composition_of(self, dish_id: str, within: tuple[str, ...] = ()) -> Composition:
        if dish_id in within:
            raise Refusal("recipe_contains_itself", dish=dish_id)
        if len(within) >= DEEPEST:
            raise Refusal("recipe_too_deep", dish=within[0], most=DEEPEST)
        if dish_id not in self.known:
            self.known[dish_id] = self._read(dish_id, (*within, dish_id))
        found = self.known[dish_id]
        if len(within) + found.depth > DEEPEST:
            raise Refusal("recipe_too_deep", dish=within[0] if within else dish_id, most=DEEPEST)
        return found

    def _read(self, dish_id: str, within: tuple[str, ...]) -> Composition:
        dish = self.tx.get(Dish, dish_id)
        parts = self.tx.all(RecipePart, of=dish)
        whole = Composition(grams=sum(part.grams for part in parts))
        for part in parts:
            if part.ingredient_id:
                ingredient = self.tx.get(Ingredient, part.ingredient_id)
                whole.take_in(_of_ingredient(ingredient), Fraction(part.grams, 100))
            else:
                inner = self.composition_of(part.recipe_id, within)
                yields = self.tx.get(Dish, part.recipe_id).portion_grams or inner.grams
                whole.take_in(inner, Fraction(part.grams, yields) if yields else None)
        whole.may_contain.update(dict.fromkeys(codes(dish.cross_contact)))
        if not parts:  # nobody has said what is in it: unknown, not empty (R9)
            whole.verified = False
            whole.nutrients = dict.fromkeys(NUTRIENTS, None)
        return whole


def refresh_facts(tx: Tx, dish_ids: Iterable[str]) -> None:
    """Tells anew what these dishes, and every dish that holds them, mean for safety; emits what has changed."""
    kitchen = Kitchen(tx)
    for dish_id in _with_everything_above(tx, dish_ids):
        _write_facts(tx, tx.get(Dish, dish_id), kitchen.composition_of(dish_id))


def dishes_with(tx: Tx, ingredient: Ingredient) -> list[str]:
    """The dishes and recipes whose own parts name this ingredient."""
    return list(dict.fromkeys(part.dish_id for part in tx.all(RecipePart, of=ingredient)))


def facts_of(tx: Tx, dish: Dish, made_of: Composition) -> DishFacts:
    """The row that judges read. What cannot be ordered at all counts as out of stock."""
    amounts: dict[str, Any] = {nutrient: _rounded(exact) for nutrient, exact in made_of.nutrients.items()}
    may_contain = [code for code in made_of.may_contain if code not in made_of.allergens]
    return DishFacts(
        id=dish.id,
        allergens=as_codes(list(made_of.allergens)),
        may_contain=as_codes(may_contain),
        ingredients=as_codes(list(made_of.ingredients)),
        suits=dish.suits,
        preferences=dish.preferences,
        verified=made_of.verified,
        is_drink=dish.is_drink,
        level=dish.level,
        choking=dish.choking,
        out_of_stock=is_unavailable(dish),
        changed_at=tx.at,
        changed_by=tx.actor.person_id,
        **amounts,
    )


def is_unavailable(dish: Dish) -> bool:
    return not dish.sold or dish.out_of_stock_at is not None or dish.withdrawn_at is not None


def _write_facts(tx: Tx, dish: Dish, made_of: Composition) -> None:
    told = facts_of(tx, dish, made_of)
    before = existing(tx, DishFacts, dish.id)
    if before is None:
        tx.add(told)
    else:
        columns = {name: value for name, value in told.__dict__.items() if name not in _NOT_SAFETY}
        if all(getattr(before, name) == value for name, value in columns.items()):
            return
        tx.change(before, **columns, changed_at=tx.at, changed_by=tx.actor.person_id)
    tx.emit(DishFactsChanged(dish_id=dish.id))


_NOT_SAFETY = ("id", "version", "changed_at", "changed_by")


def _with_everything_above(tx: Tx, dish_ids: Iterable[str]) -> list[str]:
    """These dishes and all that hold them, nearest first. Ends: a dish is looked at once."""
    found = dict.fromkeys(dish_ids)
    waiting = list(found)
    while waiting:
        dish = tx.get(Dish, waiting.pop(0))
        for part in tx.all(RecipePart, of=dish, by="recipe_id"):
            if part.dish_id not in found:
                found[part.dish_id] = None
                waiting.append(part.dish_id)
    return list(found)


def _of_ingredient(ingredient: Ingredient) -> Composition:
    """One hundred grams of an ingredient."""
    per_100: Exact = {
        nutrient: None if amount is None else Fraction(amount)
        for nutrient, amount in ((name, getattr(ingredient, name)) for name in NUTRIENTS)
    }
    return Composition(
        allergens=dict.fromkeys(codes(ingredient.allergens)),
        may_contain=dict.fromkeys(codes(ingredient.may_contain)),
        ingredients={ingredient.id: None},
        verified=ingredient.verified,
        nutrients=per_100,
        grams=100,
        depth=0,
    )


def _rounded(exact: Fraction | None) -> int | None:
    """Half up, as people round."""
    return None if exact is None else (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)
