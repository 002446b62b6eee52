"""Who has no order yet: patients who may eat, with the time left; Enter opens what they may have."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.binding import BindingType

from consoles.kit.keybar import digits, key
from consoles.kit.text import words
from core.words import clock, duration
from ward_tui.desk_rows import DeskRows, Tile
from ward_tui.drawing import Drawing, Target
from ward_tui.screen import WardScreen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection


class UnorderedScreen(WardScreen):
    """It gets shorter with every order."""

    WATCHES = ("order", "stay", "diet_profile", "service", "bed_assignment")
    HELP_WORDS = "ward_unordered"
    BAR: ClassVar[Mapping[int, Sequence[str]]] = {0: ("ward.order kit.next_page ward.back | kit.help",)}
    BINDINGS: ClassVar[list[BindingType]] = [
        key("enter,o", "order", "ward.order"),
        *digits("choose", "ward.choose"),
        key("up", "step(-1)", "kit.up"),
        key("down", "step(1)", "kit.down"),
        key("pagedown,plus", "page(1)", "kit.next_page"),
        key("pageup,minus", "page(-1)", "kit.page_before"),
        key("backspace", "step_back", "ward.back"),
    ]

    def __init__(self, ward_id: str) -> None:
        super().__init__()
        self.ward_id = ward_id
        self.chosen = ""
        self._pages: list[list[str]] = [[]]

    def ask(self, db: Connection) -> DeskRows:
        from ward_tui.desk_rows import desk_rows

        return desk_rows(db, self.ward_id, self.now(db), self.language)

    def show(self, rows: DeskRows) -> None:
        """The next patient takes the place of the one who has ordered."""
        ids = [tile.id for tile in rows.unordered]
        if self.chosen not in ids:
            before = [tile.id for tile in self.rows.unordered] if self.rows is not None else []
            at = before.index(self.chosen) if self.chosen in before else 0
            self.chosen = ids[min(at, len(ids) - 1)] if ids else ""
        super().show(rows)

    def tiles(self) -> tuple[Tile, ...]:
        return self.rows.unordered if self.rows is not None else ()

    def top(self) -> tuple[Sequence[Text | str], Sequence[Text | str]]:
        rows: DeskRows | None = self.rows
        meal = rows.meal if rows is not None and not self.is_locked else ""
        return self.lead(self.word("ward.unordered_title"), meal)

    def drawing(self, width: int, height: int) -> Drawing:
        drawing = Drawing(width)
        rows: DeskRows = self.rows
        drawing.line(self.word("ward.unordered_count", count=len(rows.unordered)), f"{self._left()} ")
        drawing.rule()
        if not rows.unordered:
            drawing.text(self.word("ward.nobody_waits"))
        parts = [(tile, self._part(width, tile)) for tile in rows.unordered]
        self._pages = _paged([(tile.id, part.height) for tile, part in parts], height - 3)
        page = next((page for page in self._pages if self.chosen in page), self._pages[0])
        for number, (tile, part) in enumerate(((t, p) for t, p in parts if t.id in page), 1):
            top = drawing.height
            self._head(drawing, tile, number)
            drawing.lines += part.lines[1:]
            drawing.targets.append(Target(top, drawing.height, 0, width, f"open_number({number})"))
        more = sum(len(one) for one in self._pages[self._pages.index(page) + 1 :])
        drawing.fill_to(height - 1)
        drawing.line("", f"{self.word('ward.more', count=more)}  " if more else "", look="quiet")
        return drawing

    def _left(self) -> str:
        rows: DeskRows = self.rows
        now = self.console_app.now()
        if rows.service_id and now < rows.cut_off_at:
            return self.word("ward.to_cut_off", age=duration(rows.cut_off_at - now, self.language))
        return self.word("ward.late_until", time=clock(rows.ends_at)) if rows.service_id else ""

    def _part(self, width: int, tile: Tile) -> Drawing:
        part = Drawing(width)
        self._head(part, tile, 0)
        for flag in tile.flags:
            part.flag(flag.text, flag.token, indent=4)
        if tile.comes:
            part.text(tile.comes, look="quiet", indent=4)
        part.space()
        return part

    def _head(self, drawing: Drawing, tile: Tile, number: int) -> None:
        chosen = tile.id == self.chosen
        head = f"{'>' if chosen else ' '}{number}  {self.bed_word(tile.bed)}"
        drawing.line(words(head, "chosen" if chosen else "strong"))

    # -- keys ---------------------------------------------------------------------------------------------------------

    def _page(self) -> list[str]:
        return next((page for page in self._pages if self.chosen in page), self._pages[0])

    def action_choose(self, number: int) -> None:
        page = self._page()
        if number > len(page):
            return self.say(self.word("ward.no_number", number=number))
        self.chosen = page[number - 1]
        self.paint()

    def action_open_number(self, number: int) -> None:
        self.action_choose(number)
        self.action_order()

    def action_step(self, step: int) -> None:
        ids = [tile.id for tile in self.tiles()]
        if self.chosen in ids:
            self.chosen = ids[max(0, min(len(ids) - 1, ids.index(self.chosen) + step))]
            self.paint()

    def action_page(self, step: int) -> None:
        at = self._pages.index(self._page()) + step
        if 0 <= at < len(self._pages) and self._pages[at]:
            self.chosen = self._pages[at][0]
            self.paint()

    def action_order(self) -> None:
        tile = next((tile for tile in self.tiles() if tile.id == self.chosen), None)
        if self.is_locked:
            return self.console_app.action_show_people()
        if tile is None or self.rows is None or not self.rows.service_id:
            return self.say(self.word("ward.nobody_waits"))
        from ward_tui.screens.order import OrderScreen

        self.app.push_screen(OrderScreen(tile.stay_id, bed=self.bed_word(tile.bed), service_id=self.rows.service_id))


def _paged(needs: Sequence[tuple[str, int]], room: int) -> list[list[str]]:
    pages: list[list[str]] = [[]]
    used = 0
    for tile_id, rows in needs:
        if pages[-1] and (used + rows > room or len(pages[-1]) == 9):
            pages.append([])
            used = 0
        pages[-1].append(tile_id)
        used += rows
    return pages
