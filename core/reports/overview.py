"""The hospital on one page: what needs a person, the meal under way, wards, consoles, the day so far."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, Table, func, select

from core.delivery.queries import meals_of_service
from core.devices.model import Device, DeviceTable
from core.diets.model import DietProfileTable
from core.diets.profile import standing
from core.kernel.case import UnreadOutcomeTable
from core.kernel.row import Row
from core.kernel.values import MINUTE_MS
from core.menu.model import Dish, DishTable, Service
from core.menu.queries import next_services, services_under_way_at
from core.orders.model import OrderState, OrderTable
from core.reports.events import Happening, happenings
from core.reports.needs import EXCEPTION, Closed, Heard, Need, last_closed, needs_a_person
from core.reports.performance import (
    MoneyToday,
    Performance,
    midnight,
    money_today,
    performance,
)
from core.wards.model import BedAssignmentTable, BedState, BedTable, Stay, StayTable
from core.wards.queries import wards

R = TypeVar("R", bound=Row)
ORDER: Table = OrderTable.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
BED: Table = BedTable.__table__  # type: ignore[attr-defined]  # as above
LYING: Table = BedAssignmentTable.__table__  # type: ignore[attr-defined]  # as above
STAY: Table = StayTable.__table__  # type: ignore[attr-defined]  # as above
PROFILE: Table = DietProfileTable.__table__  # type: ignore[attr-defined]  # as above
DEVICE: Table = DeviceTable.__table__  # type: ignore[attr-defined]  # as above
UNREAD: Table = UnreadOutcomeTable.__table__  # type: ignore[attr-defined]  # as above
DISH: Table = DishTable.__table__  # type: ignore[attr-defined]  # as above
COOKED_UNTIL_MS = 150 * MINUTE_MS  # after its cart has left a meal is no longer the one that is cooked
S = OrderState
# how far a meal is, as the page counts it
GROUPS: Mapping[str, tuple[OrderState, ...]] = {
    "confirmed": (S.CONFIRMED, S.KITCHEN_ISSUE, S.PAYMENT_PENDING, S.PAYMENT_FAILED),
    "cooking": (S.COOKING,),
    "ready": (S.READY,),
    "on_the_way": (S.OUT,),
    "delivered": (S.DELIVERED, S.HANDED_TO_NURSE, S.COMPLETED),
    "held": (S.HELD,),
    "cancelled": (S.CANCELLED,),
    "not_delivered": (S.UNDELIVERABLE,),
}
STEPS = ("confirmed", "cooking", "ready", "on_the_way", "delivered")


@dataclass(frozen=True, slots=True)
class MealsNow:
    """The meal under way. counts: by group; stopped: those with a STOP nobody has read, whatever their group."""

    service: Service | None
    next_service: Service | None
    counts: Mapping[str, int]
    stopped: int

    @property
    def trays(self) -> int:
        """Everything that was ordered and not cancelled."""
        return sum(count for group, count in self.counts.items() if group != "cancelled")


@dataclass(frozen=True, slots=True)
class WardNow:
    ward_id: str
    first: bool
    beds: int
    occupied: int
    unordered: int
    fasting: int
    out: int

    @property
    def percent(self) -> int:
        return self.occupied * 100 // self.beds if self.beds else 0


@dataclass(frozen=True, slots=True)
class DeviceNow:
    """One console. heard None: nobody here knows how it stands. refused: verdicts that nobody has read yet."""

    id: str
    name: str
    kind: str
    place: str
    refused: int
    heard: Heard | None


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything of one instant. refused: unread refusals by their code, the most first."""

    needs: tuple[Need, ...]
    last_closed: Closed | None
    meals: MealsNow
    wards: tuple[WardNow, ...]
    devices: tuple[DeviceNow, ...]
    performance: Performance
    money: MoneyToday
    events: tuple[Happening, ...]
    refused: tuple[tuple[str, int], ...]
    run_out: tuple[str, ...]


def overview(
    db: Connection, *, at: int, heard: Mapping[str, Heard] | None = None, language: str = "en", events: int = 12
) -> Overview:
    """From this store's own rows. heard: how far the consoles are, by device, where it is known."""
    meals, begins = meals_now(db, at=at), midnight(at)
    return Overview(
        needs=needs_a_person(db, heard=heard),
        last_closed=last_closed(db),
        meals=meals,
        wards=wards_now(db, meals.service, at=at),
        devices=devices_now(db, heard or {}),
        performance=performance(db, since=begins),
        money=money_today(db, since=begins),
        events=happenings(db, since=begins, limit=events),
        refused=_refused(db),
        run_out=_run_out(db, language),
    )


def meals_now(db: Connection, *, at: int) -> MealsNow:
    under_way = [one for one in services_under_way_at(db, at) if one.dispatch_at + COOKED_UNTIL_MS > at]
    service = min(under_way, key=_dispatch, default=None)
    coming = next(iter(next_services(db, at, limit=1)), None)
    if service is None:
        return MealsNow(None, coming, dict.fromkeys(GROUPS, 0), 0)
    of_service = ORDER.c.service_id == service.id
    counted = select(ORDER.c.state, func.count()).where(of_service).group_by(ORDER.c.state)
    states = {row[0]: int(row[1]) for row in db.execute(counted)}
    counts = {group: sum(states.get(state.value, 0) for state in of_group) for group, of_group in GROUPS.items()}
    given = [state.value for state in GROUPS["delivered"]]
    stops = select(func.count()).where(of_service, ORDER.c.stop != "", ORDER.c.stop_seen_by == "")
    return MealsNow(service, coming, counts, int(db.execute(stops.where(ORDER.c.state.not_in(given))).scalar_one()))


def wards_now(db: Connection, service: Service | None, *, at: int) -> tuple[WardNow, ...]:
    """In the sequence they are walked. Whoever fasts or is held waits for no order."""
    beds = _counts(db, select(BED.c.ward_id, func.count()).where(BED.c.state != BedState.CLOSED.value), BED.c.ward_id)
    lying = _counts(db, select(LYING.c.ward_id, func.count()).where(LYING.c.ended_at.is_(None)), LYING.c.ward_id)
    out = _counts(db, select(ORDER.c.ward_id, func.count()).where(ORDER.c.state == S.OUT.value), ORDER.c.ward_id)
    fasting, unordered = _fasting_and_unordered(db, service, at)
    return tuple(
        WardNow(
            ward_id=ward.id,
            first=ward.first,
            beds=beds[ward.id],
            occupied=lying[ward.id],
            unordered=unordered[ward.id],
            fasting=fasting[ward.id],
            out=out[ward.id],
        )
        for ward in wards(db)
    )


def unordered_stays(db: Connection, service: Service | None, *, at: int) -> tuple[Stay, ...]:
    """Patients who may eat and have no order for this meal yet."""
    if service is None:
        return ()
    instant = max(at, service.dispatch_at)
    ordered, periods = meals_of_service(db, service.id), _periods(db)
    return tuple(
        stay for stay in _stays(db) if stay.id not in ordered and not _fasts(periods.get(stay.id, "[]"), instant)
    )


def devices_now(db: Connection, heard: Mapping[str, Heard]) -> tuple[DeviceNow, ...]:
    """Every console in use, by name."""
    unread = select(UNREAD.c.device_id, func.count()).where(UNREAD.c.acknowledged_at.is_(None))
    refused = _counts(db, unread, UNREAD.c.device_id)
    in_use = select(DEVICE).where(DEVICE.c.revoked_at.is_(None)).order_by(DEVICE.c.name, DEVICE.c.id)
    return tuple(
        DeviceNow(
            device.id,
            device.name,
            device.kind,
            device.ward_id or device.kitchen_id,
            refused[device.id],
            heard.get(device.id),
        )
        for device in _rows(db, Device, in_use)
    )


def _fasting_and_unordered(db: Connection, service: Service | None, at: int) -> tuple[Counter[str], Counter[str]]:
    instant = max(at, service.dispatch_at) if service is not None else at
    periods = _periods(db)
    fasting = Counter(stay.ward_id for stay in _stays(db) if _fasts(periods.get(stay.id, "[]"), instant))
    return fasting, Counter(stay.ward_id for stay in unordered_stays(db, service, at=at))


def _fasts(periods: str, instant: int) -> bool:
    found = standing(periods, instant)
    return found.fasting is not None or found.hold is not None


def _stays(db: Connection) -> list[Stay]:
    here = select(STAY).where(STAY.c.closed_at.is_(None))
    return _rows(db, Stay, here.order_by(STAY.c.ward_id, STAY.c.bed_id, STAY.c.id))


def _periods(db: Connection) -> dict[str, str]:
    return {row.id: row.periods for row in db.execute(select(PROFILE.c.id, PROFILE.c.periods).where(PROFILE.c.open))}


def _refused(db: Connection) -> tuple[tuple[str, int], ...]:
    refused = (UNREAD.c.acknowledged_at.is_(None), UNREAD.c.outcome != EXCEPTION, UNREAD.c.code != "")
    unread = select(UNREAD.c.code, func.count()).where(*refused)
    found = _counts(db, unread, UNREAD.c.code)
    return tuple(sorted(found.items(), key=_most_first))


def _most_first(counted: tuple[str, int]) -> tuple[int, str]:
    return (-counted[1], counted[0])


def _run_out(db: Connection, language: str) -> tuple[str, ...]:
    out = select(DISH).where(DISH.c.out_of_stock_at.is_not(None)).order_by(DISH.c.id)
    return tuple(dish.kitchen_name(language) for dish in _rows(db, Dish, out))


def _counts(db: Connection, chosen: Select[Any], column: Any) -> Counter[str]:
    return Counter({row[0]: int(row[1]) for row in db.execute(chosen.group_by(column))})


def _dispatch(service: Service) -> int:
    return service.dispatch_at


def _rows(db: Connection, table: type[R], chosen: Select[Any]) -> list[R]:
    return [table.trusted(dict(row)) for row in db.execute(chosen).mappings()]
