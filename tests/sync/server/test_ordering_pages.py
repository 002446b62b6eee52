"""From the cart to an order: judged at every step, counted once however often it is sent, refused in words."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import func, select

from core.diets.allergies import RecordAllergy
from core.diets.commands import PrescribeDiet, StartNilByMouth
from core.diets.model import DietAttempt
from core.menu.commands import MarkOutOfStock
from core.orders.attempts import Ordered
from core.orders.commands import StartCooking
from core.orders.model import Order, OrderLine, OrderState
from core.orders.placing import PlaceOrder
from core.payments.model import Payment
from core.store.open import Store
from core.store.tables import TABLES
from tests import given
from tests.sync.server.portal import Phone, Portal, admit, furnish

CHECKOUT = f"/patient/checkout/{given.LUNCH}"


def test_what_is_chosen_lies_in_the_cart_with_its_price(patient: Phone) -> None:
    patient.put_in_cart(given.RICE, given.BEANS)
    patient.get("/patient/cart")
    assert "Cart 2" in patient.text and "1,200 RWF" in patient.text


def test_pressing_the_button_twice_puts_one_portion_in(patient: Phone) -> None:
    patient.put_in_cart(given.RICE, given.RICE)
    assert "500 RWF" in patient.get("/patient/cart").text


def test_a_half_portion_costs_half_rounded_up(patient: Phone) -> None:
    patient.put_in_cart(given.RICE, amount="1")
    assert "250 RWF" in patient.get("/patient/cart").text


def test_a_line_can_be_taken_out_and_the_cart_cleared(patient: Phone) -> None:
    patient.put_in_cart(given.RICE, given.BEANS)
    patient.put_in_cart(given.RICE, amount="0")
    assert "700 RWF" in patient.get("/patient/cart").text
    patient.post("/patient/cart", {"token": patient.hidden("token"), "clear": given.LUNCH})
    assert "Your cart is empty." in patient.follow().text


def test_a_dish_against_an_allergy_does_not_go_in_and_says_why(patient: Phone) -> None:
    patient.put_in_cart(given.ISOMBE).follow()
    assert f"{given.ISOMBE} is not for you: contains peanut, and you have a peanut allergy." in patient.text
    assert "It is not in your cart. The rest is still there." in patient.text
    assert f"Instead: {given.BEANS}" in patient.text
    assert "Your cart is empty." in patient.get("/patient/cart").text


def test_the_attempt_is_kept_once_for_each_page_it_was_pressed_on(patient: Phone, portal: Portal) -> None:
    patient.put_in_cart(given.ISOMBE, given.ISOMBE)
    attempts = _rows(portal.store, DietAttempt)
    assert [(one.dish_id, one.code, one.step) for one in attempts] == [(given.ISOMBE, "allergy", "order")]


def test_an_order_is_placed_with_its_lines_its_wish_and_its_bill(patient: Phone, portal: Portal) -> None:
    order = portal.order(patient.order(given.RICE, given.BEANS, wish="  warm,  please "))
    assert (order.state, order.wish, order.number) == (OrderState.CONFIRMED, "warm, please", "L-0001")
    assert sorted(line.dish_id for line in _rows(portal.store, OrderLine)) == [given.BEANS, given.RICE]
    (payment,) = _rows(portal.store, Payment)
    assert (payment.method, payment.due_francs, payment.state) == ("cash", 1_200, "pending")


def test_the_hospital_account_is_the_other_way_to_pay(patient: Phone, portal: Portal) -> None:
    patient.order(given.RICE, method="account")
    assert [payment.state for payment in _rows(portal.store, Payment)] == ["authorised"]


def test_after_ordering_the_cart_is_empty(patient: Phone) -> None:
    patient.order()
    assert "Cart 0" in patient.get("/patient/menu").text


def test_a_form_sent_twice_is_one_order_and_leads_to_it(patient: Phone, portal: Portal) -> None:
    patient.put_in_cart(given.RICE)
    form = patient.order_form()
    first = patient.post(CHECKOUT, form).location
    assert patient.post(CHECKOUT, form).location == first
    assert len(_rows(portal.store, Order)) == 1


def test_two_clicks_at_the_same_moment_are_one_order(patient: Phone, portal: Portal) -> None:
    patient.put_in_cart(given.RICE)
    form = patient.order_form()
    found: list[str] = []

    def click() -> None:
        answer = patient.client.post(CHECKOUT, data=form)
        found.append(answer.headers["location"])

    clicks = [threading.Thread(target=click) for _ in range(4)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()
    assert len(set(found)) == 1
    assert len(_rows(portal.store, Order)) == 1


def test_numbers_go_on_from_order_to_order_and_pass_over_taken_ones(patient: Phone, portal: Portal) -> None:
    stay_id = _rows_of_stay(portal)
    patient.order(given.RICE)
    taken = PlaceOrder(stay_id=stay_id, service_id=given.LUNCH, number="L-0002", lines=(Ordered(dish_id=given.RICE),))
    portal.do(taken, given.NURSE)
    patient.order(given.RICE)
    numbers = sorted(order.number for order in _rows(portal.store, Order))
    assert numbers[:2] == ["L-0001", "L-0002"] and len(set(numbers)) == 3


def test_a_new_server_goes_on_with_the_numbers_of_the_old_one(portal: Portal) -> None:
    for _ in range(2):
        with portal.open() as phone:
            phone.enter()
            phone.order(given.RICE)
    assert sorted(order.number for order in _rows(portal.store, Order)) == ["L-0001", "L-0002"]


def test_an_allergy_recorded_between_cart_and_order_refuses_takes_out_and_tells(patient: Phone, portal: Portal) -> None:
    patient.put_in_cart(given.RICE, given.MILK_PORRIDGE)
    form = patient.order_form()
    portal.do(RecordAllergy(stay_id=_rows_of_stay(portal), code="milk"), given.NURSE)
    patient.post(CHECKOUT, form)
    assert patient.location.startswith(CHECKOUT) or patient.location.startswith("/patient/cart")
    assert _rows(portal.store, Order) == []


def test_what_the_server_refuses_is_told_in_three_parts_with_one_suggestion(
    patient: Phone, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page had judged it allowed; the rules became newer on the way to the writer."""
    from sync.server.pages import checkout

    patient.put_in_cart(given.RICE, given.MILK_PORRIDGE)
    form = patient.order_form()
    before = checkout._next_number

    async def meanwhile(house: object, service_id: str) -> int:
        portal.do(RecordAllergy(stay_id=_rows_of_stay(portal), code="milk"), given.NURSE)
        return await before(house, service_id)  # type: ignore[arg-type]

    monkeypatch.setattr(checkout, "_next_number", meanwhile)
    patient.post(CHECKOUT, form).follow()
    assert f"{given.MILK_PORRIDGE} is not for you: contains milk, and you have a milk allergy." in patient.text
    assert "We took it out; the rest is still here." in patient.text
    assert "Instead: " in patient.text
    assert "Order for 500 RWF" in patient.text
    assert [one.code for one in _rows(portal.store, DietAttempt)] == ["allergy"]
    assert _rows(portal.store, Order) == []


def test_nil_by_mouth_leaves_the_cart_and_takes_no_order(patient: Phone, portal: Portal) -> None:
    patient.put_in_cart(given.RICE)
    form = patient.order_form()
    portal.do(StartNilByMouth(stay_id=_rows_of_stay(portal), reason="doctor"), given.DOCTOR)
    patient.post(CHECKOUT, form)
    assert _rows(portal.store, Order) == []
    assert given.RICE in patient.get("/patient/cart").text


def test_a_cart_that_changed_meanwhile_is_shown_again_and_not_ordered(patient: Phone, portal: Portal) -> None:
    patient.put_in_cart(given.RICE)
    form = patient.order_form()
    patient.put_in_cart(given.BEANS)
    patient.post(CHECKOUT, form).follow()
    assert "Your cart has changed since you opened this page." in patient.text
    assert _rows(portal.store, Order) == []


def test_a_sold_out_dish_is_left_out_of_the_sum(patient: Phone, portal: Portal) -> None:
    patient.put_in_cart(given.RICE, given.BEANS)
    portal.do(MarkOutOfStock(dish_id=given.BEANS), given.COOK)
    patient.get("/patient/cart")
    assert "check this dish again" in patient.text and "500 RWF" in patient.text


def test_a_preference_must_be_confirmed(patient: Phone, portal: Portal) -> None:
    wish = PrescribeDiet(
        stay_id=_rows_of_stay(portal), replaces=(), components=("regular",), preferences=("vegetarian",)
    )
    portal.do(wish, given.DOCTOR)
    patient.put_in_cart(given.RICE)
    form = patient.order_form()
    patient.post(CHECKOUT, form)
    assert _rows(portal.store, Order) == []
    patient.post(CHECKOUT, patient.order_form(confirm="yes"))
    assert len(_rows(portal.store, Order)) == 1


def test_a_wish_with_signs_that_turn_the_writing_round_is_refused_in_words(patient: Phone, portal: Portal) -> None:
    patient.put_in_cart(given.RICE)
    patient.post(CHECKOUT, patient.order_form(wish="salt\u202efree")).follow()
    assert "Your wish holds signs that nobody can read." in patient.text
    assert _rows(portal.store, Order) == []


def test_after_the_cut_off_nothing_goes_in_the_cart(phone: Phone, portal: Portal) -> None:
    portal.clock.at = given.CUT_OFF - 1_000
    phone.enter()
    phone.get("/patient/menu")
    fields = {"token": phone.hidden("token"), "op_id": phone.hidden("op_id")}
    portal.clock.at = given.CUT_OFF + 1_000
    phone.post("/patient/cart", {**fields, "back": "menu", "line": f"{given.LUNCH}/{given.RICE}/+2"})
    assert "This meal can no longer be ordered." in phone.follow().text


def test_an_order_can_be_cancelled_until_the_kitchen_begins(patient: Phone, portal: Portal) -> None:
    order_id = patient.order()
    patient.get(f"/patient/orders/{order_id}")
    fields = {"token": patient.hidden("token"), "op_id": patient.hidden("op_id")}
    patient.post(f"/patient/orders/{order_id}/cancel", fields)
    assert portal.order(order_id).state == OrderState.CANCELLED
    assert "Cancelled" in patient.follow().text and "Nothing is owed for it." in patient.text


def test_once_it_cooks_a_cancellation_is_told_that_it_is_too_late(patient: Phone, portal: Portal) -> None:
    order_id = patient.order()
    patient.get(f"/patient/orders/{order_id}")
    fields = {"token": patient.hidden("token"), "op_id": patient.hidden("op_id")}
    portal.do(StartCooking(order_id=order_id), given.COOK)
    patient.post(f"/patient/orders/{order_id}/cancel", fields).follow()
    assert "Too late to cancel" in patient.text and "Tell your nurse." in patient.text
    assert portal.order(order_id).state == OrderState.COOKING


def test_a_whole_meal_is_ordered_on_either_database(server_store: Store) -> None:
    hospital = furnish(server_store)
    admit(hospital, allergies=("peanut",))
    with hospital.open() as phone:
        phone.enter()
        phone.put_in_cart(given.ISOMBE)
        order_id = phone.order(given.RICE, given.BEANS)
        assert "Order confirmed" in phone.get(f"/patient/orders/{order_id}").text
    assert hospital.order(order_id).number == "L-0001"
    assert [one.code for one in _rows(server_store, DietAttempt)] == ["allergy"]


def _rows(store: Store, table: type) -> list:  # type: ignore[type-arg]
    with store.reading() as connection:
        rows = connection.execute(select(TABLES[table]).order_by(TABLES[table].c.id)).mappings()
        return [table.trusted(dict(row)) for row in rows]  # type: ignore[attr-defined]


def _rows_of_stay(portal: Portal) -> str:
    from core.wards.model import Stay

    with portal.store.reading() as connection:
        return str(connection.execute(select(func.max(TABLES[Stay].c.id))).scalar_one())
