"""A list of the administrator's console: its cursor shows only while it has the keys, and its heads can change."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text
from textual.strip import Strip

from consoles.kit.lines import Line, Lines
from consoles.kit.table import Column, Table, TableRow
from consoles.kit.text import joined, sides, words

NOT_CHOSEN = "\0"  # the key of no row


class BoxTitle(Line):
    """The name of a box over its rows, and what belongs to it at the right: one cell in from both sides."""

    def _row(self, width: int) -> Text:
        return sides(joined(" ", self._left), joined(self._right, " "), width)


class Bar(Lines):
    """What stands between the two halves of a page, as high as they are."""

    def render_line(self, y: int) -> Strip:
        return self.look.strip(words("|", "rule"), self.size.width)


class AdminTable(Table):
    """Several of them stand on one page: only the one with the keys says where Enter goes."""

    def rename(self, columns: Sequence[Column]) -> None:
        """The same columns in another language."""
        self._columns = tuple(columns)
        self.refresh()

    @property
    def sheet(self) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
        """Heads and rows as plain text, whole: for a file."""
        rows = [tuple(cell.plain if isinstance(cell, Text) else cell for cell in row.cells) for row in self._rows]
        return tuple(column.title for column in self._columns), rows

    def _line(self, row: TableRow, number: int, widths: Sequence[int]) -> Text:
        here = row if self.has_focus else TableRow(NOT_CHOSEN, row.cells, row.token, row.below)
        return super()._line(here, number, widths)
