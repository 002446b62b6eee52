"""Real processes over real files are killed in the middle of their work: what somebody was told is saved, is there."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from core.kernel.refusal import Refusal
from core.store import device_schema, log, server_schema
from core.store.open import Store
from core.wards.commands import OpenStay
from core.wards.model import Stay
from sync import chain
from tests.sync.client.hospital import Console, Hospital, enrolled, ward_a

pytestmark = pytest.mark.story
KILLS = 30


@pytest.fixture
def hospital(tmp_path: Path) -> Hospital:
    return ward_a(tmp_path)


@pytest.fixture
def console(hospital: Hospital, tmp_path: Path) -> Console:
    return enrolled(hospital, tmp_path, plain=False)


def killed(doing: str, folder: Path) -> list[str]:
    """The ids of all acts that were told to be saved, over so many kills."""
    command = [sys.executable, "-m", "tests.stories.dying", doing, str(folder), str(KILLS)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    return done.stdout.split()


def test_what_a_console_said_is_saved_outlives_its_process(console: Console, hospital: Hospital) -> None:
    console.store.close()
    told = killed("press", console.where.folder)
    with console.store.reading() as connection:
        rows = connection.execute(select(device_schema.op).order_by(device_schema.op.c.place)).all()
        whole = connection.execute(text("PRAGMA integrity_check")).scalar_one()
    kept = [bytes(row.op_id).hex() for row in rows]
    assert len(told) >= KILLS
    assert (sorted(set(told) - set(kept)), whole) == ([], "ok")
    assert [row.dseq for row in rows] == list(range(1, len(rows) + 1))


def test_what_survived_the_kills_reaches_the_server_once_and_shows_what_it_did(
    console: Console, hospital: Hospital
) -> None:
    console.store.close()
    told = killed("press", console.where.folder)
    console.sync()
    assert console.waiting == 0
    assert {outcome for outcome, _ in console.verdicts()} == {"applied"}
    with hospital.store.reading() as connection:
        stays = connection.execute(select(func.count()).select_from(text("stay"))).scalar_one()
        judged = {
            bytes(row.op_id).hex()
            for row in connection.execute(
                select(server_schema.op.c.op_id).where(server_schema.op.c.kind == "wards.open_stay")
            )
        }
    assert set(told) <= judged
    assert stays == len(judged)


def test_what_a_server_has_acknowledged_outlives_its_process(hospital: Hospital, tmp_path: Path) -> None:
    hospital.store.close()
    told = killed("judge", tmp_path)
    with hospital.store.reading() as connection:
        head = log.read_head(connection).seq
        acts = connection.execute(select(server_schema.op).order_by(server_schema.op.c.commit_seq)).all()
        bodies = dict(connection.execute(select(server_schema.op_body.c.op_id, server_schema.op_body.c.body)).all())
        whole = connection.execute(text("PRAGMA integrity_check")).scalar_one()
    assert len(told) >= KILLS
    assert sorted(set(told) - {bytes(act.op_id).hex() for act in acts}) == []
    assert ([act.commit_seq for act in acts], whole) == (list(range(1, head + 1)), "ok")
    assert all(hashlib.sha256(bytes(bodies[act.op_id])).digest() == bytes(act.body_hash) for act in acts)


def test_a_turn_is_in_the_log_and_in_the_tables_whole_or_not_at_all(hospital: Hospital, tmp_path: Path) -> None:
    hospital.store.close()
    killed("judge", tmp_path)
    assert stays_in_log(hospital.store) == stays_in_tables(hospital.store)


def test_a_full_disk_saves_nothing_by_halves_and_goes_on_when_there_is_room(console: Console) -> None:
    console.link.down = True
    pages = limited(console.store, more_pages=6)
    saved = 0
    with pytest.raises(Refusal, match="disk_full"):
        for count in range(500):
            console.press(OpenStay(stay_id=f"stay-{count}", ward_id="A", full_name="Somebody " * 10))
            saved = count + 1
    assert saved < 500
    assert (console.waiting, console.holds(Stay, f"stay-{saved}")) == (saved, None)
    unlimited(console.store, pages)
    console.press(OpenStay(stay_id="stay-after", ward_id="A", full_name="Somebody"))
    console.link.down = False
    console.sync()
    assert {outcome for outcome, _ in console.verdicts()} == {"applied"}


def test_the_chain_of_what_survived_is_the_one_that_the_server_has(console: Console, hospital: Hospital) -> None:
    console.store.close()
    killed("press", console.where.folder)
    console.sync()
    head = chain.start(console.incarnation)
    with console.store.reading() as connection:
        for row in connection.execute(select(device_schema.op).order_by(device_schema.op.c.dseq)):
            head = chain.extend(head, bytes(row.body))
    with hospital.store.reading() as connection:
        known = log.incarnation_row(connection, console.incarnation)
    assert known is not None
    assert bytes(known["head_hash"]) == head


def stays_in_log(store: Store) -> list[str]:
    with store.reading() as connection:
        head = log.read_head(connection).seq
        return sorted(row.row_id for row in log.changes_between(connection, 0, head) if row.table_name == "stay")


def stays_in_tables(store: Store) -> list[str]:
    with store.reading() as connection:
        return sorted(connection.execute(text("SELECT id FROM stay")).scalars())


def limited(store: Store, *, more_pages: int) -> int:
    """On the writer's own connection: a page limit is a connection's."""
    with store.writing() as connection:
        pages = int(connection.execute(text("PRAGMA page_count")).scalar_one())
        before = int(connection.execute(text("PRAGMA max_page_count")).scalar_one())
        connection.execute(text(f"PRAGMA max_page_count = {pages + more_pages}"))
    return before


def unlimited(store: Store, pages: int) -> None:
    with store.writing() as connection:
        connection.execute(text(f"PRAGMA max_page_count = {pages}"))
