"""The people of the check: each acts through a console's door, as its screens do, and waits for what must be seen."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Self, TypeVar

from sqlalchemy import Connection, select

from core.delivery.model import Tray
from core.kernel.message import Command
from core.kernel.refusal import Refusal
from core.kernel.row import Row
from core.orders.model import Order, OrderLine
from core.store.demo import pages
from core.store.home import Home
from core.store.open import Store
from core.store.read import as_rows
from core.store.tables import TABLES
from core.wards.model import Stay
from sync.client.desk import Pressed
from sync.client.door import Door

R = TypeVar("R", bound=Row)
T = TypeVar("T")
SECONDS = 20.0
LOOK_SECONDS = 0.005


class Unseen(AssertionError):  # noqa: N818 - what has happened
    """What had to be seen did not appear in time."""


def wait(look: Callable[[], T | None], *, what: str, seconds: float = SECONDS) -> tuple[T, float]:
    """Looks until there is something; it, and how many ms that took. Raises Unseen."""
    began = time.perf_counter()
    while True:
        found = look()
        passed = time.perf_counter() - began
        if found:
            return found, passed * 1_000
        if passed > seconds:
            raise Unseen(what)
        time.sleep(LOOK_SECONDS)


def pin_of(person_id: str) -> str:
    return next(str(one["pin"]) for one in pages.staff() if one["code"] == person_id)


class Hands:
    """One person at one console."""

    def __init__(self, where: Home, person_id: str) -> None:
        self.where, self.person_id = where, person_id
        self.door = Door.at(where)
        wait(lambda: self.door.standing().live or None, what=f"{person_id} is not linked")
        self.door.sign_in(person_id, pin_of(person_id))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.door.close()

    def press(self, command: Command) -> Pressed:
        return self.door.perform(command)

    def refusal(self, command: Command) -> str:
        """The code that a press is refused with, "" when it was not."""
        try:
            self.press(command)
        except Refusal as refusal:
            return refusal.code
        return ""

    def rows(self, table: type[R], **columns: str) -> list[R]:
        """What this console holds now."""
        return self.door.read(lambda db: rows_of(db, table, **columns))

    def row(self, table: type[R], **columns: str) -> R | None:
        found = self.rows(table, **columns)
        return found[0] if found else None

    def order(self, number: str) -> Order | None:
        return self.row(Order, number=number)

    def lines(self, order: Order) -> list[OrderLine]:
        return self.rows(OrderLine, order_id=order.id)

    def tray(self, order: Order) -> Tray | None:
        return self.row(Tray, order_id=order.id)

    def stay_in(self, bed_id: str) -> Stay:
        found = self.row(Stay, bed_id=bed_id)
        assert found is not None, bed_id
        return found

    def wait_for_state(self, number: str, state: str) -> float:
        """ms until this console shows the order in that state."""
        _, ms = wait(lambda: _in_state(self.order(number), state), what=f"{number} is not {state} here")
        return ms

    def wait_until_sent(self) -> float:
        _, ms = wait(lambda: self.door.standing().waiting == 0 or None, what=f"{self.person_id} still has acts to send")
        return ms


def rows_of(db: Connection, table: type[R], **columns: str) -> list[R]:
    source = TABLES[table]
    chosen = select(source).order_by(source.c.id)
    for name, value in columns.items():
        chosen = chosen.where(source.c[name] == value)
    return as_rows(table, db.execute(chosen))


def held_by(store: Store, table: type[R], **columns: str) -> list[R]:
    with store.reading() as connection:
        return rows_of(connection, table, **columns)


def _in_state(order: Order | None, state: str) -> Order | None:
    return order if order is not None and order.state == state else None
