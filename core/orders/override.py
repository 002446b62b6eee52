"""An administrator moves one order by hand: a single allowed step, with a reason, and money follows as it always does.

Two things are never forced: whether a meal is held (its rules decide) and whether it is paid for. And no step towards
the bed leads past a stop or a rule: whoever has given the meal all the same reports that as the fact it is.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from core.diets.rules import refuse
from core.kernel.handle import Handle
from core.kernel.message import Command
from core.kernel.refusal import Refusal
from core.kernel.text import Code, RowId, ShortWords
from core.kernel.tx import Tx
from core.kernel.values import Role
from core.orders.events import (
    CookingStarted,
    MealReady,
    OrderCancelled,
    RemakeWanted,
    StepForced,
    StepTakenBack,
)
from core.orders.model import ALLOWED_MOVES, FORWARD, Order, OrderState
from core.orders.moves import move, stop
from core.orders.rules import (
    READS_MEAL,
    judge_order_again,
    refuse_if_stopped,
    refuse_if_unsafe,
    verdict_on,
)

_S = OrderState
DECIDED_ELSEWHERE = (_S.HELD, _S.PAYMENT_PENDING, _S.PAYMENT_FAILED)
TOWARDS_THE_BED = (_S.COOKING, _S.READY, _S.OUT, _S.DELIVERED, _S.HANDED_TO_NURSE)
AT_THE_BED = (_S.DELIVERED, _S.HANDED_TO_NURSE)
ON_THE_STOVE = (_S.COOKING, _S.KITCHEN_ISSUE)
FAR_FROM_THE_STOVE = (_S.OUT, _S.DELIVERED, _S.HANDED_TO_NURSE, _S.UNDELIVERABLE)


class OverrideState(Command):
    """One step. seen: the state that the administrator had before them; it must still be so."""

    order_id: RowId
    seen: Code
    step: Literal[
        "confirmed",
        "cooking",
        "kitchen_issue",
        "ready",
        "out",
        "delivered",
        "handed_to_nurse",
        "undeliverable",
        "completed",
        "cancelled",
    ]
    reason: ShortWords = Field(min_length=1)


def steps_by_hand(state: str) -> tuple[OrderState, ...]:
    """Where an order may be moved from this state. Nothing where it waits for money: paying has its own way."""
    steps = tuple(step for step in ALLOWED_MOVES.get(state, ()) if step not in DECIDED_ELSEWHERE)
    waits_for_money = state in (_S.PAYMENT_PENDING, _S.PAYMENT_FAILED)
    return tuple(step for step in steps if step is _S.CANCELLED) if waits_for_money else steps


def override_state(tx: Tx, cmd: OverrideState) -> None:
    """An intent: whoever was faster has moved the order, and the administrator looks again."""
    order, step = tx.get(Order, cmd.order_id), OrderState(cmd.step)
    if order.state != cmd.seen:
        raise Refusal("moved_meanwhile", number=order.number, state=order.state)
    if step not in steps_by_hand(order.state):
        raise Refusal("no_such_step", number=order.number, state=order.state, step=step.value)
    if is_step_back(order.state, step):
        _take_back(tx, order, step, cmd.reason)
    elif step is _S.CANCELLED:
        _cancel(tx, order, cmd.reason)
    elif step is _S.KITCHEN_ISSUE:
        again = move(tx, order, step, reason=cmd.reason)
        tx.emit(RemakeWanted(order_id=order.id))
        judge_order_again(tx, again)
    else:
        _go_on(tx, order, step, cmd.reason)


def is_step_back(state: str, step: OrderState) -> bool:
    """Whether a step undoes the last one: ready to cooking, given to on its way."""
    before = _S.DELIVERED if state == _S.HANDED_TO_NURSE else state
    return before in FORWARD and step in FORWARD and FORWARD.index(step) < FORWARD.index(_S(before))


def _take_back(tx: Tx, order: Order, step: OrderState, reason: str) -> None:
    back = move(tx, order, step, reason=reason)
    tx.emit(StepTakenBack(order_id=order.id, step=order.state))
    judge_order_again(tx, back)


def _cancel(tx: Tx, order: Order, reason: str) -> None:
    """What stands on the stove gets a STOP card, as with every cancelled meal (R43)."""
    if order.state in ON_THE_STOVE:
        order = stop(tx, order, "cancelled")
    move(tx, order, _S.CANCELLED, reason=reason)
    tx.change(order, reason="cancelled", held_for="")
    tx.emit(OrderCancelled(order_id=order.id))


def _go_on(tx: Tx, order: Order, step: OrderState, reason: str) -> None:
    if step in TOWARDS_THE_BED:
        refuse_if_stopped(order)
        refuse_if_unsafe(tx, order, at=tx.at if step in AT_THE_BED else None)
    elif step is _S.CONFIRMED and (found := verdict_on(tx, order)).forbids:
        refuse(found)
    move(tx, order, step, reason=reason, held_for="")
    if step is _S.COOKING:
        tx.emit(CookingStarted(order_id=order.id))
    elif step is _S.READY:
        tx.emit(MealReady(order_id=order.id))
    elif step in FAR_FROM_THE_STOVE:
        tx.emit(StepForced(order_id=order.id, step=step.value))


HANDLERS = (Handle(OverrideState, override_state, roles={Role.ADMIN}, reads=READS_MEAL),)
