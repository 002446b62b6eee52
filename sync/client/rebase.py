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

Words = dict[tuple[str, str], Row | None]  # (table, id) -> the row as the server has it now; None: held here no longer


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
        written = _undo(connection, affected, incoming)
        _apply(connection, incoming)
        again = _replay_all(connection, cursor, affected, frozenset(settling), written)
        queue.settle(connection, changes.next)
        queue.write_cursor(connection, heard(cursor, moment, changes))
    tables = {table for table, _ in (*incoming, *written)}
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
    changed = list(changed)
    affected = set(settling)
    affected.update(place for place, _ in queue.readers_of(connection, changed))
    affected.update(place for place, _ in queue.writers_of(connection, _without_lists(changed)))
    frontier = set(affected)
    seen_keys: set[str] = set()
    while frontier:
        wrote: dict[str, int] = {}
        for place, key, mode in queue.touched_by(connection, frontier):
            if mode == queue.WROTE:
                wrote[key] = min(place, wrote.get(key, place))
        fresh = [key for key in wrote if key not in seen_keys]
        seen_keys.update(fresh)
        reached = {place for place, key in queue.readers_of(connection, fresh) if place > wrote[key]}
        reached.update(place for place, _ in queue.writers_of(connection, _without_lists(fresh)))
        frontier = reached - affected
        affected |= frontier
    return affected


def replay_everything(connection: Connection, cursor: queue.Cursor) -> int:
    """After an image has been laid over the tables: every unsettled act again. The shadows were put back before."""
    places = [stored.place for stored in queue.unsettled(connection)]
    queue.forget_all_touched(connection)
    return _replay_all(connection, cursor, set(places), frozenset(), {})


def _undo(connection: Connection, places: set[int], incoming: Words) -> dict[tuple[str, str], None]:
    """Puts back the server's version of every row that these acts wrote, and forgets what they touched. What is said
    anew of a row in the same breath need not be put back first."""
    touched = queue.touched_by(connection, places)
    written = dict.fromkeys(_row_keys(key for _, key, mode in touched if mode == queue.WROTE))
    overlay.restore(connection, [key for key in written if key not in incoming])
    queue.drop_shadows(connection, [key for key in written if key in incoming])
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
        written.update(_undo(connection, wider, {}))
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
            if modes != queue.WROTE or not _is_list(key):
                first_touch.setdefault(key, place)
            if queue.WROTE in modes:
                first_write.setdefault(key, place)
    wrote_later = {place for place, key in queue.writers_of(connection, first_touch) if place > first_touch[key]}
    read_later = {place for place, key in queue.readers_of(connection, first_write) if place > first_write[key]}
    return wrote_later | read_later


def _without_lists(keys: Iterable[str]) -> list[str]:
    return [key for key in keys if not _is_list(key)]


def _is_list(key: str) -> bool:
    """Whether a touched key names a list, `table@column owner`, and not a row."""
    return "@" in key.partition(" ")[0]


def _newer(connection: Connection, cursor: queue.Cursor, changes: Iterable[Change]) -> Words:
    """The last word on each row. While a bootstrap is catching up, an image may already hold a later version of a row
    than the log tells."""
    last = {(change.table, change.row_id): change.body for change in changes if change.table in ROWS}
    words = {key: decode_row(key[0], body) if body else None for key, body in last.items()}
    if cursor.seq >= cursor.ready_seq:
        return words
    kept: Words = {}
    for key, row in words.items():
        base = base_row(connection, *key)
        if row is None or base is None or row.version >= base.version:
            kept[key] = row
    return kept


def base_row(connection: Connection, table: str, row_id: str) -> Row | None:
    """The server's version of a row as this console knows it: shadow over table."""
    for _, _, body in queue.shadows_of(connection, [(table, row_id)]):
        return decode_row(table, body) if body else None
    return TxSource(connection, whole=False).rows(ROWS[table], [row_id]).get(row_id)


def _changed_keys(connection: Connection, incoming: Words) -> dict[str, None]:
    keys: dict[str, None] = {}
    held: dict[type[Row], list[str]] = {}
    for (table, row_id), row in incoming.items():
        keys[f"{table} {row_id}"] = None
        if row is not None:
            keys.update(dict.fromkeys(overlay.row_keys(row)))
        held.setdefault(ROWS[table], []).append(row_id)
    source = TxSource(connection, whole=False)
    for kind, ids in held.items():
        if kind.owners:
            for row in source.rows(kind, ids).values():
                keys.update(dict.fromkeys(overlay.row_keys(row)))
    return keys


def _row_keys(keys: Iterable[str]) -> list[tuple[str, str]]:
    """The rows among touched keys: lists have an @."""
    pairs = [key.split(" ", 1) for key in keys]
    return [(table, row_id) for table, row_id in pairs if "@" not in table]


def _apply(connection: Connection, incoming: Words) -> None:
    """Each row is put, or evicted from this console."""
    put_rows(connection, [row for row in incoming.values() if row is not None])
    drop_rows(connection, [(ROWS[table], row_id) for (table, row_id), row in incoming.items() if row is None])


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
