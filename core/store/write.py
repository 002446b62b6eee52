"""Writes what a batch of acts has changed: one statement a table and kind, whatever the number of rows."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, insert, update
from sqlalchemy.exc import IntegrityError

from core.kernel.row import Row
from core.kernel.tx import RowChange
from core.store.statement import Statement
from core.store.tables import SERVER, TABLES


def write_rows(connection: Connection, changes: Iterable[RowChange]) -> None:
    """Inserts the new rows and updates the changed ones. Raises IntegrityError for the store's own constraints."""
    added: dict[type[Row], list[dict[str, Any]]] = {}
    altered: dict[type[Row], list[dict[str, Any]]] = {}
    for change in changes:
        if change.before is None:
            added.setdefault(change.table, []).append(change.after.__dict__)
        elif change.before is not change.after:
            altered.setdefault(change.table, []).append({**change.after.__dict__, "key": change.after.id})
    for table, rows in altered.items():  # first: a bed is freed before it is taken
        _update(TABLES[table]).many(connection, rows)
    for table, rows in added.items():
        _insert(TABLES[table]).many(connection, rows)


def put_rows(connection: Connection, rows: Iterable[Row]) -> None:
    """Rows as a console now holds them, new or not."""
    by_table: dict[type[Row], list[dict[str, Any]]] = {}
    for row in rows:
        by_table.setdefault(type(row), []).append(row.__dict__)
    for table, values in by_table.items():
        _replace(TABLES[table]).many(connection, values)


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
def _replace(table: Table) -> Statement:
    return Statement(insert(table).prefix_with("OR REPLACE", dialect="sqlite"))


@lru_cache(maxsize=None)
def _update(table: Table) -> Statement:
    values: dict[str, Any] = {c.name: bindparam(c.name) for c in table.c if not c.primary_key}
    return Statement(update(table).where(table.c.id == bindparam("key")).values(values))


@lru_cache(maxsize=None)
def _delete(table: Table) -> Statement:
    return Statement(delete(table).where(table.c.id == bindparam("key")))
