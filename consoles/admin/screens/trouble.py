"""Trouble: every case, every unread refusal, every error with its number: since when, how often, what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.binding import BindingType

from consoles.admin import naming
from consoles.admin.closing import Closing
from consoles.admin.screen import ListScreen
from consoles.kit.dialogs import Choice
from consoles.kit.keybar import key
from consoles.kit.table import Column, TableRow
from consoles.kit.text import cut, words
from core.words import clock, day, duration

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.reports.trouble import Trouble


class TroubleScreen(Closing, ListScreen):
    """Enter opens the act that closes it; of several the oldest comes first."""

    CSS_PATH = "trouble.tcss"
    PLACE = "trouble"
    EMPTY = "admin.trouble_empty"
    WATCHES = ("case", "unread_outcome", "trouble", "order", "stay")
    HELP_WORDS = "admin_trouble"
    BINDINGS: ClassVar[list[BindingType]] = [key("e", "explain", "admin.why")]
    BAR: ClassVar[Mapping[int, Sequence[str]]] = {
        0: ("admin.open kit.back | kit.help",),
        60: ("admin.open admin.why admin.export admin.find kit.back kit.sync kit.who | kit.help",),
    }

    def __init__(self, *, chosen: str = "") -> None:
        super().__init__(chosen=chosen)
        self.troubles: dict[str, Trouble] = {}

    def columns(self) -> Sequence[Column]:
        named = ("kind", "what", "code", "count", "since", "last")
        titles = [self.word(f"admin.column_{name}") for name in named]
        widths = (8, 0, 12, 5, 12, 7) if self.is_narrow else (8, 0, 22, 5, 16, 8)
        return [
            Column(title, width, right=name == "count")
            for title, width, name in zip(titles, widths, named, strict=True)
        ]

    def head(self) -> tuple[Text | str, Text | str]:
        count = sum(one.count for one in self.troubles.values())
        return "", words(self.word("admin.open", count=count), "flag" if count else "done")

    def ask(self, db: Connection) -> tuple[Trouble, ...]:
        from core.reports.trouble import troubles

        return troubles(db)

    def show(self, rows: tuple[Trouble, ...]) -> None:
        self.troubles = {one.key: one for one in rows}
        self.fill([self._row(one) for one in rows])

    def _row(self, one: Trouble) -> TableRow:
        first = one.needs[0]
        said, _, then = naming.whole(first, self.language)
        code = one.code
        if one.is_error:
            code, said = first.number, f"{naming.source(first, self.language)}: {said}"
        since = self._when(one.first_at)
        last = duration(self.console_app.now() - one.last_at, self.language)
        kind = words(self.word(f"case_title.{first.kind}"), "soon")
        width = max(40, self.app.size.width)
        below = words(f"          {cut(then, width - 12)}", "quiet")
        return TableRow(one.key, (kind, said, words(code, "quiet"), str(one.count), since, last), below=(below,))

    def _when(self, at: int) -> str:
        return f"{day(at, self.language)} {clock(at)}"

    def open_row(self, key: str) -> None:
        one = self.troubles.get(key)
        if one is None:
            return
        if len(one.needs) == 1:
            return self.close_need(one.needs[0])
        choices = [
            Choice(
                naming.subject(need, self.language) or naming.owner(need, self.language),
                need,
                f"{self._when(need.since)}, {naming.owner(need, self.language)}",
            )
            for need in one.needs
        ]
        self.choose_one(self.word("admin.which_of", count=one.count), choices, self.close_need)

    def action_explain(self) -> None:
        one = self.troubles.get(self.table.chosen)
        if one is None:
            return self.say(self.word("admin.trouble_empty"), "quiet")
        self.explain_need(one.needs[0])
