"""Runs an act on a console's own rows and says what it would change and what it touched:
for the desk and the rebase."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from core import handlers
from core.kernel.handle import Handle, Where
from core.kernel.message import Command
from core.kernel.refusal import BUGS, Refusal, Unknown
from core.kernel.row import Row
from core.kernel.tx import Act, Layer, RowChange, Tx
from core.store import queue
from core.store.queue import MISSING, READ, WROTE
from core.store.tables import ROWS, decode_row, encode_row
from core.store.write import drop_rows, put_rows

bugs = logging.getLogger("dusangire.loop")


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of an act here, for now: the server has the last word."""

    touched: dict[str, str]  # key -> modes
    refusal: Refusal | None = None
    unknown: bool = False


def run(tx: Tx, act: Act, handle: Handle | None, command: Command | None, *, again: bool = False) -> Tried:
    """Runs the act in a layer of its own; keeps it unless it is refused, needs the server or needs rows held elsewhere.

    again: the server may have judged it already, and its rows may be here: then they are its effect. One that stumbles
    over what has changed waits for the server, and holds up no news.
    """
    tx.begin(act)
    if handle is None or command is None or handle.where is Where.SERVER:
        return Tried(_touched(tx.drop(), ()), unknown=True)
    try:
        handlers.run(tx, handle, command)
    except Unknown:
        return Tried(_touched(tx.drop(), ()), unknown=True)
    except Refusal as refusal:
        return Tried(_touched(tx.drop(), ()), refusal=refusal)
    except BUGS:
        if not again:
            raise
        bugs.exception("an act stumbled when it was done again")
        return Tried(_touched(tx.drop(), ()), unknown=True)
    made = tx.made() if again else {}
    if any(tx.source.rows(table, ids) for table, ids in made.items()):
        here = {f"{table.table_name} {row_id}": READ for table, ids in made.items() for row_id in ids}
        return Tried({**_touched(tx.drop(), ()), **here}, refusal=Refusal("exists_already"))
    layer, changes = tx.keep()
    return Tried(_touched(layer, changes))


def _touched(layer: Layer, changes: Iterable[RowChange]) -> dict[str, str]:
    touched = {f"{table} {key}": READ for table, key in layer.read}
    for table, key in layer.missing:
        touched[f"{table} {key}"] = MISSING
    for change in changes:
        rows = (change.after,) if change.before is None else (change.after, change.before)
        for key in dict.fromkeys(key for row in rows for key in row_keys(row)):
            modes = touched.get(key, "").replace(MISSING, "")
            touched[key] = modes if WROTE in modes else modes + WROTE
    return touched


def row_keys(row: Row) -> list[str]:
    """The keys under which a row is touched: itself, and each list it hangs on."""
    keys = [f"{row.table_name} {row.id}"]
    for column in type(row).owners:
        owner_id = getattr(row, column)
        if owner_id:
            keys.append(f"{row.table_name}@{column} {owner_id}")
    return keys


def show(connection: Connection, tx: Tx, audiences: tuple[str, ...]) -> None:
    """Writes what the acts of this overlay changed, as far as this console may hold it, over the server's versions."""
    held = frozenset(audiences)
    shadows: list[tuple[str, str, bytes]] = []
    put: list[Row] = []
    gone: list[tuple[type[Row], str]] = []
    for change in tx.written():
        seen = not held.isdisjoint(change.table.seen_by(change.after.__dict__))
        if not seen and change.before is None:
            continue
        before = encode_row(change.before) if change.before is not None else b""
        shadows.append((change.table.table_name, change.after.id, before))
        if seen:
            put.append(change.after)
        else:
            gone.append((change.table, change.after.id))
    queue.keep_shadows(connection, shadows)
    put_rows(connection, put)
    drop_rows(connection, gone)


def restore(connection: Connection, keys: Iterable[tuple[str, str]]) -> int:
    """Puts back the server's version of these rows, as far as they have one here; how many had."""
    shadows = queue.shadows_of(connection, keys)
    put_rows(connection, [decode_row(table, body) for table, _, body in shadows if body])
    drop_rows(connection, [(ROWS[table], row_id) for table, row_id, body in shadows if not body])
    queue.drop_shadows(connection, [(table, row_id) for table, row_id, _ in shadows])
    return len(shadows)


def decoded(body_op: Any) -> tuple[Handle | None, Command | None]:
    """The handler and command of a stored op, or Nones when this version does not know them."""
    handle = handlers.find(body_op.kind)
    try:
        return handle, handlers.decode(body_op.kind, body_op.v, body_op.args)
    except handlers.Undecodable:
        return handle, None
