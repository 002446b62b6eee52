"""What is on the menu, and when: for screens, pages and the command line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, Table, select

from core.kernel.row import Row
from core.kernel.values import codes
from core.menu.model import (
    Dish,
    DishFacts,
    DishFactsTable,
    DishTable,
    Ingredient,
    IngredientTable,
    RecipePart,
    RecipePartTable,
    Service,
    ServiceTable,
)

R = TypeVar("R", bound=Row)
DISH: Table = DishTable.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
FACTS: Table = DishFactsTable.__table__  # type: ignore[attr-defined]  # as above
INGREDIENT: Table = IngredientTable.__table__  # type: ignore[attr-defined]  # as above
PART: Table = RecipePartTable.__table__  # type: ignore[attr-defined]  # as above
SERVICE: Table = ServiceTable.__table__  # type: ignore[attr-defined]  # as above


def services_of_day(db: Connection, day: str) -> list[Service]:
    """The services of a hospital day, in the sequence of the day."""
    return _services(db, select(SERVICE).where(SERVICE.c.day == day))


def services_open_at(db: Connection, at: int) -> list[Service]:
    """What may be ordered at this instant, the nearest cut-off first."""
    still = select(SERVICE).where(SERVICE.c.opens_at <= at, SERVICE.c.cut_off_at > at)
    return _rows(db, Service, still.order_by(SERVICE.c.cut_off_at, SERVICE.c.id))


def services_under_way_at(db: Connection, at: int) -> list[Service]:
    """What is being ordered, cooked or served at this instant."""
    return _services(db, select(SERVICE).where(SERVICE.c.opens_at <= at, SERVICE.c.ends_at > at))


def next_services(db: Connection, at: int, *, limit: int = 4) -> list[Service]:
    """What opens next."""
    return _services(db, select(SERVICE).where(SERVICE.c.opens_at > at).limit(limit))


def services_over(db: Connection, *, before: int, limit: int = 100) -> list[Service]:
    """Services that ended before an instant and still lie on the devices."""
    over = select(SERVICE).where(SERVICE.c.ends_at < before, SERVICE.c.archived_at.is_(None))
    return _services(db, over.limit(limit))


def services_ending_after(db: Connection, at: int) -> list[Service]:
    """What is not over at this instant, however far ahead: for a snapshot of the menu."""
    return _services(db, select(SERVICE).where(SERVICE.c.ends_at > at, SERVICE.c.archived_at.is_(None)))


def dishes_of(db: Connection, meal: str) -> list[Dish]:
    """What is sold at a meal, by category; what has run out is among it, and says so."""
    sold = select(DISH).where(DISH.c.sold, DISH.c.withdrawn_at.is_(None))
    dishes = _rows(db, Dish, sold.order_by(DISH.c.category, DISH.c.id))
    return [dish for dish in dishes if meal in codes(dish.services)]


def all_dishes(db: Connection) -> list[Dish]:
    """Every dish and recipe, by id: for editing."""
    return _rows(db, Dish, select(DISH).order_by(DISH.c.id))


def facts_of(db: Connection, dish_ids: Iterable[str]) -> dict[str, DishFacts]:
    """What these dishes mean for safety."""
    wanted = select(FACTS).where(FACTS.c.id.in_(list(dish_ids)))
    return {facts.id: facts for facts in _rows(db, DishFacts, wanted)}


def all_facts(db: Connection) -> dict[str, DishFacts]:
    """What every dish means for safety: for a snapshot of the menu."""
    return {facts.id: facts for facts in _rows(db, DishFacts, select(FACTS).order_by(FACTS.c.id))}


def ingredients(db: Connection) -> list[Ingredient]:
    return _rows(db, Ingredient, select(INGREDIENT).order_by(INGREDIENT.c.id))


def recipe_of(db: Connection, dish_id: str) -> list[RecipePart]:
    """The parts of a recipe as it is now."""
    parts = select(PART).where(PART.c.dish_id == dish_id, PART.c.removed_at.is_(None))
    return _rows(db, RecipePart, parts.order_by(PART.c.id))


def _services(db: Connection, chosen: Select[Any]) -> list[Service]:
    return _rows(db, Service, chosen.order_by(SERVICE.c.opens_at, SERVICE.c.id))


def _rows(db: Connection, table: type[R], chosen: Select[Any]) -> list[R]:
    return [table.trusted(dict(row)) for row in db.execute(chosen).mappings()]
