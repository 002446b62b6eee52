"""A meal for a patient: dishes that are allowed now, each with what it would mean; the forbidden ones say why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.app import ComposeResult
from textual.widget import Widget

from consoles.clinical.panes.pane import Field, Pane
from consoles.clinical.pick import Pick
from consoles.kit.lines import Lines
from consoles.kit.text import words, wrapped
from core.words import clock, reason_words

if TYPE_CHECKING:
    from core.care.offers import Offer
    from core.kernel.message import Command
    from core.menu.model import Service

MOST_FORBIDDEN = 6


class MealPane(Pane):
    """Type a part of a dish, Enter adds it, Enter orders. number: the order's, chosen before."""

    COMMAND = "orders.place_order"

    def __init__(self, card: Any, language: str, *, service: Service, offers: tuple[Offer, ...], number: str) -> None:
        super().__init__(card, language)
        self.service, self._offers, self.number = service, offers, number
        self.confirmed = False  # a preference was asked about, and waved on

    def title(self) -> str:
        from core.orders.numbers import does_follow

        meal = self.word(f"meal.{self.service.meal}")
        until = self.word("clinical.order_until", time=clock(self.service.cut_off_at))
        late = self.service.cut_off_at <= self.card.at
        number = self.word("ward.number_follows") if does_follow(self.number) else self.number
        return f"{number}, {meal}, {self.word('mark.late_tray') if late else until}"

    def first(self) -> ComposeResult:
        allowed = [(one.dish_id, one.name) for one in self._offers if one.is_allowed]
        yield Pick(self.label("dishes"), allowed, language=self.language, id="dishes")
        named = ", ".join(name for _, name in allowed) or self.word("clinical.substitute_none")
        yield Lines([words(line, "quiet") for line in wrapped(named, 54)], id="allowed")

    def more(self) -> ComposeResult:
        yield Field(self.label("wish"), id="wish")
        yield Lines(self._forbidden(), id="forbidden")

    def _forbidden(self) -> list[Any]:
        """Why a dish is not among them: the first of its reasons."""
        lines = []
        kept_back = [one for one in self._offers if not one.is_allowed]
        for one in kept_back[:MOST_FORBIDDEN]:
            said = reason_words(one.reasons[0].code, one.reasons[0].arguments, self.language, staff=True)
            lines.append(words(f"{one.name}: {said}", "quiet"))
        if len(kept_back) > MOST_FORBIDDEN:
            told = self.word("clinical.more_forbidden", count=len(kept_back) - MOST_FORBIDDEN)
            lines.append(words(told, "quiet"))
        return lines or [words("")]

    def entry(self) -> Widget | None:
        return self.query_one("#dishes", Pick).field

    def missing(self) -> str:
        return self.word("clinical.dish_missing")

    def command(self) -> Command | None:
        from core.orders.attempts import Ordered
        from core.orders.placing import PlaceOrder

        dishes = self.query_one("#dishes", Pick).taken
        if not dishes:
            return None
        return PlaceOrder(
            stay_id=self.card.stay.id,
            service_id=self.service.id,
            number=self.number,
            lines=tuple(Ordered(dish_id=dish_id) for dish_id in dishes),
            wish=self.typed("wish"),
            confirm=self.confirmed,
        )
