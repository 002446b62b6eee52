"""What a stay's move and end mean for its meals (R21, R22)."""

from __future__ import annotations

from core.kernel.tx import Tx
from core.orders.events import OrderCancelled, OrderMoved
from core.orders.model import Order, OrderLine, OrderMove, OrderState
from core.orders.moves import move, stop
from core.wards.events import StayClosed, StayMoved
from core.wards.model import Stay

ON_THE_STOVE = (OrderState.COOKING, OrderState.KITCHEN_ISSUE, OrderState.READY)


def move_orders(tx: Tx, event: StayMoved) -> None:
    """The meal follows the patient: the rows change their readers, nothing is placed anew."""
    stay = tx.get(Stay, event.stay_id)
    for order in tx.all(Order, of=stay):
        if order.archived_at is not None:
            continue
        for part in (OrderLine, OrderMove):
            for row in tx.all(part, of=order):
                tx.change(row, ward_id=stay.ward_id, kitchen_id=stay.kitchen_id)
        tx.change(order, ward_id=stay.ward_id, kitchen_id=stay.kitchen_id)
        tx.emit(OrderMoved(order_id=order.id))


def end_orders(tx: Tx, event: StayClosed) -> None:
    """Not begun: cancelled, and nothing is owed. On the stove: STOP. On its way: it arrives, with a note (R22)."""
    for order in tx.all(Order, of=tx.get(Stay, event.stay_id)):
        if order.may_move_to(OrderState.CANCELLED) and order.state not in ON_THE_STOVE:
            cancelled = move(tx, order, OrderState.CANCELLED, reason="discharged")
            tx.change(cancelled, reason="discharged", held_for="")
            tx.emit(OrderCancelled(order_id=order.id))
        elif order.state in ON_THE_STOVE:
            stop(tx, order, "discharged")
        elif order.state == OrderState.OUT:
            tx.change(order, problem="discharged")
