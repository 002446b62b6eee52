"""What has happened to a tray."""

from __future__ import annotations

from core.kernel.message import Event


class TrayGiven(Event):
    """The patient has the meal. charged: False when it should never have been given."""

    order_id: str
    charged: bool = True


class TrayNotGiven(Event):
    """The meal will not be eaten. charged: the hospital is paid all the same (R24)."""

    order_id: str
    charged: bool
