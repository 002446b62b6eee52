"""When the wall rings: once for new orders, three times for a STOP, and again every half minute until it is read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.orders.tickets import Ticket

STOP_RINGS = 3
AGAIN_MS = 30_000
SILENT_MS = 10 * 60_000


class Ringing:
    """Instants are of the steady clock, ms. Silence is for orders: a STOP rings through it."""

    def __init__(self) -> None:
        self._known: set[str] | None = None
        self._stops: set[str] = set()
        self._rang_at = 0
        self._silent_until = 0

    def heard(self, tickets: Sequence[Ticket], mono: int) -> int:
        """How often to ring for what has come since the last time. The first time, orders are not news."""
        stops = {ticket.key for ticket in tickets if ticket.is_stopped}
        new_stops, self._stops = stops - self._stops, stops
        known, self._known = self._known, {ticket.key for ticket in tickets}
        if new_stops:
            self._rang_at = mono
            return STOP_RINGS
        if known is None or mono < self._silent_until:
            return 0
        return 1 if self._known - known else 0

    def again(self, stops: Sequence[Ticket], mono: int) -> int:
        """For a STOP that nobody has read for half a minute."""
        if not stops or mono - self._rang_at < AGAIN_MS:
            return 0
        self._rang_at = mono
        return STOP_RINGS

    def be_silent(self, mono: int) -> None:
        """For ten minutes, or no longer when it was silent already."""
        self._silent_until = 0 if mono < self._silent_until else mono + SILENT_MS

    def silent_minutes(self, mono: int) -> int:
        """How many are left, rounded up; 0: it rings."""
        return max(0, -(-(self._silent_until - mono) // 60_000))
