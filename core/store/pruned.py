"""What a console need not keep any longer: acts that a verified backup of the server holds, and their verdicts
(sync.md §2.8)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, exists, func, insert, or_, select

from core.kernel.case import UnreadOutcome
from core.store.device_schema import op, op_row, outcome, pruned
from core.store.statement import Statement
from core.store.tables import TABLES

NOT_FINAL = "parked"
Link = Callable[[bytes, bytes], bytes]  # the chain after an act's bytes

_UNREAD = TABLES[UnreadOutcome]
_BASE = Statement(select(pruned.c.dseq, pruned.c.chain).where(pruned.c.incarnation == bindparam("incarnation")))
_MAY_GO = Statement(
    select(op.c.place, op.c.op_id)
    .join(outcome, outcome.c.op_id == op.c.op_id)
    .where(
        and_(
            outcome.c.settled == 1,
            outcome.c.commit_seq <= bindparam("durable_seq"),
            outcome.c.outcome != NOT_FINAL,
        ),
        or_(op.c.incarnation != bindparam("incarnation"), op.c.dseq <= bindparam("base")),
        op.c.made_at < bindparam("made_before"),
        ~exists().where(_UNREAD.c.id == func.lower(func.hex(op.c.op_id)), _UNREAD.c.acknowledged_at.is_(None)),
    )
    .order_by(op.c.place)
    .limit(bindparam("most"))
)
_FIRST_KEPT = Statement(
    select(func.min(op.c.dseq))
    .outerjoin(outcome, outcome.c.op_id == op.c.op_id)
    .where(
        op.c.incarnation == bindparam("incarnation"),
        op.c.dseq > bindparam("base"),
        or_(
            outcome.c.op_id.is_(None),
            outcome.c.settled == 0,
            outcome.c.commit_seq > bindparam("durable_seq"),
            op.c.made_at >= bindparam("made_before"),
        ),
    )
)
_NEWEST = Statement(
    select(func.max(op.c.dseq)).where(op.c.incarnation == bindparam("incarnation"), op.c.dseq > bindparam("base"))
)


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

    def asked(self, base: int) -> dict[str, str | int]:
        """As the questions below name it, for acts behind or up to this dseq."""
        return {
            "incarnation": self.incarnation,
            "durable_seq": self.durable_seq,
            "made_before": self.made_before,
            "base": base,
        }


def base_of(connection: Connection, incarnation: str, start: bytes) -> Base:
    """start: the chain before the incarnation's first act, where nothing has gone yet."""
    known = _BASE.first(connection, {"incarnation": incarnation})
    return Base(known.dseq, bytes(known.chain)) if known is not None else Base(0, start)


def last_of(connection: Connection) -> int:
    """The last act that went of this incarnation, 0 while all are kept."""
    return int(connection.execute(select(func.max(pruned.c.dseq))).scalar_one() or 0)


def prune(connection: Connection, until: Until, start: bytes, link: Link, most: int) -> int:
    """Lets so many acts go at most, the oldest first; how many went. A verdict that nobody has read keeps its act."""
    _move_base(connection, until, start, link, most)
    gone = _may_go(connection, until, base_of(connection, until.incarnation, start), most)
    if gone:
        connection.execute(delete(op).where(op.c.place.in_([row.place for row in gone])))
        connection.execute(delete(op_row).where(op_row.c.place.in_([row.place for row in gone])))
        connection.execute(delete(outcome).where(outcome.c.op_id.in_([row.op_id for row in gone])))
    return len(gone)


def is_due(connection: Connection, until: Until, start: bytes) -> bool:
    """Whether anything may go: asked before the store is locked for it."""
    base = base_of(connection, until.incarnation, start)
    if _may_go(connection, until, base, 1):
        return True
    return _last_safe(connection, until, base.dseq, 1) > base.dseq


def oldest_parked(connection: Connection) -> int:
    """The number of the oldest act that is kept because the server could not judge it, 0 when there is none."""
    waiting = select(func.min(outcome.c.commit_seq)).where(outcome.c.outcome == NOT_FINAL)
    return int(connection.execute(waiting).scalar_one() or 0)


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
    asked = until.asked(after)
    first_kept = _FIRST_KEPT.value(connection, asked)
    if first_kept is None:
        newest = _NEWEST.value(connection, asked)
        first_kept = (newest if newest is not None else after) + 1
    return int(min(first_kept - 1, after + most))


def _may_go(connection: Connection, until: Until, base: Base, most: int) -> list[Any]:
    """place and op_id of acts whose verdict is read, in a backup, and old enough, oldest first."""
    return _MAY_GO.all(connection, {**until.asked(base.dseq), "most": most})
