"""How much room a console's store takes on its disk, and how much of it is the queue: for the sync screen."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, func, select

from core.store.device_schema import op, shadow
from core.store.open import Store


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes on the disk, and acts that are kept: those that wait and those that no backup holds yet.

    oldest_at: when the oldest of them was made, None when there is none.
    """

    store: int
    log: int  # what is written beside the file until the next checkpoint
    free: int  # inside the file
    acts: int
    acts_bytes: int
    oldest_at: int | None
    shadows: int


def sizes(connection: Connection) -> Sizes:
    pages = _pragma(connection, "page_count")
    page = _pragma(connection, "page_size")
    counted = connection.execute(
        select(func.count(), func.coalesce(func.sum(func.length(op.c.body)), 0), func.min(op.c.made_at))
    ).one()
    return Sizes(
        store=pages * page,
        log=log_bytes(connection),
        free=_pragma(connection, "freelist_count") * page,
        acts=counted[0],
        acts_bytes=counted[1],
        oldest_at=counted[2],
        shadows=connection.execute(select(func.count()).select_from(shadow)).scalar_one(),
    )


def sizes_of(store: Store) -> Sizes:
    with store.reading() as connection:
        return sizes(connection)


def _pragma(connection: Connection, name: str) -> int:
    return int(connection.exec_driver_sql(f"PRAGMA {name}").scalar_one())


def log_bytes(connection: Connection) -> int:
    """What is written beside the file until the next checkpoint; 0 for a store in memory."""
    file = next((row[2] for row in connection.exec_driver_sql("PRAGMA database_list") if row[1] == "main"), "")
    beside = Path(f"{file}-wal") if file else None
    return beside.stat().st_size if beside is not None and beside.exists() else 0
