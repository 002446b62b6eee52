"""`dusangire wards`: brings in a hospital's own wards and beds, and lists them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from admin_cli import shown
from admin_cli.bringing import DryRun

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select

    from core.wards.importing import KnownHouse

app = typer.Typer(
    help="Bring in the hospital's own wards and beds.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)
COLUMNS = """Brings in wards and beds from a CSV file: all of them, or none and every fault with its line.

Comma, semicolon or tab; UTF-8, UTF-16 or the old Western code page; the first line names the columns, in any sequence.
A ward that is there already only gets the beds it does not have yet.

\b
One row a ward:
  ward                  its short name, as on its beds: A, ICU
  kitchen               the kitchen that cooks for it; a new one is opened
  name_en               and name_fr, name_rw: empty is the English one
  beds                  A-001..A-050, or one by one: EM-001 EM-002
  extension             the telephone
  walking_order         in which sequence a runner comes by: 1, 2, 3
  minutes_from_kitchen  on foot
  first                 yes for wards that come before all others at the stove
  kitchen_name          the name of a new kitchen

\b
Needed are ward, kitchen, name_en and beds.
JSON: {taken_in, dry_run, acts: {name: count}, faults: [{file, line, column, code, words}]}.
"""
DOOR_LETTERS = "23456789ACDEFGHJKMNPQRTVWXYZ"  # nothing that looks like something else
DOOR_LENGTH = 6


@app.command("import", help=COLUMNS)
def import_wards(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV file of wards.")],
    dry_run: DryRun = False,
    as_json: shown.Json = False,
) -> None:
    from admin_cli.bringing import bring_in, read_file
    from admin_cli.hospital import hospital
    from core.wards.importing import read_wards

    data = read_file(file)
    with hospital() as store:
        with store.reading() as connection:
            known = _known(connection)
        told = read_wards(file.name, data, known, door_code=_door_code)
        bring_in(store, told, dry_run=dry_run, as_json=as_json)


@app.command("list")
def list_wards(as_json: shown.Json = False, console: shown.Console = False) -> None:
    """Every ward with its beds.

    JSON: a list of {ward, name_en, kitchen, extension, beds, in_use, taken}.
    """
    from admin_cli.place import reading

    with reading(console=console) as place, place.store.reading() as connection:
        found = _wards(connection)
    if as_json:
        return shown.as_json(found)
    rows = [(one["ward"], one["name_en"], one["kitchen"], str(one["beds"]), str(one["taken"])) for one in found]
    shown.as_table(("ward", "name", "kitchen", "beds", "taken"), rows, empty="No wards yet. dusangire wards import")


def _wards(connection: Connection) -> list[dict[str, Any]]:
    from sqlalchemy import func, select

    from core.store.read import as_rows
    from core.store.tables import TABLES
    from core.wards.model import Bed, BedAssignment, BedState, Ward

    ward, bed, lying = TABLES[Ward], TABLES[Bed], TABLES[BedAssignment]
    in_use = bed.c.state == BedState.IN_USE.value
    beds = _counted(connection, select(bed.c.ward_id, func.count()).group_by(bed.c.ward_id))
    usable = _counted(connection, select(bed.c.ward_id, func.count()).where(in_use).group_by(bed.c.ward_id))
    taken = select(lying.c.ward_id, func.count()).where(lying.c.ended_at.is_(None)).group_by(lying.c.ward_id)
    occupied = _counted(connection, taken)
    return [
        {
            "ward": one.id,
            "name_en": one.name_en,
            "kitchen": one.kitchen_id,
            "extension": one.extension,
            "beds": beds.get(one.id, 0),
            "in_use": usable.get(one.id, 0),
            "taken": occupied.get(one.id, 0),
        }
        for one in as_rows(Ward, connection.execute(select(ward).order_by(ward.c.walking_order, ward.c.id)))
    ]


def _counted(connection: Connection, query: Select[Any]) -> dict[str, int]:
    return {row[0]: row[1] for row in connection.execute(query)}


def _known(connection: Connection) -> KnownHouse:
    from sqlalchemy import select

    from core.store.tables import TABLES
    from core.wards.importing import KnownHouse
    from core.wards.model import Bed, Kitchen, Ward

    bed = TABLES[Bed]
    return KnownHouse(
        kitchens=frozenset(connection.execute(select(TABLES[Kitchen].c.id)).scalars()),
        wards=frozenset(connection.execute(select(TABLES[Ward].c.id)).scalars()),
        beds={row.id: row.ward_id for row in connection.execute(select(bed.c.id, bed.c.ward_id))},
    )


def _door_code() -> str:
    """The code of one bed's QR: worth nothing without the patient's birth date, and not to be guessed."""
    import secrets

    return "".join(secrets.choice(DOOR_LETTERS) for _ in range(DOOR_LENGTH))
