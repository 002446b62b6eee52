"""What the server says is taken in under a queue that nobody has judged yet: only what it touches is done again."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from core import handlers
from core.kernel.row import Row
from core.kernel.tx import Tx
from core.store import queue
from core.store.tables import encode_row
from core.wards.commands import AssignBed, OpenStay
from core.wards.model import Stay
from sync.client import rebase
from sync.protocol import Change, Changes
from tests.sync.client.hospital import Console

STEPS_APART = 50  # of SQLite's machine, between two counts


def admit(console: Console, count: int) -> None:
    with console.store.reading() as connection:
        first = queue.this(connection).next_place
    for number in range(first, first + count):
        console.press(OpenStay(stay_id=f"stay-{number}", ward_id="A", full_name=f"Patient {number}"))


def said(console: Console, row: Row | None, *, evicted: str = "") -> Changes:
    """The server's word on one stay, as a pull brings it."""
    with console.store.reading() as connection:
        cursor = queue.read_cursor(connection)
    assert cursor is not None
    change = Change(cursor.seq, "stay", row.id if row else evicted, encode_row(row) if row else b"")
    return Changes(cursor.epoch, (change,), (), cursor.seq, cursor.seq + 1, 0, 0, None, 0)


def taken(console: Console, changes: Changes) -> rebase.Rebased:
    return rebase.take(console.store, console.time.now(), changes)


def stay_of_the_server(console: Console, stay_id: str, **columns: object) -> Stay:
    """The stay as its server knows it: another console admitted the patient first."""
    held = console.holds(Stay, stay_id)
    assert held is not None
    return held.altered(columns)


def work_of(console: Console, work: Callable[[], object]) -> int:
    """How much SQLite had to do for it, in steps of its machine."""
    counted = 0

    def count() -> int:
        nonlocal counted
        counted += 1
        return 0

    with console.store.writing() as connection:
        driver = connection.connection.driver_connection
        driver.set_progress_handler(count, STEPS_APART)
    work()
    driver.set_progress_handler(None, 0)
    return counted * STEPS_APART


def shadows(console: Console) -> set[str]:
    with console.store.reading() as connection:
        return {row_id for _, row_id in connection.exec_driver_sql("SELECT table_name, row_id FROM shadow")}


@pytest.mark.parametrize("acts", [40, 400])
def test_only_the_act_that_a_change_touches_is_done_again(console: Console, acts: int) -> None:
    admit(console, acts)
    done = taken(console, said(console, stay_of_the_server(console, "stay-20", away_why="leave")))
    assert done.replayed == 1


def test_acts_that_follow_from_the_one_touched_are_done_again_with_it(console: Console) -> None:
    admit(console, 40)
    console.press(AssignBed(stay_id="stay-20", bed_id="A-001"))
    console.press(AssignBed(stay_id="stay-21", bed_id="A-002"))
    done = taken(console, said(console, stay_of_the_server(console, "stay-20", away_why="leave")))
    assert done.replayed == 2


def test_a_change_under_ten_times_the_queue_costs_hardly_more_work(console: Console) -> None:
    """All these acts read the same person and the same grant, and each puts its stay on one list of the ward."""
    work = []
    for acts, number in ((60, 20), (540, 21)):
        admit(console, acts)
        news = said(console, stay_of_the_server(console, f"stay-{number}", away_why="leave"))
        work.append(work_of(console, lambda news=news: taken(console, news)))  # type: ignore[misc]
    assert work[1] < 1.5 * work[0], f"SQLite's steps: {work}"


def test_an_own_act_stays_to_be_seen_over_what_the_server_says_of_the_same_row(console: Console) -> None:
    admit(console, 3)
    console.press(AssignBed(stay_id="stay-2", bed_id="A-001"))
    with console.store.reading() as connection:
        before = queue.shadows_of(connection, [("stay", "stay-2")])
    done = taken(console, said(console, None, evicted="stay-2"))
    assert (before[0][2], done.replayed) == (b"", 2)
    assert console.holds(Stay, "stay-2") is not None


def test_what_the_server_confirms_leaves_no_second_copy_of_a_row_behind(console: Console) -> None:
    admit(console, 5)
    before = shadows(console)
    console.sync()
    assert before >= {f"stay-{number}" for number in range(1, 6)}
    assert (shadows(console), console.waiting) == (set(), 0)
    assert all(console.holds(Stay, f"stay-{number}") is not None for number in range(1, 6))


def test_an_act_that_stumbles_over_what_has_changed_waits_and_holds_up_no_news(
    console: Console, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    admit(console, 3)
    news = said(console, stay_of_the_server(console, "stay-2", away_why="leave"))

    def stumbles(tx: Tx, command: OpenStay) -> None:
        raise KeyError("a bug of ours")

    odd = dataclasses.replace(handlers.HANDLES[OpenStay.name], apply=stumbles)
    monkeypatch.setattr(handlers, "HANDLES", {**handlers.HANDLES, OpenStay.name: odd})
    done = taken(console, news)

    held = console.holds(Stay, "stay-2")
    assert held is not None and held.away_why == "leave"
    assert (done.replayed, console.waiting, "an act stumbled" in caplog.text) == (1, 3, True)
