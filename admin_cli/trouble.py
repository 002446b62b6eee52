"""`dusangire trouble`: every error of the hospital's machines by its number, until somebody says what was done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from admin_cli import shown
from admin_cli.checked import checked

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.cases.model import Trouble

app = typer.Typer(
    help="Errors of the hospital's machines, by number.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)
Number = Annotated[str, typer.Argument(metavar="NUMBER", help="As the list shows it: E-0412.")]
Source = Annotated[str, typer.Option("--at", help="Which machine, where several have it: its name, or server.")]
MOST_LISTED = 500
SERVER = "server"


@app.command("list")
def list_troubles(
    closed: Annotated[bool, typer.Option("--closed", help="Also those that are closed.")] = False,
    as_json: shown.Json = False,
    console: shown.Console = False,
) -> None:
    """Open errors, the oldest first: one row a kind and machine, however often it came.

    JSON: a list of {trouble, number, code, where, source, words: {what, stays, next}, first_at, last_at, count, before,
    closed_at, closed_by, closing}; instants in ms UTC.
    """
    from admin_cli.place import reading

    with reading(console=console) as place, place.store.reading() as connection:
        found = [_trouble(one, names) for names in (_names(connection),) for one in _rows(connection, closed=closed)]
    if as_json:
        return shown.as_json(found)
    rows = [
        (
            one["number"],
            one["source"],
            shown.when(one["first_at"]),
            shown.when(one["last_at"]),
            str(one["count"]),
            one["words"]["what"],
            "closed" if one["closed_at"] else one["words"]["next"],
        )
        for one in found
    ]
    columns = ("error", "at", "first", "last", "times", "what", "next")
    shown.as_table(columns, rows, empty="No error is open.")


@app.command()
def show(number: Number, at: Source = "", as_json: shown.Json = False, console: shown.Console = False) -> None:
    """One error whole. JSON: as in the list."""
    from admin_cli.place import reading

    with reading(console=console) as place, place.store.reading() as connection:
        found = _trouble(_meant(connection, number, at), _names(connection))
    if as_json:
        return shown.as_json(found)
    for sentence in found["words"].values():
        typer.echo(sentence)
    for name in ("number", "source", "code", "where", "count", "before", "closed_by", "closing"):
        if found[name]:
            typer.echo(f"{name:<10}{found[name]}")
    for name in ("first_at", "last_at", "closed_at"):
        if found[name]:
            typer.echo(f"{name.removesuffix('_at'):<10}{shown.when(found[name])}")


@app.command()
def close(
    number: Number,
    person: Annotated[str, typer.Option("--as", help="Who closes it; their password is asked for.")],
    done: Annotated[str, typer.Option("--done", help="What was done, in words.")],
    at: Source = "",
    as_json: shown.Json = False,
) -> None:
    """Closes an error with what was done; if it comes back it is open again. JSON: as in the list."""
    from admin_cli.hospital import act, hospital
    from admin_cli.proving import prove
    from core.cases.errors import CloseTrouble

    with hospital() as store:
        with store.reading() as connection:
            meant = _meant(connection, number, at, still_open=True)
        command = checked(CloseTrouble, trouble_id=meant.id, closing=done)
        prove(store, person)
        act(store, command, by=person)
        with store.reading() as connection:
            found = _trouble(_one(connection, meant.id), _names(connection))
    shown.told(found, f"Closed: {found['number']} at {found['source']}.", json_wanted=as_json)


def _rows(connection: Connection, *, closed: bool) -> list[Trouble]:
    from sqlalchemy import select

    from core.cases.model import Trouble
    from core.store.read import as_rows
    from core.store.tables import TABLES

    table = TABLES[Trouble]
    wanted = select(table) if closed else select(table).where(table.c.closed_at.is_(None))
    return as_rows(Trouble, connection.execute(wanted.order_by(table.c.first_at, table.c.id).limit(MOST_LISTED)))


def _one(connection: Connection, row_id: str) -> Trouble:
    return next(row for row in _rows(connection, closed=True) if row.id == row_id)


def _meant(connection: Connection, number: str, at: str, *, still_open: bool = False) -> Trouble:
    """Raises Refusal("no_such_trouble") unless exactly one is meant: an open one before those that are closed."""
    from core.kernel.refusal import Refusal

    names = _names(connection)
    found = [row for row in _rows(connection, closed=True) if row.number == number.upper()]
    if at:
        found = [row for row in found if at in (names.get(row.device_id, row.device_id), row.device_id or SERVER)]
    unclosed = [row for row in found if row.closed_at is None]
    chosen = unclosed if len(unclosed) == 1 or (still_open and unclosed) else found
    if len(chosen) != 1:
        raise Refusal("no_such_trouble", name=number, found=len(chosen))
    return chosen[0]


def _names(connection: Connection) -> dict[str, str]:
    from sqlalchemy import select

    from core.devices.model import Device
    from core.store.tables import TABLES

    device = TABLES[Device].c
    named = {row.id: row.name for row in connection.execute(select(device.id, device.name))}
    return {**named, "": SERVER}


def _trouble(row: Trouble, names: dict[str, str]) -> dict[str, Any]:
    from core.words import refusal_words

    words = refusal_words(row.code)
    return {
        "trouble": row.id,
        "number": row.number,
        "code": row.code,
        "where": row.where,
        "source": names.get(row.device_id, row.device_id),
        "words": {"what": words.what, "stays": words.stays, "next": words.next},
        "first_at": row.first_at,
        "last_at": row.last_at,
        "count": row.count,
        "before": row.before,
        "closed_at": row.closed_at,
        "closed_by": row.closed_by,
        "closing": row.closing,
    }
