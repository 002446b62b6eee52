"""A damaged store is made anew around its queue: what can be read is sent once, what cannot is said and never sent."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from pathlib import Path

import pytest
import sqlcipher3.dbapi2 as cipher
from sqlalchemy import select, text

from core.kernel.case import Case
from core.store import device_schema, home, image, mending
from core.store.home import STORE_KEY
from core.store.open import StoreTrouble
from core.store.read import as_rows
from core.store.tables import TABLES
from core.wards.commands import OpenStay
from sync.client import mend
from sync.client.lock import SyncLock
from tests.sync.client.hospital import Console, Hospital, enrolled

PAGE = 4_096
CHANCE = bytes(range(18))


@pytest.fixture
def sealed(hospital: Hospital, tmp_path: Path) -> Console:
    """A console whose store is encrypted, opened as on any morning."""
    console = enrolled(hospital, tmp_path, "sealed", plain=False)
    console.store.close()
    reopened(console)
    return console


def admit(console: Console, *numbers: int) -> None:
    for number in numbers:
        console.press(OpenStay(stay_id=f"stay-{number}", ward_id="A", full_name=f"Patient {number} " + "x" * 60))


def closed(console: Console) -> Path:
    console.store.checkpoint()
    console.store.close()
    return console.where.store_file


def reopened(console: Console) -> Console:
    console.store = mend.open_device(console.where, console.time.now(), CHANCE)
    console.link.down = False
    return console


def pages_of(console: Console, table: str) -> list[int]:
    """The pages of a table that hold rows; of an encrypted store only its first page."""
    key, file = console.where.vault.secret(STORE_KEY), str(console.where.store_file)
    if key is None:
        with sqlite3.connect(file) as plain:
            leaves = "SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf'"
            return [row[0] for row in plain.execute(leaves, (table,))]
    sealed = cipher.connect(file)
    sealed.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    root: int = sealed.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()[0]
    sealed.close()
    return [root]


def damage(file: Path, page: int) -> None:
    data = bytearray(file.read_bytes())
    start = (page - 1) * PAGE
    data[start : start + PAGE] = hashlib.shake_256(b"damage").digest(PAGE)
    file.write_bytes(data)


def cases(hospital: Hospital) -> dict[str, str]:
    with hospital.store.reading() as connection:
        return {case.code: case.detail for case in as_rows(Case, connection.execute(select(TABLES[Case])))}


def stays(hospital: Hospital) -> list[str]:
    with hospital.store.reading() as connection:
        return list(connection.execute(text("SELECT id FROM stay ORDER BY id")).scalars())


def test_damaged_rows_are_loaded_anew_and_every_act_of_the_queue_is_kept(sealed: Console, hospital: Hospital) -> None:
    before = sealed.rows_held()
    sealed.link.down = True
    admit(sealed, 1, 2, 3)
    incarnation = sealed.incarnation
    file = closed(sealed)
    damage(file, pages_of(sealed, "bed")[0])
    with pytest.raises(StoreTrouble, match="damaged_store"):
        home.open_device(sealed.where)
    reopened(sealed)
    assert (sealed.waiting, sealed.rows_held(), sealed.incarnation) == (3, 0, incarnation)
    sealed.sync()
    assert (sealed.waiting, sealed.verdicts()) == (0, [("applied", "")] * 3)
    assert sealed.rows_held() > before and stays(hospital) == ["stay-1", "stay-2", "stay-3"]
    assert list(cases(hospital)) == ["store_mended"] and '"acts":3' in cases(hospital)["store_mended"]


def test_a_damage_in_the_queue_loses_only_what_cannot_be_read_and_says_how_much(
    console: Console, hospital: Hospital
) -> None:
    console.store.close()
    reopened(console).link.down = True
    admit(console, *range(60))
    incarnation = console.incarnation
    file = closed(console)
    leaves = pages_of(console, "op")
    damage(file, leaves[len(leaves) // 2])
    reopened(console)
    kept = console.waiting
    assert (len(leaves) > 3, 30 < kept < 60, console.incarnation != incarnation) == (True, True, True)
    console.sync()
    console.sync()
    assert (console.waiting, len(stays(hospital)), set(console.verdicts())) == (0, kept, {("applied", "")})
    assert f'"acts":{60 - kept}' in cases(hospital)["acts_lost"]
    assert [path.name for path in console.where.folder.glob("device.damaged*")] == ["device.damaged-1.db"]


def test_a_mended_console_sends_nothing_a_second_time(console: Console, hospital: Hospital) -> None:
    console.store.close()
    reopened(console)
    admit(console, 1, 2)
    console.link.lose_answer_to = "/sync/push"
    console.sync()
    file = closed(console)
    damage(file, pages_of(console, "bed")[0])
    reopened(console).sync()
    with hospital.store.reading() as connection:
        acts = connection.execute(text("SELECT count(*) FROM op WHERE origin = 'device'")).scalar_one()
    assert (acts, stays(hospital), console.verdicts()) == (2, ["stay-1", "stay-2"], [("applied", "")] * 2)


def test_an_act_that_cannot_be_what_was_pressed_is_never_sent(console: Console, hospital: Hospital) -> None:
    console.store.close()
    reopened(console).link.down = True
    admit(console, 1, 2, 3)
    with console.store.writing() as connection:
        connection.execute(text("UPDATE op SET body = substr(body, 1, 40) || x'00' WHERE place = 2"))
    closed(console)
    reopened(console).sync()
    console.sync()
    assert (stays(hospital), console.waiting) == (["stay-1", "stay-3"], 0)
    assert '"acts":1' in cases(hospital)["acts_lost"]


def test_a_first_page_that_is_gone_is_told_from_a_wrong_key(sealed: Console, hospital: Hospital) -> None:
    sealed.link.down = True
    admit(sealed, 1)
    file = closed(sealed)
    damage(file, 1)
    reopened(sealed).sync()
    assert sealed.rows_held() > 0
    assert sorted(cases(hospital)) == ["acts_lost", "store_mended"]


def test_a_store_under_another_key_is_left_as_it_is(sealed: Console) -> None:
    file = closed(sealed)
    sealed.where.vault.keep(STORE_KEY, bytes(32))
    before = file.read_bytes()
    with pytest.raises(StoreTrouble, match="wrong_key"):
        mend.open_device(sealed.where, sealed.time.now(), CHANCE)
    assert file.read_bytes() == before


def test_a_store_that_another_process_works_on_is_not_mended_under_its_hands(console: Console) -> None:
    file = closed(console)
    damage(file, pages_of(console, "bed")[0])
    before, lock = file.read_bytes(), SyncLock(console.where.lock_file)
    assert lock.take()
    with pytest.raises(StoreTrouble, match="damaged_store"):
        mend.open_device(console.where, console.time.now(), CHANCE)
    lock.free()
    assert file.read_bytes() == before


@pytest.mark.parametrize("at", range(3))
def test_killed_anywhere_the_next_start_goes_on(
    console: Console, hospital: Hospital, at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    console.store.close()
    reopened(console).link.down = True
    admit(console, *range(40))
    file = closed(console)
    damage(file, pages_of(console, "op")[1])
    steps = [0]

    def power(real: object) -> object:
        def step(*told: object) -> object:
            steps[0] += 1
            if steps[0] > at:
                raise KeyboardInterrupt
            return real(*told)  # type: ignore[operator]  # os.link or os.replace

        return step

    with monkeypatch.context() as patch:
        patch.setattr(mending.os, "replace", power(mending.os.replace))
        patch.setattr(mending.os, "link", power(mending.os.link))
        with pytest.raises(KeyboardInterrupt):
            mend.open_device(console.where, console.time.now(), CHANCE)
    reopened(console)
    kept = console.waiting
    console.sync()
    console.sync()
    assert 10 < kept < 40 and (console.waiting, len(stays(hospital))) == (0, kept)


def test_what_was_noted_about_people_and_clocks_stays_known(console: Console) -> None:
    console.store.close()
    reopened(console)
    with console.store.writing() as connection:
        counted = {"who": "nurse-1", "tries": 4, "wait_ms": 1, "wait_mono": 2, "wait_boot": "b"}
        connection.execute(device_schema.pin_try.insert(), {**counted, "verifier_at": 3, "seen_at": 4})
        before = connection.execute(select(device_schema.cursor)).one()._asdict()
    file = closed(console)
    damage(file, pages_of(console, "bed")[0])
    reopened(console)
    with console.store.reading() as connection:
        after = connection.execute(select(device_schema.cursor)).one()._asdict()
        tries = connection.execute(select(device_schema.pin_try.c.tries)).scalar_one()
    clocks = ("epoch", "server_at", "heard_wall", "heard_mono", "heard_boot", "durable_seq")
    assert (tries, [after[name] for name in clocks]) == (4, [before[name] for name in clocks])
    assert after["audiences"] == ""


def test_what_a_killed_load_left_in_memory_goes_when_a_console_is_opened(
    sealed: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = tmp_path / "memory"
    memory.mkdir()
    monkeypatch.setattr(image, "MEMORY", memory)
    at = sealed.time.now().wall / 1_000
    for name, age in ((f"{image.LEFT}killed", 61), (f"{image.LEFT}at-work", 1), ("of-others", 10_000)):
        (memory / name).write_bytes(b"patients")
        os.utime(memory / name, (at - age, at - age))
    sealed.store.close()
    reopened(sealed)

    assert sorted(file.name for file in memory.iterdir()) == [f"{image.LEFT}at-work", "of-others"]
