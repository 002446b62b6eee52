"""A console's store: sealed by its key, refused untouched when it cannot be read, whole after any trouble."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from pathlib import Path

import pytest
import sqlcipher3.dbapi2 as cipher
from sqlalchemy import CheckConstraint, ForeignKeyConstraint, PrimaryKeyConstraint, UniqueConstraint, inspect, text

from core.kernel.refusal import Refusal
from core.kernel.values import Role
from core.store import device_steps, home, image, queue
from core.store.device_steps import Step
from core.store.home import FolderDisk, Home, new_device, open_device
from core.store.open import DEVICE_VERSION, Store, StoreTrouble, open_store
from core.store.tables import ROWS, TABLES, device_tables
from core.store.vault import Vault
from core.store.write import drop_rows, put_rows
from core.wards.commands import OpenStay
from core.wards.model import Stay
from sync.client import desk
from sync.client.desk import Signed
from sync.client.moment import Moment
from tests import given

KEY, OTHER_KEY = bytes(range(32)), bytes(32)
SECRET = "Uwimana-Grace-1974"


def stay(number: int, *, patient: str = SECRET) -> Stay:
    return Stay(id=f"s{number}", patient_id=patient, ward_id="A", kitchen_id="main", opened_at=1)


@pytest.fixture
def where(tmp_path: Path) -> Home:
    return Home(tmp_path / "console", Vault(tmp_path / "console"))


def enrolled(where: Home) -> Store:
    """A console that has loaded a ward, and is opened again as on any morning."""
    with new_device(where, bytes(32)) as store, store.writing() as connection:
        queue.become(
            connection, id="d1", kind="ward", name="ward A 1", ward_id="A", incarnation="i", server_url="",
            server_key=b"", answered_hash=b"",
        )  # fmt: skip
        at = given.MORNING
        queue.write_cursor(connection, queue.Cursor("e", 0, 0, at, at, at, at, "b", 0, ("hospital", "ward:A"), 1, 0))
        put_rows(connection, [given.ward_row("A"), stay(1)])
    return open_device(where)


def fingerprint(folder: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.iterdir())
        if not path.name.endswith("-shm")
    }


def code_of(where: Home) -> str:
    try:
        open_device(where).close()
    except Refusal as refusal:
        return refusal.code
    return ""


# -- the key --------------------------------------------------------------------------------------------------------


def test_what_a_console_holds_cannot_be_read_from_its_files(where: Home) -> None:
    store = enrolled(where)
    with store.writing() as connection:
        put_rows(connection, [stay(2)])
    files = [path for path in where.folder.iterdir() if path.name.startswith("device.db")]
    assert [path.name for path in files if SECRET.encode() in path.read_bytes()] == []
    assert not (where.folder / "device.db").read_bytes().startswith(b"SQLite format")
    store.close()


def test_a_plain_store_is_a_setting_and_would_be_readable(tmp_path: Path) -> None:
    plain = Home(tmp_path / "plain", Vault(tmp_path / "plain"), plain=True)
    enrolled(plain).close()
    assert sqlite3.connect(plain.store_file).execute("SELECT patient_id FROM stay").fetchall() == [(SECRET,)]


def test_a_wrong_key_is_told_before_anything_is_drawn_and_touches_nothing(
    where: Home, capfd: pytest.CaptureFixture[str]
) -> None:
    enrolled(where).close()
    before = fingerprint(where.folder)
    with pytest.raises(StoreTrouble) as refused:
        open_store(where.store_file, OTHER_KEY)
    assert (refused.value.code, fingerprint(where.folder), capfd.readouterr()) == ("wrong_key", before, ("", ""))


def test_a_store_whose_key_is_lost_says_so(where: Home) -> None:
    enrolled(where).close()
    (where.folder / "keys.json").unlink()
    assert code_of(where) == "wrong_key"


def test_a_machine_that_never_enrolled_says_so(where: Home) -> None:
    assert code_of(where) == "not_enrolled"


def test_every_console_has_a_key_of_its_own(tmp_path: Path) -> None:
    keys = []
    for name in ("one", "two"):
        there = Home(tmp_path / name, Vault(tmp_path / name))
        enrolled(there).close()
        keys.append(there.vault.secret(home.STORE_KEY))
    assert (keys[0] != keys[1], [len(key or b"") for key in keys]) == (True, [32, 32])


def test_only_its_owner_may_look_into_the_folder(where: Home) -> None:
    enrolled(where).close()
    modes = {
        path.name: path.stat().st_mode & 0o777 for path in where.folder.iterdir() if path.suffix in (".json", ".key")
    }
    assert (where.folder.stat().st_mode & 0o777, modes) == (0o700, {"keys.json": 0o600, "host.key": 0o600})


# -- beginning ------------------------------------------------------------------------------------------------------


def test_a_console_that_is_killed_while_it_enrols_has_nothing_and_begins_again(where: Home) -> None:
    with pytest.raises(KeyboardInterrupt), new_device(where, bytes(32)):
        raise KeyboardInterrupt
    assert (code_of(where), list(where.folder.glob("device*"))) == ("not_enrolled", [])
    enrolled(where).close()
    assert code_of(where) == ""


def test_enrolling_again_replaces_the_store_only_when_the_new_one_is_whole(where: Home) -> None:
    enrolled(where).close()
    before = fingerprint(where.folder)
    with pytest.raises(KeyboardInterrupt), new_device(where, bytes(32)):
        raise KeyboardInterrupt
    assert (fingerprint(where.folder), code_of(where)) == (before, "")


# -- trouble --------------------------------------------------------------------------------------------------------


def test_a_store_of_a_newer_version_is_refused_untouched(where: Home) -> None:
    store = enrolled(where)
    with store.writing() as connection:
        connection.exec_driver_sql(f"PRAGMA user_version = {DEVICE_VERSION + 1}")
    store.checkpoint()
    store.close()
    before = fingerprint(where.folder)
    assert (code_of(where), fingerprint(where.folder)) == ("newer_store", before)


@pytest.mark.parametrize("damage", [b"", b"\0" * 4096])
def test_a_damaged_store_says_so_before_anybody_works_on_it(where: Home, damage: bytes) -> None:
    enrolled(where).close()
    size = where.store_file.stat().st_size
    with where.store_file.open("r+b") as file:
        file.seek(4096 if damage else 0)
        file.write(damage)
        if not damage:
            file.truncate(size // 3)
    assert code_of(where) == "damaged_store"


def test_a_full_disk_is_told_and_leaves_nothing_half_done(where: Home) -> None:
    store = enrolled(where)
    raw = store._writer.raw_connection()
    pages = raw.cursor().execute("PRAGMA page_count").fetchone()[0]
    raw.cursor().execute(f"PRAGMA max_page_count = {pages}")
    raw.close()
    saved, refused = 0, ""
    nurse = given.person("nurse_1", Role.NURSE)
    while not refused and saved < 500:
        chance = saved.to_bytes(10, "big") + bytes(16)
        command = OpenStay(stay_id=f"n{saved}", ward_id="A", full_name="A B")
        try:
            desk.press(store, Moment(given.MORNING, given.MORNING, "b"), chance, Signed(nurse, ""), command)
            saved += 1
        except StoreTrouble as trouble:
            refused = trouble.code
    with store.reading() as connection:
        acts = len(queue.queue_listing(connection, 1_000))
        stays = len(image.every_row(connection, Stay))
        next_place = queue.this(connection).next_place
    store.close()
    assert (refused, acts, stays, next_place) == ("disk_full", saved, saved + 1, saved + 1)
    assert code_of(where) == ""


def test_what_was_saved_before_the_process_was_killed_is_there(where: Home) -> None:
    store = enrolled(where)
    pid = os.fork()
    if pid == 0:  # a second process of the same console: writes, and is gone without closing anything
        with store.writing() as connection:
            put_rows(connection, [stay(7)])
        os._exit(9)
    os.waitpid(pid, 0)
    store.close()
    again = open_device(where)
    with again.reading() as connection:
        assert [row.id for row in image.every_row(connection, Stay)] == ["s1", "s7"]
    again.close()


def test_a_write_that_fails_half_way_is_undone_whole(where: Home) -> None:
    store = enrolled(where)
    with pytest.raises(RuntimeError), store.writing() as connection:
        put_rows(connection, [stay(8)])
        raise RuntimeError
    with store.reading() as connection:
        assert len(image.every_row(connection, Stay)) == 1
    store.close()


# -- its tables -----------------------------------------------------------------------------------------------------


def test_no_table_of_a_console_has_a_constraint_but_its_key() -> None:
    """A constraint here would turn a colleague's booking into a pull that fails for ever."""
    hard = (UniqueConstraint, ForeignKeyConstraint, CheckConstraint)
    found = [
        (table.name, type(constraint).__name__)
        for table in device_tables().tables.values()
        for constraint in table.constraints
        if isinstance(constraint, hard) or not isinstance(constraint, PrimaryKeyConstraint)
    ]
    unique = [index.name for table in device_tables().tables.values() for index in table.indexes if index.unique]
    assert (found, unique) == ([], [])


def test_the_database_itself_says_the_same(where: Home) -> None:
    store = enrolled(where)
    with store.reading() as connection:
        found = inspect(connection)
        names = [name for name in found.get_table_names() if name in ROWS]
        hard = [
            name
            for name in names
            if found.get_foreign_keys(name) or found.get_unique_constraints(name) or found.get_check_constraints(name)
        ]
    store.close()
    assert (hard, len(names)) == ([], len([row for row in ROWS.values() if row.audiences]))


def test_what_nobody_may_see_has_no_table_on_a_console() -> None:
    private = {row.table_name for row in ROWS.values() if not row.audiences}
    assert (private & set(device_tables().tables), "credential" in private) == (set(), True)


def test_two_bookings_of_one_bed_lie_beside_one_another_on_a_console(where: Home) -> None:
    store = enrolled(where)
    with store.writing() as connection:
        put_rows(connection, [given.lying("a1", "s1", "A-001"), given.lying("a2", "s2", "A-001")])
        count = connection.execute(text("SELECT count(*) FROM bed_assignment")).scalar_one()
    store.close()
    assert count == 2


def test_rows_that_have_left_are_nowhere_in_the_file(tmp_path: Path) -> None:
    plain = Home(tmp_path / "plain", Vault(tmp_path / "plain"), plain=True)
    store = enrolled(plain)
    with store.writing() as connection:
        put_rows(connection, [stay(number, patient=f"{SECRET}-{number}") for number in range(200)])
    with store.writing() as connection:
        drop_rows(connection, [(Stay, f"s{number}") for number in range(200)])
    image.scrub(store)
    store.close()
    left = b"".join(path.read_bytes() for path in plain.folder.iterdir() if path.name.startswith("device.db"))
    assert f"{SECRET}-".encode() not in left


def test_every_connection_is_durable_and_forgets_what_is_deleted(where: Home) -> None:
    store = enrolled(where)
    with store.writing() as connection:
        said = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("synchronous", "secure_delete", "journal_mode", "foreign_keys")
        }
    store.close()
    assert said == {"synchronous": 2, "secure_delete": 1, "journal_mode": "wal", "foreign_keys": 1}


# -- growing --------------------------------------------------------------------------------------------------------

NEXT = DEVICE_VERSION + 1
GROWN = (Step(NEXT, ("ALTER TABLE cursor ADD COLUMN horizon BIGINT DEFAULT 0",)),)
BROKEN = (Step(NEXT, ("ALTER TABLE cursor ADD COLUMN horizon BIGINT DEFAULT 0", "ALTER TABLE nowhere ADD COLUMN x")),)


def columns(store: Store) -> set[str]:
    with store.reading() as connection:
        return {column["name"] for column in inspect(connection).get_columns("cursor")}


def test_a_step_brings_the_machinery_up_once(where: Home) -> None:
    store = enrolled(where)
    versions = [device_steps.step_up(store, GROWN) for _ in range(2)]
    grown = "horizon" in columns(store)
    store.close()
    assert (versions, grown) == ([NEXT, NEXT], True)


def test_a_step_that_is_killed_half_way_is_repeated_by_the_next_start(where: Home) -> None:
    store = enrolled(where)
    with pytest.raises(Exception, match="nowhere"):
        device_steps.step_up(store, BROKEN)
    half = (device_steps.version_of(store), "horizon" in columns(store))
    device_steps.step_up(store, GROWN)
    whole = (device_steps.version_of(store), "horizon" in columns(store))
    store.close()
    assert (half, whole) == ((DEVICE_VERSION, False), (NEXT, True))


def test_no_step_ever_rewrites_what_was_pressed() -> None:
    statements = [statement.lower() for step in device_steps.STEPS for statement in step.statements]
    assert [said for said in statements if " op " in f"{said} " and not said.startswith("create index")] == []


def test_a_folder_of_stores_copies_a_store_as_it_lies_there(tmp_path: Path) -> None:
    disk = FolderDisk(tmp_path, KEY)
    first = disk.open("one")
    with first.writing() as connection:
        put_rows(connection, [stay(1)])
    first.checkpoint()
    disk.copy("one", "two")
    copy = disk.open("two")
    with copy.reading() as connection:
        held = [row.id for row in image.every_row(connection, Stay)]
    for store in (first, copy):
        store.close()
    assert (held, disk.list()) == (["s1"], ("one", "two"))


def test_the_key_is_one_that_sqlcipher_itself_accepts(where: Home) -> None:
    enrolled(where).close()
    key = where.vault.secret(home.STORE_KEY)
    assert key is not None
    connection = cipher.connect(str(where.store_file))
    connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    assert connection.execute("SELECT count(*) FROM stay").fetchone() == (1,)
    connection.close()
    assert len(TABLES) == len(ROWS)
