"""All-day counts over the whole screen: what is still to plate of every dish, by its kinds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType

from consoles.kit.keybar import key
from consoles.kit.lines import Rule
from consoles.kit.screen import ConsoleScreen
from consoles.kit.table import Column, Table, TableRow
from consoles.kit.text import sides, words
from kitchen_tui.panel import kind_name

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.orders.counts import DishCount


class AllDayScreen(ConsoleScreen):
    """Esc returns to the same tile."""

    CSS_PATH = "all_day.tcss"
    WATCHES = ("order", "order_line", "diet_profile", "dish", "service")
    HELP_WORDS = "kitchen_all_day"
    BINDINGS: ClassVar[list[BindingType]] = [key("a,asterisk", "step_back", "kitchen.all_day")]
    BAR: ClassVar = {0: ("kit.back kitchen.all_day | kit.help",)}

    def body(self) -> ComposeResult:
        yield Rule()
        columns = [Column(self.word("all_day.dish")), Column(self.word("all_day.left"), 6, right=True)]
        yield Table([*columns, Column(self.word("all_day.done"), 6, right=True)], id="dishes")

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one(Table).focus()
        self.say(self.word("kitchen.all_day_hint"), "quiet")

    def top(self) -> tuple[Sequence[Text | str], Sequence[Text | str]]:
        return ([self.word("kitchen.title"), self.word("all_day.title")], [])

    def ask(self, db: Connection) -> tuple[DishCount, ...]:
        from core.orders.counts import dish_counts
        from core.orders.kitchen import kitchen_board

        board = kitchen_board(db, at=self.console_app.now(), rules_age=self.rules_age, language=self.language)
        of_meal = board.service.id if board.service is not None else ""
        return dish_counts([ticket for ticket in board.everything if ticket.service_id == of_meal])

    def show(self, rows: tuple[DishCount, ...]) -> None:
        self.query_one(Table).fill([self._row(dish) for dish in rows], empty=self.word("all_day.empty"))

    def _row(self, dish: DishCount) -> TableRow:
        below = [
            sides(
                words(f"     {kind_name(kind.flags, self.language)}", "quiet"),
                words(f"{kind.left:>6} {kind.done:>6}", "quiet"),
                self.app.size.width,
            )
            for kind in dish.kinds
            if len(dish.kinds) > 1 or kind.flags
        ]
        return TableRow(dish.dish_id, (dish.name, str(dish.left), str(dish.done)), below=tuple(below))
