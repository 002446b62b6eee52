"""What meals cost and who has paid: for pages, screens and reports."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, Table, select

from core.kernel.row import Row
from core.payments.model import (
    CashDue,
    CashDueTable,
    LedgerEntry,
    LedgerEntryTable,
    Payment,
    PaymentTable,
)

R = TypeVar("R", bound=Row)
PAYMENT: Table = PaymentTable.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
DUE: Table = CashDueTable.__table__  # type: ignore[attr-defined]  # as above
ENTRY: Table = LedgerEntryTable.__table__  # type: ignore[attr-defined]  # as above


def payment_of(db: Connection, order_id: str) -> Payment | None:
    """How one order is paid, None where this machine does not hold it."""
    found = _rows(db, Payment, select(PAYMENT).where(PAYMENT.c.id == order_id))
    return found[0] if found else None


def payments_of(db: Connection, order_ids: Iterable[str]) -> dict[str, Payment]:
    """How these orders are paid, by order."""
    wanted = select(PAYMENT).where(PAYMENT.c.id.in_(list(order_ids)))
    return {payment.id: payment for payment in _rows(db, Payment, wanted)}


def cash_due_of(db: Connection, order_id: str) -> CashDue | None:
    """What the runner asks for at the bed, None when nothing was to be paid in cash."""
    found = _rows(db, CashDue, select(DUE).where(DUE.c.id == order_id))
    return found[0] if found else None


def cash_due_on_ward(db: Connection, ward_id: str) -> dict[str, CashDue]:
    """All cash that is still to be taken on a ward, by order."""
    wanted = select(DUE).where(DUE.c.ward_id == ward_id, DUE.c.settled_at.is_(None))
    return {due.id: due for due in _rows(db, CashDue, wanted)}


def entries_of(db: Connection, order_id: str) -> list[LedgerEntry]:
    """The postings of one order, in the sequence they were made."""
    posted = select(ENTRY).where(ENTRY.c.order_id == order_id)
    return _rows(db, LedgerEntry, posted.order_by(ENTRY.c.at, ENTRY.c.id))


def _rows(db: Connection, table: type[R], chosen: Select[Any]) -> list[R]:
    return [table.trusted(dict(row)) for row in db.execute(chosen).mappings()]
