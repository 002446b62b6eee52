"""What befell a console's store and a person must hear of: its own report becomes a case (sync.md §2.4, §2.8)."""

from __future__ import annotations

from typing import Literal, get_args

import msgspec
from pydantic import Field

from core.devices.model import Device
from core.kernel.case import Case
from core.kernel.handle import SERVER, Handle
from core.kernel.message import Command
from core.kernel.text import RowId, ShortWords
from core.kernel.tx import Tx
from core.kernel.values import Role

What = Literal["store_mended", "acts_lost", "rows_mended", "log_differs", "acts_forgotten"]
INCIDENTS: tuple[str, ...] = get_args(What)
MOST_ACTS = 10_000_000


class ReportIncident(Command):
    """A console says it by itself; nobody pressed anything. acts: kept or lost; audience: whose rows were loaded anew.

    at: by the console's own estimate.
    """

    device_id: RowId
    what: What
    acts: int = Field(default=0, ge=0, le=MOST_ACTS)
    audience: ShortWords = ""
    at: int = Field(default=0, ge=0, lt=1 << 53)


def report_incident(tx: Tx, cmd: ReportIncident) -> None:
    device = tx.get(Device, cmd.device_id)
    detail = {"device": device.name, "acts": cmd.acts, "audience": cmd.audience, "since": cmd.at}
    tx.add(
        Case(
            id=tx.new_id(),
            code=cmd.what,
            detail=msgspec.json.encode(detail).decode(),
            op_id=tx.layer.act.op_id.hex(),
            ward_id=device.ward_id,
            kitchen_id=device.kitchen_id,
            opened_at=tx.at,
        )
    )


HANDLERS = (
    Handle(
        ReportIncident,
        report_incident,
        where=SERVER,
        roles={Role.SYSTEM},
        reads=(lambda c, tx: ((Device, c.device_id),),),
    ),
)
