"""Trays and where they go: a runner's stops in walking order, what waits for a cart, what is to be collected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, Table, select

from core.delivery.commands import CONSEQUENCES, GIVEN
from core.delivery.model import (
    DeliveryIssue,
    DeliveryIssueTable,
    HandOver,
    HandOverTable,
    Tray,
    TrayState,
    TrayTable,
)
from core.delivery.trays import GONE
from core.diets.model import DietProfile
from core.diets.queries import profiles_of
from core.kernel.row import Row
from core.orders.model import OPEN, Order, OrderState, OrderTable
from core.orders.queries import Meal, lines_of_orders
from core.payments.model import CashDueTable
from core.wards.model import Stay, StayTable, Ward, WardTable
from core.wards.queries import natural

R = TypeVar("R", bound=Row)
TRAY: Table = TrayTable.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
HAND_OVER: Table = HandOverTable.__table__  # type: ignore[attr-defined]  # as above
ISSUE: Table = DeliveryIssueTable.__table__  # type: ignore[attr-defined]  # as above
ORDER: Table = OrderTable.__table__  # type: ignore[attr-defined]  # as above
STAY: Table = StayTable.__table__  # type: ignore[attr-defined]  # as above
WARD: Table = WardTable.__table__  # type: ignore[attr-defined]  # as above
DUE: Table = CashDueTable.__table__  # type: ignore[attr-defined]  # as above
MOST = 500
IN_THE_KITCHEN = (OrderState.CONFIRMED, OrderState.COOKING, OrderState.KITCHEN_ISSUE)
CARRIED = (TrayState.OUT, TrayState.GIVEN, TrayState.AT_WARD, TrayState.COLLECTED)


@dataclass(frozen=True, slots=True)
class Stop:
    """One tray and its person, where they are now. A bed is resolved anew each time it is asked (R20).

    due_francs: cash that is still to be taken. waiting: why the patient was not there, while the tray waits (R24).
    """

    meal: Meal
    tray: Tray | None
    stay: Stay
    ward: Ward
    profile: DietProfile | None
    due_francs: int = 0
    waiting: DeliveryIssue | None = None

    @property
    def order(self) -> Order:
        return self.meal.order

    @property
    def bed(self) -> str:
        """The bed where the patient lies now; the ward while there is none."""
        return self.stay.bed_id or self.stay.ward_id

    @property
    def moved_from(self) -> str:
        """The bed before, if the patient has moved since the meal was ordered."""
        changed = self.stay.bed_changed_at
        moved = changed is not None and changed > self.order.placed_at
        return self.stay.bed_before if moved and self.stay.bed_before != self.stay.bed_id else ""

    @property
    def is_first(self) -> bool:
        """Emergency and late trays before all others."""
        return self.ward.first or self.order.late


@dataclass(frozen=True, slots=True)
class Run:
    """What one runner carries, in walking order. given of all: the trays of the service that was loaded last."""

    stops: tuple[Stop, ...] = ()
    given: int = 0
    all: int = 0
    service_id: str = ""
    ward_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cart:
    """The trays of one ward and service that can be taken out. cooking: how many are still in the kitchen."""

    ward: Ward
    service_id: str
    ready: tuple[Stop, ...]
    cooking: int = 0

    @property
    def loadable(self) -> tuple[Stop, ...]:
        """Those that no stop lies over."""
        return tuple(stop for stop in self.ready if not stop.order.stop)


@dataclass(frozen=True, slots=True)
class Alarms:
    """What a handheld rings for. ready: trays that wait for a runner. stopped: order -> reason, trays on their way."""

    ready: frozenset[str] = frozenset()
    stopped: Mapping[str, str] = field(default_factory=dict)


# -- the run --------------------------------------------------------------------------------------------------------


def run_of(db: Connection, person_id: str) -> Run:
    """The trays this person has taken out and not handed over yet, and how far the run is."""
    mine = select(TRAY).where(TRAY.c.runner_id == person_id, TRAY.c.archived_at.is_(None), TRAY.c.state.in_(CARRIED))
    trays = _rows(db, Tray, mine.order_by(TRAY.c.out_at.desc(), TRAY.c.id.desc()).limit(MOST))
    orders = _orders(db, [tray.order_id for tray in trays])
    service_id = next((orders[tray.order_id].service_id for tray in trays if tray.order_id in orders), "")
    of_service = [tray for tray in trays if tray.order_id in orders and orders[tray.order_id].service_id == service_id]
    carried = [tray for tray in trays if tray.state == TrayState.OUT]
    stops = in_walking_order(_stops(db, carried))
    given = sum(orders[tray.order_id].state in GIVEN for tray in of_service)
    wards = dict.fromkeys(stop.ward.id for stop in stops) or dict.fromkeys(sorted(tray.ward_id for tray in of_service))
    return Run(stops, given, len(of_service), service_id, tuple(wards))


def carts(db: Connection) -> tuple[Cart, ...]:
    """What stands ready in the kitchen, by ward and service: the wards in walking order."""
    waiting = select(ORDER).where(ORDER.c.state == OrderState.READY.value, ORDER.c.archived_at.is_(None))
    orders = _rows(db, Order, waiting.order_by(ORDER.c.promised_at, ORDER.c.id).limit(MOST))
    trays = _newest_trays(db, [order.id for order in orders])
    stops = _stops(db, [tray for tray in trays.values() if tray.state == TrayState.ASSEMBLED])
    found: dict[tuple[str, str], list[Stop]] = {}
    for stop in in_walking_order(stops):
        found.setdefault((stop.order.service_id, stop.ward.id), []).append(stop)
    cooking = _still_cooking(db)
    return tuple(
        Cart(stops[0].ward, service_id, tuple(stops), cooking.get((service_id, ward_id), 0))
        for (service_id, ward_id), stops in found.items()
    )


def to_collect(db: Connection) -> tuple[Stop, ...]:
    """Trays that stand at a bed, eaten or not, and are to go back."""
    standing = select(TRAY).where(
        TRAY.c.state.in_([TrayState.GIVEN.value, TrayState.AT_WARD.value]), TRAY.c.archived_at.is_(None)
    )
    return in_walking_order(_stops(db, _rows(db, Tray, standing.order_by(TRAY.c.id).limit(MOST))))


def alarms(db: Connection, person_id: str = "") -> Alarms:
    """Ready trays, and stopped ones that this runner carries; with nobody signed in, that anybody here carries."""
    ready = select(ORDER.c.id).where(ORDER.c.state == OrderState.READY.value, ORDER.c.stop == "")
    carried = (
        select(ORDER.c.id, ORDER.c.stop)
        .join(TRAY, TRAY.c.order_id == ORDER.c.id)
        .where(TRAY.c.state == TrayState.OUT.value, ORDER.c.stop != "", ORDER.c.archived_at.is_(None))
    )
    if person_id:
        carried = carried.where(TRAY.c.runner_id == person_id)
    ids = frozenset(row[0] for row in db.execute(ready.where(ORDER.c.archived_at.is_(None))))
    return Alarms(ids, {row[0]: row[1] for row in db.execute(carried)})


# -- one tray -------------------------------------------------------------------------------------------------------


def stop_of(db: Connection, order_id: str) -> Stop | None:
    """One order with its tray, its person and what is due; None where this machine does not hold it."""
    orders = _orders(db, [order_id])
    trays = _newest_trays(db, [order_id])
    found = _stops_of(db, list(orders.values()), trays)
    return found[0] if found else None


def tray_by_id(db: Connection, tray_id: str) -> Tray | None:
    found = _rows(db, Tray, select(TRAY).where(TRAY.c.id == tray_id))
    return found[0] if found else None


def order_numbered(db: Connection, number: str) -> Order | None:
    """The order of that number whose tray is on its way, ready, or was given last: numbers begin anew each service."""
    wanted = select(ORDER).where(ORDER.c.number == number, ORDER.c.archived_at.is_(None))
    orders = _rows(db, Order, wanted.order_by(ORDER.c.placed_at.desc(), ORDER.c.id.desc()).limit(20))
    near = (OrderState.OUT, OrderState.READY)
    return next((order for order in orders if order.state in near), orders[0] if orders else None)


def orders_of_stay_under_way(db: Connection, stay_id: str) -> list[Order]:
    """A patient's meals that are on their way or ready, those on their way first."""
    states = (OrderState.OUT.value, OrderState.READY.value)
    wanted = select(ORDER).where(ORDER.c.stay_id == stay_id, ORDER.c.state.in_(states), ORDER.c.archived_at.is_(None))
    orders = _rows(db, Order, wanted.order_by(ORDER.c.promised_at, ORDER.c.id))
    return sorted(orders, key=lambda order: states.index(order.state))


def hand_overs_of(db: Connection, order_id: str) -> list[HandOver]:
    """Who has given an order's tray, the first one first."""
    made = select(HAND_OVER).where(HAND_OVER.c.order_id == order_id)
    return _rows(db, HandOver, made.order_by(HAND_OVER.c.at, HAND_OVER.c.id))


# -- a ward's meals -------------------------------------------------------------------------------------------------


def meals_of_service(db: Connection, service_id: str, *, ward_id: str = "") -> dict[str, Order]:
    """Who has a meal at a service, by stay: the one that counts, cancelled ones left out."""
    own = select(ORDER).where(ORDER.c.service_id == service_id, ~ORDER.c.guest)
    wanted = own.where(ORDER.c.state != OrderState.CANCELLED.value)
    if ward_id:
        wanted = wanted.where(ORDER.c.ward_id == ward_id)
    orders = _rows(db, Order, wanted.order_by(ORDER.c.placed_at, ORDER.c.id).limit(5 * MOST))
    return {order.stay_id: order for order in sorted(orders, key=lambda order: order.state in OPEN)}


def numbers_of_service(db: Connection, service_id: str) -> frozenset[str]:
    """The numbers of a service's orders, as far as they are known here."""
    return frozenset(row[0] for row in db.execute(select(ORDER.c.number).where(ORDER.c.service_id == service_id)))


def in_walking_order(stops: Iterable[Stop]) -> tuple[Stop, ...]:
    """Emergency and late trays first; then the wards as they are walked, and beds by number: A-2 before A-10."""
    return tuple(sorted(stops, key=_place))


# -- inside ---------------------------------------------------------------------------------------------------------


def _place(stop: Stop) -> tuple[Any, ...]:
    return (not stop.is_first, stop.ward.walking_order, stop.ward.id, natural(stop.bed), stop.order.number)


def _stops(db: Connection, trays: Iterable[Tray]) -> list[Stop]:
    by_order = {tray.order_id: tray for tray in trays}
    return _stops_of(db, list(_orders(db, by_order).values()), by_order)


def _stops_of(db: Connection, orders: list[Order], trays: Mapping[str, Tray]) -> list[Stop]:
    """Six queries, whatever their number. An order whose patient is not held here is no stop of ours."""
    ids = [order.id for order in orders]
    stay_ids = sorted({order.stay_id for order in orders})
    stays = {stay.id: stay for stay in _rows(db, Stay, select(STAY).where(STAY.c.id.in_(stay_ids)))}
    wards = {ward.id: ward for ward in _rows(db, Ward, select(WARD))}
    lines = lines_of_orders(db, ids)
    profiles = profiles_of(db, stay_ids)
    due = _due(db, ids)
    waiting = _waiting(db, ids)
    return [
        Stop(
            meal=Meal(order, tuple(lines.get(order.id, ()))),
            tray=trays.get(order.id),
            stay=stays[order.stay_id],
            ward=wards[stays[order.stay_id].ward_id],
            profile=profiles.get(order.stay_id),
            due_francs=due.get(order.id, 0),
            waiting=waiting.get(order.id) if order.state == OrderState.OUT else None,
        )
        for order in orders
        if order.stay_id in stays and stays[order.stay_id].ward_id in wards
    ]


def _orders(db: Connection, order_ids: Iterable[str]) -> dict[str, Order]:
    wanted = select(ORDER).where(ORDER.c.id.in_(list(order_ids)))
    return {order.id: order for order in _rows(db, Order, wanted)}


def _newest_trays(db: Connection, order_ids: Iterable[str]) -> dict[str, Tray]:
    gone = [state.value for state in GONE]
    wanted = select(TRAY).where(TRAY.c.order_id.in_(list(order_ids)), TRAY.c.state.not_in(gone))
    return {tray.order_id: tray for tray in _rows(db, Tray, wanted.order_by(TRAY.c.number))}


def _due(db: Connection, order_ids: Iterable[str]) -> dict[str, int]:
    wanted = select(DUE.c.id, DUE.c.due_francs).where(DUE.c.id.in_(list(order_ids)), DUE.c.settled_at.is_(None))
    return {row[0]: row[1] for row in db.execute(wanted)}


def _waiting(db: Connection, order_ids: Iterable[str]) -> dict[str, DeliveryIssue]:
    codes = [code for code, follows in CONSEQUENCES.items() if follows.waits]
    told = select(ISSUE).where(ISSUE.c.order_id.in_(list(order_ids)), ISSUE.c.code.in_(codes))
    return {issue.order_id: issue for issue in _rows(db, DeliveryIssue, told.order_by(ISSUE.c.at, ISSUE.c.id))}


def _still_cooking(db: Connection) -> dict[tuple[str, str], int]:
    states = [state.value for state in IN_THE_KITCHEN]
    wanted = select(ORDER.c.service_id, ORDER.c.ward_id).where(ORDER.c.state.in_(states), ORDER.c.archived_at.is_(None))
    found: dict[tuple[str, str], int] = {}
    for row in db.execute(wanted):
        found[(row[0], row[1])] = found.get((row[0], row[1]), 0) + 1
    return found


def _rows(db: Connection, table: type[R], chosen: Select[Any]) -> list[R]:
    return [table.trusted(dict(row)) for row in db.execute(chosen).mappings()]
