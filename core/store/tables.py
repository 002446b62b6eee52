"""Every table the product has: the rows that people write (with their audiences) and which class each is."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any
from zlib import crc32

import msgspec
from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table
from sqlmodel import SQLModel

import core.cases.model
import core.delivery.model
import core.devices.model
import core.diets.model
import core.kernel.case
import core.kernel.policy
import core.menu.model
import core.orders.model
import core.payments.model
import core.people.model
import core.wards.model  # noqa: F401 - the imports are the registry
from core.kernel.row import Row


def _value_classes(base: type[Row]) -> list[type[Row]]:
    found: list[type[Row]] = []
    for child in base.__subclasses__():
        if not hasattr(child, "__table__") and child.__module__.startswith("core."):
            found.append(child)
        found.extend(_value_classes(child))
    return found


def _table_of(row_class: type[Row]) -> Table:
    tables = [c.__table__ for c in row_class.__subclasses__() if hasattr(c, "__table__")]
    if len(tables) != 1:
        raise TypeError(f"{row_class.__name__} needs exactly one table class beside it")
    table: Table = tables[0]
    for column in table.c:  # SQLModel's int is 32 bits: unseen on SQLite, an overflow on PostgreSQL
        if isinstance(column.type, Integer):
            column.type = BigInteger()
    for name in row_class.owners:
        if name != "id":
            Index(f"{table.name}_{name}", table.c[name])
    return table


ROWS: MappingProxyType[str, type[Row]] = MappingProxyType(
    {row.table_name: row for row in sorted(_value_classes(Row), key=lambda row: row.table_name)}
)
TABLES: MappingProxyType[type[Row], Table] = MappingProxyType({row: _table_of(row) for row in ROWS.values()})
SCHEMA = (
    crc32(
        "\n".join(
            f"{table.name} {column.name} {column.nullable}" for table in TABLES.values() for column in table.c
        ).encode()
    )
    & 0x7FFF_FFFF
)  # which row tables this version knows: in the handshake, in images, beside a console's rows
SERVER = SQLModel.metadata  # every row table, with its constraints; server_schema adds the machinery

_EMPTY: MappingProxyType[str, dict[str, Any]] = MappingProxyType(
    {
        name: {
            field: info.default
            for field, info in row.model_fields.items()
            if not info.is_required() and not info.default and info.default != "[]"
        }
        for name, row in ROWS.items()
    }
)
_DEFAULTS: MappingProxyType[str, dict[str, Any]] = MappingProxyType(
    {
        name: {field: info.default for field, info in row.model_fields.items() if not info.is_required()}
        for name, row in ROWS.items()
    }
)
_COLUMNS: MappingProxyType[str, frozenset[str]] = MappingProxyType(
    {name: frozenset(row.model_fields) for name, row in ROWS.items()}
)


def encode_row(row: Row) -> bytes:
    """A row's columns as a msgpack map; a column that is empty as by default is left out."""
    empty = _EMPTY[row.table_name]
    return msgspec.msgpack.encode({k: v for k, v in row.__dict__.items() if v or k not in empty})


def decode_row(table_name: str, body: bytes) -> Row:
    """The row of such a map. Columns that this version does not know are ignored (sync.md §2.10)."""
    values = dict(_DEFAULTS[table_name])
    known = _COLUMNS[table_name]
    told = msgspec.msgpack.decode(body)
    values.update(told if known.issuperset(told) else {k: v for k, v in told.items() if k in known})
    return ROWS[table_name].trusted(values)


def device_tables() -> MetaData:
    """The same tables for a console: a primary key and plain indexes only (sync.md §2.2), nothing private."""
    metadata = MetaData()
    for row_class, table in TABLES.items():
        if row_class.audiences:
            columns = [Column(c.name, c.type, primary_key=c.primary_key, nullable=c.nullable) for c in table.c]
            copy = Table(table.name, metadata, *columns)
            for name in row_class.owners:
                if name != "id":
                    Index(f"{table.name}_{name}", copy.c[name])
    return metadata
