"""What every test may ask for: a hospital's database on SQLite or PostgreSQL, migrated and empty,
and a home of its own."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.store import migrations
from core.store.open import Store, open_server_store
from tests import cluster

RUN = "DUSANGIRE_TEST_RUN"  # this run's folder: made by the process that was started, shared with its workers
RUNNER = "DUSANGIRE_TEST_RUNNER"
TEMPLATE = "migrated"
ON_BOTH = [pytest.param("sqlite"), pytest.param("postgresql", marks=pytest.mark.postgres)]
_numbers = itertools.count(1)


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        os.environ[RUN] = tempfile.mkdtemp(prefix="dusangire-tests-")
        os.environ[RUNNER] = str(os.getpid())
        Path(os.environ[RUN]).chmod(0o711)  # whoever runs PostgreSQL must reach its folder within


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput") and RUN in os.environ:
        folder = Path(os.environ.pop(RUN))
        cluster.stop(folder)
        shutil.rmtree(folder, ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "snap_compare" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.snapshot)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test, and no process that it starts, reads or writes the home of the person who runs it."""
    folder = tmp_path / "home"
    monkeypatch.setenv("DUSANGIRE_HOME", str(folder))
    monkeypatch.setenv("HOME", str(folder))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)
    return folder


# -- databases ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def run_folder() -> Path:
    return Path(os.environ[RUN])


@pytest.fixture(scope="session")
def postgres_socket(run_folder: Path) -> Path:
    """The cluster of this run, with one migrated database in it that others are copied from."""
    socket = cluster.running(run_folder, for_process=int(os.environ[RUNNER]))
    with cluster.alone(run_folder):
        if not cluster.has_database(socket, TEMPLATE):
            cluster.create_database(socket, TEMPLATE)
            _migrate(cluster.url_of(socket, TEMPLATE))
    return socket


@pytest.fixture
def postgres_url(postgres_socket: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """A fresh hospital's database on PostgreSQL, migrated and empty."""
    name = f"{cluster.database_name(request.node.name)}_{os.getpid()}_{next(_numbers)}"
    cluster.create_database(postgres_socket, name, template=TEMPLATE)
    yield cluster.url_of(postgres_socket, name)
    cluster.drop_database(postgres_socket, name)


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "hospital.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(migrated_file: Path, tmp_path: Path) -> str:
    """A fresh hospital's database in a file, migrated and empty."""
    path = tmp_path / "hospital.db"
    shutil.copyfile(migrated_file, path)
    return f"sqlite:///{path}"


@pytest.fixture(params=ON_BOTH)
def server_url(request: pytest.FixtureRequest) -> str:
    """The same hospital on either database."""
    wanted = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    url: str = request.getfixturevalue(wanted)
    return url


@pytest.fixture
def server_store(server_url: str) -> Iterator[Store]:
    """The server's store on either database."""
    store = open_server_store(server_url)
    yield store
    store.close()


def _migrate(url: str) -> None:
    store = open_server_store(url)
    migrations.bring_up(store)
    store.checkpoint()
    store.close()
