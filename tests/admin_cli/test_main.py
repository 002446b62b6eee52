"""The command line opens fast, names its nouns, and tells every refusal in words."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from admin_cli.main import NOUNS
from tests.admin_cli.conftest import Command

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("sqlmodel", "sqlalchemy", "textual", "pydantic", "starlette", "httpx", "rich", "alembic")


def python(code: str, home: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DUSANGIRE_HOME": str(home), "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, timeout=60, check=False
    )


def test_help_reads_nothing_heavy(tmp_path: Path) -> None:
    told = python(
        "import sys; sys.argv = ['dusangire', '--help']\n"
        "from admin_cli.main import app\n"
        "try: app()\n"
        "except SystemExit as left: print('CODE', left.code)\n"
        f"print('HEAVY', [name for name in {HEAVY!r} if name in sys.modules])",
        tmp_path,
    )
    assert "HEAVY []" in told.stdout and "CODE 0" in told.stdout


def test_the_help_of_a_noun_reads_neither_store_nor_screens(tmp_path: Path) -> None:
    told = python(
        "import sys; sys.argv = ['dusangire', 'menu', 'import', '--help']\n"
        "from admin_cli.main import app\n"
        "try: app()\n"
        "except SystemExit: pass\n"
        "print('HEAVY', [name for name in ('sqlmodel', 'sqlalchemy', 'textual', 'alembic') if name in sys.modules])",
        tmp_path,
    )
    assert "HEAVY []" in told.stdout


def test_the_command_itself_ends_with_two_when_refused(tmp_path: Path) -> None:
    told = python(
        "import sys; sys.argv = ['dusangire', 'people', 'list']; from admin_cli.main import main; main()", tmp_path
    )
    assert (told.returncode, told.stdout, len(told.stderr.splitlines())) == (2, "", 3)


def test_help_names_every_noun(dusangire: Command) -> None:
    said = dusangire("--help")
    assert [noun for noun in NOUNS if not re.search(rf"^  {noun} ", said.out, re.MULTILINE)] == []


@pytest.mark.parametrize("noun", [noun for noun in NOUNS if noun != "demo"])
def test_every_noun_has_a_help_of_its_own(dusangire: Command, noun: str) -> None:
    said = dusangire(noun, "--help")
    assert (said.code, said.out.startswith("Usage: ")) == (0, True)


def test_a_noun_that_is_none_is_said_so(dusangire: Command) -> None:
    said = dusangire("kitchens")
    assert said.code == 2 and "No such command 'kitchens'" in said.err


@pytest.mark.parametrize(("language", "first"), [("en", "There is no"), ("fr", "Il n'y a pas"), ("rw", "Nta bitaro")])
def test_a_refusal_is_three_sentences_in_the_machines_language(
    dusangire: Command, machine: Path, language: str, first: str
) -> None:
    (machine / "dusangire.toml").write_text(f'[console]\nlanguage = "{language}"\n')
    said = dusangire("people", "list")
    assert (said.code, len(said.sentences), said.err.startswith(first)) == (2, 3, True)


def test_settings_that_cannot_be_read_are_said_so(dusangire: Command, machine: Path) -> None:
    (machine / "dusangire.toml").write_text("[console]\ncolour = 1\n")
    said = dusangire("people", "list")
    assert said.code == 2 and "colour" in said.err


@pytest.mark.parametrize("words", [("people", "list"), ("menu", "list"), ("reports", "day"), ("explain", "L-0400")])
def test_reading_where_there_is_nothing_makes_nothing(
    dusangire: Command, machine: Path, words: tuple[str, ...]
) -> None:
    assert dusangire(*words).code == 2
    assert list(machine.iterdir()) == []
