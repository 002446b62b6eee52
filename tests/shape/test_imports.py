"""What is on the disk is what the contracts speak of, and the command line opens nothing before it is asked to."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import core
import sync
from tests.shape.tree import PRODUCT, ROOT, product, settings

HELP = """
import json, sys
from admin_cli.main import main
sys.argv = ["dusangire", "--help"]
try:
    main()
except SystemExit as end:
    code = end.code or 0
print(json.dumps({"code": code, "modules": sorted(sys.modules)}))
"""
REVISIONS = ROOT / "core" / "store" / "migrations" / "versions"  # read by Alembic, file by file
HEAVY = ("sqlmodel", "sqlalchemy", "textual", "pydantic", "httpx", "starlette", "uvicorn", "alembic", "PIL", "fpdf")


@pytest.mark.parametrize("package", [core, sync])
def test_the_packages_are_those_of_this_checkout(package: object) -> None:
    assert str(getattr(package, "__file__", "")).startswith(f"{ROOT}/")


def test_help_opens_neither_the_store_nor_a_screen() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", HELP], cwd=ROOT, capture_output=True, text=True, check=False, timeout=30
    )
    told = json.loads(ran.stdout.splitlines()[-1])

    assert (told["code"], sorted(set(told["modules"]) & set(HEAVY))) == (0, [])


def test_the_contracts_know_every_package() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}

    assert packages == set(PRODUCT) == set(settings()["tool"]["importlinter"]["root_packages"])


def test_the_installed_packages_are_those_of_the_contracts() -> None:
    included = settings()["tool"]["setuptools"]["packages"]["find"]["include"]

    assert set(included) == {f"{name}*" for name in PRODUCT}


def test_the_shape_tests_see_the_whole_product() -> None:
    seen = {module.name for module in product()}

    assert {"core.handlers", "sync.client.door", "sync.server.perform"} <= seen
    assert {module.name.partition(".")[0] for module in product()} == set(PRODUCT)


def test_every_file_beside_the_code_is_installed_with_it() -> None:
    patterns = settings()["tool"]["setuptools"]["package-data"]["*"]
    files = [path for name in PRODUCT for path in (ROOT / name).rglob("*.*") if path.suffix not in (".py", ".pyc")]

    assert [str(path) for path in files if not any(path.match(pattern) for pattern in patterns)] == []


def test_every_folder_of_code_is_a_package() -> None:
    folders = {path.parent for name in PRODUCT for path in (ROOT / name).rglob("*.py")} - {REVISIONS}

    assert sorted(str(path.relative_to(ROOT)) for path in folders if not (path / "__init__.py").exists()) == []
