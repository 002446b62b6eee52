"""Attempts: somebody tried what the rules forbid and was stopped where they stood; the nutritionist is to know."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from core.diets.rules import judge_lines, log_attempt
from core.diets.verdict import REASONS
from core.kernel.handle import FACT, Handle
from core.kernel.message import Command, Part
from core.kernel.refusal import Refusal
from core.kernel.text import RowId
from core.kernel.tx import Tx
from core.kernel.values import Role
from core.menu.model import Service
from core.orders.model import Order
from core.orders.rules import verdict_on

Step = Literal["order", "start", "ready", "take_out", "give"]
MOST_LINES = 20
FORBIDDEN = ("meal_blocked", "meal_held")


class Ordered(Part):
    """One line of a meal: a dish in halves of a portion (1 = half, 2 = one)."""

    dish_id: RowId
    halves: int = Field(default=2, ge=1, le=8)


class NoteAttempt(Command):
    """A press was refused by the rules: on an order, or on a meal that is therefore no order."""

    order_id: RowId | Literal[""] = ""
    stay_id: RowId | Literal[""] = ""
    service_id: RowId | Literal[""] = ""
    lines: Annotated[tuple[Ordered, ...], Field(max_length=MOST_LINES)] = ()
    step: Step


def note_attempt(tx: Tx, cmd: NoteAttempt) -> None:
    """A fact, told by the verdict as it is known now; nothing to note when the rules allow it meanwhile."""
    if cmd.order_id:
        order = tx.get(Order, cmd.order_id)
        stay_id, headline = order.stay_id, verdict_on(tx, order).safety.headline
    else:
        stay_id = cmd.stay_id
        when = max(tx.get(Service, cmd.service_id).dispatch_at, tx.at)
        lines = [(line.dish_id, line.halves) for line in cmd.lines]
        headline = judge_lines(tx, stay_id=stay_id, lines=lines, serve_at=when).headline
    if headline is not None and headline.code != "no_stay":
        log_attempt(
            tx,
            stay_id=stay_id,
            step=cmd.step,
            code=headline.code,
            dish_id=headline.dish_id,
            order_id=cmd.order_id,
        )


def attempt_to_order(cmd: Any, code: str) -> Command | None:
    """For PlaceOrder, which carries its meal."""
    if code not in FORBIDDEN:
        return None
    return NoteAttempt(stay_id=cmd.stay_id, service_id=cmd.service_id, lines=cmd.lines, step="order")


def attempt_at(step: Step) -> Any:
    """For a command on an order: what its handle needs as `attempt`."""

    def attempt(cmd: Any, code: str) -> Command | None:
        return NoteAttempt(order_id=cmd.order_id, step=step) if code in FORBIDDEN else None

    return attempt


def note_refused_order(tx: Tx, cmd: Any, refusal: Refusal) -> None:
    """The server refused an order by the rules: the attempt is kept after the order itself is gone."""
    code = str(refusal.detail.get("reason", ""))
    if code in REASONS and code != "no_stay":
        log_attempt(tx, stay_id=cmd.stay_id, step="order", code=code, dish_id=str(refusal.detail.get("dish", "")))


EVERYBODY_WITH_FOOD = frozenset(Role) - {Role.AUDITOR}

HANDLERS = (Handle(NoteAttempt, note_attempt, kind=FACT, roles=EVERYBODY_WITH_FOOD),)
