"""A list of the administrator's console: one that shows its cursor only while it has the keys, and changes its heads."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from consoles.kit.table import Column, Table, TableRow
from consoles.kit.text import words


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
        line = super()._line(row, number, widths)
        if self.has_focus or not line.plain.startswith(">"):
            return line
        quiet = TableRow(row.key, row.cells, row.token, row.below)
        lead = f" {number if self._numbered and number <= 9 else ' '}" if self._numbered else " "
        plain = words(f"{lead:<{self._lead()}}", quiet.token)
        plain.append_text(line[self._lead() :])
        return plain
