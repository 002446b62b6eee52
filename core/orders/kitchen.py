"""What the kitchen's wall shows: the meals it has before it, each with its flags, and the counts beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Table, and_, bindparam, or_, select

from core.kernel.values import MINUTE_MS
from core.menu.model import Dish, DishTable, Service
from core.menu.queries import next_services, services_under_way_at
from core.orders.model import OPEN, OrderLineTable, OrderState, OrderTable
from core.orders.tickets import Ticket, Tickets
from core.wards.model import WardTable
from core.wards.queries import natural

ORDER: Table = OrderTable.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
LINE: Table = OrderLineTable.__table__  # type: ignore[attr-defined]  # as above
DISH: Table = DishTable.__table__  # type: ignore[attr-defined]  # as above
WARD: Table = WardTable.__table__  # type: ignore[attr-defined]  # as above
SOON_MS = 150 * MINUTE_MS  # a meal that leaves later than this, and is not begun, is only counted as coming
NOT_BEGUN = (OrderState.CONFIRMED, OrderState.KITCHEN_ISSUE, OrderState.HELD)
AT_THE_STOVE = (*NOT_BEGUN, OrderState.COOKING)
PAID_LATER = (OrderState.PAYMENT_PENDING, OrderState.PAYMENT_FAILED)

# of the services under way all orders, of others whatever still concerns the stove; built once
_CONCERNED = and_(
    or_(
        ORDER.c.service_id.in_(bindparam("services", expanding=True)),
        ORDER.c.state.in_([state.value for state in OPEN]),
        and_(ORDER.c.stop != "", ORDER.c.stop_seen_by == ""),
    ),
    ORDER.c.archived_at.is_(None),
)
_ORDERS = select(ORDER).where(_CONCERNED).order_by(ORDER.c.id)
_LINES = (
    select(*LINE.c).select_from(LINE.join(ORDER, LINE.c.order_id == ORDER.c.id)).where(_CONCERNED).order_by(LINE.c.id)
)
_WARDS = select(WARD.c.id, WARD.c.name_en)
_OUT = select(DISH).where(DISH.c.out_of_stock_at.is_not(None)).order_by(DISH.c.id)


@dataclass(frozen=True, slots=True)
class Counts:
    to_cook: int = 0
    cooking: int = 0
    ready: int = 0
    held: int = 0
    stopped: int = 0
    coming: int = 0


@dataclass(frozen=True, slots=True)
class KitchenBoard:
    """Everything the wall shows of one instant. service: the meal that is cooked now, None between meals."""

    tickets: tuple[Ticket, ...]  # in cart order
    counts: Counts
    service: Service | None
    next_service: Service | None
    wards: Mapping[str, str]
    everything: tuple[Ticket, ...]  # of these services, whatever became of it: for counts by dish
    out_of_stock: tuple[str, ...]  # kitchen names
    stops: tuple[Ticket, ...] = ()  # the oldest first


def kitchen_board(
    db: Connection, *, at: int, rules_age: int | None = 0, language: str = "en", tickets: Tickets | None = None
) -> KitchenBoard:
    """The wall of this console's kitchen. tickets: of a wall that asks again and again."""
    services = {service.id: service for service in services_under_way_at(db, at)}
    chosen = {"services": list(services)}
    telling = tickets if tickets is not None else Tickets()
    everything = telling.of(db, _ORDERS, _LINES, chosen, at=at, rules_age=rules_age, language=language)
    near = [ticket for ticket in everything if _is_near(ticket, at)]
    shown = sorted((ticket for ticket in near if _is_on_the_wall(ticket)), key=cart_order)
    now = min((s for s in services.values() if s.dispatch_at + SOON_MS > at), key=_dispatch, default=None)
    return KitchenBoard(
        tickets=tuple(shown),
        counts=_counts(near, everything),
        service=now,
        next_service=next(iter(next_services(db, at, limit=1)), None),
        wards={row.id: row.name_en for row in db.execute(_WARDS)},
        everything=tuple(everything),
        out_of_stock=_out_of_stock(db, language),
        stops=tuple(sorted((ticket for ticket in shown if ticket.is_stopped), key=_stop_age)),
    )


def cart_order(ticket: Ticket) -> tuple[object, ...]:
    """Priority first, then the earliest cart, the ward that is reached first, the bed, the number."""
    return (not ticket.first, ticket.leaves_at, ticket.walking_order, natural(ticket.bed), ticket.number)


def diet_order(ticket: Ticket) -> tuple[object, ...]:
    """Equal diets beside one another, as they are cooked."""
    return (tuple(str(flag) for flag in ticket.variant), *cart_order(ticket))


def age_order(ticket: Ticket) -> tuple[object, ...]:
    return (ticket.placed_at, ticket.number)


# -- which orders -----------------------------------------------------------------------------------------------------


def _is_near(ticket: Ticket, at: int) -> bool:
    begun = ticket.state not in NOT_BEGUN or ticket.is_stopped
    return begun or ticket.leaves_at - at <= SOON_MS


def _is_on_the_wall(ticket: Ticket) -> bool:
    """What waits for the stove or stands on it; a STOP until it is read, wherever its tray is."""
    if ticket.is_stopped:
        return ticket.state not in (OrderState.DELIVERED, OrderState.HANDED_TO_NURSE, OrderState.COMPLETED)
    return ticket.state in AT_THE_STOVE and not ticket.stop


def _counts(near: Sequence[Ticket], everything: Sequence[Ticket]) -> Counts:
    live = [ticket for ticket in near if not ticket.stop]
    states = [ticket.state for ticket in live]
    later = sum(ticket.state in NOT_BEGUN for ticket in everything) - sum(t.state in NOT_BEGUN for t in near)
    return Counts(
        to_cook=states.count(OrderState.CONFIRMED) + states.count(OrderState.KITCHEN_ISSUE),
        cooking=states.count(OrderState.COOKING),
        ready=states.count(OrderState.READY),
        held=states.count(OrderState.HELD),
        stopped=sum(ticket.is_stopped and _is_on_the_wall(ticket) for ticket in near),
        coming=later + sum(ticket.state in PAID_LATER for ticket in everything),
    )


def _dispatch(service: Service) -> int:
    return service.dispatch_at


def _stop_age(ticket: Ticket) -> tuple[int, str]:
    return (ticket.stop_at or 0, ticket.key)


def _out_of_stock(db: Connection, language: str) -> tuple[str, ...]:
    return tuple(Dish.trusted(dict(row)).kitchen_name(language) for row in db.execute(_OUT).mappings())
