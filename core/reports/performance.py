"""How a hospital day goes: from order to bed, on time, scanned, with how much trouble, and what it brings in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Table, case, func, select

from core.delivery.model import DeliveryIssueTable, HandOverTable
from core.kernel.values import DAY_MS, HOUR_MS, MINUTE_MS
from core.orders.model import OrderMoveTable, OrderState, OrderTable
from core.payments.model import CashDueTable, LedgerEntryTable
from core.wards.identity import WRISTBAND

ORDER: Table = OrderTable.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
MOVE: Table = OrderMoveTable.__table__  # type: ignore[attr-defined]  # as above
HAND_OVER: Table = HandOverTable.__table__  # type: ignore[attr-defined]  # as above
ISSUE: Table = DeliveryIssueTable.__table__  # type: ignore[attr-defined]  # as above
LEDGER: Table = LedgerEntryTable.__table__  # type: ignore[attr-defined]  # as above
DUE: Table = CashDueTable.__table__  # type: ignore[attr-defined]  # as above
AHEAD_MS = 2 * HOUR_MS  # of UTC, all year: a hospital day is not a day of UTC (R27)
LATE_AFTER_MS = 10 * MINUTE_MS  # behind what was promised: screens.md §2.2 calls that late
AT_THE_BED = (OrderState.DELIVERED.value, OrderState.HANDED_TO_NURSE.value)


@dataclass(frozen=True, slots=True)
class Given:
    """One meal that reached its patient today."""

    order_id: str
    placed_at: int
    promised_at: int
    given_at: int

    @property
    def minutes(self) -> int:
        """From the order to the bed."""
        return max(0, self.given_at - self.placed_at) // MINUTE_MS

    @property
    def on_time(self) -> bool:
        return self.given_at <= self.promised_at + LATE_AFTER_MS


@dataclass(frozen=True, slots=True)
class Performance:
    """One day's figures. Shares are in tenths of a percent; None where there is nothing to measure yet."""

    given: tuple[Given, ...]
    half_minutes: int | None
    most_minutes: int | None
    on_time: int | None
    scanned: int | None
    issues: int | None  # tenths, on a hundred trays


@dataclass(frozen=True, slots=True)
class MoneyToday:
    """Whole francs, from the books of this day; to_collect and waiting stand whatever the day."""

    cash: int
    on_account: int
    owed_back: int
    to_collect: int


def hospital_day(at: int) -> str:
    """`2026-11-24`."""
    return datetime.fromtimestamp((at + AHEAD_MS) / 1_000, UTC).date().isoformat()


def midnight(at: int) -> int:
    """The beginning of the hospital day of an instant."""
    return (at + AHEAD_MS) // DAY_MS * DAY_MS - AHEAD_MS


def performance(db: Connection, *, since: int) -> Performance:
    """Of everything that reached a bed since then."""
    given = _given(db, since)
    minutes = sorted(one.minutes for one in given)
    scanned, handed = _scans(db, since)
    issues = _count(db, ISSUE, since)
    return Performance(
        given=tuple(given),
        half_minutes=percentile(minutes, 50),
        most_minutes=percentile(minutes, 90),
        on_time=_share(sum(one.on_time for one in given), len(given)),
        scanned=_share(scanned, handed),
        issues=_share(issues, len(given) + issues),
    )


def percentile(ordered: Sequence[int], percent: int) -> int | None:
    """The value that so many percent do not exceed: nearest rank, so it is one that was measured."""
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)] if ordered else None


def money_today(db: Connection, *, since: int) -> MoneyToday:
    sums = [
        func.coalesce(func.sum(case((LEDGER.c.account == account, LEDGER.c.francs), else_=0)), 0).label(account)
        for account in ("cash", "on_account", "owed_back")
    ]
    booked = db.execute(select(*sums).where(LEDGER.c.at >= since)).one()
    due = db.execute(
        select(func.coalesce(func.sum(DUE.c.due_francs), 0)).where(DUE.c.settled_at.is_(None))
    ).scalar_one()
    return MoneyToday(int(booked.cash), int(booked.on_account), int(booked.owed_back), int(due))


def _given(db: Connection, since: int) -> list[Given]:
    """The last hand-over of each order counts: one that was taken back was none."""
    reached = (
        select(MOVE.c.order_id, MOVE.c.claimed_at, ORDER.c.placed_at, ORDER.c.promised_at)
        .join(ORDER, ORDER.c.id == MOVE.c.order_id)
        .where(MOVE.c.to_state.in_(AT_THE_BED), MOVE.c.at >= since)
        .where(ORDER.c.state.in_((*AT_THE_BED, OrderState.COMPLETED.value)))
        .order_by(MOVE.c.at, MOVE.c.id)
    )
    found: dict[str, Given] = {}
    for row in db.execute(reached):
        found[row.order_id] = Given(row.order_id, row.placed_at, row.promised_at, row.claimed_at)
    return list(found.values())


def _scans(db: Connection, since: int) -> tuple[int, int]:
    by_wristband = func.sum(case((HAND_OVER.c.identifiers == WRISTBAND, 1), else_=0))
    first = select(func.coalesce(by_wristband, 0), func.count()).where(HAND_OVER.c.at >= since)
    row = db.execute(first.where(HAND_OVER.c.second.is_(False))).one()
    return int(row[0]), int(row[1])


def _count(db: Connection, table: Table, since: int) -> int:
    found: Any = db.execute(select(func.count()).select_from(table).where(table.c.at >= since)).scalar_one()
    return int(found)


def _share(part: int, whole: int) -> int | None:
    return part * 1_000 // whole if whole else None
