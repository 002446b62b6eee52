"""The held list settles a meal with one key: the nearest dish that this patient may have takes the place."""

from __future__ import annotations

import pytest

from core.kernel.tx import Tx
from core.orders.model import OrderState
from tests import given
from tests.consoles.clinical.conftest import Desk
from tests.consoles.clinical.doing import (
    DESK,
    LAPTOP,
    NUTRITIONIST,
    card_of,
    message,
    order_here,
    press,
    rows,
    saved,
    shown,
    sign_in,
)
from tests.kitchen_tui import lunch


def held_for_the_diet(tx: Tx) -> None:
    given.dish(tx, "brochette", "plain", price=900, suits=("regular",))
    lunch.order(tx, lunch.Meal("L-0412", "A-015", (("brochette", 2),)))
    lunch.prescribe(tx, "stay-A-015", ("low_salt",), at=lunch.NOW - 60_000)


@pytest.mark.parametrize("screen", ["1", "3"], ids=["my day", "held"])
async def test_s_puts_the_dish_in_place_that_stands_under_the_meal(desk: Desk, tx: Tx, screen: str) -> None:
    held_for_the_diet(tx)
    async with desk().run_test(size=DESK) as pilot:
        await sign_in(pilot, NUTRITIONIST)
        await press(pilot, screen)
        below = rows(pilot)[4].strip()
        assert below.startswith("s  brochette -> ")
        await press(pilot, "s")
        assert (saved(pilot), order_here(pilot, "L-0412").state) == (["orders.substitute_dish"], OrderState.CONFIRMED)
        assert message(pilot).startswith("SUBSTITUTE L-0412  A-015  brochette -> ")
        assert "L-0412" not in "\n".join(rows(pilot)[3:-3])


async def test_s_on_a_meal_of_somebody_who_may_not_eat_says_that_no_dish_helps(desk: Desk, tx: Tx) -> None:
    lunch.served(tx)
    given.nil_by_mouth(tx, "stay-A-009", at=lunch.NOW - 60_000)
    async with desk().run_test(size=LAPTOP) as pilot:
        await sign_in(pilot, NUTRITIONIST)
        await press(pilot, "3", "end", "s")
        assert (saved(pilot), "No other dish would help:" in message(pilot)) == ([], True)


async def test_s_without_an_allowed_dish_changes_nothing(desk: Desk, tx: Tx) -> None:
    held_for_the_diet(tx)
    lunch.prescribe(tx, "stay-A-015", ("high_protein",), at=lunch.NOW - 30_000)
    async with desk().run_test(size=DESK) as pilot:
        await sign_in(pilot, NUTRITIONIST)
        await press(pilot, "3")
        assert "-  brochette -> No allowed dish is left." in shown(pilot)
        await press(pilot, "s")
        assert (saved(pilot), message(pilot)) == ([], "No allowed dish is left.")


async def test_my_day_s_on_somebody_new_says_what_to_choose(desk: Desk, tx: Tx) -> None:
    lunch.swing(tx)
    async with desk().run_test(size=DESK) as pilot:
        await sign_in(pilot, NUTRITIONIST)
        await press(pilot, "end", "s")
        assert message(pilot) == "Choose a held meal first."


async def test_enter_opens_the_card_where_the_new_dish_stands(desk: Desk, tx: Tx) -> None:
    held_for_the_diet(tx)
    async with desk().run_test(size=DESK) as pilot:
        await sign_in(pilot, NUTRITIONIST)
        await press(pilot, "3", "enter")
        assert card_of(pilot).stay_id == "stay-A-015"
        assert "L-0412  brochette" in shown(pilot)


async def test_a_meal_held_before_its_cut_off_says_until_when_and_what_comes_instead(desk: Desk, tx: Tx) -> None:
    given.service(tx, "dinner", hour=18)
    stay_id = lunch.admitted(tx, lunch.Meal("", "A-015", (), allergies=None))
    placed = lunch.PlaceOrder(
        stay_id=stay_id, service_id=given.DINNER, number="D-0001", lines=(lunch.Ordered(dish_id="umuceri"),)
    )
    given.perform(tx, placed, by=given.DOCTOR, at=lunch.NOW)
    async with desk().run_test(size=LAPTOP) as pilot:
        await sign_in(pilot, NUTRITIONIST)
        await press(pilot, "3")
        assert "settle it by 16:15; at 16:30 the day's default takes its place, if one" in shown(pilot)
