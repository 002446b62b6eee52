"""The `dusangire` command: one file a noun, and only the one that is asked for is read."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from types import MappingProxyType
from typing import Any

import typer
from typer.core import TyperGroup

from core.kernel.refusal import Refusal

REFUSED = 2  # the exit code of a refusal, and of words the command line does not know

# noun -> where its `app` is, and what it is for. `--help` shows this table and imports none of it.
NOUNS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "demo": ("admin_cli.demo", "A practice hospital in the middle of a meal, on this machine."),
        "kitchen": ("admin_cli.console.kitchen", "Open the kitchen's wall."),
        "ward": ("admin_cli.console.ward", "Open a ward's handheld."),
        "clinical": ("admin_cli.console.clinical", "Open the patients' cards."),
        "admin": ("admin_cli.console.admin", "Open the overview."),
        "check": ("admin_cli.check", "Look over this machine: clock, disk, ports, keys, screen."),
        "server": ("admin_cli.server", "Make a hospital's server, and run it."),
        "people": ("admin_cli.people", "Staff, their roles, PINs and passwords."),
        "devices": ("admin_cli.devices", "Consoles: let one in, list them, revoke one."),
        "menu": ("admin_cli.menu", "Bring in the hospital's own menu, and look at it."),
        "wards": ("admin_cli.wards", "Bring in the hospital's own wards and beds."),
        "diets": ("admin_cli.diets", "What the diet rules say of a case that you describe."),
        "cases": ("admin_cli.cases", "What does not fit and needs a person."),
        "trouble": ("admin_cli.trouble", "Errors of the hospital's machines, by number."),
        "orders": ("admin_cli.orders", "Orders: find one, read its life, move it one step by hand."),
        "audit": ("admin_cli.audit", "Whether the record of every act is whole."),
        "explain": ("admin_cli.explain", "Why an order is what it is: every rule, and on whose word."),
        "reports": ("admin_cli.reports", "What a day was: meals, states, francs."),
        "sync": ("admin_cli.sync", "How this machine's console stands with its server."),
    }
)


class Nouns(TyperGroup):
    """Finds a noun when it is asked for, and tells every refusal in words."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(NOUNS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        place, _ = NOUNS.get(cmd_name, ("", ""))
        module, name = _where(place)
        if not module:
            return None
        noun = getattr(import_module(module), name, None)
        if noun is None:
            return None
        command = typer.main.get_command(noun)
        command.name = cmd_name
        return command

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(noun, about) for noun, (_, about) in NOUNS.items()])

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except Refusal as refusal:
            tell(refusal)
            raise typer.Exit(REFUSED) from refusal


app = typer.Typer(
    cls=Nouns,
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Dusangire feeds a hospital: kitchen, wards, patients' pages, and the server between them.",
)


@app.callback()
def every_noun() -> None:
    """Dusangire feeds a hospital: kitchen, wards, patients' pages, and the server between them."""


def tell(refusal: Refusal) -> None:
    """What happened, what stays as it was, what to do next: on stderr, a sentence a line."""
    from core.words import refusal_words

    told = refusal_words(refusal.code, refusal.detail, _language())
    for sentence in (told.what, told.stays, told.next):
        if sentence:
            typer.echo(sentence, err=True)


def main() -> None:
    app()


def _language() -> str:
    """This machine's, English while its settings cannot be read."""
    from core.settings import load

    try:
        return load().language
    except Refusal:
        return "en"


def _where(place: str) -> tuple[str, str]:
    """Module and name of a noun's app: `admin_cli.people` has one, `admin_cli.console` four. "" where there is none."""
    if not place:
        return "", ""
    parent, _, last = place.rpartition(".")
    if parent != "admin_cli":
        return parent, last
    return (place, "app") if find_spec(place) is not None else ("", "")


if __name__ == "__main__":
    main()
