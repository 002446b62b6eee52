"""Invariants of one console's store, measured against the replica of the hospital's log (sync.md §3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from core.devices import limits
from core.kernel.policy import DEFAULTS
from core.kernel.row import Row
from core.kernel.values import MINUTE_MS
from core.store import image, queue
from core.store.tables import decode_row
from sync.client import overlay, rebase
from sync.client.overlay import row_keys
from sync.protocol import PARKED, Changes
from sync.simulation import hospital
from sync.simulation.console import Console
from sync.simulation.disk import Shelf, VirtualStore
from sync.simulation.journal import Broken, Journal
from sync.simulation.replica import Replica
from sync.simulation.views import row_held, rows_held

OF_EACH_STORE = ("1", "2", "4", "5", "10", "N08", "N10", "N23")
OF_EACH_WORD = ("4", "11", "17", "20", "N08")
CLOCK_PERCENT = 1  # a console's quartz may be this wrong
SKEW_MS = 5 * MINUTE_MS
Touched = dict[int, dict[str, str]]  # place -> key -> modes
TOUCHED = """
    SELECT op_row.place, op_row.key, op_row.mode FROM op_row JOIN op ON op.place = op_row.place
    LEFT JOIN outcome ON outcome.op_id = op.op_id WHERE coalesce(outcome.settled, 0) = 0
    ORDER BY op_row.place, op_row.key, op_row.mode
"""
UNSETTLED = """
    SELECT op.kind FROM op LEFT JOIN outcome ON outcome.op_id = op.op_id
    WHERE coalesce(outcome.settled, 0) = 0 ORDER BY op.place
"""


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a console has come."""

    epoch: str
    seq: int
    ready_seq: int
    audiences: tuple[str, ...]


@dataclass(slots=True)
class Watch:
    """What was seen of one console the last time."""

    epoch: str = ""
    seq: int = 0
    ready: int = 0
    audiences: tuple[str, ...] = ()
    touched: Touched = field(default_factory=dict)
    asks: int = 0  # of the server, since the last quiet point


def see(watch: Watch, console: Console) -> None:
    """Before a console takes in a word: what its unsettled acts touch."""
    watch.touched = _touched(console.store)


def check_take(
    watch: Watch,
    console: Console,
    replica: Replica,
    journal: Journal,
    epoch: str,
    changes: Changes | None,
    replayed: int,
) -> None:
    """After a console took in a word: everything cheap, on what the word touched."""
    journal.check("20")
    cursor = _cursor(console.store)
    before, watch.audiences = watch.audiences, cursor.audiences
    cursor_never_goes_back(watch, cursor, console.name)
    if changes is None or epoch != cursor.epoch or epoch != changes.epoch or cursor.seq != changes.next:
        return
    if cursor.audiences != before:
        return  # everything was laid anew
    journal.check(OF_EACH_WORD)
    after = _touched(console.store)
    affected = affected_by(watch.touched, after, changes, replica)
    rebase_touches_what_it_must(affected, replayed, console.name)
    own_changes_stay(watch.touched, after, affected, console.name)
    if cursor.seq >= cursor.ready_seq:
        changed_rows_are_the_hospital_s(console.store, cursor, replica, changes, console.name)


def cursor_never_goes_back(watch: Watch, cursor: Cursor, name: str) -> None:
    """20. A cursor never goes back within an epoch; while it loads,
    it is not usable before it was where it had been."""
    if cursor.epoch == watch.epoch and cursor.seq < watch.seq and cursor.ready_seq < watch.seq:
        raise Broken("20", f"the cursor of {name} went from {watch.seq} back to {cursor.seq}")
    watch.epoch, watch.seq = cursor.epoch, cursor.seq


def rebase_touches_what_it_must(affected: frozenset[int], replayed: int, name: str) -> None:
    """17. A rebase replays no more acts than the change can reach: none where it reaches none. On its way to what
    stands it may have touched rows that nobody touches before or after, so the bound is twice as many."""
    if replayed > 2 * len(affected):
        raise Broken("17", f"{name} replayed {replayed} acts for a change that reaches {len(affected)}")


def own_changes_stay(before: Touched, after: Touched, affected: frozenset[int], name: str) -> None:
    """11. What an own act shows stays as it is until the act settles, unless a change reaches it."""
    for place, keys in before.items():
        if place not in affected and after.get(place) != keys:
            raise Broken("11", f"act {place} of {name} showed {sorted(keys)} and now {sorted(after.get(place, {}))}")


def changed_rows_are_the_hospital_s(
    store: VirtualStore, cursor: Cursor, replica: Replica, changes: Changes, name: str
) -> None:
    """4, on the rows of one answer: shadow over table is the row at the cursor, or nothing where it has left."""
    for change in changes.changes:
        key = (change.table, change.row_id)
        version = replica.version(key, cursor.seq)
        seen = version is not None and version.row is not None and not version.after.isdisjoint(cursor.audiences)
        told: Any = version.row if version is not None and seen else None
        found = _base_row(store, *key)
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
        wrote = {key for place in reached for key, modes in merged[place].items() if queue.WROTE in modes}
        all_keys = {key for place in reached for key in merged[place]}
        more = {
            place
            for place, touched in merged.items()
            if place not in reached
            and any(key in wrote or (queue.WROTE in modes and key in all_keys) for key, modes in touched.items())
        }
        reached |= more
        grows = bool(more)
    return frozenset(reached)


# -- whole stores -----------------------------------------------------------------------------------------------------


def check_store(console: Console, replica: Replica, journal: Journal, shelf: Shelf, epoch: str) -> None:
    """Everything that can be said of a store as it lies there."""
    journal.check(OF_EACH_STORE)
    cursor = _cursor(console.store)
    rows = rows_held(console.store)
    base = _base_of(console.store, rows)
    outcomes = console.store.look("SELECT op_id, outcome, code, commit_seq FROM outcome ORDER BY commit_seq, op_id")
    _intact(console.store, console.name)
    holds_nothing_else(base, cursor, console.name)
    lent_for_so_long(console, cursor)
    if cursor.epoch == epoch:
        verdicts_are_the_log_s(outcomes, replica, journal, console.name)
        if cursor.audiences and cursor.seq >= cursor.ready_seq:
            holds_exactly(base, cursor, replica, console.name)
        tables_are_a_replay(console, rows, shelf)  # rows of an epoch that is over wait to be laid anew


def holds_exactly(base: dict[tuple[str, str], Any], cursor: Cursor, replica: Replica, name: str) -> None:
    """4, 5. For the cursor it has, a console holds exactly the hospital's rows of its audiences."""
    wanted = replica.held_by(cursor.audiences, cursor.seq)
    for key in sorted({*wanted, *base}):
        if not _same(base.get(key), wanted.get(key)):
            raise Broken("4", f"{name} at {cursor.seq}: {key} is {base.get(key)!r}, the hospital's {wanted.get(key)!r}")


def holds_nothing_else(base: dict[tuple[str, str], Any], cursor: Cursor, name: str) -> None:
    """10, N10. No row outside its audiences is in a console's store."""
    may = frozenset(cursor.audiences)
    for (table, row_id), row in base.items():
        if may.isdisjoint(type(row).seen_by(row.__dict__)):
            raise Broken("10", f"{name} holds {table} {row_id} and no audience of it")


def lent_for_so_long(console: Console, cursor: Cursor) -> None:
    """10, by itself: without its server a console gives back what was lent to it, counted by the steady clock."""
    server_at, boot = console.store.look("SELECT server_at, heard_boot FROM cursor")[0]
    if boot != console.clock.now().boot or not cursor.audiences:
        return
    minutes = DEFAULTS[limits.policy_of(hospital.CONSOLES[console.who.kind][0])]
    allowed = minutes * MINUTE_MS * (100 + CLOCK_PERCENT) // 100 + SKEW_MS
    may = ("hospital", f"device:{console.who.device_id}")
    if console.kept_at - server_at > allowed and not set(cursor.audiences).issubset(may):
        raise Broken("10", f"{console.name} was lent {minutes} minutes and still holds {cursor.audiences}")


def verdicts_are_the_log_s(outcomes: Any, replica: Replica, journal: Journal, name: str) -> None:
    """1, 2. What a console says of an act is what the log says."""
    for op_id, outcome, code, commit_seq in outcomes:
        first, act = replica.by_id.get(op_id), replica.verdict(op_id)
        waits = outcome == PARKED and first is not act  # it has not heard yet what became of it
        said = first if waits else act
        if said is None or (said.seq, said.outcome, said.code) != (commit_seq, outcome, code):
            raise Broken("1", f"{name} has a verdict {outcome} {code} at {commit_seq}, the log {said}")
        if not waits:
            journal.show(op_id, outcome, code, name)


def tables_are_a_replay(console: Console, rows: dict[tuple[str, str], Any], shelf: Shelf) -> None:
    """5. Tables are the server's rows with every unsettled act replayed over them, at every step."""
    scratch = shelf.take(console.store.content(), whole=False)
    try:
        with scratch.writing() as connection:
            cursor = queue.read_cursor(connection)
            assert cursor is not None
            overlay.restore(connection, image.all_shadows(connection))
            rebase.replay_everything(connection, cursor)
        again = rows_held(scratch)
    finally:
        shelf.give_back(scratch)
    for key in sorted({*rows, *again}):
        if not _same(rows.get(key), again.get(key)):
            raise Broken("5", f"{console.name}: {key} is {rows.get(key)!r}, a replay says {again.get(key)!r}")


def unsettled_kinds(console: Console) -> list[str]:
    """Acts whose rows have not come yet."""
    return [kind for (kind,) in console.store.look(UNSETTLED)]


def _intact(store: VirtualStore, name: str) -> None:
    """N23. Every store is whole after every fault."""
    if store.look("PRAGMA quick_check(1)") != [("ok",)]:
        raise Broken("N23", f"the store of {name} is damaged")


def _cursor(store: VirtualStore) -> Cursor:
    epoch, seq, ready_seq, audiences = store.look("SELECT epoch, seq, ready_seq, audiences FROM cursor")[0]
    return Cursor(epoch, seq, ready_seq, tuple(audiences.split()))


def _touched(store: VirtualStore) -> Touched:
    touched: Touched = {}
    for place, key, mode in store.look(TOUCHED):
        mine = touched.setdefault(place, {})
        mine[key] = mine.get(key, "") + mode
    return touched


def _base_of(store: VirtualStore, rows: dict[tuple[str, str], Any]) -> dict[tuple[str, str], Any]:
    """Shadow over tables: what this console believes the server has."""
    base = dict(rows)
    for table, row_id, body in store.look("SELECT table_name, row_id, body FROM shadow"):
        if body:
            base[(table, row_id)] = decode_row(table, body)
        else:
            base.pop((table, row_id), None)
    return base


def _base_row(store: VirtualStore, table: str, row_id: str) -> Row | None:
    for (body,) in store.look("SELECT body FROM shadow WHERE table_name = ? AND row_id = ?", table, row_id):
        return decode_row(table, bytes(body)) if body else None
    held: Row | None = row_held(store, table, row_id)
    return held


def _same(one: Any, other: Any) -> bool:
    if one is None or other is None:
        return one is other
    return bool(one.__dict__ == other.__dict__)
