"""A copy counts only once it was read whole; a hospital that is brought back begins a new epoch and keeps what was."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from admin_cli.hospital import hospital as living
from core.settings import Settings
from core.store import log
from core.wards.model import Kitchen
from tests.admin_cli.conftest import Command


def head() -> log.Head:
    with living() as store, store.reading() as connection:
        return log.read_head(connection)


def test_a_copy_that_was_read_whole_raises_the_durable_number(
    dusangire: Command, hospital: Path, tmp_path: Path
) -> None:
    before = head()
    said = dusangire("server", "backup", tmp_path / "copies", "--json").json
    assert (before.durable_seq, head().durable_seq, said["seq"]) == (0, before.seq, before.seq)
    assert [path.name for path in (tmp_path / "copies").iterdir()] == [Path(said["file"]).name]
    assert Path(said["file"]).stat().st_mode & 0o077 == 0


def test_older_copies_go_but_for_so_many_and_nobody_else_s_files(
    dusangire: Command, hospital: Path, tmp_path: Path
) -> None:
    copies = tmp_path / "copies"
    copies.mkdir()
    older = [f"hospital-2026010{day}-010000-{day * 3}.db" for day in (1, 2, 3)]
    others = ["hospital-of-last-year.db", "notes.txt", "hospital-20260104-010000-12.db.part"]
    for name in (*older, *others):
        (copies / name).write_text("a copy")
    said = dusangire("server", "backup", copies, "--keep", "2", "--json").json
    left = sorted(path.name for path in copies.iterdir())
    assert said["deleted"] == older[:2]
    assert left == sorted([older[2], Path(said["file"]).name, *others])
    assert dusangire("server", "backup", copies, "--keep", "0").code == 2


def test_a_copy_that_is_not_whole_lets_no_older_one_go(dusangire: Command, hospital: Path, tmp_path: Path) -> None:
    copies = tmp_path / "copies"
    dusangire("server", "backup", copies)
    with sqlite3.connect(hospital) as database:
        database.execute("DELETE FROM op WHERE commit_seq = 7")
    said = dusangire("server", "backup", copies, "--keep", "1")
    assert (said.code, len(list(copies.iterdir()))) == (2, 1)


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM op WHERE commit_seq = 7",
        "UPDATE op SET actor_id = 'somebody_else' WHERE commit_seq = 7",
        "UPDATE op_body SET body = x'00' WHERE op_id = (SELECT op_id FROM op WHERE commit_seq = 7)",
        "UPDATE head SET seq = seq - 1",
    ],
)
def test_a_log_that_does_not_fit_together_gives_no_copy_and_tells_no_console_anything(
    dusangire: Command, hospital: Path, tmp_path: Path, damage: str
) -> None:
    with sqlite3.connect(hospital) as database:
        database.execute(damage)
    said = dusangire("server", "backup", tmp_path / "copies")
    assert (said.code, len(said.sentences), head().durable_seq) == (2, 3, 0)
    assert list((tmp_path / "copies").iterdir()) == []


def test_a_folder_that_cannot_be_written_is_said(dusangire: Command, hospital: Path, tmp_path: Path) -> None:
    (tmp_path / "full").write_text("a file is no folder")
    said = dusangire("server", "backup", tmp_path / "full")
    assert (said.code, len(said.sentences), head().durable_seq) == (2, 3, 0)


def test_a_hospital_comes_back_as_it_was_in_a_new_epoch_and_what_was_there_is_kept(
    dusangire: Command, hospital: Path, tmp_path: Path
) -> None:
    copy = dusangire("server", "backup", tmp_path / "copies", "--json").json
    first = head()
    dusangire("devices", "code", "kitchen", "kitchen 9")
    lost = head()
    said = dusangire("server", "restore", copy["file"], "--json").json
    now = head()
    assert (first.seq < lost.seq, now.seq, now.seal) == (True, first.seq, first.seal)
    assert now.history() == (*first.history(), (now.epoch, first.seq))
    with sqlite3.connect(hospital.with_name(said["aside"])) as aside:
        assert aside.execute("SELECT seq FROM head").fetchone() == (lost.seq,)


def test_no_file_becomes_the_hospital_that_is_not_a_whole_copy(
    dusangire: Command, hospital: Path, tmp_path: Path
) -> None:
    copy = Path(dusangire("server", "backup", tmp_path / "copies", "--json").json["file"])
    data = bytearray(copy.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 8_192] = bytes(8_192)
    copy.write_bytes(data)
    before = head()
    for file in (copy, tmp_path / "nowhere.db", hospital.with_name("hospital.db-nothing")):
        said = dusangire("server", "restore", file)
        assert (said.code, len(said.sentences), head()) == (2, 3, before)
    assert sorted(path.name for path in hospital.parent.iterdir() if "restore" in path.name) == []


def test_an_older_copy_than_consoles_rely_on_is_taken_only_when_it_is_meant(
    dusangire: Command, hospital: Path, tmp_path: Path
) -> None:
    older = dusangire("server", "backup", tmp_path / "copies", "--json").json["file"]
    dusangire("devices", "code", "kitchen", "kitchen 9")
    dusangire("server", "backup", tmp_path / "copies")
    refused = dusangire("server", "restore", older)
    assert (refused.code, len(refused.sentences)) == (2, 3)
    assert dusangire("server", "restore", older, "--older").code == 0


def test_a_hospital_that_is_served_is_not_exchanged(
    dusangire: Command, hospital: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import socket

    copy = dusangire("server", "backup", tmp_path / "copies", "--json").json["file"]
    with socket.create_server(("127.0.0.1", 0)) as serving:
        port = serving.getsockname()[1]
        (hospital.parent.parent / "dusangire.toml").write_text(f"[server]\nport = {port}\n")
        before = head()
        assert (dusangire("server", "restore", copy).code, head()) == (2, before)


def test_from_postgresql_too_a_copy_is_one_file_and_goes_back_into_either(
    postgres_url: str, machine: Path, filled: Path
) -> None:
    from admin_cli.backups import back_up, bring_back
    from core.store import backup

    settings = Settings(data_folder=machine / "data", database_url=postgres_url, port=1)
    backup.move_in(filled, postgres_url)
    copied = back_up(settings, machine / "copies")
    bring_back(settings, copied.file)
    with living(postgres_url) as store, store.reading() as connection:
        again = log.read_head(connection)
        rows = connection.exec_driver_sql("SELECT count(*) FROM change").scalar_one()
    assert (again.seq, again.durable_seq, rows, len(again.history())) == (
        copied.whole.seq, copied.whole.seq, copied.whole.changes, 2,
    )  # fmt: skip
    plain = Settings(data_folder=machine / "data", port=1)
    bring_back(plain, copied.file)
    with living(plain.hospital_url) as store, store.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM kitchen").scalar_one() == _kitchens(filled)


def _kitchens(file: Path) -> int:
    with sqlite3.connect(file) as database:
        return int(database.execute(f"SELECT count(*) FROM {Kitchen.table_name}").fetchone()[0])
