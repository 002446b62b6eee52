"""What was ordered, given and paid on one hospital day, told live from the orders' own rows.

Money is told only from a store that holds it: the server's, and an admin's console. Elsewhere every amount is None: not
known, never zero.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, Subquery, Table, case, func, select

from core.menu.queries import services_of_day
from core.orders.model import OrderState, OrderTable
from core.payments.model import LedgerEntryTable, PaymentTable

ORDER: Table = OrderTable.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
PAYMENT: Table = PaymentTable.__table__  # type: ignore[attr-defined]  # as above
LEDGER: Table = LedgerEntryTable.__table__  # type: ignore[attr-defined]  # as above
GIVEN = (OrderState.DELIVERED, OrderState.HANDED_TO_NURSE, OrderState.COMPLETED)
CHARGED, CASH, ON_ACCOUNT = "charged", "cash", "on_account"


@dataclass(frozen=True, slots=True)
class Francs:
    """Whole francs. due: what the meals cost; charged: for meals that were given; cash, on_account: how it is paid."""

    due: int = 0
    charged: int = 0
    cash: int = 0
    on_account: int = 0

    def __add__(self, other: Francs) -> Francs:
        return Francs(
            self.due + other.due,
            self.charged + other.charged,
            self.cash + other.cash,
            self.on_account + other.on_account,
        )


@dataclass(frozen=True, slots=True)
class DayRow:
    """Orders that have meal, ward, method and state in common. method "" where it is not known here."""

    service_id: str
    meal: str
    ward_id: str
    method: str
    state: str
    orders: int
    francs: Francs | None


@dataclass(frozen=True, slots=True)
class DayReport:
    """One hospital day. `rows` in the sequence of the day, then by ward, method and state."""

    day: str
    rows: tuple[DayRow, ...]

    @property
    def orders(self) -> int:
        return sum(row.orders for row in self.rows)

    @property
    def given(self) -> int:
        return sum(row.orders for row in self.rows if row.state in GIVEN)

    @property
    def francs(self) -> Francs | None:
        """The whole day's; None when any part of it is not known."""
        return _together(self.rows)

    def states(self) -> dict[str, int]:
        return dict(_counted(self.rows, lambda row: row.state))

    def wards(self) -> dict[str, int]:
        return dict(sorted(_counted(self.rows, lambda row: row.ward_id).items()))

    def methods(self) -> dict[str, Francs | None]:
        """Francs by how the meal is paid."""
        found = sorted({row.method for row in self.rows})
        return {method: _together(row for row in self.rows if row.method == method) for method in found}


def report_day(db: Connection, day: str, *, money: bool) -> DayReport:
    """The day as it stands now. money: this store holds payments and the ledger."""
    services = services_of_day(db, day)
    place = {service.id: number for number, service in enumerate(services)}
    meals = {service.id: service.meal for service in services}
    found = [
        DayRow(
            service_id=row.service_id,
            meal=meals[row.service_id],
            ward_id=row.ward_id,
            method=row.method or "",
            state=row.state,
            orders=row.orders,
            francs=_francs(row) if money else None,
        )
        for row in db.execute(_query(list(place)))
    ]
    found.sort(key=lambda row: (place[row.service_id], row.ward_id, row.method, row.state))
    return DayReport(day, tuple(found))


def _francs(row: Any) -> Francs:
    """PostgreSQL sums whole numbers into decimals: they are whole all the same."""
    return Francs(int(row.due), int(row.charged), int(row.cash), int(row.on_account))


def _query(service_ids: list[str]) -> Select[Any]:
    booked = _booked(service_ids)
    alike = (ORDER.c.service_id, ORDER.c.ward_id, PAYMENT.c.method, ORDER.c.state)
    sums = [
        func.coalesce(func.sum(column), 0).label(name)
        for name, column in (
            ("due", PAYMENT.c.due_francs),
            (CHARGED, booked.c.charged),
            (CASH, booked.c.cash),
            (ON_ACCOUNT, booked.c.on_account),
        )
    ]
    joined = ORDER.outerjoin(PAYMENT, PAYMENT.c.id == ORDER.c.id).outerjoin(booked, booked.c.order_id == ORDER.c.id)
    counted = select(*alike, func.count().label("orders"), *sums).select_from(joined)
    return counted.where(ORDER.c.service_id.in_(service_ids)).group_by(*alike)


def _booked(service_ids: list[str]) -> Subquery:
    """What the ledger says of each order of these services."""
    sums = [
        func.sum(case((LEDGER.c.account == account, LEDGER.c.francs), else_=0)).label(account)
        for account in (CHARGED, CASH, ON_ACCOUNT)
    ]
    of_the_day = LEDGER.join(ORDER, ORDER.c.id == LEDGER.c.order_id)
    booked = select(LEDGER.c.order_id, *sums).select_from(of_the_day)
    return booked.where(ORDER.c.service_id.in_(service_ids)).group_by(LEDGER.c.order_id).subquery()


def _together(rows: Iterable[DayRow]) -> Francs | None:
    whole = Francs()
    for row in rows:
        if row.francs is None:
            return None
        whole += row.francs
    return whole


def _counted(rows: Iterable[DayRow], by: Callable[[DayRow], str]) -> Counter[str]:
    counted: Counter[str] = Counter()
    for row in rows:
        counted[by(row)] += row.orders
    return counted
