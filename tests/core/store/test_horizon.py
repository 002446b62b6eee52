"""Behind the horizon the log tells the same story in fewer words; what acts said goes, that they were stays."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from sqlalchemy import func, select, text, update

from core.cases.commands import CloseCase
from core.kernel.case import Case
from core.kernel.message import Command
from core.kernel.values import Actor, Origin
from core.store import horizon, log, restore
from core.store.open import Store
from core.store.server_schema import held_back, op, op_body
from core.store.tables import TABLES
from core.wards.commands import AssignBed, Discharge, MoveStay, OpenStay
from sync.server.perform import perform, submit
from sync.server.proof import prove
from tests import given

HOUR = 3_600_000
READERS = (("ward:A",), ("ward:B",), ("care:A", "ward:A"), ("ward:A", "ward:B"), ("kitchen:main",), ("admin",))
State = dict[tuple[str, str], bytes]


@pytest.fixture
def hospital(server_store: Store) -> Store:
    given.laid_in(server_store)
    return server_store


def act(store: Store, command: Command, at: int, by: Actor = given.ADMIN) -> None:
    perform(store, at, [submit(command, op_id=given.op_id(), actor=by, origin=Origin.CLI)])


def history(store: Store, seed: int, acts: int = 60) -> int:
    """A day of people who come, are moved from ward to ward, and go; when it ended."""
    dice = random.Random(seed)
    stays: list[str] = []
    at = given.MORNING
    for number in range(acts):
        at += dice.randrange(HOUR)
        if len(stays) < 3 or dice.random() < 0.15:
            stays.append(f"s{seed}-{number}")
            command: Command = OpenStay(
                stay_id=stays[-1], ward_id=dice.choice("AB"), hospital_number=f"H{seed}-{number}", full_name="Somebody"
            )
        else:
            command = dice.choice(WAYS)(dice.choice(stays), dice)
        act(store, command, at)
    return at


WAYS: Sequence[Callable[[str, random.Random], Command]] = (
    lambda stay, dice: AssignBed(stay_id=stay, bed_id=f"{dice.choice('AB')}-00{dice.randrange(1, 5)}"),
    lambda stay, dice: MoveStay(stay_id=stay, ward_id=dice.choice("AB")),
    lambda stay, dice: MoveStay(stay_id=stay, ward_id=dice.choice("AB")),
    lambda stay, dice: Discharge(stay_id=stay),
)


def words(store: Store) -> list[Any]:
    with store.reading() as connection:
        return list(log.changes_between(connection, 0, log.read_head(connection).seq))


def replayed(found: Sequence[Any], reader: Sequence[str], *, over: State | None = None) -> State:
    """What a console holds that was told these words in order."""
    state = dict(over or {})
    for word in found:
        if not set(reader).isdisjoint(word.after.split()):
            state[(word.table_name, word.row_id)] = bytes(word.body)
        elif not set(reader).isdisjoint(word.before.split()):
            state.pop((word.table_name, word.row_id), None)
    return state


def forgotten(store: Store, before: int) -> int:
    """Turns until there is nothing more to do; how many."""
    turns, more = 0, True
    while more:
        with store.writing() as connection:
            more = horizon.turn(connection, before)
        turns += 1
    return turns


def head(store: Store) -> log.Head:
    with store.reading() as connection:
        return log.read_head(connection)


@pytest.mark.parametrize("seed", range(2))
def test_a_picture_and_what_came_since_is_the_whole_log_at_any_horizon(
    hospital: Store, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(horizon, "TURN_NUMBERS", 1 + seed * 9)
    end = history(hospital, seed)
    whole, dice = words(hospital), random.Random(seed)
    for before in sorted(dice.sample(range(given.MORNING, end), 4)):
        forgotten(hospital, before)
        left, at = words(hospital), head(hospital).horizon_seq
        for reader in READERS:
            picture = replayed([word for word in whole if word.seq <= at], reader)
            since = [word for word in left if word.seq > at]
            assert replayed(since, reader, over=picture) == replayed(whole, reader)
            assert replayed(left, reader) == replayed(whole, reader)
        assert since == [word for word in whole if word.seq > at]
    assert len(left) < len(whole)
    with hospital.reading() as connection:
        prove(connection)


def test_each_row_is_told_once_to_each_audience_behind_the_horizon(hospital: Store) -> None:
    forgotten(hospital, history(hospital, 9) + 1)
    told: dict[tuple[str, str, str], int] = {}
    for word in words(hospital):
        for audience in {*word.before.split(), *word.after.split()}:
            key = (word.table_name, word.row_id, audience)
            told[key] = max(told.get(key, 0), word.seq)
    newest = {(table, row, seq) for (table, row, _), seq in told.items()}
    assert {(word.table_name, word.row_id, word.seq) for word in words(hospital)} == newest


def test_a_turn_is_short(hospital: Store) -> None:
    end = history(hospital, 3, acts=200)
    spent = []
    more = True
    while more:
        begun = time.process_time()
        with hospital.writing() as connection:
            more = horizon.turn(connection, end + 1)
        spent.append(time.process_time() - begun)
    assert len(spent) > 3
    assert sorted(spent)[len(spent) // 2] < 0.05  # of the processor: how busy the machine is does not count


def test_what_acts_said_goes_once_the_horizon_and_a_backup_have_passed(hospital: Store) -> None:
    end = history(hospital, 1)
    forgotten(hospital, end + 1)
    kept = bodies(hospital)
    with hospital.writing() as connection:
        restore.note_durable(connection, 40)
    forgotten(hospital, end + 1)
    assert (kept, bodies(hospital), head(hospital).erased_seq) == (list(range(1, 61)), list(range(41, 61)), 40)
    with hospital.reading() as connection:
        assert prove(connection).acts == 60


def test_an_open_case_and_an_act_without_a_verdict_keep_what_was_said(hospital: Store) -> None:
    end = history(hospital, 2)
    with hospital.writing() as connection:
        connection.execute(update(op).where(op.c.commit_seq == 7).values(outcome="parked"))
        name = connection.execute(select(op.c.op_id).where(op.c.commit_seq == 8)).scalar_one()
        case = Case(id="c" * 32, code="unknown_patient", op_id=bytes(name).hex(), opened_at=end)
        connection.execute(TABLES[Case].insert(), case.__dict__)
        restore.note_durable(connection, log.read_head(connection).seq)
    forgotten(hospital, end + 1)
    held = bodies(hospital)
    act(hospital, CloseCase(case_id="c" * 32, closing="seen"), end + 2)
    with hospital.writing() as connection:
        assert horizon.let_go(connection) == b""
    assert (held, [seq for seq in bodies(hospital) if seq < 60]) == ([7, 8], [7])
    with hospital.reading() as connection:
        assert connection.execute(select(func.count()).select_from(held_back)).scalar_one() == 1


def test_verdicts_chains_and_seals_are_kept_for_good(hospital: Store) -> None:
    end = history(hospital, 5)
    with hospital.reading() as connection:
        before = connection.execute(select(op).order_by(op.c.commit_seq)).all()
    with hospital.writing() as connection:
        restore.note_durable(connection, log.read_head(connection).seq)
    forgotten(hospital, end + 1)
    with hospital.reading() as connection:
        assert connection.execute(select(op).order_by(op.c.commit_seq)).all() == before
        assert connection.execute(text("SELECT count(*) FROM op_body")).scalar_one() == 0


def test_nothing_is_forgotten_before_its_time(hospital: Store) -> None:
    history(hospital, 6)
    before = words(hospital)
    assert (forgotten(hospital, given.MORNING), words(hospital), head(hospital).horizon_seq) == (1, before, 0)


def bodies(store: Store) -> list[int]:
    with store.reading() as connection:
        found = select(op.c.commit_seq).join(op_body, op_body.c.op_id == op.c.op_id).order_by(op.c.commit_seq)
        return list(connection.execute(found).scalars())
