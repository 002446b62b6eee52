"""What befell a store is told until the server has it, once, and nothing waits for that."""

from __future__ import annotations

import json
from collections.abc import Mapping

from sqlalchemy import select

from core.kernel.case import Case
from core.store import incidents
from core.store.read import as_rows
from core.store.tables import TABLES
from core.wards.commands import OpenStay
from sync.ports import Answer
from tests.sync.client.hospital import Console, Hospital, StepLink


def befell(console: Console) -> None:
    with console.store.writing() as connection:
        incidents.note(connection, "acts_lost", console.time.now().wall, acts=2)


def waiting(console: Console) -> int:
    with console.store.reading() as connection:
        return len(incidents.waiting(connection, 10))


def cases(hospital: Hospital) -> list[tuple[str, int]]:
    with hospital.store.reading() as connection:
        found = as_rows(Case, connection.execute(select(TABLES[Case])))
    return [(case.code, json.loads(case.detail)["acts"]) for case in found]


def test_an_answer_that_was_lost_opens_no_second_case(console: Console, hospital: Hospital) -> None:
    befell(console)
    console.link.lose_answer_to = "/sync/incidents"
    console.sync()
    before = waiting(console)
    console.sync()
    assert (before, waiting(console), cases(hospital)) == (1, 0, [("acts_lost", 2)])


def test_a_console_that_may_pull_no_more_still_tells(console: Console, hospital: Hospital) -> None:
    befell(console)
    hospital.revoke(console)
    for _ in range(3):
        console.sync()
        console.time.at += 60_000
    assert (waiting(console), cases(hospital)) == (0, [("acts_lost", 2)])


def test_a_server_that_knows_no_such_message_stops_nothing(console: Console, hospital: Hospital) -> None:
    befell(console)
    console.link.deaf_to["/sync/incidents"] = Answer(404, {}, b"")
    console.press(OpenStay(stay_id="stay-1", ward_id="A", full_name="Patient"))
    hospital.told(OpenStay(stay_id="stay-2", ward_id="A", full_name="Patient"))
    console.sync()
    assert (console.waiting, console.verdicts(), waiting(console)) == (0, [("applied", "")], 1)
    assert any("/sync/changes" in asked for asked in console.link.asked)


def test_what_was_altered_on_its_way_is_not_taken_in(console: Console, hospital: Hospital) -> None:
    class Altering(StepLink):
        def ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
            return super().ask(method, path, body.replace(b'"acts":2', b'"acts":9'), headers)

    befell(console)
    console.link = Altering(hospital)
    console.sync()
    assert (waiting(console), cases(hospital)) == (1, [])
