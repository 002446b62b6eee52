"""What can still be read of a damaged store: who this console is, its queue act by act, and its verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert

from core.store.device_schema import DEVICE
from core.store.open import driver_of

ROW_BY_ROW = ("op", "outcome")
NOT_WANTED = ("op_row", "shadow")  # made anew when everything is loaded
ROWS_AT_ONCE = 500
MOST_BEYOND = 2_000  # rows looked for behind the last one that is known
Row = Mapping[str, Any]


@dataclass(slots=True)
class Salvaged:
    """Rows by table, as they lay there; holes: places where there was one that cannot be read."""

    rows: dict[str, list[Row]] = field(default_factory=dict)
    holes: int = 0

    def one(self, table: str) -> Row | None:
        found = self.rows.get(table, [])
        return found[0] if found else None


def salvage(path: Path, key: bytes | None) -> Salvaged:
    """Never raises for what the file holds. The file itself is only read."""
    saved = Salvaged()
    driver = driver_of(key)
    connection = driver.connect(str(path))
    try:
        if key is not None:
            connection.execute("PRAGMA cipher_log_level = NONE")  # it would write over a full-screen console
            connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        for name in DEVICE.tables:
            if name not in NOT_WANTED:
                _read(connection, driver.DatabaseError, name, saved)
    finally:
        connection.close()
    return saved


def _read(connection: Any, trouble: type[Exception], name: str, saved: Salvaged) -> None:
    rows = saved.rows[name] = []
    try:
        cursor = connection.execute(f'SELECT * FROM "{name}"')  # noqa: S608 - the name is ours
        names = [column[0] for column in cursor.description]
        for row in cursor:
            rows.append(dict(zip(names, row, strict=True)))
    except trouble:
        if name in ROW_BY_ROW:
            rows[:] = _one_by_one(connection, trouble, name, saved)


def _one_by_one(connection: Any, trouble: type[Exception], name: str, saved: Salvaged) -> Iterator[Row]:
    """By the number that SQLite gives every row: what lies on a whole page is still found."""
    me = saved.one("this_device")
    last = int(me["next_place"]) if me is not None else 0
    number = 0
    while number < last + MOST_BEYOND:
        number += 1
        try:
            cursor = connection.execute(f'SELECT * FROM "{name}" WHERE rowid = ?', (number,))  # noqa: S608 - ours
            row = cursor.fetchone()
        except trouble:
            saved.holes += 1
            continue
        if row is not None:
            last = max(last, number)
            yield dict(zip([column[0] for column in cursor.description], row, strict=True))


def lay_back(connection: Connection, names: Iterable[str], rows: Mapping[str, Sequence[Row]]) -> None:
    """Rows of these tables as they lay there, into a new store: columns that it does not know are left out."""
    for name in names:
        table = DEVICE.tables[name]
        shared = [column.name for column in table.c]
        known = [{column: row[column] for column in shared if column in row} for row in rows.get(name, ())]
        for start in range(0, len(known), ROWS_AT_ONCE):
            connection.execute(insert(table).prefix_with("OR IGNORE"), known[start : start + ROWS_AT_ONCE])
