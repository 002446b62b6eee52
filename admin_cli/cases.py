"""`dusangire cases`: what does not fit and needs a person, until somebody says what was done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from admin_cli import shown
from admin_cli.checked import checked

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.kernel.case import Case

app = typer.Typer(
    help="What does not fit and needs a person.", no_args_is_help=True, add_completion=False, rich_markup_mode=None
)
CaseId = Annotated[str, typer.Argument(metavar="CASE", help="Its id, or the end of it as the list shows it.")]
ENDING = 8  # characters of an id that the list shows: an id's beginning is its time, its end is chance
MOST_LISTED = 500


@app.command("list")
def list_cases(
    closed: Annotated[bool, typer.Option("--closed", help="Also those that are closed.")] = False,
    as_json: shown.Json = False,
    console: shown.Console = False,
) -> None:
    """Open cases, the oldest first.

    JSON: a list of {case, code, words: {what, consequence, next}, detail, opened_at, actor, order, stay, ward, owner,
    closed_at, closed_by, closing}; instants in ms UTC.
    """
    from admin_cli.place import reading

    with reading(console=console) as place, place.store.reading() as connection:
        found = [_case(case) for case in _cases(connection, closed=closed)]
    if as_json:
        return shown.as_json(found)
    rows = [
        (
            one["case"][-ENDING:],
            shown.when(one["opened_at"]),
            one["ward"],
            one["words"]["what"],
            one["owner"] or "nobody",
            "closed" if one["closed_at"] else one["words"]["consequence"],
        )
        for one in found
    ]
    shown.as_table(("case", "opened", "ward", "what", "with", "what follows"), rows, empty="Nothing needs a person.")


@app.command()
def show(case: CaseId, as_json: shown.Json = False, console: shown.Console = False) -> None:
    """One case whole. JSON: as in the list."""
    from admin_cli.place import reading

    with reading(console=console) as place, place.store.reading() as connection:
        found = _case(_meant(connection, case))
    if as_json:
        return shown.as_json(found)
    for sentence in found["words"].values():
        typer.echo(sentence)
    for name in ("case", "actor", "order", "stay", "ward", "owner", "closed_by", "closing"):
        if found[name]:
            typer.echo(f"{name:<10}{found[name]}")
    typer.echo(f"{'opened':<10}{shown.when(found['opened_at'])}")


@app.command()
def take(
    case: CaseId,
    person: Annotated[str, typer.Option("--as", help="Who looks after it; their password is asked for.")],
    as_json: shown.Json = False,
) -> None:
    """Somebody looks after it from now on. JSON: as in the list."""
    from admin_cli.hospital import act, hospital
    from admin_cli.proving import prove
    from core.cases.commands import TakeCase

    with hospital() as store:
        with store.reading() as connection:
            meant = _meant(connection, case)
        prove(store, person)
        act(store, checked(TakeCase, case_id=meant.id), by=person)
        with store.reading() as connection:
            found = _case(_meant(connection, meant.id))
    shown.told(found, f"With {found['owner']}: {found['words']['what']}", json_wanted=as_json)


@app.command()
def close(
    case: CaseId,
    person: Annotated[str, typer.Option("--as", help="Who closes it; their password is asked for.")],
    done: Annotated[str, typer.Option("--done", help="What was done, in words.")],
    as_json: shown.Json = False,
) -> None:
    """Closes a case with what was done. The password is asked for, or read from stdin. JSON: as in the list."""
    from admin_cli.hospital import act, hospital
    from admin_cli.proving import prove
    from core.cases.commands import CloseCase

    with hospital() as store:
        with store.reading() as connection:
            meant = _meant(connection, case)
        command = checked(CloseCase, case_id=meant.id, closing=done)
        prove(store, person)
        act(store, command, by=person)
        with store.reading() as connection:
            found = _case(_meant(connection, meant.id))
    shown.told(found, f"Closed: {found['words']['what']}", json_wanted=as_json)


def _cases(connection: Connection, *, closed: bool) -> list[Case]:
    from sqlalchemy import select

    from core.kernel.case import Case
    from core.store.read import as_rows
    from core.store.tables import TABLES

    table = TABLES[Case]
    wanted = select(table) if closed else select(table).where(table.c.closed_at.is_(None))
    return as_rows(Case, connection.execute(wanted.order_by(table.c.opened_at, table.c.id).limit(MOST_LISTED)))


def _meant(connection: Connection, name: str) -> Case:
    """Raises Refusal("no_such_case") unless exactly one case is meant."""
    from core.kernel.refusal import Refusal

    found = [case for case in _cases(connection, closed=True) if len(name) >= ENDING and case.id.endswith(name)]
    if len(found) != 1:
        raise Refusal("no_such_case", name=name, found=len(found))
    return found[0]


def _case(case: Case) -> dict[str, Any]:
    from core.words import case_words, detail_of

    detail = detail_of(case.detail, {})
    words = case_words(case.code, detail)
    return {
        "case": case.id,
        "code": case.code,
        "words": {"what": words.what, "consequence": words.consequence, "next": words.next},
        "detail": detail,
        "opened_at": case.opened_at,
        "actor": case.actor_id,
        "order": case.order_id,
        "stay": case.stay_id,
        "ward": case.ward_id,
        "owner": case.owner_id,
        "closed_at": case.closed_at,
        "closed_by": case.closed_by,
        "closing": case.closing,
    }
