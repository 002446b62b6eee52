"""The newest seal of the server's log that this console was told: it bears witness that the log was so."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from core.store import device_schema
from core.store.statement import Statement

_READ = Statement(
    select(device_schema.witness).join(
        device_schema.cursor, device_schema.cursor.c.epoch == device_schema.witness.c.epoch
    )
)


@dataclass(frozen=True, slots=True)
class Witness:
    epoch: str
    seq: int
    seal: bytes


def read(connection: Connection) -> Witness | None:
    """Of the epoch that this console is in; None when nothing was told yet."""
    row = _READ.first(connection)
    return Witness(row.epoch, row.seq, bytes(row.seal)) if row is not None else None


def keep(connection: Connection, new: Witness) -> None:
    forget(connection)
    connection.execute(insert(device_schema.witness), {"one": 1, "epoch": new.epoch, "seq": new.seq, "seal": new.seal})


def forget(connection: Connection) -> None:
    connection.execute(delete(device_schema.witness))
