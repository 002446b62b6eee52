"""`dusangire sync`: how this machine's console stands with its server, read from its own store,
with or without a network."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from core.store.open import Store
    from sync.client.standing import Standing

app = typer.Typer(help="How this console stands with its server.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="For programs: one JSON document.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=1_000, help="How many acts, the newest first.")]
MINUTE_MS = 60_000


@app.command()
def status(as_json: Json = False) -> None:
    """Link, queue, verdicts nobody has read, age of the rules, clock."""
    from sync.client.machine import MachineClock
    from sync.client.standing import standing

    with _store() as store:
        found = standing(store, MachineClock().now())
    if as_json:
        return _print_json(asdict(found))
    for name, value in _lines(found):
        typer.echo(f"{name:<14}{value}")


@app.command()
def log(limit: Limit = 20, as_json: Json = False) -> None:
    """The newest acts of this console and what became of them."""
    from sync.client.standing import listing

    with _store() as store:
        acts = [_act(row) for row in listing(store, limit)]
    if as_json:
        return _print_json(acts)
    _print_table(acts)


@app.command()
def retry(as_json: Json = False) -> None:
    """Sends what waits now, unless a running console is doing so already."""
    from core.settings import load
    from sync.client.send_now import send_now

    done = send_now(load())
    if as_json:
        return _print_json(asdict(done))
    typer.echo(done.words())
    if done.waiting:
        raise typer.Exit(1)


@contextmanager
def _store() -> Iterator[Store]:
    """The store as it lies here. A trouble is told in words, and the exit code is 2."""
    from core.kernel.refusal import Refusal
    from core.settings import load
    from core.store.home import home_of, open_device

    try:
        store = open_device(home_of(load()))
    except Refusal as refusal:
        typer.echo(_in_words(refusal), err=True)
        raise typer.Exit(2) from refusal
    try:
        yield store
    finally:
        store.close()


def _in_words(refusal: Any) -> str:
    from core.words import refusal_words

    return str(refusal_words(refusal.code, refusal.detail))


def _lines(found: Standing) -> list[tuple[str, str]]:
    link = "LIVE" if found.live else f"OFFLINE {_age(found.silent_ms)}"
    clock = "right" if found.clock_error_ms is not None else "not compared since this machine started"
    if found.clock_ahead_ms:
        clock = f"{found.clock_ahead_ms / MINUTE_MS:+.0f} min against the centre"
    lines = [
        ("console", f"{found.name} ({found.kind})"),
        ("link", "LOADING" if found.loading else link),
        ("last contact", _clock(found.last_contact_at)),
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


def _print_table(acts: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None)
    for name in ("made", "act", "about", "who", "outcome"):
        table.add_column(name)
    for act in acts:
        outcome = f"{act['outcome']} {act['code']}".strip()
        table.add_row(_clock(act["made_at"]), act["kind"], act["entity"], act["actor_id"], outcome)
    Console().print(table)


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def _age(age_ms: int | None) -> str:
    if age_ms is None:
        return "never"
    minutes = age_ms // MINUTE_MS
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02}"


def _clock(at: int | None) -> str:
    return datetime.fromtimestamp(at / 1_000, UTC).astimezone().strftime("%d %b %H:%M:%S") if at else "never"
