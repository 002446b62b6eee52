"""Invariants of one console's store, measured against the replica of the hospital's log (sync.md §3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from core.store import image, queue
from core.store.device_schema import op, op_row, outcome, shadow
from core.store.tables import decode_row
from sync.client import overlay, rebase
from sync.client.overlay import row_keys
from sync.protocol import APPLIED, Changes
from sync.simulation.console import Console
from sync.simulation.disk import Shelf
from sync.simulation.journal import Broken, Journal
from sync.simulation.replica import Replica
from sync.simulation.views import rows_held

Touched = dict[int, dict[str, str]]  # place -> key -> modes


@dataclass(slots=True)
class Watch:
    """What was seen of one console the last time."""

    epoch: str = ""
    seq: int = 0
    ready: int = 0
    touched: Touched = field(default_factory=dict)
    settled: frozenset[int] = frozenset()
    asks: int = 0  # of the server, since the last quiet point


def see(watch: Watch, console: Console) -> None:
    """Before a console takes in a word: what its unsettled acts touch."""
    with console.store.reading() as connection:
        watch.touched = _touched(connection)


def check_take(
    watch: Watch, console: Console, replica: Replica, epoch: str, changes: Changes | None, replayed: int
) -> None:
    """After a console took in a word: everything cheap, on what the word touched."""
    with console.store.reading() as connection:
        cursor = queue.read_cursor(connection)
        assert cursor is not None
        cursor_never_goes_back(watch, cursor, console.name)
        if changes is None or epoch != cursor.epoch or epoch != changes.epoch or cursor.seq != changes.next:
            return
        after = _touched(connection)
        affected = affected_by(watch.touched, after, changes, replica)
        rebase_touches_what_it_must(affected, replayed, console.name)
        own_changes_stay(connection, watch.touched, after, affected, console.name)
        if cursor.seq >= cursor.ready_seq:
            changed_rows_are_the_hospital_s(connection, cursor, replica, changes, console.name)


def cursor_never_goes_back(watch: Watch, cursor: queue.Cursor, name: str) -> None:
    """20. A cursor never goes back within an epoch; while it loads, it is not usable before it was where it had been."""
    if cursor.epoch == watch.epoch and cursor.seq < watch.seq and cursor.ready_seq < watch.seq:
        raise Broken("20", f"the cursor of {name} went from {watch.seq} back to {cursor.seq}")
    watch.epoch, watch.seq = cursor.epoch, cursor.seq


def rebase_touches_what_it_must(affected: frozenset[int], replayed: int, name: str) -> None:
    """17. A rebase replays no more acts than the change can reach."""
    if replayed > len(affected):
        raise Broken("17", f"{name} replayed {replayed} acts for a change that reaches {len(affected)}")


def own_changes_stay(
    connection: Connection, before: Touched, after: Touched, affected: frozenset[int], name: str
) -> None:
    """11. What an own act shows stays as it is until the act settles, unless a change reaches it."""
    for place, keys in before.items():
        if place not in affected and after.get(place) != keys:
            raise Broken("11", f"act {place} of {name} showed {sorted(keys)} and now {sorted(after.get(place, {}))}")


def changed_rows_are_the_hospital_s(
    connection: Connection, cursor: queue.Cursor, replica: Replica, changes: Changes, name: str
) -> None:
    """4, on the rows of one answer: shadow over table is the row at the cursor, or nothing where it has left."""
    for change in changes.changes:
        key = (change.table, change.row_id)
        version = replica.version(key, cursor.seq)
        seen = version is not None and version.row is not None and not version.after.isdisjoint(cursor.audiences)
        told: Any = version.row if version is not None and seen else None
        found = rebase.base_row(connection, *key)
        if not _same(found, told):
            raise Broken("4", f"{name} at {cursor.seq} has {found!r} where the hospital has {told!r}")


def affected_by(before: Touched, after: Touched, changes: Changes, replica: Replica) -> frozenset[int]:
    """Acts that a change can reach: they touched a changed row, or share a written row with one that is reached."""
    keys: set[str] = set()
    for change in changes.changes:
        keys.add(f"{change.table} {change.row_id}")
        if change.body:
            keys.update(row_keys(decode_row(change.table, change.body)))
        for version in replica.rows.get((change.table, change.row_id), ()):
            if version.row is not None:
                keys.update(row_keys(version.row))
    merged: Touched = {}
    for place in (*before, *after):
        mine = merged.setdefault(place, {})
        for touched in (before, after):
            for key, modes in touched.get(place, {}).items():
                mine[key] = mine.get(key, "") + modes
    settled = [place for place in before if place not in after]
    reached = {place for place, touched in merged.items() if place in settled or not keys.isdisjoint(touched)}
    grows = True
    while grows:
        wrote = {key for place in reached for key, modes in merged[place].items() if overlay.WROTE in modes}
        all_keys = {key for place in reached for key in merged[place]}
        more = {
            place
            for place, touched in merged.items()
            if place not in reached
            and any(key in wrote or (overlay.WROTE in modes and key in all_keys) for key, modes in touched.items())
        }
        reached |= more
        grows = bool(more)
    return frozenset(reached)


# -- whole stores -----------------------------------------------------------------------------------------------------


def check_store(console: Console, replica: Replica, journal: Journal, shelf: Shelf, epoch: str) -> None:
    """Everything that can be said of a store as it lies there."""
    with console.store.reading() as connection:
        cursor = queue.read_cursor(connection)
        assert cursor is not None
        rows = rows_held(connection)
        base = _base_of(connection, rows)
        outcomes = connection.execute(select(outcome)).all()
        _intact(connection, console.name)
    holds_nothing_else(base, cursor, console.name)
    if cursor.epoch == epoch:
        verdicts_are_the_log_s(outcomes, replica, journal, console.name)
        if cursor.audiences and cursor.seq >= cursor.ready_seq:
            holds_exactly(base, cursor, replica, console.name)
    tables_are_a_replay(console, rows, shelf)


def holds_exactly(base: dict[tuple[str, str], Any], cursor: queue.Cursor, replica: Replica, name: str) -> None:
    """4, 5. For the cursor it has, a console holds exactly the hospital's rows of its audiences."""
    wanted = replica.held_by(cursor.audiences, cursor.seq)
    for key in sorted({*wanted, *base}):
        if not _same(base.get(key), wanted.get(key)):
            raise Broken("4", f"{name} at {cursor.seq}: {key} is {base.get(key)!r}, the hospital's {wanted.get(key)!r}")


def holds_nothing_else(base: dict[tuple[str, str], Any], cursor: queue.Cursor, name: str) -> None:
    """10, N10. No row outside its audiences is in a console's store."""
    may = frozenset(cursor.audiences)
    for (table, row_id), row in base.items():
        if may.isdisjoint(type(row).seen_by(row.__dict__)):
            raise Broken("10", f"{name} holds {table} {row_id} and no audience of it")


def verdicts_are_the_log_s(outcomes: Any, replica: Replica, journal: Journal, name: str) -> None:
    """1, 2. What a console says of an act is what the log says."""
    for told in outcomes:
        act = replica.by_id.get(bytes(told.op_id))
        if act is None or act.seq != told.commit_seq:
            raise Broken("1", f"{name} has a verdict {told.outcome} at {told.commit_seq} that the log has not")
        journal.show(bytes(told.op_id), told.outcome, told.code, name)


def tables_are_a_replay(console: Console, rows: dict[tuple[str, str], Any], shelf: Shelf) -> None:
    """5. Tables are the server's rows with every unsettled act replayed over them, at every step."""
    scratch = shelf.take(console.store.content(), whole=False)
    try:
        with scratch.writing() as connection:
            cursor = queue.read_cursor(connection)
            assert cursor is not None
            overlay.restore(connection, image.all_shadows(connection))
            rebase.replay_everything(connection, cursor)
            again = rows_held(connection)
    finally:
        shelf.give_back(scratch)
    for key in sorted({*rows, *again}):
        if not _same(rows.get(key), again.get(key)):
            raise Broken("5", f"{console.name}: {key} is {rows.get(key)!r}, a replay says {again.get(key)!r}")


def unsettled_acts(console: Console) -> list[tuple[bytes, str]]:
    """(op id, kind) of acts whose rows have not come yet."""
    with console.store.reading() as connection:
        return [(bytes(stored.op_id), stored.kind) for stored in queue.unsettled(connection)]


def applied_ids(console: Console) -> frozenset[bytes]:
    with console.store.reading() as connection:
        rows = connection.execute(select(outcome.c.op_id).where(outcome.c.outcome == APPLIED))
        return frozenset(bytes(row.op_id) for row in rows)


def _intact(connection: Connection, name: str) -> None:
    """N23. Every store is whole after every fault."""
    if connection.exec_driver_sql("PRAGMA quick_check(1)").scalar() != "ok":
        raise Broken("N23", f"the store of {name} is damaged")


def _touched(connection: Connection) -> Touched:
    rows = connection.execute(
        select(op_row.c.place, op_row.c.key, op_row.c.mode)
        .join(op, op.c.place == op_row.c.place)
        .outerjoin(outcome, outcome.c.op_id == op.c.op_id)
        .where((outcome.c.settled.is_(None)) | (outcome.c.settled == 0))
        .order_by(op_row.c.place, op_row.c.key, op_row.c.mode)
    )
    touched: Touched = {}
    for row in rows:
        mine = touched.setdefault(row.place, {})
        mine[row.key] = mine.get(row.key, "") + row.mode
    return touched


def _base_of(connection: Connection, rows: dict[tuple[str, str], Any]) -> dict[tuple[str, str], Any]:
    """Shadow over tables: what this console believes the server has."""
    base = dict(rows)
    for kept in connection.execute(select(shadow)):
        key = (kept.table_name, kept.row_id)
        if kept.body:
            base[key] = decode_row(kept.table_name, bytes(kept.body))
        else:
            base.pop(key, None)
    return base


def _same(one: Any, other: Any) -> bool:
    if one is None or other is None:
        return one is other
    return bool(one.__dict__ == other.__dict__)
