"""Rows from an open transaction, for handlers (through Tx) and for queries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import Connection, bindparam, select

from core.kernel.row import Row
from core.store.statement import Statement
from core.store.tables import TABLES

R = TypeVar("R", bound=Row)
CHUNK = 500


class TxSource:
    """The rows of one open transaction. `whole` is True on the server: what is not here does not exist."""

    def __init__(self, connection: Connection, *, whole: bool) -> None:
        self.connection = connection
        self.whole = whole
        self.queries = 0

    def rows(self, table: type[R], ids: Sequence[str]) -> dict[str, R]:
        if not self.whole and not table.audiences:
            return {}  # private tables do not exist on a console
        found: dict[str, R] = {}
        for start in range(0, len(ids), CHUNK):
            self.queries += 1
            result = _by_id(table).tuples(self.connection, {"keys": ids[start : start + CHUNK]})
            for row in as_rows(table, result):
                found[row.id] = row
        return found

    def owned(self, table: type[R], column: str, owner_ids: Sequence[str]) -> dict[str, list[R]]:
        if not self.whole and not table.audiences:
            return {}
        found: dict[str, list[R]] = {}
        for start in range(0, len(owner_ids), CHUNK):
            self.queries += 1
            keys = owner_ids[start : start + CHUNK]
            for row in as_rows(table, _by_owner(table, column).tuples(self.connection, {"keys": keys})):
                found.setdefault(getattr(row, column), []).append(row)
        return found

    def newest(self, table: type[R], column: str, owner_id: str, most: int) -> list[R]:
        self.queries += 1
        return as_rows(table, _newest(table, column).tuples(self.connection, {"key": owner_id, "most": most}))


def as_rows(table: type[R], result: Iterable[Any]) -> list[R]:
    """Frozen rows from a `SELECT` of all of the table's columns, in their order."""
    names = _names(table)
    return [table.trusted(dict(zip(names, values, strict=True))) for values in result]


@lru_cache(maxsize=None)
def _names(table: type[Row]) -> tuple[str, ...]:
    return tuple(column.name for column in TABLES[table].c)


@lru_cache(maxsize=None)
def _by_id(table: type[Row]) -> Statement:
    columns = TABLES[table].c
    return Statement(select(*columns).where(columns.id.in_(bindparam("keys", expanding=True))))


@lru_cache(maxsize=None)
def _newest(table: type[Row], column: str) -> Statement:
    columns = TABLES[table].c
    owned = select(*columns).where(columns[column] == bindparam("key"))
    if table.listed_while_empty:
        owned = owned.where(columns[table.listed_while_empty].is_(None))
    return Statement(owned.order_by(columns.id.desc()).limit(bindparam("most")))


@lru_cache(maxsize=None)
def _by_owner(table: type[Row], column: str) -> Statement:
    columns = TABLES[table].c
    owned = select(*columns).where(columns[column].in_(bindparam("keys", expanding=True)))
    if table.listed_while_empty:
        owned = owned.where(columns[table.listed_while_empty].is_(None))
    return Statement(owned.order_by(columns.id))
