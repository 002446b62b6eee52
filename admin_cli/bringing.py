"""How an import ends: all of its rows taken in, or none of them and every fault with its line and its reason."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from admin_cli import shown

if TYPE_CHECKING:
    from core.kernel.sheet import Fault, Import
    from core.store.open import Store

FAULTY = 2
MOST_SHOWN = 50
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check everything, change nothing.")]


def read_file(path: Path) -> bytes:
    """Raises Refusal("no_such_file"), Refusal("file_too_large")."""
    from core.kernel.refusal import Refusal
    from core.kernel.sheet import MOST_BYTES

    try:
        if path.stat().st_size > MOST_BYTES:
            raise Refusal("file_too_large", file=path.name, most=MOST_BYTES // 1_000_000)
        return path.read_bytes()
    except OSError as error:
        raise Refusal("no_such_file", file=str(path)) from error


def bring_in(store: Store, told: Import, *, dry_run: bool, as_json: bool) -> None:
    """Performs all of it in one go, or shows the faults and ends with exit code 2.

    JSON: {taken_in, dry_run, acts: {name: count}, faults: [{file, line, column, code, words}]}.
    """
    from admin_cli.hospital import Undone, act_whole

    faults = [_fault(fault) for fault in told.faults]
    if not faults:
        try:
            act_whole(store, [wanted.command for wanted in told.acts], dry_run=dry_run)
        except Undone as undone:
            faults = [_refused(told, undone)]
    counted = Counter(wanted.command.name for wanted in told.acts) if not faults else Counter()
    if as_json:
        shown.as_json({"taken_in": not faults, "dry_run": dry_run, "acts": counted, "faults": faults})
    else:
        _tell(faults, counted, dry_run=dry_run)
    if faults:
        raise typer.Exit(FAULTY)


def _tell(faults: list[dict[str, Any]], counted: Counter[str], *, dry_run: bool) -> None:
    from core.words import command_words, word

    for fault in faults[:MOST_SHOWN]:
        column = f", {fault['column']}" if fault["column"] else ""
        typer.echo(f"{fault['file']}, line {fault['line']}{column}: {fault['words']}", err=True)
    if faults:
        more = len(faults) - MOST_SHOWN
        if more > 0:
            typer.echo(f"... {more} more", err=True)
        typer.echo(word("bringing.nothing_kept", _language(), count=len(faults)), err=True)
        return
    for name, count in counted.items():
        typer.echo(f"{count:>6}  {command_words(name)}")
    typer.echo(word("bringing.rehearsed" if dry_run else "bringing.done", _language()))


def _fault(fault: Fault) -> dict[str, Any]:
    from core.words import word

    return {
        "file": fault.file,
        "line": fault.line,
        "column": fault.column,
        "code": fault.code,
        "words": word(f"fault.{fault.code}", _language(), **fault.detail),
    }


def _refused(told: Import, undone: Any) -> dict[str, Any]:
    """A rule that only the hospital's own rows could tell of: a recipe too deep, a bed that is there already."""
    from core.words import refusal_words

    wanted = told.acts[undone.place]
    words = refusal_words(undone.code, undone.detail, _language()).what
    return {"file": wanted.file, "line": wanted.line, "column": "", "code": undone.code, "words": words}


def _language() -> str:
    from core.settings import load

    return load().language
