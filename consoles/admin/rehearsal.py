"""What a step by hand would mean: found by doing it on a copy that is thrown away, by the rules that will judge it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.kernel.refusal import Refusal
    from core.orders.model import Order


@dataclass(frozen=True, slots=True)
class Francs:
    """What the books would say of the order from then on, against now. Whole francs."""

    charged: int = 0
    on_account: int = 0
    owed_back: int = 0
    due_before: int = 0
    due_after: int = 0
    paid: int = 0

    @property
    def nothing(self) -> bool:
        return not (self.charged or self.on_account or self.owed_back or self.due_before != self.due_after)


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """One step that an administrator may ask for. refusal: a rule says no, and why."""

    step: str
    francs: Francs
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class Rehearsal:
    order: Order
    bed: str
    steps: tuple[Rehearsed, ...]


def rehearse(db: Connection, order_id: str, *, at: int) -> Rehearsal | None:
    """In the store's thread: every step from where the order is now; None when it is not held here."""
    from core.kernel.tx import Tx
    from core.orders.model import Order
    from core.orders.override import steps_by_hand
    from core.reports.needs import beds_of
    from core.store.read import TxSource

    source = TxSource(db, whole=True)  # money follows on the server alone, and this console holds the books
    order = source.rows(Order, [order_id]).get(order_id)
    if order is None or order.archived_at is not None:
        return None
    tx = Tx(source)
    steps = tuple(_rehearsed(tx, order, step.value, at) for step in steps_by_hand(order.state))
    return Rehearsal(order, beds_of(db, [order]).get(order.stay_id, order.ward_id), steps)


def _rehearsed(tx: object, order: Order, step: str, at: int) -> Rehearsed:
    from core import handlers
    from core.kernel.refusal import Refusal
    from core.kernel.tx import Act, Tx
    from core.kernel.values import Actor, Origin, Role
    from core.orders.override import OverrideState

    assert isinstance(tx, Tx)
    command = OverrideState(order_id=order.id, seen=order.state, step=step, reason="rehearsed")  # type: ignore[arg-type]
    admin = Actor("rehearsal", frozenset({Role.ADMIN}))
    tx.begin(Act(op_id=bytes(16), kind=command.name, at=at, claimed_at=at, actor=admin, origin=Origin.CLI))
    try:
        handlers.run(tx, handlers.HANDLES[command.name], command)
        return Rehearsed(step, _francs(tx, order))
    except Refusal as refusal:
        return Rehearsed(step, Francs(), refusal)
    finally:
        tx.drop()


def _francs(tx: object, order: Order) -> Francs:
    from core.kernel.tx import Tx
    from core.payments.model import LedgerEntry, Payment

    assert isinstance(tx, Tx)
    booked: dict[str, int] = {}
    for (table, _), row in tx.layer.rows.items():
        if table is LedgerEntry and isinstance(row, LedgerEntry):
            booked[row.account] = booked.get(row.account, 0) + row.francs
    before = tx.source.rows(Payment, [order.id]).get(order.id)
    after = (
        tx.peek(Payment, order.id) if (Payment, order.id) not in tx.layer.rows else tx.layer.rows[(Payment, order.id)]
    )
    due_before = before.due_francs if before is not None else 0
    return Francs(
        charged=booked.get("charged", 0),
        on_account=booked.get("on_account", 0),
        owed_back=booked.get("owed_back", 0),
        due_before=due_before,
        due_after=after.due_francs if isinstance(after, Payment) else due_before,
        paid=before.paid_francs if before is not None else 0,
    )
