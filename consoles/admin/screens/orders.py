"""Orders: any of them, by how far they are; Enter shows a whole life, `o` moves one step by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.binding import BindingType

from consoles.admin.closing import Closing
from consoles.admin.screen import ListScreen
from consoles.kit.dialogs import Choice
from consoles.kit.keybar import key
from consoles.kit.table import Column, TableRow
from consoles.kit.text import words
from core.words import clock, money

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.reports.meals import OrderRow

GROUPS = (
    "open",
    "confirmed",
    "cooking",
    "ready",
    "on_the_way",
    "delivered",
    "held",
    "stopped",
    "cancelled",
    "not_delivered",
    "",
)

KEYS = "admin.open admin.override admin.why admin.which admin.export admin.find kit.back"


class OrdersScreen(Closing, ListScreen):
    """group, service_id, ids: which of them, when a number of the overview was opened."""

    CSS_PATH = "orders.tcss"
    PLACE = "orders"
    EMPTY = "admin.orders_empty"
    WATCHES = ("order", "payment", "stay")
    HELP_WORDS = "admin_orders"
    BINDINGS: ClassVar[list[BindingType]] = [
        key("o", "override", "admin.override"),
        key("e", "explain", "admin.why"),
        key("v", "which", "admin.which"),
    ]
    BAR: ClassVar[Mapping[int, Sequence[str]]] = {
        0: ("admin.open kit.back | kit.help",),
        60: (f"{KEYS} | kit.help",),
        120: (f"{KEYS} kit.sync kit.who | kit.help",),
    }

    def __init__(
        self, *, group: str = "open", service_id: str = "", ids: tuple[str, ...] = (), title: str = "", chosen: str = ""
    ) -> None:
        super().__init__(chosen=chosen)
        self.group, self.service_id, self.ids, self.title_words = group if not ids else "", service_id, ids, title
        self._count = 0

    def columns(self) -> Sequence[Column]:
        named = ("number", "bed", "meal", "state", "since", "price", "remark")
        titles = [self.word(f"admin.column_{name}") for name in named]
        widths = (7, 8, 15, 14, 6, 11, 0)
        return [Column(title, width, right=width == 11) for title, width in zip(titles, widths, strict=True)]

    def head(self) -> tuple[Text | str, Text | str]:
        name = self.title_words or self.word(f"admin.group_{self.group or 'all'}")
        return words(name, "strong"), words(self.word("admin.count_orders", count=self._count), "quiet")

    # -- asking -------------------------------------------------------------------------------------------------------

    def ask(self, db: Connection) -> Sequence[OrderRow]:
        from core.reports.meals import Wanted, orders_listed

        return orders_listed(db, Wanted(group=self.group, service_id=self.service_id, ids=self.ids))

    def show(self, rows: Sequence[OrderRow]) -> None:
        self._count = len(rows)
        by_id = {row.order.id: row for row in rows}
        listed = [by_id[one] for one in self.ids if one in by_id] if self.ids else rows
        self.fill([self._row(row) for row in listed])

    def _row(self, row: OrderRow) -> TableRow:
        order = row.order
        meal = f"{order.service_id[5:10]} {self.word('meal.' + order.service_id.rpartition('-')[2])}"
        price = money(row.due_francs) if row.due_francs is not None else ""
        stopped = bool(order.stop) and not order.stop_seen_by
        remark = self._remark(row, stopped=stopped)
        state = self.word(f"order_state.{order.state}")
        token = "flag" if stopped else ""
        cells = (words(order.number, token), row.bed, meal, state, clock(order.state_at), price, remark)
        return TableRow(order.id, cells, "quiet" if order.state == "cancelled" else "")

    def _remark(self, row: OrderRow, *, stopped: bool) -> Text:
        order = row.order
        if stopped:
            return words(f"{self.word('case_title.stop')} {self.word(f'why.{order.stop}')}", "flag")
        if order.held_for:
            return words(self.word(f"why.{order.held_for}"), "soon")
        if order.problem:
            return words(f"{self.word('case_title.problem_reported')} {self.word(f'problem.{order.problem}')}", "soon")
        method = self.word(f"method.{row.method}") if row.method else ""
        return words(method, "quiet")

    # -- keys ---------------------------------------------------------------------------------------------------------

    def open_row(self, key: str) -> None:
        self.open_order(key)

    def action_override(self) -> None:
        if self.table.chosen:
            return self.override(self.table.chosen)
        self.say(self.word("admin.orders_empty"), "quiet")

    def action_explain(self) -> None:
        if self.table.chosen:
            return self.explain_order(self.table.chosen)
        self.say(self.word("admin.orders_empty"), "quiet")

    def action_which(self) -> None:
        """Which orders are listed: by how far they are."""
        if self.is_locked:
            return self.console_app.action_show_people()
        choices = [Choice(self.word(f"admin.group_{group or 'all'}"), group or "all") for group in GROUPS]
        self.choose_one(self.word("key.admin.which"), choices, self._list)

    def _list(self, group: str) -> None:
        self.group, self.ids, self.title_words = "" if group == "all" else group, (), ""
        self.service_id = ""
        self.ask_soon()
