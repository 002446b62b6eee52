"""A patient's pages tell how many meals followed the plan (R28), and that another dish took the place of one."""

from __future__ import annotations

import pytest

from core.delivery.commands import GiveTray, TakeOut
from core.orders.commands import MarkReady, StartCooking
from core.orders.held import SubstituteDish
from core.orders.model import OrderLine
from core.store.read import TxSource
from tests import given
from tests.sync.server.portal import Phone, Portal


def served(portal: Portal, order_id: str) -> None:
    for command, by in (
        (StartCooking(order_id=order_id), given.COOK),
        (MarkReady(order_id=order_id), given.COOK),
        (TakeOut(order_id=order_id), given.RUNNER),
        (GiveTray(order_id=order_id, wristband=portal.order(order_id).stay_id), given.RUNNER),
    ):
        portal.do(command, by)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "1 of 1 meal followed your plan."),
        ("fr", "1 repas sur 1 a suivi votre régime."),
        ("rw", "Ifunguro 1 kuri 1 ryakurikije indyo yawe."),
    ],
)
def test_r28_the_first_page_tells_how_many_meals_followed_the_plan(
    patient: Phone, portal: Portal, language: str, said: str
) -> None:
    served(portal, patient.order())
    assert said in patient.get(f"/patient/?language={language}").text


def test_r28_before_the_first_meal_nothing_is_said_of_it(patient: Phone) -> None:
    patient.order()
    assert "followed your plan" not in patient.get("/patient/?language=en").text


def test_another_dish_in_a_meal_is_told_on_its_page(patient: Phone, portal: Portal) -> None:
    order_id = patient.order(given.RICE)
    with portal.store.reading() as connection:
        lines = TxSource(connection, whole=True).owned(OrderLine, "order_id", [order_id])[order_id]
    swap = SubstituteDish(order_id=order_id, line_id=lines[0].id, dish_id=given.BEANS)
    portal.do(swap, given.NUTRITIONIST)
    assert f"instead of {given.RICE}" in patient.get(f"/patient/orders/{order_id}").text
