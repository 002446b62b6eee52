"""Whether a hospital's log is whole: numbered without a gap, each seal over the one before it, each console's chain
unbroken, and every body what its hash says (sync.md §2.1, §2.8)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from core.kernel.refusal import Refusal
from core.store import log
from core.store.server_schema import change, incarnation, op, op_body, resent
from sync import chain

PAGE = 2_000  # acts read at once


@dataclass(frozen=True, slots=True)
class Whole:
    """What was counted on the way through a log that is whole."""

    epoch: str
    seq: int
    at: int
    durable_seq: int
    acts: int
    bodies: int
    changes: int
    consoles: int


def prove(connection: Connection) -> Whole:
    """Reads the whole log once. Raises Refusal("log_broken", where, number) at the first thing that does not fit."""
    head = log.read_head(connection)
    bodies = _walk_acts(connection, head)
    consoles = _walk_chains(connection)
    counted = connection.execute(select(func.count()).select_from(change)).scalar_one()
    newest = connection.execute(select(func.max(change.c.seq))).scalar_one() or 0
    if newest > head.seq:
        raise Refusal("log_broken", where="change", number=newest)
    return Whole(head.epoch, head.seq, head.at, head.durable_seq, head.seq, bodies, counted, consoles)


def _walk_acts(connection: Connection, head: log.Head) -> int:
    """Every act from the first: its number, its body if it is still there, its seal. How many bodies there are."""
    expected, seal, bodies = 0, b"", 0
    for act in _acts(connection):
        expected += 1
        if act.commit_seq != expected:
            raise Refusal("log_broken", where="op", number=expected)
        if act.body is not None:
            bodies += 1
            if hashlib.sha256(bytes(act.body)).digest() != bytes(act.body_hash):
                raise Refusal("log_broken", where="op_body", number=expected)
        seal = seal_of(seal, act)
        if seal != bytes(act.seal):
            raise Refusal("log_broken", where="seal", number=expected)
    if expected != head.seq or seal != bytes(head.seal):
        raise Refusal("log_broken", where="head", number=head.seq)
    return bodies


def seal_of(before: bytes, act: Any) -> bytes:
    return chain.seal(
        before,
        seq=act.commit_seq,
        op_id=bytes(act.op_id),
        actor=act.actor_id,
        kind=act.kind,
        body_hash=bytes(act.body_hash),
        at=act.received_at,
    )


def _acts(connection: Connection) -> Iterator[Any]:
    columns = (op.c.commit_seq, op.c.op_id, op.c.actor_id, op.c.kind, op.c.body_hash, op.c.received_at, op.c.seal)
    wanted = select(*columns, op_body.c.body).outerjoin(op_body, op_body.c.op_id == op.c.op_id)
    after = 0
    while True:
        page = connection.execute(wanted.where(op.c.commit_seq > after).order_by(op.c.commit_seq).limit(PAGE)).all()
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1].commit_seq


def _walk_chains(connection: Connection) -> int:
    """Each console's acts in its own order, those that came again under a new name among them."""
    known = connection.execute(select(incarnation)).all()
    for one in known:
        head, last = chain.start(one.id), 0
        for dseq, body_hash, link in _links(connection, one.id):
            last += 1
            if dseq != last or (body_hash and chain.extend_hash(head, body_hash) != link):
                raise Refusal("log_broken", where="chain", number=last)
            head = link
        if last != one.last_dseq or head != bytes(one.head_hash):
            raise Refusal("log_broken", where="incarnation", number=one.last_dseq)
    return len(known)


def _links(connection: Connection, incarnation_id: str) -> list[tuple[int, bytes, bytes]]:
    """(dseq, hash of the bytes, link) in order. An act that came again was written anew, and the hash of those bytes is
    not kept: b"", its link is taken as it stands and held by the one behind it."""
    first = select(op.c.dseq, op.c.body_hash, op.c.chain).where(op.c.incarnation == incarnation_id)
    again = select(resent.c.dseq, resent.c.chain).where(resent.c.incarnation == incarnation_id)
    links = [(row.dseq, bytes(row.body_hash), bytes(row.chain)) for row in connection.execute(first)]
    links += [(row.dseq, b"", bytes(row.chain)) for row in connection.execute(again)]
    return sorted(links)
