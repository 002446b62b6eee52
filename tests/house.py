"""The hospital of the tests: one kitchen, two wards, five dishes, lunch and dinner, and staff."""

from __future__ import annotations

from collections.abc import Callable

from core.kernel.tx import Tx
from core.kernel.values import DAY_MS, HOUR_MS, MINUTE_MS, SYSTEM
from core.menu.commands import Part, SetDish, SetIngredient, SetService
from core.people.commands import AddPerson, GiveGrant
from core.store import log
from core.store.open import Store
from core.store.read import TxSource
from core.store.write import write_rows
from core.wards.commands import AddBeds, NewBed, OpenKitchen, OpenWard
from tests.acting import (
    BEANS,
    DAY,
    ISOMBE,
    LEAD,
    MIDNIGHT,
    MILK_PORRIDGE,
    MORNING,
    RICE,
    SALTY,
    STAFF,
    perform,
)


def hospital(tx: Tx) -> None:
    """One kitchen, wards A and B with five beds each, five dishes, lunch and dinner, and staff."""
    perform(tx, OpenKitchen(kitchen_id="main", title="Main kitchen"), at=MIDNIGHT)
    for order, ward in enumerate(("A", "B")):
        perform(
            tx,
            OpenWard(
                ward_id=ward, kitchen_id="main", name_en=f"Ward {ward}", walking_order=order, minutes_from_kitchen=4
            ),
            at=MIDNIGHT,
        )
        beds = tuple(NewBed(bed_id=f"{ward}-{number:03}") for number in range(1, 6))
        perform(tx, AddBeds(ward_id=ward, beds=beds), at=MIDNIGHT)
    menu(tx)
    for day in (0,):
        services(tx, day)
    staff(tx)


def menu(tx: Tx) -> None:
    ingredient(tx, "rice")
    ingredient(tx, "beans")
    ingredient(tx, "cassava_leaves")
    ingredient(tx, "groundnut_paste", allergens=("peanut",))
    ingredient(tx, "milk", allergens=("milk",))
    ingredient(tx, "goat", sodium_mg=900)
    dish(tx, RICE, "rice", price=500)
    dish(tx, BEANS, "beans", price=700)
    dish(tx, ISOMBE, "cassava_leaves", "groundnut_paste", price=1_000)
    dish(tx, MILK_PORRIDGE, "milk", price=600)
    dish(tx, SALTY, "goat", price=1_500, suits=("regular", "diabetic"))


def ingredient(tx: Tx, code: str, *, allergens: tuple[str, ...] = (), sodium_mg: int = 10) -> None:
    perform(
        tx,
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
            sodium_mg=sodium_mg,
            potassium_mg=100,
            phosphorus_mg=50,
        ),
        by=LEAD,
        at=MIDNIGHT,
    )


def dish(
    tx: Tx,
    code: str,
    *ingredients: str,
    price: int,
    suits: tuple[str, ...] = ("regular", "diabetic", "low_salt"),
) -> None:
    perform(
        tx,
        SetDish(
            dish_id=code,
            name_en=code,
            name_fr=code,
            name_rw=code,
            category="main",
            price_francs=price,
            suits=suits,
            services=("lunch", "dinner"),
            portion_grams=200,
            parts=tuple(Part(ingredient_id=one, grams=100) for one in ingredients),
        ),
        by=LEAD,
        at=MIDNIGHT,
    )


def services(tx: Tx, day: int = 0) -> None:
    """Lunch and dinner of a day: 0 is the day of the tests."""
    for meal, hour in (("lunch", 12), ("dinner", 18)):
        service(tx, meal, hour=hour, midnight=MIDNIGHT + day * DAY_MS, day=f"2026-11-{24 + day:02}")


def service(tx: Tx, meal: str, *, hour: int, midnight: int = MIDNIGHT, day: str = DAY) -> None:
    leaves = midnight + hour * HOUR_MS
    perform(
        tx,
        SetService(
            service_id=f"{day}-{meal}",
            kitchen_id="main",
            day=day,
            meal=meal,  # type: ignore[arg-type]  # one of the four
            opens_at=leaves - 6 * HOUR_MS,
            cut_off_at=leaves - 90 * MINUTE_MS,
            dispatch_at=leaves,
            ends_at=leaves + 2 * HOUR_MS,
        ),
        by=LEAD,
        at=MIDNIGHT,
    )


def staff(tx: Tx) -> None:
    for one in STAFF:
        role, ward = min(one.roles), next(iter(one.wards or ("",)))
        add = AddPerson(
            person_id=one.person_id, display=one.person_id, full_name=one.person_id, supervisor_id="admin_1"
        )
        perform(tx, add, by=SYSTEM, at=MIDNIGHT)
        grant = GiveGrant(person_id=one.person_id, role=role.value, ward_id=ward)  # type: ignore[arg-type]
        perform(tx, grant, by=SYSTEM, at=MIDNIGHT)


def laid_in(store: Store, more: Callable[[Tx], None] | None = None) -> None:
    """A hospital's house and staff in an empty database, and whatever else a test begins with."""
    with store.writing() as connection:
        log.create_hospital(connection, epoch="e", at=MORNING, signing_seed="00" * 32, practice=True)
        tx = Tx(TxSource(connection, whole=True))
        hospital(tx)
        if more is not None:
            more(tx)
        write_rows(connection, tx.written())
