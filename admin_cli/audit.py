"""`dusangire audit`: whether the record of every act is whole, from the first one on."""

from __future__ import annotations

from dataclasses import asdict

import typer

from admin_cli import shown

app = typer.Typer(
    help="Whether the record of every act is whole.", no_args_is_help=True, add_completion=False, rich_markup_mode=None
)


@app.callback()
def every_check() -> None:
    """Whether the record of every act is whole."""


@app.command()
def verify(as_json: shown.Json = False) -> None:
    """Walks the whole log: every number, every seal over the one before it, every console's chain, every kept body.

    At the first thing that does not fit it ends with 2 and says where. Nothing is changed.
    JSON: {whole, where, number, epoch, seq, at, durable_seq, acts, bodies, changes, consoles}; where and number only
    when it is not whole, the others only when it is.
    """
    from admin_cli.hospital import hospital
    from core.kernel.refusal import Refusal
    from sync.server.proof import prove

    with hospital() as store, store.reading() as connection:
        try:
            found = prove(connection)
        except Refusal as refusal:
            if as_json:
                shown.as_json({"whole": False, **refusal.detail})
                raise typer.Exit(2) from refusal
            raise
    if as_json:
        return shown.as_json({"whole": True, **asdict(found)})
    typer.echo(
        f"Whole: {found.acts:,} acts up to number {found.seq:,} ({shown.when(found.at)}), "
        f"the chains of {found.consoles} consoles, {found.bodies:,} bodies still kept, {found.changes:,} changes."
    )
