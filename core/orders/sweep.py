"""When a dish changes, what was ordered of it is judged again (R14): little at once, much in portions.

Whatever is still to be judged is found by time itself (`behind`), and every step towards the bed judges anew on its
own: a change that has not reached an order yet never lets it through.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType
from typing import Annotated

from pydantic import Field
from sqlalchemy import Connection, Table, case, func, select

from core.diets.rules import needs_of_meal
from core.kernel.handle import SERVER, Handle, Need
from core.kernel.message import Command
from core.kernel.text import RowId
from core.kernel.tx import Tx
from core.kernel.values import Role
from core.menu.events import DishFactsChanged
from core.menu.model import Dish, DishFactsTable, Service
from core.orders.model import OPEN, Order, OrderLine, OrderLineTable, OrderState, OrderTable
from core.orders.rules import judge_order_again

AT_ONCE = 32  # orders judged in the transaction of the change itself: it must stay short (architecture.md §3)
LOOKED_AT = 160  # newest lines of a dish among which they are
ORDER: Table = OrderTable.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
LINE: Table = OrderLineTable.__table__  # type: ignore[attr-defined]  # as above
FACTS: Table = DishFactsTable.__table__  # type: ignore[attr-defined]  # as above

# what is nearest to a mouth comes first
NEAREST = MappingProxyType(
    {
        OrderState.OUT: 0,
        OrderState.READY: 1,
        OrderState.COOKING: 2,
        OrderState.KITCHEN_ISSUE: 3,
        OrderState.CONFIRMED: 4,
        OrderState.HELD: 5,
        OrderState.PAYMENT_PENDING: 6,
        OrderState.PAYMENT_FAILED: 7,
    }
)


def judge_dish_again(tx: Tx, event: DishFactsChanged) -> None:
    """On the server, in the transaction of the change: the open orders that hold the dish, as many as stay quick."""
    room = AT_ONCE - tx.count_written(Order)
    if room <= 0:
        return
    lines = tx.newest(OrderLine, of=tx.get(Dish, event.dish_id), most=LOOKED_AT)
    order_ids = list(dict.fromkeys(line.order_id for line in lines))
    tx.prefetch((Order, order_id) for order_id in order_ids)
    open_ones = [order for order in (tx.get(Order, order_id) for order_id in order_ids) if order.is_open]
    chosen = sorted(open_ones, key=_nearness)[:room]
    tx.prefetch((OrderLine, "order_id", order.id) for order in chosen)
    tx.prefetch(need for order in chosen for need in _needs(tx, order))
    _judge(tx, chosen)


class JudgeAgain(Command):
    """The facts of a dish on these orders are newer than their last verdict."""

    order_ids: Annotated[tuple[RowId, ...], Field(min_length=1, max_length=AT_ONCE)]


def judge_orders_again(tx: Tx, cmd: JudgeAgain) -> None:
    orders = [tx.get(Order, order_id) for order_id in cmd.order_ids]
    _judge(tx, [order for order in orders if order.is_open])


def behind(db: Connection, *, limit: int) -> list[tuple[str, int]]:
    """Open orders with a dish whose facts are newer than their verdict, and since when; nearest to a mouth first."""
    nearness = case(dict(NEAREST), value=ORDER.c.state, else_=len(NEAREST))
    held = ORDER.join(LINE, LINE.c.order_id == ORDER.c.id).join(FACTS, FACTS.c.id == LINE.c.dish_id)
    since = func.max(FACTS.c.changed_at)
    found = (
        select(ORDER.c.id, since)
        .select_from(held)
        .where(ORDER.c.state.in_([state.value for state in OPEN]))
        .where(FACTS.c.changed_at > func.coalesce(ORDER.c.checked_at, 0))
        .group_by(ORDER.c.id, ORDER.c.state, ORDER.c.promised_at)
        .order_by(nearness, ORDER.c.promised_at, ORDER.c.id)
    )
    return [(row[0], row[1]) for row in db.execute(found.limit(limit))]


def _judge(tx: Tx, orders: list[Order]) -> None:
    """Each by the newest facts; that it was judged is written even where nothing came of it."""
    for order in orders:
        judge_order_again(tx, order)
        tx.change(order, checked_at=tx.at)


def _needs(tx: Tx, order: Order) -> list[Need]:
    lines = tx.peek_all(OrderLine, "order_id", order.id)
    return [(Service, order.service_id), *needs_of_meal(order.stay_id, [line.dish_id for line in lines])]


def _nearness(order: Order) -> tuple[int, int, str]:
    return (NEAREST.get(OrderState(order.state), len(NEAREST)), order.promised_at, order.id)


def _orders(cmd: JudgeAgain, tx: Tx) -> Iterable[Need]:
    for order_id in cmd.order_ids:
        yield (Order, order_id)
        yield (OrderLine, "order_id", order_id)


def _meals(cmd: JudgeAgain, tx: Tx) -> Iterable[Need]:
    for order_id in cmd.order_ids:
        order = tx.peek(Order, order_id)
        if order is not None:
            yield from _needs(tx, order)


HANDLERS = (Handle(JudgeAgain, judge_orders_again, where=SERVER, roles={Role.SYSTEM}, reads=(_orders, _meals)),)
