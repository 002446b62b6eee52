"""A copy of a whole hospital in one SQLite file, from either database, and back into either (sync.md §2.8)."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError, IntegrityError

from core.kernel.refusal import Refusal
from core.store import migrations
from core.store.home import BESIDE
from core.store.open import Store, StoreTrouble, open_server_store
from core.store.tables import SERVER

ROWS_AT_ONCE = 1_000
PART = ".part"  # a copy that is not whole yet
ASIDE = ".before-restore"


def write_copy(address: str, target: Path) -> None:
    """Copies the hospital behind this address into a new file: one consistent state, while others go on writing.

    Raises Refusal("no_backup", why) when the file cannot be written; then there is none.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        target.touch(mode=0o600, exist_ok=False)
        parsed = make_url(address)
        if parsed.get_backend_name() == "sqlite":
            _copy_file(Path(parsed.database or ""), target)
        else:
            _copy_tables(address, target)
        _to_disk(target)
    except (OSError, sqlite3.Error, DatabaseError) as error:
        discard(target)
        raise Refusal("no_backup", why=type(error).__name__) from error


@contextmanager
def opened(copy: Path) -> Iterator[Store]:
    """A copy as a store of its own; leaves nothing beside the file. Raises Refusal("bad_backup") for any other file."""
    if not copy.is_file():
        raise Refusal("bad_backup", file=copy.name, why="gone")
    store = open_server_store(f"sqlite:///{copy}")
    try:
        with store.reading() as connection:
            found = connection.execute(text("PRAGMA integrity_check(1)")).scalars().all()
            has = migrations.version_of(connection)
        if found != ["ok"] or not has:
            raise Refusal("bad_backup", file=copy.name, why="damaged")
        yield store
        store.checkpoint()
    except DatabaseError as error:
        raise Refusal("bad_backup", file=copy.name, why="damaged") from error
    finally:
        store.close()
        _remove_beside(copy)


def discard(copy: Path) -> None:
    """With what SQLite may have left beside it."""
    with contextlib.suppress(NotADirectoryError):
        copy.unlink(missing_ok=True)
        _remove_beside(copy)


def _remove_beside(copy: Path) -> None:
    for ending in BESIDE[1:]:
        copy.with_name(copy.name + ending).unlink(missing_ok=True)


def move_in(copy: Path, address: str) -> str:
    """The copy is the hospital from now on. What was there before stays beside it; its file's name, "" when there was
    none, or when the database has no file. Nobody may be serving it."""
    parsed = make_url(address)
    if parsed.get_backend_name() == "sqlite":
        return _move_file(copy, Path(parsed.database or ""))
    _load_tables(copy, address)
    return ""


# -- a file -----------------------------------------------------------------------------------------------------------


def _copy_file(source: Path, target: Path) -> None:
    """SQLite's own way, in one step: it holds one state open, and writers go on beside it."""
    with contextlib.closing(sqlite3.connect(source)) as living, contextlib.closing(sqlite3.connect(target)) as copy:
        living.backup(copy, pages=-1)
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, nothing beside it


def _move_file(copy: Path, target: Path) -> str:
    """Written beside it first, so that the last step is one change of name, done whole or not at all."""
    fresh = target.with_name(f"{target.name}{PART}")
    discard(fresh)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _copy_file(copy, fresh)
    fresh.chmod(0o600)
    _to_disk(fresh)
    aside = _free_name(target) if target.exists() else None
    if aside is not None:
        for ending in BESIDE:
            found = target.with_name(target.name + ending)
            if found.exists():
                os.replace(found, aside.with_name(aside.name + ending))
    os.replace(fresh, target)
    _to_disk(target)
    return aside.name if aside is not None else ""


def _free_name(target: Path) -> Path:
    number = 1
    while (aside := target.with_name(f"{target.stem}{ASIDE}-{number}{target.suffix}")).exists():
        number += 1
    return aside


def _to_disk(path: Path) -> None:
    for one in (path, path.parent):
        handle = os.open(one, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


# -- any other database -----------------------------------------------------------------------------------------------


def _copy_tables(address: str, target: Path) -> None:
    """Every row of one snapshot, into the same tables in a file."""
    source, copy = open_server_store(address), open_server_store(f"sqlite:///{target}")
    try:
        migrations.bring_up(copy)
        with source.reading() as reading, copy.writing() as writing:
            if migrations.version_of(reading) != migrations.version_of(writing):
                raise StoreTrouble("newer_store", has=migrations.version_of(reading), knows=migrations.newest())
            _pour(reading, writing)
        copy.checkpoint()
        with copy.reading() as connection:
            connection.exec_driver_sql("SELECT 1")
    finally:
        source.close()
        copy.close()


def _load_tables(copy: Path, address: str) -> None:
    """In one transaction: the tables are emptied and filled again, or stay as they were."""
    target = open_server_store(address)
    try:
        migrations.bring_up(target)
        with opened(copy) as source, source.reading() as reading, target.writing() as writing:
            for table in reversed(SERVER.sorted_tables):
                writing.execute(table.delete())
            _pour(reading, writing)
    except IntegrityError as error:
        raise Refusal("bad_backup", file=copy.name, why="rows") from error
    finally:
        target.close()


def _pour(source: Connection, target: Connection) -> None:
    for table in SERVER.sorted_tables:
        rows: Any = source.execution_options(yield_per=ROWS_AT_ONCE).execute(select(table))
        for part in rows.mappings().partitions(ROWS_AT_ONCE):
            target.execute(insert(table), [dict(row) for row in part])
