"""What the kitchen's wall shows: the meals it has before it, each with its flags, and the counts beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, Table, and_, or_, select

from core.diets.flags import Flag, diet_names, flags_for_guest, flags_of, named
from core.diets.model import DietProfile
from core.diets.queries import profiles_of, thresholds_set
from core.diets.verdict import Thresholds, Verdict, judge_dish, read, together
from core.kernel.row import Row
from core.kernel.values import MINUTE_MS
from core.menu.model import Dish, DishFacts, DishTable, Service, ServiceTable
from core.menu.queries import facts_of, next_services, services_under_way_at
from core.orders.model import OPEN, Order, OrderLine, OrderMoveTable, OrderState, OrderTable
from core.orders.queries import lines_of_orders
from core.people.model import Person, PersonTable
from core.wards.model import Stay, StayTable, Ward, WardTable
from core.wards.queries import natural

R = TypeVar("R", bound=Row)
ORDER: Table = OrderTable.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
MOVE: Table = OrderMoveTable.__table__  # type: ignore[attr-defined]  # as above
DISH: Table = DishTable.__table__  # type: ignore[attr-defined]  # as above
SERVICE: Table = ServiceTable.__table__  # type: ignore[attr-defined]  # as above
STAY: Table = StayTable.__table__  # type: ignore[attr-defined]  # as above
WARD: Table = WardTable.__table__  # type: ignore[attr-defined]  # as above
PERSON: Table = PersonTable.__table__  # type: ignore[attr-defined]  # as above
SOON_MS = 150 * MINUTE_MS  # a meal that leaves later than this, and is not begun, is only counted as coming
NOT_BEGUN = (OrderState.CONFIRMED, OrderState.KITCHEN_ISSUE, OrderState.HELD)
AT_THE_STOVE = (*NOT_BEGUN, OrderState.COOKING)
PAID_LATER = (OrderState.PAYMENT_PENDING, OrderState.PAYMENT_FAILED)


@dataclass(frozen=True, slots=True)
class Item:
    """One dish of a meal. name: as the kitchen calls it, at most 20 cells."""

    line_id: str
    dish_id: str
    name: str
    halves: int
    ticked: bool
    is_drink: bool = False


@dataclass(frozen=True, slots=True)
class Changed:
    """What may be eaten, or what is on the tray, has changed since the order was placed.

    was: the components that held before. instead_of: dishes that others have taken the place of, as the kitchen
    calls them.
    """

    version: int
    at: int
    was: tuple[str, ...]
    instead_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ticket:
    """One meal as its card shows it. Equal when it looks equal. Instants in ms UTC."""

    key: str
    number: str
    bed: str
    ward_id: str
    extension: str
    stay_id: str
    state: str
    state_at: int
    placed_at: int
    placed_by: str
    placed_by_patient: bool
    leaves_at: int
    service_id: str
    walking_order: int
    late: bool
    first: str  # why it comes before all others: emergency, glucose, late; ""
    flags: tuple[Flag, ...]
    items: tuple[Item, ...]
    wish: str
    stop: str
    stop_at: int | None
    stop_seen_by: str
    held_for: str
    problem: str
    changed: Changed | None
    cook: str  # who took it to the stove
    variant: tuple[Flag, ...]  # what makes its dishes other dishes at the stove
    default: bool = False  # nobody has chosen it

    @property
    def is_stopped(self) -> bool:
        """A STOP that nobody has read yet."""
        return bool(self.stop) and not self.stop_seen_by

    @property
    def ticked(self) -> int:
        return sum(item.ticked for item in self.items)


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


def kitchen_board(db: Connection, *, at: int, rules_age: int | None = 0, language: str = "en") -> KitchenBoard:
    """The wall of this console's kitchen."""
    services = {service.id: service for service in services_under_way_at(db, at)}
    everything = _tickets(db, _orders(db, list(services)), at=at, rules_age=rules_age, language=language)
    near = [ticket for ticket in everything if _is_near(ticket, at)]
    shown = sorted((ticket for ticket in near if _is_on_the_wall(ticket)), key=cart_order)
    now = min((s for s in services.values() if s.dispatch_at + SOON_MS > at), key=_dispatch, default=None)
    return KitchenBoard(
        tickets=tuple(shown),
        counts=_counts(near, everything),
        service=now,
        next_service=next(iter(next_services(db, at, limit=1)), None),
        wards={ward.id: ward.name_en for ward in _rows(db, Ward, select(WARD))},
        everything=tuple(everything),
        out_of_stock=_out_of_stock(db, language),
        stops=tuple(sorted((ticket for ticket in shown if ticket.is_stopped), key=_stop_age)),
    )


def ticket_of(
    db: Connection, order_id: str, *, at: int, rules_age: int | None = 0, language: str = "en"
) -> Ticket | None:
    """One meal as its card would show it, wherever it is by now."""
    found = _rows(db, Order, select(ORDER).where(ORDER.c.id == order_id))
    tickets = _tickets(db, found, at=at, rules_age=rules_age, language=language)
    return tickets[0] if tickets else None


def cart_order(ticket: Ticket) -> tuple[object, ...]:
    """Priority first, then the earliest cart, the ward that is reached first, the bed, the number."""
    return (not ticket.first, ticket.leaves_at, ticket.walking_order, natural(ticket.bed), ticket.number)


def diet_order(ticket: Ticket) -> tuple[object, ...]:
    """Equal diets beside one another, as they are cooked."""
    return (tuple(str(flag) for flag in ticket.variant), *cart_order(ticket))


def age_order(ticket: Ticket) -> tuple[object, ...]:
    return (ticket.placed_at, ticket.number)


# -- which orders -----------------------------------------------------------------------------------------------------


def _orders(db: Connection, service_ids: Sequence[str]) -> list[Order]:
    """Of the services under way all, of others whatever still concerns the stove."""
    open_states = [state.value for state in OPEN]
    stopped = and_(ORDER.c.stop != "", ORDER.c.stop_seen_by == "")
    wanted = or_(ORDER.c.service_id.in_(list(service_ids)), ORDER.c.state.in_(open_states), stopped)
    return _rows(db, Order, select(ORDER).where(wanted, ORDER.c.archived_at.is_(None)).order_by(ORDER.c.id))


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


# -- how they look ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Around:
    """The rows that tickets are told from."""

    stays: Mapping[str, Stay]
    profiles: Mapping[str, DietProfile]
    wards: Mapping[str, Ward]
    services: Mapping[str, Service]
    dishes: Mapping[str, Dish]
    facts: Mapping[str, DishFacts]
    people: Mapping[str, Person]
    cooks: Mapping[str, str]
    thresholds: Thresholds
    at: int
    rules_age: int | None
    language: str


def _tickets(db: Connection, orders: Sequence[Order], *, at: int, rules_age: int | None, language: str) -> list[Ticket]:
    lines = lines_of_orders(db, [order.id for order in orders])
    around = _around(db, orders, lines, at=at, rules_age=rules_age, language=language)
    return [_ticket(order, lines.get(order.id, []), around) for order in orders]


def _around(
    db: Connection,
    orders: Sequence[Order],
    lines: Mapping[str, list[OrderLine]],
    *,
    at: int,
    rules_age: int | None,
    language: str,
) -> _Around:
    stay_ids = sorted({order.stay_id for order in orders})
    dish_ids = sorted({one for of_order in lines.values() for line in of_order for one in _dishes_of(line)})
    service_ids = {order.service_id for order in orders}
    return _Around(
        stays=_by_id(_rows(db, Stay, select(STAY).where(STAY.c.id.in_(stay_ids)))),
        profiles=profiles_of(db, stay_ids),
        wards=_by_id(_rows(db, Ward, select(WARD))),
        services=_by_id(_rows(db, Service, select(SERVICE).where(SERVICE.c.id.in_(service_ids)))),
        dishes=_by_id(_rows(db, Dish, select(DISH).where(DISH.c.id.in_(dish_ids)))),
        facts=facts_of(db, dish_ids),
        people=_by_id(_rows(db, Person, select(PERSON))),
        cooks=_cooks(db, [order.id for order in orders if order.state == OrderState.COOKING]),
        thresholds=thresholds_set(db),
        at=at,
        rules_age=rules_age,
        language=language,
    )


def _dishes_of(line: OrderLine) -> tuple[str, ...]:
    return (line.dish_id, line.instead_of) if line.instead_of else (line.dish_id,)


def _ticket(order: Order, lines: Sequence[OrderLine], around: _Around) -> Ticket:
    stay, ward = around.stays.get(order.stay_id), around.wards.get(order.ward_id)
    service, profile = around.services.get(order.service_id), around.profiles.get(order.stay_id)
    person, cook = around.people.get(order.placed_by), around.people.get(around.cooks.get(order.id, ""))
    walk = (ward.minutes_from_kitchen if ward is not None else 0) * MINUTE_MS
    leaves_at = service.dispatch_at if service is not None and not order.late else order.promised_at - walk
    flags = _flags(profile, order, lines, around, leaves_at=leaves_at)
    return Ticket(
        key=order.id,
        number=order.number,
        bed=stay.bed_id if stay is not None and stay.bed_id else order.ward_id,
        ward_id=order.ward_id,
        extension=ward.extension if ward is not None else "",
        stay_id=order.stay_id,
        state=order.state,
        state_at=order.state_at,
        placed_at=order.placed_at,
        placed_by=person.display if person is not None else "",
        placed_by_patient=person is None,
        leaves_at=leaves_at,
        service_id=order.service_id,
        walking_order=ward.walking_order if ward is not None else 0,
        late=order.late,
        first=_first(order, ward, flags),
        flags=flags,
        items=tuple(_item(line, around) for line in lines),
        wish=order.wish,
        stop=order.stop,
        stop_at=order.stop_at,
        stop_seen_by=order.stop_seen_by,
        held_for=order.held_for,
        problem=order.problem,
        changed=_changed(order, lines, profile, around),
        cook=cook.display if cook is not None else "",
        variant=tuple(flag for flag in flags if flag.code in ("texture", "fluids", "component")),
        default=order.default,
    )


def _flags(
    profile: DietProfile | None, order: Order, lines: Sequence[OrderLine], around: _Around, *, leaves_at: int
) -> tuple[Flag, ...]:
    if order.guest:
        return flags_for_guest(profile, serve_at=leaves_at, at=around.at)
    meal = _verdict(profile, lines, around, serve_at=leaves_at)
    flags = flags_of(
        profile, serve_at=leaves_at, at=around.at, rules_age=around.rules_age, thresholds=around.thresholds, meal=meal
    )
    flags = named(flags, {person.id: person.display for person in around.people.values()})
    overlay = order.stop if order.stop in ("cancelled", "discharged") else ""
    return (Flag(overlay), *flags) if overlay else flags


def _verdict(
    profile: DietProfile | None, lines: Sequence[OrderLine], around: _Around, *, serve_at: int
) -> Verdict | None:
    if profile is None:
        return None
    patient = read(profile, serve_at=serve_at, at=around.at, rules_age=around.rules_age, thresholds=around.thresholds)
    facts = [around.facts[line.dish_id] for line in lines if line.dish_id in around.facts]
    return together(judge_dish(patient, of_dish) for of_dish in facts)


def _item(line: OrderLine, around: _Around) -> Item:
    dish = around.dishes.get(line.dish_id)
    ticked, is_drink = line.ticked_at is not None, dish is not None and dish.is_drink
    return Item(line.id, line.dish_id, _kitchen_name(line.dish_id, around), line.halves, ticked, is_drink)


def _kitchen_name(dish_id: str, around: _Around) -> str:
    dish = around.dishes.get(dish_id)
    return dish.kitchen_name(around.language) if dish is not None else dish_id


def _first(order: Order, ward: Ward | None, flags: Sequence[Flag]) -> str:
    if ward is not None and ward.first:
        return "emergency"
    if any(flag.code == "glucose_first" for flag in flags):
        return "glucose"
    return "late" if order.late else ""


def _changed(order: Order, lines: Sequence[OrderLine], profile: DietProfile | None, around: _Around) -> Changed | None:
    """Until somebody in the kitchen has read it. What is held or stopped says so itself."""
    concerned = order.state in (OrderState.CONFIRMED, OrderState.COOKING, OrderState.KITCHEN_ISSUE) and not order.stop
    if profile is None or not concerned or profile.rules_version <= order.change_seen_version:
        return None
    if order.swapped_at is not None:
        gone = tuple(_kitchen_name(line.instead_of, around) for line in lines if line.instead_of)
        return Changed(profile.rules_version, order.swapped_at, (), gone)
    if profile.changed_at <= order.placed_at:
        return None
    return Changed(profile.rules_version, profile.changed_at, diet_names(profile, at=profile.changed_at - 1))


def _cooks(db: Connection, order_ids: Sequence[str]) -> dict[str, str]:
    """Who took each of these to the stove last."""
    started = select(MOVE.c.order_id, MOVE.c.by).where(
        MOVE.c.order_id.in_(list(order_ids)), MOVE.c.to_state == OrderState.COOKING.value
    )
    return {row.order_id: row.by for row in db.execute(started.order_by(MOVE.c.at, MOVE.c.id))}


def _out_of_stock(db: Connection, language: str) -> tuple[str, ...]:
    out = select(DISH).where(DISH.c.out_of_stock_at.is_not(None)).order_by(DISH.c.id)
    return tuple(dish.kitchen_name(language) for dish in _rows(db, Dish, out))


def _by_id(rows: Iterable[R]) -> dict[str, R]:
    return {row.id: row for row in rows}


def _rows(db: Connection, table: type[R], chosen: Select[Any]) -> list[R]:
    return [table.trusted(dict(row)) for row in db.execute(chosen).mappings()]
