"""What the server keeps of meals that are no orders yet: the cart of a stay,
and the order numbers it has handed out."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, exists, func, insert, select, update

from core.orders.model import OrderTable
from core.store import log
from core.store.server_schema import cart_line, number_block
from core.store.statement import Statement

FIRST_OF_CONSOLES = 8_000  # from here up the consoles count (architecture.md §3, order numbers)
_order = OrderTable.__table__.c  # type: ignore[attr-defined]  # SQLModel does not declare it

# what the page has ordered is no longer in the cart, though its lines are taken out a moment later
ORDERED = (
    exists()
    .where(
        _order.stay_id == cart_line.c.stay_id,
        _order.service_id == cart_line.c.service_id,
        func.substr(_order.number, 3) < str(FIRST_OF_CONSOLES),
        _order.placed_at > cart_line.c.set_at,
    )
    .correlate(cart_line)
)
_CART = Statement(
    select(cart_line.c.service_id, cart_line.c.dish_id, cart_line.c.halves, cart_line.c.set_at)
    .where(cart_line.c.stay_id == bindparam("stay_id"), ~ORDERED)
    .order_by(cart_line.c.service_id, cart_line.c.dish_id)
)
_THIS_LINE = (
    cart_line.c.stay_id == bindparam("stay"),
    cart_line.c.service_id == bindparam("service"),
    cart_line.c.dish_id == bindparam("dish"),
)
_TAKE_OUT = Statement(delete(cart_line).where(*_THIS_LINE))
_SET_LINE = Statement(update(cart_line).where(*_THIS_LINE).values(halves=bindparam("many"), set_at=bindparam("now")))
_PUT_IN = Statement(insert(cart_line))
_EMPTY = Statement(delete(cart_line).where(cart_line.c.stay_id == bindparam("stay")))
_EMPTY_SERVICE = Statement(
    delete(cart_line).where(cart_line.c.stay_id == bindparam("stay"), cart_line.c.service_id == bindparam("service"))
)


@dataclass(frozen=True, slots=True)
class CartLine:
    """So many halves of a portion of a dish, wanted at a service."""

    service_id: str
    dish_id: str
    halves: int
    set_at: int


def cart_of(connection: Connection, stay_id: str) -> list[CartLine]:
    """What lies in the cart of a stay and was not ordered yet, by service."""
    return [CartLine(*row) for row in _CART.tuples(connection, {"stay_id": stay_id})]


def set_line(connection: Connection, *, stay_id: str, service_id: str, dish_id: str, halves: int, at: int) -> None:
    """So many halves from now on; none takes the line out. Locks the head: two processes may hold one cart."""
    log.lock_head(connection)
    this = {"stay": stay_id, "service": service_id, "dish": dish_id}
    if halves <= 0:
        _TAKE_OUT.run(connection, this)
    elif _SET_LINE.run(connection, {**this, "many": halves, "now": at}) == 0:
        line = {"stay_id": stay_id, "service_id": service_id, "dish_id": dish_id, "halves": halves, "set_at": at}
        _PUT_IN.run(connection, line)


def empty_cart(connection: Connection, *, stay_id: str, service_id: str = "") -> None:
    """All of a stay's cart, or what was chosen for one service."""
    emptied = _EMPTY_SERVICE if service_id else _EMPTY
    emptied.run(connection, {"stay": stay_id, "service": service_id})


def sweep(connection: Connection, *, before: int) -> None:
    """Carts that nobody has touched, and the counts of services long over."""
    connection.execute(delete(cart_line).where(cart_line.c.set_at < before))


def take_numbers(connection: Connection, *, service_id: str, count: int) -> int:
    """The first of so many numbers that nobody else gets. Whatever is on an order already is passed over."""
    log.lock_head(connection)
    known = connection.execute(
        select(number_block.c.next).where(number_block.c.service_id == service_id)
    ).scalar_one_or_none()
    first = max(known or 1, _last_used(connection, service_id) + 1)
    if known is None:
        connection.execute(insert(number_block), {"service_id": service_id, "next": first + count})
    else:
        following = update(number_block).where(number_block.c.service_id == service_id)
        connection.execute(following.values(next=first + count))
    return first


def give_numbers_back(connection: Connection, *, service_id: str, unused: list[int]) -> None:
    """The numbers a process took last and did not need, if nobody has taken more since."""
    log.lock_head(connection)
    latest = (number_block.c.service_id == service_id) & (number_block.c.next == unused[-1] + 1)
    connection.execute(update(number_block).where(latest).values(next=unused[0]))


def _last_used(connection: Connection, service_id: str) -> int:
    """Numbers are `L-0412`: of one length and letter within a service, so the greatest text is the greatest number."""
    of_service = select(func.max(_order.number)).where(_order.service_id == service_id)
    below = of_service.where(func.length(_order.number) == 6, func.substr(_order.number, 3) < str(FIRST_OF_CONSOLES))
    last = connection.execute(below).scalar_one_or_none()
    return int(str(last)[2:]) if last else 0
