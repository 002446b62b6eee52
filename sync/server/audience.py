"""Which audiences a device may hold now: its place, its kind, and the people whose grants let them work there."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Select, select

from core.devices.audience import audiences_of
from core.devices.model import Device
from core.kernel.row import Row
from core.people.model import Grant
from core.store.read import TxSource, as_rows
from core.store.tables import TABLES
from core.wards.model import Kitchen, Ward


def of_device(connection: Connection, device_id: str, at: int) -> tuple[str, ...]:
    """Sorted; empty for a device that is unknown or revoked: it may still push, never pull (sync.md §2.3)."""
    device = TxSource(connection, whole=True).rows(Device, [device_id]).get(device_id)
    if device is None or device.revoked_at is not None:
        return ()
    wards = _all(connection, Ward)
    kitchens = _all(connection, Kitchen)
    grants = [grant for grant in _all(connection, Grant) if isinstance(grant, Grant) and grant.holds_at(at)]
    return audiences_of(
        device, ward_ids=[ward.id for ward in wards], kitchen_ids=[k.id for k in kitchens], grants=grants
    )


def version_of(audiences: tuple[str, ...]) -> int:
    """A number for a set of audiences: equal sets have equal numbers, whichever process answers."""
    digest = hashlib.sha256(" ".join(sorted(audiences)).encode()).digest()
    return int.from_bytes(digest[:6], "big") | 1


def _all(connection: Connection, row_class: type[Row]) -> list[Row]:
    return as_rows(row_class, connection.execute(_every(row_class)))


@lru_cache(maxsize=None)
def _every(row_class: type[Row]) -> Select[Any]:
    table = TABLES[row_class]
    return select(table).order_by(table.c.id)
