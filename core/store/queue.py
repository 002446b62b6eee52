"""A console's own bookkeeping: its queue of acts, what each touched, the server's version of rows, and its cursor."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, or_, select, update

from core.store.device_schema import (
    DEVICE,
    cursor,
    op,
    op_row,
    outcome,
    shadow,
    this_device,
)
from core.store.open import DEVICE_VERSION, Store
from core.store.statement import Statement
from core.store.tables import SCHEMA, device_tables

CHUNK = 500
READ, WROTE, MISSING = "r", "w", "m"  # how an act touched a row or a list
_NEXT = Statement(
    update(this_device)
    .values(next_place=this_device.c.next_place + 1, next_dseq=this_device.c.next_dseq + 1)
    .returning(this_device.c.next_place - 1, this_device.c.next_dseq - 1)
)
_THIS = Statement(select(this_device))
_CURSOR = Statement(select(cursor))
_WAITING = Statement(select(this_device.c.next_dseq - 1 - this_device.c.answered_dseq))
_INSERT_OP = Statement(insert(op))
_INSERT_OP_ROW = Statement(insert(op_row))
_INSERT_SHADOW = Statement(insert(shadow).prefix_with("OR IGNORE", dialect="sqlite"))
_PUT_OUTCOME = Statement(insert(outcome).prefix_with("OR IGNORE", dialect="sqlite"))
_WRITERS = Statement(
    select(op_row.c.place, op_row.c.key).where(
        op_row.c.key.in_(bindparam("keys", expanding=True)), op_row.c.mode == WROTE
    )
)
_READERS = Statement(
    select(op_row.c.place, op_row.c.key).where(
        op_row.c.key.in_(bindparam("keys", expanding=True)), or_(op_row.c.mode == READ, op_row.c.mode == MISSING)
    )
)
_TOUCHED = Statement(
    select(op_row.c.place, op_row.c.key, op_row.c.mode).where(op_row.c.place.in_(bindparam("places", expanding=True)))
)
_ANY_TOUCHED = Statement(select(op_row.c.place).limit(1))
_SHADOWS = Statement(
    select(shadow.c.table_name, shadow.c.row_id, shadow.c.body).where(
        shadow.c.table_name == bindparam("name"), shadow.c.row_id.in_(bindparam("ids", expanding=True))
    )
)
_DROP_SHADOW = Statement(
    delete(shadow).where(shadow.c.table_name == bindparam("name"), shadow.c.row_id == bindparam("key"))
)
_OPS = Statement(
    select(op.c.place, op.c.op_id, op.c.kind, op.c.body)
    .where(op.c.place.in_(bindparam("places", expanding=True)))
    .order_by(op.c.place)
)
_FORGET_TOUCHED = Statement(delete(op_row).where(op_row.c.place.in_(bindparam("places", expanding=True))))
_SETTLING = Statement(
    select(op.c.place)
    .join(outcome, outcome.c.op_id == op.c.op_id)
    .where(outcome.c.settled == 0, outcome.c.commit_seq <= bindparam("until"))
)
_SETTLE = Statement(
    update(outcome).where(outcome.c.settled == 0, outcome.c.commit_seq <= bindparam("until")).values(settled=1)
)
_UNSENT = Statement(
    select(op.c.dseq, op.c.body)
    .where(op.c.incarnation == bindparam("incarnation"), op.c.dseq > bindparam("after"))
    .order_by(op.c.dseq)
    .limit(bindparam("most"))
)


_PUT_CURSOR = Statement(insert(cursor).prefix_with("OR REPLACE", dialect="sqlite"))
_FORGET_PARKED = Statement(
    delete(outcome).where(outcome.c.op_id.in_(bindparam("ids", expanding=True)), outcome.c.outcome == "parked")
)
_UNSETTLED = Statement(
    select(op.c.place, op.c.op_id, op.c.kind, op.c.body)
    .outerjoin(outcome, outcome.c.op_id == op.c.op_id)
    .where(func.coalesce(outcome.c.settled, 0) == 0)
    .order_by(op.c.place)
)
_WITHOUT_OUTCOME = Statement(
    select(op.c.incarnation, op.c.dseq)
    .outerjoin(outcome, outcome.c.op_id == op.c.op_id)
    .where(outcome.c.op_id.is_(None))
    .order_by(op.c.place)
)
_FORGET_ALL_TOUCHED = Statement(delete(op_row))
_MOVE_OP = Statement(
    update(op)
    .where(op.c.place == bindparam("of"))
    .values(incarnation=bindparam("to"), dseq=bindparam("as"), body=bindparam("bytes"))
)
_ANSWERED = Statement(update(this_device).values(answered_dseq=bindparam("dseq"), answered_hash=bindparam("chain")))
_OLDEST_WAITING = Statement(
    select(func.min(op.c.made_at))
    .join(this_device, this_device.c.incarnation == op.c.incarnation)
    .where(op.c.dseq > this_device.c.answered_dseq)
)


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far this console has come, and what it knows of the server's clock."""

    epoch: str
    seq: int
    ready_seq: int
    rules_at: int
    server_at: int
    heard_wall: int
    heard_mono: int
    heard_boot: str
    clock_error: int
    audiences: tuple[str, ...]
    audiences_version: int
    durable_seq: int
    seen_at: int = 0  # the latest instant of the server's that is known to have passed here, and by which clocks
    seen_wall: int = 0
    seen_mono: int = 0
    seen_boot: str = ""


_CURSOR_COLUMNS = tuple(column.name for column in fields(Cursor))


def create_device_schema(store: Store) -> None:
    """The tables of a new console, once."""
    with store.writing() as connection:
        DEVICE.create_all(connection)
        device_tables().create_all(connection)
        connection.exec_driver_sql(f"PRAGMA user_version = {DEVICE_VERSION}")


def knows_schema(connection: Connection, schema: int) -> None:
    """The rows held here were loaded whole by a version that knows these tables."""
    connection.execute(update(this_device).values(schema=schema))


def become(connection: Connection, **columns: Any) -> None:
    """Writes who this machine is, and a cursor that has seen nothing."""
    connection.execute(delete(this_device))
    connection.execute(
        insert(this_device),
        {
            "one": 1,
            "kitchen_id": "",
            "ward_id": "",
            "next_place": 1,
            "next_dseq": 1,
            "answered_dseq": 0,
            "schema": SCHEMA,
            **columns,
        },
    )


def this(connection: Connection) -> Any:
    """Who this machine is, or None before enrolment."""
    return _THIS.first(connection)


def read_cursor(connection: Connection) -> Cursor | None:
    row = _CURSOR.first(connection)
    if row is None:
        return None
    values = row._asdict()
    values.pop("one")
    values["audiences"] = tuple(values["audiences"].split())
    return Cursor(**values)


def write_cursor(connection: Connection, new: Cursor) -> None:
    values = {name: getattr(new, name) for name in _CURSOR_COLUMNS}
    _PUT_CURSOR.run(connection, {**values, "one": 1, "audiences": " ".join(new.audiences)})


def next_place(connection: Connection) -> tuple[int, int]:
    """The place and dseq of a new act; taken inside the writing transaction, so two processes never share one."""
    place, dseq = _NEXT.one(connection)
    return int(place), int(dseq)


def keep_op(connection: Connection, values: dict[str, Any], touched: dict[str, str]) -> None:
    """One act of the queue and what it touched (key -> modes)."""
    _INSERT_OP.run(connection, values)
    keep_touched(connection, {values["place"]: touched})


def keep_touched(connection: Connection, touched: dict[int, dict[str, str]]) -> None:
    rows = [
        {"place": place, "key": key, "mode": mode}
        for place, keys in touched.items()
        for key, modes in keys.items()
        for mode in modes
    ]
    if rows:
        _INSERT_OP_ROW.many(connection, rows)


def keep_shadows(connection: Connection, shadows: Sequence[tuple[str, str, bytes]]) -> None:
    """The server's version of rows that an act changes for the first time; later ones keep the first."""
    if shadows:
        _INSERT_SHADOW.many(connection, [{"table_name": t, "row_id": r, "body": b} for t, r, b in shadows])


def shadows_of(connection: Connection, keys: Iterable[tuple[str, str]]) -> list[tuple[str, str, bytes]]:
    by_table: dict[str, list[str]] = {}
    for table, row_id in keys:
        by_table.setdefault(table, []).append(row_id)
    found: list[tuple[str, str, bytes]] = []
    for table, ids in by_table.items():
        for part in _chunks(ids):
            found.extend(tuple(row) for row in _SHADOWS.tuples(connection, {"name": table, "ids": part}))
    return found


def drop_shadows(connection: Connection, keys: Sequence[tuple[str, str]]) -> None:
    if keys:
        _DROP_SHADOW.many(connection, [{"name": table, "key": row_id} for table, row_id in keys])


def writers_of(connection: Connection, keys: Iterable[str]) -> list[tuple[int, str]]:
    """(place, key) of every unsettled act that wrote one of these."""
    return _touching(connection, _WRITERS, keys)


def readers_of(connection: Connection, keys: Iterable[str]) -> list[tuple[int, str]]:
    """(place, key) of every unsettled act that read one of these, or looked for it and found nothing."""
    return _touching(connection, _READERS, keys)


def _touching(connection: Connection, asked: Statement, keys: Iterable[str]) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    for part in _chunks(list(keys)):
        found.extend(asked.tuples(connection, {"keys": part}))
    return found


def any_touched(connection: Connection) -> bool:
    """Whether any unsettled act touches anything: with an empty queue no change reaches an act."""
    return _ANY_TOUCHED.first(connection) is not None


def touched_by(connection: Connection, places: Iterable[int]) -> list[tuple[int, str, str]]:
    found: list[tuple[int, str, str]] = []
    for part in _chunks(list(places)):
        found.extend(tuple(row) for row in _TOUCHED.tuples(connection, {"places": part}))
    return found


def forget_touched(connection: Connection, places: Iterable[int]) -> None:
    for part in _chunks(list(places)):
        _FORGET_TOUCHED.run(connection, {"places": part})


def forget_all_touched(connection: Connection) -> None:
    _FORGET_ALL_TOUCHED.run(connection)


def ops_at(connection: Connection, places: Iterable[int]) -> list[Any]:
    """The acts at these places, in order: place, op_id, kind, body."""
    found: list[Any] = []
    for part in _chunks(sorted(places)):
        found.extend(_OPS.all(connection, {"places": part}))
    return found


def keep_outcomes(connection: Connection, outcomes: Iterable[dict[str, Any]]) -> None:
    """What the server said; the first word stands. Only `parked` gives way, and only to another word."""
    rows = [{**values, "settled": 0} for values in outcomes]
    if not rows:
        return
    for part in _chunks([row["op_id"] for row in rows if row["outcome"] != "parked"]):
        _FORGET_PARKED.run(connection, {"ids": part})
    _PUT_OUTCOME.many(connection, rows)


def settling(connection: Connection, until: int) -> list[int]:
    """Places of acts whose outcome the cursor reaches with `until`."""
    return [row.place for row in _SETTLING.all(connection, {"until": until})]


def settle(connection: Connection, until: int) -> None:
    _SETTLE.run(connection, {"until": until})


def unsent(connection: Connection, incarnation: str, after: int, most: int) -> list[tuple[int, bytes]]:
    """(dseq, bytes) of the next acts that have no answer yet."""
    rows = _UNSENT.all(connection, {"incarnation": incarnation, "after": after, "most": most})
    return [(row.dseq, row.body) for row in rows]


def answered(connection: Connection, *, dseq: int, chain: bytes) -> None:
    _ANSWERED.run(connection, {"dseq": dseq, "chain": chain})


def waiting(connection: Connection) -> int:
    """How many acts have no answer yet: the rows in the outbox, not an estimate."""
    row = _WAITING.first(connection)
    return int(row[0]) if row is not None else 0


def queue_listing(connection: Connection, limit: int) -> Sequence[Any]:
    """The newest acts with what became of them, for the sync screen."""
    listed = (
        select(op, outcome.c.outcome, outcome.c.code, outcome.c.detail, outcome.c.commit_seq, outcome.c.settled)
        .outerjoin(outcome, outcome.c.op_id == op.c.op_id)
        .order_by(op.c.place.desc())
        .limit(limit)
    )
    return connection.execute(listed).all()


def ops_named(connection: Connection, ending: bytes) -> list[Any]:
    """Acts whose id ends like this, with what became of them; two are enough to know that it names no single one."""
    ends = func.lower(func.substr(func.hex(op.c.op_id), 33 - 2 * len(ending))) == ending.hex()
    found = (
        select(op, outcome.c.outcome, outcome.c.code, outcome.c.detail, outcome.c.commit_seq, outcome.c.settled)
        .outerjoin(outcome, outcome.c.op_id == op.c.op_id)
        .where(ends)
        .limit(2)
    )
    return list(connection.execute(found))


def unsettled(connection: Connection) -> list[Any]:
    """Every act that is not settled, in order: place, op_id, kind, body."""
    return _UNSETTLED.all(connection)


def new_incarnation(
    connection: Connection, incarnation: str, start: bytes, ops: Iterable[tuple[int, int, bytes]]
) -> None:
    """A forked store goes on under a new incarnation: its unsettled acts keep op id and place, and get a new dseq."""
    count = 0
    for place, dseq, body in ops:
        count += 1
        _MOVE_OP.run(connection, {"of": place, "to": incarnation, "as": dseq, "bytes": body})
    connection.execute(
        update(this_device).values(incarnation=incarnation, next_dseq=count + 1, answered_dseq=0, answered_hash=start)
    )


def bodies_until(connection: Connection, incarnation: str, dseq: int, *, after: int = 0) -> list[bytes]:
    """The bytes of an incarnation's acts behind `after` up to this one, in order; shorter when some are pruned."""
    rows = select(op.c.body).where(op.c.incarnation == incarnation, op.c.dseq > after, op.c.dseq <= dseq)
    rows = rows.order_by(op.c.dseq)
    return [bytes(row.body) for row in connection.execute(rows)]


def forget_outcomes(connection: Connection, above: int) -> None:
    """The server was restored: what it said after this number it no longer knows."""
    connection.execute(delete(outcome).where(outcome.c.commit_seq > above))


def without_outcome(connection: Connection) -> list[tuple[str, int]]:
    """(incarnation, dseq) of every act that the server has not judged, as far as this console knows, in order."""
    return [(row.incarnation, row.dseq) for row in _WITHOUT_OUTCOME.all(connection)]


def oldest_waiting(connection: Connection) -> int | None:
    """When the oldest act without an answer was made, ms UTC."""
    made: int | None = _OLDEST_WAITING.value(connection)
    return made


def answered_not_settled(connection: Connection, outcomes: Iterable[str]) -> set[str]:
    """Ids (hex) of acts answered in one of these ways whose rows are still on their way here."""
    rows = select(outcome.c.op_id).where(outcome.c.settled == 0, outcome.c.outcome.in_(list(outcomes)))
    return {bytes(row.op_id).hex() for row in connection.execute(rows)}


def _chunks(values: list[Any]) -> Iterable[list[Any]]:
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]
