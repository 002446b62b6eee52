"""Trays that stand at the beds after the meal: collected one by one, by key, finger or scan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.binding import BindingType

from consoles.kit.keybar import digits, key
from consoles.kit.text import padded, words
from core.words import clock
from ward_tui.cards import BED_CELLS, ward_name
from ward_tui.drawing import Drawing
from ward_tui.screen import SMALL, WardScreen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from ward_tui.scanning import Found

ROWS_EACH = 3


@dataclass(frozen=True, slots=True)
class Standing:
    """One tray at a bed. airborne: it is picked up at the nurse's, never in the room."""

    order_id: str
    number: str
    bed: str
    ward: str
    since: int


class CollectScreen(WardScreen):
    """The way back of the trays."""

    WATCHES = ("order", "tray", "stay")
    HELP_WORDS = "ward_collect"
    BAR: ClassVar[Mapping[int, Sequence[str]]] = {
        0: ("ward.collect_one kit.next_page kit.back | kit.help",),
        SMALL: ("ward.choose ward.collect_one ward.type_number kit.next_page kit.back | kit.help",),
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        key("enter", "collect", "ward.collect_one"),
        *digits("choose", "ward.choose"),
        key("up", "step(-1)", "kit.up"),
        key("down", "step(1)", "kit.down"),
        key("pagedown,plus", "page(1)", "kit.next_page"),
        key("pageup,minus", "page(-1)", "kit.page_before"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.chosen = ""
        self._per_page = 1

    def ask(self, db: Connection) -> tuple[Standing, ...]:
        from core.delivery.queries import to_collect

        language = self.language
        return tuple(
            Standing(stop.order.id, stop.order.number, stop.bed, ward_name(stop, language), stop.order.state_at)
            for stop in to_collect(db)
        )

    def show(self, rows: tuple[Standing, ...]) -> None:
        """The next tray takes the place of the one that was collected."""
        ids = [tray.order_id for tray in rows]
        if self.chosen not in ids:
            before = [tray.order_id for tray in self.rows or ()]
            at = before.index(self.chosen) if self.chosen in before else 0
            self.chosen = ids[min(at, len(ids) - 1)] if ids else ""
        super().show(rows)

    def top(self) -> tuple[Sequence[Text | str], Sequence[Text | str]]:
        return self.lead(self.word("ward.collect_title"))

    def drawing(self, width: int, height: int) -> Drawing:
        drawing = Drawing(width)
        trays: tuple[Standing, ...] = self.rows
        drawing.line(self.word("ward.collect_count", count=len(trays)), f"{self.who}   ")
        drawing.rule()
        foot = 3 if height >= 12 else 1
        each = ROWS_EACH if height >= 12 else 1
        self._per_page = max(1, min(9, (height - foot - 3) // each))
        if not trays:
            drawing.text(self.word("ward.nothing_to_collect"))
        first = self._at() // self._per_page * self._per_page
        for number, tray in enumerate(trays[first : first + self._per_page], 1):
            self._draw_tray(drawing, tray, number, rows=each)
        more = len(trays) - first - self._per_page
        drawing.fill_to(height - foot - 1)
        drawing.line("", f"{self.word('ward.more', count=more)}  " if more > 0 else "", look="quiet")
        chosen = next((tray for tray in trays if tray.order_id == self.chosen), None)
        told = self.word("ward.scan_only")
        if chosen is not None:
            told = self.word("ward.collect_enter", number=chosen.number, bed=chosen.bed)
        drawing.button(told, "collect", heavy=True, rows=foot, centred=True)
        return drawing

    def _draw_tray(self, drawing: Drawing, tray: Standing, number: int, *, rows: int) -> None:
        chosen = tray.order_id == self.chosen
        head = f"{'>' if chosen else ' '}{number}  {padded(tray.bed, BED_CELLS)}{tray.number}"
        action = f"choose({number})"
        drawing.line(words(head, "chosen" if chosen else "strong"), action=action)
        if rows > 1:
            told = self.word("ward.stands_since", time=clock(tray.since), ward=tray.ward)
            drawing.line(f"    {told}", look="quiet", action=action)
            drawing.line(action=action)

    def _at(self) -> int:
        ids = [tray.order_id for tray in self.rows or ()]
        return ids.index(self.chosen) if self.chosen in ids else 0

    # -- keys ---------------------------------------------------------------------------------------------------------

    def action_choose(self, number: int) -> None:
        at = self._at() // self._per_page * self._per_page + number - 1
        trays = self.rows or ()
        if number > self._per_page or at >= len(trays):
            return self.say(self.word("ward.no_number", number=number))
        self.chosen = trays[at].order_id
        self.paint()

    def action_step(self, step: int) -> None:
        self._go(self._at() + step)

    def action_page(self, step: int) -> None:
        self._go((self._at() // self._per_page + step) * self._per_page)

    def _go(self, at: int) -> None:
        trays = self.rows or ()
        if 0 <= at < len(trays):
            self.chosen = trays[at].order_id
            self.paint()

    async def action_collect(self) -> None:
        tray = next((tray for tray in self.rows or () if tray.order_id == self.chosen), None)
        if tray is None:
            return self.say(self.word("ward.nothing_to_collect"))
        await self._collect(tray)

    async def _collect(self, tray: Standing) -> None:
        from core.delivery.commands import CollectTray

        act = self.word("ward.act_collect", number=tray.number)
        said = self.word("ward.collected", number=tray.number, bed=tray.bed)
        await self.perform(CollectTray(order_id=tray.order_id), act=act, said=said)

    async def scanned(self, scan: Found) -> None:
        """A scan here collects that tray."""
        tray = next((one for one in self.rows or () if scan.is_tray and one.order_id == scan.order_id), None)
        if tray is None:
            return await super().scanned(scan)
        await self._collect(tray)
