"""The life of an order, from the patient's wish to the empty tray."""

from __future__ import annotations

import pytest

from core.kernel.tx import Tx
from core.orders.commands import StartCooking
from core.orders.model import OrderState
from tests import given


@pytest.mark.parametrize(
    "state", [state for state in OrderState if state not in (OrderState.PAYMENT_PENDING, OrderState.PAYMENT_FAILED)]
)
def test_a_meal_reaches_every_state_by_the_acts_of_those_whose_work_it_is(tx: Tx, state: OrderState) -> None:
    order = given.order(tx, state=state)

    assert state == order.state


def test_a_confirmed_meal_goes_to_the_stove(tx: Tx) -> None:
    order = given.order(tx)

    done = given.perform(tx, StartCooking(order_id=order.id))

    assert (OrderState.COOKING, []) == (given.now(tx, order).state, done.cases)
