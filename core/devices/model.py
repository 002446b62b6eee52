"""Consoles known to the hospital: what they are, where they stand, and the code that enrols a new one."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from sqlmodel import Index, text

from core.kernel.row import ADMIN, NOBODY, Audience, Row


class DeviceKind(StrEnum):
    KITCHEN = "kitchen"
    WARD = "ward"
    CLINICAL = "clinical"
    ADMIN = "admin"


class Device(Row):
    """One enrolled console. A clinical or ward device with ward_id "" serves every ward."""

    audiences: ClassVar = (ADMIN, Audience("device", "id"))

    kind: str
    name: str  # "kitchen 1"
    kitchen_id: str = ""
    ward_id: str = ""
    public_key: str  # Ed25519, hex
    incarnation: str
    enrolled_at: int
    enrolled_by: str = ""
    revoked_at: int | None = None
    audiences_version: int = 1


class DeviceTable(Device, table=True):
    __tablename__ = "device"


class EnrolCode(Row):
    """A one-time code for one new device: its id is the hash of the code."""

    audiences: ClassVar = NOBODY
    housekeeping: ClassVar = "kept: who let which device in"

    kind: str
    name: str
    kitchen_id: str = ""
    ward_id: str = ""
    made_by: str
    made_at: int
    expires_at: int
    used_at: int | None = None
    device_id: str = ""


class EnrolCodeTable(EnrolCode, table=True):
    __tablename__ = "enrol_code"


class NumberLease(Row):
    """Twenty numbers from `first` up that this console alone gives to orders, in every service anew."""

    audiences: ClassVar = (ADMIN, Audience("device", "device_id"))
    owners: ClassVar = {"device_id": "device"}
    retired_by: ClassVar = "returned_at"
    housekeeping: ClassVar = "leaves its console when that is taken out of use; its numbers rest for some days"

    device_id: str
    first: int
    leased_at: int
    returned_at: int | None = None


class NumberLeaseTable(NumberLease, table=True):
    __tablename__ = "number_lease"
    __table_args__ = (
        Index(
            "number_lease_held",
            "first",
            unique=True,
            sqlite_where=text("returned_at IS NULL"),
            postgresql_where=text("returned_at IS NULL"),
        ),
    )
