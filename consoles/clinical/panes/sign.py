"""What waits for a doctor's name: an order that was heard by word of mouth, or one that somebody has proposed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.app import ComposeResult
from textual.widget import Widget

from consoles.clinical.panes.pane import Pane
from consoles.clinical.record import order_lines
from consoles.clinical.timeline import said_of_order
from consoles.kit.forms import Options
from consoles.kit.lines import Lines

if TYPE_CHECKING:
    from core.diets.model import DietOrder
    from core.kernel.message import Command

SIGN, BESIDE, DROP = "sign", "beside", "drop"


class SignPane(Pane):
    """waiting: the orders of this patient that nobody has signed, the oldest first."""

    COMMAND = "diets.cosign_diet"

    def __init__(self, card: Any, language: str, *, waiting: tuple[DietOrder, ...]) -> None:
        super().__init__(card, language)
        self._waiting = waiting

    def title(self) -> str:
        way = self._way()
        name = "clinical.drop" if way == DROP else "clinical.sign" if self._is_draft else "clinical.cosign"
        return f"{self.word(name)}: {said_of_order(self.order, self.language)}"

    def first(self) -> ComposeResult:
        if len(self._waiting) > 1:
            options = [(one.id, said_of_order(one, self.language)) for one in self._waiting]
            yield Options("", options, taken=(self._waiting[0].id,), id="which")
        yield Lines(self._whole(54), id="whole")

    def more(self) -> ComposeResult:
        yield Options("", self._ways(), taken=(SIGN,), id="way")

    def _ways(self) -> list[tuple[str, str]]:
        if not any(one.state == "draft" for one in self._waiting):
            return [(SIGN, self.word("clinical.cosign_way"))]
        return [
            (SIGN, self.word("clinical.sign_way")),
            (BESIDE, self.word("clinical.sign_beside")),
            (DROP, self.word("clinical.drop_way")),
        ]

    def _whole(self, width: int) -> list[Any]:
        return order_lines(self.card, self.order, width, self.language)

    def changed(self) -> None:
        self.query_one("#whole", Lines).tell(self._whole(max(20, self.size.width - 1)))
        super().changed()

    @property
    def order(self) -> DietOrder:
        """The one that is looked at."""
        wanted = self.query_one("#which", Options).value if self.query("#which") else ""
        return next((one for one in self._waiting if one.id == wanted), self._waiting[0])

    @property
    def _is_draft(self) -> bool:
        return self.order.state == "draft"

    def _way(self) -> str:
        return self.query_one("#way", Options).value if self.query("#way") else SIGN

    def entry(self) -> Widget | None:
        return self.query_one("#which" if self.query("#which") else "#way", Options)

    def command(self) -> Command | None:
        from core.diets.prescribing import CosignDiet, EndDietOrder, SignDiet
        from core.diets.profile import replaced_by_order

        order, way = self.order, self._way()
        if not self._is_draft:
            return CosignDiet(diet_order_id=order.id)
        if way == DROP:
            return EndDietOrder(diet_order_id=order.id, in_error=True)
        starts = max(order.from_at, self.card.at)
        replaced = () if way == BESIDE else replaced_by_order(self.card.profile.periods, from_at=starts)
        return SignDiet(diet_order_id=order.id, replaces=replaced)
