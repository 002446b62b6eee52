"""Writes what a batch of acts has changed: one statement a table and kind, whatever the number of rows."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, insert, or_, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.exc import IntegrityError

from core.kernel.row import Row
from core.kernel.tx import RowChange
from core.store.statement import Statement
from core.store.tables import SERVER, TABLES


def write_rows(connection: Connection, changes: Iterable[RowChange]) -> None:
    """Inserts the new rows and updates the changed ones. Raises IntegrityError for the store's own constraints.

    Only the columns that differ are named: SQLite writes every index anew of which a column is named.
    """
    added: dict[type[Row], list[dict[str, Any]]] = {}
    altered: dict[tuple[type[Row], tuple[str, ...]], list[dict[str, Any]]] = {}
    for change in changes:
        after = change.after.__dict__
        if change.before is None:
            added.setdefault(change.table, []).append(after)
            continue
        before = change.before.__dict__
        values = {name: value for name, value in after.items() if value != before[name]}
        if values:
            altered.setdefault((change.table, tuple(values)), []).append({**values, "key": change.after.id})
    for (table, columns), rows in altered.items():  # first: a bed is freed before it is taken
        _update(TABLES[table], columns).many(connection, rows)
    for table, rows in added.items():
        _insert(TABLES[table]).many(connection, rows)


def put_rows(connection: Connection, rows: Iterable[Row]) -> None:
    """Rows as a console now holds them, new or not."""
    by_table: dict[type[Row], list[dict[str, Any]]] = {}
    for row in rows:
        by_table.setdefault(type(row), []).append(row.__dict__)
    for table, values in by_table.items():
        owners = tuple(name for name in table.owners if name != "id")
        _put(TABLES[table], owners).many(connection, values)
        if owners:
            _moved(TABLES[table], owners).many(connection, [_owned(row, owners) for row in values])


def _owned(row: dict[str, Any], owners: tuple[str, ...]) -> dict[str, Any]:
    said = {"key": row["id"]}
    for name in owners:
        said[name] = said[f"is_{name}"] = row[name]
    return said


def drop_rows(connection: Connection, keys: Iterable[tuple[type[Row], str]]) -> None:
    """Rows that a console no longer holds. The server never deletes."""
    by_table: dict[type[Row], list[dict[str, str]]] = {}
    for table, row_id in keys:
        by_table.setdefault(table, []).append({"key": row_id})
    for table, values in by_table.items():
        _delete(TABLES[table]).many(connection, values)


def broken_rule(error: IntegrityError) -> str:
    """The name of the index that an IntegrityError broke, on either database, or "primary_key"."""
    diagnosis = getattr(error.orig, "diag", None)
    if diagnosis is not None:
        name = diagnosis.constraint_name or ""
        return "primary_key" if name.endswith("_pkey") else name
    words = str(error.orig)
    if "index '" in words:
        return words.split("index '")[1].split("'")[0]
    names = [part.strip() for part in words.split("failed:")[-1].split(",")]
    table = SERVER.tables.get(names[0].split(".")[0])
    columns = {name.split(".")[-1] for name in names}
    for index in table.indexes if table is not None else ():
        if index.unique and {column.name for column in index.columns} == columns:
            return str(index.name)
    return "primary_key"


@lru_cache(maxsize=None)
def _insert(table: Table) -> Statement:
    return Statement(insert(table))


@lru_cache(maxsize=None)
def _put(table: Table, owners: tuple[str, ...]) -> Statement:
    """In its place where it is known, without the columns that a console's indexes hang on: those would be written anew
    each time, on pages all over the file."""
    new = upsert(table)
    changed = {column.name: new.excluded[column.name] for column in table.c if column.name not in {"id", *owners}}
    return Statement(new.on_conflict_do_update(index_elements=["id"], set_=changed))


@lru_cache(maxsize=None)
def _moved(table: Table, owners: tuple[str, ...]) -> Statement:
    """A row that hangs on another owner than before, which is seldom."""
    differs = or_(*(table.c[name].is_distinct_from(bindparam(f"is_{name}")) for name in owners))
    values: dict[str, Any] = {name: bindparam(name) for name in owners}
    return Statement(update(table).where(table.c.id == bindparam("key"), differs).values(values))


@lru_cache(maxsize=None)
def _update(table: Table, columns: tuple[str, ...]) -> Statement:
    values: dict[str, Any] = {name: bindparam(name) for name in columns}
    return Statement(update(table).where(table.c.id == bindparam("key")).values(values))


@lru_cache(maxsize=None)
def _delete(table: Table) -> Statement:
    return Statement(delete(table).where(table.c.id == bindparam("key")))
