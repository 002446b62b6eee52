"""Time itself finishes what one change could not judge at once: nothing twice, nothing forgotten."""

from __future__ import annotations

from time import perf_counter

import pytest
from sqlalchemy import select

from core.diets.prescribing import TakeVerbalDiet
from core.kernel.tx import Tx
from core.kernel.values import DAY_MS, HOUR_MS, MINUTE_MS, Origin
from core.menu.commands import SetIngredient
from core.menu.defaults import SetDefaultMeal
from core.orders import sweep
from core.orders.model import Order, OrderState
from core.store.open import Store
from core.store.read import TxSource
from core.store.tables import TABLES
from core.store.write import write_rows
from sync.protocol import TURN_OPS
from sync.server import due
from sync.server.perform import perform, submit
from tests import given

ORDERS = 90
SOON = given.NOON + 1


@pytest.fixture
def hospital(server_store: Store) -> Store:
    """Ninety meals with rice; every third of them for somebody who must not have fish."""

    def meals(tx: Tx) -> None:
        for number in range(ORDERS):
            stay = given.stay(tx, allergies=("fish",) if number % 3 == 0 else ())
            given.order(tx, stay=stay, dishes=(given.RICE,))

    given.laid_in(server_store, meals)
    return server_store


def rice_holds_fish(store: Store) -> float:
    """How long the turn took, ms."""
    command = SetIngredient(
        ingredient_id="rice", name_en="x", name_fr="x", name_rw="x", verified=True, allergens=("fish",), sodium_mg=10
    )
    started = perf_counter()
    perform(store, given.NOON, [submit(command, op_id=given.op_id(), actor=given.LEAD, origin=Origin.CLI)])
    return (perf_counter() - started) * 1_000


def held(store: Store) -> int:
    columns = TABLES[Order].c
    with store.reading() as connection:
        states = connection.execute(select(columns.state)).scalars().all()
    return states.count(OrderState.HELD.value)


def test_what_is_left_of_a_sweep_is_done_in_turns_until_nothing_is_left(hospital: Store) -> None:
    """The writer is only given what comes out otherwise: a third of the meals, less those that were judged at once."""
    rice_holds_fish(hospital)
    at_once = held(hospital)
    acts = due.fallen(hospital, SOON)
    for start in range(0, len(acts), TURN_OPS):
        outcomes = perform(hospital, SOON, acts[start : start + TURN_OPS])
        assert {outcome.outcome for outcome in outcomes if outcome} == {"applied"}
    left = -(-(ORDERS // 3 - at_once) // sweep.IN_ONE_ACT)
    assert [act.kind for act in acts] == [*["orders.judge_again"] * left, "orders.close_sweep"]
    assert (0 < at_once <= sweep.AT_ONCE < ORDERS, held(hospital), due.fallen(hospital, SOON)) == (
        True,
        ORDERS // 3,
        [],
    )


def test_two_processes_find_the_same_acts_and_they_happen_once(hospital: Store) -> None:
    rice_holds_fish(hospital)
    one, other = due.fallen(hospital, SOON), due.fallen(hospital, SOON + 5)
    first, again = perform(hospital, SOON, one), perform(hospital, SOON + 5, other)
    assert [a.op_id for a in one] == [a.op_id for a in other]
    assert [outcome and outcome.commit_seq for outcome in first] == [
        outcome and outcome.commit_seq for outcome in again
    ]


def test_at_the_cut_off_time_brings_the_default_to_whoever_has_ordered_nothing(hospital: Store) -> None:
    with hospital.writing() as connection:
        tx = Tx(TxSource(connection, whole=True))
        stays = [given.stay(tx).id for _ in range(3)]
        default = SetDefaultMeal(default_id="beans", kitchen_id="main", meal="lunch", rank=1, dish_ids=(given.BEANS,))
        given.perform(tx, default, by=given.LEAD, at=given.MORNING)
        write_rows(connection, tx.written())
    acts = due.fallen(hospital, given.CUT_OFF)
    first, again = perform(hospital, given.CUT_OFF, acts), perform(hospital, given.CUT_OFF + 1, acts)
    assert (sorted(act.entity for act in acts), first == again) == (stays, True)
    assert [outcome and outcome.outcome for outcome in first] == ["applied"] * 3
    assert due.fallen(hospital, given.CUT_OFF + 2) == []


def test_a_verbal_order_that_nobody_has_signed_falls_due_after_a_day(hospital: Store) -> None:
    with hospital.writing() as connection:
        tx = Tx(TxSource(connection, whole=True))
        stay = given.stay(tx)
        heard = TakeVerbalDiet(stay_id=stay.id, replaces=(), components=("regular",), doctor_id="doctor_1")
        given.perform(tx, heard, by=given.NURSE)
        write_rows(connection, tx.written())
    tomorrow = given.NOON + DAY_MS
    acts = [act for act in due.fallen(hospital, tomorrow) if act.kind == "diets.miss_signature"]
    assert [outcome and outcome.outcome for outcome in perform(hospital, tomorrow, acts)] == ["applied"]
    assert "diets.miss_signature" not in {act.kind for act in due.fallen(hospital, tomorrow + 1)}


def test_a_tray_that_waited_too_long_is_ended_by_time(hospital: Store) -> None:
    with hospital.writing() as connection:
        tx = Tx(TxSource(connection, whole=True))
        asleep, on_its_way = (given.order(tx, state=OrderState.OUT) for _ in range(2))
        given.perform(tx, given.issue(asleep, "asleep"), by=given.RUNNER)
        write_rows(connection, tx.written())
    before = due.fallen(hospital, given.NOON + 2 * HOUR_MS - MINUTE_MS)
    acts = due.fallen(hospital, given.NOON + 2 * HOUR_MS)
    assert ([act.kind for act in before], [(act.kind, act.entity) for act in acts]) == (
        [],
        [("delivery.end_waiting", asleep.id)],
    )
    assert [outcome and outcome.outcome for outcome in perform(hospital, given.NOON + 2 * HOUR_MS, acts)] == ["applied"]
    assert on_its_way.id not in {act.entity for act in due.fallen(hospital, given.NOON + 3 * HOUR_MS)}


def test_a_rule_that_stumbles_keeps_no_other_from_being_asked(
    hospital: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    rice_holds_fish(hospital)
    wanted = [act.op_id for act in due.fallen(hospital, SOON)]

    def stumbles(*_: object) -> list[tuple[str, int]]:
        raise KeyError("an odd row")

    monkeypatch.setattr(due, "FIRST", (due.Found("odd", stumbles, sweep.judging_of), *due.FIRST))

    assert wanted and [act.op_id for act in due.fallen(hospital, SOON)] == wanted
    assert "a rule of time stumbled" in caplog.text
