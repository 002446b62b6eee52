"""`dusangire sync`: how this machine's console stands with its server, read from its own store,
with or without a network."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from admin_cli import shown
from admin_cli.shown import Json

if TYPE_CHECKING:
    from core.store.open import Store
    from core.store.sizes import Sizes
    from sync.client.standing import Standing

app = typer.Typer(
    help="How this console stands with its server.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)
Limit = Annotated[int, typer.Option("--limit", min=1, max=1_000, help="How many acts, the newest first.")]
MINUTE_MS = 60_000
ENDING = 12  # characters of an id that the log shows: an id's beginning is its time, its end is chance


@app.command()
def status(as_json: Json = False) -> None:
    """Link, queue, verdicts nobody has read, age of the rules, clock, room on the disk.

    JSON: {enrolled, name, kind, live, loading, last_contact_at, silent_ms, waiting, oldest_waiting_ms, refused,
    rules_age_ms, rules_too_old, clock_ahead_ms, clock_error_ms, trouble, lent_ms}; instants and ages in ms, null is
    never; lent_ms: how long the rows here stay without the server, 0 once they have gone. And sizes: {store, log, free,
    acts, acts_bytes, oldest_at, shadows}; bytes, acts that are kept, when the oldest of them was made.
    """
    from core.store.sizes import sizes_of
    from sync.client.machine import MachineClock
    from sync.client.standing import standing

    with _store() as store:
        found, room = standing(store, MachineClock().now()), sizes_of(store)
    if as_json:
        return shown.as_json({**asdict(found), "sizes": asdict(room)})
    for name, value in [*_lines(found), *_room(room)]:
        typer.echo(f"{name:<14}{value}")


@app.command()
def log(limit: Limit = 20, as_json: Json = False) -> None:
    """The newest acts of this console and what became of them.

    JSON: a list of {op_id, made_at, kind, entity, actor_id, outcome, code, settled}; outcome "waiting": not sent yet.
    """
    from core.reports.needs import people_of, subjects
    from sync.client.standing import listing

    with _store() as store:
        acts = [_act(row) for row in listing(store, limit)]
        with store.reading() as db:
            about, people = subjects(db, [act["entity"] for act in acts]), people_of(db)
    if as_json:
        return shown.as_json(acts)
    rows = [
        (
            act["op_id"][-ENDING:],
            shown.when(act["made_at"]),
            act["kind"],
            str(about.get(act["entity"], act["entity"])),
            people.get(act["actor_id"], act["actor_id"]),
            f"{act['outcome']} {act['code']}".strip(),
        )
        for act in acts
    ]
    columns = ("op", "made", "act", "about", "who", "outcome")
    shown.as_table(columns, rows, empty="Nothing was done on this console yet.")


@app.command()
def retry(
    parked: Annotated[
        bool, typer.Option("--parked", help="On the server: judge again what it could not judge.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Sends what waits now, unless a running console is doing so already; ends with 1 when something still waits.

    JSON: {before, waiting, by_console, reached, trouble}; with --parked {parked, judged, still_parked, acts: [{op_id,
    kind, outcome, code}]}.
    """
    from core.settings import load
    from sync.client.send_now import send_now

    if parked:
        from admin_cli import parked as again

        return again.judge_again(as_json=as_json)

    done = send_now(load())
    if as_json:
        return shown.as_json(asdict(done))
    typer.echo(done.words())
    if done.waiting:
        raise typer.Exit(1)


@app.command()
def explain(
    act: Annotated[str, typer.Argument(metavar="OP", help="Its id, or the end of it as the log shows it.")],
    as_json: Json = False,
    console: shown.Console = False,
) -> None:
    """One act's whole life: made, sent, judged, by which rule, with what outcome, and who has read it.

    JSON: {op_id, at_centre, kind, class, entity, actor_id, device_id, device, made_at, received_at, outcome, code,
    words, detail, seq, settled, came_again, body_kept, unread: {supervisor, acknowledged_at, acknowledged_by} or null,
    cases: [{case, code, owner, closed_at, closed_by, closing}]}; instants in ms UTC.
    """
    from admin_cli import life

    life.explain(act, as_json=as_json, console=console)


@app.command()
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file to write, or a folder, such as a stick's.")],
    as_json: Json = False,
) -> None:
    """Writes what waits to be sent into a file, signed and sealed: any machine can carry it, only the server reads it.

    Nothing leaves the queue: what is carried is also still sent, and counts once. JSON: {file, acts, bytes}.
    """
    from admin_cli import carry
    from core.settings import load

    laid = carry.write(load(), file)
    found = {"file": str(laid.path), "acts": laid.acts, "bytes": laid.size}
    sentence = (
        f"{laid.acts} acts are in {laid.path} ({laid.size:,} bytes). They still wait here too.\n"
        f"At the server, or at a console that reaches it: dusangire sync import {laid.path.name}"
    )
    shown.told(found, sentence, json_wanted=as_json)


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that `sync export` has written.")],
    as_json: Json = False,
    console: shown.Console = False,
) -> None:
    """Takes in another console's queue: at the server itself, or through this console, which passes it on unread.

    Any order, as often as one likes: what is known counts once. JSON: {name, made_at, acts, fresh, unread, waiting,
    here}; ends with 1 when something was not judged.
    """
    from admin_cli import carry
    from core.settings import load

    done, here = carry.take_in(load(), file, by_console=console)
    found = {
        "name": done.name,
        "made_at": done.made_at,
        "acts": done.acts,
        "fresh": done.fresh,
        "unread": done.unread,
        "waiting": done.waiting,
        "here": here,
    }
    known = done.acts - done.fresh - done.waiting
    sentence = (
        f"{done.acts} acts of {done.name}, written {shown.when(done.made_at)}: "
        f"{done.fresh} new, {known} known already, {done.unread} for a person to read."
    )
    shown.told(found, sentence, json_wanted=as_json)
    if done.waiting:
        raise typer.Exit(1)


@contextmanager
def _store() -> Iterator[Store]:
    """The store as it lies here. Raises Refusal and StoreTrouble."""
    from core.settings import load
    from core.store.home import home_of, open_device

    store = open_device(home_of(load()))
    try:
        yield store
    finally:
        store.close()


def _lines(found: Standing) -> list[tuple[str, str]]:
    link = "LIVE" if found.live else f"OFFLINE {_age(found.silent_ms)}"
    clock = "right" if found.clock_error_ms is not None else "not compared since this machine started"
    if found.clock_ahead_ms:
        clock = f"{found.clock_ahead_ms / MINUTE_MS:+.0f} min against the centre"
    lines = [
        ("console", f"{found.name} ({found.kind})"),
        ("link", "LOADING" if found.loading else link),
        ("last contact", shown.when(found.last_contact_at) or "never"),
        ("to send", f"{found.waiting}" + (f", oldest {_age(found.oldest_waiting_ms)}" if found.waiting else "")),
        ("not read", f"{found.refused} verdicts"),
        ("rules", f"{_age(found.rules_age_ms)} old" + (", too old to decide" if found.rules_too_old else "")),
        ("clock", clock),
        ("lent for", _lent(found.lent_ms)),
    ]
    return [*lines, ("trouble", found.trouble)] if found.trouble else lines


def _room(room: Sizes) -> list[tuple[str, str]]:
    kept = f"{room.acts} acts, {_kilobytes(room.acts_bytes)}"
    if room.oldest_at is not None:
        kept += f", the oldest of {shown.when(room.oldest_at)}"
    disk = f"{_kilobytes(room.store)}, {_kilobytes(room.log)} beside it in the log, {_kilobytes(room.free)} free"
    return [("kept", kept), ("on disk", disk)]


def _kilobytes(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB" if size >= 1_000_000 else f"{-(-size // 1_000)} kB"


def _lent(lent_ms: int | None) -> str:
    if lent_ms is None:
        return "nothing yet"
    if not lent_ms:
        return "over: the patients have left this console, and come back with the next contact"
    return f"{_age(lent_ms)} more without the server"


def _act(row: Any) -> dict[str, Any]:
    return {
        "op_id": bytes(row.op_id).hex(),
        "made_at": row.made_at,
        "kind": row.kind,
        "entity": row.entity,
        "actor_id": row.actor_id,
        "outcome": row.outcome or "waiting",
        "code": row.code or "",
        "settled": bool(row.settled),
    }


def _age(age_ms: int | None) -> str:
    return "never" if age_ms is None else shown.age(age_ms)
