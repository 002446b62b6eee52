"""What has happened to the menu."""

from __future__ import annotations

from core.kernel.message import Event


class DishFactsChanged(Event):
    """What a dish means for safety or availability is different now: its open orders are judged again (R14)."""

    dish_id: str
