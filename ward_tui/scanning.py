"""What a scan, or a number that was typed instead, means on this console."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection

_NUMBER = re.compile(r"^([A-Za-z])-?([0-9]{1,6})$")


@dataclass(frozen=True, slots=True)
class Found:
    """kind: tray, wristband, or unknown. version: of the label; 0 when the number was typed."""

    kind: str
    order_id: str = ""
    tray_id: str = ""
    stay_id: str = ""
    version: int = 0
    code: str = ""

    @property
    def is_tray(self) -> bool:
        return self.kind == "tray"


def found(db: Connection, code: str) -> Found:
    """In the store's thread. An order's number counts as its tray."""
    from core.delivery.codes import TrayCode, read_code
    from core.delivery.queries import order_numbered, orders_of_stay_under_way, stop_of, tray_by_id

    read = read_code(code)
    if isinstance(read, TrayCode):
        tray = tray_by_id(db, read.tray_id)
        return Found("tray", tray.order_id, tray.id, version=read.version) if tray else Found("unknown", code=code)
    if read is not None:
        orders = orders_of_stay_under_way(db, read.stay_id)
        return Found("wristband", orders[0].id if orders else "", stay_id=read.stay_id, code=code)
    order = order_numbered(db, as_number(code))
    stop = stop_of(db, order.id) if order is not None else None
    if stop is None or stop.tray is None:
        return Found("unknown", code=code)
    return Found("tray", stop.order.id, stop.tray.id)


def as_number(typed: str) -> str:
    """`l412`, `L-412` and `L-0412` are one number."""
    number = _NUMBER.match(typed.strip())
    return f"{number[1].upper()}-{int(number[2]):04}" if number else typed.strip()
