"""`dusangire sync`: how this machine's console stands with its server, read from its own store,
with or without a network."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from admin_cli import shown
from admin_cli.shown import Json

if TYPE_CHECKING:
    from core.store.open import Store
    from sync.client.standing import Standing

app = typer.Typer(
    help="How this console stands with its server.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)
Limit = Annotated[int, typer.Option("--limit", min=1, max=1_000, help="How many acts, the newest first.")]
MINUTE_MS = 60_000


@app.command()
def status(as_json: Json = False) -> None:
    """Link, queue, verdicts nobody has read, age of the rules, clock.

    JSON: {enrolled, name, kind, live, loading, last_contact_at, silent_ms, waiting, oldest_waiting_ms, refused,
    rules_age_ms, rules_too_old, clock_ahead_ms, clock_error_ms, trouble}; instants and ages in ms, null is never.
    """
    from sync.client.machine import MachineClock
    from sync.client.standing import standing

    with _store() as store:
        found = standing(store, MachineClock().now())
    if as_json:
        return shown.as_json(asdict(found))
    for name, value in _lines(found):
        typer.echo(f"{name:<14}{value}")


@app.command()
def log(limit: Limit = 20, as_json: Json = False) -> None:
    """The newest acts of this console and what became of them.

    JSON: a list of {op_id, made_at, kind, entity, actor_id, outcome, code, settled}; outcome "waiting": not sent yet.
    """
    from sync.client.standing import listing

    with _store() as store:
        acts = [_act(row) for row in listing(store, limit)]
    if as_json:
        return shown.as_json(acts)
    rows = [
        (
            shown.when(act["made_at"]),
            act["kind"],
            act["entity"],
            act["actor_id"],
            f"{act['outcome']} {act['code']}".strip(),
        )
        for act in acts
    ]
    shown.as_table(("made", "act", "about", "who", "outcome"), rows, empty="Nothing was done on this console yet.")


@app.command()
def retry(as_json: Json = False) -> None:
    """Sends what waits now, unless a running console is doing so already; ends with 1 when something still waits.

    JSON: {before, waiting, by_console, reached, trouble}.
    """
    from core.settings import load
    from sync.client.send_now import send_now

    done = send_now(load())
    if as_json:
        return shown.as_json(asdict(done))
    typer.echo(done.words())
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
    ]
    return [*lines, ("trouble", found.trouble)] if found.trouble else lines


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
