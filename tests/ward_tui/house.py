"""The house that every test of the ward's console begins in: kitchen, wards, beds, menu, lunch under way, staff."""

from __future__ import annotations

from pathlib import Path

from core.kernel.values import HOUR_MS, MINUTE_MS, Role
from core.menu.commands import Part, SetDish, SetIngredient, SetService
from core.wards.commands import AddBeds, NewBed, OpenKitchen, OpenWard
from tests.sync.client.hospital import NOON, Hospital, hire

LUNCH_TIME = 6_100_000  # ms after the hospital's noon: 12:35 in Kigali
AT = NOON + LUNCH_TIME
DAY = "2025-10-09"
LUNCH, DINNER = f"{DAY}-lunch", f"{DAY}-dinner"
RICE, BEANS, ISOMBE = "umuceri", "ibishyimbo", "isombe"
RUNNER_PIN, NURSE_PIN = "135791", "482913"
PINS = {"runner-1": RUNNER_PIN, "runner-2": "246813", "nurse-1": NURSE_PIN, "nurse-2": "735108"}


def house(folder: Path) -> Path:
    """One kitchen, two wards with beds, a small menu, lunch under way, staff with PINs: the file of its store."""
    hospital = Hospital(folder)
    hospital.time.at = LUNCH_TIME
    hospital.told(OpenKitchen(kitchen_id="main", title="Main kitchen"))
    for order, (ward_id, extension) in enumerate((("A", "214"), ("B", "215"))):
        opening = OpenWard(
            ward_id=ward_id,
            kitchen_id="main",
            name_en=f"Ward {ward_id}, surgery",
            extension=extension,
            walking_order=order,
            minutes_from_kitchen=1 + 4 * order,
        )
        hospital.told(opening)
        beds = tuple(NewBed(bed_id=f"{ward_id}-{number:03}") for number in range(1, 31))
        hospital.told(AddBeds(ward_id=ward_id, beds=beds))
    _menu(hospital)
    for person_id, role, ward_id in (
        ("runner-1", Role.RUNNER, ""),
        ("runner-2", Role.RUNNER, ""),
        ("nurse-1", Role.NURSE, "A"),
        ("nurse-2", Role.NURSE, "B"),
    ):
        hire(hospital, person_id, role=role, ward_id=ward_id, pin=PINS[person_id])
    for person_id, role in (("cook-1", Role.COOK), ("doctor-1", Role.DOCTOR)):
        hire(hospital, person_id, role=role, ward_id="", pin="908172")
    hospital.store.checkpoint()
    hospital.store.close()
    return folder / "hospital.db"


def _menu(hospital: Hospital) -> None:
    for code, allergens in (("rice", ()), ("beans", ()), ("leaves", ()), ("groundnut", ("peanut",)), ("goat", ())):
        salty = 900 if code == "goat" else 10
        hospital.told(
            SetIngredient(
                ingredient_id=code,
                name_en=code,
                name_fr=code,
                name_rw=code,
                allergens=allergens,
                verified=True,
                energy_kcal=100,
                carbohydrate_mg=10_000,
                protein_mg=1_000,
                fat_mg=500,
                sugars_mg=100,
                sodium_mg=salty,
                potassium_mg=100,
                phosphorus_mg=50,
            )
        )
    for code, price, parts in (
        (RICE, 500, ("rice",)),
        (BEANS, 1_000, ("beans",)),
        (ISOMBE, 1_200, ("leaves", "groundnut")),
        ("brochette", 2_500, ("goat",)),
    ):
        hospital.told(
            SetDish(
                dish_id=code,
                name_en=code.capitalize(),
                name_fr=code.capitalize(),
                name_rw=code.capitalize(),
                category="main",
                price_francs=price,
                suits=("regular", "diabetic") if code == "brochette" else ("regular", "diabetic", "low_salt"),
                services=("lunch", "dinner"),
                portion_grams=200,
                parts=tuple(Part(ingredient_id=part, grams=100) for part in parts),
            )
        )
    for meal, after in (("lunch", 10 * MINUTE_MS), ("dinner", 6 * HOUR_MS)):
        leaves = AT + after
        hospital.told(
            SetService(
                service_id=f"{DAY}-{meal}",
                kitchen_id="main",
                day=DAY,
                meal=meal,  # type: ignore[arg-type]  # one of the four
                opens_at=leaves - 4 * HOUR_MS,
                cut_off_at=leaves + 20 * MINUTE_MS if meal == "lunch" else leaves - 90 * MINUTE_MS,
                dispatch_at=leaves,
                ends_at=leaves + 2 * HOUR_MS,
            )
        )
