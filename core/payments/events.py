"""What has happened to money."""

from __future__ import annotations

from core.kernel.message import Event


class CashTaken(Event):
    """Somebody holds this cash in their hand, whatever was due."""

    order_id: str
    francs: int


class CashWaived(Event):
    """No cash now: the meal goes on the account of the stay."""

    order_id: str
