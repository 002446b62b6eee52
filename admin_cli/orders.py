"""`dusangire orders`: find one, read its life, and move it one step by hand, with what that costs shown first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from admin_cli import shown
from admin_cli.checked import checked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from consoles.admin.rehearsal import Francs, Rehearsal, Rehearsed
    from core.reports.meals import Life, OrderRow

app = typer.Typer(
    help="Orders: find one, read its life, move it one step by hand.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)
OrderName = Annotated[str, typer.Argument(metavar="ORDER", help="The number on its label, L-0412, or its id.")]
Service = Annotated[
    str, typer.Option("--service", help="Of several days: 2026-11-24-lunch; otherwise the newest of that number.")
]
GROUPS = ("open", "confirmed", "cooking", "ready", "on_the_way", "delivered", "held", "stopped", "cancelled", "all")


@app.command("list")
def list_orders(
    group: Annotated[str, typer.Option("--group", help=f"How far they are: {', '.join(GROUPS)}.")] = "open",
    service: Annotated[str, typer.Option("--service", help="One meal: 2026-11-24-lunch.")] = "",
    ward: Annotated[str, typer.Option("--ward", help="One ward.")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=2_000, help="The newest first.")] = 200,
    as_json: shown.Json = False,
    console: shown.Console = False,
) -> None:
    """Orders by how far they are.

    JSON: a list of {order, number, service, ward, bed, state, state_at, stop, held_for, method, due_francs,
    paid_francs}; francs are null where this machine holds no money.
    """
    from admin_cli.place import reading
    from core.kernel.refusal import Refusal
    from core.reports.meals import Wanted, orders_listed

    if group not in GROUPS:
        raise Refusal("no_such_group", name=group, known=", ".join(GROUPS))
    wanted = Wanted(group="" if group == "all" else group, service_id=service, ward_id=ward)
    with reading(console=console) as place, place.store.reading() as connection:
        found = [_order(row) for row in orders_listed(connection, wanted, limit=limit)]
    if as_json:
        return shown.as_json(found)
    rows = [
        (
            one["number"],
            one["bed"],
            one["service"],
            one["state"] + (f", STOP {one['stop']}" if one["stop"] else ""),
            shown.when(one["state_at"]),
            one["held_for"],
            "" if one["due_francs"] is None else f"{one['due_francs']:,} RWF",
        )
        for one in found
    ]
    shown.as_table(("order", "bed", "meal", "state", "since", "held for", "due"), rows, empty="No such order.")


@app.command()
def show(order: OrderName, service: Service = "", as_json: shown.Json = False, console: shown.Console = False) -> None:
    """One order's whole life: steps, trays, hand-overs, cases, money. Why it is judged so: dusangire explain.

    JSON: the list's columns and {dishes: [{name, halves}], steps: [{at, by, from, to, reason, implied}], hand_overs:
    [{at, by, identifiers}], cases: [{case, code, closed_at}], entries: [{at, account, francs, by, reason}]}.
    """
    from admin_cli.place import reading
    from core.reports.meals import life
    from core.reports.trace import find_order

    with reading(console=console) as place, place.store.reading() as connection:
        found = life(connection, find_order(connection, order, service_id=service))
    if found is None:
        from core.kernel.refusal import Refusal

        raise Refusal("unknown_order", number=order)
    if as_json:
        return shown.as_json(_life(found))
    for line in _lines(found):
        typer.echo(line)


@app.command()
def override(
    order: OrderName,
    step: Annotated[str, typer.Argument(metavar="[STEP]", help="Where it is to stand; none: all there are.")] = "",
    person: Annotated[str, typer.Option("--as", help="Who does it: an administrator; the password is asked for.")] = "",
    reason: Annotated[str, typer.Option("--reason", help="Why, in words; it stays with the order.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without this it is only shown.")] = False,
    service: Service = "",
    as_json: shown.Json = False,
) -> None:
    """Moves an order one allowed step, with a reason. What it does to the money is shown first, and nothing is done
    without --yes.

    JSON: {order, number, state, steps: [{step, francs: {charged, on_account, owed_back, due_before, due_after, paid},
    words, refusal}], done}; with a step only that one.
    """
    from admin_cli.hospital import hospital, now
    from consoles.admin.rehearsal import rehearse
    from core.kernel.refusal import Refusal
    from core.reports.trace import find_order

    with hospital() as store:
        with store.reading() as connection:
            order_id = find_order(connection, order, service_id=service)
            found = rehearse(connection, order_id, at=now())
        if found is None:
            raise Refusal("order_archived", number=order)
        steps = _steps(found, step)
        if yes:
            _do(store, found, steps, person=person, reason=reason)
    if as_json:
        return shown.as_json(_rehearsal(found, steps, done=yes))
    for line in _told(found, steps, done=yes):
        typer.echo(line)


def _do(store: Any, found: Rehearsal, steps: list[Rehearsed], *, person: str, reason: str) -> None:
    """Raises Refusal: a rule's, step_needs_words (no step, person or reason), wrong_password."""
    from admin_cli.hospital import act
    from admin_cli.proving import prove
    from core.kernel.refusal import Refusal
    from core.orders.override import OverrideState

    if len(steps) != 1 or not person or not reason:
        raise Refusal("step_needs_words", number=found.order.number)
    if steps[0].refusal is not None:
        raise steps[0].refusal
    command = checked(
        OverrideState, order_id=found.order.id, seen=found.order.state, step=steps[0].step, reason=reason
    )
    prove(store, person)
    act(store, command, by=person)


def _steps(found: Rehearsal, step: str) -> list[Rehearsed]:
    """Raises Refusal("no_such_step") for one that does not lead from here."""
    from core.kernel.refusal import Refusal

    chosen = [one for one in found.steps if step in ("", one.step)]
    if step and not chosen:
        raise Refusal("no_such_step", number=found.order.number, state=found.order.state, step=step)
    return chosen


def _order(row: OrderRow) -> dict[str, Any]:
    order = row.order
    return {
        "order": order.id,
        "number": order.number,
        "service": order.service_id,
        "ward": order.ward_id,
        "bed": row.bed,
        "state": order.state,
        "state_at": order.state_at,
        "stop": order.stop,
        "held_for": order.held_for,
        "method": row.method,
        "due_francs": row.due_francs,
        "paid_francs": row.paid_francs,
    }


def _life(found: Life) -> dict[str, Any]:
    return {
        **_order(found.row),
        "dishes": [{"name": name, "halves": halves} for name, halves in found.dishes],
        "steps": [
            {
                "at": step.at,
                "by": step.by,
                "from": step.from_state,
                "to": step.to_state,
                "reason": step.reason,
                "implied": step.implied,
            }
            for step in found.steps
        ],
        "hand_overs": [
            {"at": one.at, "by": one.by, "identifiers": one.identifiers.split()} for one in found.hand_overs
        ],
        "cases": [{"case": one.id, "code": one.code, "closed_at": one.closed_at} for one in found.cases],
        "entries": [
            {"at": one.at, "account": one.account, "francs": one.francs, "by": one.by, "reason": one.reason}
            for one in found.entries
        ],
    }


def _lines(found: Life) -> Iterator[str]:
    from core.words import case_words, detail_of

    one = _order(found.row)
    stop = f", STOP {one['stop']}" if one["stop"] else ""
    yield f"{one['number']}  {one['bed']}  {one['service']}  {one['state']}{stop}, since {shown.when(one['state_at'])}"
    yield from (f"  {name} x {halves / 2:g}" for name, halves in found.dishes)
    for step in found.steps:
        reason = f"  ({step.reason})" if step.reason else ""
        implied = ", implied" if step.implied else ""
        yield f"  {shown.when(step.at)}  {step.to_state:<16} {step.by or 'the patient'}{implied}{reason}"
    for given in found.hand_overs:
        who = found.people.get(given.by, given.by)
        yield f"  {shown.when(given.at)}  given            {who}  {given.identifiers or 'not scanned'}"
    for case in found.cases:
        what = case_words(case.code, detail_of(case.detail, found.people)).what
        closed = f"Closed: {case.closing}" if case.closed_at else "Open."
        yield f"  {shown.when(case.opened_at)}  case {case.id[-8:]}    {what} {closed}"
    for entry in found.entries:
        yield f"  {shown.when(entry.at)}  {entry.account:<16} {entry.francs:>10,} RWF  {entry.reason}"


def _rehearsal(found: Rehearsal, steps: list[Rehearsed], *, done: bool) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "order": found.order.id,
        "number": found.order.number,
        "state": found.order.state,
        "steps": [
            {
                "step": one.step,
                "francs": asdict(one.francs),
                "words": _money(one.francs),
                "refusal": one.refusal.code if one.refusal is not None else "",
            }
            for one in steps
        ],
        "done": done,
    }


def _told(found: Rehearsal, steps: list[Rehearsed], *, done: bool) -> Iterator[str]:
    from core.words import refusal_words

    order = found.order
    yield f"{order.number}  {found.bed}  {order.service_id}  {order.state}, since {shown.when(order.state_at)}"
    for one in steps:
        said = refusal_words(one.refusal.code, one.refusal.detail).what if one.refusal else _money(one.francs)
        yield f"  -> {one.step:<16} {'REFUSED: ' if one.refusal else ''}{said}"
    if not steps:
        yield "  No step leads from here by hand."
    elif done:
        yield f"{order.number} is now: {steps[0].step}."
    else:
        told = refusal_words("step_needs_yes")
        yield f"{told.what} {told.stays} {told.next}"


def _money(francs: Francs) -> str:
    from consoles.admin.naming import money_words

    return money_words(francs, "en")
