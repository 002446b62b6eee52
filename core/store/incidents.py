"""What befell this console's store, kept here until the server has it: a person must hear of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, insert, select

from core.store.device_schema import incident

ID_BYTES = 16


def note(connection: Connection, code: str, at: int, **detail: str | int) -> None:
    """Noted twice at one instant it is one."""
    told = msgspec.json.encode(detail).decode()
    name = hashlib.sha256(f"{code} {at} {told}".encode()).digest()[:ID_BYTES]
    values = {"id": name, "code": code, "detail": told, "at": at}
    connection.execute(insert(incident).prefix_with("OR IGNORE", dialect="sqlite"), values)


def waiting(connection: Connection, most: int) -> Sequence[Any]:
    """id, code, detail, at: the oldest first."""
    return connection.execute(select(incident).order_by(incident.c.at, incident.c.id).limit(most)).all()


def told(connection: Connection, ids: Iterable[bytes]) -> None:
    connection.execute(delete(incident).where(incident.c.id.in_(list(ids))))
