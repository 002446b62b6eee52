"""Tables are read in whatever dress they come, and what is wrong is named by line and column."""

from __future__ import annotations

import pytest

from core.kernel.sheet import MOST_BYTES, MOST_ROWS, Layout, Sheet, SheetRow, read_sheet, twice

THINGS = Layout(kind="things", known_by="code", required=("code", "name"), optional=("count", "fat_g", "tags", "open"))


def sheet(text: str | bytes) -> Sheet:
    return read_sheet("things.csv", text if isinstance(text, bytes) else text.encode(), (THINGS,))


def row(text: str, columns: str = "code,name,count,fat_g,tags,open") -> SheetRow:
    return sheet(f"{columns}\n{text}\n").rows[0]


def faults(found: Sheet | SheetRow) -> list[tuple[int, str, str]]:
    return [(fault.line, fault.column, fault.code) for fault in found.faults]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_rows_are_read_whatever_parts_them(delimiter: str) -> None:
    read = sheet(delimiter.join(("code", "name")) + "\n" + delimiter.join(("a", "Ann")))
    assert (read.kind, [dict(one.cells) for one in read.rows]) == ("things", [{"code": "a", "name": "Ann"}])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_accents_are_read_in_every_encoding_that_spreadsheets_write(encoding: str) -> None:
    assert sheet("code,name\na,Purée aux œufs".encode(encoding)).rows[0].words("name") == "Purée aux œufs"


def test_a_quoted_cell_may_hold_the_delimiter_a_quote_and_a_line() -> None:
    read = sheet('code;name\na;"one; ""two""\nthree"\nb;last')
    assert [one.cells["name"] for one in read.rows] == ['one; "two"\nthree', "last"]


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    read = sheet('code,name\n\na,"two\nlines"\n,,\nb,last\n')
    assert [one.line for one in read.rows] == [3, 6]


def test_headings_are_known_whatever_their_capitals_and_blanks() -> None:
    assert sheet(" Code , NAME,Fat g\na,b,1").rows[0].amount("fat_g") == 1


@pytest.mark.parametrize("cell", ["=1+1", "+250", "-x", "@SUM(A1)", "=HYPERLINK(0)"])
def test_a_cell_that_looks_like_a_formula_is_text(cell: str) -> None:
    assert row(f"a,{cell}").words("name") == cell


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file_empty"),
        (b"\n\n", "file_empty"),
        (b"PK\x03\x04\x00\x00", "not_a_table"),
        (b"colour,size\n1,2", "unknown_table"),
        (b"code,count\n", "column_missing"),
        (b"code,name,colour\n", "column_unknown"),
        (b"code,name,name\n", "column_twice"),
        (b'code,name\na,"never ends', "not_a_table"),
        (b"code,name\na,b,c,d", "too_many_cells"),
        (b"code,name\n" + b"x" * MOST_BYTES, "file_too_large"),
    ],
)
def test_a_file_that_is_no_such_table_is_said_so(data: bytes, code: str) -> None:
    assert [fault.code for fault in sheet(data).faults] == [code]


def test_a_table_that_is_too_long_is_refused_at_the_row() -> None:
    read = sheet("code,name\n" + "a,b\n" * (MOST_ROWS + 1))
    assert faults(read) == [(MOST_ROWS + 2, "", "too_many_rows")]


@pytest.mark.parametrize(
    ("cell", "number"),
    [("", None), ("0", 0), ("12", 12_000), ("1.5", 1_500), ("1,5", 1_500), ("0.0005", 1), ("1 200", 1_200_000)],
)
def test_an_amount_is_told_in_whole_parts(cell: str, number: int | None) -> None:
    assert row(f'a,b,,"{cell}"').amount("fat_g", parts=1_000) == number


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("-1", "negative"),
        ("-0.2", "negative"),
        ("many", "not_a_number"),
        ("1.2.3", "not_a_number"),
        ("nan", "not_a_number"),
        ("inf", "not_a_number"),
        ("1e99", "too_large"),
        ("=1", "not_a_number"),
    ],
)
def test_an_amount_that_is_none_is_refused(cell: str, code: str) -> None:
    read = row(f'a,b,,"{cell}"')
    assert read.amount("fat_g") in (None, 0) and faults(read) == [(2, "fat_g", code)]


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("1.5", "not_a_whole_number"),
        ("1,200", "not_a_whole_number"),
        ("-3", "negative"),
        ("99999999999", "too_large"),
        ("x", "not_a_whole_number"),
    ],
)
def test_a_count_that_is_none_is_refused(cell: str, code: str) -> None:
    read = row(f'a,b,"{cell}"')
    assert read.whole("count") == 0 and faults(read) == [(2, "count", code)]


def test_codes_are_parted_by_blanks_commas_and_bars() -> None:
    assert row('a,b,,,"milk, egg|milk"').codes("tags", ("egg", "milk"), unknown="unknown_tag") == ("milk", "egg")


def test_a_code_that_is_not_known_is_named() -> None:
    read = row("a,b,,,milk seawater")
    assert read.codes("tags", ("milk",), unknown="unknown_tag") == ("milk",)
    assert [(fault.code, fault.detail) for fault in read.faults] == [("unknown_tag", {"value": "seawater"})]


@pytest.mark.parametrize(
    ("cell", "meant"), [("yes", True), ("OUI", True), ("yego", True), ("no", False), ("Oya", False), ("", True)]
)
def test_yes_and_no_are_understood_in_three_languages(cell: str, meant: bool) -> None:
    assert row(f"a,b,,,,{cell}").yes("open", otherwise=True) is meant


def test_a_character_that_nobody_sees_is_refused() -> None:
    read = row("a,in\u202evoice")
    read.words("name")
    assert faults(read) == [(2, "name", "hidden_character")]


def test_a_cell_read_twice_is_wrong_once() -> None:
    read = row("a,b,,,,perhaps")
    read.yes("open", otherwise=True)
    read.yes("open", otherwise=True)
    assert faults(read) == [(2, "open", "not_yes_or_no")]


def test_a_name_that_comes_twice_names_its_first_line() -> None:
    read = sheet("code,name\na,1\nb,2\na,3")
    twice([(one, one.code("code")) for one in read.rows], "code")
    assert [(fault.line, fault.detail) for fault in read.faults] == [(4, {"value": "a", "line": 2})]
