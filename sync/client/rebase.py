"""Takes the server's word into a console's rows: only what the change touches is undone and replayed (sync.md §2.2).

Shadow over tables is always the server's state; tables are that state with the unsettled acts replayed over it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from core.kernel.row import Row
from core.kernel.tx import Act, Tx
from core.kernel.values import Actor, Origin, Role
from core.people import access
from core.store import queue
from core.store.open import Store
from core.store.read import TxSource
from core.store.tables import ROWS, decode_row
from core.store.write import drop_rows, put_rows
from sync.client import overlay
from sync.client.moment import Moment
from sync.protocol import Change, Changes, Outcome
from sync.wire import decode_op


@dataclass(frozen=True, slots=True)
class Rebased:
    """The work done (invariant 17): acts replayed, rows put back, and the tables a screen should ask again."""

    replayed: int
    restored: int
    tables: tuple[str, ...]
    next: int


def take(store: Store, moment: Moment, changes: Changes) -> Rebased:
    """Applies one answer to a pull, its outcomes and the new cursor, in one transaction."""
    with store.writing() as connection:
        cursor = queue.read_cursor(connection)
        assert cursor is not None, "a console without a cursor has nothing to pull"
        if changes.next < cursor.seq:
            return Rebased(0, 0, (), cursor.seq)
        queue.keep_outcomes(connection, [outcome_values(outcome) for outcome in changes.outcomes])
        settling = queue.settling(connection, changes.next)
        incoming = _newer(connection, cursor, changes.changes)
        changed = _changed_keys(connection, incoming) if queue.any_touched(connection) else {}
        affected = closure(connection, changed, settling)
        written = _undo(connection, affected)
        _apply(connection, incoming)
        again = _replay_all(connection, cursor, affected, frozenset(settling), written)
        queue.settle(connection, changes.next)
        queue.write_cursor(connection, heard(cursor, moment, changes))
    tables = {change.table for change in incoming} | {table for table, _ in written}
    return Rebased(again, len(written), tuple(sorted(tables)), changes.next)


def heard(cursor: queue.Cursor, moment: Moment, changes: Changes) -> queue.Cursor:
    """The cursor after this answer. Rules are as fresh as the answer once nothing is left to pull."""
    caught_up = changes.next >= changes.head
    return replace(
        cursor,
        epoch=changes.epoch,
        seq=changes.next,
        rules_at=changes.rules_at if caught_up else cursor.rules_at,
        server_at=max(changes.at, cursor.server_at),
        heard_wall=moment.wall,
        heard_mono=moment.mono,
        heard_boot=moment.boot,
        seen_at=0,
        durable_seq=changes.durable_seq,
    )


def outcome_values(outcome: Outcome) -> dict[str, object]:
    return {
        "op_id": outcome.op_id,
        "outcome": outcome.outcome,
        "code": outcome.code,
        "detail": outcome.detail,
        "commit_seq": outcome.commit_seq,
    }


def closure(connection: Connection, changed: Iterable[str], settling: Iterable[int]) -> set[int]:
    """The unsettled acts that a change reaches: they touched a changed row, wrote what one of them wrote,
    or read it. Two that put different rows on one list do not disturb each other; one that read the list does."""
    affected = set(settling)
    touching = queue.touching(connection, changed)
    affected.update(place for place, key, mode in touching if mode != overlay.WROTE or not _is_list(key))
    frontier = set(affected)
    seen_keys: set[str] = set()
    while frontier:
        wrote: dict[str, int] = {}
        for place, key, mode in queue.touched_by(connection, frontier):
            if mode == overlay.WROTE:
                wrote[key] = min(place, wrote.get(key, place))
        fresh = [key for key in wrote if key not in seen_keys]
        seen_keys.update(fresh)
        frontier = set()
        for place, key, mode in queue.touching(connection, fresh):
            wrote_the_same = mode == overlay.WROTE and not _is_list(key)
            read_it = mode != overlay.WROTE and place > wrote[key]
            if place not in affected and (wrote_the_same or read_it):
                frontier.add(place)
        affected.update(frontier)
    return affected


def replay_everything(connection: Connection, cursor: queue.Cursor) -> int:
    """After an image has been laid over the tables: every unsettled act again. The shadows were put back before."""
    places = [stored.place for stored in queue.unsettled(connection)]
    queue.forget_all_touched(connection)
    return _replay_all(connection, cursor, set(places), frozenset(), {})


def _undo(connection: Connection, places: set[int]) -> dict[tuple[str, str], None]:
    """Puts back the server's version of every row that these acts wrote, and forgets what they touched."""
    touched = queue.touched_by(connection, places)
    written = dict.fromkeys(_row_keys(key for _, key, mode in touched if mode == overlay.WROTE))
    overlay.restore(connection, written)
    queue.forget_touched(connection, places)
    return written


def _replay_all(
    connection: Connection,
    cursor: queue.Cursor,
    affected: set[int],
    settling: frozenset[int],
    written: dict[tuple[str, str], None],
) -> int:
    """Replays what is still unsettled; an act may now touch other rows, so the set may grow until it stands."""
    while True:
        again = sorted(affected.difference(settling))
        tx, touched = _replay(connection, cursor, again)
        wider = _reached(connection, touched).difference(affected)
        if not wider:
            break
        wider = closure(connection, (), wider).difference(affected)
        written.update(_undo(connection, wider))
        affected.update(wider)
    queue.keep_touched(connection, touched)
    overlay.show(connection, tx, cursor.audiences)
    return len(again)


def _reached(connection: Connection, touched: dict[int, dict[str, str]]) -> set[int]:
    """Later acts whose place in the story the replayed ones disturb: they wrote what is read here, or read what is
    written here."""
    first_touch: dict[str, int] = {}
    first_write: dict[str, int] = {}
    for place, keys in sorted(touched.items()):
        for key, modes in keys.items():
            if modes != overlay.WROTE or not _is_list(key):
                first_touch.setdefault(key, place)
            if overlay.WROTE in modes:
                first_write.setdefault(key, place)
    reached = set()
    for place, key, mode in queue.touching(connection, dict.fromkeys([*first_touch, *first_write])):
        wrote_later = mode == overlay.WROTE and place > first_touch.get(key, place)
        read_later = key in first_write and place > first_write[key]
        if wrote_later or read_later:
            reached.add(place)
    return reached


def _is_list(key: str) -> bool:
    """Whether a touched key names a list, `table@column owner`, and not a row."""
    return "@" in key.partition(" ")[0]


def _newer(connection: Connection, cursor: queue.Cursor, changes: Iterable[Change]) -> list[Change]:
    """While a bootstrap is catching up, an image may already hold a later version of a row than the log tells."""
    changes = [change for change in changes if change.table in ROWS]
    if cursor.seq >= cursor.ready_seq:
        return changes
    kept = []
    for change in changes:
        row = decode_row(change.table, change.body) if change.body else None
        base = base_row(connection, change.table, change.row_id)
        if row is None or base is None or row.version >= base.version:
            kept.append(change)
    return kept


def base_row(connection: Connection, table: str, row_id: str) -> Row | None:
    """The server's version of a row as this console knows it: shadow over table."""
    for _, _, body in queue.shadows_of(connection, [(table, row_id)]):
        return decode_row(table, body) if body else None
    return TxSource(connection, whole=False).rows(ROWS[table], [row_id]).get(row_id)


def _changed_keys(connection: Connection, changes: Iterable[Change]) -> dict[str, None]:
    keys: dict[str, None] = {}
    held: dict[type[Row], list[str]] = {}
    for change in changes:
        keys[f"{change.table} {change.row_id}"] = None
        if change.body:
            keys.update(dict.fromkeys(overlay.row_keys(decode_row(change.table, change.body))))
        held.setdefault(ROWS[change.table], []).append(change.row_id)
    source = TxSource(connection, whole=False)
    for table, ids in held.items():
        if table.owners:
            for row in source.rows(table, ids).values():
                keys.update(dict.fromkeys(overlay.row_keys(row)))
    return keys


def _row_keys(keys: Iterable[str]) -> list[tuple[str, str]]:
    """The rows among touched keys: lists have an @."""
    pairs = [key.split(" ", 1) for key in keys]
    return [(table, row_id) for table, row_id in pairs if "@" not in table]


def _apply(connection: Connection, changes: Iterable[Change]) -> None:
    """The last word on each row: put, or evicted from this console."""
    last = {(change.table, change.row_id): change.body for change in changes}
    put_rows(connection, [decode_row(table, body) for (table, _), body in last.items() if body])
    drop_rows(connection, [(ROWS[table], row_id) for (table, row_id), body in last.items() if not body])


def _replay(connection: Connection, cursor: queue.Cursor, places: list[int]) -> tuple[Tx, dict[int, dict[str, str]]]:
    """Runs these acts again, in order, over what is now the server's state. One that no longer fits stays queued."""
    tx = Tx(TxSource(connection, whole=False), may_hold=frozenset(cursor.audiences))
    touched: dict[int, dict[str, str]] = {}
    for stored in queue.ops_at(connection, places):
        op = decode_op(stored.body)
        handle, command = overlay.decoded(op)
        act = Act(
            op_id=op.op_id,
            kind=op.kind,
            at=op.claimed_at,
            claimed_at=op.claimed_at,
            actor=_actor(tx, op.actor_id, op.claimed_at),
            origin=Origin.DEVICE,
            base_seq=op.base_seq,
        )
        touched[stored.place] = overlay.run(tx, act, handle, command, again=True).touched
    return tx, touched


def _actor(tx: Tx, person_id: str, at: int) -> Actor:
    known = access.known_actor(tx, person_id, at)
    return known or Actor(person_id, frozenset[Role]())
