"""Pressing keys at a clinical console: who signs in, which card is open, what stands on the glass, what was saved."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby

from textual.pilot import Pilot

from consoles.clinical.app import ClinicalApp
from consoles.clinical.screens.card import CardScreen
from consoles.clinical.screens.patients import PatientsScreen
from consoles.kit.acting import Person
from consoles.kit.table import Table
from consoles.kit.testing import glass, settled
from core.orders.model import Order

PINS: Mapping[str, str] = {"doctor_1": "975310", "nurse_1": "482913", "nutritionist_1": "531864"}
PEOPLE = sorted(PINS)
WARDS = ("A", "B", "EM", "ICU")
HOLDS = (
    "hospital",
    *(f"ward:{ward}" for ward in WARDS),
    *(f"care:{ward}" for ward in WARDS),
    *(f"person:{person}" for person in PEOPLE),
    "sign_in:wards",
    *(f"sign_in:ward:{ward}" for ward in WARDS),
)
DOCTOR, NURSE, NUTRITIONIST = PEOPLE
DESK, LAPTOP, LARGE_TYPE = (120, 36), (80, 24), (40, 12)


def app_of(pilot: Pilot[None]) -> ClinicalApp:
    app: ClinicalApp = pilot.app  # type: ignore[assignment]  # this console only
    return app


async def sign_in(pilot: Pilot[None], person: str = DOCTOR) -> None:
    """Somebody proves who they are, as after the pad; and their own first screen opens."""
    app = app_of(pilot)
    await settled(pilot)
    door = app.store.door
    assert door is not None
    await app.store.run(door.sign_in, person, PINS[person])
    app.signed_in(Person(person, person))
    await settled(pilot)


async def open_card(pilot: Pilot[None], bed: str, person: str = DOCTOR) -> CardScreen:
    """The card of whoever lies there: patients, the row, Enter."""
    await sign_in(pilot, person)
    app = app_of(pilot)
    if not isinstance(app.seen, PatientsScreen):
        await press(pilot, "2")
    screen = app.seen
    assert isinstance(screen, PatientsScreen)
    assert screen.query_one(Table).choose(f"stay-{bed}")
    await press(pilot, "enter")
    return card_of(pilot)


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Letters that follow one another are typed in one go; after them, and after every other key, what came of it."""
    for is_letter, run in groupby(keys, key=_is_letter):
        together = list(run)
        for some in [together] if is_letter else [[one] for one in together]:
            app_of(pilot).bounces.forget()
            await pilot.press(*some)
            await settled(pilot)


def _is_letter(key: str) -> bool:
    return len(key) == 1


def card_of(pilot: Pilot[None]) -> CardScreen:
    seen = app_of(pilot).seen
    assert isinstance(seen, CardScreen), seen
    return seen


def rows(pilot: Pilot[None]) -> list[str]:
    return glass(app_of(pilot))


def shown(pilot: Pilot[None]) -> str:
    return "\n".join(rows(pilot))


def message(pilot: Pilot[None]) -> str:
    seen = app_of(pilot).seen
    assert seen is not None
    return seen.said


def saved(pilot: Pilot[None]) -> list[str]:
    """The acts pressed on the screen that is seen, by their names."""
    seen = app_of(pilot).seen
    assert seen is not None
    return [command.name for command in seen.performed]


def foreseen(pilot: Pilot[None]) -> list[tuple[str, str, str, str]]:
    """What the open order would do: number, verdict before, verdict after, where it shows."""
    found = card_of(pilot).foreseen
    assert found is not None
    return [(flip.order.number, flip.before.kind, flip.after.kind, flip.where) for flip in found.flips]


def order_here(pilot: Pilot[None], number: str) -> Order:
    """An order as this console holds it now."""
    from core.orders.queries import orders_numbered

    door = app_of(pilot).store.door
    assert door is not None
    return door.read(lambda db: orders_numbered(db, number)[0])


def held_rows(pilot: Pilot[None]) -> int:
    """How many acts wait in the queue."""
    door = app_of(pilot).store.door
    assert door is not None
    return door.standing().waiting
