"""Today's postings one by one, and what is still open: sums to collect at the bed, sums owed back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, Table, select

from core.orders.model import OrderTable
from core.payments.model import CashDueTable, LedgerEntryTable
from core.people.model import PersonTable
from core.wards.model import StayTable

LEDGER: Table = LedgerEntryTable.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
DUE: Table = CashDueTable.__table__  # type: ignore[attr-defined]  # as above
ORDER: Table = OrderTable.__table__  # type: ignore[attr-defined]  # as above
STAY: Table = StayTable.__table__  # type: ignore[attr-defined]  # as above
PERSON: Table = PersonTable.__table__  # type: ignore[attr-defined]  # as above
MOST = 2_000
TO_COLLECT, OWED_BACK = "to_collect", "owed_back"


@dataclass(frozen=True, slots=True)
class Posting:
    """One line. at None: it is open since the order. number "": the order has left this machine, or there was none."""

    id: str
    at: int | None
    account: str
    francs: int
    number: str
    bed: str
    by: str
    reason: str
    order_id: str


def postings(db: Connection, *, since: int) -> tuple[Posting, ...]:
    """Every posting since then, the newest first."""
    return tuple(_posting(row) for row in db.execute(_booked(since).limit(MOST)))


def still_open(db: Connection, *, since: int) -> tuple[Posting, ...]:
    """What is to be collected at the beds, and what was found since then to be owed back."""
    due = (
        select(DUE.c.id, DUE.c.due_francs, ORDER.c.number, STAY.c.bed_id, DUE.c.ward_id)
        .outerjoin(ORDER, ORDER.c.id == DUE.c.id)
        .outerjoin(STAY, STAY.c.id == DUE.c.stay_id)
        .where(DUE.c.settled_at.is_(None))
        .order_by(DUE.c.ward_id, STAY.c.bed_id, DUE.c.id)
    )
    found = [
        Posting(row.id, None, TO_COLLECT, row.due_francs, row.number or "", row.bed_id or row.ward_id, "", "", row.id)
        for row in db.execute(due.limit(MOST))
    ]
    owed = _booked(since).where(LEDGER.c.account == OWED_BACK)
    return (*found, *(_posting(row) for row in db.execute(owed.limit(MOST))))


def _booked(since: int) -> Select[Any]:
    return (
        select(LEDGER, ORDER.c.number, STAY.c.bed_id, PERSON.c.display)
        .outerjoin(ORDER, ORDER.c.id == LEDGER.c.order_id)
        .outerjoin(STAY, STAY.c.id == LEDGER.c.stay_id)
        .outerjoin(PERSON, PERSON.c.id == LEDGER.c.by)
        .where(LEDGER.c.at >= since)
        .order_by(LEDGER.c.at.desc(), LEDGER.c.id.desc())
    )


def _posting(row: Any) -> Posting:
    return Posting(
        id=row.id,
        at=row.at,
        account=row.account,
        francs=row.francs,
        number=row.number or "",
        bed=row.bed_id or "",
        by=row.display or "",
        reason=row.reason,
        order_id=row.order_id if row.number else "",
    )
