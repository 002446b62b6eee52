"""Wards and beds come in whole or not at all."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from core.store import log
from core.store.open import Store
from core.store.tables import TABLES
from core.wards.model import BedDoor
from tests.admin_cli.conftest import Command

TABLE = "ward;kitchen;name_en;beds\nMAT;main;Maternity;MAT-01..MAT-12\n"


def head(store: Store) -> int:
    with store.reading() as connection:
        return log.read_head(connection).seq


def test_a_ward_comes_in_with_its_beds(dusangire: Command, hospital: Path, tmp_path: Path) -> None:
    (tmp_path / "wards.csv").write_text(TABLE)
    assert dusangire("wards", "import", tmp_path / "wards.csv").code == 0
    maternity = next(one for one in dusangire("wards", "list", "--json").json if one["ward"] == "MAT")
    assert (maternity["name_en"], maternity["beds"], maternity["taken"]) == ("Maternity", 12, 0)


def test_every_new_bed_has_a_door_of_its_own(dusangire: Command, store: Store, tmp_path: Path) -> None:
    (tmp_path / "wards.csv").write_text(TABLE)
    dusangire("wards", "import", tmp_path / "wards.csv")
    door = TABLES[BedDoor]
    with store.reading() as connection:
        codes = connection.execute(select(door.c.code).where(door.c.ward_id == "MAT")).scalars().all()
    assert (len(set(codes)), {len(code) for code in codes}) == (12, {6})


def test_the_same_wards_again_change_nothing(dusangire: Command, store: Store, tmp_path: Path) -> None:
    (tmp_path / "wards.csv").write_text(TABLE)
    dusangire("wards", "import", tmp_path / "wards.csv")
    before = head(store)
    assert (dusangire("wards", "import", tmp_path / "wards.csv").code, head(store)) == (0, before)


def test_a_bed_of_another_ward_keeps_everything_out(dusangire: Command, store: Store, tmp_path: Path) -> None:
    (tmp_path / "wards.csv").write_text(TABLE + "X;main;Ward X;A-001\n")
    before = head(store)
    said = dusangire("wards", "import", tmp_path / "wards.csv")
    assert said.sentences[0] == "wards.csv, line 3, beds: bed A-001 stands on ward A"
    assert (said.code, head(store)) == (2, before)


def test_a_rehearsal_changes_nothing(dusangire: Command, store: Store, tmp_path: Path) -> None:
    (tmp_path / "wards.csv").write_text(TABLE)
    before = head(store)
    said = dusangire("wards", "import", "--dry-run", tmp_path / "wards.csv")
    assert (said.code, head(store)) == (0, before) and "Nothing was changed." in said.out


def test_the_help_describes_every_column(dusangire: Command) -> None:
    from core.wards.importing import WARDS

    told = dusangire("wards", "import", "--help").out
    assert {column for column in WARDS.columns if column not in told} == set()


def test_the_list_counts_beds_and_who_lies_in_them(dusangire: Command, hospital: Path) -> None:
    found = {
        one["ward"]: (one["beds"], one["in_use"], one["taken"]) for one in dusangire("wards", "list", "--json").json
    }
    assert found == {"A": (50, 48, 30), "B": (40, 39, 24), "ICU": (20, 20, 19), "EM": (8, 8, 7)}
