"""What the codes that a runner scans say: which tray, by which version of its label, and whose wristband.

Ids only: a code says nothing about a person to anybody who has no console.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TRAY = re.compile(r"^TRAY:([A-Za-z0-9][A-Za-z0-9._-]{0,63}):([0-9]{1,4})$")
_WRISTBAND = re.compile(r"^STAY:([A-Za-z0-9][A-Za-z0-9._-]{0,63})$")


@dataclass(frozen=True, slots=True)
class TrayCode:
    """A tray's label, by the version it was printed in (R49)."""

    tray_id: str
    version: int


@dataclass(frozen=True, slots=True)
class WristbandCode:
    stay_id: str


def tray_code(tray_id: str, version: int) -> str:
    """For the label."""
    return f"TRAY:{tray_id}:{version}"


def wristband_code(stay_id: str) -> str:
    """For the wristband."""
    return f"STAY:{stay_id}"


def read_code(text: str) -> TrayCode | WristbandCode | None:
    """What was scanned; None when it is neither."""
    text = text.strip()
    if tray := _TRAY.match(text):
        return TrayCode(tray[1], int(tray[2]))
    if wristband := _WRISTBAND.match(text):
        return WristbandCode(wristband[1])
    return None
