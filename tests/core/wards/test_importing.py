"""Rows of wards become acts, or faults, never both."""

from __future__ import annotations

import itertools

import pytest
from sqlalchemy import select

from core.kernel.sheet import Import
from core.kernel.tx import Tx
from core.store.tables import TABLES
from core.wards.commands import AddBeds, NewBed, OpenKitchen, OpenWard
from core.wards.importing import KnownHouse, read_wards
from core.wards.model import Bed
from tests import given

HEADINGS = "ward,kitchen,name_en,beds,minutes_from_kitchen,first,kitchen_name\n"
KNOWN = KnownHouse(kitchens={"main"}, wards={"A"}, beds={"A-001": "A", "A-002": "A"})


def wards(rows: str, known: KnownHouse = KNOWN) -> Import:
    codes = itertools.count(1)
    return read_wards("wards.csv", (HEADINGS + rows).encode(), known, door_code=lambda: f"D{next(codes)}")


def faults(told: Import) -> list[tuple[int, str, str]]:
    return [(fault.line, fault.column, fault.code) for fault in told.faults]


def test_a_new_ward_is_opened_with_its_beds() -> None:
    told = wards("EM,main,Emergency,EM-001..EM-003,2,yes,\n")
    assert [wanted.command for wanted in told.acts] == [
        OpenWard(
            ward_id="EM",
            kitchen_id="main",
            name_en="Emergency",
            name_fr="Emergency",
            name_rw="Emergency",
            minutes_from_kitchen=2,
            first=True,
        ),
        AddBeds(
            ward_id="EM",
            beds=(
                NewBed(bed_id="EM-001", door_code="D1"),
                NewBed(bed_id="EM-002", door_code="D2"),
                NewBed(bed_id="EM-003", door_code="D3"),
            ),
        ),
    ]


def test_a_new_kitchen_is_opened_once() -> None:
    told = wards("C,hill,Ward C,C-1,,,Kitchen on the hill\nD,hill,Ward D,D-1,,,\n")
    opened = [wanted.command for wanted in told.acts if isinstance(wanted.command, OpenKitchen)]
    assert opened == [OpenKitchen(kitchen_id="hill", title="Kitchen on the hill")]


def test_a_ward_that_is_there_only_gets_the_beds_it_lacks() -> None:
    told = wards("A,main,Ward A,A-001..A-003,,,\n")
    assert [wanted.command for wanted in told.acts] == [
        AddBeds(ward_id="A", beds=(NewBed(bed_id="A-003", door_code="D1"),))
    ]


def test_the_same_table_again_changes_nothing() -> None:
    assert wards("A,main,Ward A,A-001 A-002,,,\n") == Import((), ())


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        (",main,Ward,X-1,,,", "ward", "empty"),
        ("B ward,main,Ward,X-1,,,", "ward", "bad_id"),
        ("B,main,,B-1,,,", "name_en", "empty"),
        ("B,main,Ward,,,,", "beds", "empty"),
        ("B,main,Ward,B-9..B-1,,,", "beds", "bad_range"),
        ("B,main,Ward,B-1..C-9,,,", "beds", "bad_range"),
        ("B,main,Ward,B-1..B-9999,,,", "beds", "bad_range"),
        ("B,main,Ward,B-1 B-1,,,", "beds", "twice"),
        ("B,main,Ward,A-001,,,", "beds", "bed_of_another_ward"),
        ("B,main,Ward,B/1,,,", "beds", "bad_id"),
        ("B,main,Ward,B-1,-4,,", "minutes_from_kitchen", "negative"),
        ("B,main,Ward,B-1,900,,", "minutes_from_kitchen", "too_large"),
        ("A,main,Ward A again,A-009,,,", "ward", "twice"),
    ],
)
def test_a_bad_row_is_named_by_line_and_column(row: str, column: str, code: str) -> None:
    told = wards(f"A,main,Ward A,A-001,,,\n{row}\n")
    assert (told.acts, faults(told)) == ((), [(3, column, code)])


def test_one_bed_on_two_wards_is_wrong_on_the_second() -> None:
    assert faults(wards("B,main,Ward B,X-1,,,\nC,main,Ward C,X-1,,,\n")) == [(3, "beds", "bed_of_another_ward")]


def test_imported_beds_can_be_lain_in(tx: Tx) -> None:
    told = wards("C,main,Ward C,C-01..C-40,,,\n", KnownHouse(kitchens={"main"}))
    for wanted in told.acts:
        given.perform(tx, wanted.command)
    bed = TABLES[Bed]
    found = given.saved(tx).execute(select(bed.c.id).where(bed.c.ward_id == "C")).scalars().all()
    assert sorted(found) == [f"C-{number:02}" for number in range(1, 41)]
