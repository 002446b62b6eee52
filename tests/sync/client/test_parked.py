"""An act that the server could not judge: shown, judged after the mending under its own id, and told to its console."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from core.kernel.case import UnreadOutcome
from core.kernel.values import DAY_MS
from core.store import horizon, log, queue
from core.wards.commands import OpenStay, OpenWard
from core.wards.model import Stay
from sync.server import parked
from sync.server.app import try_again
from sync.server.perform import perform_again
from sync.server.proof import prove
from tests.sync.client.hospital import Console, Hospital


def admit(stay: str) -> OpenStay:
    return OpenStay(stay_id=stay, ward_id="A", full_name=f"Patient {stay}")


@pytest.fixture
def broken(console: Console, monkeypatch: pytest.MonkeyPatch) -> Console:
    """The server has a bug in admitting: the act is parked, and the one behind it goes on."""
    from core import handlers

    run = handlers.run

    def stumbles(tx: object, handle: object, command: object) -> None:
        if getattr(command, "stay_id", "") == "stay-1":
            raise ZeroDivisionError
        run(tx, handle, command)  # type: ignore[arg-type]  # as it came

    console.press(admit("stay-1"))
    console.press(admit("stay-2"))
    with monkeypatch.context() as patch:
        patch.setattr(handlers, "run", stumbles)
        console.sync()
    return console


def numbers(console: Console) -> list[int]:
    """Of the verdicts that a console has, in the order in which its acts were pressed."""
    with console.store.reading() as connection:
        return [row.commit_seq for row in reversed(queue.queue_listing(connection, 100))]


def outcome_of(hospital: Hospital, op_id: str) -> UnreadOutcome | None:
    return hospital.row(UnreadOutcome, op_id)


def test_what_is_parked_is_listed_for_whoever_mends_it(broken: Console, hospital: Hospital) -> None:
    (one,) = parked.listed(hospital.store)

    assert (one.kind, one.code, one.can_be_judged) == ("wards.open_stay", "server_error", True)
    assert [outcome for outcome, _ in broken.verdicts()] == ["parked", "applied"]
    assert outcome_of(hospital, one.op_id) is not None


def test_after_the_mending_it_is_judged_under_its_own_id_and_its_console_is_told(
    broken: Console, hospital: Hospital
) -> None:
    (one,) = parked.listed(hospital.store)
    done = parked.judge_again(hospital.store, hospital.time.now().wall)
    told = outcome_of(hospital, one.op_id)
    broken.sync()

    assert [(act.op_id, outcome.outcome) for act, outcome in done] == [(one.op_id, "applied")]
    assert (told.outcome if told else "", told.acknowledged_by if told else "") == ("applied", "system")
    assert [outcome for outcome, _ in broken.verdicts()] == ["applied", "applied"]
    assert broken.holds(Stay, "stay-1") is not None and broken.holds(UnreadOutcome, one.op_id) is None


def test_judged_once_it_stays_judged_and_the_log_stays_whole(broken: Console, hospital: Hospital) -> None:
    try_again(hospital.store, hospital.time.now().wall)
    head = hospital.head
    try_again(hospital.store, hospital.time.now().wall)

    with hospital.store.reading() as connection:
        assert prove(connection).seq == head == log.read_head(connection).seq
    assert (parked.listed(hospital.store), hospital.head) == ((), head)


def test_what_still_cannot_be_judged_waits_on_and_changes_nothing(broken: Console, hospital: Hospital) -> None:
    with hospital.store.writing() as connection:
        connection.execute(text("DELETE FROM op_body WHERE op_id = (SELECT op_id FROM op WHERE outcome = 'parked')"))
    head = hospital.head

    assert (parked.judge_again(hospital.store, hospital.time.now().wall), hospital.head) == ([], head)
    assert [one.can_be_judged for one in parked.listed(hospital.store)] == [False]


def test_two_processes_that_come_up_at_once_judge_it_once(broken: Console, hospital: Hospital) -> None:
    with hospital.store.reading() as connection:
        (row,) = log.parked(connection, 10)
    act = parked.submission_of(row)
    assert act is not None
    first, second = (perform_again(hospital.store, hospital.time.now().wall, act) for _ in range(2))
    broken.sync()

    assert ((first and first.outcome), second) == ("applied", None)
    assert broken.holds(Stay, "stay-1") is not None and (parked.listed(hospital.store)) == ()


def test_a_console_that_an_image_has_taken_past_the_word_is_told_it_all_the_same(
    broken: Console, hospital: Hospital
) -> None:
    parked.judge_again(hospital.store, hospital.time.now().wall)
    hospital.time.at += DAY_MS
    hospital.told(OpenWard(ward_id="C", kitchen_id="main", name_en="Ward C"))
    with hospital.store.writing() as connection:
        while horizon.turn(connection, hospital.time.now().wall):
            pass
    broken.link.asked.clear()
    broken.sync()

    assert "GET /sync/image/ward:A" in broken.link.asked
    assert [outcome for outcome, _ in broken.verdicts()] == ["applied", "applied"]


def test_the_word_is_never_told_before_its_mark(broken: Console, hospital: Hospital) -> None:
    """A backup that ends between the act and the mark knows nothing of it: whoever had heard would believe it still."""
    (first, second), before = numbers(broken), hospital.head
    parked.judge_again(hospital.store, hospital.time.now().wall)
    device = parked_device(broken)
    with hospital.store.reading() as connection:
        early = log.outcomes_between(connection, device, 0, before)
        late = log.outcomes_between(connection, device, 0, before + 1)
        (known,) = log.known_ops(connection, [log.told_of(late[-1])]).values()
    broken.sync()

    assert [row.commit_seq for row in early] == [second]
    assert {row.outcome for row in late} == {"applied"} and late[-1].commit_seq == known.commit_seq == before + 1
    assert (first < second, numbers(broken)) == (True, [before + 1, second])


def parked_device(console: Console) -> str:
    with console.store.reading() as connection:
        return str(queue.this(connection).id)


def test_what_could_not_be_judged_and_is_told_so_twice_stays_settled(console: Console) -> None:
    parked = {"op_id": b"an act", "outcome": "parked", "code": "server_error", "detail": "", "commit_seq": 1}
    final = {**parked, "outcome": "applied", "code": "", "commit_seq": 2}
    with console.store.writing() as connection:
        queue.keep_outcomes(connection, [parked])
        queue.settle(connection, 1)
        queue.keep_outcomes(connection, [parked])
        told_twice = queue.answered_not_settled(connection, ["parked"])
        queue.keep_outcomes(connection, [final])
        at_last = queue.answered_not_settled(connection, ["applied"])
    assert (told_twice, at_last) == (set(), {b"an act".hex()})
