"""A damaged store makes room for a new one: built beside it, moved in whole, and the damaged file kept while it may be
needed. Killed at any point, the next start goes on; no point leaves this machine without a store."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from core.store import queue
from core.store.home import BESIDE, NEW_NAME, STORE_KEY, Home
from core.store.open import Store, open_store

MENDED_NAME = "device.mended.db"  # whole, and about to move in
DAMAGED = "device.damaged"
WHO_NAME = "device.json"
MOST_DAMAGED = 3  # files kept; the oldest goes


@dataclass(frozen=True, slots=True)
class Who:
    """Who this console is, kept beside its store: nothing secret, and nothing that changes. key: tells whether the key
    is the store's, when its first page can no longer say so."""

    id: str
    kind: str
    name: str
    kitchen_id: str
    ward_id: str
    server_url: str
    server_key: str
    key: str


def remember(where: Home, store: Store, key: bytes | None) -> None:
    """Written once, and again when it differs."""
    with store.reading() as connection:
        me = queue.this(connection)
    if me is None:
        return
    who = Who(
        me.id, me.kind, me.name, me.kitchen_id, me.ward_id, me.server_url, bytes(me.server_key).hex(), print_of(key)
    )
    if recall(where) == who:
        return
    fresh = where.folder / f"{WHO_NAME}.new"
    fresh.write_text(json.dumps(asdict(who)), encoding="utf-8")
    fresh.chmod(0o600)
    os.replace(fresh, where.folder / WHO_NAME)


def recall(where: Home) -> Who | None:
    try:
        return Who(**json.loads((where.folder / WHO_NAME).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def print_of(key: bytes | None) -> str:
    """Of a key of 32 random bytes: it tells nothing about it."""
    return hashlib.sha256(b"dusangire store key print 1" + key).hexdigest()[:32] if key is not None else ""


def is_our_key(where: Home) -> bool:
    """Whether the key in the vault is the one that this store was made with."""
    who = recall(where)
    key = where.vault.secret(STORE_KEY)
    return who is not None and key is not None and who.key == print_of(key)


def exchange(where: Home, key: bytes | None, build: Callable[[Store], None], *, keep: bool) -> None:
    """Builds the new store, and moves it in. keep: the damaged file stays on this machine, under another name."""
    fresh = where.folder / NEW_NAME
    _remove(fresh)
    store = open_store(fresh, key)
    try:
        queue.create_device_schema(store)
        build(store)
        store.checkpoint()
    finally:
        store.close()
    if keep:
        _lay_aside(where)
    os.replace(fresh, where.folder / MENDED_NAME)
    finish(where)


def finish(where: Home) -> bool:
    """Moves a mended store in, if there is one; whether there was. A log beside the old file must not meet the new."""
    mended = where.folder / MENDED_NAME
    if not mended.exists():
        return False
    for ending in BESIDE[1:]:
        where.store_file.with_name(where.store_file.name + ending).unlink(missing_ok=True)
    os.replace(mended, where.store_file)
    _remove(mended)
    return True


def _lay_aside(where: Home) -> None:
    """Under a second name first: the store itself is in place until the very end."""
    number = 1
    while (aside := where.folder / f"{DAMAGED}-{number}.db").exists():
        number += 1
    for ending in BESIDE[:2]:
        found = where.store_file.with_name(where.store_file.name + ending)
        if found.exists():
            os.link(found, aside.with_name(aside.name + ending))
    if number > MOST_DAMAGED:
        _remove(where.folder / f"{DAMAGED}-{number - MOST_DAMAGED}.db")


def _remove(path: Path) -> None:
    for ending in BESIDE:
        with contextlib.suppress(OSError):
            path.with_name(path.name + ending).unlink(missing_ok=True)
