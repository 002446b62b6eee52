"""R14: when a dish changes, what was ordered of it is judged again: at once where it is little,
in portions where it is much."""

from __future__ import annotations

import pytest

from core.kernel.refusal import Unknown
from core.kernel.tx import Tx
from core.kernel.values import HOUR_MS, SYSTEM
from core.menu.commands import BackInStock, MarkOutOfStock, Part, SetDish, SetIngredient
from core.menu.model import Dish
from core.orders import sweep
from core.orders.model import Order, OrderLine, OrderMove, OrderState
from core.orders.sweep import JudgeAgain, behind
from core.store.read import TxSource
from tests import given

S = OrderState
LATER = given.NOON + 1


def now_holds(tx: Tx, ingredient: str, allergen: str, *, at: int = given.NOON) -> given.Done:
    """The ingredient turns out to hold an allergen."""
    command = SetIngredient(
        ingredient_id=ingredient,
        name_en="x",
        name_fr="x",
        name_rw="x",
        verified=True,
        allergens=(allergen,),
        sodium_mg=10,
    )
    return given.perform(tx, command, by=given.LEAD, at=at)


def for_allergic(tx: Tx, *, state: OrderState = S.CONFIRMED, dishes: tuple[str, ...] = (given.RICE,)) -> Order:
    return given.order(tx, state=state, stay=given.stay(tx, allergies=("fish",)), dishes=dishes)


def test_r14_an_ingredient_that_turns_out_to_hold_the_allergen_holds_the_meals_of_the_allergic(tx: Tx) -> None:
    allergic, other = for_allergic(tx), given.order(tx, dishes=(given.RICE,))
    now_holds(tx, "rice", "fish")
    held = given.now(tx, allergic)
    assert (held.state, held.held_for, given.now(tx, other).state) == (S.HELD, "allergy", S.CONFIRMED)


@pytest.mark.parametrize("state", [S.COOKING, S.READY, S.OUT])
def test_r14_a_meal_on_its_way_gets_its_stop_in_the_transaction_of_the_recipe(tx: Tx, state: OrderState) -> None:
    order = for_allergic(tx, state=state)
    done = now_holds(tx, "rice", "fish")
    stopped = [change.after for change in done.changes if isinstance(change.after, Order)]
    assert [(one.id, one.stop) for one in stopped] == [(order.id, "allergy")]


def test_r14_a_recipe_reaches_the_meals_through_every_dish_that_holds_it(tx: Tx) -> None:
    paste = SetDish(
        dish_id="paste",
        name_en="p",
        name_fr="p",
        name_rw="p",
        sold=False,
        parts=(Part(ingredient_id="beans", grams=9),),
    )
    stew = SetDish(
        dish_id="stew", name_en="s", name_fr="s", name_rw="s", services=("lunch",), suits=("regular",),
        parts=(Part(recipe_id="paste", grams=9),),
    )  # fmt: skip
    for command in (paste, stew):
        given.perform(tx, command, by=given.LEAD, at=given.MORNING)
    order = for_allergic(tx, dishes=("stew",))
    now_holds(tx, "beans", "fish")
    assert given.now(tx, order).held_for == "allergy"


def test_r41_a_dish_that_runs_out_holds_what_is_not_begun_and_leaves_what_cooks(tx: Tx) -> None:
    waiting, cooking = given.order(tx), given.order(tx, state=S.COOKING)
    given.perform(tx, MarkOutOfStock(dish_id=given.RICE), by=given.COOK)
    assert [(given.now(tx, one).state, given.now(tx, one).stop) for one in (waiting, cooking)] == [
        (S.HELD, ""),
        (S.COOKING, ""),
    ]
    assert given.now(tx, waiting).held_for == "out_of_stock"


def test_r41_when_it_is_back_the_meals_are_released_by_themselves(tx: Tx) -> None:
    order = given.order(tx)
    given.perform(tx, MarkOutOfStock(dish_id=given.RICE), by=given.COOK)
    given.perform(tx, BackInStock(dish_id=given.RICE), by=given.COOK)
    steps = [(step.to_state, step.reason) for step in tx.all(OrderMove, of=order)]
    assert (given.now(tx, order).held_for, steps[1:]) == (
        "",
        [(S.HELD, "out_of_stock"), (S.CONFIRMED, "allowed_again")],
    )


def test_r41_a_meal_that_is_held_for_its_patient_is_not_released_by_the_stock(tx: Tx) -> None:
    order = given.order(tx)
    given.perform(tx, MarkOutOfStock(dish_id=given.RICE), by=given.COOK)
    given.nil_by_mouth(tx, order.stay_id)
    given.perform(tx, BackInStock(dish_id=given.RICE), by=given.COOK)
    assert (given.now(tx, order).state, given.now(tx, order).held_for) == (S.HELD, "nil_by_mouth")


@pytest.mark.parametrize("state", [S.DELIVERED, S.UNDELIVERABLE, S.CANCELLED, S.COMPLETED])
def test_r13_a_meal_that_is_over_is_left_alone(tx: Tx, state: OrderState) -> None:
    order = for_allergic(tx, state=state)
    now_holds(tx, "rice", "fish")
    assert given.now(tx, order) == order


def test_one_change_judges_so_many_at_once_and_no_more(tx: Tx, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "AT_ONCE", 2)
    orders = [for_allergic(tx, state=state) for state in (S.CONFIRMED, S.OUT, S.CONFIRMED, S.READY)]
    now_holds(tx, "rice", "fish")
    assert [bool(given.now(tx, one).stop or given.now(tx, one).held_for) for one in orders] == [
        False,
        True,
        False,
        True,
    ]


def test_what_one_change_leaves_is_found_by_time_nearest_to_a_mouth_first(
    tx: Tx, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "AT_ONCE", 0)
    orders = [for_allergic(tx, state=state) for state in (S.CONFIRMED, S.OUT, S.DELIVERED, S.READY)]
    now_holds(tx, "rice", "fish")
    found = [order_id for order_id, _ in behind(given.saved(tx), limit=9)]
    assert found == [orders[1].id, orders[3].id, orders[0].id]


def test_what_was_judged_again_is_not_found_again_whatever_came_of_it(tx: Tx, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "AT_ONCE", 0)
    allergic, other = for_allergic(tx), given.order(tx, dishes=(given.RICE,))
    now_holds(tx, "rice", "fish")
    given.perform(tx, JudgeAgain(order_ids=(allergic.id, other.id)), by=SYSTEM, at=LATER)
    assert (given.now(tx, allergic).state, given.now(tx, other).state) == (S.HELD, S.CONFIRMED)
    assert behind(given.saved(tx), limit=9) == []


def test_an_order_placed_by_the_newest_facts_is_not_behind_them(tx: Tx) -> None:
    now_holds(tx, "rice", "fish", at=given.MORNING - HOUR_MS)
    given.order(tx, dishes=(given.RICE,))
    assert behind(given.saved(tx), limit=9) == []


def test_a_price_or_a_name_judges_nobody(tx: Tx) -> None:
    order = given.order(tx, dishes=(given.RICE,))
    done = given.perform(tx, _renamed(tx, price=900), by=given.LEAD)
    assert [change for change in done.changes if isinstance(change.after, Order)] == []
    assert given.now(tx, order) == order


def test_no_console_asks_for_all_meals_of_a_dish(tx: Tx) -> None:
    dish = tx.get(Dish, given.RICE)
    console = Tx(TxSource(given.source(tx).connection, whole=False))
    with pytest.raises(Unknown):
        console.newest(OrderLine, of=dish, most=5)


def test_the_newest_meals_of_a_dish_are_read_and_those_of_this_batch_are_among_them(tx: Tx) -> None:
    orders = [given.order(tx, dishes=(given.RICE,)) for _ in range(3)]
    given.saved(tx)
    fresh = Tx(tx.source)
    orders.append(given.order(fresh, dishes=(given.RICE,)))
    newest = [line.order_id for line in fresh.newest(OrderLine, of=fresh.get(Dish, given.RICE), most=2)]
    assert newest == [order.id for order in reversed(orders[1:])]


def _renamed(tx: Tx, *, price: int) -> SetDish:
    dish = tx.get(Dish, given.RICE)
    return SetDish(
        dish_id=dish.id, name_en="Rice", name_fr="Riz", name_rw="Umuceri", category=dish.category, price_francs=price,
        suits=tuple(dish.suits.split()), services=tuple(dish.services.split()), portion_grams=dish.portion_grams,
        parts=(Part(ingredient_id="rice", grams=100),),
    )  # fmt: skip
