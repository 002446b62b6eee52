"""Orders as a list, and one order's whole life: steps, trays, hand-overs, troubles and money, as far as held here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, Table, select

from core.delivery.model import (
    DeliveryIssue,
    DeliveryIssueTable,
    HandOver,
    HandOverTable,
    Tray,
    TrayTable,
)
from core.kernel.case import Case, CaseTable
from core.kernel.row import Row
from core.kernel.values import SYSTEM
from core.menu.model import Dish, DishTable
from core.orders.history import Step
from core.orders.model import OPEN, Order, OrderMove, OrderTable
from core.orders.queries import lines_of_orders, moves_of
from core.payments.model import LedgerEntry, LedgerEntryTable, Payment, PaymentTable
from core.payments.queries import payment_of
from core.reports.needs import people_of
from core.reports.overview import GROUPS
from core.wards.model import Stay, StayTable

R = TypeVar("R", bound=Row)
ORDER: Table = OrderTable.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
STAY: Table = StayTable.__table__  # type: ignore[attr-defined]  # as above
PAYMENT: Table = PaymentTable.__table__  # type: ignore[attr-defined]  # as above
ENTRY: Table = LedgerEntryTable.__table__  # type: ignore[attr-defined]  # as above
CASE: Table = CaseTable.__table__  # type: ignore[attr-defined]  # as above
TRAY: Table = TrayTable.__table__  # type: ignore[attr-defined]  # as above
HAND_OVER: Table = HandOverTable.__table__  # type: ignore[attr-defined]  # as above
ISSUE: Table = DeliveryIssueTable.__table__  # type: ignore[attr-defined]  # as above
DISH: Table = DishTable.__table__  # type: ignore[attr-defined]  # as above
OPEN_ONES, STOPPED = "open", "stopped"
MOST = 2_000
NOBODY = "system"  # a step that time itself made


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which orders. group: of the overview, `open`, `stopped`, or "" for all; the others narrow it further."""

    group: str = ""
    service_id: str = ""
    ward_id: str = ""
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order of a list. Francs are None where this machine holds no money."""

    order: Order
    bed: str
    placed_by: str  # "": the patient
    method: str
    due_francs: int | None
    paid_francs: int | None


@dataclass(frozen=True, slots=True)
class Life:
    """One order, whole. A step's `by` is "" for the patient, NOBODY for time itself."""

    row: OrderRow
    dishes: tuple[tuple[str, int], ...]  # name and halves
    steps: tuple[Step, ...]
    trays: tuple[Tray, ...]
    hand_overs: tuple[HandOver, ...]
    issues: tuple[DeliveryIssue, ...]
    cases: tuple[Case, ...]
    payment: Payment | None
    entries: tuple[LedgerEntry, ...]
    people: dict[str, str]


def orders_listed(db: Connection, wanted: Wanted, *, limit: int = MOST) -> tuple[OrderRow, ...]:
    """The newest first."""
    return tuple(_order_rows(db, _chosen(wanted).order_by(ORDER.c.placed_at.desc(), ORDER.c.id).limit(limit)))


def life(db: Connection, order_id: str, language: str = "en") -> Life | None:
    """Everything this store holds of one order; None where it does not hold it."""
    rows = _order_rows(db, _chosen(Wanted(ids=(order_id,))))
    if not rows:
        return None
    people = people_of(db)
    of_order = {
        table: select(table).where(table.c.order_id == order_id) for table in (TRAY, HAND_OVER, ISSUE, CASE, ENTRY)
    }
    return Life(
        row=rows[0],
        dishes=tuple(_dishes(db, order_id, language)),
        steps=tuple(_step(move, people) for move in moves_of(db, order_id)),
        trays=tuple(_rows(db, Tray, of_order[TRAY].order_by(TRAY.c.number))),
        hand_overs=tuple(_rows(db, HandOver, of_order[HAND_OVER].order_by(HAND_OVER.c.at))),
        issues=tuple(_rows(db, DeliveryIssue, of_order[ISSUE].order_by(ISSUE.c.at))),
        cases=tuple(_rows(db, Case, of_order[CASE].order_by(CASE.c.opened_at))),
        payment=payment_of(db, order_id),
        entries=tuple(_rows(db, LedgerEntry, of_order[ENTRY].order_by(ENTRY.c.at, ENTRY.c.id))),
        people=people,
    )


def _step(move: OrderMove, people: dict[str, str]) -> Step:
    by = people.get(move.by, NOBODY if move.by == SYSTEM.person_id else "")
    return Step(move.claimed_at, by, move.from_state, move.to_state, move.reason, move.implied)


def _chosen(wanted: Wanted) -> Select[Any]:
    chosen = select(ORDER).where(ORDER.c.archived_at.is_(None))
    if wanted.group == STOPPED:
        chosen = chosen.where(ORDER.c.stop != "", ORDER.c.stop_seen_by == "")
    elif wanted.group:
        states = OPEN if wanted.group == OPEN_ONES else GROUPS[wanted.group]
        chosen = chosen.where(ORDER.c.state.in_([state.value for state in states]))
    if wanted.service_id:
        chosen = chosen.where(ORDER.c.service_id == wanted.service_id)
    if wanted.ward_id:
        chosen = chosen.where(ORDER.c.ward_id == wanted.ward_id)
    return chosen.where(ORDER.c.id.in_(wanted.ids)) if wanted.ids else chosen


def _order_rows(db: Connection, chosen: Select[Any]) -> list[OrderRow]:
    orders = _rows(db, Order, chosen)
    stay_ids, order_ids = sorted({order.stay_id for order in orders}), [order.id for order in orders]
    beds = {stay.id: stay.bed_id for stay in _rows(db, Stay, select(STAY).where(STAY.c.id.in_(stay_ids)))}
    payments = {one.id: one for one in _rows(db, Payment, select(PAYMENT).where(PAYMENT.c.id.in_(order_ids)))}
    people = people_of(db)
    return [_order_row(order, beds, people, payments.get(order.id)) for order in orders]


def _order_row(order: Order, beds: dict[str, str], people: dict[str, str], payment: Payment | None) -> OrderRow:
    return OrderRow(
        order=order,
        bed=beds.get(order.stay_id, "") or order.ward_id,
        placed_by=people.get(order.placed_by, ""),
        method=payment.method if payment is not None else "",
        due_francs=payment.due_francs if payment is not None else None,
        paid_francs=payment.paid_francs if payment is not None else None,
    )


def _dishes(db: Connection, order_id: str, language: str) -> Sequence[tuple[str, int]]:
    lines = lines_of_orders(db, [order_id]).get(order_id, [])
    dishes = _rows(db, Dish, select(DISH).where(DISH.c.id.in_([line.dish_id for line in lines])))
    names = {dish.id: dish.name(language) for dish in dishes}
    return [(names.get(line.dish_id, line.dish_id), line.halves) for line in lines]


def _rows(db: Connection, table: type[R], chosen: Select[Any]) -> list[R]:
    return [table.trusted(dict(row)) for row in db.execute(chosen).mappings()]
