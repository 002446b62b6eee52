"""`dusangire explain ORDER`: why an order is what it is, from the server's store or offline from a console's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

import typer

from admin_cli import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from core.reports.trace import Rule, Trace, Word

app = typer.Typer(add_completion=False, rich_markup_mode=None)
MARKS = {"allow": "ok", "warn": "WARN", "hold": "HOLD", "block": "BLOCK"}
MOST_ACTS = 500
_PATIENT = re.compile(r"[0-9a-f]{32}\Z")


@app.command()
def explain(
    order: Annotated[str, typer.Argument(metavar="ORDER", help="The number on its label, L-0412, or its id.")],
    service: Annotated[
        str, typer.Option("--service", help="Of several days: 2026-11-24-lunch; otherwise the newest.")
    ] = "",
    as_json: shown.Json = False,
    console: shown.Console = False,
) -> None:
    """Every rule asked of an order, in its fixed sequence: what it says, which version, on whose word, how old.

    JSON: {order: {id, number, service, state, ward, stay, stop, held_for}, at, serve_at, source, age_ms, verdict,
    headline, rules: [{place, rule, verdict, reasons: [{code, dish, detail, words}], stands_on: [{what, id, version, by,
    at}]}], lines: [{dish, halves}], moves: [{to, at, by, implied, reason}], hand_overs: [{at, by, identifiers}],
    cases: [{code, at, closed_at}], acts: [{kind, by, at, outcome, code}]}. Instants in ms UTC; acts: the server only.
    """
    from admin_cli.place import reading
    from core.reports.trace import find_order, trace
    from core.store import log
    from core.store.read import TxSource

    with reading(console=console) as place, place.store.reading() as connection:
        order_id = find_order(connection, order, service_id=service)
        told = trace(TxSource(connection, whole=place.whole), order_id, at=place.at, age_ms=place.age_ms)
        acts = log.ops_about(connection, order_id, MOST_ACTS) if place.whole else ()
    if as_json:
        return shown.as_json({**_document(told), "source": place.name, "acts": [_act(one) for one in acts]})
    for line in _lines(told):
        typer.echo(line)
    if acts:
        typer.echo("\nACTS")
    for one in acts:
        outcome = f"{one.outcome} {one.code}".strip()
        typer.echo(f"  {shown.when(one.received_at)}  {one.kind:<24} {_who(one.actor_id):<16} {outcome}")
    typer.echo(f"\n{place.as_of()}")


def _document(told: Trace) -> dict[str, Any]:
    order = told.order
    return {
        "order": {
            "id": order.id,
            "number": order.number,
            "service": order.service_id,
            "state": order.state,
            "ward": order.ward_id,
            "stay": order.stay_id,
            "stop": order.stop,
            "held_for": order.held_for,
        },
        "at": told.at,
        "serve_at": told.serve_at,
        "age_ms": told.age_ms,
        "verdict": told.verdict.kind.value,
        "headline": told.verdict.code,
        "rules": [_rule(rule) for rule in told.rules],
        "lines": [{"dish": line.dish_id, "halves": line.halves} for line in told.lines],
        "moves": [
            {"to": move.to_state, "at": move.at, "by": move.by, "implied": move.implied, "reason": move.reason}
            for move in told.moves
        ],
        "hand_overs": [{"at": one.at, "by": one.by, "identifiers": one.identifiers.split()} for one in told.hand_overs],
        "cases": [{"code": one.code, "at": one.opened_at, "closed_at": one.closed_at} for one in told.cases],
    }


def _rule(rule: Rule) -> dict[str, Any]:
    from core.words import reason_words

    return {
        "place": rule.place,
        "rule": rule.name,
        "verdict": rule.verdict,
        "reasons": [
            {
                "code": reason.code,
                "dish": reason.dish_id,
                "detail": reason.arguments,
                "words": reason_words(reason.code, reason.arguments, staff=True),
            }
            for reason in rule.reasons
        ],
        "stands_on": [_word(word) for word in rule.words],
    }


def _word(word: Word) -> dict[str, Any]:
    return {"what": word.what, "id": word.row_id, "version": word.version, "by": word.by, "at": word.at}


def _act(op: Any) -> dict[str, Any]:
    return {
        "kind": op.kind,
        "by": op.actor_id,
        "at": op.received_at,
        "outcome": op.outcome,
        "code": op.code,
    }


def _lines(told: Trace) -> Iterator[str]:
    from core.words import case_words, detail_of, duration, state_words

    order = told.order
    state = state_words(f"order.{order.state}")
    stopped = f", STOP {order.stop}" if order.stop else ""
    yield f"{order.number}  {order.service_id}  ward {order.ward_id}  {state}{stopped}"
    yield "  " + ", ".join(f"{line.dish_id} x {line.halves / 2:g}" for line in told.lines)
    age = "from the centre itself" if not told.age_ms else f"rules {duration(told.age_ms, 'en')} old"
    headline = _reason(told.verdict.reasons[:1])
    kind = told.verdict.kind.value.upper()
    yield f"  judged for {shown.when(told.serve_at)}, {age}: {kind}{', ' if headline else ''}{headline}"
    yield "\nRULES"
    words = list(dict.fromkeys(word for rule in told.rules for word in rule.words))
    for rule in told.rules:
        stands = " ".join(f"[{1 + words.index(word)}]" for word in rule.words)
        said = _reason(rule.reasons)
        yield f"  {rule.place:>2} {rule.name:<13} {MARKS[rule.verdict]:<6}{said}{'  ' if said else ''}{stands}"
    yield "\nON WHOSE WORD"
    yield from (f"  [{number}] {_stands(word)}" for number, word in enumerate(words, start=1))
    yield "\nLIFE"
    for move in told.moves:
        implied = ", implied" if move.implied else ""
        reason = f" ({move.reason})" if move.reason else ""
        yield f"  {shown.when(move.at)}  {state_words(f'order.{move.to_state}')}{reason}  {_who(move.by)}{implied}"
    for case in told.cases:
        closed = " Closed." if case.closed_at else ""
        yield f"  {shown.when(case.opened_at)}  case: {case_words(case.code, detail_of(case.detail, {})).what}{closed}"


def _reason(reasons: Sequence[Any]) -> str:
    from core.words import reason_words

    said = [
        reason_words(reason.code, reason.arguments, staff=True) + (f" [{reason.dish_id}]" if reason.dish_id else "")
        for reason in reasons
    ]
    return "; ".join(said)


def _who(person_id: str) -> str:
    """Staff by their short name; a patient has none."""
    return "the patient" if _PATIENT.match(person_id) else person_id


def _stands(word: Word) -> str:
    version = f" v{word.version}" if word.version else ""
    by = f" by {_who(word.by)}" if word.by else ""
    at = f" {shown.when(word.at)}" if word.at else ""
    return f"{word.what} {word.row_id[:20]}{version}{by}{at}"
