"""Opens a store and hands out its transactions: one writer at a time, readers beside it, durable at every commit."""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError
from sqlalchemy.pool import QueuePool, StaticPool

from core.kernel.refusal import Refusal

BUSY_MS = 10_000
CACHE_KIB = 16_384  # of a database that is not sealed: the server's, whose turns touch rows all over it
READERS_KEPT = 4
LOG_PAGES = 4_000  # a write-ahead log as long as this is moved into the file by whoever commits, and that one waits
DEVICE_VERSION = 5  # PRAGMA user_version of the device machinery


S = TypeVar("S", bound="Store")


class StoreTrouble(Refusal):
    """A store cannot be opened or written. Its code has words: wrong_key, newer_store, disk_full, damaged_store."""


class Store:
    """One database. `writing()` is the only way to change it; `reading()` sees one consistent state."""

    def __init__(self, writer: Engine, reader: Engine, *, whole: bool, kept: int = 0) -> None:
        """kept: so many reading connections stay in hand between two transactions: fetching one from the pool
        each time costs more than most questions."""
        self.whole = whole  # the server's store: what is not here does not exist
        self._writer = writer
        self._reader = reader
        self._kept = kept
        self._idle: deque[Connection] = deque()
        self.dialect = writer.dialect.name
        self.unmoved = 0  # transactions written here since the log was last moved

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One writing transaction; commits at the end. A full disk raises StoreTrouble, with nothing half done."""
        try:
            with self._writer.begin() as connection:
                yield connection
        except (OperationalError, DatabaseError) as error:
            raise _as_trouble(error) from error
        self.unmoved += 1

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        if not self._kept:
            with self._reader.begin() as connection:
                yield connection
            return
        connection = self._reading_connection()
        try:
            with connection.begin():
                yield connection
        except BaseException:
            connection.close()
            raise
        if len(self._idle) < self._kept:
            self._idle.append(connection)
        else:
            connection.close()

    def _reading_connection(self) -> Connection:
        try:
            return self._idle.pop()
        except IndexError:  # all are in use, by other threads
            return self._reader.connect()

    @contextmanager
    def beside(self, file: Path, name: str) -> Iterator[None]:
        """A plain SQLite file that can be read under this name in what is written meanwhile. Once it is open here, it
        needs no name on the disk any more."""
        self._of_writer("ATTACH ? AS ? KEY ''", (str(file), name))
        try:
            yield
        finally:
            with suppress(self._writer.dialect.loaded_dbapi.Error):  # one that broke took it along
                self._of_writer("DETACH ?", (name,))

    def _of_writer(self, words: str, values: tuple[str, ...]) -> None:
        raw = self._writer.raw_connection()  # the one there is; no transaction around it
        try:
            raw.cursor().execute(words, values)
        finally:
            raw.close()

    def checkpoint(self) -> None:
        """Moves the write-ahead log into the file and empties it."""
        self._move_log("TRUNCATE")

    def move_log(self) -> None:
        """Moves what the write-ahead log holds into the file, as far as nobody reads it, while others go on writing: so
        that no commit has to, and the log is written over from its beginning instead of growing."""
        self._move_log("PASSIVE")

    def _move_log(self, how: str) -> None:
        if self.dialect == "sqlite":
            self.unmoved = 0
            with self._reader.connect() as connection:
                connection.execution_options(isolation_level="AUTOCOMMIT")
                connection.exec_driver_sql(f"PRAGMA wal_checkpoint({how})")

    def rewrite(self) -> None:
        """Writes the file anew without its empty pages. Nobody else may be at work."""
        if self.dialect == "sqlite":
            raw = self._writer.raw_connection()  # no transaction around it
            try:
                raw.cursor().execute("VACUUM")
            finally:
                raw.close()
            self.checkpoint()

    def foreign_version(self) -> int:
        """A number that changes when another process has written here (PRAGMA data_version of our own writer)."""
        raw = self._writer.raw_connection()
        try:
            return int(raw.cursor().execute("PRAGMA data_version").fetchone()[0])
        finally:
            raw.close()

    def close(self) -> None:
        self._kept = 0
        while self._idle:
            self._idle.pop().close()
        self._writer.dispose()
        self._reader.dispose()


def open_server_store(url: str) -> Store:
    """The hospital's database by its URL: `sqlite:///file`, or PostgreSQL. Its schema is Alembic's (`migrations`)."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite_store(Path(parsed.database or ""), key=None, whole=True)
    writer = create_engine(parsed, pool_size=2, max_overflow=2)
    reader = create_engine(parsed, pool_size=8, isolation_level="REPEATABLE READ")
    return Store(writer, reader, whole=True)


def open_store(path: Path, key: bytes | None) -> Store:
    """A console's store. With a 32 byte key it is SQLCipher; without one it is plain (a setting).

    Raises StoreTrouble("wrong_key") before anything is drawn, StoreTrouble("newer_store") untouched.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if key is not None:
        _prove_key(path, key)
    store = _sqlite_store(path, key=key, whole=False)
    with store.reading() as connection:
        version = int(connection.execute(text("PRAGMA user_version")).scalar_one())
    if version > DEVICE_VERSION:
        store.close()
        raise StoreTrouble("newer_store", has=version, knows=DEVICE_VERSION)
    return store


def open_memory(
    *,
    whole: bool,
    database: sqlite3.Connection | None = None,
    kind: type[S] = Store,  # type: ignore[assignment]
) -> S:
    """A store in memory: tests and the simulator's virtual disk, which passes its own connection and kind in."""
    connection = database or sqlite3.connect(":memory:", check_same_thread=False)
    connection.isolation_level = None
    engine = create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)
    event.listen(engine, "begin", _begin_alone)
    return kind(engine, engine, whole=whole)


def _sqlite_store(path: Path, *, key: bytes | None, whole: bool) -> Store:
    def connect() -> Any:
        return _connect(path, key)

    dialect: dict[str, Any] = {
        "creator": connect,
        "module": driver_of(key),  # whose errors are known as its own
        "pool_reset_on_return": None,  # every transaction of a store ends by itself
    }
    writer = create_engine("sqlite://", poolclass=QueuePool, pool_size=1, max_overflow=0, **dialect)
    reader = create_engine("sqlite://", poolclass=QueuePool, pool_size=4, max_overflow=4, **dialect)
    event.listen(writer, "begin", _begin_immediate)
    event.listen(reader, "begin", _begin_deferred)
    return Store(writer, reader, whole=whole, kept=READERS_KEPT)


def driver_of(key: bytes | None) -> Any:
    if key is None:
        return sqlite3
    import sqlcipher3.dbapi2 as cipher  # only where a key asks for it

    return cipher


def _connect(path: Path, key: bytes | None) -> Any:
    connection = driver_of(key).connect(str(path), isolation_level=None, check_same_thread=False)
    if key is not None:
        connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")  # before journal_mode, which may have to wait
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")  # an answered act survives a power cut (sync.md §0.10)
    connection.execute(f"PRAGMA wal_autocheckpoint = {LOG_PAGES}")
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA temp_store = MEMORY")
    if key is None:
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    return connection


def _prove_key(path: Path, key: bytes) -> None:
    """A wrong key makes SQLCipher write to stderr, over a full-screen console: find out before there is one."""
    cipher = driver_of(key)
    if not path.exists() or path.stat().st_size == 0:
        return
    connection = cipher.connect(str(path))
    try:
        connection.execute("PRAGMA cipher_log_level = NONE")
        connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except cipher.DatabaseError as error:
        code = "wrong_key" if "not a database" in str(error) else "damaged_store"
        raise StoreTrouble(code, path=path.name) from error
    finally:
        connection.close()


def _begin_immediate(connection: Connection) -> None:
    _begin(connection, "BEGIN IMMEDIATE")


def _begin_alone(connection: Connection) -> None:
    """In memory nobody else holds a lock: straight to the driver, for the simulator begins a million transactions."""
    driver: Any = connection.connection.driver_connection
    driver.execute("BEGIN IMMEDIATE")


def _begin_deferred(connection: Connection) -> None:
    _begin(connection, "BEGIN")


def _begin(connection: Connection, words: str) -> None:
    """Straight to the driver; a store that stays busy is told as SQLAlchemy would."""
    driver: Any = connection.connection.driver_connection
    base = connection.dialect.loaded_dbapi.Error
    try:
        driver.execute(words)
    except base as error:
        dialect = connection.dialect
        raise DBAPIError.instance(words, None, error, base, hide_parameters=True, dialect=dialect) from error


def _as_trouble(error: DatabaseError) -> Exception:
    """SQLite ends the transaction of a full disk by itself, so what is raised may be about a savepoint that is gone:
    what came before it tells."""
    found: BaseException | None = error
    while found is not None:
        words = str(found).lower() if isinstance(found, DatabaseError) else ""
        if "is full" in words or "no space" in words:
            return StoreTrouble("disk_full")
        if "malformed" in words or "not a database" in words:
            return StoreTrouble("damaged_store")
        found = found.__context__
    return error
