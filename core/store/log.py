"""The hospital's log on the server: the head that numbers every act, the acts, and the rows each of them changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update

from core.store.server_schema import change, head, incarnation, op, op_body, resent
from core.store.statement import Statement

ID_BYTES = 16  # of an act
JUDGED_AGAIN = "cases.judge_parked"  # a mark: the number under which a parked act was judged after all


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
    horizon_seq: int = 0
    erased_seq: int = 0
    seal: bytes = b""

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
    head.c.horizon_seq,
    head.c.erased_seq,
    head.c.seal,
)
_LOCK = Statement(update(head).values(turn=head.c.turn + 1).returning(*_HEAD))
_ADVANCE = Statement(
    update(head).values(
        seq=bindparam("new_seq"),
        at=bindparam("new_at"),
        rules_version=bindparam("new_rules"),
        seal=bindparam("new_seal"),
    )
)
_READ_HEAD = Statement(select(*_HEAD))
_KNOWN = Statement(
    select(
        op.c.op_id,
        op.c.incarnation,
        op.c.dseq,
        op.c.outcome,
        op.c.code,
        op.c.detail,
        op.c.told_seq.label("commit_seq"),
    ).where(op.c.op_id.in_(bindparam("ids", expanding=True)))
)
_INSTANTS = Statement(
    select(op.c.commit_seq, op.c.received_at).where(op.c.commit_seq.in_(bindparam("seqs", expanding=True)))
)
_CHANGES = Statement(
    select(change)
    .where(change.c.seq > bindparam("after"), change.c.seq <= bindparam("until"))
    .order_by(change.c.seq, change.c.part)
)
# an outcome that an act got by a later mark is told with that mark, never before it: a reader who is not there yet does
# not have its rows, and a backup that ends in between knows nothing of it
_TOLD = (
    select(
        op.c.origin_ref,
        op.c.op_id,
        op.c.dseq,
        op.c.outcome,
        op.c.code,
        op.c.detail,
        op.c.told_seq.label("commit_seq"),
        op.c.kind,
        op.c.entity,
    )
    .where(
        op.c.commit_seq > bindparam("after"),
        op.c.commit_seq <= bindparam("until"),
        op.c.told_seq <= bindparam("until"),
        op.c.origin == "device",
    )
    .order_by(op.c.commit_seq)
)
_OUTCOMES = Statement(_TOLD.where(op.c.origin_ref == bindparam("device")))
_ALL_OUTCOMES = Statement(_TOLD)
_AFTER_ALL = Statement(_TOLD.where(op.c.origin_ref == bindparam("device"), op.c.kind == JUDGED_AGAIN))
_INCARNATION = Statement(select(incarnation).where(incarnation.c.id == bindparam("incarnation_id")))
_STEP_INCARNATION = Statement(
    update(incarnation)
    .where(incarnation.c.id == bindparam("incarnation_id"))
    .values(last_dseq=bindparam("new_dseq"), head_hash=bindparam("new_hash"))
)
_INSERT_OP = Statement(insert(op))
_INSERT_RESENT = Statement(insert(resent))
_NOTE_HEARD = Statement(
    update(incarnation)
    .where(incarnation.c.id == bindparam("incarnation_id"))
    .values(cursor=bindparam("new_cursor"), heard_at=bindparam("now"), waiting=bindparam("left"))
)
_NOTE_CONTACT = Statement(
    update(incarnation).where(incarnation.c.id == bindparam("incarnation_id")).values(heard_at=bindparam("now"))
)
_INSERT_BODY = Statement(insert(op_body))
_INSERT_CHANGE = Statement(insert(change))


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
            "horizon_seq": 0,
            "erased_seq": 0,
            "seal": b"",
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
    return Head(*_LOCK.one(connection))


def read_head(connection: Connection) -> Head:
    return Head(*_READ_HEAD.one(connection))


def advance_head(connection: Connection, *, seq: int, at: int, rules_version: int, seal: bytes) -> None:
    _ADVANCE.run(connection, {"new_seq": seq, "new_at": at, "new_rules": rules_version, "new_seal": seal})


def known_ops(connection: Connection, op_ids: Sequence[bytes]) -> dict[bytes, Any]:
    """The acts among these that were judged before: op_id, incarnation, dseq, outcome, code, detail, and as commit_seq
    the number of the outcome."""
    found: dict[bytes, Any] = {}
    for start in range(0, len(op_ids), 500):
        for row in _KNOWN.all(connection, {"ids": op_ids[start : start + 500]}):
            found[bytes(row.op_id)] = row
    return found


def instants_of(connection: Connection, seqs: Iterable[int]) -> dict[int, int]:
    """When these numbers were committed, ms UTC; 0 has no instant."""
    wanted = [seq for seq in dict.fromkeys(seqs) if seq > 0]
    if not wanted:
        return {}
    return {row.commit_seq: row.received_at for row in _INSTANTS.all(connection, {"seqs": wanted})}


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
        _INSERT_OP.many(connection, ops)
    if bodies:
        _INSERT_BODY.many(connection, bodies)
    if changes:
        _INSERT_CHANGE.many(connection, changes)
    if again:
        _INSERT_RESENT.many(connection, again)


def changes_between(connection: Connection, after: int, until: int) -> Sequence[Any]:
    """Rows of `change` with after < seq <= until, in order: whole acts, always."""
    return _CHANGES.all(connection, {"after": after, "until": until})


def outcomes_between(connection: Connection, device: str, after: int, until: int) -> Sequence[Any]:
    return _OUTCOMES.all(connection, {"device": device, "after": after, "until": until})


def outcomes_after_all(connection: Connection, device: str, after: int, until: int) -> Sequence[Any]:
    """Only those of acts that could not be judged at first."""
    return _AFTER_ALL.all(connection, {"device": device, "after": after, "until": until})


def all_outcomes_between(connection: Connection, after: int, until: int) -> Sequence[Any]:
    """The same for every device at once, each with its `origin_ref`."""
    return _ALL_OUTCOMES.all(connection, {"after": after, "until": until})


def told_of(row: Any) -> bytes:
    """The id of the act that an outcome is of: a mark of the log stands for the act that was judged again."""
    return bytes.fromhex(row.entity) if row.kind == JUDGED_AGAIN else bytes(row.op_id)


def parked(connection: Connection, limit: int) -> Sequence[Any]:
    """Acts the server could not judge, oldest first, with their bytes (None where they are gone)."""
    listed = select(op, op_body.c.body).outerjoin(op_body, op_body.c.op_id == op.c.op_id)
    return connection.execute(listed.where(op.c.outcome == "parked").order_by(op.c.commit_seq).limit(limit)).all()


def judged_again(connection: Connection, op_id: bytes, *, seq: int, outcome: str, code: str, detail: str) -> None:
    """What could not be judged has its outcome after all, once, by the mark with this number."""
    again = update(op).where(op.c.op_id == op_id, op.c.outcome == "parked")
    connection.execute(again.values(told_seq=seq, outcome=outcome, code=code, detail=detail))


def incarnation_row(connection: Connection, incarnation_id: str) -> Mapping[str, Any] | None:
    row = _INCARNATION.first(connection, {"incarnation_id": incarnation_id})
    return dict(row._asdict()) if row is not None else None


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
    _STEP_INCARNATION.run(connection, {"incarnation_id": incarnation_id, "new_dseq": last_dseq, "new_hash": head_hash})


def note_heard(connection: Connection, incarnation_id: str, *, cursor: int, at: int, waiting: int) -> None:
    """How far a device says it has come; a screen's "seen by" reads it."""
    values = {"incarnation_id": incarnation_id, "new_cursor": cursor, "now": at, "left": waiting}
    _NOTE_HEARD.run(connection, values)


def note_contact(connection: Connection, incarnation_id: str, *, at: int) -> None:
    """A device was in contact; how far it has come is told elsewhere."""
    _NOTE_CONTACT.run(connection, {"incarnation_id": incarnation_id, "now": at})


def seal_at(connection: Connection, seq: int) -> bytes:
    """Of the act with this number; b"" when there is none."""
    found = connection.execute(select(op.c.seal).where(op.c.commit_seq == seq)).scalar_one_or_none()
    return bytes(found) if found is not None else b""


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


def ops_named(connection: Connection, ending: bytes) -> list[Any]:
    """Acts whose id ends like this; two are enough to know that it names no single one."""
    ends = func.lower(func.substr(func.hex(op.c.op_id), 33 - 2 * len(ending))) == ending.hex()
    if connection.dialect.name != "sqlite":
        ends = func.right(func.encode(op.c.op_id, "hex"), 2 * len(ending)) == ending.hex()
    if len(ending) == ID_BYTES:
        ends = op.c.op_id == ending
    return list(connection.execute(select(op).where(ends).limit(2)))


def again_and_kept(connection: Connection, op_id: bytes) -> tuple[int, bool]:
    """How often an act came again at another place of a chain, and whether its bytes are still here."""
    again = connection.execute(select(func.count()).select_from(resent).where(resent.c.op_id == op_id)).scalar_one()
    kept = connection.execute(select(op_body.c.op_id).where(op_body.c.op_id == op_id)).first() is not None
    return int(again), kept


def ops_counted(connection: Connection) -> dict[str, int]:
    """How many acts ended how."""
    rows = connection.execute(select(op.c.outcome, func.count()).group_by(op.c.outcome))
    return {row[0]: row[1] for row in rows}
