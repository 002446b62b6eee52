"""The rows of a console are a cache of the server's: brought in step with the tables that this program knows.

A column that has a default is added, so that work goes on without a link; a table that differs in any other way is made
anew and empty. Either way the next contact loads everything afresh. The queue is never touched (architecture.md §4).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Connection, Table, delete, text
from sqlalchemy.dialects import sqlite

from core.kernel.row import Row
from core.store.device_schema import shadow
from core.store.open import Store
from core.store.tables import ROWS, device_tables

Shape = dict[str, tuple[str, bool]]  # column -> its type, and whether it must not be empty


def keep_in_step(store: Store) -> tuple[str, ...]:
    """The tables that were brought in step, sorted; none when the store was made by this version.

    One transaction: killed half-way, the next start does it again.
    """
    metadata = device_tables()
    with store.reading() as connection:
        known = _shapes(connection)
    differing = [table for table in metadata.sorted_tables if _shape_of(table) != known.get(table.name)]
    if not differing:
        return ()
    with store.writing() as connection:
        for table in differing:
            _bring_in_step(connection, table, known.get(table.name))
    return tuple(sorted(table.name for table in differing))


def _bring_in_step(connection: Connection, table: Table, known: Shape | None) -> None:
    row_class = ROWS[table.name]
    missing = [column for column in table.c if known is not None and column.name not in known]
    grows = known is not None and all(_has_default(row_class, column) for column in missing)
    kept = {name: shape for name, shape in _shape_of(table).items() if known is not None and name in known}
    if grows and known is not None and kept == known:
        for column in missing:
            connection.exec_driver_sql(_addition(table, column, row_class))
        return
    connection.exec_driver_sql(f'DROP TABLE IF EXISTS "{table.name}"')
    connection.execute(delete(shadow).where(shadow.c.table_name == table.name))
    table.create(connection)


def _shapes(connection: Connection) -> dict[str, Shape]:
    rows = connection.execute(
        text(
            'SELECT m.name AS table_name, c.name AS column_name, c.type AS kind, c."notnull" AS needed, c.pk AS pk '
            "FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS c WHERE m.type = 'table' ORDER BY m.name, c.cid"
        )
    )
    shapes: dict[str, Shape] = {}
    for row in rows:
        shapes.setdefault(row.table_name, {})[row.column_name] = (str(row.kind).upper(), bool(row.needed or row.pk))
    return shapes


def _shape_of(table: Table) -> Shape:
    return {column.name: (_kind(column), not column.nullable or column.primary_key) for column in table.c}


def _kind(column: Column[Any]) -> str:
    return str(column.type.compile(dialect=sqlite.dialect())).upper()


def _has_default(row_class: type[Row], column: Column[Any]) -> bool:
    return not row_class.model_fields[column.name].is_required()


def _addition(table: Table, column: Column[Any], row_class: type[Row]) -> str:
    default = row_class.model_fields[column.name].default
    words = f'ALTER TABLE "{table.name}" ADD COLUMN "{column.name}" {_kind(column)}'
    if column.nullable:
        return words
    return f"{words} NOT NULL DEFAULT {_literal(default)}"


def _literal(value: object) -> str:
    if isinstance(value, bool | int):
        return str(int(value))
    plain = str(value).replace("'", "''")
    return f"'{plain}'"
