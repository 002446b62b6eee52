"""The beds of one ward as an administrator sees them: free, taken, out of use, and how far the patient's meal is."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from core.delivery.queries import meals_of_service
from core.diets.profile import standing
from core.diets.queries import profiles_of_ward
from core.orders.model import Order
from core.reports.overview import meals_now
from core.wards.model import BedState, Stay, Ward
from core.wards.queries import beds_of_ward, ward_by_id, without_bed

VACANT, OCCUPIED, WAITING = "vacant", "occupied", "waiting"


@dataclass(frozen=True, slots=True)
class BedNow:
    """One bed; bed_id "": a patient of the ward who waits for one. fasting: nil by mouth, or all trays held."""

    bed_id: str
    state: str  # vacant, occupied, cleaning, closed, waiting
    since: int | None
    fasting: bool
    order: Order | None

    @property
    def key(self) -> str:
        return self.bed_id or f"waiting-{self.since}"

    @property
    def has_patient(self) -> bool:
        return self.state in (OCCUPIED, WAITING)


@dataclass(frozen=True, slots=True)
class WardPage:
    """ward None: it is not known here. meal "": nothing is ordered or cooked now."""

    ward: Ward | None
    meal: str
    beds: tuple[BedNow, ...]


def ward_page(db: Connection, ward_id: str, *, at: int) -> WardPage:
    service = meals_now(db, at=at).service
    instant = max(at, service.dispatch_at) if service is not None else at
    orders = meals_of_service(db, service.id, ward_id=ward_id) if service is not None else {}
    fasting = [one.id for one in profiles_of_ward(db, ward_id) if _fasts(one.periods, instant)]
    beds = [_bed(seen.bed.id, seen.bed.state, seen.stay, orders, fasting) for seen in beds_of_ward(db, ward_id)]
    beds += [_bed("", WAITING, stay, orders, fasting) for stay in without_bed(db, ward_id)]
    return WardPage(ward_by_id(db, ward_id), service.meal if service is not None else "", tuple(beds))


def _bed(bed_id: str, state: str, stay: Stay | None, orders: dict[str, Order], fasting: list[str]) -> BedNow:
    if stay is None:
        return BedNow(bed_id, VACANT if state == BedState.IN_USE else state, None, fasting=False, order=None)
    since = stay.bed_changed_at or stay.opened_at
    return BedNow(bed_id, OCCUPIED if bed_id else WAITING, since, fasting=stay.id in fasting, order=orders.get(stay.id))


def _fasts(periods: str, instant: int) -> bool:
    found = standing(periods, instant)
    return found.fasting is not None or found.hold is not None
