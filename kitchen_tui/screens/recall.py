"""Recall: the last twenty meals that went on, who and when; Enter brings one back a step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType

from consoles.kit.keybar import digits, key
from consoles.kit.lines import Rule
from consoles.kit.screen import ConsoleScreen
from consoles.kit.table import Column, Table, TableRow
from core.words import clock, state_words

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.orders.history import Made

DAY_MS = 24 * 3_600_000


class RecallScreen(ConsoleScreen):
    """A meal that somebody has built upon stays where it is, and says so."""

    CSS_PATH = "recall.tcss"
    WATCHES = ("order", "order_move", "stay")
    HELP_WORDS = "kitchen_recall"
    BINDINGS: ClassVar[list[BindingType]] = [
        key("enter", "bring_back", "recall.bring_back"),
        *digits("choose", "kitchen.choose"),
        key("r,0", "step_back", "kitchen.recall"),
    ]
    BAR: ClassVar = {
        0: ("recall.bring_back kit.back | kit.help",),
        60: ("kitchen.choose recall.bring_back kit.undo kit.back | kit.help",),
    }

    def __init__(self) -> None:
        super().__init__()
        self._made: dict[str, Made] = {}

    def body(self) -> ComposeResult:
        yield Rule()
        columns = [Column("", 7), Column("", 9), Column("", 12), Column("", 6), Column("", 12), Column("")]
        yield Table(columns, id="made", numbered=True, heads=False)

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one(Table).focus()

    def top(self) -> tuple[Sequence[Text | str], Sequence[Text | str]]:
        return ([self.word("kitchen.title"), self.word("kitchen.recall", count=len(self._made))], [])

    def ask(self, db: Connection) -> list[Made]:
        from core.orders.history import made_last

        return made_last(db, since=self.console_app.now() - DAY_MS)

    def show(self, rows: list[Made]) -> None:
        self._made = {made.order_id: made for made in rows}
        self.query_one(Table).fill([self._row(made) for made in rows], empty=self.word("kitchen.recall_empty"))
        self.tick()

    def _row(self, made: Made) -> TableRow:
        step, now = (state_words(f"order.{state}", self.language) for state in (made.step, made.state))
        token = "" if made.can_come_back else "quiet"
        return TableRow(made.order_id, (made.number, made.bed, step, clock(made.at), made.by, now), token)

    def on_table_opened(self, event: Table.Opened) -> None:
        self.call_later(self.action_bring_back)

    async def action_choose(self, number: int) -> None:
        if not self.query_one(Table).choose_number(number):
            self.say(self.word("kitchen.no_such_tile", tile=number))

    async def action_bring_back(self) -> None:
        from core.orders.commands import TakeBack

        made = self._made.get(self.query_one(Table).chosen)
        if made is None:
            return self.say(self.word("kitchen.recall_empty"))
        if not made.can_come_back:
            state = state_words(f"order.{made.state}", self.language)
            return self.say(self.word("kitchen.recall_too_late", number=made.number, state=state), "soon")
        act = self.word("kitchen.recall_back", number=made.number, bed=made.bed)
        step: Any = made.step  # cooking or ready
        await self.perform(TakeBack(order_id=made.order_id, step=step), act=act, signed=True)
