"""A table that a hospital brings along as CSV, read in whatever dress it comes, and what is wrong with its rows.

Comma, semicolon or tab; with or without a byte order mark; UTF-8, UTF-16 or the old Western code page; quotes as
spreadsheets set them. A cell is text and nothing but text: one that begins with = + - or @ is kept as it stands.
Every fault names its line as an editor counts it, so that it can be found.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from core.kernel.message import Command
from core.kernel.text import SHORT_WORDS, unseen

MOST_BYTES = 5_000_000
MOST_ROWS = 5_000
LARGEST = (1 << 31) - 1
DELIMITERS = (",", ";", "\t")
YES = ("yes", "true", "1", "oui", "vrai", "yego", "x")
NO = ("no", "false", "0", "non", "faux", "oya")
_CODE = re.compile(r"[a-z][a-z0-9_]{0,47}\Z")
_ROW_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")
_WHOLE = re.compile(r"[+-]?\d{1,15}\Z")
_BETWEEN = re.compile(r"[\s,;|]+")
_BLANKS = re.compile(r"[\s\u00a0\u202f]+")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong. `code` has words (section `fault`); line 1 is the line of the headings."""

    file: str
    line: int
    column: str
    code: str
    detail: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of one kind of table. It is recognised by a column that no other kind has."""

    kind: str
    known_by: str
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.required, *self.optional)


@dataclass(slots=True)
class SheetRow:
    """One row by its headings. Reading a cell notes what is wrong with it, and goes on with something harmless."""

    file: str
    line: int
    cells: Mapping[str, str]
    faults: list[Fault]

    @property
    def is_faulty(self) -> bool:
        return any(fault.line == self.line for fault in self.faults)

    def wrong(self, column: str, code: str, **detail: str | int) -> None:
        fault = Fault(self.file, self.line, column, code, detail)
        if fault not in self.faults:  # a cell may be read twice
            self.faults.append(fault)

    def words(self, column: str, *, required: bool = False, most: int = SHORT_WORDS) -> str:
        text = unicodedata.normalize("NFC", self.cells.get(column, "").strip())
        hidden = unseen(text)
        if hidden:
            self.wrong(column, "hidden_character", character=f"U+{ord(hidden):04X}")
        elif len(text) > most:
            self.wrong(column, "too_long", most=most)
        elif required and not text:
            self.wrong(column, "empty")
        return text

    def code(self, column: str) -> str:
        return self._matching(column, _CODE, "bad_code")

    def row_id(self, column: str) -> str:
        return self._matching(column, _ROW_ID, "bad_id")

    def codes(self, column: str, known: Collection[str], *, unknown: str) -> tuple[str, ...]:
        """Several codes in one cell, each a known one; `unknown` is the fault of one that is not."""
        found = [part.lower() for part in _BETWEEN.split(self.words(column)) if part]
        for code in found:
            if code not in known:
                self.wrong(column, unknown, value=code)
        return tuple(dict.fromkeys(code for code in found if code in known))

    def choice(self, column: str, allowed: Sequence[str], *, otherwise: str) -> str:
        text = self.words(column) or otherwise
        found = next((one for one in allowed if one.casefold() == text.casefold()), None)
        if found is None:
            self.wrong(column, "not_one_of", value=text, allowed=", ".join(allowed))
        return found or otherwise

    def yes(self, column: str, *, otherwise: bool) -> bool:
        text = self.words(column).casefold()
        if text in YES or text in NO:
            return text in YES
        if text:
            self.wrong(column, "not_yes_or_no", value=text)
        return otherwise

    def whole(self, column: str, *, most: int = LARGEST) -> int:
        """A whole number, 0 for an empty cell."""
        text = _BLANKS.sub("", self.words(column))
        if not text:
            return 0
        if not _WHOLE.match(text):
            self.wrong(column, "not_a_whole_number", value=text)
            return 0
        return self._in_range(column, int(text), most)

    def amount(self, column: str, *, parts: int = 1) -> int | None:
        """An amount in whole parts of its unit, rounded half up. None for an empty cell: unknown, never zero."""
        text = _BLANKS.sub("", self.words(column)).replace(",", ".")
        if not text:
            return None
        try:
            exact = Decimal(text) * parts
            rounded = int(exact.to_integral_value(ROUND_HALF_UP))
        except (InvalidOperation, ValueError, OverflowError):
            self.wrong(column, "not_a_number", value=text)
            return None
        return self._in_range(column, -1 if exact < 0 else rounded, LARGEST)

    def _in_range(self, column: str, number: int, most: int) -> int:
        if number < 0:
            self.wrong(column, "negative")
        elif number > most:
            self.wrong(column, "too_large", most=most)
        else:
            return number
        return 0

    def _matching(self, column: str, pattern: re.Pattern[str], fault: str) -> str:
        text = self.words(column, required=True)
        if text and not pattern.match(text):
            self.wrong(column, fault, value=text)
        return text


@dataclass(frozen=True, slots=True)
class Wanted:
    """One row as an act; a row may want several."""

    file: str
    line: int
    command: Command


@dataclass(frozen=True, slots=True)
class Import:
    """All the acts, in a sequence in which each finds what it needs; or the faults, and then not one act."""

    acts: tuple[Wanted, ...]
    faults: tuple[Fault, ...]


@dataclass(slots=True)
class Sheet:
    """One file: its kind ("" when no layout fits), its rows, and what is wrong with it as a whole."""

    file: str
    kind: str = ""
    rows: list[SheetRow] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def read_sheet(file: str, data: bytes, layouts: Sequence[Layout]) -> Sheet:
    """Never raises for bad input: what is wrong is among the faults. All rows share the sheet's list of faults."""
    sheet = Sheet(file)
    text = _text(data)
    if text is None or len(data) > MOST_BYTES:
        return _unreadable(sheet, "file_too_large" if text is not None else "not_a_table")
    lines = _lines(text)
    try:
        number, headings = next(line for line in lines if any(cell.strip() for cell in line[1]))
    except StopIteration:
        return _unreadable(sheet, "file_empty")
    except csv.Error:
        return _unreadable(sheet, "not_a_table")
    names = [_BLANKS.sub("_", heading.strip().casefold()) for heading in headings]
    layout = next((one for one in layouts if one.known_by in names), None)
    if layout is None:
        return _unreadable(sheet, "unknown_table", wanted=" / ".join(one.known_by for one in layouts))
    sheet.kind = layout.kind
    if _headings_fit(sheet, layout, names, number):
        _read_rows(sheet, names, lines)
    return sheet


def twice(rows: Iterable[tuple[SheetRow, str]], column: str) -> None:
    """Notes every name that comes a second time, with the line where it came first."""
    first: dict[str, int] = {}
    for row, name in rows:
        if name in first:
            row.wrong(column, "twice", value=name, line=first[name])
        elif name:
            first[name] = row.line


def _headings_fit(sheet: Sheet, layout: Layout, names: list[str], line: int) -> bool:
    for name in layout.required:
        if name not in names:
            sheet.faults.append(Fault(sheet.file, line, name, "column_missing"))
    for name in dict.fromkeys(names):
        if name and name not in layout.columns:
            sheet.faults.append(Fault(sheet.file, line, name, "column_unknown"))
        elif names.count(name) > 1 and name:
            sheet.faults.append(Fault(sheet.file, line, name, "column_twice"))
    return not sheet.faults


def _read_rows(sheet: Sheet, names: list[str], lines: Iterator[tuple[int, list[str]]]) -> None:
    try:
        for number, cells in lines:
            if not any(cell.strip() for cell in cells):
                continue
            if len(sheet.rows) == MOST_ROWS:
                sheet.faults.append(Fault(sheet.file, number, "", "too_many_rows", {"most": MOST_ROWS}))
                return
            if len(cells) != len(names) and any(cell.strip() for cell in cells[len(names) :]):
                sheet.faults.append(
                    Fault(sheet.file, number, "", "too_many_cells", {"has": len(cells), "most": len(names)})
                )
                continue
            named = {name: cell for name, cell in zip(names, cells, strict=False) if name}
            sheet.rows.append(SheetRow(sheet.file, number, named, sheet.faults))
    except csv.Error:
        sheet.faults.append(Fault(sheet.file, _last_line(sheet) + 1, "", "not_a_table"))


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with the number of the line it begins on."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    begins = 1
    for cells in reader:
        yield begins, cells
        begins = reader.line_num + 1


def _delimiter(text: str) -> str:
    """Whatever parts the headings most often."""
    headings = next((line for line in text.splitlines() if line.strip()), "")
    return max(DELIMITERS, key=headings.count)


def _text(data: bytes) -> str | None:
    """None for bytes that are no text."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "cp1252", "latin-1")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if "\0" in text else text
    return None


def _unreadable(sheet: Sheet, code: str, **detail: str | int) -> Sheet:
    sheet.faults.append(Fault(sheet.file, 1, "", code, detail))
    return sheet


def _last_line(sheet: Sheet) -> int:
    return sheet.rows[-1].line if sheet.rows else 1
