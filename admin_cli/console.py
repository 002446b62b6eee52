"""Opens a console in this terminal, by name: the command line knows none of them until it is asked for one."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

import typer


def _opens(module: str, about: str) -> typer.Typer:
    noun = typer.Typer(add_completion=False, rich_markup_mode=None)

    def open_console() -> None:
        from consoles.kit.lasting import lasting
        from core.kernel.refusal import Refusal
        from core.settings import load

        package = module.rpartition(".")[0]
        there = find_spec(package) is not None and find_spec(module) is not None
        with lasting():
            opening = getattr(import_module(module), "main", None) if there else None
        if opening is None:
            raise Refusal("console_missing", console=package)
        code = opening(load())
        if code:
            raise typer.Exit(int(code))

    open_console.__doc__ = about
    noun.command()(open_console)
    return noun


kitchen = _opens("kitchen_tui.app", "Opens the kitchen's wall. Without enrolment it offers to enrol this machine.")
ward = _opens("ward_tui.app", "Opens a ward's handheld. Without enrolment it offers to enrol this machine.")
clinical = _opens(
    "consoles.clinical.app", "Opens the patients' cards. Without enrolment it offers to enrol this machine."
)
admin = _opens("consoles.admin.app", "Opens the overview. Without enrolment it offers to enrol this machine.")
