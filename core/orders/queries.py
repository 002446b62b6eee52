"""Meals that were ordered: what is on them, how far they are, and every step they made. For pages,
screens and reports."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, Table, bindparam, select

from core.kernel.row import Row
from core.orders.model import (
    Order,
    OrderLine,
    OrderLineTable,
    OrderMove,
    OrderMoveTable,
    OrderTable,
)

R = TypeVar("R", bound=Row)
ORDER: Table = OrderTable.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
LINE: Table = OrderLineTable.__table__  # type: ignore[attr-defined]  # as above
MOVE: Table = OrderMoveTable.__table__  # type: ignore[attr-defined]  # as above
_ORDER_NAMES = tuple(column.name for column in ORDER.c)
_LINE_NAMES = tuple(column.name for column in LINE.c)


@dataclass(frozen=True, slots=True)
class Meal:
    """One order with its lines, in the sequence they were ordered."""

    order: Order
    lines: tuple[OrderLine, ...]

    @property
    def dishes(self) -> list[tuple[str, int]]:
        """As the rules of diets ask for it: dish and halves."""
        return [(line.dish_id, line.halves) for line in self.lines]


def meals_of_stay(db: Connection, stay_id: str, *, limit: int = 20) -> list[Meal]:
    """A patient's orders with their lines, the newest first: one query."""
    return _meals(db, _OF_STAY, stay_id=stay_id, most=limit)


def meal(db: Connection, order_id: str) -> Meal | None:
    """One order with its lines."""
    found = _meals(db, _OF_ID, order_id=order_id)
    return found[0] if found else None


def order_by_id(db: Connection, order_id: str) -> Order | None:
    found = _rows(db, Order, select(ORDER).where(ORDER.c.id == order_id))
    return found[0] if found else None


def orders_numbered(db: Connection, number: str, *, limit: int = 20) -> list[Order]:
    """Every order of that number, the newest first: numbers begin anew with each service."""
    wanted = select(ORDER).where(ORDER.c.number == number).order_by(ORDER.c.placed_at.desc())
    return _rows(db, Order, wanted.limit(limit))


def moves_of(db: Connection, order_id: str) -> list[OrderMove]:
    """Every step of an order, in the sequence it was made."""
    steps = select(MOVE).where(MOVE.c.order_id == order_id)
    return _rows(db, OrderMove, steps.order_by(MOVE.c.at, MOVE.c.id))


def lines_of_orders(db: Connection, order_ids: Iterable[str]) -> dict[str, list[OrderLine]]:
    """The lines of many orders at once, by order."""
    wanted = select(LINE).where(LINE.c.order_id.in_(list(order_ids))).order_by(LINE.c.id)
    found: dict[str, list[OrderLine]] = {}
    for line in _rows(db, OrderLine, wanted):
        found.setdefault(line.order_id, []).append(line)
    return found


def _with_lines(chosen: Select[Any]) -> Select[Any]:
    """Orders and lines in one query, the newest order first. Built once: putting it together costs more than asking."""
    orders = chosen.subquery("chosen")
    both = select(*orders.c, *LINE.c).select_from(orders.outerjoin(LINE, LINE.c.order_id == orders.c.id))
    return both.order_by(orders.c.placed_at.desc(), orders.c.id.desc(), LINE.c.id)


_OF_STAY = _with_lines(
    select(ORDER)
    .where(ORDER.c.stay_id == bindparam("stay_id"))
    .order_by(ORDER.c.placed_at.desc(), ORDER.c.id.desc())
    .limit(bindparam("most"))
)
_OF_ID = _with_lines(select(ORDER).where(ORDER.c.id == bindparam("order_id")))


def _meals(db: Connection, chosen: Select[Any], **told: str | int) -> list[Meal]:
    found: dict[str, tuple[Order, list[OrderLine]]] = {}
    for row in db.execute(chosen, told):
        width = len(_ORDER_NAMES)
        order = Order.trusted(dict(zip(_ORDER_NAMES, row[:width], strict=True)))
        _, lines = found.setdefault(order.id, (order, []))
        if row[width] is not None:
            lines.append(OrderLine.trusted(dict(zip(_LINE_NAMES, row[width:], strict=True))))
    return [Meal(order, tuple(lines)) for order, lines in found.values()]


def _rows(db: Connection, table: type[R], chosen: Select[Any]) -> list[R]:
    return [table.trusted(dict(row)) for row in db.execute(chosen).mappings()]
