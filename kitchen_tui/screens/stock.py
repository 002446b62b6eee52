"""Out of stock: a dish that has run out, and what that hits, before anybody says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType

from consoles.kit.dialogs import Choice, ChooseScreen
from consoles.kit.keybar import digits, key
from consoles.kit.lines import Rule
from consoles.kit.screen import ConsoleScreen
from consoles.kit.table import Column, Table, TableRow
from core.words import clock

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class DishRow:
    """One dish of the menu, and how many meals wait for it by state."""

    dish_id: str
    name: str
    out_at: int | None
    to_cook: int
    cooking: int
    held: int

    @property
    def hits(self) -> bool:
        return bool(self.to_cook or self.cooking or self.held)


class StockScreen(ConsoleScreen):
    """Enter shows what it hits and asks once; a dish that is back is back at once."""

    CSS_PATH = "stock.tcss"
    WATCHES = ("dish", "dish_facts", "order", "order_line")
    HELP_WORDS = "kitchen_stock"
    BINDINGS: ClassVar[list[BindingType]] = [
        key("enter", "toggle_stock", "stock.toggle"),
        *digits("choose", "kitchen.choose"),
        key("o", "step_back", "kitchen.out_of_stock"),
    ]
    BAR: ClassVar = {
        0: ("stock.toggle kit.back | kit.help",),
        60: ("kitchen.choose stock.toggle kit.undo kit.back | kit.help",),
    }

    def __init__(self) -> None:
        super().__init__()
        self._dishes: dict[str, DishRow] = {}

    def body(self) -> ComposeResult:
        yield Rule()
        yield Table([Column("", 22), Column("", 20), Column("")], id="dishes", numbered=True, heads=False)

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one(Table).focus()
        self.say(self.word("kitchen.stock_hint"), "quiet")

    def top(self) -> tuple[Sequence[Text | str], Sequence[Text | str]]:
        return ([self.word("kitchen.title"), self.word("kitchen.stock_title")], [])

    # -- asking -------------------------------------------------------------------------------------------------------

    def ask(self, db: Connection) -> list[DishRow]:
        from core.menu.queries import all_dishes
        from core.orders.kitchen import kitchen_board

        board = kitchen_board(db, at=self.console_app.now(), rules_age=self.rules_age, language=self.language)
        waiting: dict[str, list[str]] = {}
        for ticket in board.everything:
            for item in ticket.items:
                waiting.setdefault(item.dish_id, []).append(ticket.state)
        rows = []
        for dish in all_dishes(db):
            if not dish.sold or dish.withdrawn_at is not None:
                continue
            states = waiting.get(dish.id, [])
            counts = [states.count(state) for state in ("confirmed", "cooking", "held")]
            rows.append(DishRow(dish.id, dish.kitchen_name(self.language), dish.out_of_stock_at, *counts))
        return sorted(rows, key=lambda row: (row.out_at is None, row.name))

    def show(self, rows: list[DishRow]) -> None:
        self._dishes = {row.dish_id: row for row in rows}
        self.query_one(Table).fill([self._row(row) for row in rows], empty=self.word("kitchen.stock_empty"))

    def _row(self, row: DishRow) -> TableRow:
        out = row.out_at is not None
        name = "kitchen.stock_state_out" if out else "kitchen.stock_state_in"
        state = self.word(name, time=clock(row.out_at or 0))
        return TableRow(row.dish_id, (row.name, state, self._hits(row)), "soon" if out else "")

    def _hits(self, row: DishRow) -> str:
        if not row.hits:
            return self.word("kitchen.stock_hits_none")
        return self.word("kitchen.stock_hits_state", cook=row.to_cook, cooking=row.cooking, held=row.held)

    # -- acting -------------------------------------------------------------------------------------------------------

    async def action_choose(self, number: int) -> None:
        if not self.query_one(Table).choose_number(number):
            self.say(self.word("kitchen.no_such_tile", tile=number))

    def on_table_opened(self, event: Table.Opened) -> None:
        self.call_later(self.action_toggle_stock)

    async def action_toggle_stock(self) -> None:
        row = self._dishes.get(self.query_one(Table).chosen)
        if row is None:
            return self.say(self.word("kitchen.stock_empty"))
        if row.out_at is None:
            keep = Choice(self.word("kitchen.stock_keep"), False)
            out = Choice(self.word("kitchen.stock_mark"), True, self.word("kitchen.stock_mark_detail"))
            title = self.word("kitchen.stock_out_act", dish=row.name)
            screen = ChooseScreen(title, [out, keep], text=[self._hits(row)])
            self.app.push_screen(screen, partial(self._marked, row))
        else:
            await self._back(row)

    async def _marked(self, row: DishRow, sure: bool | None) -> None:
        from core.menu.commands import BackInStock, MarkOutOfStock

        if sure:
            await self.perform(
                MarkOutOfStock(dish_id=row.dish_id),
                act=self.word("kitchen.stock_out_act", dish=row.name),
                said=self.word("kitchen.stock_out", dish=row.name),
                back=BackInStock(dish_id=row.dish_id),
            )

    async def _back(self, row: DishRow) -> None:
        from core.menu.commands import BackInStock, MarkOutOfStock

        await self.perform(
            BackInStock(dish_id=row.dish_id),
            act=self.word("kitchen.stock_back_act", dish=row.name),
            said=self.word("kitchen.stock_back", dish=row.name),
            back=MarkOutOfStock(dish_id=row.dish_id),
        )
