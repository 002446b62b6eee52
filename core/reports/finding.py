"""Find anything: orders by number or bed, wards, beds, people, consoles, by any part of what they are called."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Table, func, or_, select

from core.devices.model import DeviceTable
from core.orders.model import OrderTable
from core.people.model import PersonDetailsTable, PersonTable
from core.wards.model import BedTable, StayTable, WardTable

ORDER: Table = OrderTable.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
STAY: Table = StayTable.__table__  # type: ignore[attr-defined]  # as above
WARD: Table = WardTable.__table__  # type: ignore[attr-defined]  # as above
BED: Table = BedTable.__table__  # type: ignore[attr-defined]  # as above
PERSON: Table = PersonTable.__table__  # type: ignore[attr-defined]  # as above
DETAILS: Table = PersonDetailsTable.__table__  # type: ignore[attr-defined]  # as above
DEVICE: Table = DeviceTable.__table__  # type: ignore[attr-defined]  # as above
MOST_EACH = 40


@dataclass(frozen=True, slots=True)
class Found:
    """One thing. kind: order, ward, bed, person, device. within: the ward of a bed."""

    kind: str
    id: str
    name: str
    detail: str
    within: str = ""


def find(db: Connection, text: str) -> tuple[Found, ...]:
    """Everything whose name has this in it; exact names first, then orders, beds, wards, people, consoles."""
    typed = text.strip().casefold()
    if not typed:
        return ()
    like = f"%{_plain(typed)}%"
    found = [*_orders(db, like), *_beds(db, like), *_wards(db, like), *_people(db, like), *_devices(db, like)]
    return tuple(sorted(found, key=lambda one: one.name.casefold() != typed))


def _plain(text: str) -> str:
    """Marks that the store reads as "anything" are only themselves."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _orders(db: Connection, like: str) -> list[Found]:
    named = or_(
        func.lower(ORDER.c.number).like(like, escape="\\"),
        func.lower(STAY.c.bed_id).like(like, escape="\\"),
        ORDER.c.id.like(like, escape="\\"),
    )
    chosen = (
        select(ORDER.c.id, ORDER.c.number, ORDER.c.ward_id, ORDER.c.state, STAY.c.bed_id)
        .outerjoin(STAY, STAY.c.id == ORDER.c.stay_id)
        .where(named, ORDER.c.archived_at.is_(None))
        .order_by(ORDER.c.placed_at.desc(), ORDER.c.id)
    )
    return [
        Found("order", row.id, row.number, row.state, row.bed_id or row.ward_id)
        for row in db.execute(chosen.limit(MOST_EACH))
    ]


def _beds(db: Connection, like: str) -> list[Found]:
    chosen = select(BED.c.id, BED.c.ward_id, BED.c.state).where(func.lower(BED.c.id).like(like, escape="\\"))
    rows = db.execute(chosen.order_by(BED.c.id).limit(MOST_EACH))
    return [Found("bed", row.id, row.id, row.state, row.ward_id) for row in rows]


def _wards(db: Connection, like: str) -> list[Found]:
    named = [func.lower(column).like(like, escape="\\") for column in (WARD.c.id, WARD.c.name_en, WARD.c.name_fr)]
    chosen = select(WARD.c.id, WARD.c.name_en).where(or_(*named)).order_by(WARD.c.id)
    return [Found("ward", row.id, row.id, row.name_en) for row in db.execute(chosen.limit(MOST_EACH))]


def _people(db: Connection, like: str) -> list[Found]:
    named = [func.lower(column).like(like, escape="\\") for column in (PERSON.c.display, DETAILS.c.full_name)]
    chosen = (
        select(PERSON.c.id, PERSON.c.display, DETAILS.c.full_name)
        .outerjoin(DETAILS, DETAILS.c.id == PERSON.c.id)
        .where(or_(*named))
        .order_by(PERSON.c.display, PERSON.c.id)
    )
    rows = db.execute(chosen.limit(MOST_EACH))
    return [Found("person", row.id, row.display, row.full_name or "") for row in rows]


def _devices(db: Connection, like: str) -> list[Found]:
    chosen = select(DEVICE.c.id, DEVICE.c.name, DEVICE.c.kind).where(func.lower(DEVICE.c.name).like(like, escape="\\"))
    rows = db.execute(chosen.order_by(DEVICE.c.name).limit(MOST_EACH))
    return [Found("device", row.id, row.name, row.kind) for row in rows]
