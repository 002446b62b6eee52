"""When something is wrong between a console, its store and its server: nothing is lost, and the trouble has a name."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from core.kernel.refusal import Refusal
from core.kernel.values import Role
from core.store import home, queue
from core.store.home import Home
from core.store.open import DEVICE_VERSION, StoreTrouble
from core.store.vault import Vault
from core.wards.commands import AssignBed, OpenStay
from core.wards.model import Stay
from sync.client import enrol, sign_in
from sync.client.standing import standing
from sync.client.talk import Talk
from sync.ports import Answer
from sync.protocol import Trouble
from sync.wire import encode
from tests.sync.client.hospital import Console, Dice, Hospital, StepLink, Time, code_for, enrolled, hire


def admit(stay: str) -> OpenStay:
    return OpenStay(stay_id=stay, ward_id="A", full_name=f"Patient {stay}")


def trouble_of(console: Console) -> str:
    return console.sync().trouble


def say(console: Console, path: str, status: int, code: str) -> None:
    console.link.deaf_to[path] = Answer(status, {}, encode(Trouble(code)))


# -- joining ----------------------------------------------------------------------------------------------------------


def refused_enrolment(hospital: Hospital, folder: Path, code: str, *, down: bool = False) -> tuple[str, bool]:
    """The refusal's code, and whether anything was left on the disk."""
    link = StepLink(hospital)
    link.down = down
    where = Home(folder / "new", Vault(folder / "new"), plain=True)
    try:
        enrol.enrol(where, "http://server", code=code, name="new", link=link, clock=Time(), chance=Dice(folder.name))
    except Refusal as refusal:
        return refusal.code, where.store_file.exists()
    return "", where.store_file.exists()


def test_without_any_server_a_new_console_stays_new(hospital: Hospital, tmp_path: Path) -> None:
    assert refused_enrolment(hospital, tmp_path, code_for(hospital), down=True) == ("no_server", False)


def test_a_code_nobody_made_lets_nobody_in(hospital: Hospital, tmp_path: Path) -> None:
    assert refused_enrolment(hospital, tmp_path, "AAAA-AAAA") == ("code_wrong", False)


def test_a_code_lets_one_console_in_and_no_second(hospital: Hospital, tmp_path: Path) -> None:
    code = code_for(hospital)
    assert refused_enrolment(hospital, tmp_path / "1", code) == ("", True)
    assert refused_enrolment(hospital, tmp_path / "2", code) == ("code_used", False)


def test_a_code_is_worth_nothing_after_ten_minutes(hospital: Hospital, tmp_path: Path) -> None:
    code = code_for(hospital)
    hospital.time.at += 10 * 60_000
    assert refused_enrolment(hospital, tmp_path, code) == ("code_too_old", False)


def test_a_code_may_be_typed_in_small_letters_with_an_o_for_a_nought(hospital: Hospital, tmp_path: Path) -> None:
    code = code_for(hospital).lower().replace("0", "o").replace("-", " ")
    assert refused_enrolment(hospital, tmp_path, code) == ("", True)


def test_whoever_guesses_codes_is_slowed_down(hospital: Hospital, tmp_path: Path) -> None:
    for _ in range(20):
        refused_enrolment(hospital, tmp_path, "AAAA-AAAA")
    assert refused_enrolment(hospital, tmp_path, code_for(hospital)) == ("too_many_tries", False)


# -- talking ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/sync/push", 401, "bad_signature"),
        ("/sync/push", 400, "bad_message"),
        ("/sync/push", 503, "busy"),
        ("/sync/push", 503, "disk_full"),
        ("/sync/hello", 426, "wrong_version"),
        ("/sync/hello", 401, "unknown_device"),
    ],
)
def test_what_the_server_refuses_waits_and_goes_when_it_is_well_again(
    console: Console, hospital: Hospital, path: str, status: int, code: str
) -> None:
    console.press(admit("stay-1"))
    say(console, path, status, code)
    assert trouble_of(console) in (code, "server_error")
    assert hospital.row(Stay, "stay-1") is None
    console.link.deaf_to.clear()
    console.sync()
    assert (console.waiting, hospital.row(Stay, "stay-1") is not None) == (0, True)


def test_a_page_of_some_proxy_is_no_answer(console: Console) -> None:
    console.press(admit("stay-1"))
    console.link.deaf_to["/sync/push"] = Answer(200, {}, b"<html>Please sign in to the Wi-Fi</html>")
    assert (trouble_of(console), console.waiting) == ("server_error", 1)


def test_a_segment_under_a_strangers_signature_changes_nothing(console: Console, hospital: Hospital) -> None:
    console.press(admit("stay-1"))
    console.seed = bytes(32)
    assert trouble_of(console) == "bad_signature"
    assert (console.waiting, hospital.row(Stay, "stay-1")) == (1, None)


def test_after_a_gap_the_console_begins_where_the_server_is(console: Console, hospital: Hospital) -> None:
    """The console believes that an act was answered which the server has never seen."""
    console.press(admit("stay-1"))
    console.press(admit("stay-2"))
    with console.store.writing() as connection:
        bodies = queue.bodies_until(connection, console.incarnation, 1)
        from sync import chain

        queue.answered(connection, dseq=1, chain=chain.extend(chain.start(console.incarnation), bodies[0]))
    console.sync()
    assert {hospital.row(Stay, stay) is not None for stay in ("stay-1", "stay-2")} == {True}


def test_what_only_a_newer_console_can_do_is_parked_and_blocks_nothing(console: Console, hospital: Hospital) -> None:
    """An act of an unknown kind lies in the queue before an ordinary one."""
    console.press(admit("stay-1"))
    rename_last_act(console, "wards.dance")
    console.press(admit("stay-2"))
    console.sync()
    assert console.verdicts() == [("parked", "unknown_command"), ("applied", "")]


def rename_last_act(console: Console, kind: str) -> None:
    import msgspec

    from sync.wire import decode_op, encode_op

    with console.store.writing() as connection:
        last = connection.execute(text("SELECT place, body FROM op ORDER BY place DESC LIMIT 1")).one()
        body = encode_op(msgspec.structs.replace(decode_op(last.body), kind=kind))
        connection.execute(text("UPDATE op SET body = :body WHERE place = :place"), {"body": body, "place": last.place})


# -- the store --------------------------------------------------------------------------------------------------------


def test_a_full_disk_stops_the_press_and_leaves_nothing_half_done(console: Console) -> None:
    fill_up(console)
    with pytest.raises(StoreTrouble, match="disk_full"):
        for place in range(500):
            console.press(admit(f"stay-{place}"))
    with console.store.reading() as connection:
        acts = connection.execute(text("SELECT count(*) FROM op")).scalar_one()
        stays = connection.execute(text("SELECT count(*) FROM stay")).scalar_one()
    assert acts == stays == console.waiting


def fill_up(console: Console) -> None:
    with console.store.writing() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 4}")


def test_a_store_under_another_key_is_left_as_it_is(hospital: Hospital, tmp_path: Path) -> None:
    console = enrolled(hospital, tmp_path, "sealed", plain=False)
    console.store.close()
    before = console.where.store_file.read_bytes()
    console.where.vault.keep("store", bytes(32))
    with pytest.raises(StoreTrouble, match="wrong_key"):
        home.open_device(console.where)
    assert console.where.store_file.read_bytes() == before


def test_a_store_is_nothing_to_read_without_its_key(hospital: Hospital, tmp_path: Path) -> None:
    console = enrolled(hospital, tmp_path, "sealed", plain=False)
    console.press(OpenStay(stay_id="stay-1", ward_id="A", full_name="Mukamana Unmistakable"))
    files = [path.read_bytes() for path in console.where.folder.glob("device.db*")]
    assert files and not any(b"stay-1" in data or b"SQLite format" in data for data in files)


def test_a_store_from_a_newer_version_is_refused_untouched(console: Console) -> None:
    with console.store.writing() as connection:
        connection.exec_driver_sql(f"PRAGMA user_version = {DEVICE_VERSION + 1}")
    console.store.checkpoint()
    console.store.close()
    before = console.where.store_file.read_bytes()
    with pytest.raises(StoreTrouble, match="newer_store"):
        home.open_device(console.where)
    assert console.where.store_file.read_bytes() == before


def test_a_damaged_store_is_found_before_anybody_works_on_it(console: Console) -> None:
    console.store.checkpoint()
    console.store.close()
    raw = bytearray(console.where.store_file.read_bytes())
    raw[4096 * 2 : 4096 * 6] = b"\xff" * 4096 * 4
    console.where.store_file.write_bytes(bytes(raw))
    with pytest.raises(StoreTrouble, match="damaged_store"):
        home.open_device(console.where)


# -- what the screen says ---------------------------------------------------------------------------------------------


def test_a_silent_line_is_told_after_half_a_minute_with_its_age(console: Console) -> None:
    console.link.down = True
    console.press(admit("stay-1"))
    console.time.at += 12 * 60_000
    found = standing(console.store, console.time.now(), Talk())
    assert (found.live, found.waiting, found.silent_ms) == (False, 1, 12 * 60_000)


def test_a_verdict_stays_on_the_console_until_somebody_has_read_it(
    console: Console, hospital: Hospital, tmp_path: Path
) -> None:
    other = enrolled(hospital, tmp_path, "ward A 2")
    for machine, stay in ((console, "stay-1"), (other, "stay-2")):
        machine.press(admit(stay))
        machine.press(AssignBed(stay_id=stay, bed_id="A-001"))
        machine.sync()
    assert standing(other.store, other.time.now(), Talk()).refused == 1


def test_nobody_signs_in_where_their_work_is_not_done(hospital: Hospital, tmp_path: Path) -> None:
    """A runner's PIN is known on every ward's consoles, and is a stranger's at a clinical one."""
    hire(hospital, "runner-9", role=Role.RUNNER, ward_id="A", pin="904175")
    clinical = enrolled(hospital, tmp_path, "clinical A", kind="clinical")
    handheld = enrolled(hospital, tmp_path, "handheld A")
    now = clinical.time.now()

    assert "runner-9" not in [one.person_id for one in sign_in.people_here(clinical.store, now)]
    assert sign_in.sign_in(handheld.store, now, "runner-9", "904175").actor.person_id == "runner-9"
    with pytest.raises(Refusal, match="wrong_pin"):
        sign_in.sign_in(clinical.store, now, "runner-9", "904175")
