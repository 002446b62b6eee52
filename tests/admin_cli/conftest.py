"""The command line of a server's machine: a demo hospital in a folder of its own, and nobody at the terminal."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from admin_cli.main import app
from admin_cli.practice import fill, open_practice
from core.store.open import Store, open_server_store
from tests.core.store.demo.conftest import NOON


@dataclass(frozen=True)
class Said:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def sentences(self) -> list[str]:
        return self.err.strip().splitlines()


Command = Callable[..., Said]


def run(*words: str | Path, lines: Sequence[str] = ()) -> Said:
    """One command with these lines on stdin. A bug of ours is raised, a refusal is told."""
    done = CliRunner().invoke(
        app, [str(word) for word in words], input="".join(f"{line}\n" for line in lines), catch_exceptions=False
    )
    return Said(done.exit_code, done.stdout, done.stderr)


@pytest.fixture
def dusangire() -> Command:
    return run


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo hospital's database, made once."""
    path = tmp_path_factory.mktemp("filled") / "hospital.db"
    store = open_practice(f"sqlite:///{path}", now=NOON, epoch="epoch-1", signing_seed="00" * 32)
    fill(store, NOON)
    store.checkpoint()
    store.close()
    return path


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with nothing on it: its whole home."""
    monkeypatch.setenv("DUSANGIRE_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def hospital(machine: Path, filled: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with the demo hospital's server on it, at its noon."""
    (machine / "data").mkdir()
    path = machine / "data" / "hospital.db"
    shutil.copyfile(filled, path)
    monkeypatch.setattr("admin_cli.hospital.now", lambda: NOON)
    monkeypatch.setattr("admin_cli.place.now", lambda: NOON)
    return path


@pytest.fixture
def store(hospital: Path) -> Iterator[Store]:
    opened = open_server_store(f"sqlite:///{hospital}")
    yield opened
    opened.close()
