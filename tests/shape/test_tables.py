"""Every table says who may hold its rows, on what they hang, and what becomes of old ones."""

from __future__ import annotations

import pytest

from core.kernel.row import Audience, Row
from core.store.server_schema import MACHINERY
from core.store.tables import ROWS, SERVER, TABLES

EVERY = pytest.mark.parametrize("row", ROWS.values(), ids=list(ROWS))
# A page reads on the server, which holds everything; a clinical console that holds a ward's care holds the ward too.
READ_ON_THE_SERVER = "patient"
HELD_WITH = {"care": "ward"}


@EVERY
def test_a_table_declares_its_audiences_itself(row: type[Row]) -> None:
    assert "audiences" in vars(row)


@EVERY
def test_an_audience_names_a_column_of_its_own_table(row: type[Row]) -> None:
    columns = set(TABLES[row].c.keys())

    assert [audience for audience in row.audiences if audience.column and audience.column not in columns] == []


@EVERY
def test_whoever_holds_an_owner_holds_what_hangs_on_it(row: type[Row]) -> None:
    lacking = [
        f"{owner}: {audience.kind}:{audience.column}"
        for column, owner in row.owners.items()
        for audience in ROWS[owner].audiences
        if audience.kind != READ_ON_THE_SERVER and not _is_among(audience, row, column)
    ]

    assert lacking == []


@EVERY
def test_an_owner_is_a_table_and_its_column_exists(row: type[Row]) -> None:
    columns = set(TABLES[row].c.keys())

    assert [(column, owner) for column, owner in row.owners.items() if column not in columns or owner not in ROWS] == []


@EVERY
def test_columns_that_empty_a_list_or_a_device_exist(row: type[Row]) -> None:
    named = {row.listed_while_empty, row.retired_by} - {""}

    assert named <= set(TABLES[row].c.keys())


@EVERY
def test_a_table_says_what_becomes_of_its_old_rows(row: type[Row]) -> None:
    """In words of its own where rows leave the devices: there is an instant, and somebody wants to know it."""
    said = vars(row).get("housekeeping", "") if row.retired_by else row.housekeeping

    assert len(said) >= len("kept")


def test_every_table_is_of_rows_with_an_audience_or_known_machinery() -> None:
    known = set(ROWS) | {table.name for table in MACHINERY}

    assert set(SERVER.tables) == known


def _is_among(audience: Audience, row: type[Row], column: str) -> bool:
    """Whether this audience of the owner, seen through the column that names the owner, is one of the row's."""
    through = column if audience.column == "id" else audience.column
    kinds = (audience.kind, HELD_WITH.get(audience.kind, audience.kind))
    return any(own.kind in kinds and own.column == through for own in row.audiences)
