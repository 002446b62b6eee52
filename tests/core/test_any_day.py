"""Whatever people press, in whatever sequence: facts are never refused, meals go allowed ways, money adds up."""

from __future__ import annotations

from collections.abc import Iterator

from core.handlers import HANDLES
from core.kernel.handle import Kind
from core.kernel.refusal import Refusal
from core.kernel.row import Row
from core.kernel.tx import Tx
from core.orders.model import ALLOWED_MOVES, OPEN, Order, OrderMove, OrderState
from core.orders.rules import BEING_MADE, verdict_on
from core.payments.commands import TakeCash
from core.payments.model import CashDue, Charge, LedgerEntry, Payment
from core.wards.model import Bed, BedAssignment, Stay
from tests import given
from tests.core.histories import BEDS, Day, days

PRESSES = 60


def lived(tx: Tx, seed: int) -> Iterator[Day]:
    """A random day over a hospital with six patients: yields after every press. Every fact must stand."""
    day = Day(seed)
    given.hospital(tx)
    for ward in "AAABBB":
        day.learn(given.stay(tx, ward=ward))
    for _ in range(PRESSES):
        command, actor, at = day.next()
        try:
            done = given.perform(tx, command, by=actor, at=at)
        except Refusal as refusal:
            assert HANDLES[command.name].kind is not Kind.FACT or refusal.code == "gone", (command, refusal)
        else:
            day.done.append(command)
            for change in done.changes:
                day.learn(change.after)
        yield day


def rows(day: Day, table: type[Row]) -> list[Row]:
    return [day.known[table][row_id] for row_id in sorted(day.known.get(table, ()))]


@days
def test_a_fact_is_never_refused_and_every_meal_goes_an_allowed_way(seed: int) -> None:
    with given.transaction() as tx:
        *_, day = lived(tx, seed)
        for order in rows(day, Order):
            state = ""
            for step in tx.all(OrderMove, of=order):
                assert (step.from_state, OrderState(step.to_state) in ALLOWED_MOVES[step.from_state]) == (state, True)
                state = step.to_state
            assert state == given.now(tx, order).state  # type: ignore[attr-defined]  # it is an order


@days
def test_n17_no_meal_that_the_rules_forbid_goes_on_towards_the_bed(seed: int) -> None:
    """What waits is held, what is made or carried is stopped, and stays so until the rules allow it."""
    with given.transaction() as tx:
        for day in lived(tx, seed):
            for order in rows(day, Order):
                assert isinstance(order, Order)
                on_its_way_with_a_note = order.problem == "discharged"  # R22: refused at the bed
                if order.state not in (OrderState.CONFIRMED, *BEING_MADE) or on_its_way_with_a_note:
                    continue
                tx.begin(given.act(given.start(order), by=given.COOK, at=order.checked_at or day.at))
                found = verdict_on(tx, order).safety
                tx.drop()
                assert not found.forbids or (order.state != OrderState.CONFIRMED and order.stop), (order, found)


@days
def test_invariant_8_money_adds_up_and_nobody_is_charged_twice(seed: int) -> None:
    with given.transaction() as tx:
        *_, day = lived(tx, seed)
        taken = sum(entry.francs for entry in _of(day, LedgerEntry) if entry.account == "cash")
        assert taken == sum(command.francs for command in day.done if isinstance(command, TakeCash))
        for payment in _of(day, Payment):
            entries = tx.all(LedgerEntry, of=payment)
            charged = sum(entry.francs for entry in entries if entry.account == "charged")
            on_account = sum(entry.francs for entry in entries if entry.account == "on_account")
            assert len(tx.all(Charge, of=payment)) <= 1
            assert charged in (0, payment.due_francs)
            assert 0 <= on_account <= charged
            if payment.method == "account":
                assert on_account == max(0, charged - payment.paid_francs)


@days
def test_invariant_7_no_bed_has_two_patients_and_no_patient_two_beds(seed: int) -> None:
    with given.transaction() as tx:
        for day in lived(tx, seed):
            lying = [row for bed in BEDS for row in tx.all(BedAssignment, of=tx.get(Bed, bed))]
            assert len({row.bed_id for row in lying}) == len(lying) == len({row.stay_id for row in lying})
            beds = {stay.id: stay.bed_id for stay in _of(day, Stay) if stay.bed_id}
            assert beds == {row.stay_id: row.bed_id for row in lying}


@days
def test_no_meal_of_a_patient_who_has_gone_waits_for_the_stove(seed: int) -> None:
    with given.transaction() as tx:
        *_, day = lived(tx, seed)
        gone = {stay.id for stay in _of(day, Stay) if stay.closed_at is not None}
        open_orders = [order for order in _of(day, Order) if order.stay_id in gone and order.state in OPEN]
        assert [order.number for order in open_orders if order.state in (OrderState.CONFIRMED, OrderState.HELD)] == []
        assert [due.id for due in _of(day, CashDue) if due.due_francs < 0] == []


def _of(day: Day, table: type[given.R]) -> list[given.R]:
    return [row for row in rows(day, table) if isinstance(row, table)]
