"""A machine becomes a console of a real server, and reads on when the server is gone."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from admin_cli.check import _answers
from admin_cli.practice import fill, open_practice
from tests.admin_cli.conftest import Command, run

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 30.0


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


class Server:
    """`dusangire server run` as a process of its own."""

    def __init__(self, home: Path, port: int) -> None:
        self.home, self.address = home, f"http://127.0.0.1:{port}"
        (home / "dusangire.toml").write_text(f"[server]\nport = {port}\nsecure = false\n")
        environment = {**os.environ, "DUSANGIRE_HOME": str(home), "PYTHONPATH": str(ROOT)}
        with (home / "server.log").open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "admin_cli.main", "server", "run"], env=environment, stdout=log, stderr=log
            )
        until = time.monotonic() + PATIENCE_SECONDS
        while not _answers(self.address):
            assert self.process.poll() is None and time.monotonic() < until, (home / "server.log").read_text()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_SECONDS)


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path, Server]]:
    """The server's machine, a console's machine, and the server while it runs."""
    central, bedside = tmp_path_factory.mktemp("central"), tmp_path_factory.mktemp("bedside")
    (central / "data").mkdir()
    now = time.time_ns() // 1_000_000
    store = open_practice(
        f"sqlite:///{central / 'data' / 'hospital.db'}", now=now, epoch="epoch-1", signing_seed="00" * 32
    )
    fill(store, now)
    store.close()
    server = Server(central, free_port())
    yield central, bedside, server
    if server.process.poll() is None:
        server.stop()


@pytest.fixture(scope="module")
def enrolled(homes: tuple[Path, Path, Server]) -> tuple[Path, Path, Server]:
    """The console after `devices code` there and `devices enrol` here."""
    central, bedside, server = homes
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DUSANGIRE_HOME", str(central))
        code = run("devices", "code", "kitchen", "kitchen 1", "--json").json["code"]
        patch.setenv("DUSANGIRE_HOME", str(bedside))
        wrong = run("devices", "enrol", "--server", server.address, lines=("0000-0000",))
        assert (wrong.code, list(bedside.iterdir())) == (2, [])
        done = run("devices", "enrol", "--server", server.address, "--json", lines=(code,)).json
        again = run("devices", "enrol", "--server", server.address, lines=(code,))
    assert (done["kind"], done["name"], done["loaded"], again.code) == ("kitchen", "kitchen 1", True, 2)
    return homes


@pytest.fixture
def console(enrolled: tuple[Path, Path, Server], monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setenv("DUSANGIRE_HOME", str(enrolled[1]))
    return run


def test_the_server_lists_the_new_console(enrolled: tuple[Path, Path, Server], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUSANGIRE_HOME", str(enrolled[0]))
    (only,) = run("devices", "list", "--json").json
    assert (only["name"], only["revoked_at"], only["heard_at"] > 0) == ("kitchen 1", None, True)


def test_the_console_knows_how_it_stands(console: Command) -> None:
    told = console("sync", "status", "--json").json
    assert (told["enrolled"], told["loading"], told["waiting"], told["refused"]) == (True, False, 0, 0)
    assert console("sync", "log").out == "Nothing was done on this console yet.\n"


def test_the_console_finds_its_server(console: Command) -> None:
    found = {one["name"]: one["code"] for one in console("check", "--json").json}
    assert (found["server"], found["clock"], found["console"]) == ("server_answers", "clock_right", "console_here")


def test_a_console_reads_on_when_the_server_is_gone(console: Command, enrolled: tuple[Path, Path, Server]) -> None:
    assert enrolled[2].stop() in (0, -signal.SIGTERM)
    report = console("reports", "day", "--json").json
    dishes = console("menu", "list", "--json").json
    retry = console("sync", "retry")
    assert (report["source"], report["orders"], report["francs"], len(dishes)) == ("kitchen 1", 36, None, 22)
    assert report["age_ms"] >= 0 and "?" in console("reports", "day").out
    assert "0 to send" in retry.out


def test_an_order_is_explained_offline_by_what_the_console_holds(console: Command) -> None:
    found = [console("explain", f"{meal}-0405", "--json") for meal in "BLD"]
    told = next(said.json for said in found if said.code == 0)
    assert (told["source"], told["acts"], len(told["rules"])) == ("kitchen 1", [], 12)
    assert told["rules"][3]["stands_on"][0]["version"] > 0
