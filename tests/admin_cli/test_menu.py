"""A menu comes in whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.store import log
from core.store.open import Store
from tests.admin_cli.conftest import Command

INGREDIENTS = "code;name_en;allergens;energy_kcal;sodium_mg;verified\nlentils;Lentils;;353,0;6;yes\n"
DISHES = (
    "code,name_en,recipe,price_francs,services\n"
    "lentil_soup,Lentil soup,lentils:80 seasoning_brine:10,900,lunch dinner\n"
)


def head(store: Store) -> int:
    with store.reading() as connection:
        return log.read_head(connection).seq


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    dishes, ingredients = tmp_path / "dishes.csv", tmp_path / "ingredients.csv"
    dishes.write_text(DISHES)
    ingredients.write_text(INGREDIENTS, encoding="utf-8-sig")
    return dishes, ingredients


def test_a_menu_comes_in_with_what_it_means(dusangire: Command, hospital: Path, files: tuple[Path, Path]) -> None:
    said = dusangire("menu", "import", *files)
    soup = next(one for one in dusangire("menu", "list", "--json").json if one["dish"] == "lentil_soup")
    assert said.code == 0 and said.out.endswith("Everything was taken in.\n")
    assert (soup["price_francs"], soup["energy_kcal"], soup["potassium_mg"], soup["verified"]) == (900, 282, None, True)


def test_the_same_menu_twice_is_a_change_and_no_trouble(
    dusangire: Command, hospital: Path, files: tuple[Path, Path]
) -> None:
    dusangire("menu", "import", *files)
    assert dusangire("menu", "import", *files).code == 0


def test_a_rehearsal_changes_nothing(dusangire: Command, store: Store, files: tuple[Path, Path]) -> None:
    before = head(store)
    said = dusangire("menu", "import", "--dry-run", "--json", *files)
    acts = {"menu.set_ingredient": 1, "menu.set_dish": 1}
    assert said.json == {"taken_in": True, "dry_run": True, "acts": acts, "faults": []}
    assert head(store) == before


def test_one_bad_row_keeps_all_of_them_out(dusangire: Command, store: Store, files: tuple[Path, Path]) -> None:
    before = head(store)
    files[0].write_text(DISHES + "bad_plate,Bad plate,gold:10,900,\n")
    said = dusangire("menu", "import", *files)
    assert said.code == 2 and said.out == ""
    assert said.sentences[0] == "dishes.csv, line 3, recipe: gold is neither an ingredient nor a recipe"
    assert (head(store), len(said.sentences)) == (before, 2)


def test_every_fault_is_told_to_a_program_too(dusangire: Command, hospital: Path, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("code,name_en,allergens,energy_kcal\nbad,Bad,seawater,-1\n")
    said = dusangire("menu", "import", path, "--json")
    assert said.code == 2 and said.json["taken_in"] is False
    assert [(one["line"], one["column"], one["code"]) for one in said.json["faults"]] == [
        (2, "allergens", "unknown_allergen"),
        (2, "energy_kcal", "negative"),
    ]


def test_what_only_the_hospitals_own_recipes_can_tell_is_told_by_line(
    dusangire: Command, store: Store, tmp_path: Path
) -> None:
    """Nine recipes within one another are more than anybody can check."""
    rows = "".join(f"deep_{n},Deep,deep_{n + 1}:10,0,,no\n" for n in range(9)) + "deep_9,Deep,salt:1,0,,no\n"
    path = tmp_path / "deep.csv"
    path.write_text("code,name_en,recipe,price_francs,services,sold\n" + rows)
    before = head(store)
    said = dusangire("menu", "import", path)
    assert said.code == 2 and said.sentences[0].startswith("deep.csv, line ")
    assert head(store) == before


def test_faults_are_told_in_the_machines_language(dusangire: Command, hospital: Path, tmp_path: Path) -> None:
    (tmp_path / "dusangire.toml").write_text('[console]\nlanguage = "fr"\n')
    path = tmp_path / "bad.csv"
    path.write_text("code,name_en,allergens,energy_kcal\nbad,Bad,,-1\n")
    assert "au-dessous de zéro" in dusangire("menu", "import", path).err


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x00", b"what,is,this\n1,2,3\n"])
def test_a_file_that_is_no_menu_is_refused(dusangire: Command, hospital: Path, tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "photo.csv"
    path.write_bytes(data)
    said = dusangire("menu", "import", path)
    assert said.code == 2 and said.sentences[0].startswith("photo.csv, line 1")


def test_a_file_that_is_not_there_is_said_so(dusangire: Command, hospital: Path, tmp_path: Path) -> None:
    said = dusangire("menu", "import", tmp_path / "none.csv")
    assert (said.code, len(said.sentences)) == (2, 3)


def test_the_help_describes_every_column(dusangire: Command) -> None:
    from core.menu.importing import DISHES as DISH_TABLE
    from core.menu.importing import INGREDIENTS as INGREDIENT_TABLE

    told = dusangire("menu", "import", "--help").out
    columns = {*DISH_TABLE.columns, *INGREDIENT_TABLE.columns}
    assert {column for column in columns if column not in told} == set()


def test_the_list_shows_what_has_run_out(dusangire: Command, hospital: Path) -> None:
    out = [one["dish"] for one in dusangire("menu", "list", "--json").json if one["out_of_stock"]]
    assert out == ["brochette_tilapia"]
    assert "Tilapia skewer" in dusangire("menu", "list").out
