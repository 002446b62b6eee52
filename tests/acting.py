"""Who acts in tests, when, and how: one act after another, as the server performs them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy import Connection

from core import handlers
from core.kernel.handle import Kind
from core.kernel.message import Command, Event
from core.kernel.refusal import Refusal
from core.kernel.row import Row
from core.kernel.tx import Act, RowChange, Tx
from core.kernel.values import (
    HOUR_MS,
    MINUTE_MS,
    SYSTEM,
    Actor,
    Origin,
    Role,
    uuid7,
)
from core.store.open import open_memory
from core.store.read import TxSource
from core.store.tables import SERVER
from core.store.write import write_rows
from core.wards.model import Stay

R = TypeVar("R", bound=Row)

MIDNIGHT = 1_795_471_200_000  # 2026-11-24 00:00 in Kigali
MORNING = MIDNIGHT + 9 * HOUR_MS  # lunch has opened
CUT_OFF = MIDNIGHT + 10 * HOUR_MS + 30 * MINUTE_MS
NOON = MIDNIGHT + 12 * HOUR_MS  # lunch leaves the kitchen
DAY = "2026-11-24"
LUNCH, DINNER = f"{DAY}-lunch", f"{DAY}-dinner"
RICE, BEANS, ISOMBE, MILK_PORRIDGE = "umuceri", "ibishyimbo", "isombe", "igikoma_amata"
SALTY = "brochette"

_chance = itertools.count(1)


def person(person_id: str, role: Role, *, ward: str = "") -> Actor:
    return Actor(person_id, frozenset({role}), frozenset({ward}) if ward else None)


COOK, COOK_2 = person("cook_1", Role.COOK), person("cook_2", Role.COOK)
LEAD = person("kitchen_lead_1", Role.KITCHEN_LEAD)
RUNNER, RUNNER_2 = person("runner_1", Role.RUNNER), person("runner_2", Role.RUNNER)
NURSE, NURSE_B = person("nurse_1", Role.NURSE, ward="A"), person("nurse_2", Role.NURSE, ward="B")
DOCTOR = person("doctor_1", Role.DOCTOR)
NUTRITIONIST = person("nutritionist_1", Role.NUTRITIONIST)
CASHIER = person("cashier_1", Role.CASHIER)
ADMIN = person("admin_1", Role.ADMIN)
STAFF = (COOK, COOK_2, LEAD, RUNNER, RUNNER_2, NURSE, NURSE_B, DOCTOR, NUTRITIONIST, CASHIER, ADMIN)


def patient(stay: Stay) -> Actor:
    return Actor(f"patient:{stay.id}", frozenset({Role.PATIENT}), stay_id=stay.id)


# -- performing -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Done:
    """What one act did. `cases` are the codes of the cases it opened."""

    changes: list[RowChange] = field(default_factory=list)
    cases: list[str] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    already: dict[str, str | int] | None = None

    def added(self, table: type[R]) -> list[R]:
        return [c.after for c in self.changes if c.before is None and isinstance(c.after, table)]


@contextmanager
def transaction() -> Iterator[Tx]:
    """A server's store in memory, with its real tables, and one transaction over it."""
    store = open_memory(whole=True)
    with store.writing() as connection:
        SERVER.create_all(connection)
        yield Tx(TxSource(connection, whole=True))
    store.close()


def op_id(at: int = NOON) -> bytes:
    """As from a console where nobody presses twice within one ms."""
    count = next(_chance)
    return uuid7(at + count, count.to_bytes(10, "big"))


def act(command: Command, *, by: Actor, at: int, claimed_at: int | None = None, id: bytes | None = None) -> Act:
    return Act(
        op_id=id or op_id(at),
        kind=command.name,
        at=at,
        claimed_at=at if claimed_at is None else claimed_at,
        actor=by,
        origin=Origin.DEVICE,
    )


def perform(
    tx: Tx, command: Command, *, by: Actor | None = None, at: int = NOON, claimed_at: int | None = None
) -> Done:
    """Performs one act as the server does: bytes, decode, roles, handler, reactions. Raises Refusal when refused.

    by: the first of the staff whose role may, unless named.
    """
    handle = handlers.HANDLES[command.name]
    actor = by or somebody_who_may(handle.roles)
    assert actor.roles & handle.roles, f"{actor.person_id} may not {command.name}"
    decoded = handlers.decode(command.name, command.v, handlers.encode(command))
    tx.begin(act(command, by=actor, at=at, claimed_at=claimed_at))
    try:
        handlers.run(tx, handle, decoded)
    except Refusal as refusal:
        assert handle.kind is not Kind.FACT or refusal.code == "gone", f"a fact was refused: {refusal!r}"
        tx.drop()
        raise
    except Exception:
        tx.drop()
        raise
    layer, changes = tx.keep()
    return Done(changes, [case.code for case in layer.cases], layer.events, layer.already)


def run(tx: Tx, command: Command) -> None:
    """Handler and reactions, inside an act that a test has begun itself."""
    handlers.run(tx, handlers.HANDLES[command.name], command)


def refused(tx: Tx, command: Command, *, by: Actor, at: int = NOON) -> Done:
    """An act that is refused, and what is written all the same."""
    tx.begin(act(command, by=by, at=at))
    try:
        run(tx, command)
    except Refusal as refusal:
        layer = tx.drop()
        tx.begin(layer.act)
        handlers.after_refusal(tx, command, refusal)
        layer, changes = tx.keep()
        return Done(changes, [case.code for case in layer.cases], layer.events)
    raise AssertionError(f"{command.name} was not refused")


def press(tx: Tx, command: Command, *, by: Actor | None = None, at: int = NOON) -> None:
    """What a console asks before an act exists. Raises Refusal."""
    handle = handlers.HANDLES[command.name]
    tx.begin(act(command, by=by or somebody_who_may(handle.roles), at=at))
    try:
        if handle.before is not None:
            handle.before(tx, command)
    finally:
        tx.drop()


def refusal_of(tx: Tx, command: Command, *, by: Actor | None = None, at: int = NOON) -> str:
    """The code an intent is refused with, "" when it is not."""
    try:
        perform(tx, command, by=by, at=at)
    except Refusal as refusal:
        return refusal.code
    return ""


def refusal(tx: Tx, command: Command, *, by: Actor | None = None, at: int = NOON) -> Refusal:
    """The refusal of an intent, with its words' arguments."""
    try:
        perform(tx, command, by=by, at=at)
    except Refusal as refused_for:
        return refused_for
    raise AssertionError(f"{command.name} was not refused")


def refusal_at_press(tx: Tx, command: Command, *, by: Actor | None = None, at: int = NOON) -> str:
    try:
        press(tx, command, by=by, at=at)
    except Refusal as refusal:
        return refusal.code
    return ""


def now(tx: Tx, row: R) -> R:
    """The row as it is by now."""
    return tx.get(type(row), row.id)


def saved(tx: Tx) -> Connection:
    """Writes what the acts so far have changed; the connection, for queries."""
    write_rows(source(tx).connection, tx.written())
    tx.rebased()
    return source(tx).connection


def source(tx: Tx) -> TxSource:
    """The store's side of a transaction: its connection, and how often it was asked."""
    assert isinstance(tx.source, TxSource)
    return tx.source


def somebody_who_may(roles: Iterable[Role]) -> Actor:
    wanted = frozenset(roles)
    return next((one for one in STAFF if one.roles & wanted), SYSTEM)
