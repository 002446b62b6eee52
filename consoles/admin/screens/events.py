"""All events of today, the newest first: steps of meals, stops, changes of diets; Enter opens the order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text

from consoles.admin.closing import Closing
from consoles.admin.screen import ListScreen
from consoles.kit.table import Column, TableRow
from consoles.kit.text import words
from core.words import clock

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.reports.events import Happening

MOST = 500
LOOK = {"stop": "flag", "held": "soon", "cancelled": "quiet", "given": "done"}


class EventsScreen(Closing, ListScreen):
    """Opened by F8 from anywhere."""

    CSS_PATH = "events.tcss"
    EMPTY = "admin.events_empty"
    WATCHES = ("order", "order_move", "diet_profile")
    HELP_WORDS = "admin_events"
    BAR: ClassVar[Mapping[int, Sequence[str]]] = {
        0: ("admin.open kit.back | kit.help",),
        60: ("admin.open admin.export admin.find kit.back kit.sync kit.who | kit.help",),
    }

    def __init__(self) -> None:
        super().__init__()
        self._orders: dict[str, str] = {}

    def place_words(self) -> Sequence[Text | str]:
        return [self.word("screen.events")]

    def columns(self) -> Sequence[Column]:
        titles = [self.word(f"admin.column_{name}") for name in ("time", "event", "number", "bed", "who")]
        return [Column(title, width) for title, width in zip(titles, (6, 14, 8, 10, 0), strict=True)]

    def ask(self, db: Connection) -> tuple[Happening, ...]:
        from core.reports.events import happenings
        from core.reports.performance import midnight

        return happenings(db, since=midnight(self.console_app.now()), limit=MOST)

    def show(self, rows: tuple[Happening, ...]) -> None:
        listed = []
        self._orders = {}
        for place, one in enumerate(rows):
            key = f"{one.at} {one.code} {one.number} {one.bed} {place if not one.order_id else one.order_id}"
            self._orders[key] = one.order_id
            by = one.by or (self.word("admin.by_patient") if one.code in ("order", "cancelled") else "")
            event = words(self.word(f"event.{one.code}"), LOOK.get(one.code, ""))
            listed.append(TableRow(key, (clock(one.at), event, one.number, one.bed, by)))
        self.fill(listed)

    def open_row(self, key: str) -> None:
        if self._orders.get(key):
            return self.open_order(self._orders[key])
        self.say(self.word("admin.no_order_behind"), "quiet")

    async def action_export(self) -> None:
        await self.write_out("events", *self.table.sheet)
