"""The ward desk: the beds of one ward as tiles, and what a nurse does for whoever lies in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from rich.text import Text
from textual.binding import BindingType

from consoles.kit.dialogs import Choice
from consoles.kit.keybar import key
from consoles.kit.text import fitted, joined, words
from core.words import clock, duration
from ward_tui.choosing import ChoosingSheet
from ward_tui.desk_acts import DeskActs
from ward_tui.desk_rows import AWAY, NIL, UNORDERED, DeskRows, Tile
from ward_tui.drawing import Drawing, Target
from ward_tui.screen import SMALL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

TILE_CELLS = 26
LEAST_ROWS = 3
TOKENS = {NIL: "flag", UNORDERED: "soon", AWAY: "soon", "vacant": "quiet", "cleaning": "quiet", "closed": "quiet"}


class DeskScreen(DeskActs):
    """Beds, not names: names stand on the label and at the bed."""

    WATCHES = ("bed", "bed_assignment", "stay", "diet_profile", "order", "service", "ward")
    HELP_WORDS = "ward_desk"
    BAR: ClassVar[Mapping[int, Sequence[str]]] = {
        0: ("ward.order ward.hold ward.admit | kit.help",),
        SMALL: (
            "ward.open_bed ward.order ward.hold ward.admit ward.bed ward.move | kit.help",
            "ward.away ward.discharge ward.unordered ward.other_ward ward.run kit.why kit.undo |",
        ),
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        key("enter", "open_bed", "ward.open_bed"),
        key("left", "step(-1)", "kit.left"),
        key("right", "step(1)", "kit.right"),
        key("up", "band(-1)", "kit.up"),
        key("down", "band(1)", "kit.down"),
        key("pagedown,plus", "page(1)", "kit.next_page"),
        key("pageup,minus", "page(-1)", "kit.page_before"),
        key("o", "order", "ward.order"),
        key("h", "hold", "ward.hold"),
        key("a", "admit", "ward.admit"),
        key("b", "bed", "ward.bed"),
        key("m", "move", "ward.move"),
        key("d", "discharge", "ward.discharge"),
        key("w", "away", "ward.away"),
        key("e", "explain", "kit.why"),
        key("l", "unordered", "ward.unordered"),
        key("v", "other_ward", "ward.other_ward"),
        key("r", "run", "ward.run"),
        key("slash", "type_number", "kit.find"),
    ]

    def __init__(self, ward_id: str = "") -> None:
        super().__init__()
        self.ward_id = ward_id
        self.chosen = ""
        self._columns = 1
        self._pages: list[list[str]] = [[]]

    def ask(self, db: Connection) -> DeskRows:
        from ward_tui.desk_rows import desk_rows, ward_of_console

        return desk_rows(db, self.ward_id or ward_of_console(db), self.now(db), self.language)

    def show(self, rows: DeskRows) -> None:
        ids = [tile.id for tile in rows.tiles]
        if self.chosen not in ids:
            self.chosen = self._heir(rows) or (ids[0] if ids else "")
        super().show(rows)

    def _heir(self, rows: DeskRows) -> str:
        """A bed that was filled or emptied is the same tile: the cursor stays on the bed."""
        before = self.tile()
        bed = before.bed if before is not None else ""
        return next((tile.id for tile in rows.tiles if bed and tile.bed == bed), "")

    def tile(self) -> Tile | None:
        tiles = self.rows.tiles if self.rows is not None else ()
        return next((tile for tile in tiles if tile.id == self.chosen), None)

    # -- drawing ------------------------------------------------------------------------------------------------------

    def top(self) -> tuple[Sequence[Text | str], Sequence[Text | str]]:
        rows = self.desk()
        if rows is None or self.is_locked:
            return self.lead(self.word("ward.desk_title"))
        left, _ = self.lead(self.word("ward.desk", ward=rows.ward_id), rows.meal)
        return left, [words(self.until_words(), "quiet")] if self.app.size.width >= SMALL else []

    def until_words(self) -> str:
        """How long this meal can still be ordered."""
        rows: DeskRows = self.rows
        now = self.console_app.now()
        if not rows.service_id:
            return self.word("ward.no_meal_now")
        if now < rows.cut_off_at:
            left = duration(rows.cut_off_at - now, self.language)
            return self.word("ward.order_until", time=clock(rows.cut_off_at), left=left)
        return self.word("ward.late_until", time=clock(rows.ends_at))

    def drawing(self, width: int, height: int) -> Drawing:
        rows: DeskRows = self.rows
        drawing = Drawing(width)
        counts = self.word(
            "ward.desk_counts",
            beds=sum(bool(tile.bed) for tile in rows.tiles),
            patients=len(rows.lying),
            unordered=len(rows.unordered),
            fasting=sum(tile.state == NIL for tile in rows.tiles),
        )
        if width < SMALL:
            drawing.text(counts)
            drawing.text(self.until_words(), look="quiet")
        else:
            drawing.line(f" {counts}", f"{self.who} ", look="quiet")
        drawing.rule()
        self._columns = max(1, width // TILE_CELLS)
        bands = self._bands(rows.tiles, width)
        self._pages = _paged(bands, height - drawing.height)
        page = next((page for page in self._pages if self.chosen in page), self._pages[0])
        for band in bands:
            if band[0][0].id in page:
                self._draw_band(drawing, band)
        if not rows.tiles:
            drawing.text(self.no_rows(self.word("ward.no_beds")))
        drawing.fill_to(height)
        return drawing

    def _bands(self, tiles: Sequence[Tile], width: int) -> list[list[tuple[Tile, list[Text]]]]:
        cells = width if self._columns == 1 else TILE_CELLS - 1
        drawn = [(tile, self._face(tile, cells)) for tile in tiles]
        return [drawn[at : at + self._columns] for at in range(0, len(drawn), self._columns)]

    def _face(self, tile: Tile, cells: int) -> list[Text]:
        """The lines of one tile, exactly so wide: bed, P for a patient, state; flags whole; the meal."""
        chosen = tile.id == self.chosen
        part = Drawing(cells)
        bed = tile.bed or self.word("ward.without_bed")
        mark, person = ">" if chosen else " ", "P" if tile.is_patient else " "
        head = words(f"{mark}{bed}  {person}  ", "chosen" if chosen else "strong")
        state = words(self.word(f"ward.{tile.state}"), "chosen" if chosen else TOKENS.get(tile.state, ""))
        part.lines.append(fitted(joined(head, state), cells, filler="chosen" if chosen else ""))
        for flag in tile.flags:
            part.flag(flag.text, flag.token, indent=1)
        if tile.meal:
            part.line(f" {tile.meal}", look="quiet")
        if tile.away:
            part.text(self.away_words(tile), look="quiet", indent=1)
        elif not tile.bed and not tile.meal:
            part.line(f" {self.word('ward.here_since', time=clock(tile.since))}", look="quiet")
        return part.lines

    def _draw_band(self, drawing: Drawing, band: list[tuple[Tile, list[Text]]]) -> None:
        top, rows = drawing.height, _rows_of(band)
        for row in range(rows):
            line: list[Text | str] = []
            for _, face in band:
                line += [face[row] if row < len(face) else words(" " * len(face[0].plain)), words("|", "rule")]
            drawing.line(joined(*line[:-1]) if len(band) == 1 else joined(*line))
        for column, (tile, _) in enumerate(band):
            left = column * TILE_CELLS if self._columns > 1 else 0
            right = left + TILE_CELLS if self._columns > 1 else drawing.width
            drawing.targets.append(Target(top, top + rows, left, right, f"tap('{tile.id}')"))

    # -- choosing -----------------------------------------------------------------------------------------------------

    def action_step(self, step: int) -> None:
        ids = [tile.id for tile in self.rows.tiles] if self.rows is not None else []
        if self.chosen in ids:
            self.chosen = ids[max(0, min(len(ids) - 1, ids.index(self.chosen) + step))]
            self.paint()

    def action_band(self, step: int) -> None:
        self.action_step(step * self._columns)

    def action_page(self, step: int) -> None:
        at = next((at for at, page in enumerate(self._pages) if self.chosen in page), 0) + step
        if 0 <= at < len(self._pages) and self._pages[at]:
            self.chosen = self._pages[at][0]
            self.paint()

    def action_tap(self, tile_id: str) -> None:
        self.chosen = tile_id
        self.paint()
        self.action_open_bed()

    def action_open_bed(self) -> None:
        """What can be done here, each with its key's own act."""
        tile = self.tile()
        if self.is_locked:
            return self.console_app.action_show_people()
        if tile is None:
            return
        keys = ("order", "hold", "bed", "move", "away", "discharge") if tile.is_patient else ("admit", "bed")
        choices = [Choice(self.word(f"key.ward.{name}"), name, self.word(f"keyhelp.ward.{name}")) for name in keys]
        title = f"{self.bed_word(tile.bed)}  {self.word(f'ward.{tile.state}')}"
        self.app.push_screen(ChoosingSheet(title, choices), self._do)

    def _do(self, name: Any) -> None:
        if isinstance(name, str):
            self.call_later(self.run_action, name)

    def _typed(self, typed: str | None) -> None:
        """A bed's number, else a tray's."""
        if not typed or self.rows is None:
            return
        wanted = typed.strip().casefold()
        number = wanted.rpartition("-")[2].lstrip("0")
        for tile in self.rows.tiles:
            plain = tile.bed.casefold()
            if plain and (plain == wanted or plain.rpartition("-")[2].lstrip("0") == number):
                self.chosen = tile.id
                return self.paint()
        super()._typed(typed)

    def action_other_ward(self) -> None:
        if self.rows is None or self.is_locked:
            return self.console_app.action_show_people()
        choices = [Choice(f"{ward_id}  {name}", ward_id) for ward_id, name in self.rows.wards]
        self.app.push_screen(ChoosingSheet(self.word("ward.which_ward"), choices), self._go_to_ward)

    def _go_to_ward(self, ward_id: Any) -> None:
        if isinstance(ward_id, str):
            self.ward_id, self.chosen = ward_id, ""
            self.ask_soon()

    def action_run(self) -> None:
        from ward_tui.screens.run import RunScreen

        if isinstance(self.below(), RunScreen):
            self.action_step_back()
        else:
            self.app.push_screen(RunScreen())


def _rows_of(band: list[tuple[Tile, list[Text]]]) -> int:
    return max(LEAST_ROWS, *(len(face) for _, face in band))


def _paged(bands: list[list[tuple[Tile, list[Text]]]], room: int) -> list[list[str]]:
    """The ids of tiles on each page: as many whole bands as fit."""
    pages: list[list[str]] = [[]]
    used = 0
    for band in bands:
        rows = _rows_of(band)
        if pages[-1] and used + rows > room:
            pages.append([])
            used = 0
        pages[-1] += [tile.id for tile, _ in band]
        used += rows
    return pages
