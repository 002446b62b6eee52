"""A list of rows to choose from: the cursor holds on to the row's key, not to its place;
only the page seen is drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual.binding import BindingType
from textual.events import Click, MouseScrollDown, MouseScrollUp
from textual.message import Message
from textual.strip import Strip

from consoles.kit.keybar import key
from consoles.kit.lines import Lines
from consoles.kit.text import cut, fitted, joined, padded, words


@dataclass(frozen=True, slots=True)
class Column:
    """width 0: whatever room is left, once a table. right: figures."""

    title: str
    width: int = 0
    right: bool = False


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row. A cell may be Text in its own look; token: of the whole row. below: quiet lines under it."""

    key: str
    cells: tuple[str | Text, ...]
    token: str = ""
    below: tuple[Text, ...] = ()


class Table(Lines, can_focus=True):
    """Fill it as often as you like: the same row stays chosen, or its neighbour when it has gone."""

    DEFAULT_CSS = "Table { height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        key("up", "move(-1)", "kit.up"),
        key("down", "move(1)", "kit.down"),
        key("pagedown", "page(1)", "kit.next_page"),
        key("pageup", "page(-1)", "kit.page_before"),
        key("home", "go_to(0)", "kit.first"),
        key("end", "go_to(-1)", "kit.last"),
        key("enter", "open_chosen", "kit.open"),
    ]

    class Moved(Message):
        """Another row is chosen. key "": none."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    class Opened(Message):
        """Enter, or a touch, on a row."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    def __init__(
        self,
        columns: Sequence[Column],
        *,
        empty: str = "",
        id: str | None = None,
        numbered: bool = False,
        heads: bool = True,
    ) -> None:
        super().__init__(id=id)
        self._columns, self._empty, self._numbered, self._heads = tuple(columns), empty, numbered, heads
        self._rows: tuple[TableRow, ...] = ()
        self._at = 0
        self._first = 0

    # -- what stands in it --------------------------------------------------------------------------------------------

    def fill(self, rows: Sequence[TableRow], *, empty: str | None = None) -> None:
        """empty: the sentence that stands there when there are none."""
        chosen = self.chosen
        self._rows = tuple(rows)
        self._empty = self._empty if empty is None else empty
        places = {row.key: place for place, row in enumerate(self._rows)}
        self._at = places.get(chosen, min(self._at, max(0, len(self._rows) - 1)))
        self._keep_in_sight()
        self.refresh(layout=self.styles.is_auto_height)
        if self.chosen != chosen:
            self.post_message(self.Moved(self.chosen))

    @property
    def chosen(self) -> str:
        """The key of the row under the cursor, "" when there are none."""
        return self._rows[self._at].key if self._at < len(self._rows) else ""

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(row.key for row in self._rows)

    def choose(self, key: str) -> bool:
        """Puts the cursor on this row; False when it is not there."""
        for place, row in enumerate(self._rows):
            if row.key == key:
                self._go(place)
                return True
        return False

    def choose_number(self, number: int) -> bool:
        """The row that bears this number on the page that is seen."""
        place = self._first + number - 1
        if not self._numbered or not self._first <= place < min(len(self._rows), self._first + self._seen()):
            return False
        self._go(place)
        return True

    def find(self, fits: Callable[[TableRow], bool]) -> bool:
        """The next row behind the cursor that fits, round to the first."""
        order = [*range(self._at + 1, len(self._rows)), *range(self._at + 1)]
        for place in order:
            if place < len(self._rows) and fits(self._rows[place]):
                self._go(place)
                return True
        return False

    # -- moving -------------------------------------------------------------------------------------------------------

    def action_move(self, step: int) -> None:
        self._go(self._at + step)

    def action_page(self, step: int) -> None:
        self._go(self._at + step * max(1, self._seen()))

    def action_go_to(self, place: int) -> None:
        self._go(place if place >= 0 else len(self._rows) - 1)

    def action_open_chosen(self) -> None:
        if self.chosen:
            self.post_message(self.Opened(self.chosen))

    def on_click(self, event: Click) -> None:
        for line, place in enumerate(self._places()):
            if line == event.y and place is not None:
                self._go(place)
                self.action_open_chosen()

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        self.action_move(1)

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        self.action_move(-1)

    def on_resize(self) -> None:
        self._keep_in_sight()

    def _go(self, place: int) -> None:
        before, self._at = self._at, max(0, min(len(self._rows) - 1, place))
        if before != self._at:
            self._keep_in_sight()
            self.refresh()
            self.post_message(self.Moved(self.chosen))

    def _keep_in_sight(self) -> None:
        if self._at < self._first:
            self._first = self._at
        while self._first < self._at and self._at >= self._first + self._seen():
            self._first += 1

    def _seen(self) -> int:
        """How many rows fit from the first on."""
        room = max(1, self.size.height - (1 if self._heads else 0))
        count = used = 0
        for row in self._rows[self._first :]:
            used += 1 + len(row.below)
            if used > room:
                break
            count += 1
        return max(1, count)

    # -- drawing ------------------------------------------------------------------------------------------------------

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        return max(1, (1 if self._heads else 0) + sum(1 + len(row.below) for row in self._rows))

    @property
    def lines(self) -> tuple[str, ...]:
        return tuple(line.plain.rstrip() for line in self._drawn(self.size.width))

    def render_line(self, y: int) -> Strip:
        drawn = self._drawn(self.size.width)
        return self.look.strip(drawn[y] if y < len(drawn) else Text(), self.size.width)

    def _drawn(self, width: int) -> list[Text]:
        widths = self._widths(width)
        lines = [self._head(widths)] if self._heads else []
        if not self._rows:
            return [*lines, words(f" {cut(self._empty, width - 1)}", "quiet")]
        for number, row in enumerate(self._rows[self._first : self._first + self._seen()], 1):
            lines.append(self._line(row, number, widths))
            lines += [fitted(line, width) for line in row.below]
        return lines

    def _places(self) -> list[int | None]:
        """For each line drawn, the row it belongs to."""
        places: list[int | None] = [None] if self._heads else []
        for place in range(self._first, min(len(self._rows), self._first + self._seen())):
            places += [place] * (1 + len(self._rows[place].below))
        return places

    def _head(self, widths: Sequence[int]) -> Text:
        pairs = zip(self._columns, widths, strict=True)
        cells = [padded(column.title, width, right=column.right) for column, width in pairs]
        return words(" " * self._lead() + " ".join(cells), "quiet")

    def _line(self, row: TableRow, number: int, widths: Sequence[int]) -> Text:
        chosen = row.key == self.chosen
        token = "chosen" if chosen and self.has_focus else "strong" if chosen else row.token
        lead = f"{'>' if chosen else ' '}{number if self._numbered and number <= 9 else ' ' if self._numbered else ''}"
        parts: list[Text | str] = [words(f"{lead:<{self._lead()}}", token)]
        for cell, column, width in zip(row.cells, self._columns, widths, strict=True):
            if len(parts) > 1:
                parts.append(words(" ", token))
            if isinstance(cell, Text) and not chosen:
                parts.append(fitted(cell, width))
            else:
                plain = cell.plain if isinstance(cell, Text) else cell
                parts.append(words(padded(plain, width, right=column.right), token))
        return joined(*parts)

    def _lead(self) -> int:
        return 3 if self._numbered else 1

    def _widths(self, width: int) -> list[int]:
        fixed = sum(column.width for column in self._columns) + len(self._columns) - 1 + self._lead()
        return [column.width or max(0, width - fixed) for column in self._columns]
