"""Attempts: somebody tried what the rules forbid and was stopped where they stood; the nutritionist is to know."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from core.diets.rules import judge_lines, log_attempt
from core.diets.verdict import REASONS, Verdict, VerdictKind
from core.kernel.found import held
from core.kernel.handle import FACT, Handle
from core.kernel.message import Command, Part
from core.kernel.refusal import Refusal
from core.kernel.text import RowId
from core.kernel.tx import Tx
from core.kernel.values import Role, codes
from core.menu.model import DefaultMeal, Dish, Service
from core.orders.model import Order
from core.orders.rules import day_of, used_besides, verdict_on
from core.wards.model import Kitchen

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
        stay_id, service_id, found = order.stay_id, order.service_id, verdict_on(tx, order).safety
    else:
        stay_id, service_id, found = cmd.stay_id, cmd.service_id, _verdict_on_meal(tx, cmd)
    headline = found.headline
    if headline is not None and found.forbids:
        _log(tx, stay_id, service_id, cmd.step, headline.code, headline.dish_id, order_id=cmd.order_id)


def _verdict_on_meal(tx: Tx, cmd: NoteAttempt) -> Verdict:
    """Of a meal that became no order: with what the day's other meals bring."""
    when = max(tx.get(Service, cmd.service_id).dispatch_at, tx.at)
    lines = [(line.dish_id, line.halves) for line in cmd.lines]
    used = used_besides(tx, stay_id=cmd.stay_id, service_id=cmd.service_id, serve_at=when)
    return judge_lines(tx, stay_id=cmd.stay_id, lines=lines, serve_at=when, used=used)


def _log(tx: Tx, stay_id: str, service_id: str, step: str, code: str, dish_id: str, *, order_id: str = "") -> None:
    """With the first default dish of the same kind that is allowed, where there is one: what could be had instead."""
    if code == "no_stay":
        return
    log_attempt(
        tx,
        stay_id=stay_id,
        day=day_of(service_id),
        step=step,
        code=code,
        dish_id=dish_id,
        order_id=order_id,
        suggested_id=_suggested(tx, stay_id, service_id, dish_id) if dish_id else "",
    )


def _suggested(tx: Tx, stay_id: str, service_id: str, dish_id: str) -> str:
    service, wanted = held(tx, Service, service_id), held(tx, Dish, dish_id)
    kitchen = held(tx, Kitchen, service.kitchen_id) if service is not None else None
    if service is None or wanted is None or kitchen is None:
        return ""
    meals = [meal for meal in tx.all(DefaultMeal, of=kitchen) if meal.meal == service.meal]
    when = max(service.dispatch_at, tx.at)
    for other in (dish_id for meal in sorted(meals, key=_rank) for dish_id in codes(meal.dishes)):
        dish = held(tx, Dish, other)
        if dish is None or dish.category != wanted.category or other == dish_id:
            continue
        if judge_lines(tx, stay_id=stay_id, lines=[(other, 2)], serve_at=when).kind is VerdictKind.ALLOW:
            return other
    return ""


def _rank(meal: DefaultMeal) -> tuple[int, str]:
    return (meal.rank, meal.id)


def attempt_to_order(cmd: Any, code: str) -> Command | None:
    """For PlaceOrder, which carries its meal."""
    if code not in FORBIDDEN or cmd.guest:
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
    if code in REASONS and not cmd.guest:
        _log(tx, cmd.stay_id, cmd.service_id, "order", code, str(refusal.detail.get("dish", "")))


EVERYBODY_WITH_FOOD = frozenset(Role) - {Role.AUDITOR}

HANDLERS = (Handle(NoteAttempt, note_attempt, kind=FACT, roles=EVERYBODY_WITH_FOOD),)
