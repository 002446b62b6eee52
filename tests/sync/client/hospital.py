"""A small hospital for tests of consoles: a real server store,
and a line that carries messages straight to its steps."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from argon2 import PasswordHasher

from core import handlers
from core.devices import keys
from core.devices.commands import MakeCode, RevokeDevice
from core.kernel.message import Command
from core.kernel.row import Row
from core.kernel.values import Actor, Origin, Role, due_op_id
from core.orders import numbers
from core.people.commands import AddPerson, GiveGrant, SetPin
from core.store import home, image, log, queue
from core.store.home import Home
from core.store.open import Store, open_server_store
from core.store.read import TxSource
from core.store.tables import SERVER
from core.store.vault import Vault
from core.wards.commands import AddBeds, NewBed, OpenKitchen, OpenWard
from sync.client import desk, enrol, errand, sign_in
from sync.client.errand import Errand
from sync.client.loop import Loop
from sync.client.moment import Moment
from sync.client.talk import Talk
from sync.ports import Answer, LinkDown, Stream
from sync.protocol import Outcome
from sync.server.perform import perform, submit
from sync.server.reception import Asked
from sync.simulation.serving import ServerProcess

R = TypeVar("R", bound=Row)
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
NOON = 1_760_000_000_000
CLERK = Actor("clerk", frozenset({Role.ADMIN, Role.SYSTEM}))
BOOT = "boot-1"


def moment(after: int = 0, *, boot: str = BOOT) -> Moment:
    """Noon by both clocks, and so many ms later."""
    return Moment(wall=NOON + after, mono=1_000_000 + after, boot=boot)


@dataclass
class Time:
    """A clock that goes when it is told to."""

    at: int = 0
    wrong_by: int = 0
    boot: str = BOOT

    def now(self) -> Moment:
        return Moment(wall=NOON + self.at + self.wrong_by, mono=1_000_000 + self.at, boot=self.boot)


class Dice:
    """Chance from a seed: the same bytes in every run."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._drawn = 0

    def bytes(self, count: int) -> bytes:
        self._drawn += 1
        return hashlib.shake_256(f"{self._seed} {self._drawn}".encode()).digest(count)


class Hospital:
    """The server's side: commands are performed, never rows written."""

    def __init__(self, folder: Path) -> None:
        self.store = open_server_store(f"sqlite:///{folder / 'hospital.db'}")
        self.time = Time()
        self.dice = Dice("hospital")
        self._acts = 0
        with self.store.writing() as connection:
            SERVER.create_all(connection)
            log.create_hospital(connection, epoch="epoch-1", at=NOON, signing_seed="00" * 32, practice=True)
        self.process = ServerProcess(self.store, lambda: self.time.now().wall)

    def do(self, command: Command, actor: Actor = CLERK) -> Outcome:
        self._acts += 1
        op_id = due_op_id("test", command.name, NOON + self._acts)
        done = perform(
            self.store,
            self.time.now().wall,
            [submit(command, op_id=op_id, actor=actor, origin=Origin.CLI)],
        )[0]
        assert done is not None
        return done

    def told(self, command: Command) -> Outcome:
        """Performed, and nothing was wrong with it."""
        done = self.do(command)
        assert done.outcome == "applied", done
        return done

    def lease_numbers(self) -> None:
        """What time itself does: every console that may order gets numbers of its own."""
        with self.store.reading() as connection:
            wanted = numbers.wanted(connection, self.time.now().wall, most=10)
        for key, _ in wanted:
            self.told(numbers.leasing_of(key))

    def revoke(self, console: Console) -> None:
        with console.store.reading() as connection:
            device_id = queue.this(connection).id
        self.told(RevokeDevice(device_id=device_id))

    @property
    def head(self) -> int:
        with self.store.reading() as connection:
            return log.read_head(connection).seq

    def row(self, table: type[R], row_id: str) -> R | None:
        with self.store.reading() as connection:
            return TxSource(connection, whole=True).rows(table, [row_id]).get(row_id)


class StepLink:
    """A line to the server's own steps. It can be cut before or after the server has heard."""

    def __init__(self, hospital: Hospital) -> None:
        self.hospital = hospital
        self.asked: list[str] = []
        self.lose_answer_to = ""  # path: its next answer is lost on the way back
        self.down = False
        self.deaf_to: dict[str, Answer] = {}  # path prefix -> what is answered instead

    def ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        plain, _, query = path.partition("?")
        self.asked.append(f"{method} {plain}")
        if self.down:
            raise LinkDown("down")
        for prefix, instead in self.deaf_to.items():
            if path.startswith(prefix):
                return instead
        answer = self.hospital.process.answer(Asked(method, plain, query, headers, body))
        if plain == self.lose_answer_to:
            self.lose_answer_to = ""
            raise LinkDown("lost")
        return answer

    def listen(self, path: str, headers: Mapping[str, str]) -> Stream | Answer:
        raise LinkDown("no streams here")

    def close(self) -> None:
        self.down = True


@dataclass
class Console:
    """The device's side: a store, a line, a clock and the person who presses."""

    store: Store
    link: StepLink
    time: Time
    seed: bytes
    person: str
    where: Home
    dice: Dice = field(default_factory=lambda: Dice("console"))

    def press(self, command: Command, *, expect: int = 0) -> desk.Pressed:
        now = self.time.now()
        handle = handlers.find(command.name)
        assert handle is not None
        with self.store.reading() as connection:
            signed = sign_in.signed(connection, now, self.person, handle.roles)
        return desk.press(self.store, now, self.dice.bytes(26), signed, command, expect=expect)

    def sync(self) -> Talk:
        """Talks until there is nothing more to say."""
        return self.errand.run(lambda step: False)

    @property
    def errand(self) -> Errand:
        return Errand(self.store, self.link, self.time, self.dice, keys.signer(self.seed))

    @property
    def incarnation(self) -> str:
        with self.store.reading() as connection:
            return str(queue.this(connection).incarnation)

    def rows_held(self) -> int:
        with self.store.reading() as connection:
            return image.count_rows(connection)

    def holds(self, table: type[R], row_id: str) -> R | None:
        with self.store.reading() as connection:
            return TxSource(connection, whole=False).rows(table, [row_id]).get(row_id)

    @property
    def waiting(self) -> int:
        return errand.waiting(self.store)

    def verdicts(self) -> list[tuple[str, str]]:
        """(outcome, code) of each act, in the order they were pressed; "" while it has none."""
        with self.store.reading() as connection:
            rows = queue.queue_listing(connection, 10_000)
        return [(row.outcome or "", row.code or "") for row in reversed(rows)]


def ward_a(folder: Path) -> Hospital:
    """One kitchen, two wards with beds, a nurse on each."""
    hospital = Hospital(folder)
    hospital.told(OpenKitchen(kitchen_id="main", title="Main kitchen"))
    for ward in ("A", "B"):
        hospital.told(OpenWard(ward_id=ward, kitchen_id="main", name_en=f"Ward {ward}"))
        beds = tuple(NewBed(bed_id=f"{ward}-{number:03}") for number in range(1, 9))
        hospital.told(AddBeds(ward_id=ward, beds=beds))
    hire(hospital, "nurse-1", role=Role.NURSE, ward_id="A", pin="482913")
    hire(hospital, "nurse-2", role=Role.NURSE, ward_id="A", pin="735108")
    return hospital


def hire(hospital: Hospital, person_id: str, *, role: Role, ward_id: str, pin: str) -> None:
    hospital.told(AddPerson(person_id=person_id, display=person_id.replace("-", " "), full_name=person_id))
    hospital.told(GiveGrant(person_id=person_id, role=role.value, ward_id=ward_id))  # type: ignore[arg-type]  # a staff role
    hospital.told(SetPin(person_id=person_id, pin_hash=QUICK.hash(pin)))


def code_for(hospital: Hospital, *, kind: str = "ward", ward_id: str = "A", kitchen_id: str = "") -> str:
    """A one-time code for a new console."""
    code = keys.code_from(hospital.dice.bytes(keys.CODE_BYTES))
    make = MakeCode(
        code_id=keys.code_hash(code),
        kind=kind,  # type: ignore[arg-type]  # one of the four
        title=f"{kind} {ward_id}",
        ward_id=ward_id,
        kitchen_id=kitchen_id,
    )
    hospital.told(make)
    return code


def enrolled(
    hospital: Hospital,
    folder: Path,
    name: str = "ward A 1",
    *,
    plain: bool = True,
    kind: str = "ward",
    ward_id: str = "A",
) -> Console:
    """A console of a ward that has loaded everything it may hold."""
    link, time, dice = StepLink(hospital), Time(), Dice(name)
    where = Home(folder / name, Vault(folder / name), plain=plain)
    code = code_for(hospital, kind=kind, ward_id=ward_id if kind in ("ward", "clinical") else "")
    enrol.enrol(where, "http://server", code=code, name=name, link=link, clock=time, chance=dice)
    seed = where.vault.secret("device")
    assert seed is not None
    console = Console(home.open_device(where), link, time, seed, "nurse-1", where, dice)
    console.sync()
    return console


def loop_of(console: Console) -> Loop:
    """What keeps a console in touch with its server; its thread is not started."""
    return Loop(
        console.store,
        console.link,
        Time(),
        Dice("loop"),
        console.errand.sign,
        lock_file=console.where.lock_file,
        on_change=lambda tables: None,
    )
