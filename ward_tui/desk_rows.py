"""What a ward desk shows: each bed with its patient's flags and meal, who waits for a bed, who has no order yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.words import clock, word
from ward_tui.flags import Flag, flags_of
from ward_tui.judging import patient_now

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.diets.model import DietProfile
    from core.menu.model import Service
    from core.orders.model import Order
    from core.wards.model import Bed, Stay, Ward
    from ward_tui.judging import Instant

VACANT, CLEANING, CLOSED = "vacant", "cleaning", "closed"
NIL, UNORDERED, ORDERED, AWAY = "nil_by_mouth", "no_order_yet", "ordered", "away"


@dataclass(frozen=True, slots=True)
class Tile:
    """One bed, or a patient who waits for one. state: a code with words; meal: number and state of the order.

    comes: what happens at the cut-off by itself, in words, "" while nothing is known of it. away: why the patient is
    elsewhere; back_at: until when, 0 when nobody has said.
    """

    id: str
    bed: str
    stay_id: str
    state: str
    flags: tuple[Flag, ...] = ()
    meal: str = ""
    since: int = 0
    order_id: str = ""
    comes: str = ""
    away: str = ""
    back_at: int = 0

    @property
    def is_patient(self) -> bool:
        return bool(self.stay_id)


@dataclass(frozen=True, slots=True)
class DeskRows:
    """One ward at one service. cut_off_at: 0 when nothing can be ordered now."""

    ward_id: str
    ward: str
    tiles: tuple[Tile, ...]
    wards: tuple[tuple[str, str], ...]
    service_id: str = ""
    meal: str = ""
    cut_off_at: int = 0
    ends_at: int = 0

    @property
    def lying(self) -> tuple[Tile, ...]:
        return tuple(tile for tile in self.tiles if tile.is_patient)

    @property
    def defaults(self) -> int:
        """How many trays come by themselves when nobody orders."""
        return sum(bool(tile.comes) and tile.state == UNORDERED for tile in self.tiles)

    @property
    def unordered(self) -> tuple[Tile, ...]:
        return tuple(tile for tile in self.tiles if tile.state == UNORDERED)


def desk_rows(db: Connection, ward_id: str, now: Instant, language: str) -> DeskRows:
    """ward_id "": this console's own ward, else the first that is walked."""
    from core.delivery.queries import meals_of_service
    from core.diets.queries import profiles_of
    from core.wards.queries import beds_of_ward, wards, without_bed

    all_wards = wards(db)
    ward = next((one for one in all_wards if one.id == ward_id), all_wards[0] if all_wards else None)
    if ward is None:
        return DeskRows("", "", (), ())
    service = service_now(db, ward.kitchen_id, now.at)
    beds, waiting = beds_of_ward(db, ward.id), without_bed(db, ward.id)
    stays = [one.stay for one in beds if one.stay is not None] + waiting
    profiles = profiles_of(db, [stay.id for stay in stays])
    meals = meals_of_service(db, service.id, ward_id=ward.id) if service is not None else {}
    comes = coming(db, service, ward.id, now.at, language) if service is not None else {}
    places = [*((one.bed, one.stay) for one in beds), *((None, stay) for stay in waiting)]
    tiles = [_tile(bed, stay, profiles, meals, comes, now, language) for bed, stay in places]
    return DeskRows(
        ward_id=ward.id,
        ward=_name(ward, language),
        tiles=tuple(tiles),
        wards=tuple((one.id, _name(one, language)) for one in all_wards),
        service_id=service.id if service is not None else "",
        meal=word(f"meal.{service.meal}", language) if service is not None else "",
        cut_off_at=service.cut_off_at if service is not None else 0,
        ends_at=service.ends_at if service is not None else 0,
    )


def coming(db: Connection, service: Service, ward_id: str, at: int, language: str) -> dict[str, str]:
    """From half an hour before the cut-off, by stay: the default tray that comes by itself, or why none does."""
    from core.orders.defaults import without_order

    told: dict[str, str] = {}
    for one in without_order(db, at, ward_id):
        if one.service_id != service.id:
            continue
        if one.reason:
            told[one.stay_id] = word("ward.no_default", language, why=word(f"why.{one.reason}", language))
        else:
            name = "ward.default_instead" if one.held else "ward.default_comes"
            told[one.stay_id] = word(name, language, time=clock(one.gives_way_at), number=one.held)
    return told


def service_now(db: Connection, kitchen_id: str, at: int) -> Service | None:
    """What the ward orders for: the service whose cut-off comes next, else the one that is being served."""
    from core.menu.queries import services_open_at, services_under_way_at

    found = [*services_open_at(db, at), *services_under_way_at(db, at)]
    return next((service for service in found if service.kitchen_id == kitchen_id), None)


def ward_of_console(db: Connection) -> str:
    """The ward this console stands on, "" when it serves every one."""
    from core.store import queue

    me = queue.this(db)
    return str(me.ward_id) if me is not None else ""


def _tile(
    bed: Bed | None,
    stay: Stay | None,
    profiles: dict[str, DietProfile],
    meals: dict[str, Order],
    comes: dict[str, str],
    now: Instant,
    language: str,
) -> Tile:
    if stay is None:
        assert bed is not None, "neither bed nor patient"
        return Tile(bed.id, bed.id, "", VACANT if bed.state == "in_use" else bed.state)
    profile = profiles.get(stay.id)
    patient = patient_now(profile, now)
    order = meals.get(stay.id)
    away = stay.is_away_at(now.at)
    fasting = patient is not None and (patient.standing.fasting is not None or patient.standing.hold is not None)
    return Tile(
        id=stay.id,
        bed=bed.id if bed is not None else "",
        stay_id=stay.id,
        state=AWAY if away else NIL if fasting else ORDERED if order is not None else UNORDERED,
        flags=tuple(flags_of(profile, patient, language)),
        meal=f"{order.number} {word(f'order_state.{order.state}', language)}" if order is not None else "",
        since=stay.opened_at,
        order_id=order.id if order is not None else "",
        comes=comes.get(stay.id, ""),
        away=stay.away_why if stay.away_from_at is not None else "",
        back_at=stay.away_until_at or 0,
    )


def _name(ward: Ward, language: str) -> str:
    return str(getattr(ward, f"name_{language}", "") or ward.name_en)
