"""What the server could not judge, judged again after it was mended: `dusangire sync retry --parked`."""

from __future__ import annotations

import typer

from admin_cli import shown


def judge_again(*, as_json: bool) -> None:
    """Ends with 1 while something is still without a verdict. Raises Refusal("no_hospital") away from the server."""
    from admin_cli.hospital import hospital, now
    from core.words import outcome_words
    from sync.server import parked

    with hospital() as store:
        before = parked.listed(store)
        done = parked.judge_again(store, now())
        left = parked.listed(store)
    if as_json:
        shown.as_json(
            {
                "parked": len(before),
                "judged": len(done),
                "still_parked": len(left),
                "acts": [
                    {"op_id": act.op_id, "kind": act.kind, "outcome": outcome.outcome, "code": outcome.code}
                    for act, outcome in done
                ],
            }
        )
    else:
        for act, outcome in done:
            typer.echo(f"{act.op_id[-12:]}  {act.kind:<28}{outcome_words(outcome.outcome, outcome.code)}")
        for act in left:
            why = act.code if act.can_be_judged else "its person was told at once, or its bytes are gone"
            typer.echo(f"{act.op_id[-12:]}  {act.kind:<28}still not judged: {why}")
        typer.echo(f"{len(before)} waited for a verdict, {len(done)} have one now.")
    if left:
        raise typer.Exit(1)
