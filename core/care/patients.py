"""Who is here: every patient by ward and bed with flags and the meal of this hour;
and whose meals wait for somebody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, Table, select

from core.care.meals_of_day import day_around, next_of
from core.care.review import served_before_known
from core.diets.flags import Flag, flags_of
from core.diets.model import (
    Allergy,
    AllergyTable,
    DietAttempt,
    DietAttemptTable,
    DietProfile,
    DietProfileTable,
)
from core.diets.queries import to_sign
from core.diets.verdict import REASONS, Thresholds, VerdictKind, read
from core.kernel.row import Row
from core.kernel.values import DAY_MS, Role
from core.menu.model import Service, ServiceTable
from core.orders.held import gives_way_at, settle_by
from core.orders.model import OPEN, Order, OrderState, OrderTable
from core.wards.model import Stay, StayTable, Ward, WardTable
from core.wards.queries import natural

R = TypeVar("R", bound=Row)
PROFILE: Table = DietProfileTable.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
STAY: Table = StayTable.__table__  # type: ignore[attr-defined]  # as above
WARD: Table = WardTable.__table__  # type: ignore[attr-defined]  # as above
ORDER: Table = OrderTable.__table__  # type: ignore[attr-defined]  # as above
SERVICE: Table = ServiceTable.__table__  # type: ignore[attr-defined]  # as above
ALLERGY: Table = AllergyTable.__table__  # type: ignore[attr-defined]  # as above
ATTEMPT: Table = DietAttemptTable.__table__  # type: ignore[attr-defined]  # as above
NEW_MS = DAY_MS  # a patient is new for a day
MOST_NEWS = 200

# who can undo the reason of a hold: the doctor writes, the nurse asks, all else is the nutritionist's to replace
OWNERS: Mapping[str, Role] = {
    "no_stay": Role.NURSE,
    "nil_by_mouth": Role.DOCTOR,
    "trays_held": Role.DOCTOR,
    "no_diet_order": Role.DOCTOR,
    "texture_conflict": Role.DOCTOR,
    "allergies_not_asked": Role.NURSE,
    "rules_old": Role.NURSE,
    "cancelled": Role.KITCHEN_LEAD,
    "discharged": Role.KITCHEN_LEAD,
    "out_of_stock": Role.KITCHEN_LEAD,
}


@dataclass(frozen=True, slots=True)
class Here:
    """One patient in the list. meal: the service that is eaten now or next; kind: of its verdict as last told."""

    stay_id: str
    ward_id: str
    bed: str
    opened_at: int
    flags: tuple[Flag, ...]
    meal: str
    number: str
    state: str
    kind: VerdictKind
    order_id: str = ""

    @property
    def place(self) -> str:
        """The bed, or the ward while there is none."""
        return self.bed or self.ward_id


@dataclass(frozen=True, slots=True)
class Waiting:
    """One meal that is held or stopped. owner: the role that can settle it; due_at: its cut-off, then its cart.

    settle_by: until when its owner is to have settled it; gives_way_at: when the day's default comes instead, as far
    as one is simply allowed. Both 0 for a stop, which no default takes away.
    """

    order_id: str
    stay_id: str
    number: str
    ward_id: str
    bed: str
    meal: str
    state: str
    reason: str
    stopped: bool
    owner: Role
    since: int
    due_at: int
    is_past_cut_off: bool
    settle_by: int = 0
    gives_way_at: int = 0


@dataclass(frozen=True, slots=True)
class News:
    """Something of a patient that somebody is to look at. kind: sign, unmatched, attempt, served_before, new.

    suggested_id: of an attempt, a dish of the same kind that was allowed then, "" when none was known.
    """

    kind: str
    stay_id: str
    ward_id: str
    bed: str
    at: int
    detail: str  # a text, or a reason's code
    dish_id: str = ""
    suggested_id: str = ""


def patients(
    db: Connection, *, at: int, rules_age: int, thresholds: Thresholds, ward_ids: Iterable[str] = ()
) -> list[Here]:
    """By the way wards are walked, then by bed. ward_ids: only these; none: all."""
    wanted = frozenset(ward_ids)
    stays = [one for one in _rows(db, Stay, _open_stays()) if not wanted or one.ward_id in wanted]
    profiles = {one.id: one for one in _rows(db, DietProfile, select(PROFILE).where(PROFILE.c.open))}
    walked = {ward.id: (ward.walking_order, ward.id) for ward in _rows(db, Ward, select(WARD))}
    service = next_of(day_around(db, at), at)
    ordered = _orders_of(db, service)
    stays.sort(key=lambda stay: (walked.get(stay.ward_id, (0, stay.ward_id)), not stay.bed_id, natural(stay.bed_id)))
    return [
        _here(stay, profiles.get(stay.id), service, ordered.get(stay.id), at, rules_age, thresholds) for stay in stays
    ]


def _here(
    stay: Stay,
    profile: DietProfile | None,
    service: Service | None,
    order: Order | None,
    at: int,
    rules_age: int,
    thresholds: Thresholds,
) -> Here:
    serve_at = max(service.dispatch_at, at) if service is not None else at
    flags = flags_of(profile, serve_at=serve_at, at=at, rules_age=rules_age, thresholds=thresholds)
    return Here(
        stay_id=stay.id,
        ward_id=stay.ward_id,
        bed=stay.bed_id,
        opened_at=stay.opened_at,
        flags=flags,
        meal=service.meal if service is not None else "",
        number=order.number if order is not None else "",
        state=order.state if order is not None else "",
        kind=_kind(order, profile, serve_at, at, rules_age, thresholds),
        order_id=order.id if order is not None else "",
    )


def _kind(
    order: Order | None, profile: DietProfile | None, serve_at: int, at: int, rules_age: int, thresholds: Thresholds
) -> VerdictKind:
    """Of an order as its row says, which every change of rules writes anew; else of the patient alone."""
    if order is not None:
        if order.stop:
            return REASONS[order.stop][1] if order.stop in REASONS else VerdictKind.BLOCK
        return VerdictKind(order.checked) if order.checked else VerdictKind.HOLD
    if profile is None:
        return VerdictKind.HOLD
    patient = read(profile, serve_at=serve_at, at=at, rules_age=rules_age, thresholds=thresholds)
    kinds = [reason.kind for reason in patient.reasons]
    return next((kind for kind in (VerdictKind.BLOCK, VerdictKind.HOLD, VerdictKind.WARN) if kind in kinds), _ALLOW)


_ALLOW = VerdictKind.ALLOW


def _orders_of(db: Connection, service: Service | None) -> dict[str, Order]:
    """One order a patient: the newest that was not cancelled."""
    if service is None:
        return {}
    chosen = (
        select(ORDER).where(ORDER.c.service_id == service.id, ~ORDER.c.guest).order_by(ORDER.c.placed_at, ORDER.c.id)
    )
    found: dict[str, Order] = {}
    for order in _rows(db, Order, chosen):
        if order.state != OrderState.CANCELLED or order.stay_id not in found:
            found[order.stay_id] = order
    return found


# -- what waits -----------------------------------------------------------------------------------------------------


def waiting_meals(db: Connection, *, at: int, ward_ids: Iterable[str] = ()) -> list[Waiting]:
    """Meals that are held, or that a stop lies over, the most urgent first."""
    wanted = frozenset(ward_ids)
    stuck = select(ORDER).where(
        ORDER.c.state.in_([state.value for state in OPEN]),
        (ORDER.c.state == OrderState.HELD.value) | (ORDER.c.stop != ""),
    )
    orders = [one for one in _rows(db, Order, stuck) if not wanted or one.ward_id in wanted]
    services = {one.id: one for one in _rows(db, Service, select(SERVICE))}
    stays = {one.id: one for one in _rows(db, Stay, _open_stays())}
    found = [_waiting(one, services.get(one.service_id), stays.get(one.stay_id), at) for one in orders]
    return sorted(found, key=_urgency)


def _waiting(order: Order, service: Service | None, stay: Stay | None, at: int) -> Waiting:
    reason = order.stop or order.held_for
    past = service is None or service.cut_off_at <= at
    held = order.state == OrderState.HELD and not order.default
    due_at = order.promised_at if service is None else service.dispatch_at if past else service.cut_off_at
    return Waiting(
        order_id=order.id,
        stay_id=order.stay_id,
        number=order.number,
        ward_id=order.ward_id,
        bed=stay.bed_id if stay is not None else "",
        meal=service.meal if service is not None else "",
        state=order.state,
        reason=reason,
        stopped=bool(order.stop),
        owner=OWNERS.get(reason, Role.NUTRITIONIST),
        since=order.stop_at or order.state_at,
        due_at=due_at,
        is_past_cut_off=past,
        settle_by=settle_by(order, service) if held and service is not None else 0,
        gives_way_at=gives_way_at(order, service) if held and service is not None else 0,
    )


def _urgency(one: Waiting) -> tuple[object, ...]:
    return (one.due_at, natural(one.bed), one.number)


def news(db: Connection, *, at: int, ward_ids: Iterable[str] = ()) -> list[News]:
    """Orders without a doctor's name, allergies in words, what was tried in vain today, who came today."""
    wanted = frozenset(ward_ids)
    stays = {one.id: one for one in _rows(db, Stay, _open_stays()) if not wanted or one.ward_id in wanted}
    open_words = select(ALLERGY).where(ALLERGY.c.code == "", ALLERGY.c.withdrawn_at.is_(None))
    tried = (
        select(ATTEMPT).where(ATTEMPT.c.told, ATTEMPT.c.at > at - NEW_MS).order_by(ATTEMPT.c.at.desc()).limit(MOST_NEWS)
    )
    found = [
        _news("unmatched", stays[one.stay_id], one.recorded_at, one.text)
        for one in _rows(db, Allergy, open_words.order_by(ALLERGY.c.recorded_at).limit(MOST_NEWS))
        if one.stay_id in stays
    ]
    attempts = [
        _news("attempt", stays[one.stay_id], one.at, one.code, dish_id=one.dish_id, suggested_id=one.suggested_id)
        for one in _rows(db, DietAttempt, tried)
        if one.stay_id in stays
    ]
    before = [
        _news("served_before", stays[one.stay_id], one.served_at, one.code, dish_id=one.dish_id)
        for one in served_before_known(db, at=at, stay_ids=stays)
    ]
    came = [_news("new", stay, stay.opened_at, "") for stay in stays.values() if stay.opened_at > at - NEW_MS]
    unsigned = [
        _news("sign", stays[one.stay_id], one.ordered_at, "verbal" if one.heard_by else "draft")
        for one in to_sign(db)
        if one.stay_id in stays
    ]
    return [*unsigned, *found, *before, *attempts, *sorted(came, key=_newest_first)]


def _news(kind: str, stay: Stay, at: int, detail: str, *, dish_id: str = "", suggested_id: str = "") -> News:
    return News(kind, stay.id, stay.ward_id, stay.bed_id, at, detail, dish_id, suggested_id)


def _newest_first(one: News) -> int:
    return -one.at


def _open_stays() -> Select[Any]:
    return select(STAY).where(STAY.c.closed_at.is_(None), STAY.c.archived_at.is_(None))


def _rows(db: Connection, table: type[R], chosen: Select[Any]) -> list[R]:
    return [table.trusted(dict(row)) for row in db.execute(chosen).mappings()]
