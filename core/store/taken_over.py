"""Which console has taken over what a patient may eat, and when it said so itself: what a card's "seen by" reads.

One row for each patient and console, written when that console tells its own cursor;
nothing is told from what was sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, delete, func, insert, or_, select

from core.devices.model import Device, DeviceKind
from core.diets.model import DietProfile
from core.store import log
from core.store.server_schema import change, incarnation, taken_over
from core.store.statement import Statement
from core.store.tables import TABLES
from core.wards.model import Stay

RULES = DietProfile.table_name
MOST_NUMBERS = 5_000  # looked through at once; whoever jumps further has just loaded everything
PLACES = {DeviceKind.KITCHEN.value: "kitchen", DeviceKind.WARD.value: "ward"}  # consoles that act on it -> audience

_CHANGED = Statement(
    select(change.c.row_id, change.c.seq, change.c.after)
    .where(change.c.seq > bindparam("after"), change.c.seq <= bindparam("until"), change.c.table_name == RULES)
    .order_by(change.c.seq)
)
_NEWEST = Statement(
    select(func.max(change.c.seq)).where(change.c.table_name == RULES, change.c.row_id == bindparam("stay_id"))
)
_FORGET = Statement(
    delete(taken_over).where(taken_over.c.stay_id == bindparam("stay"), taken_over.c.device_id == bindparam("device"))
)
_KEEP = Statement(insert(taken_over))
_SAID = Statement(
    select(taken_over.c.stay_id, taken_over.c.seq).where(
        taken_over.c.device_id == bindparam("device"), taken_over.c.stay_id.in_(bindparam("stays", expanding=True))
    )
)
_DEVICE = TABLES[Device].c
_PLACE = Statement(select(_DEVICE.kind, _DEVICE.kitchen_id, _DEVICE.ward_id).where(_DEVICE.id == bindparam("device")))


@dataclass(frozen=True, slots=True)
class Holder:
    """A console that holds a patient. has: the newest rules are there; at: when it said so, 0 when not known."""

    name: str
    kind: str
    has: bool
    at: int
    heard_at: int


@dataclass(frozen=True, slots=True)
class Reach:
    """How far the newest change of what one patient may eat has come. seq 0: nothing was ever written."""

    seq: int
    changed_at: int
    holders: tuple[Holder, ...]


def note(connection: Connection, name: str, *, cursor: int, at: int) -> None:
    """This console (by its incarnation) says that it has come so far."""
    known = log.incarnation_row(connection, name)
    if known is None or known["cursor"] >= cursor:
        return
    after = max(known["cursor"], cursor - MOST_NUMBERS)
    changed = _CHANGED.all(connection, {"after": after, "until": cursor})
    if not changed:
        return
    kind, place = _stands(connection, known["device_id"])
    if kind not in PLACES:
        return
    told = {row.row_id: row.seq for row in changed if _is_for(PLACES[kind], place, row.after)}
    _keep(connection, known["device_id"], told, at)


def _keep(connection: Connection, device_id: str, told: dict[str, int], at: int) -> None:
    """What was said before stands: a console that begins a new chain tells some of it again."""
    for row in _SAID.all(connection, {"device": device_id, "stays": list(told)}) if told else ():
        if row.seq >= told[row.stay_id]:
            del told[row.stay_id]
    if told:
        _FORGET.many(connection, [{"stay": stay_id, "device": device_id} for stay_id in told])
        rows = [{"stay_id": stay_id, "device_id": device_id, "seq": seq, "at": at} for stay_id, seq in told.items()]
        _KEEP.many(connection, rows)


def reach_of(connection: Connection, stay: Stay) -> Reach:
    """Every kitchen and handheld that holds this patient, kitchens first."""
    seq = _NEWEST.value(connection, {"stay_id": stay.id}) or 0
    changed_at = log.instants_of(connection, [seq]).get(seq, 0)
    said = {row.device_id: row for row in connection.execute(select(taken_over).where(taken_over.c.stay_id == stay.id))}
    holders = [_holder(row, said.get(row.id), seq) for row in connection.execute(_of_places(stay)).all()]
    return Reach(seq, changed_at, tuple(sorted(holders, key=_kitchens_first)))


def drop_old(connection: Connection, *, before: int) -> None:
    """What nobody asks about any more."""
    connection.execute(delete(taken_over).where(taken_over.c.at < before))


def _stands(connection: Connection, device_id: str) -> tuple[str, str]:
    """The kind of a console, and the one kitchen or ward it stands in ("": all)."""
    row = _PLACE.one(connection, {"device": device_id})
    return row.kind, row.kitchen_id if row.kind == DeviceKind.KITCHEN else row.ward_id


def _is_for(audience: str, place: str, names: str) -> bool:
    return any(name.startswith(f"{audience}:") and place in ("", name.partition(":")[2]) for name in names.split())


def _of_places(stay: Stay) -> Any:
    """The consoles that stand where this patient is fed, each with how far it has come and when it was heard."""
    device = TABLES[Device].c
    kitchens = and_(device.kind == DeviceKind.KITCHEN.value, device.kitchen_id.in_(("", stay.kitchen_id)))
    handhelds = and_(device.kind == DeviceKind.WARD.value, device.ward_id.in_(("", stay.ward_id)))
    of_each = (
        select(
            incarnation.c.device_id,
            func.max(incarnation.c.cursor).label("cursor"),
            func.max(incarnation.c.heard_at).label("heard_at"),
        )
        .group_by(incarnation.c.device_id)
        .subquery()
    )
    columns = (device.id, device.name, device.kind, of_each.c.cursor, of_each.c.heard_at)
    joined = TABLES[Device].outerjoin(of_each, of_each.c.device_id == device.id)
    return select(*columns).select_from(joined).where(device.revoked_at.is_(None), or_(kitchens, handhelds))


def _holder(row: Row[Any], said: Any, seq: int) -> Holder:
    told = said is not None and said.seq >= seq
    has = seq > 0 and (told or (row.cursor or 0) >= seq)
    return Holder(row.name, row.kind, has, said.at if told else 0, row.heard_at or 0)


def _kitchens_first(holder: Holder) -> tuple[bool, str]:
    return (holder.kind != DeviceKind.KITCHEN, holder.name)
