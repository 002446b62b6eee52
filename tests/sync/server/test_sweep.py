"""Time itself finishes what one change could not judge at once: nothing twice, nothing forgotten, nobody kept waiting."""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter

import pytest
from sqlalchemy import select

from core.kernel.tx import Tx
from core.kernel.values import HOUR_MS, MINUTE_MS, Origin
from core.menu.commands import SetIngredient
from core.orders import sweep
from core.orders.model import Order, OrderState
from core.store import log
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
def hospital(server_store: Store) -> Iterator[Store]:
    """Ninety meals with rice; every third of them for somebody who must not have fish."""
    with server_store.writing() as connection:
        log.create_hospital(connection, epoch="e", at=given.MORNING, signing_seed="00" * 32, practice=True)
        tx = Tx(TxSource(connection, whole=True))
        given.hospital(tx)
        for number in range(ORDERS):
            stay = given.stay(tx, allergies=("fish",) if number % 3 == 0 else ())
            given.order(tx, stay=stay, dishes=(given.RICE,))
        write_rows(connection, tx.written())
    yield server_store


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
    rice_holds_fish(hospital)
    at_once, turns = held(hospital), 0
    while acts := due.fallen(hospital, SOON):
        assert len(acts) <= TURN_OPS
        assert {outcome.outcome for outcome in perform(hospital, SOON, acts) if outcome} == {"applied"}
        turns += 1
    assert at_once <= sweep.AT_ONCE < ORDERS
    assert (held(hospital), turns) == (ORDERS // 3, 1 if sweep.AT_ONCE >= ORDERS - TURN_OPS else 2)


def test_two_processes_find_the_same_acts_and_they_happen_once(hospital: Store) -> None:
    rice_holds_fish(hospital)
    one, other = due.fallen(hospital, SOON), due.fallen(hospital, SOON + 5)
    first, again = perform(hospital, SOON, one), perform(hospital, SOON + 5, other)
    assert [a.op_id for a in one] == [a.op_id for a in other]
    assert [outcome and outcome.commit_seq for outcome in first] == [outcome and outcome.commit_seq for outcome in again]


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
