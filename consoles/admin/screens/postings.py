"""What the books say today, posting by posting; or what is still to be collected at the beds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text

from consoles.admin.closing import Closing
from consoles.admin.screen import ListScreen
from consoles.kit.table import Column, TableRow
from consoles.kit.text import words
from core.words import clock, has, money

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.reports.books import Posting


class PostingsScreen(Closing, ListScreen):
    """due: what is open instead of what was booked. Enter opens the order."""

    CSS_PATH = "postings.tcss"
    EMPTY = "admin.postings_empty"
    WATCHES = ("ledger_entry", "cash_due", "payment")
    HELP_WORDS = "admin_postings"
    BAR: ClassVar[Mapping[int, Sequence[str]]] = {
        0: ("admin.open kit.back | kit.help",),
        60: ("admin.open admin.export admin.find kit.back kit.sync kit.who | kit.help",),
    }

    def __init__(self, *, due: bool = False) -> None:
        super().__init__()
        self.due = due
        self._rows: tuple[Posting, ...] = ()

    def place_words(self) -> Sequence[Text | str]:
        return [self.word("admin.money")]

    def columns(self) -> Sequence[Column]:
        named = ("time", "account", "francs", "number", "bed", "who", "remark")
        titles = [self.word(f"admin.column_{name}") for name in named]
        widths = (6, 13, 12, 7, 8, 10, 0) if self.is_narrow else (6, 18, 13, 8, 9, 14, 0)
        return [
            Column(title, width, right=name == "francs")
            for title, width, name in zip(titles, widths, named, strict=True)
        ]

    def head(self) -> tuple[Text | str, Text | str]:
        name = self.word("admin.postings_due" if self.due else "admin.money_today")
        return words(name, "strong"), words(money(sum(one.francs for one in self._rows)) if self.due else "", "strong")

    def ask(self, db: Connection) -> tuple[Posting, ...]:
        from core.reports.books import postings, still_open
        from core.reports.performance import midnight

        return (
            still_open(db, since=midnight(self.console_app.now()))
            if self.due
            else postings(db, since=midnight(self.console_app.now()))
        )

    def show(self, rows: tuple[Posting, ...]) -> None:
        self._rows = rows
        self.fill([self._row(one) for one in rows], empty=self.word("admin.due_empty" if self.due else self.EMPTY))

    def _row(self, one: Posting) -> TableRow:
        why = self.word(f"why.{one.reason}") if one.reason and has(f"why.{one.reason}", "en") else ""
        account = self.word(f"admin.account_{one.account}")
        cells = (clock(one.at) if one.at else "", account, money(one.francs), one.number, one.bed, one.by, why)
        return TableRow(one.id, cells)

    def open_row(self, key: str) -> None:
        one = next((posting for posting in self._rows if posting.id == key), None)
        if one is not None and one.order_id:
            return self.open_order(one.order_id)
        self.say(self.word("admin.no_order_behind"), "quiet")

    async def action_export(self) -> None:
        await self.write_out("money", *self.table.sheet)
