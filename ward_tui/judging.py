"""What the newest rules on this console say about a meal, asked by the very functions that a press asks (R46, R57)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.diets.model import DietProfile
    from core.diets.verdict import Patient, Verdict
    from core.kernel.tx import Tx
    from core.orders.model import Order
    from sync.client.moment import Moment


@dataclass(frozen=True, slots=True)
class Instant:
    """Now by the centre, and how old this console's rules are. rules_at: when they were new; 0 when never."""

    at: int
    rules_age: int
    rules_at: int
    fresh_ms: int
    hold_ms: int
    grace_ms: int = 0

    @property
    def is_amber(self) -> bool:
        return self.rules_age > self.fresh_ms


def instant(db: Connection, moment: Moment) -> Instant:
    """Now, from this console's cursor and clocks."""
    from core.kernel.values import MINUTE_MS
    from core.store import queue
    from sync.client.moment import rules_age, server_time
    from sync.client.policies import policy

    cursor = queue.read_cursor(db)
    return Instant(
        at=server_time(cursor, moment).at,
        rules_age=rules_age(cursor, moment),
        rules_at=cursor.rules_at if cursor is not None else 0,
        fresh_ms=policy(db, "rules_fresh_minutes") * MINUTE_MS,
        hold_ms=policy(db, "rules_hold_minutes") * MINUTE_MS,
        grace_ms=policy(db, "no_diet_order_grace_minutes") * MINUTE_MS,
    )


@contextmanager
def looking(db: Connection, now: Instant) -> Iterator[Tx]:
    """A transaction that only looks: for the rules, which ask through one. Whatever is done in it is dropped."""
    from core.kernel.tx import Act, Tx
    from core.kernel.values import Actor, Origin
    from core.store.read import TxSource

    tx = Tx(TxSource(db, whole=False), rules_age=now.rules_age)
    nobody = Actor("", frozenset())
    tx.begin(Act(op_id=bytes(16), kind="look", at=now.at, claimed_at=now.at, actor=nobody, origin=Origin.DEVICE))
    try:
        yield tx
    finally:
        tx.drop()


def verdict_at_bed(db: Connection, now: Instant, order: Order) -> Verdict:
    """What the press of GIVEN would be told now: safety alone. What is not known here holds."""
    from core.diets.verdict import Reason, Verdict
    from core.kernel.refusal import Refusal, Unknown
    from core.orders.rules import verdict_on

    with looking(db, now) as tx:
        try:
            return verdict_on(tx, order, at=now.at).safety
        except (Refusal, Unknown):
            return Verdict((Reason("not_known_here"),))


def patient_now(profile: DietProfile | None, now: Instant) -> Patient | None:
    """A profile, read for this instant: what its flags are told from."""
    if profile is None:
        return None
    from core.diets.verdict import Thresholds, read

    thresholds = Thresholds(no_order_grace=now.grace_ms, rules_hold=now.hold_ms)
    return read(profile, serve_at=now.at, at=now.at, rules_age=now.rules_age, thresholds=thresholds)
