"""How meals are paid: for pages, screens and reports."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, Table, select

from core.kernel.row import Row
from core.payments.model import Payment, PaymentTable

R = TypeVar("R", bound=Row)
PAYMENT: Table = PaymentTable.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it


def payment_of(db: Connection, order_id: str) -> Payment | None:
    """How one order is paid, None where this machine does not hold it."""
    found = _rows(db, Payment, select(PAYMENT).where(PAYMENT.c.id == order_id))
    return found[0] if found else None


def payments_of(db: Connection, order_ids: Iterable[str]) -> dict[str, Payment]:
    """How these orders are paid, by order."""
    wanted = select(PAYMENT).where(PAYMENT.c.id.in_(list(order_ids)))
    return {payment.id: payment for payment in _rows(db, Payment, wanted)}


def _rows(db: Connection, table: type[R], chosen: Select[Any]) -> list[R]:
    return [table.trusted(dict(row)) for row in db.execute(chosen).mappings()]
