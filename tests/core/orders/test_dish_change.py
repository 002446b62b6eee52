"""R14: when a dish changes, what was ordered of it is judged again: at once where it is little,
in portions where it is much."""

from __future__ import annotations

import pytest

from core.kernel.refusal import Unknown
from core.kernel.tx import RowChange, Tx
from core.kernel.values import HOUR_MS, SYSTEM
from core.menu.commands import BackInStock, MarkOutOfStock, Part, SetDish, SetIngredient
from core.menu.model import Dish
from core.orders import sweep
from core.orders.model import Order, OrderLine, OrderMove, OrderState
from core.orders.sweep import CloseSweep, JudgeAgain, judging, judging_of
from core.store.read import TxSource
from tests import given

S = OrderState
LATER = given.NOON + 1


def now_holds(tx: Tx, ingredient: str, allergen: str, *, at: int = given.NOON, sodium_mg: int = 10) -> given.Done:
    """The ingredient turns out to hold an allergen."""
    command = SetIngredient(
        ingredient_id=ingredient,
        name_en="x",
        name_fr="x",
        name_rw="x",
        verified=True,
        allergens=(allergen,),
        sodium_mg=sodium_mg,
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


def test_r41_a_start_that_did_not_know_wins_over_what_ran_out(tx: Tx) -> None:
    order = given.order(tx)
    given.perform(tx, MarkOutOfStock(dish_id=given.RICE), by=given.COOK)
    done = given.perform(tx, given.start(order), by=given.COOK)
    cooking = given.now(tx, order)
    assert (done.cases, cooking.state, cooking.held_for, cooking.stop) == ([], S.COOKING, "", "")


def test_r41_whoever_knows_that_it_ran_out_does_not_start_it(tx: Tx) -> None:
    order = given.order(tx)
    given.perform(tx, MarkOutOfStock(dish_id=given.RICE), by=given.COOK)
    assert given.refusal_at_press(tx, given.start(order), by=given.COOK) == "order_held"


def test_r41_a_start_does_not_win_over_what_harms(tx: Tx) -> None:
    order = for_allergic(tx)
    given.perform(tx, MarkOutOfStock(dish_id=given.RICE), by=given.COOK)
    now_holds(tx, "rice", "fish")
    done = given.perform(tx, given.start(order), by=given.COOK)
    assert (done.cases, given.now(tx, order).stop) == (["cooked_against_rules"], "allergy")


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


def left(tx: Tx, *, at: int = LATER) -> list[JudgeAgain | CloseSweep]:
    """What time finds to do, as the server asks for it."""
    db = given.saved(tx)
    return [judging_of(key) for key, _ in judging(Tx(given.source(tx)), db, at)]


def judged(tx: Tx) -> list[str]:
    return [order_id for act in left(tx) if isinstance(act, JudgeAgain) for order_id in act.order_ids]


def swept(tx: Tx) -> None:
    for act in left(tx):
        given.perform(tx, act, by=SYSTEM, at=LATER)


@pytest.fixture
def nothing_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "AT_ONCE", 0)


@pytest.mark.usefixtures("nothing_at_once")
def test_r14_what_one_change_leaves_is_found_by_time_nearest_to_a_mouth_first(tx: Tx) -> None:
    orders = [for_allergic(tx, state=state) for state in (S.CONFIRMED, S.OUT, S.DELIVERED, S.READY)]
    now_holds(tx, "rice", "fish")
    assert judged(tx) == [orders[1].id, orders[3].id, orders[0].id]


@pytest.mark.usefixtures("nothing_at_once")
def test_r14_the_writer_only_judges_what_comes_out_otherwise(tx: Tx) -> None:
    allergic, other = for_allergic(tx), given.order(tx, dishes=(given.RICE,))
    now_holds(tx, "rice", "fish")
    found = judged(tx)
    swept(tx)
    assert (found, given.now(tx, allergic).state, given.now(tx, other)) == ([allergic.id], S.HELD, other)


@pytest.mark.usefixtures("nothing_at_once")
def test_r14_a_sweep_that_is_over_is_not_begun_again_until_the_dish_changes_anew(tx: Tx) -> None:
    order = given.order(tx, dishes=(given.RICE,))
    now_holds(tx, "rice", "fish")
    swept(tx)
    over = left(tx)
    now_holds(tx, "rice", "milk", at=LATER + 1)
    again = left(tx, at=LATER + 2)
    assert (over, given.now(tx, order).state) == ([], S.CONFIRMED)
    assert [type(act) for act in again] == [CloseSweep]


@pytest.mark.usefixtures("nothing_at_once")
def test_r14_a_dish_that_changed_during_its_sweep_is_swept_again(tx: Tx) -> None:
    order = for_allergic(tx)
    now_holds(tx, "rice", "milk")
    found = left(tx)
    now_holds(tx, "rice", "fish", at=LATER)
    for act in found:
        given.perform(tx, act, by=SYSTEM, at=LATER)
    assert judged(tx) == [order.id]


@pytest.mark.usefixtures("nothing_at_once")
def test_r11_other_meals_of_a_day_with_a_limit_are_judged_by_what_the_dish_brings_now(tx: Tx) -> None:
    stay = given.stay(tx)
    given.prescribe(tx, stay.id, limits={"sodium_mg": 1_000}, at=given.MORNING)
    lunch = given.order(tx, stay=stay, dishes=(given.RICE,))
    dinner = given.order(tx, stay=stay, dishes=(given.SALTY,), service=given.DINNER, placed_at=given.NOON)
    now_holds(tx, "rice", "fish", sodium_mg=200, at=given.NOON + 1)
    assert judged(tx) == [lunch.id, dinner.id]


@pytest.mark.usefixtures("nothing_at_once")
def test_r14_what_is_found_beside_the_writer_is_what_judging_again_would_change(tx: Tx) -> None:
    for state in (S.CONFIRMED, S.COOKING, S.READY, S.OUT, S.HELD, S.KITCHEN_ISSUE):
        for_allergic(tx, state=state)
        given.order(tx, state=state, dishes=(given.RICE,))
    now_holds(tx, "rice", "fish")
    found = judged(tx)
    done = given.perform(tx, JudgeAgain(order_ids=tuple(found)), by=SYSTEM, at=LATER)
    moved = {change.after.id for change in done.changes if isinstance(change.after, Order) and _is_news(change)}
    assert (len(found), moved, judged(tx)) == (5, set(found), [])


def _is_news(change: RowChange) -> bool:
    """More of the order has changed than when it was judged."""
    assert change.before is not None
    aside = ("version", "checked_at")
    return any(
        value != change.before.__dict__[name] for name, value in change.after.__dict__.items() if name not in aside
    )


def test_an_order_placed_by_the_newest_facts_is_not_behind_them(tx: Tx) -> None:
    now_holds(tx, "rice", "fish", at=given.MORNING - HOUR_MS)
    given.order(tx, dishes=(given.RICE,))
    assert left(tx) == []


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
