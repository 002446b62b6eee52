"""The practice hospital of a demo: its folder, its server as a process, its consoles, each in a home of its own."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from admin_cli.demo.line import Line
from admin_cli.practice import fill, open_practice
from core.devices import keys
from core.devices.commands import MakeCode
from core.kernel.values import SYSTEM, Origin, uuid7
from core.settings import HOME, Settings
from core.store import home
from core.store.home import Home
from core.store.open import open_server_store
from core.store.vault import Vault
from sync.client import enrol, errand
from sync.client.errand import Errand
from sync.client.machine import MachineChance, MachineClock
from sync.client.transport import HttpLink
from sync.protocol import APPLIED
from sync.server.perform import perform, submit

UP_SECONDS = 30.0
STOP_SECONDS = 15.0
LOOK_SECONDS = 0.02
HERE = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Place:
    """One console of the demo: which kind, what it is called, where it stands, who works there."""

    kind: str
    title: str
    person: str
    kitchen_id: str = ""
    ward_id: str = ""


PLACES: Mapping[str, Place] = {
    "kitchen": Place("kitchen", "kitchen 1", "cook_2", kitchen_id="main"),
    "ward": Place("ward", "handheld 1", "runner_1"),
    "clinical": Place("clinical", "clinical 1", "doctor_1"),
    "admin": Place("admin", "admin 1", "admin_1"),
    "nurse": Place("ward", "ward A desk", "nurse_1", ward_id="A"),
}


@dataclass
class Hospital:
    """See the module. Everything lies under `folder`; `close` ends every process it has started."""

    folder: Path
    server_port: int
    line: Line
    homes: dict[str, Home] = field(default_factory=dict)
    _server: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where pages are: beside the line, which is the consoles' alone."""
        return f"http://{HERE}:{self.server_port}"

    @property
    def line_url(self) -> str:
        return f"http://{HERE}:{self.line.port}"

    @property
    def database_url(self) -> str:
        return f"sqlite:///{self.folder / 'server' / 'data' / 'hospital.db'}"

    # -- the server -------------------------------------------------------------------------------------------------

    def start_server(self) -> None:
        """Returns when it answers. Raises TimeoutError with what it said last."""
        said = open(self.folder / "server.log", "ab")  # noqa: SIM115 - handed to the process
        self._server = subprocess.Popen(
            [sys.executable, "-m", "admin_cli.main", "server", "run"],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            env={**os.environ, HOME: str(self.folder / "server")},
        )
        said.close()
        self._wait_until_up()

    def kill_server(self) -> None:
        """SIGKILL: no goodbye, nothing written that was not committed."""
        if self._server is not None:
            self._server.send_signal(signal.SIGKILL)
            self._server.wait(STOP_SECONDS)
            self._server = None

    def restart_server(self) -> None:
        """With whatever its settings say now."""
        self.stop_server()
        self.start_server()

    def stop_server(self) -> None:
        """As the service manager does it: everything taken in is written first."""
        if self._server is None:
            return
        self._server.terminate()
        try:
            self._server.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._server.kill()
            self._server.wait(STOP_SECONDS)
        self._server = None

    @property
    def server_is_up(self) -> bool:
        return self._server is not None and self._server.poll() is None

    def _wait_until_up(self) -> None:
        ends = time.monotonic() + UP_SECONDS
        while time.monotonic() < ends:
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{self.url}/readyz", trust_env=False, timeout=1.0).status_code == httpx.codes.OK:
                    return
            if not self.server_is_up:
                break
            time.sleep(LOOK_SECONDS)
        said = (self.folder / "server.log").read_text(errors="replace").splitlines()[-5:]
        raise TimeoutError("the server did not come up: " + " | ".join(said))

    # -- the consoles -----------------------------------------------------------------------------------------------

    def enrol(self, name: str) -> Home:
        """A new console of the demo, enrolled by a one-time code and loaded, as in life."""
        place = PLACES[name]
        where = Home(self.settings_of(name).data_folder, Vault(self.settings_of(name).data_folder))
        code, link = self._code_for(place), HttpLink(self.line_url)
        clock, chance = MachineClock(), MachineChance()
        try:
            enrol.enrol(where, self.line_url, code=code, name=place.title, link=link, clock=clock, chance=chance)
            seed = where.vault.secret(home.DEVICE_KEY)
            assert seed is not None, "an enrolled console has a key"
            store = home.open_device(where)
            try:
                errand.load(Errand(store, link, clock, chance, keys.signer(seed)))
            finally:
                store.close()
        finally:
            link.close()
        self.homes[name] = where
        return where

    def settings_of(self, name: str) -> Settings:
        return Settings(data_folder=self.folder / name / "data", server_url=self.line_url, secure=False)

    def environment_of(self, name: str) -> dict[str, str]:
        """For a console as a process of its own."""
        return {**os.environ, HOME: str(self.folder / name)}

    def _code_for(self, place: Place) -> str:
        code = keys.code_from(secrets.token_bytes(keys.CODE_BYTES))
        make = MakeCode(
            code_id=keys.code_hash(code),
            kind=place.kind,  # type: ignore[arg-type]  # one of the four
            title=place.title,
            kitchen_id=place.kitchen_id,
            ward_id=place.ward_id,
        )
        now = time.time_ns() // 1_000_000
        act = submit(make, op_id=uuid7(now, secrets.token_bytes(10)), actor=SYSTEM, origin=Origin.CLI)
        store = open_server_store(self.database_url)
        try:
            outcome = perform(store, now, [act])[0]
        finally:
            store.close()
        assert outcome is not None and outcome.outcome == APPLIED, outcome
        return code

    def close(self) -> None:
        """Ends what was started here, by its process id."""
        self.stop_server()
        self.line.close()


def prepare(folder: Path, *, now: int, port: int = 0) -> Hospital:
    """A hospital in the middle of a meal at `now`, its server not yet running. port 0: any that is free."""
    server_port = port or free_port()
    data = folder / "server" / "data"
    data.mkdir(parents=True, exist_ok=True)
    (folder / "server" / "dusangire.toml").write_text(
        f'[server]\nhost = "{HERE}"\nport = {server_port}\nhosts = ["{HERE}", "localhost"]\nsecure = false\n'
    )
    hospital = Hospital(folder, server_port, Line(to_port=server_port))
    store = open_practice(
        hospital.database_url, now=now, epoch=secrets.token_hex(8), signing_seed=secrets.token_hex(32)
    )
    try:
        fill(store, now)
    finally:
        store.close()
    return hospital


def free_port() -> int:
    with socket.socket() as tried:
        tried.bind((HERE, 0))
        return int(tried.getsockname()[1])
