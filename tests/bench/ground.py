"""The hospital of the measurements: thousands of confirmed meals, a real server process,
consoles with sealed stores."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from admin_cli.demo.hospital import HERE, Hospital, free_port
from admin_cli.demo.line import Line
from core.devices import keys
from core.kernel.tx import Tx
from core.kernel.values import DAY_MS, Role
from core.menu.commands import SetService
from core.people.commands import SetPin
from core.store import home, log, migrations, queue
from core.store.home import Home
from core.store.open import Store, open_server_store
from core.store.read import TxSource
from sync.client import desk
from sync.client.errand import Errand
from sync.client.machine import MachineChance, MachineClock
from sync.client.transport import HttpLink
from sync.ports import Answer, Stream
from tests import given
from tests.bench import wards

ORDERS_A_STAY = 3
COOK, LEAD, RUNNER, DOCTOR = "cook_1", "kitchen_lead_1", "runner_1", "doctor_1"
PIN_HASH = "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


class CountingLink:
    """A line that counts what goes over it."""

    def __init__(self, url: str) -> None:
        self.link = HttpLink(url)
        self.up = 0
        self.down = 0

    def ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        answer = self.link.ask(method, path, body, headers)
        self.up += len(body)
        self.down += len(answer.body)
        return answer

    def listen(self, path: str, headers: Mapping[str, str]) -> Stream | Answer:
        return self.link.listen(path, headers)

    def close(self) -> None:
        self.link.close()


@dataclass
class Bench:
    """One run's hospital and what was made in it."""

    hospital: Hospital
    orders: list[str]
    at: int
    tokens: list[str] = field(default_factory=list)  # of patients whose pages are open, one each
    consoles: list[Home] = field(default_factory=list)

    @property
    def server_pid(self) -> int:
        assert self.hospital._server is not None
        return self.hospital._server.pid

    def errand(self, where: Home, store: Store, link: CountingLink) -> Errand:
        seed = where.vault.secret(home.DEVICE_KEY)
        assert seed is not None
        return Errand(store, link, MachineClock(), MachineChance(), keys.signer(seed))

    def press(self, store: Store, signed: desk.Signed, command: object) -> None:
        chance = secrets.token_bytes(desk.CHANCE_BYTES)
        desk.press(store, MachineClock().now(), chance, signed, command)  # type: ignore[arg-type]  # any command


@contextmanager
def hospital_with(orders: int, *, patients: int = 0, dishes: int = 0) -> Iterator[Bench]:
    """A server process over so many confirmed meals of lunch around now, three a patient.

    patients: more of them, in beds, with their pages open. dishes: on the menu beside the few of the tests.
    """
    with TemporaryDirectory(prefix="dusangire-bench-") as folder:
        hospital = _hospital(Path(folder))
        now = time.time_ns() // 1_000_000
        placed, tokens = _fill(hospital, orders, now, patients=patients, dishes=dishes)
        try:
            hospital.start_server()
            yield Bench(hospital, placed, now, tokens)
        finally:
            hospital.close()


def _hospital(folder: Path) -> Hospital:
    port = free_port()
    (folder / "server" / "data").mkdir(parents=True)
    told = f'[server]\nhost = "{HERE}"\nport = {port}\nhosts = ["{HERE}"]\nsecure = false\n'
    (folder / "server" / "dusangire.toml").write_text(told)
    return Hospital(folder, port, Line(to_port=port))


def _fill(hospital: Hospital, orders: int, now: int, *, patients: int, dishes: int) -> tuple[list[str], list[str]]:
    """Through `given`, so by commands; written in one go, as an image is what consoles load anyway."""
    store = open_server_store(hospital.database_url)
    migrations.bring_up(store)
    placed = []
    with store.writing() as connection:
        log.create_hospital(connection, epoch="bench", at=now - DAY_MS, signing_seed="5e" * 32, practice=True)
        tx = Tx(TxSource(connection, whole=True))
        given.hospital(tx)
        given.perform(tx, _lunch_around(now), by=given.LEAD, at=now)
        for person in (COOK, LEAD, RUNNER, DOCTOR):
            given.perform(tx, SetPin(person_id=person, pin_hash=PIN_HASH), by=given.SYSTEM, at=now)
        stay = None
        for count in range(orders):
            if stay is None or count % ORDERS_A_STAY == 0:
                stay = given.stay(tx, at=now)
            order = given.order(tx, stay=stay, placed_at=now, at=now, service=wards.LUNCH)
            placed.append(order.id)
        wards.menu(tx, dishes)
        wards.admit(tx, patients, at=now)
        given.saved(tx)
    with store.writing() as connection:
        tokens = wards.tokens(connection, patients, at=now)
    store.close()
    return placed, tokens


def _lunch_around(now: int) -> SetService:
    hour = 3_600_000
    return SetService(
        service_id=wards.LUNCH,
        kitchen_id="main",
        day=given.DAY,
        meal="lunch",
        opens_at=now - hour,
        cut_off_at=now + hour,
        dispatch_at=now + hour,
        ends_at=now + 3 * hour,
    )


def signed(store: Store, person_id: str, *roles: Role) -> desk.Signed:
    """Whoever presses, as a console knows them."""
    from sync.client import sign_in

    with store.reading() as connection:
        return sign_in.signed(connection, MachineClock().now(), person_id, roles)


def timed(work: Callable[[], object]) -> float:
    """Seconds."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def waiting(store: Store) -> int:
    with store.reading() as connection:
        return queue.waiting(connection)
