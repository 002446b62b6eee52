"""Orders a patient has made: each with its steps and the time of each, live, and honest about what is not known."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from core.kernel.values import MINUTE_MS
from core.orders import queries as orders
from core.orders.model import FORWARD, Order, OrderMove, OrderState
from core.orders.placing import BEFORE_COOKING, CancelOrder
from core.orders.queries import Meal
from core.payments import queries as payments
from core.payments.model import Payment
from sync.server.page_events import is_silent
from sync.server.pages.checkout import DONE, told_by_code
from sync.server.pages.web import (
    NotHere,
    SignedOut,
    Visit,
    form_of,
    go,
    house_of,
    look,
    op_id_of,
    perform,
    show,
)

STEPS = FORWARD
ENDED_WELL = (OrderState.DELIVERED, OrderState.HANDED_TO_NURSE, OrderState.COMPLETED)
ON_THE_STEPS = {  # where on the five steps a state stands
    OrderState.PAYMENT_PENDING.value: 0,
    OrderState.PAYMENT_FAILED.value: 0,
    OrderState.CONFIRMED.value: 0,
    OrderState.HELD.value: 0,
    OrderState.COOKING.value: 1,
    OrderState.KITCHEN_ISSUE.value: 1,
    OrderState.READY.value: 2,
    OrderState.OUT.value: 3,
    OrderState.UNDELIVERABLE.value: 3,
    OrderState.DELIVERED.value: 4,
    OrderState.HANDED_TO_NURSE.value: 4,
    OrderState.COMPLETED.value: 4,
}
SHOWN_AGAIN_MS = 180 * MINUTE_MS  # a finished meal is the running one on the home page for so long


@dataclass(frozen=True, slots=True)
class Step:
    """One of the five steps: done, now, or to come; with the instant it happened, by whoever did it."""

    state: str
    mark: str
    at: int | None


def steps_of(order: Order, moves: list[OrderMove]) -> list[Step]:
    """A step that was taken back is to come again; times are those of the acts, however late they were told."""
    reached = ON_THE_STEPS.get(order.state, -1)
    times: dict[str, int] = {}
    for move in moves:
        step = OrderState.DELIVERED.value if move.to_state == OrderState.HANDED_TO_NURSE else move.to_state
        times[step] = move.claimed_at
    over = order.state in ENDED_WELL
    found = []
    for place, state in enumerate(STEPS):
        mark = "done" if place < reached or (over and place <= reached) else "now" if place == reached else "later"
        name = (
            order.state if mark != "later" and place == 4 and order.state == OrderState.HANDED_TO_NURSE else state.value
        )
        found.append(Step(name, mark, times.get(state.value) if mark != "later" else None))
    return found


async def tracking(request: Request) -> Response:
    """One order. Whoever is signed out sees its number, its step and the time, and nothing else."""
    order_id = request.path_params["order"]

    def ask(connection: Connection, visit: Visit) -> tuple[Meal | None, list[OrderMove], Payment | None]:
        return (
            orders.meal(connection, order_id),
            orders.moves_of(connection, order_id),
            payments.payment_of(connection, order_id),
        )

    try:
        visit, (meal, moves, payment) = await look(request, ask)
    except SignedOut:
        return await _from_outside(request, order_id)
    if meal is None or meal.order.stay_id != visit.stay_id:
        raise NotHere
    return show(
        request,
        "order",
        visit,
        order=meal.order,
        lines=[(visit.menu.dishes.get(line.dish_id), line) for line in meal.lines],
        dishes=visit.menu.dishes,
        steps=steps_of(meal.order, moves),
        payment=payment,
        service=visit.menu.service(meal.order.service_id),
        can_cancel=meal.order.state in BEFORE_COOKING,
        too_late=meal.order.is_open and meal.order.state not in BEFORE_COOKING,
        silent_since=silent_since(visit) if meal.order.is_open else None,
        placed=request.query_params.get("placed", "") == "yes",
        told=_told(request, meal.order, visit),
    )


def silent_since(visit: Visit) -> int | None:
    """Since when no screen of the kitchen is in contact, if that is long enough to say so."""
    heard_at = visit.found.kitchen_heard_at
    return heard_at if heard_at is not None and is_silent(heard_at, visit.at) else None


def _told(request: Request, order: Order, visit: Visit) -> object:
    """A cancellation that came too late, by what is true now."""
    if request.query_params.get("no", "") != "cancel" or order.state in (*BEFORE_COOKING, OrderState.CANCELLED):
        return None
    return told_by_code("cooking_already", {"number": order.number, "at": order.state_at}, visit.language)


async def _from_outside(request: Request, order_id: str) -> Response:
    """The order's id is its own key: nobody can guess one."""
    house = house_of(request)
    order, moves = await house.read(
        lambda connection: (orders.order_by_id(connection, order_id), orders.moves_of(connection, order_id))
    )
    if order is None:
        raise NotHere
    return show(request, "order_outside", order=order, steps=steps_of(order, moves))


async def cancel(request: Request) -> Response:
    """Until the stove is lit. After it: too late, and why."""
    visit, _ = await look(request, lambda connection, visit: None)
    form = await form_of(request, visit)
    order_id = request.path_params["order"]
    order = await house_of(request).read(lambda connection: orders.order_by_id(connection, order_id))
    if order is None or order.stay_id != visit.stay_id:
        raise NotHere
    command = CancelOrder(order_id=order_id, reason="")
    outcome = await perform(request, visit, command, op_id_of(visit, form.get("op_id", "")))
    return go(f"/patient/orders/{order_id}", no="" if outcome.outcome in DONE else "cancel")


async def listing(request: Request) -> Response:
    """Every meal of this stay, the newest first; cancelled ones stay, with the reason."""
    visit, (meals, paid) = await look(request, _meals_and_payments)
    return show(
        request,
        "orders",
        visit,
        meals=[(meal, paid.get(meal.order.id), visit.menu.service(meal.order.service_id)) for meal in meals],
        dishes=visit.menu.dishes,
        silent_since=silent_since(visit) if any(meal.order.is_open for meal in meals) else None,
    )


def _meals_and_payments(connection: Connection, visit: Visit) -> tuple[list[Meal], dict[str, Payment]]:
    meals = orders.meals_of_stay(connection, visit.stay_id, limit=40)
    return meals, payments.payments_of(connection, [meal.order.id for meal in meals])


def running(meals: list[Meal], at: int) -> list[Meal]:
    """What is on its way, and what has just been given."""
    return [
        meal
        for meal in meals
        if meal.order.is_open or (meal.order.state in ENDED_WELL[:2] and at - meal.order.state_at < SHOWN_AGAIN_MS)
    ]
