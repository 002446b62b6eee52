"""One act's life, told line by line, from the server's log or from this console's own queue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from admin_cli import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from admin_cli.act_life import ActLife


def explain(name: str, *, as_json: bool, console: bool) -> None:
    """Raises Refusal("no_such_act"), and those of opening a store."""
    found = _found(name, console=console)
    if as_json:
        return shown.as_json(_document(found))
    for label, said in _lines(found):
        typer.echo(f"{label:<10}{said}")
    return None


def _found(name: str, *, console: bool) -> ActLife:
    from admin_cli.act_life import life_at_centre, life_here
    from admin_cli.hospital import hospital
    from core.kernel.refusal import Refusal
    from core.settings import load
    from core.store.home import home_of, open_device

    if not console:
        try:
            with hospital() as store, store.reading() as connection:
                return life_at_centre(connection, name)
        except Refusal as refusal:
            if refusal.code != "no_hospital" or not home_of(load()).is_enrolled():
                raise
    store = open_device(home_of(load()))
    try:
        with store.reading() as connection:
            return life_here(connection, name)
    finally:
        store.close()


def _class(kind: str) -> str:
    from core import handlers

    handle = handlers.find(kind)
    return handle.kind.value if handle is not None else ""


def _words(found: ActLife) -> str:
    from core.words import outcome_words

    if not found.outcome:
        return "waits here to be sent"
    return outcome_words(found.outcome, found.code, found.detail)


def _document(found: ActLife) -> dict[str, Any]:
    plain = {name: getattr(found, name) for name in found.__slots__ if name not in ("unread", "cases", "people")}
    unread = found.unread
    return {
        **plain,
        "class": _class(found.kind),
        "words": _words(found),
        "unread": None
        if unread is None
        else {
            "supervisor": unread.supervisor_id,
            "acknowledged_at": unread.acknowledged_at,
            "acknowledged_by": unread.acknowledged_by,
        },
        "cases": [
            {
                "case": case.id,
                "code": case.code,
                "owner": case.owner_id,
                "closed_at": case.closed_at,
                "closed_by": case.closed_by,
                "closing": case.closing,
            }
            for case in found.cases
        ],
    }


def _lines(found: ActLife) -> Iterator[tuple[str, str]]:
    from core.words import case_words, detail_of

    who = found.people.get(found.actor_id, found.actor_id)
    kind = _class(found.kind)
    yield "act", f"{found.op_id}  {found.kind}{f', {kind}' if kind else ''}"
    if found.entity:
        yield "about", found.entity
    yield "made", f"{shown.when(found.made_at)}  by {who or 'nobody'}, at {found.device}"
    if found.at_centre:
        again = f", came {found.came_again} times again" if found.came_again else ""
        yield "judged", f"{shown.when(found.received_at)}  number {found.seq} of the log{again}"
    elif not found.outcome:
        yield "sent", "not yet, or no answer has come"
        return
    else:
        shown_here = "taken over here" if found.settled else "its rows are still on their way here"
        yield "judged", f"number {found.seq} of the log, {shown_here}"
    rule = f"  [{found.code}]" if found.code else ""
    yield "outcome", f"{found.outcome}{rule}  {_words(found)}"
    yield from _read_by(found)
    for case in found.cases:
        owner = found.people.get(case.owner_id, case.owner_id) or "nobody"
        by = found.people.get(case.closed_by, case.closed_by)
        closed = f"Closed by {by}: {case.closing}" if case.closed_at else f"Open, with {owner}."
        what = case_words(case.code, detail_of(case.detail, found.people)).what
        yield "case", f"{case.id[-8:]}  [{case.code}]  {what} {closed}"
    if found.at_centre and not found.body_kept:
        yield "bytes", "erased after their time; the chain holds by their hash"


def _read_by(found: ActLife) -> Iterator[tuple[str, str]]:
    unread = found.unread
    if unread is None:
        return
    supervisor = found.people.get(unread.supervisor_id, unread.supervisor_id)
    if unread.acknowledged_at is None:
        also = f" or {supervisor}" if supervisor else ""
        yield "read by", f"nobody yet; it waits for {found.people.get(unread.actor_id, unread.actor_id)}{also}"
    else:
        by = found.people.get(unread.acknowledged_by, unread.acknowledged_by)
        yield "read by", f"{by}, {shown.when(unread.acknowledged_at)}"
