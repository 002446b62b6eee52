"""Reports: one hospital day by meal, ward, way of paying and state, with its francs; left and right change the day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.binding import BindingType

from consoles.admin.screen import ListScreen
from consoles.kit.keybar import key
from consoles.kit.table import Column, TableRow
from consoles.kit.text import words
from core.words import money

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.reports.day import DayReport, DayRow

DAY_MS = 24 * 3_600_000
MOST_DAYS = 3_660
AMOUNTS = ("due", "charged", "cash", "on_account")


class ReportsScreen(ListScreen):
    """Only what this console still holds: meals leave it a day after their end, and the page says so."""

    CSS_PATH = "reports.tcss"
    PLACE = "reports"
    EMPTY = "admin.report_empty"
    WATCHES = ("order", "payment", "ledger_entry", "service")
    HELP_WORDS = "admin_reports"
    BINDINGS: ClassVar[list[BindingType]] = [
        key("left,minus", "day(-1)", "admin.day_before"),
        key("right,plus", "day(1)", "admin.day_after"),
    ]
    BAR: ClassVar[Mapping[int, Sequence[str]]] = {
        0: ("admin.day_before kit.back | kit.help",),
        60: ("admin.day_before admin.day_after admin.export admin.find kit.back kit.sync kit.who | kit.help",),
    }

    def __init__(self, *, chosen: str = "") -> None:
        super().__init__(chosen=chosen)
        self._back = 0  # days before today
        self.report: DayReport | None = None

    def columns(self) -> Sequence[Column]:
        named = ("meal", "ward", "paid_by", "state", "orders", *AMOUNTS)
        titles = [self.word(f"admin.column_{name}") for name in named]
        widths = (9, 5, 0, 12, 4, *(7 if self.is_narrow else 9 for _ in AMOUNTS))
        right = ("orders", *AMOUNTS)
        return [
            Column(title, width, right=name in right) for title, width, name in zip(titles, widths, named, strict=True)
        ]

    def head(self) -> tuple[Text | str, Text | str]:
        report = self.report
        if report is None:
            return "", ""
        francs = report.francs
        said = self.word("admin.report_line", orders=report.orders, given=report.given)
        sums = (
            self.word("admin.report_francs", charged=money(francs.charged), cash=money(francs.cash)) if francs else ""
        )
        return words(report.day, "strong"), words(f"{said}   {sums}".strip())

    def ask(self, db: Connection) -> DayReport:
        from core.reports.day import report_day
        from core.reports.performance import hospital_day

        at = self.console_app.now() - self._back * DAY_MS
        return report_day(db, hospital_day(at), money=True)

    def show(self, rows: DayReport) -> None:
        self.report = rows
        self.fill([self._row(row) for row in rows.rows], empty=self.word(self.EMPTY, day=rows.day))

    def _row(self, row: DayRow) -> TableRow:
        francs = row.francs
        amounts = [
            f"{getattr(francs, name):,}" if francs is not None else self.word("admin.unknown") for name in AMOUNTS
        ]
        method = self.word(f"method.{row.method}") if row.method else ""
        state = self.word(f"order_state.{row.state}")
        cells = (self.word(f"meal.{row.meal}"), row.ward_id, method, state, str(row.orders), *amounts)
        return TableRow(f"{row.service_id} {row.ward_id} {row.method} {row.state}", cells)

    def open_row(self, key: str) -> None:
        """The orders behind the figure, as far as they are held."""
        from consoles.admin.screens.orders import OrdersScreen

        service_id = key.partition(" ")[0]
        title = self.word(
            "admin.orders_of", meal=self.word("meal." + service_id.rpartition("-")[2]), day=service_id[:10]
        )
        self.app.push_screen(OrdersScreen(group="", service_id=service_id, title=title))

    def action_day(self, step: int) -> None:
        if self.is_locked:
            return self.console_app.action_show_people()
        back = self._back - step
        if 0 <= back <= MOST_DAYS:
            self._back = back
            self.ask_soon()
        else:
            self.say(self.word("admin.no_later_day"), "quiet")
