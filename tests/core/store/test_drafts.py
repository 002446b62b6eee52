"""A cart is kept by the server until it is ordered; an order number is handed out once, whoever asks."""

from __future__ import annotations

import pytest

from core.kernel.values import DAY_MS
from core.store import drafts
from core.store.drafts import CartLine
from core.store.open import Store
from tests import given
from tests.sync.server.portal import Portal, admit, furnish

STAY = "stay-of-the-cart"


@pytest.fixture
def portal(server_store: Store) -> Portal:
    return furnish(server_store)


def test_a_line_is_set_changed_and_taken_out(portal: Portal) -> None:
    _set(portal, given.RICE, 2)
    _set(portal, given.BEANS, 1)
    _set(portal, given.RICE, 3)
    assert [(line.dish_id, line.halves) for line in _cart(portal)] == [(given.BEANS, 1), (given.RICE, 3)]
    _set(portal, given.BEANS, 0)
    assert [line.dish_id for line in _cart(portal)] == [given.RICE]


def test_a_cart_is_emptied_for_one_service_or_altogether(portal: Portal) -> None:
    _set(portal, given.RICE, 2)
    _set(portal, given.RICE, 2, service=given.DINNER)
    with portal.store.writing() as connection:
        drafts.empty_cart(connection, stay_id=STAY, service_id=given.LUNCH)
    assert [line.service_id for line in _cart(portal)] == [given.DINNER]
    with portal.store.writing() as connection:
        drafts.empty_cart(connection, stay_id=STAY)
    assert _cart(portal) == []


def test_a_cart_that_nobody_touched_is_swept_away(portal: Portal) -> None:
    _set(portal, given.RICE, 2)
    with portal.store.writing() as connection:
        drafts.sweep(connection, before=given.MORNING + DAY_MS)
    assert _cart(portal) == []


def test_what_was_ordered_is_no_longer_in_the_cart_though_nobody_emptied_it(portal: Portal) -> None:
    stay = admit(portal)
    with portal.store.writing() as connection:
        for dish, at in ((given.RICE, given.MORNING), (given.BEANS, given.MORNING + 2_000)):
            drafts.set_line(connection, stay_id=stay.id, service_id=given.LUNCH, dish_id=dish, halves=2, at=at)
    portal.clock.at = given.MORNING + 1_000
    portal.do(given.place(stay, given.RICE).model_copy(update={"number": "L-0001"}), given.NURSE)
    with portal.store.reading() as connection:
        assert [line.dish_id for line in drafts.cart_of(connection, stay.id)] == [given.BEANS]


def test_numbers_are_handed_out_once(portal: Portal) -> None:
    assert [_take(portal, 10), _take(portal, 10), _take(portal, 1)] == [1, 11, 21]


def test_a_number_on_an_order_already_is_passed_over(portal: Portal) -> None:
    stay = admit(portal)
    portal.do(given.place(stay, given.RICE).model_copy(update={"number": "L-0041"}), given.NURSE)
    portal.do(given.place(stay, given.RICE).model_copy(update={"number": "L-8003"}), given.NURSE)
    assert _take(portal, 5) == 42, "the consoles' own numbers begin at 8000"


def test_numbers_that_were_not_needed_are_given_back_if_nobody_took_more(portal: Portal) -> None:
    _take(portal, 10)
    _give_back(portal, [4, 5, 6, 7, 8, 9, 10])
    assert _take(portal, 10) == 4
    _take(portal, 10)
    _give_back(portal, [12, 13])
    assert _take(portal, 1) == 24


def _set(portal: Portal, dish: str, halves: int, service: str = given.LUNCH) -> None:
    with portal.store.writing() as connection:
        drafts.set_line(connection, stay_id=STAY, service_id=service, dish_id=dish, halves=halves, at=given.MORNING)


def _cart(portal: Portal) -> list[CartLine]:
    with portal.store.reading() as connection:
        return drafts.cart_of(connection, STAY)


def _take(portal: Portal, count: int) -> int:
    with portal.store.writing() as connection:
        return drafts.take_numbers(connection, service_id=given.LUNCH, count=count)


def _give_back(portal: Portal, unused: list[int]) -> None:
    with portal.store.writing() as connection:
        drafts.give_numbers_back(connection, service_id=given.LUNCH, unused=unused)
