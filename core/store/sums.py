"""A checksum of what an audience holds, the same on both ends: whoever holds other rows than the server finds out
(sync.md §2.4)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, select

from core.kernel.row import Row
from core.store.device_schema import shadow
from core.store.image import covered_by_kind
from core.store.statement import Statement
from core.store.tables import TABLES, decode_row

Values = tuple[Any, ...]
_encode = msgspec.msgpack.Encoder().encode
_SHADOWS = Statement(select(shadow.c.table_name, shadow.c.row_id, shadow.c.body))


def of_server(connection: Connection, audiences: Iterable[str]) -> dict[str, int]:
    """Audience -> the sum of a hash of each of its rows, all columns of them, whatever their order."""
    return {audience: _sum(connection, audience, {}) for audience in audiences}


def of_console(connection: Connection, audiences: Iterable[str]) -> dict[str, int]:
    """The same of the server's versions that a console knows: what its own acts changed is not counted."""
    changed: dict[str, dict[str, bytes]] = {}
    for table_name, row_id, body in _SHADOWS.tuples(connection):
        changed.setdefault(table_name, {})[row_id] = bytes(body)
    return {audience: _sum(connection, audience, changed) for audience in audiences}


def _sum(connection: Connection, audience: str, changed: Mapping[str, Mapping[str, bytes]]) -> int:
    total = 0
    kind, _, value = audience.partition(":")
    for row_class, table in TABLES.items():
        seen = _seen(row_class, kind, is_of_one=bool(value))
        if seen is None:
            continue
        own = changed.get(table.name, {})
        rows = seen.tuples(connection, {"value": value} if value else {})
        total += _hashes(table.name, [values for values in rows if values[0] not in own] if own else rows)
        for row_id, body in own.items():
            if body and row_id:
                row = decode_row(table.name, body)
                if audience in row_class.seen_by(row.__dict__):
                    total += _hashes(table.name, [tuple(getattr(row, column.name) for column in table.c)])
    return total % 2**63  # a number that fits wherever numbers go


def _hashes(table_name: str, rows: Iterable[Values]) -> int:
    """Tens of thousands at a time: nothing is looked up and nothing called for a row that need not be."""
    name, encode, blake, number = str(table_name), _encode, hashlib.blake2b, int.from_bytes
    return sum([number(blake(encode((name, *values)), digest_size=8).digest(), "big") for values in rows])


@lru_cache(maxsize=None)
def _seen(row_class: type[Row], kind: str, *, is_of_one: bool) -> Statement | None:
    """Every column, the id first, of what an audience of this kind sees; `value` says whose it is."""
    condition = covered_by_kind(row_class, kind, bindparam("value") if is_of_one else None)
    columns = TABLES[row_class].c
    if condition is None:
        return None
    assert next(iter(columns)).name == "id", "rows are told apart by their first column"
    return Statement(select(*columns).where(condition))
