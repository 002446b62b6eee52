"""Every console of the hospital, in use or not any more, with who let it in and what was refused on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Table, func, select

from core.devices.model import Device, DeviceTable
from core.kernel.case import UnreadOutcomeTable
from core.reports.needs import Heard, people_of

DEVICE: Table = DeviceTable.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
UNREAD: Table = UnreadOutcomeTable.__table__  # type: ignore[attr-defined]  # as above


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """heard None: nobody here knows how it stands. refused: verdicts that nobody has read yet."""

    device: Device
    enrolled_by: str
    refused: int
    heard: Heard | None


def devices(db: Connection, heard: Mapping[str, Heard]) -> tuple[DeviceRow, ...]:
    """Those in use first, by name."""
    people = people_of(db)
    unread = select(UNREAD.c.device_id, func.count()).where(UNREAD.c.acknowledged_at.is_(None))
    refused = {row[0]: int(row[1]) for row in db.execute(unread.group_by(UNREAD.c.device_id))}
    known = db.execute(select(DEVICE).order_by(DEVICE.c.revoked_at.is_not(None), DEVICE.c.name, DEVICE.c.id)).mappings()
    found = [Device.trusted(dict(row)) for row in known]
    return tuple(
        DeviceRow(one, people.get(one.enrolled_by, one.enrolled_by), refused.get(one.id, 0), heard.get(one.id))
        for one in found
    )
