"""A statement that is written out once and handed to the driver: for what every press, turn and poll asks again.

SQLAlchemy looks a statement up, fits its values and wraps its rows at each execution, which costs several times what
SQLite itself needs. On a database other than SQLite a statement goes that longer road.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from sqlalchemy import Boolean, Connection, Delete, Insert, Select, Update
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import visitors
from sqlalchemy.sql.dml import ReturningDelete, ReturningInsert, ReturningUpdate

Clause = Select[Any] | Insert | Update | Delete | ReturningInsert[Any] | ReturningUpdate[Any] | ReturningDelete[Any]
Values = Mapping[str, Any]
NOTHING: Values = {}
MOST_KEYS = 1_024  # in one list of keys; the longer road knows no end
_SQLITE = sqlite.dialect(paramstyle="qmark")


@dataclass(frozen=True, slots=True)
class _Written:
    """The words for SQLite, and how values come into the order of its question marks."""

    words: str
    fit: Callable[[Values], tuple[Any, ...]]


class Statement:
    """See the module. columns: of an insert that does not fill every column of its table.

    One list of keys (an expanding parameter) may be among the values; lists are written in sizes of a power of two.
    """

    def __init__(self, clause: Clause, columns: Sequence[str] = ()) -> None:
        self.clause: Any = clause
        self._columns = list(columns) or None
        self._list = _name_of_list(clause)
        self._written: dict[int, _Written] = {}
        self._row: Callable[[Iterable[Any]], Any] | None = None
        self._booleans = _booleans(clause)

    # -- running it -------------------------------------------------------------------------------------------------

    def run(self, connection: Connection, values: Values = NOTHING) -> int:
        """How many rows it changed."""
        cursor = self._cursor(connection, values)
        return int(cursor.rowcount if cursor is not None else connection.execute(self.clause, values).rowcount)

    def many(self, connection: Connection, rows: Sequence[Values]) -> None:
        """Once for each of these rows, in one call of the driver."""
        driver = _driver(connection)
        if driver is None:
            connection.execute(self.clause, rows)
            return
        written = self._words_for(0)
        _tell(connection, driver, written.words, many=True)
        try:
            driver.executemany(written.words, map(written.fit, rows))
        except connection.dialect.loaded_dbapi.Error as error:
            raise _as_ours(connection, written.words, error) from error

    def all(self, connection: Connection, values: Values = NOTHING) -> list[Any]:
        """Its rows, each with its columns by name."""
        cursor = self._cursor(connection, values)
        if cursor is None:
            return list(connection.execute(self.clause, values))
        found = cursor.fetchall()
        return [*map(self._maker(cursor), self._read(found))] if found else found

    def tuples(self, connection: Connection, values: Values = NOTHING) -> list[Any]:
        """Its rows, their columns by place only."""
        cursor = self._cursor(connection, values)
        if cursor is None:
            return list(connection.execute(self.clause, values))
        return self._read(cursor.fetchall())

    def first(self, connection: Connection, values: Values = NOTHING) -> Any:
        """Its first row, or None."""
        found = self.all(connection, values)
        return found[0] if found else None

    def one(self, connection: Connection, values: Values = NOTHING) -> Any:
        """Its one row. Raises LookupError when there is none or another one."""
        (found,) = self.all(connection, values) or _no_row(self)
        return found

    def value(self, connection: Connection, values: Values = NOTHING) -> Any:
        """The first column of the first row, or None."""
        found = self.tuples(connection, values)
        return found[0][0] if found else None

    # -- inside -----------------------------------------------------------------------------------------------------

    def _cursor(self, connection: Connection, values: Values) -> Any:
        """What the driver answers; None where the longer road is to be taken."""
        driver = _driver(connection)
        if driver is None:
            return None
        size = 0
        if self._list:
            keys = values[self._list]
            if not 0 < len(keys) <= MOST_KEYS:
                return None
            size = 1 << (len(keys) - 1).bit_length()
        written = self._written.get(size) or self._words_for(size)
        _tell(connection, driver, written.words, many=False)
        try:
            return driver.execute(written.words, written.fit(values))
        except connection.dialect.loaded_dbapi.Error as error:
            raise _as_ours(connection, written.words, error) from error

    def _words_for(self, size: int) -> _Written:
        written = self._written.get(size)
        if written is None:
            compiled: Any = self.clause.compile(dialect=_SQLITE, column_keys=self._columns)
            names = list(compiled.positiontup or ())
            said = dict(compiled.params)
            words = compiled.string.replace(f"__[POSTCOMPILE_{self._list}]", ", ".join("?" * size))
            fit = _fit_list(names, said, self._list, size) if self._list else _fit(names, said)
            written = self._written[size] = _Written(words, fit)
        return written

    def _maker(self, cursor: Any) -> Callable[[Iterable[Any]], Any]:
        if self._row is None:
            names = [column[0] for column in cursor.description]
            kind: Any = namedtuple  # noqa: PYI024 - its columns are known only now
            self._row = kind("Found", names, rename=True)._make
        return self._row

    def _read(self, found: list[Any]) -> list[Any]:
        """SQLite keeps a truth as a number."""
        if not self._booleans:
            return found
        rows = [list(row) for row in found]
        for row in rows:
            for place in self._booleans:
                if row[place] is not None:
                    row[place] = bool(row[place])
        return rows


def _driver(connection: Connection) -> Any:
    """The driver's own connection under an open transaction; None for a database that is not SQLite."""
    if connection.dialect.name != "sqlite":
        return None
    assert connection.in_transaction(), "a store is only used inside its transactions"
    return connection.connection.driver_connection


def _tell(connection: Connection, driver: Any, words: str, *, many: bool) -> None:
    """Who listens to what an engine says hears it on this road too."""
    listening = connection.engine.dispatch.before_cursor_execute
    if listening:
        for heard in listening:
            heard(connection, driver, words, (), None, many)


def _as_ours(connection: Connection, words: str, error: Any) -> BaseException:
    """The driver's error as SQLAlchemy would have raised it; the values stay out of it."""
    base = connection.dialect.loaded_dbapi.Error
    dialect = connection.dialect
    wrapped: BaseException = DBAPIError.instance(words, None, error, base, hide_parameters=True, dialect=dialect)
    return wrapped


def _name_of_list(clause: Clause) -> str:
    elements: Iterable[Any] = visitors.iterate(clause)
    names = [element.key for element in elements if getattr(element, "expanding", False)]
    if len(dict.fromkeys(names)) > 1:
        raise TypeError("a statement takes one list of keys")
    return str(names[0]) if names else ""


def _booleans(clause: Clause) -> tuple[int, ...]:
    """The places of its rows that hold a truth."""
    columns = getattr(clause, "exported_columns", ())
    return tuple(place for place, column in enumerate(columns) if isinstance(column.type, Boolean))


def _fit(names: list[str], fixed: dict[str, Any]) -> Callable[[Values], tuple[Any, ...]]:
    """Picks values in this order. What the statement itself says (a limit, a state) is not asked of the caller."""
    said = _said(names, fixed)
    if not names:
        return _fits_nothing
    if said:
        return lambda values: tuple(said[name] if name in said else values[name] for name in names)
    pick = itemgetter(*names)
    return pick if len(names) > 1 else lambda values: (pick(values),)


def _fits_nothing(_values: Values) -> tuple[Any, ...]:
    return ()


def _fit_list(names: list[str], fixed: dict[str, Any], of_list: str, size: int) -> Callable[[Values], tuple[Any, ...]]:
    """The same with a list of keys among them, filled up with its last key."""
    place = names.index(of_list)
    before, behind = _fit(names[:place], fixed), _fit(names[place + 1 :], fixed)

    def fit(values: Values) -> tuple[Any, ...]:
        return (*before(values), *_filled(values[of_list], size), *behind(values))

    return fit if len(names) > 1 else lambda values: _filled(values[of_list], size)


def _filled(keys: Sequence[Any], size: int) -> tuple[Any, ...]:
    return (*keys, *([keys[-1]] * (size - len(keys))))


def _said(names: list[str], fixed: dict[str, Any]) -> dict[str, Any]:
    return {name: fixed[name] for name in names if fixed.get(name) is not None}


def _no_row(statement: Statement) -> list[Any]:
    raise LookupError(str(statement.clause))
