"""The way: the wards of this run as they are walked, how far each is, whom to call there, and the beds that wait."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.binding import BindingType

from consoles.kit.keybar import key
from ward_tui.cards import ward_name
from ward_tui.drawing import Drawing
from ward_tui.screen import WardScreen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Leg:
    """One ward of the way."""

    ward: str
    minutes: int
    extension: str
    beds: tuple[str, ...]


class WayScreen(WardScreen):
    """Indoors a map is a list of stops."""

    WATCHES = ("order", "tray", "stay", "ward")
    HELP_WORDS = "ward_way"
    BAR: ClassVar[Mapping[int, Sequence[str]]] = {0: ("ward.back kit.sync | kit.help",)}
    BINDINGS: ClassVar[list[BindingType]] = [key("enter", "step_back", "ward.back")]

    def ask(self, db: Connection) -> tuple[Leg, ...]:
        from core.delivery.queries import run_of

        language = self.language
        legs: dict[str, Leg] = {}
        for stop in run_of(db, self.me()).stops:
            before = legs.get(stop.ward.id)
            beds = (*(before.beds if before else ()), stop.bed)
            legs[stop.ward.id] = Leg(
                ward=ward_name(stop, language),
                minutes=stop.ward.minutes_from_kitchen,
                extension=stop.ward.extension,
                beds=tuple(dict.fromkeys(beds)),
            )
        return tuple(legs.values())

    def top(self) -> tuple[Sequence[Text | str], Sequence[Text | str]]:
        return self.lead(self.word("ward.way"))

    def drawing(self, width: int, height: int) -> Drawing:
        drawing = Drawing(width)
        if not self.rows:
            drawing.space()
            drawing.text(self.word("ward.way_empty"))
            return drawing
        for number, leg in enumerate(self.rows, 1):
            drawing.line(f"{number}  {leg.ward}", f"{self.word('ward.minutes', minutes=leg.minutes)} ", look="strong")
            drawing.text("  ".join(leg.beds), indent=3)
            if leg.extension:
                drawing.line(f"   {self.word('ward.station', extension=leg.extension)}", look="quiet")
            drawing.rule()
        return drawing
