"""The power fails and there is no server: the wall is back on its board by itself, and who worked there goes on.

Real processes over one sealed store: consoles in terminals of their own, and the command line beside them.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Self

import pytest
from sqlalchemy import update

from admin_cli.demo.hands import pin_of
from admin_cli.demo.hospital import Hospital, prepare
from core.settings import HOME
from core.store import device_schema, home
from tests.stories.terminal import ROOT, Terminal

pytestmark = pytest.mark.story
WALL = (80, 24)
BACK_SECONDS = 60.0  # screens.md §5
NUMBER = re.compile(r"\b[BLDS]-\d{4}\b")
TO_SEND = re.compile(r"(\d+) to send")


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hospital]:
    """A hospital whose kitchen is enrolled."""
    made = prepare(tmp_path_factory.mktemp("practice"), now=time.time_ns() // 1_000_000)
    try:
        made.start_server()
        made.enrol("kitchen")
        yield made
    finally:
        made.close()


@pytest.fixture
def hospital(practice: Hospital) -> Hospital:
    """Its server is up, and nothing waits on its wall."""
    if not practice.server_is_up:
        practice.start_server()
    assert command_line(practice, "sync", "retry").returncode == 0
    return practice


class Wall:
    """`dusangire kitchen` in a terminal, as the service of the machine starts it."""

    def __init__(self, hospital: Hospital, name: str) -> None:
        self._pid_file = hospital.folder / f"{name}.pid"
        self._pid_file.unlink(missing_ok=True)
        home = hospital.environment_of("kitchen")[HOME]
        program = f'echo $$ > {self._pid_file}; exec "{sys.executable}" -m admin_cli.main kitchen'
        self.began = time.monotonic()
        self.terminal = Terminal(
            ["sh", "-c", program], {HOME: home, "LANG": "C.UTF-8", "DUSANGIRE_LANGUAGE": "en"}, size=WALL
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.terminal.__exit__()

    def kill(self) -> None:
        """As a power cut does it: nothing is said, nothing is written."""
        os.kill(int(self._pid_file.read_text()), signal.SIGKILL)
        self.terminal.wait_for("ended")

    def wait_for_board(self) -> tuple[str, float]:
        """What stands there once the first meals do, and after how many seconds."""
        text = self.terminal.wait_until(lambda text: NUMBER.search(text) is not None, "no meal on the board")
        return text, time.monotonic() - self.began

    def sign_in(self, display: str, person_id: str) -> str:
        """Who was offered, from what stood there."""
        self.terminal.press("F10")
        offered = self.terminal.wait_for("Who is acting", display)
        tile = re.search(rf"(\d)\s+{display}", offered)
        assert tile, offered
        self.terminal.press(tile[1])
        self.terminal.wait_for("PIN")
        self.terminal.press(*pin_of(person_id))
        self.terminal.wait_until(lambda text: display in text.split("\n")[1], "nobody is signed in")
        return offered

    def hear_the_silence(self) -> None:
        """A process that does not talk itself takes half a minute of silence for OFFLINE: longer than a wait here."""
        with contextlib.suppress(AssertionError):
            self.terminal.wait_for("OFFLINE")
        self.terminal.wait_for("OFFLINE")


def reboot(hospital: Hospital) -> None:
    """The machine has started again: what the store heard, it heard in another boot."""
    store = home.open_device(hospital.homes["kitchen"])
    with store.writing() as connection:
        connection.execute(update(device_schema.cursor).values(heard_boot="before", seen_boot="before"))
    store.close()


def command_line(hospital: Hospital, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "admin_cli.main", *words],
        env={**hospital.environment_of("kitchen"), "DUSANGIRE_LANGUAGE": "en"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=BACK_SECONDS,
    )


def test_after_a_power_cut_without_a_server_the_wall_is_back_on_its_board(
    hospital: Hospital, record_property: Callable[[str, object], None]
) -> None:
    with Wall(hospital, "before") as wall:
        wall.wait_for_board()
        wall.terminal.wait_for("LOCKED")
        wall.sign_in("cook 2", "cook_2")
        hospital.kill_server()
        wall.terminal.wait_for("OFFLINE")
        wall.kill()

    reboot(hospital)
    with Wall(hospital, "after") as wall:
        text, seconds = wall.wait_for_board()
        record_property("seconds to the board", seconds)
        assert seconds < BACK_SECONDS, text
        wall.terminal.wait_for("OFFLINE")
        offered = wall.sign_in("cook 2", "cook_2")
        assert "cook 1" not in offered  # only who has signed in here before
        wall.terminal.press("3", "Space")
        wall.terminal.wait_for("1 to send")


def test_reports_read_a_store_by_the_machine_s_key_with_nobody_signed_in(hospital: Hospital) -> None:
    hospital.kill_server()
    done = command_line(hospital, "reports", "day", "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["source"], told["francs"]) == (0, "kitchen 1", None)
    assert told["orders"] > 0


def test_two_consoles_and_the_command_line_share_one_store(hospital: Hospital) -> None:
    """One of them talks. What one does, all show; when the one that talks dies, another goes on."""
    with Wall(hospital, "first") as first, Wall(hospital, "second") as second:
        first.wait_for_board()
        second.wait_for_board()
        first.terminal.wait_for("LOCKED")
        first.sign_in("cook 2", "cook_2")
        hospital.kill_server()
        for wall in (first, second):
            wall.hear_the_silence()
        first.terminal.press("4", "Space")
        for wall in (first, second):
            wall.terminal.wait_for("1 to send")

        beside = json.loads(command_line(hospital, "sync", "retry", "--json").stdout)
        assert (beside["by_console"], beside["waiting"]) == (True, 1)
        assert json.loads(command_line(hospital, "sync", "status", "--json").stdout)["waiting"] == 1

        first.kill()
        hospital.start_server()
        second.terminal.wait_until(lambda text: "OFFLINE" not in text, "nobody talks for the store")
        second.terminal.wait_until(lambda text: TO_SEND.search(text) is None, "it is not sent")
        newest = json.loads(command_line(hospital, "sync", "log", "--json").stdout)[0]
        assert (newest["kind"], newest["outcome"]) == ("orders.tick_line", "applied")


def test_the_command_line_sends_by_itself_where_no_console_runs(hospital: Hospital) -> None:
    with Wall(hospital, "only") as wall:
        wall.wait_for_board()
        wall.terminal.wait_for("LOCKED")
        wall.sign_in("cook 2", "cook_2")
        hospital.kill_server()
        wall.terminal.wait_for("OFFLINE")
        wall.terminal.press("6", "Space")
        wall.terminal.wait_for("1 to send")
        wall.kill()
    down = command_line(hospital, "sync", "retry", "--json")
    assert (down.returncode, json.loads(down.stdout)["reached"]) == (0, False)
    hospital.start_server()
    done = command_line(hospital, "sync", "retry", "--json")
    assert (done.returncode, json.loads(done.stdout)["waiting"], json.loads(done.stdout)["by_console"]) == (0, 0, False)
