"""Where a console's store lies on this machine, how it is opened with its key, and how a new one comes to be, whole."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from core.kernel.refusal import Refusal
from core.settings import Settings
from core.store import device_rows, device_steps, queue
from core.store.open import DEVICE_VERSION, Store, StoreTrouble, open_store
from core.store.vault import Vault, open_vault

STORE_NAME = "device.db"
NEW_NAME = "device.new.db"
LOCK_NAME = "device.lock"
BESIDE = ("", "-wal", "-shm")  # SQLite's files
STORE_KEY = "store"  # names in the vault
DEVICE_KEY = "device"
KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Home:
    """One console's folder and the vault that holds its keys. plain: the store is not encrypted (a setting)."""

    folder: Path
    vault: Vault
    plain: bool = False

    @property
    def store_file(self) -> Path:
        return self.folder / STORE_NAME

    @property
    def lock_file(self) -> Path:
        return self.folder / LOCK_NAME

    def is_enrolled(self) -> bool:
        return self.store_file.exists()


def home_of(settings: Settings) -> Home:
    return Home(settings.data_folder, open_vault(settings), plain=settings.plain_store)


def open_device(where: Home) -> Store:
    """This machine's store, brought to this version and checked.

    Raises Refusal("not_enrolled"), StoreTrouble: wrong_key, newer_store, damaged_store; nothing is changed then.
    """
    if not where.is_enrolled():
        raise Refusal("not_enrolled")
    key = None if where.plain else where.vault.secret(STORE_KEY)
    if key is None and not where.plain:
        raise StoreTrouble("wrong_key", path=STORE_NAME)
    try:
        store = open_store(where.store_file, key)
    except DatabaseError as error:
        raise StoreTrouble("damaged_store", path=STORE_NAME) from error
    try:
        check(store)
        device_steps.step_up(store)
        device_rows.keep_in_step(store)
    except BaseException:
        store.close()
        raise
    return store


@contextmanager
def new_device(where: Home, device_seed: bytes) -> Iterator[Store]:
    """A new store, under another name until the block has ended well: then its keys are put away and it moves in."""
    where.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = where.folder / NEW_NAME
    _remove(fresh)
    key = None if where.plain else os.urandom(KEY_BYTES)
    try:
        store = open_store(fresh, key)
        try:
            queue.create_device_schema(store)
            yield store
            store.checkpoint()
        finally:
            store.close()
        if key is not None:
            where.vault.keep(STORE_KEY, key)
        where.vault.keep(DEVICE_KEY, device_seed)
        os.replace(fresh, where.store_file)
    finally:
        _remove(fresh)


def check(store: Store) -> None:
    """Reads every page's structure: a damaged store is found before anybody works on it."""
    try:
        with store.reading() as connection:
            version = int(connection.execute(text("PRAGMA user_version")).scalar_one())
            found = connection.execute(text("PRAGMA quick_check(1)")).scalars().all()
    except DatabaseError as error:
        raise StoreTrouble("damaged_store") from error
    if version == 0 or version > DEVICE_VERSION or found != ["ok"]:
        raise StoreTrouble("damaged_store")


def check_seals(store: Store) -> None:
    """Every page against its seal, those among them that hold nothing now. Nobody else may be at work on the file: the
    check does not wait for a page that is just being written. A plain store has no seals."""
    with store.reading() as connection:
        checked = connection.execute(text("PRAGMA cipher_integrity_check"))
        if checked.returns_rows and checked.first() is not None:
            raise StoreTrouble("damaged_store")


class FolderDisk:
    """A folder of stores under one key: the real twin of the disk."""

    def __init__(self, folder: Path, key: bytes | None) -> None:
        self._folder = folder
        self._key = key

    def open(self, name: str) -> Store:
        path = self._folder / f"{name}.db"
        fresh = not path.exists()
        store = open_store(path, self._key)
        if fresh:
            queue.create_device_schema(store)
        return store

    def copy(self, name: str, to: str) -> None:
        for ending in BESIDE:
            source = self._folder / f"{name}.db{ending}"
            if source.exists():
                shutil.copyfile(source, self._folder / f"{to}.db{ending}")

    def list(self) -> tuple[str, ...]:
        return tuple(sorted(path.stem for path in self._folder.glob("*.db")))


def _remove(path: Path) -> None:
    for ending in BESIDE:
        path.with_name(path.name + ending).unlink(missing_ok=True)
