"""The administrator's office at lunch: the wall's picture, and everything that waits for a person."""

from __future__ import annotations

from textual.pilot import Pilot

from consoles.admin.app import AdminApp
from consoles.admin.screen import AdminScreen
from consoles.kit.testing import glass, pressed, settled
from core.devices.model import Device
from core.kernel.case import Case, UnreadOutcome
from core.kernel.row import Row
from core.kernel.tx import Tx
from core.kernel.values import MINUTE_MS
from core.orders.commands import MarkReady, StartCooking
from core.orders.model import Order
from core.orders.placing import CancelOrder
from core.payments.commands import TakeCash
from tests import given
from tests.kitchen_tui import lunch

NOW, ORDERED = lunch.NOW, lunch.ORDERED
AUDIENCES = ("hospital", "admin", "sign_in:admin", "person:admin_1", "device:device-admin-1")
PIN = "864209"
DEVICES = (
    ("device-admin-1", "admin", "admin 1", "", ""),
    ("device-kitchen-1", "kitchen", "kitchen 1", "main", ""),
    ("device-handheld-1", "ward", "handheld 1", "", ""),
    ("device-ward-a", "ward", "ward A desk", "", "A"),
)


def hospital(tx: Tx) -> None:
    """The kitchen's hospital, and four consoles."""
    lunch.hospital(tx)
    for device_id, kind, name, kitchen_id, ward_id in DEVICES:
        device = Device(
            id=device_id,
            kind=kind,
            name=name,
            kitchen_id=kitchen_id,
            ward_id=ward_id,
            public_key="ab" * 32,
            incarnation="00" * 16,
            enrolled_at=given.MIDNIGHT,
            enrolled_by="admin_1",
        )
        add(tx, device, at=given.MIDNIGHT)


def add(tx: Tx, row: object, *, at: int) -> None:
    """A row that the server itself writes, with no command of its own."""
    tx.begin(given.act(StartCooking(order_id="x"), by=given.COOK, at=at))
    tx.add(row)  # type: ignore[type-var]
    tx.keep()


def busy(tx: Tx) -> dict[str, Order]:
    """One of each: a stop, a hold, a lost bed, a refused act, a case, meals on their way and given, cash due."""
    orders = lunch.swing(tx)
    late = [lunch.Meal("L-0431", "A-005", (("umuceri", 2),)), lunch.Meal("L-0432", "A-006", (("inkoko", 2),))]
    orders |= {meal.number: lunch.order(tx, meal) for meal in late}
    for number, minutes in (("L-0431", 40), ("L-0432", 30)):
        _carry(tx, orders[number], minutes)
    given.perform(tx, given.give(tx, orders["L-0431"]), by=given.RUNNER, at=NOW - 20 * MINUTE_MS)
    cancelled = lunch.order(tx, lunch.Meal("L-0433", "B-001", (("kawunga", 2),)))
    given.perform(tx, CancelOrder(order_id=cancelled.id), by=given.NURSE_B, at=NOW - 70 * MINUTE_MS)
    given.perform(tx, StartCooking(order_id=cancelled.id), by=given.COOK, at=NOW - 65 * MINUTE_MS)
    given.perform(tx, TakeCash(order_id=orders["L-0432"].id, francs=500), by=given.RUNNER, at=NOW - MINUTE_MS)
    refused(
        tx, "wards.assign_bed", "stay-A-009", "bed_taken", f'{{"bed":"A-009","at":{ORDERED}}}', by="nurse_1", minutes=9
    )
    refused(
        tx, "orders.start_cooking", orders["L-0420"].id, "cannot_start", '{"state":"cooking"}', by="cook_2", minutes=4
    )
    return {number: given.now(tx, order) for number, order in orders.items()}


def _carry(tx: Tx, order: Order, minutes: int) -> None:
    """Cooked, ready, and out of the kitchen so many minutes ago."""
    from core.delivery.commands import TakeOut

    at = NOW - minutes * MINUTE_MS
    given.perform(tx, StartCooking(order_id=order.id), by=given.COOK, at=at - 12 * MINUTE_MS)
    given.perform(tx, MarkReady(order_id=order.id), by=given.COOK, at=at - 3 * MINUTE_MS)
    given.perform(tx, TakeOut(order_id=order.id), by=given.RUNNER, at=at)


def refused(tx: Tx, kind: str, entity: str, code: str, detail: str, *, by: str, minutes: int) -> None:
    """What the server says of an act it has refused, until somebody has read it."""
    row = UnreadOutcome(
        id=f"{code}-{minutes}",
        device_id="device-ward-a",
        kind=kind,
        entity=entity,
        outcome="rejected",
        code=code,
        detail=detail,
        actor_id=by,
        supervisor_id="admin_1",
        judged_at=NOW - minutes * MINUTE_MS,
    )
    add(tx, row, at=NOW - minutes * MINUTE_MS)


def case_of(tx: Tx, code: str, *, about: Row | None = None, **detail: str | int) -> Case:
    """For tests that need one more case."""
    tx.begin(given.act(StartCooking(order_id="x"), by=given.COOK, at=NOW))
    case = tx.case(code, about=about, **(detail or {"number": "L-0999"}))
    tx.keep()
    return case


# -- at the console ---------------------------------------------------------------------------------------------------


async def sign_in(pilot: Pilot[None]) -> None:
    """F10, the administrator, the six digits."""
    await settled(pilot)
    await pressed(pilot, "f10", "1", *PIN)


async def prove(pilot: Pilot[None]) -> None:
    """Signed acts ask again: the administrator, the six digits."""
    await pressed(pilot, "1", *PIN)


async def typed(pilot: Pilot[None], text: str) -> None:
    """Words, letter by letter, then Enter."""
    names = {" ": "space", "-": "minus", ".": "full_stop"}
    await pressed(pilot, *(names.get(letter, letter) for letter in text), "enter")


def app_of(pilot: Pilot[None]) -> AdminApp:
    app: AdminApp = pilot.app  # type: ignore[assignment]  # consoles only
    return app


def screen_of(pilot: Pilot[None]) -> AdminScreen:
    seen = app_of(pilot).seen
    assert isinstance(seen, AdminScreen)
    return seen


def rows(pilot: Pilot[None]) -> list[str]:
    return glass(app_of(pilot))


def text_of(pilot: Pilot[None]) -> str:
    return "\n".join(rows(pilot))


def message(pilot: Pilot[None]) -> str:
    return screen_of(pilot).said


def saved(pilot: Pilot[None]) -> list[str]:
    """The acts pressed on the screen that is seen, by their names."""
    return [command.name for command in screen_of(pilot).performed]


def queued(pilot: Pilot[None]) -> list[str]:
    """What this console has saved and not sent yet, the oldest first."""
    from core.store import queue

    door = app_of(pilot).store.door
    assert door is not None
    return [row.kind for row in reversed(door.read(lambda db: queue.queue_listing(db, 50)))]
