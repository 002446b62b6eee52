"""What is asked of meals that were ordered: with their lines, the newest first, and how each is paid."""

from __future__ import annotations

from core.kernel.tx import Tx
from core.orders import queries
from core.orders.commands import StartCooking
from core.payments.queries import payment_of, payments_of
from tests import given


def test_a_patients_meals_come_with_their_lines_the_newest_first(tx: Tx) -> None:
    stay = given.stay(tx)
    early = given.order(tx, stay=stay, dishes=(given.RICE, given.BEANS))
    late = given.order(tx, stay=stay, dishes=(given.SALTY,), placed_at=given.MORNING + 1_000)
    given.order(tx)
    found = queries.meals_of_stay(given.saved(tx), stay.id)
    assert [meal.order.id for meal in found] == [late.id, early.id]
    assert [sorted(meal.dishes) for meal in found] == [[(given.SALTY, 2)], [(given.BEANS, 2), (given.RICE, 2)]]


def test_no_more_meals_come_than_were_asked_for(tx: Tx) -> None:
    stay = given.stay(tx)
    for minute in range(3):
        given.order(tx, stay=stay, placed_at=given.MORNING + minute)
    assert len(queries.meals_of_stay(given.saved(tx), stay.id, limit=2)) == 2


def test_one_meal_is_found_by_its_id_and_nothing_by_another(tx: Tx) -> None:
    order = given.order(tx)
    db = given.saved(tx)
    found = queries.meal(db, order.id)
    assert found is not None and found.order.id == order.id
    assert queries.meal(db, "0" * 32) is None


def test_the_steps_of_an_order_come_in_the_sequence_they_were_made(tx: Tx) -> None:
    order = given.order(tx)
    given.perform(tx, StartCooking(order_id=order.id))
    assert [move.to_state for move in queries.moves_of(given.saved(tx), order.id)] == ["confirmed", "cooking"]


def test_lines_of_many_orders_come_by_order(tx: Tx) -> None:
    orders = [given.order(tx, dishes=(dish,)) for dish in (given.RICE, given.BEANS)]
    lines = queries.lines_of_orders(given.saved(tx), [order.id for order in orders])
    assert [lines[order.id][0].dish_id for order in orders] == [given.RICE, given.BEANS]


def test_each_order_has_its_payment(tx: Tx) -> None:
    order = given.order(tx, method="cash", dishes=(given.RICE,))
    db = given.saved(tx)
    payment = payment_of(db, order.id)
    assert payment is not None and (payment.method, payment.due_francs) == ("cash", 500)
    assert payments_of(db, [order.id]) == {order.id: payment}
    assert payment_of(db, "nobody's") is None
