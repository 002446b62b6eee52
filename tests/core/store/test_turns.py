"""One turn on either database: the head is locked first, every change is told with its readers,
nothing is half done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, select

from core import handlers
from core.kernel.case import Case
from core.kernel.message import Command
from core.kernel.tx import Tx
from core.kernel.values import Actor, Origin
from core.orders.commands import StartCooking
from core.orders.model import Order, OrderState
from core.store import log
from core.store.open import Store
from core.store.read import TxSource
from core.store.server_schema import change, head, op
from core.store.tables import TABLES, decode_row
from core.store.write import write_rows
from core.wards.commands import AddBeds, AssignBed, MoveStay, NewBed, OpenStay
from core.wards.model import BedAssignment, Stay
from sync.protocol import Outcome
from sync.server.perform import Submission, perform, submit
from tests import given


@pytest.fixture
def hospital(server_store: Store) -> Store:
    """A hospital with its house and staff, and nobody in its beds."""
    given.laid_in(server_store)
    return server_store


def submitted(command: Command, by: Actor, *, id: bytes | None = None) -> Submission:
    return submit(command, op_id=id or given.op_id(), actor=by, origin=Origin.CLI)


def turn(store: Store, *acts: tuple[Command, Actor], at: int = given.MORNING) -> list[Outcome]:
    outcomes = perform(store, at, [submitted(command, by) for command, by in acts])
    return [outcome for outcome in outcomes if outcome is not None]


def admit(stay_id: str, ward: str = "A") -> tuple[Command, Actor]:
    number = f"H-{stay_id}"
    return OpenStay(stay_id=stay_id, ward_id=ward, hospital_number=number, full_name=stay_id), given.ADMIN


def lay(stay_id: str, bed: str) -> tuple[Command, Actor]:
    return AssignBed(stay_id=stay_id, bed_id=bed), given.ADMIN


def row(store: Store, table: type[given.R], row_id: str) -> given.R | None:
    with store.reading() as connection:
        return TxSource(connection, whole=True).rows(table, [row_id]).get(row_id)


def changes(store: Store) -> list[Any]:
    with store.reading() as connection:
        return list(connection.execute(select(change).order_by(change.c.seq, change.c.part)))


@contextmanager
def told(store: Store) -> Iterator[list[tuple[str, bool]]]:
    """Every statement the writer sends, and whether it carries many rows at once."""
    said: list[tuple[str, bool]] = []

    def listen(conn: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        said.append((statement, many))

    event.listen(store._writer, "before_cursor_execute", listen)
    yield said
    event.remove(store._writer, "before_cursor_execute", listen)


def test_the_first_statement_of_a_turn_locks_the_head(hospital: Store) -> None:
    with told(hospital) as said:
        turn(hospital, admit("s1"))
    spoken = [statement for statement, _ in said if not statement.startswith("BEGIN")]
    assert spoken[0].startswith("UPDATE head SET turn")


def test_numbers_are_free_of_gaps_and_instants_never_go_back(hospital: Store) -> None:
    first = turn(hospital, admit("s1"), admit("s2"))
    second = turn(hospital, admit("s3"), at=given.MORNING - 5)
    with hospital.reading() as connection:
        now = connection.execute(select(head.c.seq, head.c.at)).one()
    assert ([outcome.commit_seq for outcome in (*first, *second)], tuple(now)) == ([1, 2, 3], (3, given.MORNING))


def test_every_change_is_told_with_its_readers_before_and_after(hospital: Store) -> None:
    turn(hospital, admit("s1"))
    turn(hospital, (MoveStay(stay_id="s1", ward_id="B"), given.ADMIN))
    moved = [one for one in changes(hospital) if one.table_name == "stay"][-1]
    assert (moved.before, moved.after, decode_row("stay", bytes(moved.body)).ward_id) == (  # type: ignore[attr-defined]
        "admin care:A kitchen:main ward:A",
        "admin care:B kitchen:main ward:B",
        "B",
    )


def test_what_nobody_may_see_is_written_and_told_to_nobody(hospital: Store) -> None:
    turn(hospital, admit("s1"))
    tables = {one.table_name for one in changes(hospital)}
    assert ("patient" in tables, {"stay", "diet_profile", "label_identity"} <= tables) == (False, True)


def test_a_refused_act_drops_everything_it_did_and_the_turn_goes_on(hospital: Store) -> None:
    beds = AddBeds(ward_id="A", beds=(NewBed(bed_id="A-900"), NewBed(bed_id="A-001")))
    outcomes = turn(hospital, admit("s1"), (beds, given.ADMIN), admit("s2"))
    assert [(outcome.outcome, outcome.code) for outcome in outcomes] == [
        ("applied", ""),
        ("rejected", "exists_already"),
        ("applied", ""),
    ]
    with hospital.reading() as connection:
        known = connection.execute(select(TABLES[Stay].c.id).order_by(TABLES[Stay].c.id)).scalars().all()
        bed = TxSource(connection, whole=True).rows(handlers.wards.Bed, ["A-900"])
    assert (known, bed) == (["s1", "s2"], {})


def test_two_acts_of_one_turn_see_one_another(hospital: Store) -> None:
    outcomes = turn(hospital, admit("s1"), admit("s2"), lay("s1", "A-001"), lay("s2", "A-001"))
    assert [outcome.code for outcome in outcomes] == ["", "", "", "bed_taken"]


def test_what_the_store_itself_forbids_is_judged_again_one_by_one_and_has_its_word(hospital: Store) -> None:
    """The same person under two stays: no handler looks across the hospital, the store's own index does."""
    twice = OpenStay(stay_id="s2", ward_id="B", patient_id=handlers.wards.patient_id_of("H-s1"))
    outcomes = turn(hospital, admit("s1"), (twice, given.ADMIN), admit("s3"))
    assert [(outcome.outcome, outcome.code) for outcome in outcomes] == [
        ("applied", ""),
        ("applied_exception", "already_admitted"),
        ("applied", ""),
    ]
    assert [row(hospital, Stay, stay_id) is not None for stay_id in ("s1", "s2", "s3")] == [True, False, True]


def test_a_bed_that_is_taken_behind_the_handler_s_back_is_taken_all_the_same(hospital: Store) -> None:
    turn(hospital, admit("s1"), admit("s2"), lay("s1", "A-001"))
    with hospital.writing() as connection, pytest.raises(Exception, match="(?i)unique"):
        lying = BedAssignment(
            id="x", stay_id="s2", bed_id="A-001", ward_id="A", kitchen_id="main", started_at=given.MORNING
        )
        tx = Tx(TxSource(connection, whole=True))
        tx.begin(given.act(admit("s9")[0], by=given.ADMIN, at=given.MORNING))
        tx.add(lying)
        tx.keep()
        write_rows(connection, tx.written())


def test_an_act_that_comes_again_has_the_outcome_it_had(hospital: Store) -> None:
    act = submitted(*admit("s1"))
    first = perform(hospital, given.MORNING, [act])
    again = perform(hospital, given.NOON, [act, act])
    assert again == [first[0], first[0]]
    assert len([one for one in changes(hospital) if one.table_name == "stay"]) == 1


def test_an_act_nobody_can_read_is_parked_and_those_behind_it_go_on(hospital: Store) -> None:
    unknown = Submission(
        op_id=given.op_id(),
        kind="orders.fly",
        args=b"{}",
        actor_id="x",
        origin=Origin.CLI,
        actor=given.ADMIN,
        body=b"{}",
    )
    outcomes = perform(hospital, given.MORNING, [unknown, submitted(*admit("s1"))])
    assert [(one.outcome, one.code) for one in outcomes if one] == [("parked", "unknown_command"), ("applied", "")]


def test_rows_of_one_kind_are_written_in_one_statement_however_many_they_are(hospital: Store) -> None:
    with told(hospital) as said:
        turn(hospital, *[admit(f"s{number}") for number in range(30)])
    stays = [(statement, many) for statement, many in said if statement.startswith("INSERT INTO stay ")]
    assert len(stays) == 1
    assert stays[0][1] or "VALUES" in stays[0][0]


def test_only_the_columns_that_differ_are_written_so_that_no_index_is_written_anew(hospital: Store) -> None:
    turn(hospital, admit("s1"))
    with told(hospital) as said:
        turn(hospital, lay("s1", "A-001"))
    (written,) = [statement for statement, _ in said if statement.startswith("UPDATE stay")]
    assert ("bed_id" in written, "patient_id" in written) == (True, False)


def test_how_many_questions_a_turn_asks_does_not_grow_with_its_acts(hospital: Store) -> None:
    counts = []
    for size in (4, 32):
        with told(hospital) as said:
            turn(hospital, *[admit(f"n{size}-{number}") for number in range(size)])
        counts.append(len(said))
    assert counts[1] <= counts[0] + 2


def test_every_act_is_in_the_log_for_good_with_who_and_what_became_of_it(hospital: Store) -> None:
    turn(hospital, admit("s1"), lay("nobody", "A-001"))
    with hospital.reading() as connection:
        ops = connection.execute(
            select(op.c.kind, op.c.actor_id, op.c.outcome, op.c.code).order_by(op.c.commit_seq)
        ).all()
    assert [tuple(one) for one in ops] == [
        ("wards.open_stay", "admin_1", "applied", ""),
        ("wards.assign_bed", "admin_1", "rejected", "gone"),
    ]


def test_a_fact_about_a_row_that_is_gone_is_kept_as_a_case(hospital: Store) -> None:
    outcome = turn(hospital, (StartCooking(order_id="lost"), given.COOK))[0]
    assert (outcome.outcome, outcome.code) == ("applied_exception", "unknown_row")
    with hospital.reading() as connection:
        codes = connection.execute(select(TABLES[Case].c.code)).scalars().all()
    assert codes == ["unknown_row"]


def test_big_numbers_and_every_state_survive_both_databases(hospital: Store) -> None:
    with hospital.writing() as connection:
        tx = Tx(TxSource(connection, whole=True))
        order = given.order(tx, state=OrderState.READY)
        write_rows(connection, tx.written())
    kept = row(hospital, Order, order.id)
    assert kept == order


def test_a_turn_that_fails_leaves_the_store_as_it_was(hospital: Store) -> None:
    before = changes(hospital)
    with pytest.raises(RuntimeError, match="power"), hospital.writing() as connection:
        log.lock_head(connection)
        log.advance_head(connection, seq=99, at=given.NOON, rules_version=9, seal=b"")
        raise RuntimeError("power")
    with hospital.reading() as connection:
        assert (log.read_head(connection).seq, changes(hospital)) == (0, before)
