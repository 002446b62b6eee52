"""A hospital's own wards and beds from its own table: read, checked row by row, and turned into acts or into faults.

One row a ward; a ward that is there already only gets the beds it does not have yet:

    ward                   its short name, as on its beds: A, ICU
    kitchen                the kitchen that cooks for it; one that is not there yet is opened
    name_en                as people call it; name_fr, name_rw: empty is the same
    beds                   A-001..A-050, or the codes one by one: EM-001 EM-002
    extension              the telephone
    walking_order          in which sequence a runner comes by: 1, 2, 3
    minutes_from_kitchen   on foot
    first                  yes for wards that come before all others at the stove
    kitchen_name           the name of a kitchen that is not there yet
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from core.kernel.message import Command
from core.kernel.sheet import Import, Layout, SheetRow, Wanted, read_sheet, twice
from core.wards.commands import AddBeds, NewBed, OpenKitchen, OpenWard

MOST_BEDS = 500  # of one ward
MOST_MINUTES = 240
MOST_ORDER = 10_000
_BETWEEN = re.compile(r"[\s,;|]+")
_RANGE = re.compile(r"(.*?)(\d{1,6})\.\.(.*?)(\d{1,6})\Z")
_BED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")

WARDS = Layout(
    kind="wards",
    known_by="beds",
    required=("ward", "kitchen", "name_en", "beds"),
    optional=(
        *("name_fr", "name_rw", "extension", "walking_order", "minutes_from_kitchen"),
        *("first", "kitchen_name"),
    ),
)


@dataclass(frozen=True, slots=True)
class KnownHouse:
    """What the hospital has already. beds: bed -> its ward."""

    kitchens: Collection[str] = ()
    wards: Collection[str] = ()
    beds: dict[str, str] = field(default_factory=dict)


def read_wards(file: str, data: bytes, known: KnownHouse, *, door_code: Callable[[], str]) -> Import:
    """door_code: draws the code of one bed's door, which nobody can guess."""
    sheet = read_sheet(file, data, (WARDS,))
    named = [(row, row.row_id("ward")) for row in sheet.rows]
    twice(named, "ward")
    acts: list[Wanted] = []
    kitchens, owner = set(known.kitchens), dict(known.beds)
    for row, ward_id in named:
        columns = _columns(row)
        title = row.words("kitchen_name")
        beds = _new_beds(row, ward_id, owner)
        if row.is_faulty:
            continue
        commands: list[Command] = []
        if columns["kitchen_id"] not in kitchens:
            kitchens.add(columns["kitchen_id"])
            commands.append(OpenKitchen(kitchen_id=columns["kitchen_id"], title=title or columns["kitchen_id"]))
        if ward_id not in known.wards:
            commands.append(OpenWard(ward_id=ward_id, **columns))
        if beds:
            drawn = tuple(NewBed(bed_id=bed, door_code=door_code()) for bed in beds)
            commands.append(AddBeds(ward_id=ward_id, beds=drawn))
        acts += [Wanted(row.file, row.line, command) for command in commands]
    faults = tuple(sorted(sheet.faults, key=lambda fault: fault.line))
    return Import((), faults) if faults else Import(tuple(acts), ())


def _columns(row: SheetRow) -> dict[str, Any]:
    name = row.words("name_en", required=True)
    return {
        "kitchen_id": row.row_id("kitchen"),
        "name_en": name,
        "name_fr": row.words("name_fr") or name,
        "name_rw": row.words("name_rw") or name,
        "extension": row.words("extension"),
        "walking_order": row.whole("walking_order", most=MOST_ORDER),
        "minutes_from_kitchen": row.whole("minutes_from_kitchen", most=MOST_MINUTES),
        "first": row.yes("first", otherwise=False),
    }


def _new_beds(row: SheetRow, ward_id: str, owner: dict[str, str]) -> list[str]:
    """Those that are not there yet. A bed stands on one ward."""
    new: list[str] = []
    for bed in _beds(row):
        elsewhere = owner.get(bed, ward_id)
        if elsewhere != ward_id:
            row.wrong("beds", "bed_of_another_ward", value=bed, ward=elsewhere)
        elif bed in new:
            row.wrong("beds", "twice", value=bed, line=row.line)
        elif bed not in owner:
            new.append(bed)
    owner.update(dict.fromkeys(new, ward_id))
    return new


def _beds(row: SheetRow) -> list[str]:
    beds: list[str] = []
    for written in _BETWEEN.split(row.words("beds", required=True, most=10_000)):
        if ".." in written:
            beds += _range(row, written)
        elif written and not _BED.match(written):
            row.wrong("beds", "bad_id", value=written)
        elif written:
            beds.append(written)
    if len(beds) > MOST_BEDS:
        row.wrong("beds", "too_many_beds", most=MOST_BEDS)
    return beds[:MOST_BEDS]


def _range(row: SheetRow, written: str) -> list[str]:
    """`A-001..A-050`: both ends included, the digits as wide as they are written."""
    found = _RANGE.match(written)
    if found is None or found[1] != found[3] or not _BED.match(f"{found[1]}{found[2]}"):
        row.wrong("beds", "bad_range", value=written)
        return []
    begin, end = int(found[2]), int(found[4])
    if end < begin or end - begin >= MOST_BEDS:
        row.wrong("beds", "bad_range", value=written)
        return []
    return [f"{found[1]}{number:0{len(found[2])}}" for number in range(begin, end + 1)]
