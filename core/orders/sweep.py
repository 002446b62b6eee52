"""When a dish changes, what was ordered of it is judged again (R14): little at once, the rest beside the writer.

The rest is found by time itself and judged over a snapshot (`judging`); the writer only takes what comes out otherwise.
Every step towards the bed judges anew on its own: a change that has not reached an order yet never lets it through.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated

from pydantic import Field
from sqlalchemy import Connection, Table, func, select, union

from core.diets.model import DietProfileTable
from core.diets.rules import needs_of_meal
from core.kernel.found import found
from core.kernel.handle import SERVER, Handle, Need
from core.kernel.message import Command
from core.kernel.text import RowId
from core.kernel.tx import Act, Tx
from core.kernel.values import SYSTEM, Origin, Role
from core.menu.events import DishFactsChanged
from core.menu.model import Dish, DishFactsTable, Service
from core.orders.model import (
    OPEN,
    DishSweep,
    DishSweepTable,
    Order,
    OrderLine,
    OrderLineTable,
    OrderState,
    OrderTable,
)
from core.orders.rules import judge_order_again, ruling_on, would_change

AT_ONCE = 16  # orders judged in the transaction of the change itself: it must stay short (architecture.md §3)
IN_ONE_ACT = 5  # orders of one act by time: four such acts are the smallest turn of the writer
LOOKED_AT = 80  # newest lines of a dish among which they are
ORDER: Table = OrderTable.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
LINE: Table = OrderLineTable.__table__  # type: ignore[attr-defined]  # as above
FACTS: Table = DishFactsTable.__table__  # type: ignore[attr-defined]  # as above
SWEEP: Table = DishSweepTable.__table__  # type: ignore[attr-defined]  # as above
PROFILE: Table = DietProfileTable.__table__  # type: ignore[attr-defined]  # as above

STILL_OPEN = [state.value for state in OPEN]
JUDGE, CLOSE = "judge", "close"

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
    """The facts of a dish are newer than the last verdict on these orders, and make it another one."""

    order_ids: Annotated[tuple[RowId, ...], Field(min_length=1, max_length=AT_ONCE)]


def judge_orders_again(tx: Tx, cmd: JudgeAgain) -> None:
    orders = [tx.get(Order, order_id) for order_id in cmd.order_ids]
    _judge(tx, [order for order in orders if order.is_open])


class CloseSweep(Command):
    """Every open order of a dish was judged by its facts of this version, and what changed by them is written."""

    dish_id: RowId
    facts_version: int = Field(ge=1, lt=1 << 53)


def close_sweep(tx: Tx, cmd: CloseSweep) -> None:
    """Facts that are newer by now begin a sweep of their own."""
    before = found(tx, DishSweep, cmd.dish_id)
    if before is None:
        tx.add(DishSweep(id=cmd.dish_id, facts_version=cmd.facts_version, swept_at=tx.at))
    elif before.facts_version < cmd.facts_version:
        tx.change(before, facts_version=cmd.facts_version, swept_at=tx.at)
    else:
        tx.already(at=before.swept_at)


# -- beside the writer ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Behind:
    """A dish whose facts are newer than the verdict on some open order of it."""

    dish_id: str
    facts_version: int
    changed_at: int


def judging(tx: Tx, db: Connection, at: int) -> list[tuple[str, int]]:
    """What changes of recipes still have to do to orders (keys for `judging_of`), and since when.

    All orders of the dishes are judged here, over a snapshot that nobody waits for; only those that come out otherwise
    than they stand are to be judged again by the writer, nearest to a mouth first. Whatever is placed, moved or
    prescribed meanwhile is judged by the newest facts where it happens, so the sweep ends with them.
    """
    dishes = behind(db)
    if not dishes:
        return []
    since = max(dish.changed_at for dish in dishes)
    turned = sorted(_turned(tx, at, _concerned(db, [dish.dish_id for dish in dishes])), key=_nearness)
    parts = [turned[start : start + IN_ONE_ACT] for start in range(0, len(turned), IN_ONE_ACT)]
    acts = [(" ".join([JUDGE, *(order.id for order in part)]), since) for part in parts]
    return [*acts, *((f"{CLOSE} {dish.dish_id} {dish.facts_version}", dish.changed_at) for dish in dishes)]


def judging_of(key: str) -> JudgeAgain | CloseSweep:
    what, *told = key.split(" ")
    if what == CLOSE:
        return CloseSweep(dish_id=told[0], facts_version=int(told[1]))
    return JudgeAgain(order_ids=tuple(told))


def behind(db: Connection) -> list[Behind]:
    """Dishes that changed after an open order of them was judged, as far as no sweep has been there since."""
    rows = ORDER.join(LINE, LINE.c.order_id == ORDER.c.id).join(FACTS, FACTS.c.id == LINE.c.dish_id)
    changed = (
        select(FACTS.c.id, FACTS.c.version, FACTS.c.changed_at)
        .select_from(rows.join(SWEEP, SWEEP.c.id == FACTS.c.id, isouter=True))
        .where(ORDER.c.state.in_(STILL_OPEN), FACTS.c.changed_at > func.coalesce(ORDER.c.checked_at, 0))
        .where(FACTS.c.version > func.coalesce(SWEEP.c.facts_version, 0))
        .distinct()
        .order_by(FACTS.c.id)
    )
    return [Behind(*row) for row in db.execute(changed)]


def _concerned(db: Connection, dish_ids: list[str]) -> list[str]:
    """Open orders of these dishes, and those of patients with a limit who have such a dish at any meal (R11)."""
    holding = ORDER.join(LINE, LINE.c.order_id == ORDER.c.id)
    still_open, of_these = ORDER.c.state.in_(STILL_OPEN), LINE.c.dish_id.in_(dish_ids)
    own = select(ORDER.c.id).select_from(holding).where(still_open, of_these)
    limited = (
        select(ORDER.c.stay_id)
        .select_from(holding.join(PROFILE, PROFILE.c.id == ORDER.c.stay_id))
        .where(of_these, PROFILE.c.open, PROFILE.c.periods.contains('"limits"'), ORDER.c.archived_at.is_(None))
    )
    besides = select(ORDER.c.id).where(still_open, ORDER.c.stay_id.in_(limited))
    return list(db.execute(union(own, besides)).scalars())


def _turned(tx: Tx, at: int, order_ids: list[str]) -> list[Order]:
    """The orders on which the rules say something else by the facts as they are now."""
    tx.begin(Act(b"", JudgeAgain.name, at, at, SYSTEM, Origin.DUE))
    tx.prefetch((Order, order_id) for order_id in order_ids)
    tx.prefetch((OrderLine, "order_id", order_id) for order_id in order_ids)
    orders = [tx.get(Order, order_id) for order_id in order_ids]
    tx.prefetch(dict.fromkeys(need for order in orders for need in _needs(tx, order)))
    turned = [order for order in orders if would_change(order, ruling_on(tx, order))]
    tx.drop()
    return turned


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


HANDLERS = (
    Handle(JudgeAgain, judge_orders_again, where=SERVER, roles={Role.SYSTEM}, reads=(_orders, _meals)),
    Handle(CloseSweep, close_sweep, where=SERVER, roles={Role.SYSTEM}),
)
