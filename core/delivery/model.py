"""Trays and what happened to them on the way to the bed."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from core.kernel.row import Row
from core.wards.model import OF_THE_STAY


class TrayState(StrEnum):
    ASSEMBLED = "assembled"
    OUT = "out"
    GIVEN = "given"
    AT_WARD = "at_ward"
    RETURNED = "returned"
    COLLECTED = "collected"
    DISCARDED = "discarded"


class Tray(Row):
    """The meal as a thing: one order may need a second tray when the first is spilled."""

    audiences: ClassVar = OF_THE_STAY
    owners: ClassVar = {"order_id": "order"}
    retired_by: ClassVar = "archived_at"
    housekeeping: ClassVar = "leaves the devices with its order"

    order_id: str
    stay_id: str
    ward_id: str
    kitchen_id: str
    number: int = 1  # first, second tray of this order
    label_version: int = 1
    label_void: bool = False
    state: str = TrayState.ASSEMBLED
    assembled_at: int
    out_at: int | None = None
    runner_id: str = ""
    archived_at: int | None = None


class TrayTable(Tray, table=True):
    __tablename__ = "tray"


class HandOver(Row):
    """That a tray reached its person: by whom, proven how. A second one for the same order is kept and noted (R48)."""

    audiences: ClassVar = OF_THE_STAY
    owners: ClassVar = {"order_id": "order"}
    retired_by: ClassVar = "archived_at"
    housekeeping: ClassVar = "kept for good on the server"

    order_id: str
    tray_id: str = ""
    stay_id: str
    ward_id: str
    kitchen_id: str
    at: int
    claimed_at: int
    by: str
    to_nurse: str = ""
    identifiers: str  # codes: which two matched (R57)
    typed: bool = False
    proof: str = ""  # "signature", "x_and_pin"
    second: bool = False
    allowed_by: str = ""  # the nurse who allowed what could not be decided at the bed
    note: str = ""
    archived_at: int | None = None


class HandOverTable(HandOver, table=True):
    __tablename__ = "hand_over"


class DeliveryIssue(Row):
    """Why a tray was not given; what follows for money, nutrients and tray is R24's table."""

    audiences: ClassVar = OF_THE_STAY
    owners: ClassVar = {"order_id": "order"}
    retired_by: ClassVar = "archived_at"
    housekeeping: ClassVar = "leaves the devices with its order; kept for good on the server"

    order_id: str
    tray_id: str = ""
    stay_id: str
    ward_id: str
    kitchen_id: str
    code: str
    note: str = ""
    at: int
    claimed_at: int
    by: str
    archived_at: int | None = None


class DeliveryIssueTable(DeliveryIssue, table=True):
    __tablename__ = "delivery_issue"
