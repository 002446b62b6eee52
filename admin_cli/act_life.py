"""One act's whole life: made, sent, judged, by which rule, with what outcome, and who has read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from core.devices.model import Device
from core.kernel.case import Case, UnreadOutcome
from core.kernel.refusal import Refusal
from core.reports.needs import people_of
from core.store import log, queue
from core.store.read import as_rows
from core.store.tables import TABLES
from core.words import detail_of

SHORTEST = 8  # characters of an id's end that may stand for it


@dataclass(frozen=True, slots=True)
class ActLife:
    """Instants are ms UTC, None: not known here, or not yet. people: ids to the names of shared screens.

    at_centre: told by the server's log; otherwise by the queue of one console. seq: its number in the hospital's log.
    """

    op_id: str
    at_centre: bool
    kind: str
    entity: str
    actor_id: str
    device_id: str
    device: str
    made_at: int
    received_at: int | None
    outcome: str  # "" while it waits
    code: str
    detail: dict[str, str | int]
    seq: int | None
    settled: bool | None  # a console's: whether what it shows is the server's word
    came_again: int
    body_kept: bool
    unread: UnreadOutcome | None
    cases: tuple[Case, ...]
    people: dict[str, str]


def life_at_centre(db: Connection, name: str) -> ActLife:
    """From the server's log. Raises Refusal("no_such_act") unless exactly one act is meant."""
    row = _only(log.ops_named(db, _ending(name)), name)
    op_id, people = bytes(row.op_id), people_of(db)
    device = TABLES[Device].c
    named = db.execute(select(device.name).where(device.id == row.origin_ref)).scalar_one_or_none()
    again, kept = log.again_and_kept(db, op_id)
    return ActLife(
        op_id=op_id.hex(),
        at_centre=True,
        kind=row.kind,
        entity=row.entity,
        actor_id=row.actor_id,
        device_id=row.origin_ref if row.origin == "device" else "",
        device=str(named) if named is not None else row.origin,
        made_at=row.claimed_at,
        received_at=row.received_at,
        outcome=row.outcome,
        code=row.code,
        detail=detail_of(row.detail, people),
        seq=row.commit_seq,
        settled=None,
        came_again=again,
        body_kept=kept,
        unread=_unread(db, op_id.hex()),
        cases=_cases(db, op_id.hex()),
        people=people,
    )


def life_here(db: Connection, name: str) -> ActLife:
    """From a console's own queue. Raises Refusal("no_such_act")."""
    row = _only(queue.ops_named(db, _ending(name)), name)
    me, people = queue.this(db), people_of(db)
    op_id = bytes(row.op_id).hex()
    return ActLife(
        op_id=op_id,
        at_centre=False,
        kind=row.kind,
        entity=row.entity,
        actor_id=row.actor_id,
        device_id=me.id,
        device=me.name,
        made_at=row.made_at,
        received_at=None,
        outcome=row.outcome or "",
        code=row.code or "",
        detail=detail_of(row.detail, people),
        seq=row.commit_seq,
        settled=bool(row.settled),
        came_again=0,
        body_kept=True,
        unread=_unread(db, op_id),
        cases=_cases(db, op_id),
        people=people,
    )


def _ending(name: str) -> bytes:
    """Raises Refusal("no_such_act") for what is no id's end."""
    plain = name.strip().lower()
    if len(plain) < SHORTEST or len(plain) % 2:
        raise Refusal("no_such_act", name=name, found=0)
    try:
        return bytes.fromhex(plain)
    except ValueError as error:
        raise Refusal("no_such_act", name=name, found=0) from error


def _only(found: list[Any], name: str) -> Any:
    if len(found) != 1:
        raise Refusal("no_such_act", name=name, found=len(found))
    return found[0]


def _unread(db: Connection, op_id: str) -> UnreadOutcome | None:
    table = TABLES[UnreadOutcome]
    rows = as_rows(UnreadOutcome, db.execute(select(table).where(table.c.id == op_id)))
    return rows[0] if rows else None


def _cases(db: Connection, op_id: str) -> tuple[Case, ...]:
    table = TABLES[Case]
    return tuple(as_rows(Case, db.execute(select(table).where(table.c.op_id == op_id).order_by(table.c.id))))
