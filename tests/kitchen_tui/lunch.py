"""Lunch in full swing, at twelve minutes past twelve: the nine meals of the wall's picture, made as in life."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.diets.allergies import RecordAllergiesAsked, RecordAllergy
from core.diets.commands import PrescribeDiet
from core.kernel.tx import Tx
from core.kernel.values import MINUTE_MS
from core.menu.commands import Part, SetDish, SetIngredient, SetService
from core.orders.attempts import Ordered
from core.orders.commands import MarkReady, StartCooking, TickLine
from core.orders.model import Order, OrderLine
from core.orders.placing import PlaceOrder
from core.wards.commands import AddBeds, AssignBed, NewBed, OpenKitchen, OpenStay, OpenWard
from tests import given

NOW = given.MIDNIGHT + (12 * 60 + 12) * MINUTE_MS
DISPATCH = given.MIDNIGHT + (12 * 60 + 30) * MINUTE_MS
ORDERED = given.MIDNIGHT + (10 * 60 + 5) * MINUTE_MS
LUNCH = f"{given.DAY}-lunch"
WARDS = (("EM", 2, 217, True), ("ICU", 3, 216, False), ("A", 4, 214, False), ("B", 7, 215, False))
DISHES = {
    "ibishyimbo": ("Ibishyimbo", "7"),
    "umuceri": ("Umuceri", "7"),
    "isupu": ("Isupu y'imboga", "7"),
    "ibihaza": ("Ibihaza binoze", "4"),
    "igikoma": ("Igikoma n'amata", "4"),
    "inkoko": ("Inyama y'inkoko", "7"),
    "kawunga": ("Kawunga", "7"),
    "sosoma": ("Igikoma cya SOSOMA", "7"),
}
SUITS = ("diabetic", "low_potassium", "low_salt", "regular", "renal")
ASKED_NONE: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Meal:
    """One line of the picture."""

    number: str
    bed: str
    dishes: tuple[tuple[str, int], ...]
    diet: tuple[str, ...] = ("regular",)
    allergies: tuple[str, ...] | None = ASKED_NONE  # None: nobody asked
    more: tuple[tuple[str, object], ...] = ()
    wish: str = ""


MEALS = (
    Meal("L-0423", "EM-002", (("sosoma", 2),), allergies=None),
    Meal("L-0398", "ICU-004", (("isupu", 2),)),
    Meal(
        "L-0412",
        "A-015",
        (("ibishyimbo", 2), ("umuceri", 1)),
        diet=("diabetic", "low_salt"),
        allergies=("fish", "peanut"),
    ),
    Meal("L-0426", "A-019", (("kawunga", 2),), more=(("assistance", ("no_sharp_cutlery",)),)),
    Meal("L-0427", "A-027", (("umuceri", 2),), more=(("isolation", "contact"),)),
    Meal("L-0420", "A-031", (("kawunga", 2),), diet=("low_salt",), wish="cut small, please"),
    Meal(
        "L-0405",
        "B-007",
        (("ibihaza", 2), ("igikoma", 2)),
        more=(("food_level", "4"), ("fluid_level", "2")),
    ),
    Meal("L-0417", "B-012", (("umuceri", 2), ("inkoko", 2))),
    Meal("L-0430", "B-003", (("umuceri", 2),), more=(("assistance", ("needs_help_eating",)),)),
    Meal("L-0401", "A-009", (("umuceri", 2),)),
)


def hospital(tx: Tx) -> None:
    """One kitchen, four wards, eight dishes, one lunch, and the staff of the other tests."""
    given.perform(tx, OpenKitchen(kitchen_id="main", title="Main kitchen"), at=given.MIDNIGHT)
    for order, (ward, minutes, extension, first) in enumerate(WARDS):
        opened = OpenWard(
            ward_id=ward,
            kitchen_id="main",
            name_en=f"Ward {ward}",
            extension=str(extension),
            walking_order=order,
            minutes_from_kitchen=minutes,
            first=first,
        )
        given.perform(tx, opened, at=given.MIDNIGHT)
        beds = tuple(NewBed(bed_id=f"{ward}-{number:03}") for number in range(1, 41))
        given.perform(tx, AddBeds(ward_id=ward, beds=beds), at=given.MIDNIGHT)
    _menu(tx)
    given.staff(tx)


def _menu(tx: Tx) -> None:
    plain = SetIngredient(
        ingredient_id="plain", name_en="plain", name_fr="plain", name_rw="plain", verified=True, sodium_mg=10
    )
    given.perform(tx, plain, by=given.LEAD, at=given.MIDNIGHT)
    for code, (name, level) in DISHES.items():
        dish = SetDish(
            dish_id=code,
            name_en=name,
            name_fr=name,
            name_rw=name,
            category="main",
            price_francs=500,
            level=level,  # type: ignore[arg-type]  # 4 or 7
            is_drink=False,
            suits=SUITS,
            services=("lunch", "dinner"),
            portion_grams=200,
            parts=(Part(ingredient_id="plain", grams=100),),
        )
        given.perform(tx, dish, by=given.LEAD, at=given.MIDNIGHT)
    service = SetService(
        service_id=LUNCH,
        kitchen_id="main",
        day=given.DAY,
        meal="lunch",
        opens_at=DISPATCH - 6 * 60 * MINUTE_MS,
        cut_off_at=DISPATCH - 60 * MINUTE_MS,
        dispatch_at=DISPATCH,
        ends_at=DISPATCH + 120 * MINUTE_MS,
    )
    given.perform(tx, service, by=given.LEAD, at=given.MIDNIGHT)


def served(tx: Tx, meals: Sequence[Meal] = MEALS) -> dict[str, Order]:
    """Patients in their beds, and their meals as they were ordered; by number."""
    return {meal.number: order(tx, meal) for meal in meals}


def order(tx: Tx, meal: Meal, *, at: int = ORDERED) -> Order:
    stay_id = admitted(tx, meal)
    place = PlaceOrder(
        stay_id=stay_id,
        service_id=LUNCH,
        number=meal.number,
        lines=tuple(Ordered(dish_id=dish, halves=halves) for dish, halves in meal.dishes),
        wish=meal.wish,
    )
    return given.perform(tx, place, by=given.DOCTOR, at=at).added(Order)[0]


def admitted(tx: Tx, meal: Meal) -> str:
    """A patient in the bed, asked about allergies and with a diet."""
    ward, _, number = meal.bed.partition("-")
    stay_id = f"stay-{ward}-{number}"
    opened = OpenStay(
        stay_id=stay_id,
        ward_id=ward,
        hospital_number=f"H-{ward}-{number}",
        full_name=f"Uwimana Patient {number}",
        birth_date="1974-04-12",
    )
    given.perform(tx, opened, by=given.DOCTOR if ward not in ("A", "B") else None, at=given.MORNING)
    if meal.allergies is not None:
        for allergen in meal.allergies:
            given.perform(tx, RecordAllergy(stay_id=stay_id, code=allergen), by=given.DOCTOR, at=given.MORNING)
        if not meal.allergies:
            asked = RecordAllergiesAsked(stay_id=stay_id, none=True)
            given.perform(tx, asked, by=given.DOCTOR, at=given.MORNING)
    prescribe(tx, stay_id, meal.diet, at=given.MORNING, **dict(meal.more))
    given.perform(tx, AssignBed(stay_id=stay_id, bed_id=meal.bed), by=given.DOCTOR, at=given.MORNING)
    return stay_id


def prescribe(tx: Tx, stay_id: str, diet: tuple[str, ...], *, at: int, **more: object) -> None:
    from core.diets.model import DietProfile
    from core.diets.profile import replaced_by_order

    named = replaced_by_order(tx.get(DietProfile, stay_id).periods, from_at=at)
    ordered = PrescribeDiet(stay_id=stay_id, replaces=named, components=diet, **more)  # type: ignore[arg-type]
    given.perform(tx, ordered, by=given.DOCTOR, at=at)


def swing(tx: Tx) -> dict[str, Order]:
    """The wall's picture: one meal cooking, one ready, one stopped while it was cooked, one changed, one held."""
    orders = served(tx)
    for number, cook, minutes in (("L-0398", given.COOK, 10), ("L-0405", given.COOK, 6), ("L-0401", given.COOK_2, 20)):
        given.perform(tx, StartCooking(order_id=orders[number].id), by=cook, at=NOW - minutes * MINUTE_MS)
    ticked(tx, orders["L-0398"], at=NOW - 8 * MINUTE_MS)
    ticked(tx, orders["L-0405"], at=NOW - 2 * MINUTE_MS)
    given.perform(tx, MarkReady(order_id=orders["L-0401"].id), by=given.COOK_2, at=NOW - MINUTE_MS)
    prescribe(tx, orders["L-0417"].stay_id, ("renal", "low_potassium"), at=NOW - 2 * MINUTE_MS)
    given.nil_by_mouth(tx, orders["L-0398"].stay_id, at=NOW - 3 * MINUTE_MS)
    return {number: given.now(tx, order) for number, order in orders.items()}


def ticked(tx: Tx, order: Order, *, at: int) -> None:
    """The first dish is on its tray."""
    line = tx.all(OrderLine, of=order)[0]
    given.perform(tx, TickLine(line_id=line.id), by=given.COOK, at=at)
