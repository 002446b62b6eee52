"""How the command line shows what it found: a table for people, JSON or CSV for programs. Times are the hospital's."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

import typer

Json = Annotated[bool, typer.Option("--json", help="For programs: one JSON document.")]
Console = Annotated[bool, typer.Option("--console", help="Read this machine's console, not its server.")]
PIPE_CELLS = 200  # where nobody looks, nothing is folded
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_json(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def as_table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, empty: str) -> None:
    """Plain text, whatever a cell holds: no markup, no line longer than its words."""
    from rich import box, console
    from rich.table import Table
    from rich.text import Text

    listed = [[Text(cell) for cell in row] for row in rows]
    if not listed:
        typer.echo(empty)
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in listed:
        table.add_row(*row)
    screen = console.Console()
    if not screen.is_terminal:
        screen = console.Console(width=PIPE_CELLS)
    screen.print(table)


def as_csv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """A text that a spreadsheet would take for a formula gets an apostrophe before it."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_harmless(row[column]) for column in columns])


def told(found: Any, sentence: str, *, json_wanted: bool) -> None:
    """One result: a sentence for people, the same facts for programs."""
    if json_wanted:
        as_json(found)
    else:
        typer.echo(sentence)


def when(at: int | None) -> str:
    """An instant as `Wed 25 Nov 12:26`, "" for none."""
    from core.words import clock, day

    return f"{day(at, 'en')} {clock(at)}" if at else ""


def age(milliseconds: int) -> str:
    from core.words import duration

    return duration(milliseconds, "en")


def _harmless(value: Any) -> Any:
    if value is None:
        return ""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
