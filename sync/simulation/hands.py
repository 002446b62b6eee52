"""Who is about to press, on what they see, and what they may come to wish."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.kernel.message import Command
from core.orders.model import OrderState
from sync.simulation.chance import SeededChance
from sync.simulation.views import View

ON_ITS_WAY = (OrderState.COOKING, OrderState.READY, OrderState.OUT)


@dataclass(slots=True)
class Hands:
    """number: of the next order of a service; fresh: makes ids of what is new. at: the hour on the wall."""

    view: View
    dice: SeededChance
    person_id: str
    ward_id: str  # "" on a console for every ward
    number: Callable[[str], str]
    fresh: Callable[[], int]
    at: int

    def one(self, rows: list[str]) -> str:
        return self.dice.one_of(rows) if rows else ""

    def order_in(self, *states: OrderState) -> str:
        return self.one([order.id for order in self.view.orders(*states)])

    def stay(self) -> str:
        """Somebody; often one whose meal is on its way, because that is when it matters."""
        waiting = [order.stay_id for order in self.view.orders(*ON_ITS_WAY)] if self.dice.happens(0.4) else []
        return self.one(waiting or [stay.id for stay in self.view.stays()])


@dataclass(frozen=True, slots=True)
class Wish:
    """A command, and the version of the row that its person saw (edits)."""

    command: Command
    expect: int = 0


Want = Callable[[Hands], Command | Wish | None]
Wants = tuple[tuple[Want, int], ...]
