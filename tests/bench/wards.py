"""Patients of the measurements whose pages are open, and a menu as long as the measurement wants it."""

from __future__ import annotations

import secrets

from sqlalchemy import Connection

from core.kernel.tx import Tx
from core.menu.commands import Part, SetDish
from core.wards.commands import AddBeds, NewBed
from sync.server import sessions
from sync.server.pages.menu import CATEGORIES
from tests import given

LUNCH = f"{given.DAY}-lunch-bench"
BORN = "1974-04-12"
BEDS_AT_ONCE = 500
DISH_PRICE = 1_000


def menu(tx: Tx, dishes: int) -> None:
    """Of every category some; two thirds with peanut, which every third patient must not have."""
    for number in range(dishes):
        name = f"Slow-cooked dish number {number} with leaves and a little smoke"
        dish = SetDish(
            dish_id=dish_id(number),
            name_en=name,
            name_fr=name,
            name_rw=name,
            kitchen_en=f"dish {number}",
            kitchen_fr=f"dish {number}",
            kitchen_rw=f"dish {number}",
            category=CATEGORIES[number % len(CATEGORIES)],
            price_francs=DISH_PRICE,
            suits=("regular", "diabetic", "low_salt"),
            services=("lunch",),
            portion_grams=200,
            parts=(Part(ingredient_id="groundnut_paste" if number % 3 else "beans", grams=50),),
        )
        given.perform(tx, dish, by=given.LEAD, at=given.MIDNIGHT)


def dish_id(number: int) -> str:
    return f"dish_{number}"


def admit(tx: Tx, patients: int, *, at: int) -> None:
    """Each in a bed of their own that has a door; every third is allergic to peanut."""
    for first in range(0, patients, BEDS_AT_ONCE):
        numbers = range(first, min(patients, first + BEDS_AT_ONCE))
        beds = tuple(NewBed(bed_id=f"A-{number + 1_001}", door_code=_code(number)) for number in numbers)
        given.perform(tx, AddBeds(ward_id="A", beds=beds), by=given.SYSTEM, at=at)
        for number in numbers:
            allergies = ("peanut",) if number % 3 == 0 else ()
            given.stay(tx, bed=f"A-{number + 1_001}", allergies=allergies, at=at)


def tokens(connection: Connection, patients: int, *, at: int) -> list[str]:
    """One open page each: what its cookie holds."""
    opened = []
    for number in range(patients):
        chance = secrets.token_bytes(sessions.TOKEN_BYTES + 10)
        page = sessions.open_bed_door(connection, at, chance, code=_code(number), birth_date=BORN)
        assert page is not None, "the door of a bench patient's bed stays shut"
        opened.append(page.token)
    return opened


def _code(number: int) -> str:
    return f"BENCH{number}"
