"""A console whose rows are not the server's finds out by itself, mends them, and a person hears; so does one whose
server has another log than the one it was told of."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select, text

from core.kernel.case import Case
from core.store import log, queue, sums, witness
from core.store.read import as_rows
from core.store.tables import TABLES
from core.wards.commands import AssignBed, OpenStay
from core.wards.model import Bed, Stay
from sync.client import checks, conversation
from sync.ports import Answer
from tests.sync.client.hospital import Console, Hospital, enrolled
from tests.sync.client.turning_back import content_of, put_back


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each conversation of these tests is one after a start, and compares with its first pull."""
    monkeypatch.setattr(checks, "FIRST_MS", 0)


def cases(hospital: Hospital) -> list[tuple[str, str]]:
    with hospital.store.reading() as connection:
        return [(case.code, case.detail) for case in as_rows(Case, connection.execute(select(TABLES[Case])))]


def both_sums(console: Console, hospital: Hospital) -> tuple[dict[str, int], dict[str, int]]:
    with console.store.reading() as connection:
        cursor = queue.read_cursor(connection)
        assert cursor is not None
        here = sums.of_console(connection, cursor.audiences)
    with hospital.store.reading() as connection:
        return here, sums.of_server(connection, cursor.audiences)


def admit(console: Console, number: int) -> None:
    console.press(OpenStay(stay_id=f"stay-{number}", ward_id="A", full_name=f"Patient {number}"))
    console.press(AssignBed(stay_id=f"stay-{number}", bed_id=f"A-00{number}"))


def loads(console: Console) -> list[str]:
    return sorted(asked.rpartition("/")[2] for asked in console.link.asked if "/sync/image/" in asked)


def test_a_console_that_holds_what_the_server_holds_loads_nothing(console: Console, hospital: Hospital) -> None:
    admit(console, 1)
    console.sync()
    console.link.asked.clear()
    console.sync()
    here, there = both_sums(console, hospital)
    assert (loads(console), here == there, cases(hospital)) == ([], True, [])


def test_after_a_load_the_rows_are_looked_over_when_there_is_time(
    hospital: Hospital, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "FIRST_MS", 60_000)
    console = enrolled(hospital, tmp_path, "handheld 2")
    talk = console.sync()
    assert not any("&checks=" in asked for asked in console.link.asked)
    assert talk.check_due == console.time.now().mono + 60_000
    assert conversation.listening(talk, console.time.now()).pull_due == talk.check_due


def test_what_waits_to_be_sent_counts_for_nothing(console: Console, hospital: Hospital) -> None:
    console.sync()
    console.link.down = True
    admit(console, 1)
    here, there = both_sums(console, hospital)
    assert here == there


@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE bed SET state = 'closed' WHERE id = 'A-002'",
        "DELETE FROM bed WHERE id = 'A-003'",
        "UPDATE bed SET ward_id = 'B' WHERE id = 'A-004'",
        "INSERT INTO bed (id, version, ward_id, kitchen_id, state) VALUES ('A-666', 1, 'A', 'main', 'in_use')",
    ],
)
def test_rows_that_are_not_the_servers_are_mended_and_a_person_hears(
    console: Console, hospital: Hospital, harm: str
) -> None:
    admit(console, 1)
    console.sync()
    with console.store.writing() as connection:
        connection.execute(text(harm))
    console.link.asked.clear()
    console.sync()
    here, there = both_sums(console, hospital)
    assert here == there
    assert [console.holds(Bed, f"A-00{number}") for number in (2, 3, 4)] == [
        hospital.row(Bed, f"A-00{number}") for number in (2, 3, 4)
    ]
    assert (console.holds(Bed, "A-666"), set(loads(console)) <= {"ward:A", "care:A", "hospital"}) == (None, True)
    assert {code for code, _ in cases(hospital)} == {"rows_mended"}


def test_the_queue_is_not_touched_by_a_mending(console: Console, hospital: Hospital) -> None:
    console.sync()
    console.link.down = True
    admit(console, 1)
    with console.store.writing() as connection:
        connection.execute(text("DELETE FROM bed WHERE id = 'A-003'"))
    console.link.down = False
    console.link.deaf_to["/sync/push"] = _busy()
    console.sync()
    before = console.waiting
    console.link.deaf_to.clear()
    console.time.at += 60_000
    console.sync()
    stay = console.holds(Stay, "stay-1")
    assert (before, console.waiting, stay is not None and stay.bed_id) == (2, 0, "A-001")
    assert console.verdicts() == [("applied", "")] * 2


def test_a_line_that_breaks_while_it_mends_mends_with_the_next_contact(console: Console, hospital: Hospital) -> None:
    console.sync()
    with console.store.writing() as connection:
        connection.execute(text("DELETE FROM bed WHERE id = 'A-003'"))
    console.link.lose_answer_to = "/sync/image/ward:A"
    console.sync()
    console.sync()
    here, there = both_sums(console, hospital)
    assert (here == there, [code for code, _ in cases(hospital)][-1]) == (True, "rows_mended")


def test_of_a_server_with_other_tables_no_sums_are_asked(
    console: Console, hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.server.reception.SCHEMA", 1)
    with console.store.writing() as connection:
        connection.execute(text("DELETE FROM bed WHERE id = 'A-003'"))
    console.link.asked.clear()
    console.sync()
    assert loads(console) == []


# -- witnesses ------------------------------------------------------------------------------------------------------


def remembered(console: Console) -> witness.Witness | None:
    with console.store.reading() as connection:
        return witness.read(connection)


def test_a_console_remembers_the_newest_seal_that_it_was_told(console: Console, hospital: Hospital) -> None:
    admit(console, 1)
    console.sync()
    with hospital.store.reading() as connection:
        head = log.read_head(connection)
    assert remembered(console) == witness.Witness(head.epoch, head.seq, head.seal)


def test_a_log_that_was_altered_is_told_and_everything_that_is_kept_goes_again(
    console: Console, hospital: Hospital
) -> None:
    admit(console, 1)
    console.sync()
    with hospital.store.writing() as connection:
        connection.execute(text("UPDATE op SET seal = x'00' WHERE commit_seq = (SELECT seq FROM head)"))
    hospital.told(OpenStay(stay_id="stay-9", ward_id="A", full_name="Patient 9"))
    console.sync()
    console.time.at += 60_000
    console.sync()
    assert [code for code, _ in cases(hospital)] == ["log_differs"]
    assert (console.verdicts(), console.holds(Stay, "stay-9") is not None) == ([("applied", "")] * 2, True)


def test_a_database_that_was_put_back_by_hand_gets_back_what_it_lost(console: Console, hospital: Hospital) -> None:
    """Without a new epoch: nobody told anybody."""
    admit(console, 1)
    console.sync()
    content = content_of(hospital)
    admit(console, 2)
    console.sync()
    put_back(hospital, content)
    for number in range(3, 9):  # and went on, beyond what the console has seen
        hospital.told(OpenStay(stay_id=f"stay-{number}", ward_id="A", full_name=f"Patient {number}"))
    for _ in range(3):
        console.sync()
        console.time.at += 60_000
    stay = hospital.row(Stay, "stay-2")
    assert (stay is not None and stay.bed_id, console.waiting) == ("A-002", 0)
    assert [code for code, _ in cases(hospital)] == ["log_differs"]
    assert console.verdicts() == [("applied", "")] * 4


def _busy() -> Answer:
    return Answer(503, {"retry-after": "1"})
