"""How an order moves: only along the table of allowed moves, each step kept as evidence."""

from __future__ import annotations

from typing import Any

from core.kernel.tx import Tx
from core.orders.events import OrderStopped, StopLifted
from core.orders.model import FORWARD, Order, OrderLine, OrderMove, OrderState

SKIPPED_FROM = (*FORWARD[:-1], OrderState.KITCHEN_ISSUE)  # states whose next steps one actor may imply


def move(tx: Tx, order: Order, state: OrderState, *, reason: str = "", implied: bool = False, **columns: Any) -> Order:
    """One allowed step. Asserts that it is one: callers ask first."""
    assert order.may_move_to(state), f"{order.state} does not lead to {state}"
    _keep_move(tx, order, order.state, state, reason=reason, implied=implied)
    return tx.change(order, state=state.value, state_at=tx.at, **columns)


def begin(tx: Tx, order: Order) -> Order:
    """A new order, with its first step."""
    tx.add(order)
    _keep_move(tx, order, "", OrderState(order.state), reason=order.held_for, implied=False)
    return order


def _keep_move(tx: Tx, order: Order, before: str, after: OrderState, *, reason: str, implied: bool) -> None:
    tx.add(
        OrderMove(
            id=tx.new_id(),
            order_id=order.id,
            stay_id=order.stay_id,
            ward_id=order.ward_id,
            kitchen_id=order.kitchen_id,
            from_state=before,
            to_state=after.value,
            at=tx.at,
            claimed_at=tx.claimed_at,
            by=tx.actor.person_id,
            implied=implied,
            reason=reason,
        )
    )


def advance(tx: Tx, order: Order, state: OrderState) -> Order | None:
    """Moves forward to `state`; steps that nobody noted are implied by the one who goes on. None:
    no way leads there."""
    path = way(order.state, state)
    if path is None:
        return None
    for step in path:
        order = move(tx, order, step, implied=step is not path[-1])
    return order


def way(before: str, state: OrderState) -> tuple[OrderState, ...] | None:
    """The forward steps from one state to another, the last one included."""
    last_step = OrderState.DELIVERED if state is OrderState.HANDED_TO_NURSE else state
    if before not in SKIPPED_FROM or last_step not in (*FORWARD[1:], OrderState.UNDELIVERABLE):
        return None
    steps = FORWARD if last_step in FORWARD else (*FORWARD[:-1], last_step)
    start = 1 if before == OrderState.KITCHEN_ISSUE else steps.index(OrderState(before)) + 1
    path = steps[start : steps.index(last_step) + 1]
    return (*path[:-1], state) if path else None


def stop(tx: Tx, order: Order, reason: str) -> Order:
    """Lays a safety stop over the order. Whoever has seen the same one before need not see it again."""
    if order.stop == reason:
        return order
    stopped = tx.change(order, stop=reason, stop_at=tx.at, stop_seen_by="")
    tx.emit(OrderStopped(order_id=order.id, reason=reason))
    return stopped


def lift_stop(tx: Tx, order: Order) -> Order:
    if not order.stop:
        return order
    tx.emit(StopLifted(order_id=order.id))
    return tx.change(order, stop="", stop_at=None, stop_seen_by="")


def lines_of(tx: Tx, order: Order) -> list[tuple[str, int]]:
    """What is on the order, as the rules of diets ask for it."""
    return [(line.dish_id, line.halves) for line in tx.all(OrderLine, of=order)]
