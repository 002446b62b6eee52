"""What a hand-over means for money: a meal costs when it was given, or when it was refused (R24)."""

from __future__ import annotations

from core.delivery.events import TrayGiven, TrayNotGiven
from core.kernel.tx import Tx
from core.orders.events import StepForced
from core.orders.model import OrderState
from core.payments import ledger


def charge_given(tx: Tx, event: TrayGiven) -> None:
    if event.charged:
        ledger.charge(tx, order_id=event.order_id)
    else:
        ledger.owe_nothing(tx, order_id=event.order_id, reason="against_rules")


def charge_not_given(tx: Tx, event: TrayNotGiven) -> None:
    """Charged and never handed over: nobody asks for cash at the bed, the stay owes it."""
    if not event.charged:
        return ledger.owe_nothing(tx, order_id=event.order_id, reason="not_given")
    ledger.charge(tx, order_id=event.order_id)
    ledger.put_on_account(tx, order_id=event.order_id)


def charge_forced(tx: Tx, event: StepForced) -> None:
    """A step that an administrator says costs what the same step costs by itself."""
    if event.step in (OrderState.DELIVERED, OrderState.HANDED_TO_NURSE):
        ledger.charge(tx, order_id=event.order_id)
    elif event.step == OrderState.UNDELIVERABLE:
        ledger.owe_nothing(tx, order_id=event.order_id, reason="not_given")
