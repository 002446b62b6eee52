"""Images: a whole audience as one SQLite file, made on the server,
laid over a console's tables in one statement each."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, bindparam, delete, false, func, or_, select, true
from sqlalchemy.sql.elements import ColumnElement

from core.kernel.row import Row
from core.store.device_schema import shadow
from core.store.open import Store, StoreTrouble
from core.store.read import as_rows
from core.store.statement import Statement
from core.store.tables import ROWS, SCHEMA, TABLES

MEMORY = Path("/dev/shm")  # noqa: S108 - files there are never on a disk
LARGE_BYTES = 256 * 1024  # an image that is quicker laid from beside the store than row by row
MOST_BESIDE = 8  # SQLite has room for ten
LEFT = "dusangire-image-"
LEFT_MS = 60_000  # a name there lives for milliseconds: one this old is of a process that was killed in between
_ALL_SHADOWS = Statement(select(shadow.c.table_name, shadow.c.row_id))
_EACH_TABLE = " WHERE type = 'table' ORDER BY name"
_EMPTIED = (
    *(Statement(delete(table)) for row_class, table in TABLES.items() if row_class.audiences),
    Statement(delete(shadow)),
)


def make(connection: Connection, audience: str) -> bytes:
    """Every row of one audience, as a SQLite file. Deterministic: rows in the order of their ids."""
    kind, _, value = audience.partition(":")
    target = sqlite3.connect(":memory:")
    try:
        target.execute(f"PRAGMA user_version = {SCHEMA}")
        for row_class, table in TABLES.items():
            held = _held(row_class, kind, is_of_one=bool(value))
            if held is None:
                continue
            names = [column.name for column in table.c]
            quoted = ", ".join(f'"{name}"' for name in names)
            rows = held.tuples(connection, {"value": value})
            if rows:
                target.execute(f'CREATE TABLE "{table.name}" ({quoted})')
                marks = ", ".join("?" for _ in names)
                target.executemany(f'INSERT INTO "{table.name}" VALUES ({marks})', [tuple(r) for r in rows])  # noqa: S608 - names are ours
        target.commit()
        return target.serialize()
    finally:
        target.close()


def covered_by(row_class: type[Row], audience: str) -> ColumnElement[bool] | None:
    """The rows of a table that an audience sees, as a condition; None when it sees none. The same function as
    `Row.seen_by`, written for the database (a test holds the two equal)."""
    kind, _, value = audience.partition(":")
    return covered_by_kind(row_class, kind, value or None)


def covered_by_kind(row_class: type[Row], kind: str, value: Any) -> ColumnElement[bool] | None:
    """The same for every audience of a kind. value: of the one that is meant, or a parameter in its place."""
    columns = TABLES[row_class].c
    conditions: list[ColumnElement[bool]] = []
    for declared in row_class.audiences:
        if declared.kind == kind and bool(declared.column) == (value is not None):
            conditions.append(columns[declared.column] == value if declared.column else true())
    if not conditions:
        return None
    seen = or_(false(), *conditions)
    if row_class.retired_by:
        seen = seen & columns[row_class.retired_by].is_(None)
    return seen


@lru_cache(maxsize=None)
def _held(row_class: type[Row], kind: str, *, is_of_one: bool) -> Statement | None:
    """What an audience of this kind sees of a table, in the order of ids; `value` says whose it is."""
    condition = covered_by_kind(row_class, kind, bindparam("value") if is_of_one else None)
    table = TABLES[row_class]
    return Statement(select(table).where(condition).order_by(table.c.id)) if condition is not None else None


@contextmanager
def at_hand(store: Store, images: Sequence[bytes]) -> Iterator[list[bytes | str]]:
    """Each image as `lay` takes it, for the transaction inside: a large one beside the store, under the name it has
    there. Nothing is unpacked to a disk: what lies beside is a nameless file in memory.
    """
    large = sorted(
        (place for place, data in enumerate(images) if len(data) >= LARGE_BYTES), key=lambda at: -len(images[at])
    )
    found: list[bytes | str] = list(images)
    with ExitStack() as beside:
        for place in large[:MOST_BESIDE]:
            file = _in_memory(images[place])
            if file is None:  # no room, or no such place on this machine
                break
            name = f"image_{place}"
            try:
                beside.enter_context(store.beside(file, name))
            finally:
                file.unlink()
            found[place] = name
        yield found


def _in_memory(data: bytes) -> Path | None:
    """A file in memory that only this person may read. Its name goes as soon as it is opened."""
    if not MEMORY.is_dir():
        return None
    path = None
    try:
        written, path = tempfile.mkstemp(prefix=LEFT, dir=MEMORY)
        with open(written, "wb") as file:
            file.write(data)
    except OSError:
        if path is not None:
            Path(path).unlink()
        return None
    return Path(path)


def forget_left(now: int) -> None:
    """Takes from memory the images of processes that were killed before they could take away the name. now: this
    machine's wall clock, ms UTC."""
    for file in MEMORY.glob(f"{LEFT}*"):
        with suppress(OSError):  # another person's, or gone
            if now - file.stat().st_mtime_ns // 1_000_000 > LEFT_MS:
                file.unlink()


def lay(connection: Connection, image: bytes | str) -> None:
    """Lays an image over a console's tables, inside its open transaction: from its bytes, or from beside the store."""
    if isinstance(image, str):
        named = connection.exec_driver_sql(f'SELECT name FROM "{image}".sqlite_master{_EACH_TABLE}')  # noqa: S608 - ours
        for name in named.scalars().all():
            described = connection.exec_driver_sql(f'PRAGMA "{image}".table_info("{name}")')
            _lay_table(connection, name, [row[1] for row in described], f'"{image}"."{name}"')
        return
    source = sqlite3.connect(":memory:")
    try:
        source.deserialize(image)
        for (name,) in source.execute(f"SELECT name FROM sqlite_master{_EACH_TABLE}").fetchall():  # noqa: S608 - ours
            cursor = source.execute(f'SELECT * FROM "{name}"')  # noqa: S608 - the name is the image's own
            _lay_table(connection, name, [column[0] for column in cursor.description], cursor)
    finally:
        source.close()


def _lay_table(connection: Connection, name: str, names: list[str], rows: Iterable[Any] | str) -> None:
    """rows: what the image holds, or where it lies beside the store."""
    known = {table.name: table for table in TABLES.values()}.get(name)
    if known is None:
        return  # a table of a newer server: not ours to show
    shared = [place for place, column in enumerate(names) if column in known.c]
    new = {column.name: _default_of(name, column.name) for column in known.c if column.name not in names}
    columns = ", ".join(f'"{column}"' for column in [*(names[place] for place in shared), *new])
    added = tuple(new.values())
    into = f'INSERT OR REPLACE INTO main."{name}" ({columns})'
    if isinstance(rows, str):
        taken = ", ".join([*(f'"{names[place]}"' for place in shared), *("?" for _ in added)])
        connection.exec_driver_sql(f"{into} SELECT {taken} FROM {rows}", added)  # noqa: S608 - names are ours
        return
    if len(shared) == len(names) and not new:
        values = [tuple(row) for row in rows]
    else:  # a server of another version: what both know, and our defaults for the rest
        values = [(*(row[place] for place in shared), *added) for row in rows]
    if values:
        marks = ", ".join("?" for _ in range(len(shared) + len(new)))
        words = f"{into} VALUES ({marks})"
        connection.exec_driver_sql(words, values)  # not past SQLAlchemy: a full disk is told in words


def _default_of(table_name: str, column: str) -> Any:
    """Raises StoreTrouble("newer_image") for a column that this version cannot do without."""
    field = ROWS[table_name].model_fields[column]
    if field.is_required():
        raise StoreTrouble("newer_image", table=table_name)
    return field.default


def every_row(connection: Connection, row_class: type[Row]) -> list[Row]:
    return as_rows(row_class, _every(row_class).tuples(connection))


@lru_cache(maxsize=None)
def _every(row_class: type[Row]) -> Statement:
    return Statement(select(TABLES[row_class]))


def all_shadows(connection: Connection) -> list[tuple[str, str]]:
    return [(table_name, row_id) for table_name, row_id in _ALL_SHADOWS.tuples(connection)]


def clear(connection: Connection) -> None:
    """Every row that was held, and the server's versions beside them: what follows is laid afresh. The queue stays."""
    for emptied in _EMPTIED:
        emptied.run(connection)


def clear_audience(connection: Connection, audience: str) -> None:
    """Every row that this audience sees, whoever else does: its image brings all of them."""
    for row_class, table in TABLES.items():
        condition = covered_by(row_class, audience) if row_class.audiences else None
        if condition is not None:
            connection.execute(delete(table).where(condition))


def count_rows(connection: Connection) -> int:
    counted = 0
    for row_class, table in TABLES.items():
        if row_class.audiences:
            counted += connection.execute(select(func.count()).select_from(table)).scalar_one()
    return counted


def scrub(store: Store) -> None:
    """After rows have left: nothing of them stays in free pages or the write-ahead log (`secure_delete` is on)."""
    store.checkpoint()
