"""The command line works on a file and on PostgreSQL alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from admin_cli.practice import fill, open_practice
from core.reports.day import Francs, report_day
from core.store import log
from core.store.open import open_server_store
from tests.admin_cli.conftest import Command
from tests.core.store.demo.conftest import NOON

SECRETS = ("inkono-umuriro-amazi", "418273")


@pytest.fixture
def settled(server_url: str, home: Path) -> str:
    """A machine whose settings name that database, which is migrated and otherwise empty."""
    home.mkdir(exist_ok=True)
    (home / "dusangire.toml").write_text(f'[server]\ndatabase_url = "{server_url}"\n')
    return server_url


def test_the_demo_hospital_is_the_same_on_both(server_url: str) -> None:
    store = open_practice(server_url, now=NOON, epoch="epoch-1", signing_seed="00" * 32)
    fill(store, NOON)
    with store.reading() as connection:
        today = report_day(connection, "2026-11-25", money=True)
        seq = log.read_head(connection).seq
    store.close()
    assert (today.orders, today.given, today.francs, seq) == (36, 6, Francs(52_450, 9_300, 3_500, 5_800), 885)


def test_a_hospital_is_made_filled_and_read(settled: str, dusangire: Command, tmp_path: Path) -> None:
    assert dusangire("server", "init", "--admin", "admin_1", "--name", "Ingabire", lines=SECRETS).code == 0
    (tmp_path / "wards.csv").write_text("ward,kitchen,name_en,beds\nA,main,Ward A,A-01..A-20\n")
    (tmp_path / "food.csv").write_text("code,name_en,allergens,energy_kcal\nrice,Rice,,130\n")
    (tmp_path / "menu.csv").write_text("code,name_en,recipe,price_francs\nplate,Plate,rice:200,500\n")
    assert dusangire("wards", "import", tmp_path / "wards.csv").code == 0
    assert dusangire("menu", "import", tmp_path / "food.csv", tmp_path / "menu.csv").code == 0
    (ward,) = dusangire("wards", "list", "--json").json
    (dish,) = dusangire("menu", "list", "--json").json
    report = dusangire("reports", "day", "--json").json
    assert (ward["beds"], dish["energy_kcal"], report["orders"]) == (20, 260, 0)


def test_an_import_that_the_database_refuses_leaves_nothing(settled: str, dusangire: Command, tmp_path: Path) -> None:
    """Judged for good and undone whole: not one row, not one number of the log."""
    dusangire("server", "init", "--admin", "admin_1", "--name", "Ingabire", lines=SECRETS)
    rows = "".join(f"deep_{n},Deep,deep_{n + 1}:10,0\n" for n in range(9))
    (tmp_path / "food.csv").write_text("code,name_en,allergens,energy_kcal\nsalt,Salt,,0\n")
    (tmp_path / "menu.csv").write_text(f"code,name_en,recipe,price_francs\n{rows}deep_9,Deep,salt:1,0\n")
    store = open_server_store(settled)
    with store.reading() as connection:
        before = log.read_head(connection).seq
    said = dusangire("menu", "import", tmp_path / "menu.csv", tmp_path / "food.csv")
    with store.reading() as connection:
        after = log.read_head(connection).seq
    store.close()
    assert (said.code, after, dusangire("menu", "list", "--json").json) == (2, before, [])
