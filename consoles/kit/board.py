"""A board of cards, drawn line by line: nine tiles a page, a digit each, red flags first, whole or not at all.

Its cost is flat in the number of cards: what is not on the page is not drawn. The chosen card is an order, not a place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from rich.segment import Segment
from rich.text import Text
from textual.events import Click
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip

from consoles.kit.lines import WIDE, Lines
from consoles.kit.slots import Grid, Slots, Spot, grid_for
from consoles.kit.text import fitted, joined, sides, words, wrapped

MINUTE_MS = 60_000
TIDY_AFTER_MS = 3_000  # without a key


class HasKey(Protocol):
    """A card: frozen, equal when it looks equal."""

    @property
    def key(self) -> str: ...


C = TypeVar("C", bound=HasKey)


@dataclass(frozen=True, slots=True)
class Face:
    """How a card looks. body stands under the head, foot at the bottom; a card that needs more rows gets more."""

    title: str
    right: Text
    body: tuple[Text, ...]
    foot: tuple[Text, ...]

    @property
    def rows(self) -> int:
        return 1 + len(self.body) + len(self.foot)

    def mark(self) -> tuple[object, ...]:
        """Equal for faces that look equal."""
        return (self.title, *(_mark(line) for line in (self.right, *self.body, *self.foot)))


# card, cells across, rows of one tile, the centre's instant, whether it has left the board
Paint = Callable[[C, int, int, int, bool], Face]


class Board(Lines, Generic[C]):
    """Fill it as often as you like, in the sequence the cards should have. Empty, it says a sentence."""

    DEFAULT_CSS = "Board { height: 1fr; width: 1fr; }"

    class Touched(Message):
        """A tile was tapped; again: it was the chosen one already."""

        def __init__(self, key: str, again: bool) -> None:
            super().__init__()
            self.key, self.again = key, again

    def __init__(self, paint: Paint[C], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._paint = paint
        self._cards: dict[str, C] = {}
        self._gone: dict[str, C] = {}
        self._needs: dict[str, int] = {}
        self._faces: dict[str, tuple[object, Face]] = {}
        self._slots = Slots(Grid(1, 1))
        self._page = 0
        self._chosen = ""
        self._new: dict[str, None] = {}
        self._now = 0
        self._empty = ""
        self._shown: dict[str, tuple[object, list[Strip]]] = {}

    # -- what lies on it ----------------------------------------------------------------------------------------------

    def fill(self, cards: Sequence[C], *, now: int, empty: str = "", tidy: bool = False) -> None:
        """The cards in their sequence. Those that are there already stay where they are, unless tidy is wanted."""
        first_time = not self._cards and not self._gone
        before = self._cards
        self._cards = {card.key: card for card in cards}
        self._now, self._empty = now, empty
        for key, card in before.items():
            if key not in self._cards:
                self._gone[key] = card
        for key in self._cards:
            self._gone.pop(key, None)
            if key not in before and not first_time:
                self._new[key] = None
        self._measure(before)
        if tidy or first_time or not self._slots.keep(self._needs):
            self.tidy()
        if not cards or not before:
            self.refresh()  # the sentence that stands there instead comes or goes
        self._after_change()

    def tidy(self) -> None:
        """Everything in its sequence, without the places of what has gone. The chosen card stays in sight."""
        at = self._slots.spot(self._chosen)
        self._gone.clear()
        self._slots.tidy(self._needs, self._grid())
        if self._chosen in self._cards:
            self._page = self._spot(self._chosen).page
        elif at is not None:
            self._page = min(at.page, self.pages - 1)
            self._chosen = self._nearest(at)
        self._page = min(self._page, self.pages - 1)

    def tidy_if_idle(self, idle_ms: int) -> None:
        if idle_ms >= TIDY_AFTER_MS and (self._gone or list(self._needs) != self._in_sequence()):
            self.tidy()
            self._after_change()

    def tick(self, now: int) -> None:
        """Ages: only tiles that look another way are drawn again."""
        minute_passed = now // MINUTE_MS != self._now // MINUTE_MS
        self._now = now
        if minute_passed:
            self._draw_changed()

    @property
    def cards(self) -> Mapping[str, C]:
        return self._cards

    @property
    def chosen(self) -> str:
        """The key of the chosen card, "" when there is none."""
        return self._chosen

    @property
    def chosen_card(self) -> C | None:
        """None as well when it has left the board meanwhile."""
        return self._cards.get(self._chosen)

    @property
    def page(self) -> int:
        return self._page

    @property
    def pages(self) -> int:
        return self._slots.pages

    def news(self) -> tuple[int, int]:
        """How many new cards lie on the nearest page that has any and is not seen, and which page: (0, 0) for none."""
        pages = [spot.page for key in self._new if (spot := self._slots.spot(key)) is not None]
        others = [page for page in pages if page != self._page]
        return (others.count(min(others)), min(others) + 1) if others else (0, 0)

    def page_of(self, key: str) -> int:
        """From 0."""
        return self._spot(key).page

    def number_of(self, key: str) -> int:
        """The digit of a card on the page that is seen, 0 when it is on another."""
        keys = [other for other, _ in self._slots.on_page(self._page)]
        return keys.index(key) + 1 if key in keys else 0

    # -- choosing -----------------------------------------------------------------------------------------------------

    def key_at(self, number: int) -> str:
        """The card that bears this digit now, "" when there is none."""
        here = self._slots.on_page(self._page)
        return here[number - 1][0] if 0 < number <= len(here) else ""

    def choose(self, key: str) -> bool:
        """Also turns to its page. False when it is not on the board."""
        spot = self._slots.spot(key)
        if spot is None:
            return False
        self._chosen, self._page = key, spot.page
        self._after_change()
        return True

    def turn(self, step: int) -> bool:
        """To another page, tidied on the way. False when there is none."""
        self.tidy()
        wanted = self._page + step
        if not 0 <= wanted < self.pages:
            self._after_change()
            return False
        self._page = wanted
        self._chosen = self.key_at(1)
        self._after_change()
        return True

    def move(self, columns: int, bands: int) -> None:
        """To the neighbour in that direction, if there is one."""
        here = self._slots.on_page(self._page)
        at = self._slots.spot(self._chosen)
        if at is None:
            return
        wanted = (at.column + columns, at.band + (at.slots if bands > 0 else bands))
        for key, spot in here:
            if spot.column == wanted[0] and spot.band <= wanted[1] < spot.band + spot.slots:
                self.choose(key)
                return

    def on_click(self, event: Click) -> None:
        key = self._key_under(event.x, event.y)
        if key:
            again = key == self._chosen
            self.choose(key)
            self.post_message(self.Touched(key, again))

    # -- laying out ---------------------------------------------------------------------------------------------------

    def on_resize(self) -> None:
        self._needs.clear()
        self._measure({})
        self.tidy()
        self._after_change()

    def restyled(self) -> None:
        """Another language or look: every face is painted again."""
        self._faces.clear()
        self.on_resize()

    def _grid(self) -> Grid:
        return grid_for(self.size.width, self.size.height)

    def _rows(self) -> int:
        return max(1, self.size.height // self._grid().bands)

    def _widths(self) -> list[int]:
        columns = self._grid().columns
        each = (self.size.width - columns + 1) // columns
        return [each] * (columns - 1) + [self.size.width - (each + 1) * (columns - 1)]

    def _measure(self, before: Mapping[str, C]) -> None:
        """How many slots each card needs; only those that changed are painted for it."""
        if not self.size.width:
            self._needs = dict.fromkeys(self._cards, 1)
            return
        rows, width = self._rows(), self._widths()[0]
        needs: dict[str, int] = {}
        for key, card in self._cards.items():
            known, old = self._needs.get(key), before.get(key)
            if known is None or (old is not card and old != card):
                known = -(-self._paint(card, width, rows, self._now, False).rows // rows)
            needs[key] = known
        self._needs = needs

    def _in_sequence(self) -> list[str]:
        return [key for page in range(self.pages) for key, _ in self._slots.on_page(page)]

    def _spot(self, key: str) -> Spot:
        return self._slots.spot(key) or Spot(0, 0, 0, 1)

    def _nearest(self, at: Spot) -> str:
        """The card that now lies where the chosen one lay, or the last one before it."""
        here = self._slots.on_page(self._page)
        before = [key for key, spot in here if (spot.band, spot.column) <= (at.band, at.column)]
        return before[-1] if before else here[0][0] if here else ""

    def _after_change(self) -> None:
        if self._slots.spot(self._chosen) is None:
            self._chosen = self.key_at(1)
        for key, _ in self._slots.on_page(self._page):
            self._new.pop(key, None)
        self._new = {key: None for key in self._new if key in self._cards}
        self._draw_changed()

    def _key_under(self, x: int, y: int) -> str:
        column = 0
        for width in self._widths()[:-1]:
            if x <= width:
                break
            x, column = x - width - 1, column + 1
        band = y // self._rows()
        for key, spot in self._slots.on_page(self._page):
            if spot.column == column and spot.band <= band < spot.band + spot.slots:
                return key
        return ""

    # -- drawing ------------------------------------------------------------------------------------------------------

    def _face(self, key: str, width: int) -> Face | None:
        gone = key not in self._cards
        card = self._cards.get(key) or self._gone.get(key)
        return self._paint(card, width, self._rows(), self._now, gone) if card is not None else None

    def _draw_changed(self) -> None:
        """Paints the page anew and asks for a repaint of the tiles that look another way."""
        if not self.size.width:
            return
        rows, widths = self._rows(), self._widths()
        shown: dict[str, tuple[object, list[Strip]]] = {}
        regions: list[Region] = []
        placed: set[tuple[int, int]] = set()
        for number, (key, spot) in enumerate(self._slots.on_page(self._page), 1):
            face = self._face(key, widths[spot.column])
            if face is None:
                continue
            placed.update((column, band) for _, column, band in spot.covers())
            mark = (face.mark(), number, spot, key == self._chosen, key in self._gone, widths, rows, self.look.name)
            old = self._shown.get(key)
            if old is not None and old[0] == mark:
                shown[key] = old
                continue
            shown[key] = (mark, self._tile(face, number, spot, key == self._chosen, widths[spot.column], rows))
            x = sum(widths[: spot.column]) + spot.column
            regions.append(Region(x, spot.band * rows, widths[spot.column], spot.slots * rows))
        vacated = set(self._shown) != set(shown)
        self._shown = shown
        if vacated:
            self.refresh()
        elif regions:
            self.refresh(*regions)

    def _tile(self, face: Face, number: int, spot: Spot, chosen: bool, width: int, rows: int) -> list[Strip]:
        height = spot.slots * rows
        wide = self.app.size.width >= WIDE
        lead = words(f"{'>' if chosen else ' '}{number}{'  ' if wide else ' '}{face.title}", "strong")
        head = sides(lead, face.right, width)
        if chosen:
            head = joined(words(fitted(head, width).plain, "chosen"))
        room = height - 1 - len(face.foot)
        body = [*face.body[:room], *[Text()] * (room - len(face.body))]
        return [self.look.strip(line, width) for line in (head, *body, *face.foot)][:height]

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if not self._cards and not self._gone:
            told = dict(enumerate(wrapped(self._empty, width - 4), self.size.height // 3))
            return self.look.strip(words(f"  {told.get(y, '')}", "quiet"), width)
        rows, widths = self._rows(), self._widths()
        grid = self._grid()
        band = y // rows
        if band >= grid.bands:
            return self.look.strip(Text(), width)
        bar = Strip([Segment("|", self.look.style("rule"))], 1)
        strips: list[Strip] = []
        for column, cells in enumerate(widths):
            strips += [bar] if strips else []
            strips.append(self._line_of_tile(column, band, y, rows) or self.look.strip(Text(), cells))
        return Strip.join(strips)

    def _line_of_tile(self, column: int, band: int, y: int, rows: int) -> Strip | None:
        for key, spot in self._slots.on_page(self._page):
            if spot.column == column and spot.band <= band < spot.band + spot.slots and key in self._shown:
                lines = self._shown[key][1]
                line = y - spot.band * rows
                return lines[line] if line < len(lines) else None
        return None

    @property
    def lines(self) -> tuple[str, ...]:
        return tuple(self.render_line(y).text for y in range(self.size.height))


def _mark(line: Text) -> tuple[object, ...]:
    return (line.plain, str(line.style), tuple(line.spans))
