"""What the hospital knew at every number of its log, told from the log by somebody outside:
the measure of every console."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from core.kernel.row import Row
from core.store import log
from core.store.server_schema import op
from core.store.tables import decode_row
from sync.simulation.disk import VirtualStore

Key = tuple[str, str]  # table, id


@dataclass(frozen=True, slots=True)
class Version:
    """One row after one act. row: None where nobody may see it any more."""

    seq: int
    before: frozenset[str]
    after: frozenset[str]
    row: Row | None


@dataclass(frozen=True, slots=True)
class Judgement:
    """One act as the log keeps it, with the rows it changed in their order. A mark says what became of an act that
    could not be judged before: its kind is that act's, and so is `of`."""

    seq: int
    op_id: bytes
    of: bytes
    origin: str
    device: str
    incarnation: str
    dseq: int
    actor_id: str
    kind: str
    outcome: str
    code: str
    body_hash: bytes
    chain: bytes
    at: int
    changes: tuple[tuple[Key, Version], ...]

    @property
    def is_mark(self) -> bool:
        return self.of != self.op_id


class Replica:
    """See the module. It only ever reads whole numbers, in their order."""

    def __init__(self) -> None:
        self.rows: dict[Key, list[Version]] = {}
        self.acts: list[Judgement] = []  # acts[n] has the number n + 1
        self.by_id: dict[bytes, Judgement] = {}
        self.marks: dict[bytes, Judgement] = {}  # act that was parked -> what it came to

    @property
    def seq(self) -> int:
        return len(self.acts)

    def copy(self) -> Replica:
        other = Replica()
        other.rows = {key: list(versions) for key, versions in self.rows.items()}
        other.acts = list(self.acts)
        other.by_id = dict(self.by_id)
        other.marks = dict(self.marks)
        return other

    def read(self, store: VirtualStore) -> list[Judgement]:
        """What has been added to the log since the last time. Asserts nothing: what is odd shows in the numbers."""
        head = int(store.look("SELECT seq FROM head")[0][0])
        if head <= self.seq:
            return []
        with store.reading() as connection:
            changes = log.changes_between(connection, self.seq, head)
            acts = connection.execute(select(op).where(op.c.commit_seq > self.seq).order_by(op.c.commit_seq)).all()
        by_seq: dict[int, list[tuple[Key, Version]]] = {}
        for change in changes:
            by_seq.setdefault(change.seq, []).append(_version(change))
        fresh = []
        for row in acts:
            act = self._judgement(row, tuple(by_seq.get(row.commit_seq, ())))
            fresh.append(act)
            self.acts.append(act)
            self.by_id[act.op_id] = act
            if act.is_mark:
                self.marks.setdefault(act.of, act)
            for key, version in act.changes:
                self.rows.setdefault(key, []).append(version)
        return fresh

    def back_to(self, seq: int) -> None:
        """The hospital was restored from a backup that ended here."""
        for act in self.acts[seq:]:
            del self.by_id[act.op_id]
            if self.marks.get(act.of) is act:
                del self.marks[act.of]
        del self.acts[seq:]
        for key, versions in list(self.rows.items()):
            while versions and versions[-1].seq > seq:
                versions.pop()
            if not versions:
                del self.rows[key]

    def verdict(self, op_id: bytes) -> Judgement | None:
        """The last word on an act, as the log stands."""
        return self.marks.get(op_id) or self.by_id.get(op_id)

    def version(self, key: Key, seq: int) -> Version | None:
        """The row as it stood after this number."""
        for version in reversed(self.rows.get(key, ())):
            if version.seq <= seq:
                return version
        return None

    def now(self, table: str, row_id: str) -> Any:
        """The row as it is, as far as anybody may see it; else None."""
        versions = self.rows.get((table, row_id))
        return versions[-1].row if versions else None

    def all(self, table: str) -> Iterator[Any]:
        """Every row of a table as it is now, in the order in which they came to be."""
        for (name, _), versions in self.rows.items():
            if name == table and versions[-1].row is not None:
                yield versions[-1].row

    def held_by(self, audiences: Iterable[str], seq: int) -> dict[Key, Row]:
        """Exactly what a reader of these audiences holds at this number (invariant 4)."""
        may = frozenset(audiences)
        held = {}
        for key in self.rows:
            version = self.version(key, seq)
            if version is not None and version.row is not None and not may.isdisjoint(version.after):
                held[key] = version.row
        return held

    def _judgement(self, act: Any, changes: tuple[tuple[Key, Version], ...]) -> Judgement:
        of = bytes.fromhex(act.entity) if act.kind == log.JUDGED_AGAIN else bytes(act.op_id)
        first = self.by_id.get(of)
        return Judgement(
            seq=act.commit_seq,
            op_id=bytes(act.op_id),
            of=of,
            origin=act.origin,
            device=act.origin_ref,
            incarnation=act.incarnation,
            dseq=act.dseq,
            actor_id=act.actor_id,
            kind=first.kind if first is not None else act.kind,
            outcome=act.outcome,
            code=act.code,
            body_hash=bytes(act.body_hash),
            chain=bytes(act.chain),
            at=act.received_at,
            changes=changes,
        )


def _version(change: Any) -> tuple[Key, Version]:
    row = decode_row(change.table_name, bytes(change.body)) if change.body else None
    version = Version(change.seq, frozenset(change.before.split()), frozenset(change.after.split()), row)
    return (change.table_name, change.row_id), version
