"""Default trays: at the cut-off whoever may eat and has ordered nothing gets the day's default, marked as such.

Nobody gets one who fasts, whose trays are held, who has no diet order, is away or has gone home. Where no default
suits, the tray is held, so that somebody chooses; whatever the ward orders itself takes its place. A meal that is held
and that nobody has settled gives way to the first default that is simply allowed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from pydantic import StringConstraints
from sqlalchemy import Connection, Table, and_, exists, func, or_, select

from core.diets.model import DietProfile, DietProfileTable
from core.diets.queries import thresholds_set
from core.diets.rules import judge_lines
from core.diets.verdict import Verdict, VerdictKind, read
from core.kernel.handle import SERVER, Handle, Need
from core.kernel.message import Command
from core.kernel.text import RowId
from core.kernel.tx import Tx
from core.kernel.values import MINUTE_MS, Role, codes
from core.menu.model import DefaultMeal, DefaultMealTable, Service, ServiceTable
from core.orders.attempts import Ordered
from core.orders.events import OrderCancelled, OrderPlaced
from core.orders.held import gives_way_at
from core.orders.model import Order, OrderState, OrderTable
from core.orders.moves import begin, move
from core.orders.placing import PlaceOrder, add_line, new_order
from core.orders.rules import used_besides
from core.wards.model import Kitchen, Stay, StayTable, Ward

TOLD_BEFORE_MS = 30 * MINUTE_MS  # the ward sees whom it will concern this long before the cut-off
LETTER = "T-"  # five digits behind it: no other order has such a number
ORDER: Table = OrderTable.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
SERVICE: Table = ServiceTable.__table__  # type: ignore[attr-defined]  # as above
STAY: Table = StayTable.__table__  # type: ignore[attr-defined]  # as above
PROFILE: Table = DietProfileTable.__table__  # type: ignore[attr-defined]  # as above
MEAL: Table = DefaultMealTable.__table__  # type: ignore[attr-defined]  # as above


class PlaceDefault(Command):
    """The cut-off has passed and this patient has ordered nothing: by time itself."""

    stay_id: RowId
    service_id: RowId
    number: Annotated[str, StringConstraints(pattern=r"^T-\d{5}$")]


def place_default(tx: Tx, cmd: PlaceDefault) -> None:
    stay, service = tx.get(Stay, cmd.stay_id), tx.get(Service, cmd.service_id)
    own = [order for order in tx.all(Order, of=stay) if order.service_id == service.id and not order.guest]
    stuck = [order for order in own if _gives_way(order, service, tx.at)]
    settled = [order for order in own if order not in stuck and (order.state != OrderState.CANCELLED or not stuck)]
    here = stay.closed_at is None and not stay.is_away_at(service.dispatch_at)
    if not here or settled or not service.cut_off_at <= tx.at < service.dispatch_at:
        return tx.already()
    chosen = _chosen(tx, stay, service, giving_way=[order.id for order in stuck])
    if chosen is None or (stuck and chosen[1].kind is not VerdictKind.ALLOW):
        return tx.already()  # what is held stays held, for somebody to choose
    for order in stuck:
        cancelled = move(tx, order, OrderState.CANCELLED, reason="gave_way")
        tx.change(cancelled, reason="gave_way", held_for="")
        tx.emit(OrderCancelled(order_id=order.id))
    dish_ids, found = chosen
    lines = tuple(Ordered(dish_id=dish_id) for dish_id in dish_ids)
    wanted = PlaceOrder(stay_id=stay.id, service_id=service.id, number=cmd.number, lines=lines)
    order = begin(tx, new_order(tx, wanted, stay, service, found, default=True))
    for line in lines:
        add_line(tx, order, line)
    tx.emit(OrderPlaced(order_id=order.id, method=wanted.method))


def _gives_way(order: Order, service: Service, at: int) -> bool:
    """A meal that somebody ordered, that is held, and whose time to be settled is over."""
    return order.state == OrderState.HELD and not order.default and gives_way_at(order, service) <= at


def _chosen(tx: Tx, stay: Stay, service: Service, *, giving_way: list[str]) -> tuple[tuple[str, ...], Verdict] | None:
    """The first default that is simply allowed; else the first of all, which is then held."""
    if may_not_eat(judge_lines(tx, stay_id=stay.id, lines=[], serve_at=service.dispatch_at)):
        return None
    meals = [meal for meal in tx.all(DefaultMeal, of=tx.get(Kitchen, service.kitchen_id)) if meal.meal == service.meal]
    serve_at = service.dispatch_at
    used = used_besides(tx, stay_id=stay.id, service_id=service.id, serve_at=serve_at, giving_way=giving_way)
    tried: list[tuple[tuple[str, ...], Verdict]] = []
    for meal in sorted(meals, key=_rank):
        dish_ids = codes(meal.dishes)
        lines = [(dish_id, 2) for dish_id in dish_ids]
        found = judge_lines(tx, stay_id=stay.id, lines=lines, serve_at=service.dispatch_at, used=used)
        if found.kind is VerdictKind.ALLOW:
            return dish_ids, found
        tried.append((dish_ids, found))
    return tried[0] if tried else None


def may_not_eat(of_the_patient: Verdict) -> bool:
    """Whether a patient gets no tray at all, whatever is on it."""
    return of_the_patient.forbids


def _rank(meal: DefaultMeal) -> tuple[int, str]:
    return (meal.rank, meal.id)


# -- whom it concerns -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Without:
    """A patient who has ordered nothing for a service, or whose order is held.

    reason: why no tray comes by itself, "" when one does. held: the number of the meal that it takes the place of,
    from gives_way_at on.
    """

    stay_id: str
    ward_id: str
    service_id: str
    cut_off_at: int
    reason: str
    held: str = ""
    gives_way_at: int = 0


def owed(db: Connection, at: int, *, limit: int) -> list[tuple[str, int]]:
    """Whom the server owes a default tray now: what `placing_of` reads, and since when."""
    found: list[tuple[str, int]] = []
    for service in _services(db, from_at=at, until_at=at):
        number = _last_number(db, service.id)
        for one in _without(db, service, at):
            if not one.reason and one.gives_way_at <= at:
                number += 1
                found.append((f"{service.id} {one.stay_id} {LETTER}{number:05}", service.cut_off_at))
    return found[:limit]


def placing_of(key: str) -> PlaceDefault:
    service_id, stay_id, number = key.split(" ")
    return PlaceDefault(stay_id=stay_id, service_id=service_id, number=number)


def without_order(db: Connection, at: int, ward_id: str) -> list[Without]:
    """For the ward, from half an hour before a cut-off: who has ordered nothing, and whether a default comes.

    Those whose meal is held are among them, with its number. For words: `why.<reason>`.
    """
    services = _services(db, from_at=at, until_at=at + TOLD_BEFORE_MS)
    return [one for service in services for one in _without(db, service, at) if one.ward_id == ward_id]


def _services(db: Connection, *, from_at: int, until_at: int) -> list[Service]:
    """Services past their cut-off by `until_at` whose carts have not left at `from_at`, and that have a default."""
    has_default = exists().where(
        MEAL.c.kitchen_id == SERVICE.c.kitchen_id, MEAL.c.meal == SERVICE.c.meal, MEAL.c.withdrawn_at.is_(None)
    )
    under_way = (
        select(SERVICE)
        .where(SERVICE.c.cut_off_at <= until_at, SERVICE.c.dispatch_at > from_at, SERVICE.c.archived_at.is_(None))
        .where(has_default.correlate(SERVICE))
        .order_by(SERVICE.c.cut_off_at, SERVICE.c.id)
    )
    return [Service.trusted(dict(row)) for row in db.execute(under_way).mappings()]


def _without(db: Connection, service: Service, at: int) -> Iterable[Without]:
    """An order that was cancelled was an order: who has said no is not asked again. One that is held may give way."""
    every_held = _held(db, service)
    held = {order.stay_id: order for order in every_held}
    mine = and_(ORDER.c.stay_id == STAY.c.id, ORDER.c.service_id == service.id, ~ORDER.c.guest)
    ordered = exists().where(mine, ORDER.c.id.not_in([order.id for order in every_held]))
    ordered = ordered.where(or_(ORDER.c.state != OrderState.CANCELLED.value, STAY.c.id.not_in(list(held))))
    hungry = (
        select(PROFILE, STAY.c.away_from_at, STAY.c.away_until_at)
        .select_from(PROFILE.join(STAY, STAY.c.id == PROFILE.c.id))
        .where(STAY.c.kitchen_id == service.kitchen_id, STAY.c.closed_at.is_(None), ~ordered.correlate(STAY))
        .order_by(PROFILE.c.ward_id, PROFILE.c.id)
    )
    thresholds = thresholds_set(db)
    for row in db.execute(hungry).mappings():
        columns = dict(row)
        away = _is_away(columns.pop("away_from_at"), columns.pop("away_until_at"), service.dispatch_at)
        profile = DietProfile.trusted(columns)
        patient = read(profile, serve_at=service.dispatch_at, at=at, thresholds=thresholds)
        told = Verdict(patient.reasons)
        reason = told.code if may_not_eat(told) else "away" if away else ""
        order = held.get(profile.id)
        yield Without(
            profile.id,
            profile.ward_id,
            service.id,
            service.cut_off_at,
            reason,
            held=order.number if order is not None else "",
            gives_way_at=gives_way_at(order, service) if order is not None else service.cut_off_at,
        )


def _held(db: Connection, service: Service) -> list[Order]:
    """The meals of a service that are held and did not come by themselves, in the sequence they were ordered."""
    own = select(ORDER).where(ORDER.c.service_id == service.id, ORDER.c.state == OrderState.HELD.value)
    ordered = own.where(~ORDER.c.default, ~ORDER.c.guest).order_by(ORDER.c.id)
    return [Order.trusted(dict(row)) for row in db.execute(ordered).mappings()]


def _is_away(from_at: int | None, until_at: int | None, instant: int) -> bool:
    return from_at is not None and from_at <= instant and (until_at is None or instant < until_at)


def _last_number(db: Connection, service_id: str) -> int:
    last = db.execute(
        select(func.max(ORDER.c.number)).where(ORDER.c.service_id == service_id, ORDER.c.default)
    ).scalar_one_or_none()
    return int(last.removeprefix(LETTER)) if last else 0


def _reads(cmd: PlaceDefault, tx: Tx) -> Iterable[Need]:
    return [(Stay, cmd.stay_id), (Service, cmd.service_id), (Order, "stay_id", cmd.stay_id), (DietProfile, cmd.stay_id)]


def _reads_house(cmd: PlaceDefault, tx: Tx) -> Iterable[Need]:
    service, stay = tx.peek(Service, cmd.service_id), tx.peek(Stay, cmd.stay_id)
    if service is None or stay is None:
        return ()
    return [(Kitchen, service.kitchen_id), (DefaultMeal, "kitchen_id", service.kitchen_id), (Ward, stay.ward_id)]


HANDLERS = (Handle(PlaceDefault, place_default, where=SERVER, roles={Role.SYSTEM}, reads=(_reads, _reads_house)),)
