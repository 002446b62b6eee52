"""What an order's life means for money: what it costs when placed, and that nothing is owed when cancelled."""

from __future__ import annotations

from core.kernel.found import found
from core.kernel.tx import Tx
from core.menu.model import Dish
from core.orders.events import DishSubstituted, OrderCancelled, OrderMoved, OrderPlaced, StepTakenBack
from core.orders.model import Order, OrderState
from core.orders.moves import lines_of
from core.payments import ledger


def price(tx: Tx, order: Order) -> int:
    """Whole francs, a half portion rounded up; a dish that is gone costs nothing."""
    dishes = [(found(tx, Dish, dish_id), halves) for dish_id, halves in lines_of(tx, order)]
    return sum((dish.price_francs * halves + 1) // 2 for dish, halves in dishes if dish is not None)


def open_bill(tx: Tx, event: OrderPlaced) -> None:
    order = tx.get(Order, event.order_id)
    ledger.open_payment(
        tx,
        order_id=order.id,
        stay_id=order.stay_id,
        ward_id=order.ward_id,
        method=event.method,
        due_francs=price(tx, order),
    )


def drop_bill(tx: Tx, event: OrderCancelled) -> None:
    ledger.owe_nothing(tx, order_id=event.order_id, reason="cancelled")


def lower_bill(tx: Tx, event: DishSubstituted) -> None:
    """What takes a dish's place never costs more than what was ordered (R53), and less when it is cheaper."""
    ledger.lower_due(tx, order_id=event.order_id, due_francs=price(tx, tx.get(Order, event.order_id)))


def move_bill(tx: Tx, event: OrderMoved) -> None:
    ledger.move_due(tx, order_id=event.order_id, ward_id=tx.get(Order, event.order_id).ward_id)


def take_charge_back(tx: Tx, event: StepTakenBack) -> None:
    """A hand-over that was a mistake is not paid; the next one is."""
    if event.step in (OrderState.DELIVERED, OrderState.HANDED_TO_NURSE):
        ledger.uncharge(tx, order_id=event.order_id, reason="taken_back")
