"""Placing and cancelling: what a patient, or somebody of the ward for them, wants to eat."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from core.diets.rules import judge_lines, needs_of_meal, refuse
from core.diets.verdict import Verdict, VerdictKind
from core.kernel.handle import Handle, Need
from core.kernel.message import Command
from core.kernel.refusal import Refusal
from core.kernel.text import RowId, ShortWords
from core.kernel.tx import Tx
from core.kernel.values import MINUTE_MS, Role, codes
from core.menu.model import Dish, Service
from core.orders.attempts import MOST_LINES, Ordered, attempt_to_order
from core.orders.events import OrderCancelled, OrderPlaced
from core.orders.guests import refuse_unasked, verdict_on_guest
from core.orders.model import Order, OrderLine, OrderState
from core.orders.moves import begin, move, stop
from core.orders.rules import READS_ORDER, overridden, used_besides
from core.wards.model import Stay, Ward

ON_DEMAND_MINUTES = 45  # order to bed, domain.md §1.16
BEFORE_COOKING = (
    OrderState.PAYMENT_PENDING,
    OrderState.PAYMENT_FAILED,
    OrderState.CONFIRMED,
    OrderState.HELD,
)


class PlaceOrder(Command):
    """The order's id is the act's first (`derived_id(op_id, 1)`). confirm: a preference was asked about,
    and waved on. number: of those that whoever orders may give; `L-????` follows, from the server."""

    stay_id: RowId
    service_id: RowId
    number: Annotated[str, StringConstraints(pattern=r"^[A-Z]-(\d{4,6}|\?{4})$")]
    lines: Annotated[tuple[Ordered, ...], Field(min_length=1, max_length=MOST_LINES)]
    wish: ShortWords = ""
    method: Literal["cash", "account"] = "account"
    confirm: bool = False
    guest: bool = False  # for somebody who visits the patient: `core.orders.guests`


def place_order(tx: Tx, cmd: PlaceOrder) -> None:
    """An in-patient's own meal never waits for money. What cannot be decided waits for a nurse, if staff ask for it."""
    stay, service = tx.get(Stay, cmd.stay_id), tx.get(Service, cmd.service_id)
    _refuse_stranger(tx, stay)
    late = _is_late(tx, stay, service, guest=cmd.guest)
    for line in cmd.lines:
        _refuse_unserved(tx, line.dish_id, service)
    serve_at = max(service.dispatch_at, tx.at)
    if cmd.guest:
        found = _judged_for_guest(tx, cmd, serve_at)
    else:
        _replace_default(tx, stay, service)
        found = _judged(tx, cmd, serve_at)
    order = begin(tx, new_order(tx, cmd, stay, service, found, late=late))
    for line in cmd.lines:
        add_line(tx, order, line)
    if late and tx.claimed_at < service.cut_off_at:
        tx.case("late_tray", about=order, number=order.number, service=service.id, closed_at=service.cut_off_at)
    tx.emit(OrderPlaced(order_id=order.id, method=cmd.method))


def _refuse_stranger(tx: Tx, stay: Stay) -> None:
    if tx.actor.stay_id and tx.actor.stay_id != stay.id:
        raise Refusal("not_your_stay")
    if stay.closed_at is not None:
        raise Refusal("stay_closed", at=stay.closed_at)


def _is_late(tx: Tx, stay: Stay, service: Service, *, guest: bool) -> bool:
    """Whether this is a late tray (R25). Decided by the server's time: a device's clock only explains why."""
    if service.kitchen_id != stay.kitchen_id:
        raise Refusal("other_kitchen", service=service.id)
    if tx.at < service.opens_at:
        raise Refusal("not_open_yet", service=service.id, at=service.opens_at)
    if tx.at < service.cut_off_at:
        return False
    if tx.actor.is_any(Role.PATIENT) or tx.at >= service.ends_at:
        raise Refusal("after_cut_off", service=service.id, at=service.cut_off_at)
    own = [] if guest else [order for order in tx.all(Order, of=stay) if not order.guest]
    for order in own:
        if order.service_id == service.id and order.state != OrderState.CANCELLED and not _gives_way(order):
            raise Refusal("ordered_already", number=order.number, service=service.id)
    return True


def _gives_way(order: Order) -> bool:
    """A tray that came by itself and is not begun gives way to what somebody has asked for."""
    return order.default and order.state in BEFORE_COOKING


def _replace_default(tx: Tx, stay: Stay, service: Service) -> None:
    for order in tx.all(Order, of=stay):
        if order.service_id == service.id and _gives_way(order):
            cancelled = move(tx, order, OrderState.CANCELLED, reason="replaced")
            tx.change(cancelled, reason="replaced", held_for="")
            tx.emit(OrderCancelled(order_id=order.id))


def _refuse_unserved(tx: Tx, dish_id: str, service: Service) -> None:
    dish = tx.get(Dish, dish_id)
    served = codes(dish.services)
    if not dish.sold or dish.withdrawn_at is not None or (served and service.meal not in served):
        raise Refusal("dish_not_served", dish=dish.id, service=service.id)


def _judged(tx: Tx, cmd: PlaceOrder, serve_at: int) -> Verdict:
    used = used_besides(tx, stay_id=cmd.stay_id, service_id=cmd.service_id, serve_at=serve_at)
    lines = [(line.dish_id, line.halves) for line in cmd.lines]
    found = judge_lines(tx, stay_id=cmd.stay_id, lines=lines, serve_at=serve_at, used=used)
    if found.kind is not VerdictKind.HOLD or tx.actor.is_any(Role.PATIENT):
        refuse(found, confirmed=cmd.confirm)
    return found


def _judged_for_guest(tx: Tx, cmd: PlaceOrder, serve_at: int) -> Verdict:
    """A patient cannot call a meal a guest's, and eat what the rules forbid (R17)."""
    if tx.actor.is_any(Role.PATIENT):
        raise Refusal("guest_through_staff")
    refuse_unasked(tx, cmd.stay_id, serve_at=serve_at, confirmed=cmd.confirm)
    found = verdict_on_guest(tx, (line.dish_id for line in cmd.lines))
    refuse(found)
    return found


def new_order(
    tx: Tx,
    cmd: PlaceOrder,
    stay: Stay,
    service: Service,
    found: Verdict,
    *,
    late: bool = False,
    default: bool = False,
) -> Order:
    """What a person asked for is refused unless it is allowed or undecided; what came by itself waits for any doubt."""
    held = found.kind is not VerdictKind.ALLOW if default else found.kind is VerdictKind.HOLD
    walk = tx.get(Ward, stay.ward_id).minutes_from_kitchen
    leaves_at = tx.at + (ON_DEMAND_MINUTES - walk) * MINUTE_MS if late else service.dispatch_at
    return Order(
        id=tx.new_id(),
        number=cmd.number,
        service_id=service.id,
        stay_id=stay.id,
        ward_id=stay.ward_id,
        kitchen_id=stay.kitchen_id,
        state=(OrderState.HELD if held else OrderState.CONFIRMED).value,
        state_at=tx.at,
        placed_at=tx.at,
        placed_by=tx.actor.person_id,
        promised_at=leaves_at + walk * MINUTE_MS,
        wish=cmd.wish,
        late=late,
        default=default,
        guest=cmd.guest,
        held_for=found.code if held else "",
        checked=found.kind.value,
        checked_at=tx.at,
        overridden=overridden(found),
    )


def add_line(tx: Tx, order: Order, line: Ordered) -> None:
    tx.add(
        OrderLine(
            id=tx.new_id(),
            order_id=order.id,
            stay_id=order.stay_id,
            ward_id=order.ward_id,
            kitchen_id=order.kitchen_id,
            dish_id=line.dish_id,
            halves=line.halves,
        )
    )


class CancelOrder(Command):
    order_id: RowId
    reason: ShortWords = ""


def cancel_order(tx: Tx, cmd: CancelOrder) -> None:
    """Until the stove: anybody who may order. On the stove: staff only, and the kitchen gets a STOP card."""
    order = tx.get(Order, cmd.order_id)
    if tx.actor.stay_id and tx.actor.stay_id != order.stay_id:
        raise Refusal("not_your_stay")
    if order.state == OrderState.CANCELLED:
        return tx.already(at=order.state_at)
    if order.state not in BEFORE_COOKING:
        _refuse_late_cancel(tx, order)
        order = stop(tx, order, "cancelled")
    move(tx, order, OrderState.CANCELLED, reason=cmd.reason or "cancelled")
    tx.change(order, reason=cmd.reason or "cancelled", held_for="")
    tx.emit(OrderCancelled(order_id=order.id))


def _refuse_late_cancel(tx: Tx, order: Order) -> None:
    if not order.may_move_to(OrderState.CANCELLED):
        raise Refusal("too_late_to_cancel", number=order.number, state=order.state, at=order.state_at)
    if tx.actor.is_any(Role.PATIENT):
        raise Refusal("cooking_already", number=order.number, at=order.state_at)


def _reads(cmd: PlaceOrder, tx: Tx) -> Iterable[Need]:
    dish_ids = [line.dish_id for line in cmd.lines]
    rows: list[Need] = [(Stay, cmd.stay_id), (Service, cmd.service_id)]
    return [*rows, *((Dish, dish_id) for dish_id in dish_ids), *needs_of_meal(cmd.stay_id, dish_ids)]


def _reads_ward(cmd: PlaceOrder, tx: Tx) -> Iterable[Need]:
    stay = tx.peek(Stay, cmd.stay_id)
    return [(Ward, stay.ward_id)] if stay is not None else []


MAY_ORDER = frozenset({Role.PATIENT, Role.NURSE, Role.DOCTOR, Role.NUTRITIONIST, Role.KITCHEN_LEAD, Role.SYSTEM})

HANDLERS = (
    Handle(PlaceOrder, place_order, roles=MAY_ORDER, reads=(_reads, _reads_ward), attempt=attempt_to_order),
    Handle(CancelOrder, cancel_order, roles=MAY_ORDER, reads=READS_ORDER),
)
