"""Who is looking at a page, in one query: the session, its stay and profile, its cart, and where the log stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, func, or_, select, true

from core.devices.model import Device, DeviceKind
from core.diets.model import DietProfile
from core.menu.model import Service
from core.store.drafts import ORDERED
from core.store.server_schema import cart_line, head, incarnation, session
from core.store.statement import Statement
from core.store.tables import TABLES
from core.store.web import Session
from core.wards.model import Patient, Stay, Ward


@dataclass(frozen=True, slots=True)
class Found:
    """One signed-in browser and what every page says about it. A member of staff's has no stay and no profile.

    kitchen_heard_at: when any screen of the stay's kitchen was last in contact; None while none is enrolled.
    """

    session: Session
    seq: int
    at: int
    rules_version: int
    practice: bool
    bed_id: str
    ward_id: str
    kitchen_id: str
    extension: str
    closed: bool
    language: str
    cart_count: int
    kitchen_heard_at: int | None
    profile: DietProfile | None


_stay, _patient, _ward = TABLES[Stay], TABLES[Patient], TABLES[Ward]
_profile, _service, _device = TABLES[DietProfile], TABLES[Service], TABLES[Device]
_SESSION = (
    session.c.token_hash,
    session.c.person_id,
    session.c.stay_id,
    session.c.made_at,
    session.c.seen_at,
    session.c.ended_at,
)
_PROFILE = tuple(_profile.c)
_PROFILE_NAMES = tuple(column.name for column in _PROFILE)

_cart_count = (
    select(func.count())
    .select_from(cart_line.join(_service, _service.c.id == cart_line.c.service_id))
    .where(cart_line.c.stay_id == session.c.stay_id, _service.c.cut_off_at > bindparam("now"), ~ORDERED)
    .correlate(session)
    .scalar_subquery()
)
_heard_at = (
    select(func.max(incarnation.c.heard_at))
    .select_from(incarnation.join(_device, _device.c.id == incarnation.c.device_id))
    .where(
        _device.c.kind == DeviceKind.KITCHEN.value,
        _device.c.revoked_at.is_(None),
        or_(_device.c.kitchen_id == _stay.c.kitchen_id, _device.c.kitchen_id == ""),
    )
    .correlate(_stay)
    .scalar_subquery()
)
_VISIT = Statement(
    select(
        *_SESSION,
        head.c.seq,
        head.c.at,
        head.c.rules_version,
        head.c.practice,
        _stay.c.bed_id,
        _stay.c.ward_id,
        _stay.c.kitchen_id,
        _ward.c.extension,
        _stay.c.closed_at,
        _patient.c.language,
        _cart_count,
        _heard_at,
        *_PROFILE,
    )
    .select_from(
        session.join(head, true())
        .outerjoin(_stay, _stay.c.id == session.c.stay_id)
        .outerjoin(_patient, _patient.c.id == _stay.c.patient_id)
        .outerjoin(_ward, _ward.c.id == _stay.c.ward_id)
        .outerjoin(_profile, _profile.c.id == session.c.stay_id)
    )
    .where(session.c.token_hash == bindparam("hashed"))
)
_CONTACT = Statement(
    select(_device.c.kitchen_id, func.max(incarnation.c.heard_at))
    .select_from(incarnation.join(_device, _device.c.id == incarnation.c.device_id))
    .where(_device.c.kind == DeviceKind.KITCHEN.value, _device.c.revoked_at.is_(None))
    .group_by(_device.c.kitchen_id)
)


def find(connection: Connection, token_hash: bytes, now: int) -> Found | None:
    rows = _VISIT.tuples(connection, {"hashed": token_hash, "now": now})
    if not rows:
        return None
    row = rows[0]
    seq, at, rules, practice, bed, ward, kitchen, extension, closed_at, language, count, heard_at = row[6:18]
    has_stay = bool(row[2])
    return Found(
        session=Session(bytes(row[0]), *row[1:6]),
        seq=seq,
        at=at,
        rules_version=rules,
        practice=bool(practice),
        bed_id=bed or "",
        ward_id=ward or "",
        kitchen_id=kitchen or "",
        extension=extension or "",
        closed=has_stay and (kitchen is None or closed_at is not None),
        language=language or "",
        cart_count=count,
        kitchen_heard_at=heard_at if has_stay else None,
        profile=_as_profile(row[18:]),
    )


def kitchens_heard_at(connection: Connection) -> dict[str, int]:
    """When each kitchen's screens were last in contact; "" are screens that serve every kitchen."""
    return {row[0]: row[1] for row in _CONTACT.tuples(connection)}


def _as_profile(values: Any) -> DietProfile | None:
    return DietProfile.trusted(dict(zip(_PROFILE_NAMES, values, strict=True))) if values[0] is not None else None
