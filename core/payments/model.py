"""What a meal costs, what is due at the bed, and the ledger that only grows. Francs are whole (R35)."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from sqlmodel import Index

from core.kernel.row import ADMIN, Audience, Row


class Method(StrEnum):
    CASH = "cash"
    ACCOUNT = "account"  # the hospital's account of the stay, settled at discharge


class PaymentState(StrEnum):
    UNPAID = "unpaid"
    AUTHORISED = "authorised"
    PENDING = "pending"
    PAID = "paid"
    FAILED = "failed"
    EXPIRED = "expired"
    PART_REFUNDED = "part_refunded"
    REFUNDED = "refunded"
    WRITTEN_OFF = "written_off"


class Payment(Row):
    """How an order is paid and how far that is; its id is the order's."""

    audiences: ClassVar = (ADMIN, Audience("patient", "stay_id"))

    stay_id: str
    method: str
    state: str
    due_francs: int
    paid_francs: int = 0
    state_at: int


class PaymentTable(Payment, table=True):
    __tablename__ = "payment"


class CashDue(Row):
    """What the runner asks for at the bed; its id is the order's."""

    audiences: ClassVar = (ADMIN, Audience("ward", "ward_id"))
    retired_by: ClassVar = "settled_at"
    housekeeping: ClassVar = "leaves the devices when it is paid or waived"

    stay_id: str
    ward_id: str
    due_francs: int
    settled_at: int | None = None


class CashDueTable(CashDue, table=True):
    __tablename__ = "cash_due"


class Charge(Row):
    """One charge for one order: at most one of each kind, whatever is pushed twice (invariant 8)."""

    audiences: ClassVar = (ADMIN,)
    owners: ClassVar = {"order_id": "payment"}

    order_id: str
    stay_id: str
    kind: str  # "meal"
    francs: int
    at: int


class ChargeTable(Charge, table=True):
    __tablename__ = "charge"
    __table_args__ = (Index("charge_once", "order_id", "kind", unique=True),)


class LedgerEntry(Row):
    """One posting, never changed: what is wrong is answered by another one."""

    audiences: ClassVar = (ADMIN,)
    owners: ClassVar = {"order_id": "payment"}
    housekeeping: ClassVar = "kept for good: append-only"

    order_id: str = ""
    stay_id: str = ""
    account: str  # charged, cash, on_account, owed_back
    francs: int
    at: int
    claimed_at: int
    by: str
    reason: str = ""


class LedgerEntryTable(LedgerEntry, table=True):
    __tablename__ = "ledger_entry"
