"""Which audiences a device may hold now: its place, its kind, and the people whose grants let them work there."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
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
    return of_devices(connection, [device_id], at)[device_id]


def of_devices(connection: Connection, device_ids: Sequence[str], at: int) -> dict[str, tuple[str, ...]]:
    """The same for many at once: the house and its people are read once."""
    known = TxSource(connection, whole=True).rows(Device, device_ids)
    if all(device.revoked_at is not None for device in known.values()):
        return dict.fromkeys(device_ids, ())
    ward_ids = [ward.id for ward in _all(connection, Ward)]
    kitchen_ids = [kitchen.id for kitchen in _all(connection, Kitchen)]
    grants = [grant for grant in _all(connection, Grant) if isinstance(grant, Grant) and grant.holds_at(at)]
    found: dict[str, tuple[str, ...]] = dict.fromkeys(device_ids, ())
    for device in known.values():
        found[device.id] = audiences_of(device, ward_ids=ward_ids, kitchen_ids=kitchen_ids, grants=grants)
    return found


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
