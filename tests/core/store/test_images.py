"""An image laid from beside the store is the image laid row by row, and leaves nothing behind; the write-ahead log is
moved into the file while others work."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.store import image
from core.store.home import FolderDisk
from core.store.open import Store, StoreTrouble
from core.store.read import TxSource
from core.store.sizes import sizes_of
from core.store.write import put_rows
from core.wards.model import Stay
from tests import given

ROOMY = 1 << 40
MEMORY = image.MEMORY
beside = pytest.mark.skipif(not MEMORY.is_dir(), reason="this machine has no files in memory")


def stays(*numbers: int, ward: str = "A") -> list[Stay]:
    return [Stay(id=f"s{n}", patient_id=f"p{n}", ward_id=ward, kitchen_id="main", opened_at=n) for n in numbers]


@pytest.fixture(params=[bytes(range(32)), None], ids=["sealed", "plain"])
def console(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    store = FolderDisk(tmp_path / "console", request.param).open("device")
    yield store
    store.close()


@pytest.fixture
def data(tmp_path: Path) -> bytes:
    source = FolderDisk(tmp_path / "source", None).open("device")
    with source.writing() as connection:
        put_rows(connection, [given.ward_row("A"), *stays(*range(50))])
    with source.reading() as connection:
        made = image.make(connection, "ward:A")
    source.close()
    return made


def laid(store: Store, *images: bytes) -> list[str]:
    """The stays that are held after these images were laid, and what lay beside the store meanwhile."""
    with image.at_hand(store, images) as ready, store.writing() as connection:
        for one in ready:
            image.lay(connection, one)
    return held(store)


def held(store: Store) -> list[str]:
    with store.reading() as connection:
        return sorted(row.id for row in image.every_row(connection, Stay))


def beside_it(store: Store) -> list[str]:
    with store.writing() as connection:
        named = [row[1] for row in connection.exec_driver_sql("PRAGMA database_list")]
    return [name for name in named if name not in {"main", "temp"}]


def changed(data: bytes, *words: str) -> bytes:
    """The image as a server of another version would have made it."""
    other = sqlite3.connect(":memory:")
    other.deserialize(data)
    for said in words:
        other.execute(said)
    other.commit()
    return other.serialize()


# -- laying ---------------------------------------------------------------------------------------------------------


@beside
def test_an_image_laid_from_beside_the_store_is_the_one_laid_row_by_row(
    console: Store, data: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = FolderDisk(tmp_path / "other", None).open("device")
    monkeypatch.setattr(image, "LARGE_BYTES", ROOMY)
    laid(other, data)
    monkeypatch.setattr(image, "LARGE_BYTES", 1)
    laid(console, data)
    with console.reading() as here, other.reading() as there:
        assert image.make(here, "ward:A") == image.make(there, "ward:A") == data
    other.close()


@beside
@pytest.mark.parametrize("large_from", [1, ROOMY], ids=["beside", "row by row"])
def test_what_another_version_made_is_laid_as_far_as_both_know_it(
    console: Store, data: bytes, monkeypatch: pytest.MonkeyPatch, large_from: int
) -> None:
    monkeypatch.setattr(image, "LARGE_BYTES", large_from)
    newer = changed(data, "CREATE TABLE unheard_of (id)", "ALTER TABLE stay ADD COLUMN unheard_of")
    older = changed(newer, "ALTER TABLE stay DROP COLUMN away_why", "UPDATE stay SET bed_id = 'A-001'")
    assert len(laid(console, older)) == 50
    with console.reading() as connection:
        assert {(row.bed_id, row.away_why) for row in image.every_row(connection, Stay)} == {("A-001", "")}
    with pytest.raises(StoreTrouble, match="newer_image"):
        laid(console, changed(data, "ALTER TABLE stay DROP COLUMN patient_id"))


@beside
def test_nothing_is_left_of_an_image_once_it_is_laid(
    console: Store, data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(image, "LARGE_BYTES", 1)
    before = set(MEMORY.iterdir())
    with image.at_hand(console, [data] * (image.MOST_BESIDE + 1)) as ready:
        assert set(MEMORY.iterdir()) <= before, "its name goes as soon as it is open"
        assert [isinstance(one, str) for one in ready] == [True] * image.MOST_BESIDE + [False]
        assert len(beside_it(console)) == image.MOST_BESIDE
    assert beside_it(console) == []


@beside
def test_a_load_that_fails_changes_nothing_and_can_be_begun_again(
    console: Store, data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(image, "LARGE_BYTES", 1)
    with pytest.raises(StoreTrouble, match="newer_image"):
        laid(console, data, changed(data, "ALTER TABLE stay DROP COLUMN patient_id"))
    assert (held(console), beside_it(console)) == ([], [])
    assert len(laid(console, data)) == 50


def test_a_machine_without_files_in_memory_lays_row_by_row(
    console: Store, data: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(image, "LARGE_BYTES", 1)
    monkeypatch.setattr(image, "MEMORY", tmp_path / "nowhere")
    with image.at_hand(console, [data]) as ready:
        assert ready == [data]
    assert len(laid(console, data)) == 50


# -- rows in their place --------------------------------------------------------------------------------------------


def test_a_row_that_hangs_on_another_owner_is_found_there_and_no_longer_where_it_was(console: Store) -> None:
    with console.writing() as connection:
        put_rows(connection, stays(1, 2))
        put_rows(connection, [Stay.trusted({**stays(1)[0].__dict__, "patient_id": "p2", "bed_id": "A-007"})])
        source = TxSource(connection, whole=False)
        found = source.owned(Stay, "patient_id", ["p1", "p2"])
        bed = source.rows(Stay, ["s1"])["s1"].bed_id
    assert ({key: sorted(row.id for row in rows) for key, rows in found.items() if rows}, bed) == (
        {"p2": ["s1", "s2"]},
        "A-007",
    )


# -- the log beside the file ----------------------------------------------------------------------------------------


def _written(store: Store, times: int) -> None:
    for number in range(times):
        with store.writing() as connection:
            put_rows(connection, stays(number))


def test_a_log_that_is_moved_now_and_then_is_written_over_and_does_not_grow(console: Store) -> None:
    lengths = []
    for _ in range(6):
        _written(console, 10)
        console.move_log()
        lengths.append(sizes_of(console).log)
    assert (lengths[-1] <= 2 * lengths[0], console.unmoved) == (True, 0)


def test_the_log_is_moved_while_one_reads_and_another_writes(console: Store) -> None:
    _written(console, 5)
    with console.reading() as reading, console.writing() as writing:
        before = len(image.every_row(reading, Stay))
        put_rows(writing, stays(77))
        console.move_log()
        assert len(image.every_row(reading, Stay)) == before == 5
    assert "s77" in held(console)
