"""What the kitchen can serve: ingredients, dishes with their recipes, the services of a day, and what has run out."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from core.kernel.handle import EDIT, FACT, SERVER, Handle
from core.kernel.message import Command
from core.kernel.refusal import Refusal
from core.kernel.text import Code, Codes, Instant, RowId, ShortWords, cells
from core.kernel.tx import Tx
from core.kernel.values import Role, as_codes
from core.menu import defaults
from core.menu.events import DishFactsChanged
from core.menu.model import Dish, DishFacts, Ingredient, RecipePart, Service
from core.menu.recipes import dishes_with, is_unavailable, refresh_facts
from core.menu.substances import ALLERGENS, MEALS, NUTRIENTS, existing
from core.wards.model import Kitchen

KITCHEN_CELLS = 20  # of a dish's name on the wall (screens.md §2.6)
MOST_PARTS = 60
Amount = Annotated[int, Field(ge=0, lt=1 << 31)]
Grams = Annotated[int, Field(ge=1, le=100_000)]
Name = Annotated[ShortWords, Field(min_length=1)]


class SetIngredient(Command):
    """An ingredient as it is from now on. Nutrients are per 100 g; None is not known."""

    ingredient_id: Code
    name_en: Name
    name_fr: Name
    name_rw: Name
    source: ShortWords = ""
    allergens: Codes = ()
    may_contain: Codes = ()
    verified: bool
    energy_kcal: Amount | None = None
    carbohydrate_mg: Amount | None = None
    protein_mg: Amount | None = None
    fat_mg: Amount | None = None
    sugars_mg: Amount | None = None
    sodium_mg: Amount | None = None
    potassium_mg: Amount | None = None
    phosphorus_mg: Amount | None = None


def set_ingredient(tx: Tx, cmd: SetIngredient) -> None:
    """Every dish that holds it, at any depth, is told anew."""
    _refuse_unknown_allergens(cmd.allergens, cmd.may_contain)
    columns = {
        "name_en": cmd.name_en,
        "name_fr": cmd.name_fr,
        "name_rw": cmd.name_rw,
        "source": cmd.source,
        "allergens": as_codes(cmd.allergens),
        "may_contain": as_codes(cmd.may_contain),
        "verified": cmd.verified,
        **{nutrient: getattr(cmd, nutrient) for nutrient in NUTRIENTS},
    }
    before = existing(tx, Ingredient, cmd.ingredient_id)
    if before is None:
        tx.add(Ingredient(id=cmd.ingredient_id, **columns))
        return
    ingredient = tx.change(before, **columns)
    refresh_facts(tx, dishes_with(tx, ingredient))


class Part(BaseModel):
    """So many grams of an ingredient, or of another recipe."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    ingredient_id: Code | Literal[""] = ""
    recipe_id: Code | Literal[""] = ""
    grams: Grams

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        if bool(self.ingredient_id) == bool(self.recipe_id):
            raise ValueError("a part is an ingredient or a recipe")
        return self


class SetDish(Command):
    """A dish and its recipe as they are from now on. sold False: a recipe that only other recipes use.

    Whether it has run out is not told here, and stays as it is.
    """

    dish_id: Code
    name_en: Name
    name_fr: Name
    name_rw: Name
    kitchen_en: ShortWords = ""
    kitchen_fr: ShortWords = ""
    kitchen_rw: ShortWords = ""
    category: Code | Literal[""] = ""
    sold: bool = True
    price_francs: Annotated[int, Field(ge=0, le=10_000_000)] = 0
    is_drink: bool = False
    level: Literal["0", "1", "2", "3", "4", "5", "6", "7EC", "7"] = "7"
    suits: Codes = ()
    preferences: Codes = ()
    services: Codes = ()
    cross_contact: Codes = ()
    portion_grams: Annotated[int, Field(ge=0, le=100_000)] = 0
    choking: bool = False
    withdrawn: bool = False
    parts: Annotated[tuple[Part, ...], Field(max_length=MOST_PARTS)]


def set_dish(tx: Tx, cmd: SetDish) -> None:
    """The recipe is replaced whole; this dish and every dish that holds it are told anew."""
    _refuse_unfit_dish(tx, cmd)
    dish = _write_dish(tx, cmd)
    for part in tx.all(RecipePart, of=dish, by="dish_id"):
        tx.change(part, removed_at=tx.at)
    for wanted in cmd.parts:
        tx.add(
            RecipePart(
                id=tx.new_id(),
                dish_id=dish.id,
                ingredient_id=wanted.ingredient_id,
                recipe_id=wanted.recipe_id,
                grams=wanted.grams,
            )
        )
    refresh_facts(tx, [dish.id])


def _refuse_unfit_dish(tx: Tx, cmd: SetDish) -> None:
    _refuse_unknown_allergens(cmd.cross_contact)
    for meal in cmd.services:
        if meal not in MEALS:
            raise Refusal("unknown_meal", code=meal)
    for name in _kitchen_names(cmd).values():
        if cmd.sold and cells(name) > KITCHEN_CELLS:
            raise Refusal("kitchen_name_too_long", name=name, most=KITCHEN_CELLS)
    for part in cmd.parts:
        if part.ingredient_id and existing(tx, Ingredient, part.ingredient_id) is None:
            raise Refusal("unknown_ingredient", code=part.ingredient_id)
        if part.recipe_id == cmd.dish_id:
            raise Refusal("recipe_contains_itself", dish=cmd.dish_id)
        if part.recipe_id and existing(tx, Dish, part.recipe_id) is None:
            raise Refusal("unknown_recipe", code=part.recipe_id)


def _write_dish(tx: Tx, cmd: SetDish) -> Dish:
    before = existing(tx, Dish, cmd.dish_id)
    since = before.withdrawn_at if before is not None and before.withdrawn_at is not None else tx.at
    columns: dict[str, Any] = {
        "name_en": cmd.name_en,
        "name_fr": cmd.name_fr,
        "name_rw": cmd.name_rw,
        **_kitchen_names(cmd),
        "category": cmd.category,
        "sold": cmd.sold,
        "price_francs": cmd.price_francs,
        "is_drink": cmd.is_drink,
        "level": cmd.level,
        "suits": as_codes(cmd.suits),
        "preferences": as_codes(cmd.preferences),
        "services": as_codes(cmd.services),
        "cross_contact": as_codes(cmd.cross_contact),
        "portion_grams": cmd.portion_grams,
        "choking": cmd.choking,
        "withdrawn_at": since if cmd.withdrawn else None,
    }
    if before is None:
        return tx.add(Dish(id=cmd.dish_id, **columns))
    return tx.change(before, **columns)


def _kitchen_names(cmd: SetDish) -> dict[str, str]:
    return {
        "kitchen_en": cmd.kitchen_en or cmd.name_en,
        "kitchen_fr": cmd.kitchen_fr or cmd.name_fr,
        "kitchen_rw": cmd.kitchen_rw or cmd.name_rw,
    }


def _refuse_unknown_allergens(*lists: tuple[str, ...]) -> None:
    for codes in lists:
        for code in codes:
            if code not in ALLERGENS:
                raise Refusal("unknown_allergen", code=code)


class SetService(Command):
    """One meal of one hospital day: when it may be ordered, when the carts leave, when it ends."""

    service_id: RowId
    kitchen_id: RowId
    day: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    meal: Literal["breakfast", "lunch", "dinner", "snack"]
    opens_at: Instant
    cut_off_at: Instant
    dispatch_at: Instant
    ends_at: Instant


def set_service(tx: Tx, cmd: SetService) -> None:
    in_order = cmd.opens_at < cmd.cut_off_at <= cmd.ends_at and cmd.opens_at < cmd.dispatch_at <= cmd.ends_at
    if not in_order:
        raise Refusal("service_times_crossed", service=cmd.service_id)
    if not cmd.service_id.startswith(f"{cmd.day}-{cmd.meal}"):
        raise Refusal("service_misnamed", service=cmd.service_id)
    if existing(tx, Kitchen, cmd.kitchen_id) is None:
        raise Refusal("unknown_kitchen", code=cmd.kitchen_id)
    columns = cmd.model_dump(exclude={"service_id"})
    before = existing(tx, Service, cmd.service_id)
    if before is None:
        tx.add(Service(id=cmd.service_id, **columns))
    else:
        tx.change(before, **columns)


class ArchiveService(Command):
    """A service is long over: it leaves the devices."""

    service_id: RowId


def archive_service(tx: Tx, cmd: ArchiveService) -> None:
    service = tx.get(Service, cmd.service_id)
    if service.archived_at is None:
        tx.change(service, archived_at=tx.at)


class MarkOutOfStock(Command):
    """A dish has run out in the kitchen."""

    dish_id: RowId


def mark_out_of_stock(tx: Tx, cmd: MarkOutOfStock) -> None:
    dish = tx.get(Dish, cmd.dish_id)
    if dish.out_of_stock_at is not None:
        return tx.already()
    _tell_stock(tx, dish, out_of_stock_at=tx.at)


class BackInStock(Command):
    """The kitchen has it again."""

    dish_id: RowId


def back_in_stock(tx: Tx, cmd: BackInStock) -> None:
    dish = tx.get(Dish, cmd.dish_id)
    if dish.out_of_stock_at is None:
        return tx.already()
    _tell_stock(tx, dish, out_of_stock_at=None)


def _tell_stock(tx: Tx, dish: Dish, *, out_of_stock_at: int | None) -> None:
    dish = tx.change(dish, out_of_stock_at=out_of_stock_at)
    facts = tx.get(DishFacts, dish.id)
    if facts.out_of_stock == is_unavailable(dish):
        return
    tx.change(facts, out_of_stock=is_unavailable(dish), changed_at=tx.at, changed_by=tx.actor.person_id)
    tx.emit(DishFactsChanged(dish_id=dish.id))


EDITORS = frozenset({Role.ADMIN, Role.KITCHEN_LEAD, Role.NUTRITIONIST, Role.SYSTEM})
PLANNERS = frozenset({Role.ADMIN, Role.KITCHEN_LEAD, Role.SYSTEM})
STOVE = frozenset({Role.COOK, Role.KITCHEN_LEAD})

HANDLERS = (
    *defaults.HANDLERS,
    Handle(SetIngredient, set_ingredient, kind=EDIT, where=SERVER, roles=EDITORS, edits=Ingredient),
    Handle(SetDish, set_dish, kind=EDIT, where=SERVER, roles=EDITORS, edits=Dish),
    Handle(SetService, set_service, kind=EDIT, where=SERVER, roles=PLANNERS, edits=Service),
    Handle(ArchiveService, archive_service, kind=FACT, where=SERVER, roles={Role.SYSTEM}),
    Handle(MarkOutOfStock, mark_out_of_stock, kind=FACT, roles=STOVE),
    Handle(BackInStock, back_in_stock, kind=FACT, roles=STOVE),
)
