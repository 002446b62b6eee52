"""A queue is carried on a stick: whole, sealed, in any order, as often as one likes, and never half-taken."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.devices import keys
from core.kernel.refusal import Refusal
from core.store import log, queue
from core.store.open import open_server_store
from core.store.tables import SERVER
from core.wards.commands import AssignBed, OpenStay
from core.wards.model import Stay
from sync import ferry
from sync.client import carrying
from sync.client import ferry as loading
from sync.client.carrying import Laid, lay, pass_on, read
from sync.protocol import SEGMENT_OPS, Ferry, FerryAnswer
from sync.server.ferry import open_carried
from sync.wire import unpack_segment
from tests.sync.client.hospital import NOON, Console, Hospital, enrolled, ward_a

SERVER_SEED = bytes(32)


def admit(stay: str) -> OpenStay:
    return OpenStay(stay_id=stay, ward_id="A", full_name=f"Patient {stay}")


def carried(console: Console, folder: Path) -> Laid:
    chance = console.dice.bytes(loading.CHANCE_BYTES)
    return lay(loading.load(console.store, console.time.now(), keys.signer(console.seed), chance), folder)


def passed_on(relay: Console, data: bytes) -> FerryAnswer:
    return pass_on(relay.store, relay.link, relay.time, keys.signer(relay.seed), data)


def refused(relay: Console, data: bytes, hospital: Hospital) -> str:
    """The refusal's code; and nothing of the file has reached the log."""
    before = hospital.head
    with pytest.raises(Refusal) as caught:
        passed_on(relay, data)
    assert hospital.head == before
    return caught.value.code


@pytest.fixture
def relay(hospital: Hospital, tmp_path: Path) -> Console:
    return enrolled(hospital, tmp_path, "ward A 2")


@pytest.fixture
def away(console: Console) -> Console:
    """A console that has worked without a network: a patient admitted, and a bed given."""
    console.link.down = True
    console.press(admit("stay-1"))
    console.press(AssignBed(stay_id="stay-1", bed_id="A-001"))
    return console


def test_what_was_done_without_a_network_reaches_the_server_on_a_stick(
    away: Console, relay: Console, hospital: Hospital, tmp_path: Path
) -> None:
    laid = carried(away, tmp_path / "stick")
    told = passed_on(relay, read(laid.path))

    stay = hospital.row(Stay, "stay-1")
    with away.store.reading() as own, hospital.store.reading() as connection:
        mine = queue.this(own).id
        rows = [row for row in log.ops_about(connection, "stay-1", 10) if row.origin == "device"]
    assert (told.name, told.acts, told.fresh, told.unread, told.waiting) == ("ward A 1", 2, 2, 0, 0)
    assert (stay.bed_id if stay else "", laid.acts, laid.path.parent.name) == ("A-001", 2, "stick")
    assert {row.origin_ref for row in rows} == {mine}


def test_a_file_taken_in_twice_counts_once(away: Console, relay: Console, hospital: Hospital, tmp_path: Path) -> None:
    data = read(carried(away, tmp_path).path)
    passed_on(relay, data)
    head = hospital.head

    again = passed_on(relay, data)

    assert (again.acts, again.fresh, hospital.head) == (2, 0, head)


def test_a_later_file_may_come_before_an_earlier_one(
    away: Console, relay: Console, hospital: Hospital, tmp_path: Path
) -> None:
    earlier = read(carried(away, tmp_path / "one").path)
    away.press(admit("stay-2"))
    later = read(carried(away, tmp_path / "two").path)

    assert [passed_on(relay, data).fresh for data in (later, earlier)] == [3, 0]


def test_a_console_that_comes_back_is_told_what_became_of_what_was_carried(
    away: Console, relay: Console, hospital: Hospital, tmp_path: Path
) -> None:
    passed_on(relay, read(carried(away, tmp_path).path))
    head = hospital.head
    away.link.down = False
    away.sync()

    assert (away.waiting, hospital.head, away.verdicts()) == (0, head, [("applied", "")] * 2)


def test_a_verdict_that_somebody_must_read_is_counted_for_whoever_carries_it(
    away: Console, relay: Console, hospital: Hospital, tmp_path: Path
) -> None:
    relay.press(admit("stay-9"))
    relay.press(AssignBed(stay_id="stay-9", bed_id="A-001"))
    relay.sync()

    assert passed_on(relay, read(carried(away, tmp_path).path)).unread == 1


def test_with_nothing_to_send_no_file_is_written(console: Console, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="ferry_nothing"):
        carried(console, tmp_path / "stick")
    assert not (tmp_path / "stick").exists()


def test_nobody_but_the_server_can_read_what_is_carried_and_the_queue_stays(away: Console, tmp_path: Path) -> None:
    data = read(carried(away, tmp_path).path)

    assert (away.waiting, away.verdicts()) == (2, [("", "")] * 2)
    assert [word in data for word in (b"stay-1", b"Patient", b"nurse", b"ward A")] == [False] * 4
    assert ferry.opened(data, SERVER_SEED).ferry.name == "ward A 1"


def test_it_carries_the_very_segments_that_a_push_would_send(away: Console, tmp_path: Path) -> None:
    opened = ferry.opened(read(carried(away, tmp_path).path), SERVER_SEED).ferry
    with away.store.reading() as connection:
        me = queue.this(connection)
        bodies = [body for _, body in queue.unsent(connection, me.incarnation, me.answered_dseq, SEGMENT_OPS)]

    assert [list(unpack_segment(packed).ops) for packed in opened.segments] == [bodies]


@pytest.mark.slow
def test_a_long_queue_is_cut_into_segments_and_judged_whole(
    console: Console, relay: Console, hospital: Hospital, tmp_path: Path
) -> None:
    console.link.down = True
    for number in range(SEGMENT_OPS + 20):
        console.press(admit(f"stay-{number}"))
    data = read(carried(console, tmp_path).path)

    assert len(ferry.opened(data, SERVER_SEED).ferry.segments) == 2
    assert passed_on(relay, data).fresh == SEGMENT_OPS + 20


# -- what is wrong with a file ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Hospital, Console, bytes]]:
    """A file, the hospital it is for, and the console it is from; nobody takes it in."""
    folder = tmp_path_factory.mktemp("written")
    hospital = ward_a(folder)
    console = enrolled(hospital, folder)
    console.link.down = True
    console.press(admit("stay-1"))
    yield hospital, console, read(carried(console, folder).path)
    console.store.close()
    hospital.store.close()


def said(hospital: Hospital, data: bytes) -> str:
    with pytest.raises(Refusal) as caught:
        open_carried(hospital.store, data, keys.verify)
    return caught.value.code


def test_a_file_that_was_cut_is_refused_whole(written: tuple[Hospital, Console, bytes]) -> None:
    hospital, _, data = written

    assert {said(hospital, data[:kept]) for kept in range(len(data))} == {"ferry_cut"}


def test_one_altered_byte_anywhere_and_nothing_of_it_is_believed(written: tuple[Hospital, Console, bytes]) -> None:
    hospital, _, data = written
    found = set()
    for place in range(len(data)):
        altered = bytearray(data)
        altered[place] ^= 0x20
        found.add(said(hospital, bytes(altered)))

    assert found == {"ferry_not_one", "ferry_other_hospital", "ferry_cut", "ferry_altered"}


def test_what_is_no_such_file_is_told_apart(written: tuple[Hospital, Console, bytes]) -> None:
    hospital, _, data = written
    codes = [said(hospital, wrong) for wrong in (data + b"x", b"%PDF-1.7 a letter", bytes(ferry.FILE_BYTES + 1))]

    assert codes == ["ferry_altered", "ferry_not_one", "ferry_too_large"]


def test_a_file_sealed_by_a_stranger_is_believed_by_nobody(written: tuple[Hospital, Console, bytes]) -> None:
    """Anybody may know the server's key; only the console has its own."""
    hospital, console, _ = written
    forged = loading.load(console.store, console.time.now(), keys.signer(b"\1" * 32), bytes(range(1, 33)))

    assert said(hospital, forged.data) == "ferry_altered"


def test_a_file_for_another_hospital_is_known_before_it_is_sent(relay: Console, hospital: Hospital) -> None:
    sealed = ferry.sealed(Ferry("d", "n", NOON, ()), keys.public_key(b"\7" * 32), bytes(range(32)))
    asked = len(relay.link.asked)

    assert (refused(relay, sealed, hospital), len(relay.link.asked)) == ("ferry_other_hospital", asked)


def test_a_server_that_does_not_know_the_console_says_so(
    written: tuple[Hospital, Console, bytes], tmp_path: Path
) -> None:
    other = open_server_store(f"sqlite:///{tmp_path / 'other.db'}")
    with other.writing() as connection:
        SERVER.create_all(connection)
        log.create_hospital(connection, epoch="e", at=NOON, signing_seed="00" * 32, practice=True)
    with pytest.raises(Refusal) as caught:
        open_carried(other, written[2], keys.verify)
    other.close()

    assert (caught.value.code, caught.value.detail) == ("ferry_unknown_console", {"name": "ward A 1"})


def test_earlier_work_that_the_server_lost_is_asked_for_first(
    away: Console, relay: Console, hospital: Hospital, tmp_path: Path
) -> None:
    away.link.down = False
    away.sync()
    away.link.down = True
    away.press(admit("stay-3"))
    data = read(carried(away, tmp_path).path)
    start = hospital.head
    with hospital.store.writing() as connection:
        log.step_incarnation(connection, away.incarnation, last_dseq=0, head_hash=b"\0" * 32)

    assert (refused(relay, data, hospital), hospital.head) == ("ferry_gap", start)


def test_a_console_out_of_use_passes_nothing_on_but_its_own_queue_can_be_carried(
    away: Console, relay: Console, hospital: Hospital, tmp_path: Path
) -> None:
    data = read(carried(away, tmp_path).path)
    hospital.revoke(away)
    assert passed_on(relay, data).fresh == 2
    hospital.revoke(relay)

    assert refused(relay, data, hospital) == "device_revoked"


def test_without_a_line_or_an_answer_the_file_stays_good(
    away: Console, relay: Console, hospital: Hospital, tmp_path: Path
) -> None:
    data = read(carried(away, tmp_path).path)
    relay.link.down = True
    assert refused(relay, data, hospital) == "ferry_no_server"
    relay.link.down = False
    relay.link.lose_answer_to = "/sync/ferry"
    with pytest.raises(Refusal, match="ferry_no_server"):
        passed_on(relay, data)

    assert passed_on(relay, data).fresh == 0


# -- where it is laid -------------------------------------------------------------------------------------------------


def test_a_full_stick_leaves_no_half_file(away: Console, tmp_path: Path) -> None:
    full = Path("/dev/full")
    loaded = loading.load(away.store, away.time.now(), keys.signer(away.seed), bytes(range(32)))
    stick = tmp_path / "stick"
    stick.mkdir()
    (stick / "queue.ferry.new").symlink_to(full)
    with pytest.raises(Refusal) as caught:
        lay(loaded, stick, name="queue.ferry")

    assert (caught.value.code, list(stick.iterdir()), away.waiting) == ("ferry_disk_full", [], 2)


def test_a_place_that_cannot_be_written_to_is_named(away: Console, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(Refusal) as caught:
        carried(away, tmp_path / "file" / "stick")

    assert (caught.value.code, str(tmp_path) in str(caught.value.detail["folder"])) == ("ferry_no_place", True)


def test_a_file_tells_by_its_name_whose_it_is_and_nobody_else_may_read_it(away: Console, tmp_path: Path) -> None:
    path = carried(away, tmp_path).path

    assert (path.name.startswith("ward-a-1-2025"), path.name.endswith(".ferry")) == (True, True)
    assert path.stat().st_mode & 0o077 == 0


def test_sticks_are_looked_for_where_machines_mount_them(tmp_path: Path) -> None:
    (tmp_path / "person" / "stick").mkdir(parents=True)

    assert carrying.sticks((str(tmp_path),)) == ()
    assert Path("/") not in carrying.sticks(("/nowhere",))
