"""Judges acts for good, in one transaction a turn: every act gets its number, its outcome and its row in the log.

Devices, pages, time and the command line all come through here.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

import msgspec
from sqlalchemy import Connection
from sqlalchemy.exc import DataError, IntegrityError

from core import handlers
from core.devices.model import Device
from core.kernel.handle import Handle
from core.kernel.message import Command
from core.kernel.refusal import BUGS
from core.kernel.tx import Tx
from core.kernel.values import Actor, Origin, due_op_id
from core.store import log
from core.store.open import Store
from core.store.read import TxSource
from core.store.tables import encode_row
from core.store.write import broken_rule, write_rows
from sync import chain
from sync.protocol import PARKED, Outcome
from sync.server.judge import Judged, judge

troubles = logging.getLogger("dusangire.perform")
RULES_TABLES = frozenset({"dish", "dish_facts", "service", "policy"})  # what a menu snapshot is made of

ITS_OWN = (DataError, *BUGS)  # what one act can do to a turn; a store that is away is another matter
# a constraint of the store -> the refusal it means
BROKEN_RULES = {
    "bed_assignment_open": "bed_taken",
    "stay_open_patient": "already_admitted",
    "patient_hospital_number": "hospital_number_taken",
    "order_number": "number_taken",
    "charge_once": "charged_already",
    "bed_door_code": "code_taken",
    "primary_key": "exists_already",
}


@dataclass(frozen=True, slots=True)
class Submission:
    """One act as it reached the server. A device's actor is looked up from its grants; other doors bring theirs."""

    op_id: bytes
    kind: str
    args: bytes
    actor_id: str
    origin: Origin
    origin_ref: str = ""
    actor: Actor | None = None
    v: int = 1
    grant_id: str = ""
    entity: str = ""
    expect: int = 0
    base_seq: int = 0
    claimed_at: int = 0  # 0: now
    incarnation: str = ""
    dseq: int = 0
    chain: bytes = b""
    body: bytes = b""
    again: bool = False  # it could not be judged before


def submit(command: Command, *, op_id: bytes, actor: Actor, origin: Origin, origin_ref: str = "") -> Submission:
    """An act that begins on the server itself: a page, a time that has come, the command line."""
    args = handlers.encode(command)
    return Submission(
        op_id=op_id,
        kind=command.name,
        args=args,
        actor_id=actor.person_id,
        origin=origin,
        origin_ref=origin_ref,
        actor=actor,
        v=command.v,
        entity=command.entity,
        body=args,
    )


@dataclass(slots=True)
class Turn:
    """What one turn will write besides rows."""

    at: int
    seq: int
    rules_version: int
    seal: bytes
    ops: list[dict[str, Any]] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)
    again: list[dict[str, Any]] = field(default_factory=list)
    chains: dict[str, tuple[int, bytes]] = field(default_factory=dict)


def perform(store: Store, now: int, submissions: Sequence[Submission]) -> list[Outcome | None]:
    """One turn: one outcome each, in order; None for a device's act that does not follow its last one (a gap).

    An act judged before gets the outcome it had. `now` is the server's clock, ms UTC; the log's instants never go back.
    """
    with store.writing() as connection:
        return perform_over(connection, now, submissions)


def perform_over(connection: Connection, now: int, submissions: Sequence[Submission]) -> list[Outcome | None]:
    """The same over the caller's open transaction, which may still be undone whole: for an import and its rehearsal."""
    head = log.lock_head(connection)
    turn = Turn(at=max(now, head.at), seq=head.seq, rules_version=head.rules_version, seal=head.seal)
    known = log.known_ops(connection, [s.op_id for s in submissions])
    outcomes = _perform_turn(connection, turn, submissions, known)
    log.append(connection, ops=turn.ops, bodies=turn.bodies, changes=turn.changes, again=turn.again)
    for incarnation, (dseq, head_hash) in turn.chains.items():
        log.step_incarnation(connection, incarnation, last_dseq=dseq, head_hash=head_hash)
    log.advance_head(connection, seq=turn.seq, at=turn.at, rules_version=turn.rules_version, seal=turn.seal)
    return outcomes


def _perform_turn(
    connection: Connection, turn: Turn, submissions: Sequence[Submission], known: dict[bytes, Any]
) -> list[Outcome | None]:
    outcomes: list[Outcome | None] = []
    fresh: list[tuple[int, Submission]] = []
    seen: dict[bytes, int] = {}
    twice: list[int] = []
    twins: dict[bytes, Outcome | None] = {}
    for place, submission in enumerate(submissions):
        outcomes.append(None)
        earlier, twin = known.get(submission.op_id), seen.get(submission.op_id)
        link = _follows(connection, turn, submission, judged=earlier is not None or twin is not None)
        if link is Link.BROKEN:
            continue
        if link is Link.NEXT:
            _note_again(turn, submission, earlier or (submissions[twin] if twin is not None else None))
        if earlier is not None:
            outcomes[place] = Outcome(
                submission.op_id, submission.dseq, earlier.outcome, earlier.code, earlier.detail, earlier.commit_seq
            )
        elif twin is None:
            seen[submission.op_id] = place
            fresh.append((place, submission))
        else:
            twice.append(place)
    for (place, submission), judged in zip(fresh, _judge_batch(connection, turn, fresh), strict=True):
        outcomes[place] = _record(turn, submission, judged)
        twins[submission.op_id] = outcomes[place]
    for place in twice:
        outcomes[place] = twins[submissions[place].op_id]
    return outcomes


class Link(Enum):
    """How an act hangs on those that its device sent before."""

    NEXT = "next"
    KNOWN = "known"
    BROKEN = "broken"  # a gap, or another act has its place


def _follows(connection: Connection, turn: Turn, submission: Submission, *, judged: bool) -> Link:
    """A device's acts are judged in its own order, without a gap, each linked to the one before: of two clones that
    push at once one comes first, and the other is asked again. Steps the incarnation's place in the turn."""
    if not submission.incarnation:
        return Link.KNOWN
    if submission.incarnation not in turn.chains:
        row = log.incarnation_row(connection, submission.incarnation)
        if row is None:
            return Link.BROKEN
        turn.chains[submission.incarnation] = (row["last_dseq"], bytes(row["head_hash"]))
    last, head = turn.chains[submission.incarnation]
    if submission.dseq <= last:
        return Link.KNOWN if judged else Link.BROKEN
    if submission.dseq > last + 1 or chain.extend(head, submission.body) != submission.chain:
        return Link.BROKEN
    turn.chains[submission.incarnation] = (submission.dseq, submission.chain)
    return Link.NEXT


def _note_again(turn: Turn, submission: Submission, earlier: Any) -> None:
    """An act that is known came at another place of a chain: the chain needs that link. earlier: None for a new act."""
    if earlier is not None:
        turn.again.append(
            {
                "incarnation": submission.incarnation,
                "dseq": submission.dseq,
                "op_id": submission.op_id,
                "chain": submission.chain,
            }
        )


def _judge_batch(connection: Connection, turn: Turn, fresh: Sequence[tuple[int, Submission]]) -> list[Judged]:
    """All together over one overlay; one by one when the store's own constraints refuse what they add up to."""
    submissions = [submission for _, submission in fresh]
    if not submissions:
        return []
    instants = log.instants_of(connection, [s.base_seq for s in submissions])
    try:
        with connection.begin_nested():
            return _judge_over(connection, turn, submissions, instants)
    except (IntegrityError, *ITS_OWN):
        return [_judge_alone(connection, turn, submission, instants) for submission in submissions]


def _judge_alone(connection: Connection, turn: Turn, submission: Submission, instants: dict[int, int]) -> Judged:
    try:
        with connection.begin_nested():
            return _judge_over(connection, turn, [submission], instants)[0]
    except IntegrityError as error:
        broken = BROKEN_RULES.get(broken_rule(error), "store_rule")
    except ITS_OWN:
        troubles.exception("parked %s", submission.kind)
        with connection.begin_nested():
            return _judge_over(connection, turn, [submission], instants, parks=True)[0]
    with connection.begin_nested():
        return _judge_over(connection, turn, [submission], instants, broken=broken)[0]


def _judge_over(
    connection: Connection,
    turn: Turn,
    submissions: Sequence[Submission],
    instants: dict[int, int],
    broken: str = "",
    *,
    parks: bool = False,
) -> list[Judged]:
    """broken: the rule of the store that these acts break. parks: what they hold is not looked at again."""
    tx = Tx(TxSource(connection, whole=True))
    decoded = [(None, None, "server_error") if parks else _decode(submission) for submission in submissions]
    handlers.prefetch(tx, [(handle, command) for handle, command, _ in decoded if handle and command])
    from_devices = [submission for submission in submissions if submission.actor is None]
    handlers.prefetch_actors(tx, [submission.actor_id for submission in from_devices])
    tx.prefetch((Device, submission.origin_ref) for submission in from_devices)
    judged = []
    for submission, (handle, command, trouble) in zip(submissions, decoded, strict=True):
        claimed = _clamped(submission, earliest=instants.get(submission.base_seq, 0), latest=turn.at)
        judged.append(judge(tx, turn.at, claimed, submission, handle, command, trouble or broken))
    write_rows(connection, tx.written())
    return judged


def _decode(submission: Submission) -> tuple[Handle | None, Command | None, str]:
    handle = handlers.find(submission.kind)
    try:
        return handle, handlers.decode(submission.kind, submission.v, submission.args), ""
    except handlers.Undecodable as error:
        return handle, None, error.code


def _clamped(submission: Submission, *, earliest: int, latest: int) -> int:
    """What the device says, held between the commit it had seen and now: shown, never decided on."""
    return max(earliest, min(submission.claimed_at or latest, latest))


def _record(turn: Turn, submission: Submission, judged: Judged) -> Outcome:
    turn.seq += 1
    detail = msgspec.json.encode(judged.detail).decode() if judged.detail else ""
    body = submission.body
    body_hash = hashlib.sha256(body).digest()
    turn.seal = chain.seal(
        turn.seal,
        seq=turn.seq,
        op_id=submission.op_id,
        actor=submission.actor_id,
        kind=submission.kind,
        body_hash=body_hash,
        at=turn.at,
    )
    turn.ops.append(
        {
            "op_id": submission.op_id,
            "commit_seq": turn.seq,
            "told_seq": turn.seq,
            "origin": submission.origin.value,
            "origin_ref": submission.origin_ref,
            "incarnation": submission.incarnation,
            "dseq": submission.dseq,
            "actor_id": submission.actor_id,
            "kind": submission.kind,
            "v": submission.v,
            "entity": submission.entity,
            "body_hash": body_hash,
            "chain": submission.chain,
            "outcome": judged.outcome,
            "code": judged.code,
            "detail": detail,
            "claimed_at": submission.claimed_at or turn.at,
            "received_at": turn.at,
            "seal": turn.seal,
        }
    )
    turn.bodies.append({"op_id": submission.op_id, "body": body})
    turn.changes.extend(_change_rows(turn.seq, judged))
    if any(change.table.table_name in RULES_TABLES for change in judged.changes):
        turn.rules_version += 1
    return Outcome(submission.op_id, submission.dseq, judged.outcome, judged.code, detail, turn.seq)


def _change_rows(seq: int, judged: Judged) -> Iterable[dict[str, Any]]:
    for part, change in enumerate(judged.changes):
        before = change.table.seen_by(change.before.__dict__) if change.before is not None else ()
        after = change.table.seen_by(change.after.__dict__)
        if before or after:
            yield {
                "seq": seq,
                "part": part,
                "table_name": change.table.table_name,
                "row_id": change.after.id,
                "before": " ".join(before),
                "after": " ".join(after),
                "body": encode_row(change.after) if after else b"",
            }


def perform_again(store: Store, now: int, parked: Submission) -> Outcome | None:
    """An act that could not be judged is judged once more under its own id; None when it still cannot be, or when
    another process has judged it just now.

    What it changes belongs to a mark, a number of its own in the log: what is sealed there already stays as it is.
    """
    with store.writing() as connection:
        head = log.lock_head(connection)
        waiting = log.known_ops(connection, [parked.op_id]).get(parked.op_id)
        if waiting is None or waiting.outcome != PARKED:
            return None
        turn = Turn(at=max(now, head.at), seq=head.seq, rules_version=head.rules_version, seal=head.seal)
        instants = log.instants_of(connection, [parked.base_seq])
        with connection.begin_nested() as trial:
            judged = _judge_alone(connection, turn, replace(parked, again=True), instants)
            if judged.outcome == PARKED:
                trial.rollback()
        if judged.outcome == PARKED:
            return None
        mark = replace(
            parked,
            op_id=due_op_id(log.JUDGED_AGAIN, parked.op_id.hex(), turn.at),
            kind=log.JUDGED_AGAIN,
            entity=parked.op_id.hex(),
            body=parked.op_id,
            incarnation="",
            chain=b"",
        )
        outcome = _record(turn, mark, judged)
        log.append(connection, ops=turn.ops, bodies=turn.bodies, changes=turn.changes, again=[])
        final = {"outcome": outcome.outcome, "code": outcome.code, "detail": outcome.detail}
        log.judged_again(connection, parked.op_id, seq=turn.seq, **final)
        log.advance_head(connection, seq=turn.seq, at=turn.at, rules_version=turn.rules_version, seal=turn.seal)
    return Outcome(parked.op_id, parked.dseq, outcome.outcome, outcome.code, outcome.detail, outcome.commit_seq)
