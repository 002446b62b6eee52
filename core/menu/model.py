"""Dishes, what is in them, what that means for safety, and the services they are served at."""

from __future__ import annotations

from typing import ClassVar

from core.kernel.row import HOSPITAL, Row


class Ingredient(Row):
    """One ingredient; its id is its code. Nutrients are per 100 g; None is unknown, never zero (R11)."""

    audiences: ClassVar = (HOSPITAL,)

    name_en: str
    name_fr: str
    name_rw: str
    source: str = ""  # "SR24 16087"
    allergens: str = ""  # codes
    may_contain: str = ""  # codes
    verified: bool = True  # False: nobody has vouched for its composition (R9)
    energy_kcal: int | None = None
    carbohydrate_mg: int | None = None
    protein_mg: int | None = None
    fat_mg: int | None = None
    sugars_mg: int | None = None
    sodium_mg: int | None = None
    potassium_mg: int | None = None
    phosphorus_mg: int | None = None


class IngredientTable(Ingredient, table=True):
    __tablename__ = "ingredient"


class Dish(Row):
    """One dish of the menu, or (sold=False) a recipe that only other recipes use. Its id is its code."""

    audiences: ClassVar = (HOSPITAL,)

    name_en: str
    name_fr: str
    name_rw: str
    kitchen_en: str  # at most 20 cells (screens.md §2.6)
    kitchen_fr: str
    kitchen_rw: str
    category: str
    sold: bool = True
    price_francs: int = 0
    is_drink: bool = False
    level: str = "7"  # IDDSI: 0-4 for drinks, 3-7 and 7EC for food
    suits: str = ""  # codes of the diet components it satisfies
    preferences: str = ""  # codes: vegetarian, halal ...
    services: str = ""  # codes
    cross_contact: str = ""  # allergen codes: shared fryer
    portion_grams: int = 0
    choking: bool = False  # on the list of what a small child can choke on: whole nuts, hard round pieces (R56)
    out_of_stock_at: int | None = None
    withdrawn_at: int | None = None

    def name(self, language: str) -> str:
        return str(getattr(self, f"name_{language}", "") or self.name_en)

    def kitchen_name(self, language: str) -> str:
        return str(getattr(self, f"kitchen_{language}", "") or self.kitchen_en)


class DishTable(Dish, table=True):
    __tablename__ = "dish"


class RecipePart(Row):
    """So many grams of an ingredient, or of another recipe, in one portion of a dish."""

    audiences: ClassVar = (HOSPITAL,)
    owners: ClassVar = {"dish_id": "dish", "recipe_id": "dish", "ingredient_id": "ingredient"}
    listed_while_empty: ClassVar = "removed_at"

    dish_id: str
    ingredient_id: str = ""
    recipe_id: str = ""  # a dish with sold=False
    grams: int
    removed_at: int | None = None


class RecipePartTable(RecipePart, table=True):
    __tablename__ = "recipe_part"


class DishFacts(Row):
    """What a dish means for safety, rolled up over its recipe tree; its id is the dish's. The verdict reads only this.

    allergens, may_contain (with cross contact), ingredients, suits, preferences: codes. Nutrients per whole portion;
    None where any part is unknown.
    """

    audiences: ClassVar = (HOSPITAL,)

    allergens: str = ""
    may_contain: str = ""
    ingredients: str = ""
    suits: str = ""
    preferences: str = ""
    verified: bool = True
    is_drink: bool = False
    level: str = "7"
    choking: bool = False
    out_of_stock: bool = False
    energy_kcal: int | None = None
    carbohydrate_mg: int | None = None
    protein_mg: int | None = None
    fat_mg: int | None = None
    sugars_mg: int | None = None
    sodium_mg: int | None = None
    potassium_mg: int | None = None
    phosphorus_mg: int | None = None
    changed_at: int
    changed_by: str


class DishFactsTable(DishFacts, table=True):
    __tablename__ = "dish_facts"


class DefaultMeal(Row):
    """What whoever has ordered nothing is served at a meal; of several the first that suits the patient, by rank."""

    audiences: ClassVar = (HOSPITAL,)
    owners: ClassVar = {"kitchen_id": "kitchen"}
    listed_while_empty: ClassVar = "withdrawn_at"

    kitchen_id: str
    meal: str
    rank: int
    dishes: str  # dish ids, in the sequence they are served
    withdrawn_at: int | None = None


class DefaultMealTable(DefaultMeal, table=True):
    __tablename__ = "default_meal"


class Service(Row):
    """One meal of one day; its id is `2026-11-24-lunch`. Instants in ms UTC."""

    audiences: ClassVar = (HOSPITAL,)
    owners: ClassVar = {"kitchen_id": "kitchen"}
    retired_by: ClassVar = "archived_at"
    housekeeping: ClassVar = "leaves the devices two days after its end"

    kitchen_id: str
    day: str  # hospital day, 2026-11-24
    meal: str  # breakfast, lunch, dinner, snack
    opens_at: int
    cut_off_at: int
    dispatch_at: int
    ends_at: int
    archived_at: int | None = None


class ServiceTable(Service, table=True):
    __tablename__ = "service"
