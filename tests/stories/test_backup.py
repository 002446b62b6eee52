"""A real server loses a day and is brought back from its copy: what people did meanwhile comes back from consoles."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from core.devices import keys
from core.kernel.values import Role
from core.store import home, migrations, queue
from core.store.home import DEVICE_KEY, Home
from core.store.open import Store, open_server_store
from core.store.vault import Vault
from core.wards.commands import AssignBed, OpenStay
from sync.client import desk, enrol, sign_in
from sync.client.errand import Errand, load
from sync.client.machine import MachineChance, MachineClock
from sync.client.transport import HttpLink
from tests.sync.client.hospital import NOON, code_for, ward_a

pytestmark = pytest.mark.story
NURSE = "nurse-1"


class Machine:
    """The server's machine: its settings, its file, and its command line as real processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        (folder / "data").mkdir(parents=True)
        words = f'[machine]\ndata_folder = "{folder / "data"}"\n[server]\nport = {self.port}\nsecure = false\n'
        (folder / "dusangire.toml").write_text(words)
        self.environment = {**os.environ, "DUSANGIRE_HOME": str(folder)}

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "admin_cli.main", *words]

    def told(self, *words: str | Path) -> dict[str, object]:
        wanted = self.command(*(str(word) for word in words), "--json")
        done = subprocess.run(wanted, env=self.environment, capture_output=True, text=True, check=True, timeout=60)
        found: dict[str, object] = json.loads(done.stdout)
        return found

    @contextmanager
    def serving(self) -> Iterator[None]:
        process = subprocess.Popen(
            self.command("server", "run"), env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        try:
            self._wait_for(process)
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=30)

    def _wait_for(self, process: subprocess.Popen[bytes]) -> None:
        until = time.monotonic() + 30
        while time.monotonic() < until and process.poll() is None:
            try:
                return socket.create_connection(("127.0.0.1", self.port), 0.2).close()
            except OSError:
                time.sleep(0.05)
        raise AssertionError("the server does not come up")

    def store(self) -> Store:
        return open_server_store(f"sqlite:///{self.folder / 'data' / 'hospital.db'}")


class Handheld:
    """A ward's console on a real line; each `sync` is a conversation of its own, as after a start."""

    def __init__(self, machine: Machine, folder: Path, code: str) -> None:
        self.where, self.url = Home(folder, Vault(folder), plain=True), machine.url
        link = HttpLink(self.url)
        enrol.enrol(
            self.where, self.url, code=code, name="ward A 1", link=link, clock=MachineClock(), chance=MachineChance()
        )
        link.close()
        self.store = home.open_device(self.where)

    def press(self, command: OpenStay | AssignBed) -> None:
        now, chance = MachineClock().now(), MachineChance().bytes(desk.CHANCE_BYTES)
        with self.store.reading() as connection:
            signed = sign_in.signed(connection, now, NURSE, {Role.NURSE})
        desk.press(self.store, now, chance, signed, command)

    def sync(self) -> None:
        link, seed = HttpLink(self.url), self.where.vault.secret(DEVICE_KEY)
        assert seed is not None
        load(Errand(self.store, link, MachineClock(), MachineChance(), keys.signer(seed)))
        link.close()

    def verdicts(self) -> list[tuple[str, str, str]]:
        with self.store.reading() as connection:
            rows = queue.queue_listing(connection, 100)
        return [(bytes(row.op_id).hex(), row.outcome or "", row.code or "") for row in reversed(rows)]

    def durable(self) -> int:
        with self.store.reading() as connection:
            cursor = queue.read_cursor(connection)
        assert cursor is not None
        return cursor.durable_seq


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "server")


def a_ward_and_two_codes(machine: Machine) -> tuple[str, str]:
    hospital = ward_a(machine.folder / "data")
    with hospital.store.writing() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY)"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:newest)"), {"newest": migrations.newest()})
    hospital.time.at = time.time_ns() // 1_000_000 - NOON
    codes = code_for(hospital), code_for(hospital)
    hospital.store.close()
    return codes


def admit(handheld: Handheld, number: int, bed_id: str) -> None:
    handheld.press(OpenStay(stay_id=f"stay-{number}", ward_id="A", full_name=f"Patient {number}"))
    handheld.press(AssignBed(stay_id=f"stay-{number}", bed_id=bed_id))


def test_what_the_copy_lacks_comes_back_once_and_with_the_same_verdicts(machine: Machine, tmp_path: Path) -> None:
    codes = a_ward_and_two_codes(machine)
    with machine.serving():
        both = [Handheld(machine, tmp_path / f"handheld {place}", code) for place, code in enumerate(codes)]
        one, other = both
        for handheld in both:
            handheld.sync()
        admit(one, 1, "A-001")
        one.sync()
        copy = machine.told("server", "backup", tmp_path / "copies")
        admit(one, 2, "A-002")
        admit(other, 3, "A-002")  # it does not know yet: the server says no
        for handheld in both:
            handheld.sync()
        before = [handheld.verdicts() for handheld in both]
        assert one.durable() == copy["seq"]
    admit(one, 4, "A-004")  # nobody in reach
    machine.told("server", "restore", str(copy["file"]))
    with machine.serving():
        for handheld in both:
            handheld.sync()
    after = [handheld.verdicts() for handheld in both]
    assert [told[: len(earlier)] for told, earlier in zip(after, before, strict=True)] == before
    assert [[outcome for _, outcome, _ in told] for told in after] == [["applied"] * 6, ["applied", "rejected"]]
    store = machine.store()
    with store.reading() as connection:
        beds = connection.execute(text("SELECT id, bed_id FROM stay ORDER BY id")).all()
        acts = connection.execute(text("SELECT count(*), count(DISTINCT op_id) FROM op WHERE origin = 'device'")).one()
    store.close()
    assert [tuple(row) for row in beds] == [
        ("stay-1", "A-001"), ("stay-2", "A-002"), ("stay-3", ""), ("stay-4", "A-004"),
    ]  # fmt: skip
    assert tuple(acts) == (8, 8)
