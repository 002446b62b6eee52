"""Default trays: at the cut-off whoever may eat and has ordered nothing is fed, and nobody who may not is."""

from __future__ import annotations

from typing import Any

import pytest

from core.diets.allergies import RecordAllergiesAsked
from core.diets.commands import HoldTrays
from core.kernel.tx import Tx
from core.kernel.values import MINUTE_MS, SYSTEM
from core.menu.defaults import SetDefaultMeal
from core.menu.model import DefaultMeal
from core.orders.defaults import PlaceDefault, Without, owed, placing_of, without_order
from core.orders.model import Order, OrderLine, OrderState
from core.payments.model import Payment
from core.wards.away import MarkAway, MarkBack
from core.wards.model import Stay
from tests import given

S = OrderState
CUT_OFF, NOON = given.CUT_OFF, given.NOON


@pytest.fixture(autouse=True)
def defaults(tx: Tx) -> None:
    """Rice and goat for whoever may have it; else beans; else milk."""
    for rank, (name, dishes) in enumerate(
        (("salty", (given.RICE, given.SALTY)), ("plain", (given.BEANS,)), ("milk", (given.MILK_PORRIDGE,))), 1
    ):
        given.perform(tx, default(name, rank, *dishes), by=given.LEAD, at=given.MIDNIGHT)


def default(name: str, rank: int, *dishes: str, **more: Any) -> SetDefaultMeal:
    return SetDefaultMeal(default_id=name, kitchen_id="main", meal="lunch", rank=rank, dish_ids=dishes, **more)


def place(stay: Stay) -> PlaceDefault:
    return PlaceDefault(stay_id=stay.id, service_id=given.LUNCH, number="T-00001")


def served(tx: Tx, stay: Stay, *, at: int = CUT_OFF) -> Order:
    return given.perform(tx, place(stay), by=SYSTEM, at=at).added(Order)[0]


def dishes(tx: Tx, order: Order) -> list[str]:
    return [line.dish_id for line in tx.all(OrderLine, of=order)]


def whom(tx: Tx, at: int) -> list[str]:
    return [placing_of(key).stay_id for key, _ in owed(given.saved(tx), at, limit=99)]


# -- what comes -----------------------------------------------------------------------------------------------------


def test_whoever_has_ordered_nothing_gets_the_first_default_marked_as_such(tx: Tx) -> None:
    order = served(tx, given.stay(tx))
    assert (order.default, order.state, order.placed_by, dishes(tx, order)) == (
        True,
        S.CONFIRMED,
        "system",
        [given.RICE, given.SALTY],
    )
    assert (order.late, order.promised_at, tx.get(Payment, order.id).method) == (False, NOON + 4 * MINUTE_MS, "account")


def test_the_default_is_the_first_that_suits_the_diet(tx: Tx) -> None:
    order = served(tx, given.stay(tx, diet=("low_salt",)))
    assert (dishes(tx, order), order.state) == ([given.BEANS], S.CONFIRMED)


def test_an_allergen_or_an_empty_pot_sends_it_to_the_next(tx: Tx) -> None:
    stay = given.stay(tx, diet=("low_salt",))
    given.record_allergy(tx, stay.id, "beans", at=given.MORNING)
    assert dishes(tx, served(tx, stay)) == [given.MILK_PORRIDGE]


def test_where_nothing_suits_the_tray_is_held_for_somebody_to_choose(tx: Tx) -> None:
    stay = given.stay(tx, diet=("renal",))
    order = served(tx, stay)
    assert (order.state, order.held_for, order.default) == (S.HELD, "component", True)


def test_what_would_have_to_be_asked_is_not_served_by_itself(tx: Tx) -> None:
    stay = given.stay(tx)
    given.prescribe(tx, stay.id, preferences=("halal",), at=given.MORNING)
    assert served(tx, stay).state == S.HELD


def test_a_default_lives_like_any_meal(tx: Tx) -> None:
    order = served(tx, given.stay(tx))
    given.record_allergy(tx, order.stay_id, "rice")
    assert (given.now(tx, order).state, given.now(tx, order).held_for) == (S.HELD, "allergy")


# -- to whom --------------------------------------------------------------------------------------------------------


def test_it_is_owed_from_the_cut_off_until_the_carts_leave(tx: Tx) -> None:
    stay = given.stay(tx)
    owed_at = [whom(tx, at) for at in (CUT_OFF - 1, CUT_OFF, NOON - 1, NOON)]
    assert owed_at == [[], [stay.id], [stay.id], []]


def test_it_is_never_owed_to_who_fasts_is_held_has_no_diet_has_gone_or_was_not_asked(tx: Tx) -> None:
    fasting, held, none, gone, unasked, fed = (
        given.stay(tx), given.stay(tx), given.stay(tx, diet=None), given.stay(tx), given.stay(tx, asked=False),
        given.stay(tx),
    )  # fmt: skip
    given.nil_by_mouth(tx, fasting.id, at=given.MORNING)
    given.perform(tx, HoldTrays(stay_id=held.id, reason="away for dialysis"), by=given.NURSE, at=given.MORNING)
    given.leave(tx, gone, at=given.MORNING)
    assert whom(tx, CUT_OFF) == [fed.id]
    for stay in (fasting, held, none, gone, unasked):
        assert given.perform(tx, place(stay), by=SYSTEM, at=CUT_OFF).already == {}


@pytest.mark.parametrize("state", [S.CONFIRMED, S.CANCELLED, S.COOKING])
def test_whoever_has_ordered_or_said_no_gets_nothing_besides(tx: Tx, state: OrderState) -> None:
    order = given.order(tx, state=state, at=given.MORNING)
    stay = given.stay_of(tx, order)
    assert whom(tx, CUT_OFF) == []
    assert given.perform(tx, place(stay), by=SYSTEM, at=CUT_OFF).already == {}


def test_the_same_patient_is_served_once_however_often_time_asks(tx: Tx) -> None:
    stay = given.stay(tx)
    served(tx, stay)
    assert given.perform(tx, place(stay), by=SYSTEM, at=CUT_OFF).already == {}
    assert whom(tx, CUT_OFF) == []


def test_no_default_comes_before_the_cut_off_or_after_the_carts_have_left(tx: Tx) -> None:
    stay = given.stay(tx)
    done = [given.perform(tx, place(stay), by=SYSTEM, at=at).already for at in (CUT_OFF - 1, NOON)]
    assert done == [{}, {}]


def test_every_tray_has_a_number_of_its_own_that_no_other_order_can_have(tx: Tx) -> None:
    stays = [given.stay(tx) for _ in range(3)]
    served(tx, stays[0])
    keys = [key.split(" ")[2] for key, _ in owed(given.saved(tx), CUT_OFF, limit=99)]
    assert keys == ["T-00002", "T-00003"]


def test_a_hospital_that_has_set_no_default_serves_none(tx: Tx) -> None:
    given.stay(tx)
    for rank, name in enumerate(("salty", "plain", "milk"), 1):
        given.perform(tx, default(name, rank, given.RICE, withdrawn=True), by=given.LEAD)
    assert whom(tx, CUT_OFF) == []


# -- who is away, and what is held ----------------------------------------------------------------------------------


def away(stay: Stay, **more: Any) -> MarkAway:
    return MarkAway(stay_id=stay.id, why="dialysis", **more)


@pytest.mark.parametrize(
    ("more", "comes"),
    [({}, False), ({"until_at": NOON + 1}, False), ({"until_at": NOON}, True), ({"from_at": NOON + 1}, True)],
)
def test_no_tray_comes_by_itself_for_who_is_away_when_the_carts_leave(
    tx: Tx, more: dict[str, int], comes: bool
) -> None:
    stay = given.stay(tx)
    given.perform(tx, away(stay, **more), by=given.NURSE, at=given.MORNING)
    listed = [(one.stay_id, one.reason) for one in without_order(given.saved(tx), CUT_OFF, "A")]
    assert (listed, whom(tx, CUT_OFF)) == ([(stay.id, "" if comes else "away")], [stay.id] if comes else [])
    done = given.perform(tx, place(stay), by=SYSTEM, at=CUT_OFF)
    assert bool(done.added(Order)) == comes


def test_whoever_is_back_in_time_gets_one(tx: Tx) -> None:
    stay = given.stay(tx)
    given.perform(tx, away(stay), by=given.NURSE, at=given.MORNING)
    given.perform(tx, MarkBack(stay_id=stay.id), by=given.NURSE, at=CUT_OFF)
    assert whom(tx, CUT_OFF + 1) == [stay.id]


def held(tx: Tx, *, at: int = given.MORNING) -> Order:
    order = given.order(tx, dishes=(given.ISOMBE,))
    given.record_allergy(tx, order.stay_id, "peanut", at=at)
    return given.now(tx, order)


def test_a_held_meal_that_nobody_has_settled_gives_way_to_the_default(tx: Tx) -> None:
    order = held(tx)
    before, due = whom(tx, CUT_OFF - 1), whom(tx, CUT_OFF)
    came = served(tx, given.stay_of(tx, order))
    gone = given.now(tx, order)
    assert (before, due, gone.state, gone.reason) == ([], [order.stay_id], S.CANCELLED, "gave_way")
    assert (came.default, came.state, tx.get(Payment, order.id).due_francs) == (True, S.CONFIRMED, 0)


def test_the_ward_sees_which_held_meals_will_give_way(tx: Tx) -> None:
    order = held(tx)
    listed = without_order(given.saved(tx), CUT_OFF - MINUTE_MS, "A")
    assert [(one.held, one.reason, one.gives_way_at) for one in listed] == [(order.number, "", CUT_OFF)]


def test_what_was_held_late_has_its_quarter_of_an_hour_first(tx: Tx) -> None:
    order = held(tx, at=CUT_OFF - MINUTE_MS)
    at = [CUT_OFF, CUT_OFF + 14 * MINUTE_MS]
    assert [whom(tx, one) for one in at] == [[], [order.stay_id]]
    assert given.perform(tx, place(given.stay_of(tx, order)), by=SYSTEM, at=CUT_OFF).already == {}


def test_where_no_default_is_simply_allowed_what_is_held_stays_for_somebody_to_choose(tx: Tx) -> None:
    order = held(tx)
    given.prescribe(tx, order.stay_id, components=("renal",), at=given.MORNING)
    assert given.perform(tx, place(given.stay_of(tx, order)), by=SYSTEM, at=CUT_OFF).already == {}
    assert given.now(tx, order).state == S.HELD


def test_r11_what_gives_way_does_not_count_against_what_comes_instead(tx: Tx) -> None:
    stay = given.stay(tx)
    given.prescribe(tx, stay.id, components=("low_salt",), limits={"sodium_mg": 15}, at=given.MORNING - MINUTE_MS)
    order = given.order(tx, stay=stay, dishes=(given.MILK_PORRIDGE,))
    given.record_allergy(tx, stay.id, "milk", at=given.MORNING)
    came = served(tx, stay)
    assert (given.now(tx, order).reason, came.state, dishes(tx, came)) == ("gave_way", S.CONFIRMED, [given.BEANS])


def test_a_meal_that_is_held_for_its_patient_gives_way_to_nothing(tx: Tx) -> None:
    order = given.order(tx, state=S.HELD, at=given.MORNING)
    assert whom(tx, CUT_OFF) == []
    assert given.perform(tx, place(given.stay_of(tx, order)), by=SYSTEM, at=CUT_OFF).already == {}


# -- the ward -------------------------------------------------------------------------------------------------------


def test_half_an_hour_before_the_ward_sees_whom_it_concerns_and_why_some_get_nothing(tx: Tx) -> None:
    fed, fasting, ordered = given.stay(tx), given.stay(tx), given.stay(tx)
    given.stay(tx, ward="B")
    given.nil_by_mouth(tx, fasting.id, at=given.MORNING)
    given.order(tx, stay=ordered)
    db = given.saved(tx)
    before = without_order(db, CUT_OFF - 30 * MINUTE_MS - 1, "A")
    listed = without_order(db, CUT_OFF - 30 * MINUTE_MS, "A")
    assert before == []
    assert listed == [
        Without(fed.id, "A", given.LUNCH, CUT_OFF, "", gives_way_at=CUT_OFF),
        Without(fasting.id, "A", given.LUNCH, CUT_OFF, "nil_by_mouth", gives_way_at=CUT_OFF),
    ]


@pytest.mark.parametrize("state", [S.CONFIRMED, S.HELD])
def test_what_the_ward_orders_itself_takes_the_place_of_a_default(tx: Tx, state: OrderState) -> None:
    stay = given.stay(tx, diet=("renal",) if state is S.HELD else ("regular",))
    came = served(tx, stay)
    given.prescribe(tx, stay.id, at=CUT_OFF)
    wanted = given.perform(tx, given.place(stay, given.BEANS), by=given.NURSE, at=CUT_OFF + 1).added(Order)[0]
    replaced = given.now(tx, came)
    assert (replaced.state, replaced.reason, wanted.state, wanted.default) == (
        S.CANCELLED,
        "replaced",
        S.CONFIRMED,
        False,
    )
    assert tx.get(Payment, came.id).due_francs == 0


def test_a_default_on_the_stove_is_eaten_and_not_replaced(tx: Tx) -> None:
    stay = given.stay(tx)
    came = served(tx, stay)
    given.perform(tx, given.start(came), at=CUT_OFF)
    assert given.refusal_of(tx, given.place(stay, given.BEANS), by=given.NURSE, at=CUT_OFF + 1) == "ordered_already"


# -- the list -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "code"), [({"kitchen_id": "cellar"}, "unknown_kitchen"), ({"dish_ids": ("gold",)}, "unknown_recipe")]
)
def test_a_default_that_cannot_be_is_refused(tx: Tx, more: dict[str, Any], code: str) -> None:
    wrong = default("x", 9, given.RICE).model_copy(update=more)
    assert given.refusal_of(tx, wrong, by=given.LEAD) == code


def test_a_default_is_changed_until_it_is_right(tx: Tx) -> None:
    given.perform(tx, default("salty", 7, given.BEANS), by=given.NUTRITIONIST)
    assert (tx.get(DefaultMeal, "salty").rank, tx.get(DefaultMeal, "salty").dishes) == (7, given.BEANS)


def test_an_answer_about_allergies_in_time_brings_the_tray(tx: Tx) -> None:
    stay = given.stay(tx, asked=False)
    given.perform(tx, RecordAllergiesAsked(stay_id=stay.id, none=True), by=given.NURSE, at=CUT_OFF)
    assert whom(tx, CUT_OFF + 1) == [stay.id]
