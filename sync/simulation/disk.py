"""Virtual disks: stores in memory that can be copied, run full, and die before or after a commit.

What happens below a commit is SQLite's promise, and is tested on real parts.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import Connection, Engine

from core.store import queue
from core.store.open import Store, open_memory

BEFORE, AFTER = "before", "after"
NO_LIMIT = 1_073_741_823  # SQLite's own default for max_page_count


class Crash(BaseException):
    """The process dies here: no `except` of ours may help it."""


class VirtualStore(Store):
    """One database. `doom` makes the process die at a coming commit; `pause` lets others in between transactions."""

    def __init__(self, writer: Engine, reader: Engine, *, whole: bool) -> None:
        super().__init__(_kept_open(writer), _kept_open(reader), whole=whole)
        self.pause: Callable[[], None] = _nothing
        with writer.connect() as connection:
            found: Any = connection.connection.driver_connection
        self.raw: sqlite3.Connection = found
        self.commits = 0
        self._doom = ""
        self._doomed_in = 0

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        self.pause()
        dies = ""
        with super().writing() as connection:
            yield connection
            dies = self._fate()
            if dies == BEFORE:
                raise Crash
        self.commits += 1
        if dies == AFTER:
            raise Crash

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        self.pause()
        with super().reading() as connection:
            yield connection

    def doom(self, when: str, commits: int = 0) -> None:
        """The process dies before or after the commit that comes after so many others."""
        self._doom, self._doomed_in = when, commits

    def spare(self) -> None:
        self._doom = ""

    @property
    def is_doomed(self) -> bool:
        return bool(self._doom)

    def _fate(self) -> str:
        if not self._doom:
            return ""
        if self._doomed_in:
            self._doomed_in -= 1
            return ""
        fate, self._doom = self._doom, ""
        return fate

    # -- the disk below ---------------------------------------------------------------------------------------------

    def checkpoint(self) -> None:
        """No log lies beside a store in memory."""

    def close(self) -> None:
        """The disk keeps what is on it."""

    def look(self, question: str, *values: object) -> list[Any]:
        """What somebody outside sees, between two transactions: no pause, no fate, and none of the layers between."""
        return self.raw.execute(question, values).fetchall()

    def content(self) -> bytes:
        return self.raw.serialize()

    def overwrite(self, content: bytes) -> None:
        """The file is another one from now on: a restored backup, a copy."""
        self.raw.deserialize(content)
        self.set_full(is_full=False)

    def set_full(self, *, is_full: bool) -> None:
        """No page more than there are."""
        pages = self.raw.execute("PRAGMA page_count").fetchone()[0] if is_full else NO_LIMIT
        self.raw.execute(f"PRAGMA max_page_count = {pages}")


class _KeptOpen:
    """An engine whose one connection is never put away: taking it out again costs more than what is done with it."""

    def __init__(self, engine: Engine) -> None:
        self._connection = engine.connect()
        self.dialect = engine.dialect

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        with self._connection.begin():
            yield self._connection


def _kept_open(engine: Engine) -> Engine:
    """The part of an engine that a store over memory needs."""
    found: Any = _KeptOpen(engine)
    return cast(Engine, found)


class Shelf:
    """Stores that were used before and may be written over: opening a new one costs more than a whole simulated day."""

    def __init__(self) -> None:
        self._free: dict[bool, list[VirtualStore]] = {True: [], False: []}

    def take(self, content: bytes, *, whole: bool) -> VirtualStore:
        free = self._free[whole]
        store = free.pop() if free else _fresh(whole=whole)
        store.overwrite(content)
        return store

    def give_back(self, store: VirtualStore) -> None:
        store.pause = _nothing
        store.spare()
        store.set_full(is_full=False)
        self._free[store.whole].append(store)


class VirtualDisk:
    """The virtual twin of a disk: consoles' stores by name."""

    def __init__(self, shelf: Shelf | None = None) -> None:
        self._shelf = shelf or Shelf()
        self._stores: dict[str, VirtualStore] = {}

    def open(self, name: str) -> VirtualStore:
        if name not in self._stores:
            self._stores[name] = self._shelf.take(_empty_console(), whole=False)
        return self._stores[name]

    def open_server(self) -> VirtualStore:
        """A database for a server, empty."""
        return _fresh(whole=True)

    def copy(self, name: str, to: str) -> None:
        self.put(to, self._stores[name].content())

    def list(self) -> tuple[str, ...]:
        return tuple(sorted(self._stores))

    def put(self, name: str, content: bytes) -> VirtualStore:
        """A whole file of that name, in place of the one that may be there."""
        if name in self._stores:
            self._stores[name].overwrite(content)
        else:
            self._stores[name] = self._shelf.take(content, whole=False)
        return self._stores[name]

    def clear(self) -> None:
        for store in self._stores.values():
            self._shelf.give_back(store)
        self._stores.clear()


def _fresh(*, whole: bool) -> VirtualStore:
    database = sqlite3.connect(":memory:", check_same_thread=False)
    database.execute("PRAGMA journal_mode = MEMORY")
    return open_memory(whole=whole, database=database, kind=VirtualStore)


@lru_cache(maxsize=1)
def _empty_console() -> bytes:
    """Made once: a connection that is written over keeps its prepared statements,
    so all files must be laid out alike."""
    store = _fresh(whole=False)
    queue.create_device_schema(store)
    return store.content()


def _nothing() -> None:
    """Nobody else is there."""
