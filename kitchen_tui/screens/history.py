"""History: the whole life of one meal, who and when, and the patient's last trays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType

from consoles.kit.keybar import key
from consoles.kit.lines import Lines, Rule
from consoles.kit.screen import ConsoleScreen
from consoles.kit.text import padded, words
from core.words import clock, day, has, state_words, word

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.orders.history import Step
    from core.orders.model import Order


class HistoryScreen(ConsoleScreen):
    """Of the meal that was chosen on the board."""

    CSS_PATH = "history.tcss"
    WATCHES = ("order", "order_move")
    HELP_WORDS = "kitchen_history"
    BINDINGS: ClassVar[list[BindingType]] = [
        key("h", "step_back", "kitchen.history"),
        key("pagedown,plus,down", "page(1)", "kit.next_page"),
        key("pageup,minus,up", "page(-1)", "kit.page_before"),
    ]
    BAR: ClassVar = {0: ("kit.next_page kit.back | kit.help",)}

    def __init__(self, order_id: str, stay_id: str, name: str) -> None:
        super().__init__()
        self._order_id, self._stay_id, self._patient = order_id, stay_id, name
        self._rows: tuple[list[Step], list[Order]] = ([], [])
        self._page = 0

    def body(self) -> ComposeResult:
        yield Rule()
        yield Lines(id="life")

    def top(self) -> tuple[Sequence[Text | str], Sequence[Text | str]]:
        return ([self.word("kitchen.title"), self.word("kitchen.history"), words(self._patient)], [])

    def ask(self, db: Connection) -> tuple[list[Step], list[Order]]:
        from core.orders.history import life_of, trays_before

        return life_of(db, self._order_id), trays_before(db, self._stay_id)

    def show(self, rows: tuple[list[Step], list[Order]]) -> None:
        self._rows = rows
        self._draw()

    def on_resize(self) -> None:
        super().on_resize()
        self.call_after_refresh(self._draw)

    def action_page(self, step: int) -> None:
        self._page += step
        self._draw()

    def _draw(self) -> None:
        view = self.query_one("#life", Lines)
        steps, trays = self._rows
        lines = [words(f" {self.word('kitchen.history_life', name=self._patient)}", "strong")]
        lines += [self._step(step) for step in steps]
        lines += [Text(), words(f" {self.word('kitchen.history_before')}", "strong")]
        lines += [self._tray(order) for order in trays]
        room = max(1, view.size.height)
        self._page = max(0, min(self._page, (len(lines) - 1) // room))
        view.tell(lines[self._page * room : (self._page + 1) * room])

    def _step(self, step: Step) -> Text:
        state = state_words(f"order.{step.to_state}", self.language)
        name = f"{self.word('kitchen.history_placed')}: {state}" if not step.from_state else state
        why = reason_told(step.reason, self.language)
        implied = self.word("kitchen.history_implied") if step.implied else ""
        return words(f"   {clock(step.at)}  {padded(name, 24)} {padded(step.by, 14)} {why} {implied}".rstrip())

    def _tray(self, order: Order) -> Text:
        meal = self.word(f"meal.{order.service_id.rpartition('-')[2]}")
        state = state_words(f"order.{order.state}", self.language)
        when = f"{day(order.placed_at, self.language)} {clock(order.placed_at)}"
        return words(f"   {order.number}  {padded(when, 18)} {padded(meal, 12)} {state}")


def reason_told(reason: str, language: str) -> str:
    """A rule's or an issue's code by its words; what somebody typed stands in quotation marks."""
    keys = [f"{section}.{reason}" for section in ("why", "issue", "problem")]
    known = next((key for key in keys if reason and has(key, "en")), "")
    return word(known, language) if known else f'"{reason}"' if reason else ""
