"""The life of an order in the kitchen, in the sequence it is lived; placing it is `core.orders.placing`."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from pydantic import Field

from core.kernel.case import Case
from core.kernel.handle import FACT, SERVER, Handle
from core.kernel.message import Command
from core.kernel.refusal import Refusal
from core.kernel.text import Code, RowId, ShortWords
from core.kernel.tx import Tx
from core.kernel.values import Role
from core.orders import attempts, defaults, held, override, placing, sweep
from core.orders.attempts import attempt_at
from core.orders.events import (
    CookingStarted,
    MealReady,
    OrderArchived,
    RemakeWanted,
    StepTakenBack,
)
from core.orders.model import Order, OrderLine, OrderMove, OrderState
from core.orders.moves import advance, move, stop, way
from core.orders.rules import (
    READS_MEAL,
    READS_ORDER,
    judge_order_again,
    note_if_unsafe,
    refuse_if_stopped,
    refuse_if_unsafe,
)

NOT_BEGUN = (OrderState.CONFIRMED, OrderState.KITCHEN_ISSUE)
PAST_THE_STOVE = (
    OrderState.READY,
    OrderState.OUT,
    OrderState.DELIVERED,
    OrderState.HANDED_TO_NURSE,
    OrderState.UNDELIVERABLE,
    OrderState.COMPLETED,
)


class StartCooking(Command):
    """A cook takes the next meal to the stove."""

    order_id: RowId


def may_start(tx: Tx, cmd: StartCooking) -> None:
    """At the press: refuses by the newest rules, naming what is in the way."""
    order = tx.get(Order, cmd.order_id)
    refuse_if_stopped(order)
    if order.state == OrderState.HELD:
        raise Refusal("order_held", number=order.number, reason=order.held_for)
    if order.state not in NOT_BEGUN:
        raise Refusal("cannot_start", number=order.number, state=order.state)
    refuse_if_unsafe(tx, order)


def start_cooking(tx: Tx, cmd: StartCooking) -> None:
    """A fact: the pan is on the stove, whatever the papers say. Whoever had the dish wins over "it has run out"."""
    order = tx.get(Order, cmd.order_id)
    if order.state in (OrderState.COOKING, *PAST_THE_STOVE):
        return _started_twice(tx, order)
    if order.state == OrderState.HELD and order.held_for == "out_of_stock":
        order = move(tx, order, OrderState.CONFIRMED, reason="kitchen_had_it", implied=True, held_for="")  # R41
    if order.state in NOT_BEGUN:
        order = move(tx, order, OrderState.COOKING)
        tx.emit(CookingStarted(order_id=order.id))
        note_if_unsafe(tx, order, "cooked_against_rules")
        return
    _cooked_out_of_turn(tx, order)


def _started_twice(tx: Tx, order: Order) -> None:
    """Two kitchens, one tray: the first is kept, the second is noted (R48)."""
    first = _who_moved(tx, order, OrderState.COOKING)
    if first and first != tx.actor.person_id:
        tx.case("double_preparation", about=order, number=order.number, by=first)
    else:
        tx.already(by=first)


def _cooked_out_of_turn(tx: Tx, order: Order) -> None:
    """Nobody waits for this meal as things stand: the kitchen gets a STOP card, and nobody pays (R43)."""
    code = {
        OrderState.CANCELLED.value: "started_after_cancel",
        OrderState.HELD.value: "cooked_against_rules",
    }.get(order.state, "cooked_out_of_turn")
    reason = "cancelled" if order.state == OrderState.CANCELLED else order.held_for or order.state
    tx.case(code, about=order, number=order.number, reason=reason)
    stop(tx, order, reason)


def _who_moved(tx: Tx, order: Order, state: OrderState) -> str:
    """Who first brought the order into a state, "" when nobody did."""
    moves = [step for step in tx.all(OrderMove, of=order) if step.to_state == state]
    return moves[-1].by if moves else ""


class TickLine(Command):
    """One item is on the tray, or is taken off it again."""

    line_id: RowId
    ticked: bool = True


def tick_line(tx: Tx, cmd: TickLine) -> None:
    line = tx.get(OrderLine, cmd.line_id)
    if cmd.ticked == (line.ticked_at is not None):
        return tx.already(by=line.ticked_by)
    by = tx.actor.person_id if cmd.ticked else ""
    tx.change(line, ticked_at=tx.at if cmd.ticked else None, ticked_by=by)


class MarkReady(Command):
    """The meal is whole and on its tray."""

    order_id: RowId


def may_be_ready(tx: Tx, cmd: MarkReady) -> None:
    order = tx.get(Order, cmd.order_id)
    refuse_if_stopped(order)
    if order.state != OrderState.COOKING:
        raise Refusal("not_cooking", number=order.number, state=order.state)
    refuse_if_unsafe(tx, order)


def mark_ready(tx: Tx, cmd: MarkReady) -> None:
    """A fact. What was stopped and is on a tray all the same is looked at, and its label is void."""
    order = tx.get(Order, cmd.order_id)
    if order.state in PAST_THE_STOVE:
        return tx.already(by=_who_moved(tx, order, OrderState.READY))
    ready = advance(tx, order, OrderState.READY)
    if ready is None:
        return _cooked_out_of_turn(tx, order)
    tx.emit(MealReady(order_id=order.id))
    note_if_unsafe(tx, ready, "ready_against_rules")


class TakeBack(Command):
    """Undo of a step is another fact: `step` is the state that was entered by mistake."""

    order_id: RowId
    step: Literal["cooking", "ready", "out", "delivered", "handed_to_nurse"]


_BACK_TO = {
    "cooking": OrderState.CONFIRMED,
    "ready": OrderState.COOKING,
    "out": OrderState.READY,
    "delivered": OrderState.OUT,
    "handed_to_nurse": OrderState.OUT,
}


def take_back(tx: Tx, cmd: TakeBack) -> None:
    order = tx.get(Order, cmd.order_id)
    if order.state != cmd.step:
        if way(order.state, OrderState(cmd.step)) is None:
            tx.case("taken_back_too_late", about=order, number=order.number, step=cmd.step, state=order.state)
        else:
            tx.already(state=order.state)
        return
    back = move(tx, order, _BACK_TO[cmd.step], reason="taken_back")
    tx.emit(StepTakenBack(order_id=order.id, step=cmd.step))
    judge_order_again(tx, back)


class AcknowledgeStop(Command):
    """Somebody has read a STOP card and set the meal aside."""

    order_id: RowId


def acknowledge_stop(tx: Tx, cmd: AcknowledgeStop) -> None:
    order = tx.get(Order, cmd.order_id)
    if not order.stop or order.stop_seen_by:
        return tx.already(by=order.stop_seen_by)
    tx.change(order, stop_seen_by=tx.actor.person_id)


class AcknowledgeChange(Command):
    """A cook has read what changed on a meal's card. rules_version: of the patient's rules, as the card showed them."""

    order_id: RowId
    rules_version: Annotated[int, Field(ge=1, lt=1 << 31)]


def acknowledge_change(tx: Tx, cmd: AcknowledgeChange) -> None:
    """Whoever has read a newer version has read this one too."""
    order = tx.get(Order, cmd.order_id)
    if order.change_seen_version >= cmd.rules_version:
        return tx.already(by=order.change_seen_by)
    tx.change(order, change_seen_version=cmd.rules_version, change_seen_by=tx.actor.person_id)


class FlagProblem(Command):
    """Something is wrong with a meal. remake: it is being made again."""

    order_id: RowId
    problem: Code
    note: ShortWords = ""
    remake: bool = False


def flag_problem(tx: Tx, cmd: FlagProblem) -> None:
    """A fact with an owner to come: an ordinary case, which says nothing against whoever reports it."""
    order = tx.get(Order, cmd.order_id)
    tx.add(_problem_case(tx, order, cmd))
    order = tx.change(order, problem=cmd.problem)
    if not cmd.remake or order.state == OrderState.KITCHEN_ISSUE:
        return
    if not order.may_move_to(OrderState.KITCHEN_ISSUE):
        tx.case("remake_out_of_turn", about=order, number=order.number, state=order.state)
        return
    again = move(tx, order, OrderState.KITCHEN_ISSUE, reason=cmd.problem)
    tx.emit(RemakeWanted(order_id=order.id))
    judge_order_again(tx, again)  # one that had come back was not judged while the rules went on


def _problem_case(tx: Tx, order: Order, cmd: FlagProblem) -> Case:
    return Case(
        id=tx.new_id(),
        code="problem_reported",
        detail=_detail(number=order.number, problem=cmd.problem, note=cmd.note),
        op_id=tx.layer.act.op_id.hex(),
        actor_id=tx.actor.person_id,
        order_id=order.id,
        stay_id=order.stay_id,
        ward_id=order.ward_id,
        kitchen_id=order.kitchen_id,
        opened_at=tx.at,
    )


def _detail(**words: str) -> str:
    return msgspec.json.encode(words).decode()


class ResolveProblem(Command):
    order_id: RowId
    closing: ShortWords = Field(min_length=1)


def resolve_problem(tx: Tx, cmd: ResolveProblem) -> None:
    order = tx.get(Order, cmd.order_id)
    if not order.problem:
        raise Refusal("no_problem", number=order.number)
    tx.change(order, problem="")
    for case in tx.all(Case, of=order):
        if case.code == "problem_reported" and case.closed_at is None:
            tx.change(case, closed_at=tx.at, closed_by=tx.actor.person_id, closing=cmd.closing)


# -- by time itself -------------------------------------------------------------------------------------------------


class CompleteOrder(Command):
    """Four hours after delivery, or once the tray is back."""

    order_id: RowId


def complete_order(tx: Tx, cmd: CompleteOrder) -> None:
    order = tx.get(Order, cmd.order_id)
    if not order.may_move_to(OrderState.COMPLETED):
        raise Refusal("not_finished", number=order.number, state=order.state)
    move(tx, order, OrderState.COMPLETED)


class ArchiveOrder(Command):
    """A day after its end an order leaves the devices, with all that hangs on it."""

    order_id: RowId


def archive_order(tx: Tx, cmd: ArchiveOrder) -> None:
    order = tx.get(Order, cmd.order_id)
    if order.state not in (OrderState.COMPLETED, OrderState.CANCELLED):
        raise Refusal("not_finished", number=order.number, state=order.state)
    for part in (OrderLine, OrderMove):
        for row in tx.all(part, of=order):
            tx.change(row, archived_at=tx.at)
    tx.change(order, archived_at=tx.at)
    tx.emit(OrderArchived(order_id=order.id))


KITCHEN = frozenset({Role.COOK, Role.KITCHEN_LEAD})
ON_THE_WAY = KITCHEN | {Role.RUNNER, Role.NURSE}
STAFF = ON_THE_WAY | {Role.DOCTOR, Role.NUTRITIONIST, Role.ADMIN}

HANDLERS = (
    *placing.HANDLERS,
    Handle(
        StartCooking,
        start_cooking,
        before=may_start,
        kind=FACT,
        roles=KITCHEN,
        reads=READS_MEAL,
        attempt=attempt_at("start"),
    ),
    Handle(TickLine, tick_line, kind=FACT, roles=KITCHEN, reads=(lambda c, tx: ((OrderLine, c.line_id),),)),
    Handle(
        MarkReady,
        mark_ready,
        before=may_be_ready,
        kind=FACT,
        roles=KITCHEN,
        reads=READS_MEAL,
        attempt=attempt_at("ready"),
    ),
    Handle(TakeBack, take_back, kind=FACT, roles=ON_THE_WAY, reads=READS_MEAL),
    Handle(AcknowledgeStop, acknowledge_stop, kind=FACT, roles=STAFF, reads=READS_ORDER),
    Handle(AcknowledgeChange, acknowledge_change, kind=FACT, roles=KITCHEN, reads=READS_ORDER),
    Handle(FlagProblem, flag_problem, kind=FACT, roles=STAFF, reads=READS_MEAL),
    Handle(ResolveProblem, resolve_problem, roles=STAFF, reads=READS_ORDER),
    Handle(CompleteOrder, complete_order, where=SERVER, roles={Role.SYSTEM}, reads=READS_ORDER),
    Handle(ArchiveOrder, archive_order, where=SERVER, roles={Role.SYSTEM}, reads=READS_ORDER),
    *override.HANDLERS,
    *attempts.HANDLERS,
    *sweep.HANDLERS,
    *held.HANDLERS,
    *defaults.HANDLERS,
)
