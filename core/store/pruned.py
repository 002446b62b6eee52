"""What a console need not keep any longer: acts that a verified backup of the server holds, and their verdicts
(sync.md §2.8)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, and_, delete, exists, func, insert, or_, select

from core.kernel.case import UnreadOutcome
from core.store.device_schema import op, op_row, outcome, pruned
from core.store.tables import TABLES

NOT_FINAL = "parked"
Link = Callable[[bytes, bytes], bytes]  # the chain after an act's bytes


@dataclass(frozen=True, slots=True)
class Base:
    """Where the kept acts of an incarnation begin, and the chain there."""

    dseq: int
    chain: bytes


@dataclass(frozen=True, slots=True)
class Until:
    """Acts that are in a backup up to this number and were made before this instant may go."""

    incarnation: str
    durable_seq: int
    made_before: int


def base_of(connection: Connection, incarnation: str, start: bytes) -> Base:
    """start: the chain before the incarnation's first act, where nothing has gone yet."""
    known = connection.execute(select(pruned).where(pruned.c.incarnation == incarnation)).one_or_none()
    return Base(known.dseq, bytes(known.chain)) if known is not None else Base(0, start)


def last_of(connection: Connection) -> int:
    """The last act that went of this incarnation, 0 while all are kept."""
    return int(connection.execute(select(func.max(pruned.c.dseq))).scalar_one() or 0)


def prune(connection: Connection, until: Until, start: bytes, link: Link, most: int) -> int:
    """Lets so many acts go at most, the oldest first; how many went. A verdict that nobody has read keeps its act."""
    _move_base(connection, until, start, link, most)
    gone = connection.execute(_may_go(until, base_of(connection, until.incarnation, start)).limit(most)).all()
    if gone:
        connection.execute(delete(op).where(op.c.place.in_([row.place for row in gone])))
        connection.execute(delete(op_row).where(op_row.c.place.in_([row.place for row in gone])))
        connection.execute(delete(outcome).where(outcome.c.op_id.in_([row.op_id for row in gone])))
    return len(gone)


def is_due(connection: Connection, until: Until, start: bytes) -> bool:
    """Whether anything may go: asked before the store is locked for it."""
    base = base_of(connection, until.incarnation, start)
    if connection.execute(_may_go(until, base).limit(1)).first() is not None:
        return True
    return _last_safe(connection, until, base.dseq, 1) > base.dseq


def forget_orphans(connection: Connection, durable_seq: int) -> None:
    """Verdicts of acts that are not here: another copy of this store gave them."""
    gone = select(outcome.c.op_id).where(outcome.c.settled == 1, outcome.c.commit_seq <= durable_seq)
    gone = gone.where(~exists().where(op.c.op_id == outcome.c.op_id))
    connection.execute(delete(outcome).where(outcome.c.op_id.in_(gone)))


def _move_base(connection: Connection, until: Until, start: bytes, link: Link, most: int) -> None:
    """The chain is carried over what will go: from then on it is known there without those acts."""
    base = base_of(connection, until.incarnation, start)
    last = _last_safe(connection, until, base.dseq, most)
    mine = select(op.c.body).where(op.c.incarnation == until.incarnation)
    bodies = connection.execute(mine.where(op.c.dseq > base.dseq, op.c.dseq <= last).order_by(op.c.dseq)).all()
    if last <= base.dseq or len(bodies) != last - base.dseq:
        return
    chain = base.chain
    for row in bodies:
        chain = link(chain, bytes(row.body))
    connection.execute(delete(pruned))  # of an incarnation that is over nothing is asked any more
    connection.execute(insert(pruned), {"incarnation": until.incarnation, "dseq": last, "chain": chain})


def _last_safe(connection: Connection, until: Until, after: int, most: int) -> int:
    """The last act before the first that must stay, so many further at most."""
    mine = (op.c.incarnation == until.incarnation, op.c.dseq > after)
    stays = or_(
        outcome.c.op_id.is_(None),
        outcome.c.settled == 0,
        outcome.c.commit_seq > until.durable_seq,
        op.c.made_at >= until.made_before,
    )
    joined = select(func.min(op.c.dseq)).outerjoin(outcome, outcome.c.op_id == op.c.op_id).where(*mine, stays)
    first_kept = connection.execute(joined).scalar_one()
    if first_kept is None:
        newest = connection.execute(select(func.max(op.c.dseq)).where(*mine)).scalar_one()
        first_kept = (newest if newest is not None else after) + 1
    return int(min(first_kept - 1, after + most))


def _may_go(until: Until, base: Base) -> Select[Any]:
    unread = TABLES[UnreadOutcome]
    waits_for_a_reader = exists().where(
        unread.c.id == func.lower(func.hex(op.c.op_id)), unread.c.acknowledged_at.is_(None)
    )
    is_safe = and_(outcome.c.settled == 1, outcome.c.commit_seq <= until.durable_seq, outcome.c.outcome != NOT_FINAL)
    behind_base = or_(op.c.incarnation != until.incarnation, op.c.dseq <= base.dseq)
    found = select(op.c.place, op.c.op_id).join(outcome, outcome.c.op_id == op.c.op_id)
    found = found.where(is_safe, behind_base, op.c.made_at < until.made_before, ~waits_for_a_reader)
    return found.order_by(op.c.place)
