"""Without its server a console gives back by itself what was lent to it, keeps what was done here, and says so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from core.devices.commands import SetOfflineLimit
from core.devices.limits import OFFLINE, left_over
from core.devices.model import DeviceKind
from core.kernel.policy import DEFAULTS
from core.kernel.refusal import Refusal
from core.kernel.values import HOUR_MS, MINUTE_MS, Role
from core.store import image, queue
from core.store.queue import Cursor
from core.wards.commands import AssignBed, MoveStay, OpenStay
from core.wards.model import Stay
from sync.client import leases, sign_in
from sync.client.moment import Moment, must_be_noted, noted, server_time
from sync.client.standing import standing
from tests.sync.client.hospital import NOON, Console, Hospital, enrolled, hire

PERSONAL, WALL = 14 * HOUR_MS, 72 * HOUR_MS
CANARY = "Uwamahoro Canary"
CANARIES = [f"Canary{letter} Uwase" for letter in "ABCDEFGHIJ"]


def admit(hospital: Hospital, stay: str = "stay-1", name: str = CANARY) -> None:
    hospital.told(OpenStay(stay_id=stay, ward_id="A", full_name=name))


def wait(console: Console, ms: int, *, by: int = 10 * MINUTE_MS) -> None:
    """So long without a server, while the console's loop keeps looking at its lease."""
    until = console.time.at + ms
    while console.time.at < until:
        console.time.at = min(until, console.time.at + by)
        leases.keep(console.store, console.time.now())


def audiences(console: Console) -> tuple[str, ...]:
    with console.store.reading() as connection:
        cursor = queue.read_cursor(connection)
    assert cursor is not None
    return cursor.audiences


# -- the table --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "limit"), [("kitchen", WALL), ("ward", PERSONAL), ("clinical", PERSONAL), ("admin", PERSONAL)]
)
def test_a_wall_may_be_alone_for_three_days_and_whatever_is_carried_for_a_shift_and_two_hours(
    hospital: Hospital, tmp_path: Path, kind: str, limit: int
) -> None:
    console = enrolled(hospital, tmp_path, f"{kind} 1", kind=kind)
    with console.store.reading() as connection:
        assert leases.limit_ms(connection, kind) == limit
    heard = console.time.at
    console.time.at = heard + limit - 1
    assert standing(console.store, console.time.now()).lent_ms == 1
    console.time.at = heard + limit
    assert standing(console.store, console.time.now()).lent_ms == 0


def test_every_kind_of_console_has_a_limit_that_the_hospital_can_set() -> None:
    assert set(OFFLINE) == {kind.value for kind in DeviceKind}
    assert set(OFFLINE.values()) <= set(DEFAULTS)


def test_a_limit_that_the_hospital_has_set_holds_on_every_console_of_its_kind(
    console: Console, hospital: Hospital
) -> None:
    hospital.told(SetOfflineLimit(limit="personal", minutes=120))
    console.sync()
    assert standing(console.store, console.time.now()).lent_ms == 2 * HOUR_MS
    wait(console, 2 * HOUR_MS)
    assert "ward:A" not in audiences(console)


# -- its end ----------------------------------------------------------------------------------------------------------


def test_a_lease_ends_by_itself_and_the_rows_leave(console: Console, hospital: Hospital) -> None:
    admit(hospital)
    console.sync()
    console.link.down = True
    wait(console, PERSONAL - MINUTE_MS)
    assert console.holds(Stay, "stay-1") is not None
    wait(console, MINUTE_MS)
    with console.store.reading() as connection:
        device = queue.this(connection).id
    assert (console.holds(Stay, "stay-1"), audiences(console)) == (None, (f"device:{device}", "hospital"))


def test_the_next_contact_renews_the_lease_and_brings_the_rows_back(console: Console, hospital: Hospital) -> None:
    admit(hospital)
    console.sync()
    before = console.rows_held()
    console.link.down = True
    wait(console, PERSONAL)
    assert console.rows_held() < before
    console.link.down = False
    hospital.time.at = console.time.at
    console.sync()
    found = standing(console.store, console.time.now())
    assert (console.rows_held(), found.lent_ms, found.loading) == (before, PERSONAL, False)


def test_what_was_done_before_the_end_stays_and_is_sent(console: Console, hospital: Hospital) -> None:
    console.link.down = True
    console.press(OpenStay(stay_id="stay-2", ward_id="A", full_name="Somebody"))
    wait(console, PERSONAL)
    assert (console.waiting, console.holds(Stay, "stay-2")) == (1, None)
    console.link.down = False
    hospital.time.at = console.time.at
    console.sync()
    assert (console.waiting, hospital.row(Stay, "stay-2") is not None) == (0, True)
    assert console.holds(Stay, "stay-2") is not None


def test_whoever_is_signed_in_still_writes_into_the_queue_after_the_end(console: Console, hospital: Hospital) -> None:
    console.link.down = True
    wait(console, PERSONAL)
    pressed = console.press(OpenStay(stay_id="stay-3", ward_id="A", full_name="Somebody"))
    assert (console.waiting, pressed.place) == (1, 1)
    console.link.down = False
    hospital.time.at = console.time.at
    console.sync()
    assert (console.waiting, hospital.row(Stay, "stay-3") is not None) == (0, True)


def test_an_image_that_was_on_its_way_when_the_lease_ended_does_not_stand_for_what_has_gone(
    console: Console, hospital: Hospital
) -> None:
    """The set that comes was begun while the ward was still held: the ward must come with it."""
    admit(hospital)
    console.sync()
    with console.store.reading() as connection:
        cursor = queue.read_cursor(connection)
    assert cursor is not None
    from sync.client import conversation
    from sync.client.talk import Talk
    from sync.protocol import AudienceChange

    change = AudienceChange(7, (*cursor.audiences, "ward:B"))
    talk = conversation.want(Talk(), cursor, change, "epoch-1")
    gone = replace(cursor, audiences=left_over(cursor.audiences, "nobody"), audiences_version=0)
    again = conversation.want(talk, gone, change, "epoch-1")
    assert talk.wanted is not None
    assert again.wanted is not None
    assert (talk.wanted.missing, "ward:A" in again.wanted.missing) == (("ward:B",), True)


# -- its clocks -------------------------------------------------------------------------------------------------------


def test_a_clock_that_is_set_changes_nothing_within_a_boot(console: Console, hospital: Hospital) -> None:
    admit(hospital)
    console.sync()
    console.time.wrong_by = 400 * 24 * HOUR_MS
    leases.keep(console.store, console.time.now())
    assert console.holds(Stay, "stay-1") is not None
    console.time.wrong_by = -400 * 24 * HOUR_MS
    wait(console, PERSONAL)
    assert console.holds(Stay, "stay-1") is None


def test_a_clock_set_back_over_a_reboot_gives_no_minute_back(console: Console, hospital: Hospital) -> None:
    """Thirteen hours pass, then it starts again with the clock of the morning: an hour later the lease is over."""
    admit(hospital)
    console.sync()
    wait(console, PERSONAL - HOUR_MS)
    console.time.boot = "boot-2"
    console.time.wrong_by = -PERSONAL
    leases.keep(console.store, console.time.now())
    assert console.holds(Stay, "stay-1") is not None
    wait(console, HOUR_MS)
    assert console.holds(Stay, "stay-1") is None


def test_hours_in_a_drawer_count_by_the_wall_clock(console: Console, hospital: Hospital) -> None:
    admit(hospital)
    console.sync()
    console.time.at += PERSONAL
    console.time.boot = "boot-2"
    assert leases.keep(console.store, console.time.now())


def test_an_instant_that_a_wrong_clock_made_up_is_forgotten_at_the_next_contact(
    console: Console, hospital: Hospital
) -> None:
    console.time.boot = "boot-2"
    console.time.wrong_by = 400 * 24 * HOUR_MS
    leases.keep(console.store, console.time.now())
    console.sync()
    with console.store.reading() as connection:
        at = server_time(queue.read_cursor(connection), console.time.now()).at
    console.time.boot = "boot-3"
    console.time.wrong_by = 0
    with console.store.reading() as connection:
        later = server_time(queue.read_cursor(connection), console.time.now()).at
    assert (at, later) == (NOON, NOON)


def test_time_is_noted_once_a_minute_and_not_while_the_server_is_heard() -> None:
    cursor = Cursor("e", 1, 1, 0, 1_000_000, 1_000_000, 5_000, "b", 0, (), 0, 0)
    now = [Moment(wall=0, mono=5_000 + ms, boot="b") for ms in (0, 59_999, 60_000, 119_999, 120_000)]
    assert [must_be_noted(cursor, one) for one in now] == [False, False, True, True, True]
    later = noted(cursor, now[2])
    assert [must_be_noted(later, one) for one in now] == [False, False, False, False, True]


# -- signing in -------------------------------------------------------------------------------------------------------


def test_past_the_limit_nobody_signs_in_and_is_told_for_how_long(console: Console) -> None:
    console.link.down = True
    wait(console, PERSONAL)
    with pytest.raises(Refusal, match="offline_too_long") as refused:
        sign_in.sign_in(console.store, console.time.now(), "nurse-1", "482913")
    assert refused.value.detail == {"hours": 14}


def test_a_nurse_who_was_never_here_confirms_at_the_bed_without_a_server(console: Console, hospital: Hospital) -> None:
    hire(hospital, "nurse-9", role=Role.NURSE, ward_id="A", pin="618350")
    console.sync()
    console.time.at += HOUR_MS
    assert sign_in.sign_in(console.store, console.time.now(), "nurse-9", "618350").actor.person_id == "nurse-9"


def test_a_runner_signs_in_without_a_server_only_where_they_have_been_before(
    console: Console, hospital: Hospital, tmp_path: Path
) -> None:
    hire(hospital, "runner-9", role=Role.RUNNER, ward_id="A", pin="904175")
    other = enrolled(hospital, tmp_path, "ward A 2")
    console.sync()
    sign_in.sign_in(console.store, console.time.now(), "runner-9", "904175")
    for machine in (console, other):
        machine.time.at += HOUR_MS
    assert sign_in.sign_in(console.store, console.time.now(), "runner-9", "904175").actor.person_id == "runner-9"
    assert [one.person_id for one in sign_in.people_here(other.store, other.time.now())] == ["nurse-1", "nurse-2"]
    with pytest.raises(Refusal, match="first_time_needs_link"):
        sign_in.sign_in(other.store, other.time.now(), "runner-9", "904175")


def test_a_first_time_that_is_refused_for_want_of_a_link_is_no_wrong_try(console: Console, hospital: Hospital) -> None:
    hire(hospital, "runner-9", role=Role.RUNNER, ward_id="A", pin="904175")
    console.sync()
    console.time.at += HOUR_MS
    for _ in range(12):
        with pytest.raises(Refusal, match="first_time_needs_link"):
            sign_in.sign_in(console.store, console.time.now(), "runner-9", "904175")
    hospital.time.at = console.time.at
    console.sync()
    assert sign_in.sign_in(console.store, console.time.now(), "runner-9", "904175").actor.person_id == "runner-9"


def test_whoever_waits_for_the_store_while_the_server_is_heard_is_not_told_that_it_is_away(
    console: Console, hospital: Hospital
) -> None:
    hire(hospital, "runner-9", role=Role.RUNNER, ward_id="A", pin="904175")
    pressed_at = console.time.now()
    console.time.at += 400
    hospital.time.at = console.time.at
    console.sync()
    with console.store.reading() as connection:
        cursor = queue.read_cursor(connection)
    assert cursor is not None
    assert server_time(cursor, pressed_at) == server_time(cursor, console.time.now())
    assert standing(console.store, pressed_at).live
    assert not must_be_noted(cursor, pressed_at)
    assert sign_in.sign_in(console.store, pressed_at, "runner-9", "904175").actor.person_id == "runner-9"


def test_a_nurse_of_another_ward_is_a_stranger_on_this_one(console: Console, hospital: Hospital) -> None:
    hire(hospital, "nurse-b", role=Role.NURSE, ward_id="B", pin="735108")
    console.sync()
    for after in (0, HOUR_MS):
        console.time.at = after
        with pytest.raises(Refusal, match="wrong_pin"):
            sign_in.sign_in(console.store, console.time.now(), "nurse-b", "735108")


# -- the bytes on the disk --------------------------------------------------------------------------------------------

PAGE, RESERVED, SALT, WAL_HEADER, FRAME_HEADER = 4_096, 80, 16, 32, 24  # SQLCipher 4


def in_the_open(console: Console) -> bytes:
    """Every byte of the store's files, pages of a sealed one deciphered: free pages and old frames of the log too."""
    key = None if console.where.plain else console.where.vault.secret("store")
    files = {path.name: path.read_bytes() for path in sorted(console.where.folder.glob("device.db*"))}
    if key is None:
        return b"".join(files.values())
    database, log = files["device.db"], files.get("device.db-wal", b"")
    pages = [database[at : at + PAGE] for at in range(0, len(database), PAGE)]
    step = FRAME_HEADER + PAGE
    pages += [log[at + FRAME_HEADER : at + step] for at in range(WAL_HEADER, len(log), step)]
    return b"".join(_deciphered(page, key) for page in pages) + files.get("device.db-shm", b"")


def _deciphered(page: bytes, key: bytes) -> bytes:
    vector = page[PAGE - RESERVED : PAGE - RESERVED + 16]
    told = b""
    for start in (0, SALT):  # the first page begins with the salt, in the open
        sealed = page[start : PAGE - RESERVED]
        cipher = Cipher(algorithms.AES(key), modes.CBC(vector)).decryptor()
        told += cipher.update(sealed[: len(sealed) // 16 * 16])
    return told


def names_in(console: Console) -> list[str]:
    data = in_the_open(console)
    return [name for name in CANARIES if name.encode() in data]


@pytest.fixture(params=["plain", "sealed"])
def held(request: pytest.FixtureRequest, hospital: Hospital, tmp_path: Path) -> Console:
    """A clinical console of ward A that holds ten patients whose names whoever has its key finds in its files."""
    console = enrolled(hospital, tmp_path, request.param, plain=request.param == "plain", kind="clinical")
    for place, name in enumerate(CANARIES):
        admit(hospital, stay=f"stay-{place}", name=name)
    console.sync()
    assert names_in(console) == CANARIES
    return console


def test_at_the_end_of_a_lease_no_byte_of_the_ward_is_left(held: Console) -> None:
    wait(held, PERSONAL)
    assert names_in(held) == []


def test_what_an_unsettled_act_had_changed_leaves_with_its_shadow(held: Console) -> None:
    held.link.down = True
    for place in range(1, 9):
        held.press(AssignBed(stay_id=f"stay-{place}", bed_id=f"A-00{place}"))
    assert names_in(held) == CANARIES
    wait(held, PERSONAL)
    with held.store.reading() as connection:
        shadows = image.all_shadows(connection)
    assert (names_in(held), held.waiting) == ([], 8)
    assert [table for table, _ in shadows if table in ("stay", "label_identity")] == []


def test_a_ward_that_was_taken_away_meanwhile_leaves_no_byte(held: Console, hospital: Hospital) -> None:
    hospital.revoke(held)
    held.sync()
    assert (names_in(held), audiences(held)) == ([], ())


def test_a_patient_who_moves_to_another_ward_leaves_no_byte_here(held: Console, hospital: Hospital) -> None:
    hospital.told(MoveStay(stay_id="stay-0", ward_id="B"))
    held.sync()
    assert names_in(held) == CANARIES[1:]


def test_a_press_after_the_end_shows_nothing_of_the_ward(held: Console) -> None:
    held.link.down = True
    wait(held, PERSONAL)
    held.press(AssignBed(stay_id="stay-0", bed_id="A-001"))
    assert names_in(held) == []
