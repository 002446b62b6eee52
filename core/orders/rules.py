"""What the newest rules say about an order, at each of its steps, and what follows when they have changed (R14)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from core.diets.events import RulesChanged
from core.diets.nutrients import NOTHING_YET, Amounts
from core.diets.rules import amounts, has_limits, judge_lines, needs_of_meal, refuse
from core.diets.verdict import Verdict
from core.kernel.handle import Need, Reads
from core.kernel.refusal import Refusal
from core.kernel.tx import Tx
from core.kernel.values import as_codes
from core.menu.model import Service
from core.orders.guests import verdict_on_guest
from core.orders.model import Order, OrderLine, OrderState
from core.orders.moves import lift_stop, lines_of, move, stop
from core.wards.model import Stay

OVERLAYS = ("cancelled", "discharged")  # stops that no change of rules lifts
NOT_EATEN = (OrderState.CANCELLED, OrderState.UNDELIVERABLE)
WAITING = (OrderState.CONFIRMED, OrderState.HELD)
BEING_MADE = (OrderState.COOKING, OrderState.KITCHEN_ISSUE, OrderState.READY, OrderState.OUT)


def serve_at(tx: Tx, order: Order) -> int:
    """When the meal is eaten: at its service, or now when that is past (R7)."""
    return max(tx.get(Service, order.service_id).dispatch_at, tx.at)


def verdict_on(tx: Tx, order: Order, *, at: int | None = None) -> Verdict:
    """What the newest rules say about this order, all reasons. `at`: when it is eaten, if not at its service."""
    if order.guest:
        return verdict_on_guest(tx, (dish_id for dish_id, _ in lines_of(tx, order)))
    when = serve_at(tx, order) if at is None else at
    used = used_besides(tx, stay_id=order.stay_id, service_id=order.service_id, serve_at=when, order_id=order.id)
    return judge_lines(tx, stay_id=order.stay_id, lines=lines_of(tx, order), serve_at=when, used=used)


def used_besides(
    tx: Tx, *, stay_id: str, service_id: str, serve_at: int, order_id: str = "", giving_way: Collection[str] = ()
) -> Amounts:
    """What the patient's other meals of that hospital day bring (R11). Asked only where a limit stands.

    order_id: of the meal itself; giving_way: of those that it takes the place of.
    """
    if not has_limits(tx, stay_id=stay_id, serve_at=serve_at):
        return NOTHING_YET
    day = day_of(service_id)
    others = [
        order
        for order in tx.all(Order, of=tx.get(Stay, stay_id))
        if day_of(order.service_id) == day and order.id not in (order_id, *giving_way) and _is_eaten(order)
    ]
    return amounts(tx, [line for order in others for line in lines_of(tx, order)])


def _is_eaten(order: Order) -> bool:
    """By the patient, as far as is known."""
    return order.state not in NOT_EATEN and not order.guest


def day_of(service_id: str) -> str:
    """A service's id begins with its hospital day."""
    return service_id[:10]


def refuse_if_stopped(order: Order) -> None:
    """A tray may not go on while a stop lies over it (R15)."""
    if order.stop and not order.stop_seen_by:
        raise Refusal("stop_not_seen", order=order.number, reason=order.stop)
    if order.stop:
        raise Refusal("stopped", order=order.number, reason=order.stop)


def refuse_if_unsafe(tx: Tx, order: Order, *, at: int | None = None) -> None:
    """At the press: the newest rules, safety only. Stock and preference were settled before."""
    refuse(verdict_on(tx, order, at=at).safety)


def note_if_unsafe(tx: Tx, order: Order, code: str, *, at: int | None = None) -> bool:
    """A fact against the rules known now: it stands, somebody looks, and the tray is stopped."""
    found = verdict_on(tx, order, at=at).safety
    if not found.forbids:
        return False
    tx.case(code, about=order, reason=found.code, number=order.number)
    if order.state in BEING_MADE:
        stop(tx, order, found.code)
    return True


def judge_again(tx: Tx, event: RulesChanged) -> None:
    """What a patient may eat has changed: every open order of the stay is judged in the same transaction (R14)."""
    for order in tx.all(Order, of=tx.get(Stay, event.stay_id)):
        if order.is_open:
            judge_order_again(tx, order)


def judge_order_again(tx: Tx, order: Order) -> None:
    """Not begun: held, or released. Begun: stopped, or the stop is lifted."""
    ruling = ruling_on(tx, order)
    if _news(order, ruling):
        order = tx.change(order, checked=ruling.kind.value, checked_at=tx.at, overridden=overridden(ruling))
    if order.state in WAITING:
        _hold_or_release(tx, order, ruling)
    elif order.state in BEING_MADE and order.stop not in OVERLAYS:
        if ruling.forbids:
            stop(tx, order, ruling.code)
        else:
            lift_stop(tx, order)


def ruling_on(tx: Tx, order: Order) -> Verdict:
    """What counts for an order now: everything as long as it waits, and what can harm once it is begun."""
    found = verdict_on(tx, order)
    return found if order.state in WAITING else found.safety


def would_change(order: Order, ruling: Verdict) -> bool:
    """Whether judging an order again by this ruling changes anything of it: what `judge_order_again` would write."""
    if _news(order, ruling):
        return True
    wanted = ruling.code if ruling.forbids else ""
    if order.state in WAITING:
        return order.held_for != wanted
    return order.state in BEING_MADE and order.stop not in OVERLAYS and order.stop != wanted


def _news(order: Order, found: Verdict) -> bool:
    return order.checked != found.kind.value or order.overridden != overridden(found)


def overridden(found: Verdict) -> str:
    """What was allowed against the rules, as an order's column of codes."""
    return as_codes([reason.code for reason in found.overridden])


def _hold_or_release(tx: Tx, order: Order, found: Verdict) -> None:
    if not found.forbids:
        if order.state == OrderState.HELD:
            move(tx, order, OrderState.CONFIRMED, held_for="", reason="allowed_again")
    elif order.state == OrderState.CONFIRMED:
        move(tx, order, OrderState.HELD, held_for=found.code, reason=found.code)
    else:
        tx.change(order, held_for=found.code)


# -- prefetch -------------------------------------------------------------------------------------------------------


def _the_order(cmd: Any, tx: Tx) -> Iterable[Need]:
    return ((Order, cmd.order_id), (OrderLine, "order_id", cmd.order_id))


def _its_meal(cmd: Any, tx: Tx) -> Iterable[Need]:
    order = tx.peek(Order, cmd.order_id)
    if order is None:
        return ()
    lines = tx.peek_all(OrderLine, "order_id", order.id)
    return [(Service, order.service_id), *needs_of_meal(order.stay_id, [line.dish_id for line in lines])]


READS_ORDER: tuple[Reads, ...] = (_the_order,)
READS_MEAL: tuple[Reads, ...] = (_the_order, _its_meal)
