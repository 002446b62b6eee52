"""Reconnect storm: a hundred handhelds come back at once, each with a shift of acts in its queue, and nothing is lost.

Real consoles' loops in a few processes, each store sealed and on its own file, against one real server process. Not as
in life is only that the acts were put into the queues without being shown on their consoles: making them would take
longer than the storm. `python -m tests.crash.storm FIRST LAST FOLDER` is one process of consoles.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from admin_cli.demo.hospital import Hospital, Place
from core.diets.allergies import RecordAllergiesAsked
from core.kernel.message import Command
from core.kernel.values import Role
from core.store import home, log, queue
from core.store.home import Home
from core.store.open import Store, open_server_store
from core.store.vault import Vault
from core.wards.commands import OpenStay, OpenWard
from sync.client import desk, enrol, overlay
from sync.client.door import Door
from sync.client.errand import Errand, load
from sync.client.machine import MachineChance, MachineClock
from sync.ports import Answer, LinkDown, Stream
from sync.server.reception import Asked
from sync.simulation.serving import ServerProcess
from tests.bench.cpu import spent_ms
from tests.bench.ground import Bench, hospital_with, signed
from tests.crash.accounts import Accounts, settle_accounts
from tests.crash.scene import DOCTOR, told

A_WARD = 4  # handhelds
SECONDS = 600.0
LOOK_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Storm:
    """How long until the last queue was empty, until every console had all news, and how it ended.

    server_cpu_s: what the server spent until the last queue was empty, whatever else the machine was doing.
    """

    drained_s: float
    caught_up_s: float
    server_cpu_s: float
    accounts: Accounts


class StepLink:
    """To the server's own steps over its store: consoles are prepared while no server runs."""

    def __init__(self, store: Store) -> None:
        clock = MachineClock()
        self._process = ServerProcess(store, lambda: clock.now().wall)

    def ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        plain, _, asked = path.partition("?")
        return self._process.answer(Asked(method, plain, asked, headers, body))

    def listen(self, path: str, headers: Mapping[str, str]) -> Stream | Answer:
        raise LinkDown("no streams here")

    def close(self) -> None:
        """Nothing is open."""


@contextmanager
def gathering(devices: int, acts: int) -> Iterator[tuple[Bench, list[Home]]]:
    """So many handhelds, each with so many acts in its queue; the server is down."""
    with hospital_with(0) as bench:
        wards = [f"W{number:02}" for number in range((devices + A_WARD - 1) // A_WARD)]
        for ward in wards:
            told(bench.hospital, OpenWard(ward_id=ward, kitchen_id="main", name_en=ward, minutes_from_kitchen=4))
        bench.hospital.stop_server()
        server = open_server_store(bench.hospital.database_url)
        try:
            homes = [_handheld(bench, server, number, wards[number // A_WARD]) for number in range(devices)]
        finally:
            server.close()
        for number, where in enumerate(homes):
            _fill(where, _shift(number, acts, wards[number // A_WARD]))
        yield bench, homes


def _handheld(bench: Bench, server: Store, number: int, ward: str) -> Home:
    """Enrolled and loaded, as in life."""
    hospital, link, clock, chance = bench.hospital, StepLink(server), MachineClock(), MachineChance()
    where = folder_of(hospital.folder, number)
    code = hospital._code_for(Place("ward", f"handheld {number}", DOCTOR, ward_id=ward))
    enrol.enrol(where, hospital.url, code=code, name=where.folder.name, link=link, clock=clock, chance=chance)
    store = home.open_device(where)
    try:
        load(_errand(bench, where, store, link))
    finally:
        store.close()
    return where


def folder_of(folder: Path, number: int) -> Home:
    path = folder / f"handheld-{number:03}"
    return Home(path, Vault(path))


def _errand(bench: Bench, where: Home, store: Store, link: StepLink) -> Errand:
    return bench.errand(where, store, link)  # type: ignore[arg-type]  # any line


def _shift(number: int, acts: int, ward: str) -> list[Command]:
    """Patients of its own, admitted and asked."""
    made: list[Command] = []
    for count in range((acts + 1) // 2):
        stay = f"stay-{number:03}-{count:03}"
        made.append(OpenStay(stay_id=stay, ward_id=ward, full_name=_name(stay)))
        made.append(RecordAllergiesAsked(stay_id=stay, none=True))
    return made[:acts]


def _name(stay: str) -> str:
    """Nobody's namesake: who is called alike is the server's own work, and not this storm's."""
    return hashlib.sha256(stay.encode()).hexdigest()[:16].translate(str.maketrans("0123456789", "ghijklmnop"))


def _fill(where: Home, commands: Sequence[Command]) -> None:
    """In one transaction, as acts about what this console does not hold: they wait for the server's word."""
    store, clock, chance = home.open_device(where), MachineClock(), MachineChance()
    try:
        who = signed(store, DOCTOR, Role.DOCTOR)
        with store.writing() as connection:
            me = queue.this(connection)
            cursor = queue.read_cursor(connection)
            assert cursor is not None
            for command in commands:
                moment, bytes_ = clock.now(), chance.bytes(desk.CHANCE_BYTES)
                act = desk._act(moment, cursor, me, bytes_, who, command)
                unseen = overlay.Tried({}, unknown=True)
                desk._queue(connection, cursor, me, moment, bytes_, act, who, command, 0, unseen)
    finally:
        store.close()


# -- the storm --------------------------------------------------------------------------------------------------------


def storm(devices: int, acts: int, *, processes: int = 1) -> Storm:
    """All consoles run and knock while no server is there; then it comes back."""
    with gathering(devices, acts) as (bench, homes), ExitStack() as leaving:
        crowds = [_crowd(bench.hospital, part) for part in _parts(devices, processes)]
        for crowd in crowds:
            leaving.callback(crowd.kill)
        for crowd in crowds:
            assert _line(crowd) == {"ready": True}
        bench.hospital.start_server()
        began, spent = time.monotonic(), spent_ms(bench.server_pid)
        drained = max(_line(crowd)["drained_at"] for crowd in crowds) - began
        spent = spent_ms(bench.server_pid) - spent
        caught_up = _catch_up(bench.hospital, crowds) - began
        for crowd in crowds:
            crowd.wait(SECONDS)
        return Storm(drained, caught_up, spent / 1_000, _count(bench.hospital, homes))


def _catch_up(hospital: Hospital, crowds: Sequence[subprocess.Popen[str]]) -> float:
    """When the last console had come to where the log stands; the server may still have had work of its own to do."""
    head = -1
    while head != (head := _head(hospital)):
        for crowd in crowds:
            _tell(crowd, head)
        at = max(_line(crowd)["caught_up_at"] for crowd in crowds)
    for crowd in crowds:
        _tell(crowd, 0)
    return at


def _tell(crowd: subprocess.Popen[str], head: int) -> None:
    assert crowd.stdin is not None
    crowd.stdin.write(f"{head}\n")
    crowd.stdin.flush()


def _parts(devices: int, processes: int) -> list[range]:
    step = (devices + processes - 1) // processes
    return [range(first, min(devices, first + step)) for first in range(0, devices, step)]


def _crowd(hospital: Hospital, part: range) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.crash.storm", str(part.start), str(part.stop), str(hospital.folder)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _line(crowd: subprocess.Popen[str]) -> dict[str, float]:
    assert crowd.stdout is not None
    said: dict[str, float] = json.loads(crowd.stdout.readline() or "{}")
    assert said, "a process of consoles has ended"
    return said


def _head(hospital: Hospital) -> int:
    server = open_server_store(hospital.database_url)
    try:
        with server.reading() as connection:
            return log.read_head(connection).seq
    finally:
        server.close()


def _count(hospital: Hospital, homes: Sequence[Home]) -> Accounts:
    with ExitStack() as leaving:
        server = open_server_store(hospital.database_url)
        leaving.callback(server.close)
        stores = {where.folder.name: home.open_device(where) for where in homes}
        for store in stores.values():
            leaving.callback(store.close)
        return settle_accounts(stores, server)


# -- one process of consoles ------------------------------------------------------------------------------------------


def main(first: str, last: str, folder: str) -> None:
    with ExitStack() as leaving:
        homes = [folder_of(Path(folder), number) for number in range(int(first), int(last))]
        doors = [leaving.enter_context(Door.at(where)) for where in homes]
        _say({"ready": True})
        _until(doors, lambda db: not queue.waiting(db))
        _say({"drained_at": time.monotonic()})
        while head := int(sys.stdin.readline()):
            _until(doors, lambda db, head=head: _reached(db) >= head)
            _say({"caught_up_at": time.monotonic()})


def _until(doors: Sequence[Door], done: object) -> None:
    """One door after the other: the last of them is there when all are."""
    ends = time.monotonic() + SECONDS
    for door in doors:
        while not door.read(done):  # type: ignore[arg-type]  # a question
            assert time.monotonic() < ends, "a console does not come to rest"
            time.sleep(LOOK_SECONDS)


def _reached(db: Connection) -> int:
    cursor = queue.read_cursor(db)
    return cursor.seq if cursor is not None else -1


def _say(what: Mapping[str, float]) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
