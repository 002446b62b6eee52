"""NOTHING LOST is a comparison of real stores: whatever is missing, waits or differs is counted as that."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import text

from admin_cli.demo.counted import Counted, count
from core.wards.commands import AssignBed, OpenStay
from tests.sync.client.conftest import console, hospital
from tests.sync.client.hospital import Console, Hospital, enrolled

__all__ = ["console", "hospital"]  # fixtures


def admit(stay: str) -> OpenStay:
    return OpenStay(stay_id=stay, ward_id="A", full_name=f"Patient {stay}")


def in_the_log(hospital: Hospital, statement: str) -> None:
    """What no program of ours does to the log."""
    with hospital.store.writing() as connection:
        assert connection.execute(text(statement)).rowcount == 1


def counted(hospital: Hospital, *consoles: Console) -> Counted:
    return count([one.store for one in consoles], hospital.store)


def test_with_no_act_anywhere_everything_is_well(console: Console, hospital: Hospital) -> None:
    assert (counted(hospital, console), counted(hospital, console).is_well) == (Counted(), True)


def test_confirmed_and_refused_acts_of_every_console_add_up(
    console: Console, hospital: Hospital, tmp_path: Path
) -> None:
    other = enrolled(hospital, tmp_path, "ward A 2")
    for machine, stay in ((console, "stay-1"), (other, "stay-2")):
        machine.press(admit(stay))
        machine.press(AssignBed(stay_id=stay, bed_id="A-001"))
    console.sync()
    other.sync()
    found = counted(hospital, console, other)
    assert (found, found.is_well) == (Counted(acts=4, confirmed=3, refused=1), True)
    assert found.sentence == "4 acts = 3 confirmed + 1 refused; 0 lost, 0 done twice"


def test_an_act_that_has_not_been_sent_waits_and_is_not_lost(console: Console, hospital: Hospital) -> None:
    console.link.down = True
    console.press(admit("stay-1"))
    found = counted(hospital, console)
    assert (found, found.is_well) == (Counted(acts=1, waiting=1), True)


def test_an_act_whose_answer_was_lost_waits_and_is_not_counted_twice(console: Console, hospital: Hospital) -> None:
    console.press(admit("stay-1"))
    console.link.lose_answer_to = "/sync/push"
    console.sync()
    console.sync()
    assert counted(hospital, console) == Counted(acts=1, confirmed=1)


def test_an_act_that_was_confirmed_here_and_is_not_in_the_log_is_lost(console: Console, hospital: Hospital) -> None:
    console.press(admit("stay-1"))
    console.sync()
    in_the_log(hospital, "DELETE FROM op WHERE kind = 'wards.open_stay'")
    found = counted(hospital, console)
    assert (found.lost, found.twice, found.is_well) == (1, 0, False)


def test_an_act_that_the_log_knows_under_another_number_was_done_twice(console: Console, hospital: Hospital) -> None:
    console.press(admit("stay-1"))
    console.sync()
    in_the_log(hospital, "UPDATE op SET commit_seq = commit_seq + 1000 WHERE kind = 'wards.open_stay'")
    found = counted(hospital, console)
    assert (found.lost, found.twice, found.is_well) == (0, 1, False)


def test_an_act_that_the_log_judged_otherwise_than_was_told_here_is_seen(console: Console, hospital: Hospital) -> None:
    console.press(admit("stay-1"))
    console.sync()
    in_the_log(hospital, "UPDATE op SET outcome = 'rejected' WHERE kind = 'wards.open_stay'")
    assert not counted(hospital, console).is_well
