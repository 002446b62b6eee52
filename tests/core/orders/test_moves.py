"""The table of allowed moves is the whole life of a meal: nothing moves beside it, and nothing gets stuck in it."""

from __future__ import annotations

import pytest

from core.kernel.tx import Tx
from core.orders.model import ALLOWED_MOVES, OPEN, Order, OrderMove, OrderState
from core.orders.moves import advance, move, way
from tests import given

S = OrderState
ENDS = (S.COMPLETED, S.CANCELLED)


def test_the_table_speaks_of_every_state_and_of_nothing_else() -> None:
    assert set(ALLOWED_MOVES) == {"", *(state.value for state in OrderState)}


@pytest.mark.parametrize("state", [state for state in OrderState if state not in ENDS])
def test_from_every_state_a_way_leads_to_an_end(state: OrderState) -> None:
    reached, frontier = {state}, [state]
    while frontier:
        for after in ALLOWED_MOVES[frontier.pop()]:
            if after not in reached:
                reached.add(after)
                frontier.append(after)
    assert not reached.isdisjoint(ENDS)


@pytest.mark.parametrize("state", ENDS)
def test_an_end_leads_nowhere(state: OrderState) -> None:
    assert ALLOWED_MOVES[state] == ()


def test_a_meal_begins_waiting_for_money_or_for_the_stove_or_for_a_decision() -> None:
    assert ALLOWED_MOVES[""] == (S.PAYMENT_PENDING, S.CONFIRMED, S.HELD)


def test_a_meal_that_has_left_the_kitchen_can_no_longer_be_cancelled() -> None:
    cancellable = {state for state, after in ALLOWED_MOVES.items() if S.CANCELLED in after}
    assert cancellable == {S.PAYMENT_PENDING, S.PAYMENT_FAILED, S.CONFIRMED, S.HELD, S.COOKING, S.KITCHEN_ISSUE}


def test_no_meal_reaches_the_bed_without_the_stove() -> None:
    assert {state for state, after in ALLOWED_MOVES.items() if S.OUT in after} == {
        S.READY,
        S.DELIVERED,
        S.HANDED_TO_NURSE,
    }


@pytest.mark.parametrize(
    ("before", "to", "path"),
    [
        (S.CONFIRMED, S.READY, (S.COOKING, S.READY)),
        (S.CONFIRMED, S.DELIVERED, (S.COOKING, S.READY, S.OUT, S.DELIVERED)),
        (S.READY, S.HANDED_TO_NURSE, (S.OUT, S.HANDED_TO_NURSE)),
        (S.KITCHEN_ISSUE, S.READY, (S.COOKING, S.READY)),
        (S.READY, S.UNDELIVERABLE, (S.OUT, S.UNDELIVERABLE)),
        (S.HELD, S.READY, None),
        (S.CANCELLED, S.DELIVERED, None),
        (S.DELIVERED, S.OUT, None),
        (S.READY, S.COOKING, None),
    ],
)
def test_the_way_forward_names_every_step_and_never_leads_around_a_hold(
    before: OrderState, to: OrderState, path: tuple[OrderState, ...] | None
) -> None:
    assert way(before, to) == path


def test_every_way_forward_runs_along_the_table() -> None:
    astray = [
        (before, step)
        for before in OrderState
        for to in OrderState
        for here, step in zip((before, *(way(before, to) or ())), way(before, to) or (), strict=False)
        if step not in ALLOWED_MOVES[here]
    ]
    assert astray == []


def test_steps_that_one_actor_left_out_are_kept_as_implied(tx: Tx) -> None:
    order = given.order(tx)
    tx.begin(given.act(given.place(given.stay_of(tx, order)), by=given.RUNNER, at=given.NOON))
    advance(tx, order, S.OUT)
    tx.keep()
    steps = [(step.to_state, step.implied) for step in tx.all(OrderMove, of=order)]
    assert steps == [(S.CONFIRMED, False), (S.COOKING, True), (S.READY, True), (S.OUT, False)]


def test_a_move_beside_the_table_is_a_mistake_of_ours(tx: Tx) -> None:
    order = given.order(tx)
    tx.begin(given.act(given.place(given.stay_of(tx, order)), by=given.RUNNER, at=given.NOON))
    with pytest.raises(AssertionError):
        move(tx, order, S.DELIVERED)
    tx.drop()


@pytest.mark.parametrize("state", list(OrderState))
def test_a_meal_is_open_until_it_is_with_the_patient_or_given_up(state: OrderState) -> None:
    closed = {S.DELIVERED, S.HANDED_TO_NURSE, S.UNDELIVERABLE, S.COMPLETED, S.CANCELLED}
    assert (state in OPEN) == (state not in closed)


def test_every_step_says_who_when_and_by_whose_clock(tx: Tx) -> None:
    order = given.order(tx)
    begun = given.perform(tx, given.start(order), by=given.COOK, claimed_at=given.NOON - 5_000)
    step = begun.added(OrderMove)[0]
    assert (step.by, step.at, step.claimed_at) == ("cook_1", given.NOON, given.NOON - 5_000)


def test_an_order_row_in_an_unknown_state_of_a_newer_server_is_shown_and_not_raised(tx: Tx) -> None:
    order = given.order(tx)
    newer = Order(**{**order.__dict__, "state": "steaming"})
    assert (newer.may_move_to(S.COOKING), newer.is_open) == (False, False)
