"""A verdict that somebody must read reaches whoever pressed and their supervisor, until one of them has read it."""

from __future__ import annotations

from pathlib import Path

from core.cases.commands import AcknowledgeOutcome
from core.kernel.case import UnreadOutcome
from core.kernel.values import Actor, Role
from core.people.commands import AddPerson, GiveGrant, SetPin
from core.store.read import as_rows
from core.store.tables import TABLES
from core.wards.commands import AssignBed, OpenStay
from tests.sync.client.hospital import QUICK, Console, Hospital, enrolled

NURSE_2 = Actor("nurse-2", frozenset({Role.NURSE}), frozenset({"A"}))


def works_on(hospital: Hospital, person_id: str, ward_id: str, *, supervisor: str = "") -> None:
    hospital.told(AddPerson(person_id=person_id, display=person_id, full_name=person_id, supervisor_id=supervisor))
    hospital.told(GiveGrant(person_id=person_id, role=Role.NURSE.value, ward_id=ward_id))
    hospital.told(SetPin(person_id=person_id, pin_hash=QUICK.hash("482913")))


def unread(console: Console) -> list[str]:
    table = TABLES[UnreadOutcome]
    with console.store.reading() as connection:
        return [row.id for row in as_rows(UnreadOutcome, connection.execute(table.select()))]


def lose_a_bed(hospital: Hospital, console: Console) -> str:
    """An act of this console that the server refuses; its id."""
    for stay in ("stay-1", "stay-2"):
        console.press(OpenStay(stay_id=stay, ward_id="A", full_name=f"Patient {stay}"))
    console.sync()
    pressed = console.press(AssignBed(stay_id="stay-2", bed_id="A-001"))
    hospital.told(AssignBed(stay_id="stay-1", bed_id="A-001"))
    console.sync()
    assert console.verdicts()[-1] == ("rejected", "bed_taken")
    return pressed.op_id.hex()


def test_a_supervisor_elsewhere_reads_it_and_it_leaves_the_console_where_it_was_pressed(
    console: Console, hospital: Hospital, tmp_path: Path
) -> None:
    works_on(hospital, "charge-nurse", "B")
    works_on(hospital, "nurse-9", "A", supervisor="charge-nurse")
    elsewhere = enrolled(hospital, tmp_path, "ward B 1", ward_id="B")
    elsewhere.person, console.person = "charge-nurse", "nurse-9"
    console.sync()
    refused = lose_a_bed(hospital, console)
    elsewhere.sync()
    assert (unread(console), unread(elsewhere)) == ([refused], [refused])

    elsewhere.press(AcknowledgeOutcome(outcome_id=refused))
    elsewhere.sync()
    console.sync()

    row = hospital.row(UnreadOutcome, refused)
    assert (unread(console), unread(elsewhere)) == ([], [])
    assert row is not None and row.acknowledged_by == "charge-nurse"


def test_whose_it_is_not_cannot_read_it_away(console: Console, hospital: Hospital) -> None:
    works_on(hospital, "nurse-9", "A", supervisor="nurse-1")
    console.sync()
    console.person = "nurse-9"
    refused = lose_a_bed(hospital, console)
    stranger = hospital.do(AcknowledgeOutcome(outcome_id=refused), actor=NURSE_2)

    assert (stranger.outcome, stranger.code, unread(console)) == ("rejected", "not_your_outcome", [refused])
