"""Where the rigs do their harm: a hospital with meals to cook, its server process, and people who know their PIN."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from threading import Lock

from argon2 import PasswordHasher
from sqlalchemy import Connection

from admin_cli.demo.hands import Unseen
from admin_cli.demo.hospital import Hospital
from core.kernel.message import Command
from core.kernel.values import SYSTEM, Origin, uuid7
from core.people.commands import SetPin
from core.store import home, log, queue
from core.store.home import Home
from core.store.open import Store, open_server_store
from sync.client.door import Door
from sync.client.transport import HttpLink
from sync.ports import Answer, Stream
from sync.protocol import APPLIED, Changes, Outcome, PushAnswer
from sync.server.perform import perform, submit
from sync.wire import decode
from tests.bench.ground import Bench, hospital_with
from tests.crash.accounts import Accounts, settle_accounts

COOK, NURSE, DOCTOR = "cook_1", "nurse_1", "doctor_1"
PINS: Mapping[str, str] = {COOK: "370915", NURSE: "482913", DOCTOR: "640271"}
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
SECONDS = 60.0  # without anything moving: then somebody is wedged
LOOK_SECONDS = 0.02


@contextmanager
def scene(meals: int) -> Iterator[Bench]:
    """A hospital with so many meals to cook, its server up."""
    with hospital_with(meals) as bench:
        for person_id, pin in PINS.items():
            told(bench.hospital, SetPin(person_id=person_id, pin_hash=QUICK.hash(pin)))
        yield bench


def told(hospital: Hospital, command: Command) -> None:
    """The house itself does it, beside the running server."""
    now = time.time_ns() // 1_000_000
    act = submit(command, op_id=uuid7(now, secrets.token_bytes(10)), actor=SYSTEM, origin=Origin.CLI)
    store = open_server_store(hospital.database_url)
    try:
        outcome = perform(store, now, [act])[0]
    finally:
        store.close()
    assert outcome is not None and outcome.outcome == APPLIED, outcome


class JournalLink:
    """A console's line on which every verdict that comes over it is written down outside of both ends."""

    def __init__(self, url: str) -> None:
        self._link = HttpLink(url)
        self._guard = Lock()
        self.verdicts: list[Outcome] = []
        self.requests = 0

    def ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        self.requests += 1
        answer = self._link.ask(method, path, body, headers)
        if answer.status == 200 and path == "/sync/push":
            self._note(decode(answer.body, PushAnswer).outcomes)
        elif answer.status == 200 and path.startswith("/sync/changes"):
            self._note(decode(answer.body, Changes).outcomes)
        return answer

    def listen(self, path: str, headers: Mapping[str, str]) -> Stream | Answer:
        return self._link.listen(path, headers)

    def close(self) -> None:
        self._link.close()

    def _note(self, outcomes: tuple[Outcome, ...]) -> None:
        with self._guard:
            self.verdicts += outcomes


def wait_until_settled(doors: Mapping[str, Door], server: Store) -> None:
    """Everything is sent, and every console has come to where the log stands. Raises Unseen when nothing moves."""
    last, moved = (-1, -1, -1), time.monotonic()
    while True:
        with server.reading() as connection:
            head = log.read_head(connection).seq
        cursors = [door.read(_cursor) for door in doors.values()]
        waiting = sum(door.standing().waiting for door in doors.values())
        if not waiting and min(cursors) >= head:
            return
        if (waiting, head, sum(cursors)) != last:
            last, moved = (waiting, head, sum(cursors)), time.monotonic()
        elif time.monotonic() - moved > SECONDS:
            raise Unseen(f"{', '.join(doors)} do not come to rest: {waiting} wait, {cursors} of {head}")
        time.sleep(LOOK_SECONDS)


def _cursor(db: Connection) -> int:
    cursor = queue.read_cursor(db)
    return cursor.seq if cursor is not None else -1


def count(
    hospital: Hospital, homes: Mapping[str, Home], *, saved: list[str], acknowledged: list[Outcome]
) -> Accounts:
    """Lets the consoles come to rest by their own loops, closes them all, and counts from the files."""
    with ExitStack() as leaving:
        server = open_server_store(hospital.database_url)
        leaving.callback(server.close)
        with ExitStack() as talking:
            doors = {name: talking.enter_context(Door.at(where)) for name, where in homes.items()}
            wait_until_settled(doors, server)
        stores = {name: home.open_device(where) for name, where in homes.items()}
        for store in stores.values():
            leaving.callback(store.close)
        return settle_accounts(stores, server, saved=saved, acknowledged=acknowledged)
