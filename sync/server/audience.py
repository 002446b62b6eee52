"""Which audiences a device may hold now: its place, its kind, and the people whose grants let them work there."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from sqlalchemy import Connection, select

from core.devices.audience import audiences_of
from core.devices.model import Device
from core.kernel.row import Row
from core.people.model import Grant
from core.store.read import TxSource, as_rows
from core.store.statement import Statement
from core.store.tables import TABLES
from core.wards.model import Kitchen, Ward

_IDS: dict[type[Row], Statement] = {
    row_class: Statement(select(TABLES[row_class].c.id).order_by(TABLES[row_class].c.id))
    for row_class in (Ward, Kitchen)
}
_GRANTS = Statement(select(TABLES[Grant]).order_by(TABLES[Grant].c.id))


def of_device(connection: Connection, device_id: str, at: int) -> tuple[str, ...]:
    """Sorted; empty for a device that is unknown or revoked: it may still push, never pull (sync.md §2.3)."""
    return of_devices(connection, [device_id], at)[device_id]


def of_devices(connection: Connection, device_ids: Sequence[str], at: int) -> dict[str, tuple[str, ...]]:
    """The same for many at once: the house and its people are read once."""
    known = TxSource(connection, whole=True).rows(Device, device_ids)
    if all(device.revoked_at is not None for device in known.values()):
        return dict.fromkeys(device_ids, ())
    ward_ids = [row[0] for row in _IDS[Ward].tuples(connection)]
    kitchen_ids = [row[0] for row in _IDS[Kitchen].tuples(connection)]
    grants = [grant for grant in as_rows(Grant, _GRANTS.tuples(connection)) if grant.holds_at(at)]
    found: dict[str, tuple[str, ...]] = dict.fromkeys(device_ids, ())
    for device in known.values():
        found[device.id] = audiences_of(device, ward_ids=ward_ids, kitchen_ids=kitchen_ids, grants=grants)
    return found


def version_of(audiences: tuple[str, ...]) -> int:
    """A number for a set of audiences: equal sets have equal numbers, whichever process answers."""
    digest = hashlib.sha256(" ".join(sorted(audiences)).encode()).digest()
    return int.from_bytes(digest[:6], "big") | 1
