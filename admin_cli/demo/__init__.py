"""`dusangire demo`: a practice hospital in the middle of a meal, its server,
its consoles and a patient's page, on this machine."""

from __future__ import annotations

import signal
import sys
from typing import Annotated

import typer

app = typer.Typer(
    help="A practice hospital in the middle of a meal, on this machine.",
    invoke_without_command=True,
    add_completion=False,
    rich_markup_mode=None,
)
Check = Annotated[bool, typer.Option("--check", help="Walk through one meal and say of each step whether it was seen.")]
Port = Annotated[
    int, typer.Option("--port", min=0, max=65_535, help="Of the patients' pages; 0 takes any that is free.")
]


LEAVING = (signal.SIGTERM, signal.SIGHUP)  # a service manager's word, and a window that was closed


@app.callback()
def demo(check: Check = False, port: Port = 8080) -> None:
    """Opens the launcher. Without a terminal, or with --check, walks through a meal instead.
    Nothing is left running."""
    for word in LEAVING:
        signal.signal(word, _leave)
    if check or not (sys.stdin.isatty() and sys.stdout.isatty()):
        from admin_cli.demo.check import main

        raise typer.Exit(main())
    from admin_cli.demo.launcher import open_launcher

    raise typer.Exit(open_launcher(port))


def _leave(number: int, _: object) -> None:
    """As an exception, so that whatever was opened is closed on the way."""
    raise SystemExit(128 + number)
