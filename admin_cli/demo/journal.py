"""WHAT JUST HAPPENED: watches the centre's log and the consoles' cursors, and tells how long a change took."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, select

from admin_cli.demo.counted import Counted, count
from core.orders.model import Order
from core.store import home, log, queue
from core.store.home import Home
from core.store.open import Store, open_server_store
from core.store.server_schema import change as changes
from core.store.server_schema import op as judged
from core.store.tables import TABLES
from core.wards.model import Stay
from sync.protocol import APPLIED, APPLIED_EXCEPTION

LOOK_SECONDS = 0.01
COUNT_SECONDS = 1.0
KEPT = 50
GIVE_UP_MS = 60_000  # a console that is cut off is not waited for longer than this

# what is told, and whose screen shows it
TOLD: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "orders.place_order": ("ordered", "kitchen"),
        "orders.cancel_order": ("cancelled", "kitchen"),
        "orders.start_cooking": ("cooking", "ward"),
        "orders.mark_ready": ("ready", "ward"),
        "delivery.take_out": ("out", "kitchen"),
        "delivery.give_tray": ("delivered", "kitchen"),
        "delivery.report_issue": ("not_given", "kitchen"),
        "diets.start_nil_by_mouth": ("stopped", "ward"),
        "diets.hold_trays": ("stopped", "ward"),
    }
)


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened: at (ms UTC), what (words `demo.did_...`), to which order, seen by whom, ms on its way.

    ms is None while it is still on its way.
    """

    seq: int
    at: int
    what: str
    bed: str
    number: str
    seen_by: str
    ms: int | None = None


class Journal:
    """One thread that looks a hundred times a second. What it has found may be read from anywhere."""

    def __init__(self, database_url: str, homes: Mapping[str, Home]) -> None:
        self._server = open_server_store(database_url)
        self._homes = dict(homes)
        self._stores: dict[str, Store] = {}
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="demo-journal", daemon=True)
        self._seq = self._head()
        self._on_the_way: list[Happening] = []
        self._told: deque[Happening] = deque(maxlen=KEPT)
        self._counted_at = 0.0
        self.counted = Counted()
        self.cursors: dict[str, int] = {}
        self._thread.start()

    @property
    def happenings(self) -> tuple[Happening, ...]:
        """The newest first."""
        return tuple(sorted([*self._on_the_way, *self._told], key=lambda one: -one.seq))

    def close(self) -> None:
        self._ending.set()
        self._thread.join(10.0)
        for store in (*self._stores.values(), self._server):
            store.close()

    # -- the thread -------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        for name, where in self._homes.items():
            self._stores[name] = home.open_device(where)
        while not self._ending.wait(LOOK_SECONDS):
            with contextlib.suppress(Exception):  # a store that is busy or away is looked at again
                self._look()

    def _look(self) -> None:
        self.cursors = {name: _cursor_of(store) for name, store in self._stores.items()}
        now = time.time_ns() // 1_000_000
        still = []
        for one in self._on_the_way:
            if self.cursors.get(one.seen_by, 0) >= one.seq:
                self._told.append(_arrived(one, now))
            elif now - one.at < GIVE_UP_MS:
                still.append(one)
            else:
                self._told.append(one)
        self._on_the_way = still + self._news()
        if time.monotonic() - self._counted_at > COUNT_SECONDS:
            self._counted_at = time.monotonic()
            self.counted = count(self._stores.values(), self._server)

    def _news(self) -> list[Happening]:
        with self._server.reading() as connection:
            acts = connection.execute(
                select(judged.c.commit_seq, judged.c.kind, judged.c.outcome, judged.c.received_at, judged.c.entity)
                .where(judged.c.commit_seq > self._seq)
                .order_by(judged.c.commit_seq)
            ).all()
            found = [self._happening(connection, act) for act in acts]
        if acts:
            self._seq = acts[-1].commit_seq
        return [one for one in found if one is not None]

    def _happening(self, connection: Connection, act: Any) -> Happening | None:
        told = TOLD.get(act.kind)
        if told is None or act.outcome not in (APPLIED, APPLIED_EXCEPTION):
            return None
        bed, number = _about(connection, act.commit_seq)
        return Happening(act.commit_seq, act.received_at, told[0], bed, number, told[1])

    def _head(self) -> int:
        with self._server.reading() as connection:
            return log.read_head(connection).seq


def _about(connection: Connection, seq: int) -> tuple[str, str]:
    """The bed and the number of the first order that an act has changed; "" where there is none."""
    row = connection.execute(
        select(changes.c.row_id).where(changes.c.seq == seq, changes.c.table_name == "order").limit(1)
    ).first()
    if row is None:
        return "", ""
    orders, stays = TABLES[Order], TABLES[Stay]
    found = connection.execute(
        select(stays.c.bed_id, orders.c.number)
        .select_from(orders.join(stays, stays.c.id == orders.c.stay_id))
        .where(orders.c.id == row.row_id)
    ).first()
    return (found.bed_id or "-", found.number) if found is not None else ("", "")


def _cursor_of(store: Store) -> int:
    with store.reading() as connection:
        cursor = queue.read_cursor(connection)
    return cursor.seq if cursor is not None else 0


def _arrived(one: Happening, now: int) -> Happening:
    return replace(one, ms=max(0, now - one.at))
