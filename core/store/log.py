"""The hospital's log on the server: the head that numbers every act, the acts, and the rows each of them changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update

from core.store.server_schema import change, head, incarnation, op, op_body, resent


@dataclass(frozen=True, slots=True)
class Head:
    """Where the hospital's log stands. `at` never decreases."""

    epoch: str
    seq: int
    at: int
    rules_version: int
    durable_seq: int
    practice: bool
    epochs: str

    def history(self) -> tuple[tuple[str, int], ...]:
        """Every epoch there was, with the number of the backup that it began with."""
        words = self.epochs.split()
        return tuple(zip(words[::2], map(int, words[1::2]), strict=True))


_HEAD = (
    head.c.epoch,
    head.c.seq,
    head.c.at,
    head.c.rules_version,
    head.c.durable_seq,
    head.c.practice,
    head.c.epochs,
)
_LOCK = (
    update(head)
    .values(turn=head.c.turn + 1)
    .returning(*_HEAD)
)
_ADVANCE = update(head).values(seq=bindparam("new_seq"), at=bindparam("new_at"), rules_version=bindparam("new_rules"))
_READ_HEAD = select(*_HEAD)
_KNOWN = select(op.c.op_id, op.c.incarnation, op.c.dseq, op.c.outcome, op.c.code, op.c.detail, op.c.commit_seq).where(
    op.c.op_id.in_(bindparam("ids", expanding=True))
)
_INSTANTS = select(op.c.commit_seq, op.c.received_at).where(op.c.commit_seq.in_(bindparam("seqs", expanding=True)))
_CHANGES = (
    select(change)
    .where(change.c.seq > bindparam("after"), change.c.seq <= bindparam("until"))
    .order_by(change.c.seq, change.c.part)
)
_OUTCOMES = (
    select(op.c.op_id, op.c.dseq, op.c.outcome, op.c.code, op.c.detail, op.c.commit_seq)
    .where(
        op.c.origin_ref == bindparam("device"),
        op.c.commit_seq > bindparam("after"),
        op.c.commit_seq <= bindparam("until"),
        op.c.origin == "device",
    )
    .order_by(op.c.commit_seq)
)
_ALL_OUTCOMES = (
    select(op.c.origin_ref, op.c.op_id, op.c.dseq, op.c.outcome, op.c.code, op.c.detail, op.c.commit_seq)
    .where(op.c.commit_seq > bindparam("after"), op.c.commit_seq <= bindparam("until"), op.c.origin == "device")
    .order_by(op.c.commit_seq)
)
_INCARNATION = select(incarnation).where(incarnation.c.id == bindparam("incarnation_id"))
_STEP_INCARNATION = (
    update(incarnation)
    .where(incarnation.c.id == bindparam("incarnation_id"))
    .values(last_dseq=bindparam("new_dseq"), head_hash=bindparam("new_hash"))
)
_INSERT_OP = insert(op)
_INSERT_BODY = insert(op_body)
_INSERT_CHANGE = insert(change)


def create_hospital(connection: Connection, *, epoch: str, at: int, signing_seed: str, practice: bool) -> None:
    """The one head row of a new hospital."""
    connection.execute(
        insert(head),
        {
            "one": 1,
            "epoch": epoch,
            "epochs": f"{epoch} 0",
            "seq": 0,
            "at": at,
            "turn": 0,
            "rules_version": 1,
            "durable_seq": 0,
            "practice": practice,
            "signing_seed": signing_seed,
        },
    )


def is_created(connection: Connection) -> bool:
    return connection.execute(select(func.count()).select_from(head)).scalar_one() == 1


def signing_seed(connection: Connection) -> str:
    return str(connection.execute(select(head.c.signing_seed)).scalar_one())


def lock_head(connection: Connection) -> Head:
    """The first statement of every turn: from here to commit nobody else writes this hospital (sync.md §2.5)."""
    return Head(*connection.execute(_LOCK).one())


def read_head(connection: Connection) -> Head:
    return Head(*connection.execute(_READ_HEAD).one())


def advance_head(connection: Connection, *, seq: int, at: int, rules_version: int) -> None:
    connection.execute(_ADVANCE, {"new_seq": seq, "new_at": at, "new_rules": rules_version})


def known_ops(connection: Connection, op_ids: Sequence[bytes]) -> dict[bytes, Any]:
    """The acts among these that were judged before: op_id, incarnation, dseq, outcome, code, detail, commit_seq."""
    found: dict[bytes, Any] = {}
    for start in range(0, len(op_ids), 500):
        for row in connection.execute(_KNOWN, {"ids": list(op_ids[start : start + 500])}):
            found[bytes(row.op_id)] = row
    return found


def instants_of(connection: Connection, seqs: Iterable[int]) -> dict[int, int]:
    """When these numbers were committed, ms UTC; 0 has no instant."""
    wanted = [seq for seq in dict.fromkeys(seqs) if seq > 0]
    if not wanted:
        return {}
    return {row.commit_seq: row.received_at for row in connection.execute(_INSTANTS, {"seqs": wanted})}


def append(
    connection: Connection,
    *,
    ops: list[dict[str, Any]],
    bodies: list[dict[str, Any]],
    changes: list[dict[str, Any]],
    again: list[dict[str, Any]],
) -> None:
    """The acts of a turn, what they changed, and acts known already that came again under a new incarnation."""
    if ops:
        connection.execute(_INSERT_OP, ops)
    if bodies:
        connection.execute(_INSERT_BODY, bodies)
    if changes:
        connection.execute(_INSERT_CHANGE, changes)
    if again:
        connection.execute(insert(resent), again)


def changes_between(connection: Connection, after: int, until: int) -> Sequence[Any]:
    """Rows of `change` with after < seq <= until, in order: whole acts, always."""
    return connection.execute(_CHANGES, {"after": after, "until": until}).all()


def outcomes_between(connection: Connection, device: str, after: int, until: int) -> Sequence[Any]:
    return connection.execute(_OUTCOMES, {"device": device, "after": after, "until": until}).all()


def all_outcomes_between(connection: Connection, after: int, until: int) -> Sequence[Any]:
    """The same for every device at once, each with its `origin_ref`."""
    return connection.execute(_ALL_OUTCOMES, {"after": after, "until": until}).all()


def incarnation_row(connection: Connection, incarnation_id: str) -> Mapping[str, Any] | None:
    row = connection.execute(_INCARNATION, {"incarnation_id": incarnation_id}).mappings().one_or_none()
    return dict(row) if row is not None else None


def open_incarnation(connection: Connection, *, incarnation_id: str, device_id: str, at: int, start: bytes) -> None:
    connection.execute(
        insert(incarnation),
        {
            "id": incarnation_id,
            "device_id": device_id,
            "last_dseq": 0,
            "head_hash": start,
            "opened_at": at,
            "cursor": 0,
            "heard_at": at,
            "waiting": 0,
        },
    )


def step_incarnation(connection: Connection, incarnation_id: str, *, last_dseq: int, head_hash: bytes) -> None:
    connection.execute(
        _STEP_INCARNATION, {"incarnation_id": incarnation_id, "new_dseq": last_dseq, "new_hash": head_hash}
    )


def note_heard(connection: Connection, incarnation_id: str, *, cursor: int, at: int, waiting: int) -> None:
    """How far a device says it has come; a screen's "seen by" reads it."""
    connection.execute(
        update(incarnation)
        .where(incarnation.c.id == incarnation_id)
        .values(cursor=cursor, heard_at=at, waiting=waiting)
    )


def note_contact(connection: Connection, incarnation_id: str, *, at: int) -> None:
    """A device was in contact; how far it has come is told elsewhere."""
    connection.execute(update(incarnation).where(incarnation.c.id == incarnation_id).values(heard_at=at))


def outcome_of(connection: Connection, op_id: bytes, origin_ref: str) -> Any:
    """The act's row for whoever gave it, None for anybody else's."""
    mine = select(op.c.kind, op.c.entity, op.c.outcome, op.c.code, op.c.detail).where(op.c.op_id == op_id)
    return connection.execute(mine.where(op.c.origin_ref == origin_ref)).one_or_none()


def ops_from(connection: Connection, incarnation_id: str, dseqs: Sequence[int]) -> dict[int, Any]:
    """dseq -> (op_id, chain) of acts this incarnation has pushed before."""
    found: dict[int, Any] = {}
    for table in (op, resent):
        rows = connection.execute(
            select(table.c.dseq, table.c.op_id, table.c.chain).where(
                table.c.incarnation == incarnation_id, table.c.dseq.in_(list(dseqs))
            )
        )
        found.update({row.dseq: row for row in rows})
    return found


def devices_heard(connection: Connection) -> Sequence[Any]:
    """Each incarnation with its cursor, when it was last heard, and what it said is waiting."""
    return connection.execute(select(incarnation).order_by(incarnation.c.opened_at)).all()


def ops_about(connection: Connection, entity: str, limit: int) -> Sequence[Any]:
    """The acts about one row, oldest first."""
    return connection.execute(select(op).where(op.c.entity == entity).order_by(op.c.commit_seq).limit(limit)).all()


def ops_counted(connection: Connection) -> dict[str, int]:
    """How many acts ended how."""
    rows = connection.execute(select(op.c.outcome, func.count()).group_by(op.c.outcome))
    return {row[0]: row[1] for row in rows}


def parked_bodies(connection: Connection, limit: int) -> Sequence[Any]:
    """Acts the server could not judge, with their bytes."""
    return connection.execute(
        select(op.c.op_id, op.c.commit_seq, op_body.c.body)
        .join(op_body, op_body.c.op_id == op.c.op_id)
        .where(op.c.outcome == "parked")
        .order_by(op.c.commit_seq)
        .limit(limit)
    ).all()
