"""What a console has pressed reaches the server once and in order, whatever the line does."""

from __future__ import annotations

import shutil
from pathlib import Path

from core.store import home
from core.store.home import Home
from core.wards.commands import AssignBed, OpenStay
from core.wards.model import Stay
from tests.sync.client.hospital import Console, Dice, Hospital, StepLink, Time, enrolled


def admit(stay: str) -> OpenStay:
    return OpenStay(stay_id=stay, ward_id="A", full_name=f"Patient {stay}")


def test_what_is_pressed_without_a_line_is_saved_and_shown_at_once(console: Console) -> None:
    console.link.down = True
    console.press(admit("stay-1"))
    assert (console.waiting, console.holds(Stay, "stay-1") is not None) == (1, True)


def test_when_the_line_is_back_everything_goes_and_nothing_waits(console: Console, hospital: Hospital) -> None:
    console.link.down = True
    console.press(admit("stay-1"))
    console.press(AssignBed(stay_id="stay-1", bed_id="A-001"))
    console.link.down = False
    console.sync()
    stay = hospital.row(Stay, "stay-1")
    assert stay is not None
    assert (console.waiting, stay.bed_id, console.verdicts()) == (0, "A-001", [("applied", "")] * 2)


def test_after_a_lost_answer_the_same_act_is_sent_again_and_counted_once(console: Console, hospital: Hospital) -> None:
    console.press(admit("stay-1"))
    console.link.lose_answer_to = "/sync/push"
    console.sync()
    judged = hospital.head
    console.sync()
    assert (hospital.head, console.waiting, console.verdicts()) == (judged, 0, [("applied", "")])


def test_the_loser_of_a_bed_is_told_who_has_it_and_sees_it_undone(
    console: Console, hospital: Hospital, tmp_path: Path
) -> None:
    other = enrolled(hospital, tmp_path, "ward A 2")
    for machine, stay in ((console, "stay-1"), (other, "stay-2")):
        machine.press(admit(stay))
        machine.press(AssignBed(stay_id=stay, bed_id="A-001"))
    console.sync()
    other.sync()
    loser = other.holds(Stay, "stay-2")
    assert loser is not None
    assert (other.verdicts()[1], loser.bed_id) == (("rejected", "bed_taken"), "")


def test_a_cloned_store_goes_on_under_a_new_incarnation_and_loses_nothing(
    console: Console, hospital: Hospital, tmp_path: Path
) -> None:
    clone = cloned(console, tmp_path / "clone")
    console.press(admit("stay-1"))
    clone.press(admit("stay-2"))
    console.sync()
    clone.sync()
    clone.sync()
    assert {hospital.row(Stay, stay) is not None for stay in ("stay-1", "stay-2")} == {True}
    assert (clone.waiting, clone.incarnation == console.incarnation) == (0, False)


def test_a_store_put_back_from_a_copy_notices_before_it_sends_anything(
    console: Console, hospital: Hospital, tmp_path: Path
) -> None:
    older = cloned(console, tmp_path / "older")
    console.press(admit("stay-1"))
    console.sync()
    older.sync()
    older.press(admit("stay-2"))
    older.sync()
    assert (older.waiting, older.verdicts()) == (0, [("applied", "")])
    assert older.incarnation != console.incarnation


def test_a_revoked_console_still_sends_and_holds_nothing_of_the_ward(console: Console, hospital: Hospital) -> None:
    console.press(admit("stay-1"))
    hospital.revoke(console)
    console.sync()
    assert (console.waiting, hospital.row(Stay, "stay-1") is not None) == (0, True)
    assert console.rows_held() == 0


def cloned(console: Console, folder: Path) -> Console:
    """The console's folder, copied as it lies there."""
    console.store.checkpoint()
    shutil.copytree(console.where.folder, folder)
    where = Home(folder, type(console.where.vault)(folder), plain=console.where.plain)
    return Console(
        home.open_device(where),
        StepLink(console.link.hospital),
        Time(),
        console.seed,
        "nurse-2",
        where,
        Dice("clone"),
    )
