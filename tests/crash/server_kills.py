"""A real server process killed with -9 again and again, while three consoles press and talk.

The journals: the ids of presses that returned, and every verdict as it came over the lines.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Self

from sqlalchemy import Connection

from admin_cli.demo.hands import rows_of
from core.diets.allergies import RecordAllergiesAsked, RecordAllergy
from core.kernel.message import Command
from core.kernel.refusal import Refusal
from core.orders.commands import StartCooking, TickLine
from core.orders.model import Order, OrderLine, OrderState
from core.store import queue
from core.store.home import Home
from core.wards.commands import AssignBed, OpenStay
from core.wards.model import Stay
from sync.client.door import Door
from sync.protocol import Outcome
from tests.bench.ground import Bench
from tests.crash.accounts import Accounts
from tests.crash.scene import COOK, DOCTOR, NURSE, PINS, JournalLink, count

WORKERS: Mapping[str, str] = {"kitchen": COOK, "nurse": NURSE, "clinical": DOCTOR}
PACE_SECONDS = 0.02
MOST_WAITING = 300  # of one console
LATEST_KILL_SECONDS = 0.6  # after the server is up: often before anybody was answered
PATIENCE_SECONDS = 6.0
MOST_VERDICTS = 400  # between two kills
LOOK_SECONDS = 0.001
BEDS = tuple(f"A-{number:03}" for number in range(1, 6))
Play = Callable[[Door, random.Random, str], Command | None]


@dataclass(slots=True)
class Hands:
    """One console whose person presses without rest; what was told as saved."""

    door: Door
    link: JournalLink
    saved: list[str] = field(default_factory=list)
    refused: int = 0
    trouble: str = ""


class Shift:
    """Three people who work until they are told to stop."""

    def __init__(self, bench: Bench, *, seed: int, url: str = "", pace: float = PACE_SECONDS) -> None:
        self._bench, self._seed, self._pace = bench, seed, pace
        self._url = url or bench.hospital.line_url
        self._ending = threading.Event()
        self._leaving = ExitStack()
        self._workers: list[threading.Thread] = []
        self.hands: dict[str, Hands] = {}

    def __enter__(self) -> Self:
        """Everybody signs in while the server is in reach."""
        hospital = self._bench.hospital
        for name, person in WORKERS.items():
            where = hospital.homes.get(name) or hospital.enrol(name)
            link = JournalLink(self._url)
            door = self._leaving.enter_context(Door.at(where, link=link))
            door.sign_in(person, PINS[person])
            self.hands[name] = Hands(door, link)
        for name, hands in self.hands.items():
            worker = threading.Thread(target=self._work, args=(name, hands), name=f"shift-{name}", daemon=True)
            worker.start()
            self._workers.append(worker)
        self._leaving.callback(self.rest)
        return self

    def __exit__(self, *_: object) -> None:
        self._leaving.close()

    def rest(self) -> None:
        """Nobody presses any more; the consoles go on talking."""
        self._ending.set()
        for worker in self._workers:
            worker.join()

    @property
    def saved(self) -> list[str]:
        return [op_id for hands in self.hands.values() for op_id in hands.saved]

    @property
    def waiting(self) -> int:
        return sum(hands.door.standing().waiting for hands in self.hands.values())

    @property
    def verdicts(self) -> list[Outcome]:
        return [verdict for hands in self.hands.values() for verdict in hands.link.verdicts]

    def _work(self, name: str, hands: Hands) -> None:
        dice, count = random.Random(f"{self._seed} {name}"), 0
        while not self._ending.wait(self._pace):
            if hands.door.read(queue.waiting) > MOST_WAITING:
                continue  # nobody presses on for ever before a console that sends nothing
            count += 1
            try:
                command = PLAYS[name](hands.door, dice, f"{name}-{count:05}")
                if command is not None:
                    hands.saved.append(hands.door.perform(command).op_id.hex())
            except Refusal:
                hands.refused += 1  # a rule said no at the press: no act exists
            except Exception as error:
                hands.trouble = f"{type(error).__name__}: {error}"
                return


def cook(door: Door, dice: random.Random, name: str) -> Command | None:
    """Starts a meal now and then, else ticks a line of one on the stove, or takes a tick back."""
    state = OrderState.CONFIRMED if dice.random() < 0.1 else OrderState.COOKING
    orders = door.read(lambda db: rows_of(db, Order, state=state.value))
    if not orders:
        state = OrderState.CONFIRMED
        orders = door.read(lambda db: rows_of(db, Order, state=state.value))
    if not orders:
        return None
    order = dice.choice(orders[:40])
    if state is OrderState.CONFIRMED:
        return StartCooking(order_id=order.id)
    line = dice.choice(door.read(lambda db: rows_of(db, OrderLine, order_id=order.id)))
    return TickLine(line_id=line.id, ticked=dice.random() < 0.5)


def admit(door: Door, dice: random.Random, name: str) -> Command | None:
    """Patients come, are asked, and two consoles want the same five beds: one of them is told that it is taken."""
    what = dice.random()
    if what < 0.4:
        return OpenStay(stay_id=f"stay-{name}", ward_id="A", full_name=f"Somebody {name}")
    mine = [stay for stay in door.read(_stays) if stay.startswith(("stay-nurse", "stay-clinical"))]
    if not mine:
        return None
    if what < 0.6:
        return AssignBed(stay_id=dice.choice(mine), bed_id=dice.choice(BEDS))
    if what < 0.8:
        return RecordAllergiesAsked(stay_id=dice.choice(mine), none=True)
    return RecordAllergy(stay_id=dice.choice(mine), code=dice.choice(("peanut", "milk", "fish")))


def _stays(db: Connection) -> list[str]:
    return [stay.id for stay in rows_of(db, Stay, ward_id="A")]


PLAYS: Mapping[str, Play] = {"kitchen": cook, "nurse": admit, "clinical": admit}


def kill_servers(bench: Bench, kills: int, *, seed: int = 1) -> tuple[list[float], Accounts]:
    """How long the server took to be back each time (ms), and how it ended."""
    dice, back = random.Random(seed), []
    with Shift(bench, seed=seed) as shift:
        for _ in range(kills):
            _work_goes_on(shift, dice)
            bench.hospital.kill_server()
            began = time.perf_counter()
            bench.hospital.start_server()
            back.append((time.perf_counter() - began) * 1_000)
    accounts = count(bench.hospital, _homes(bench), saved=shift.saved, acknowledged=shift.verdicts)
    accounts.note("people could not go on", [hands.trouble for hands in shift.hands.values() if hands.trouble])
    return back, accounts


def _work_goes_on(shift: Shift, dice: random.Random) -> None:
    """Until the server has given so many verdicts more, or for an instant drawn by lot: before it has heard anybody."""
    wanted = len(shift.verdicts) + dice.randint(1, MOST_VERDICTS)
    ends = time.perf_counter() + dice.choice((LATEST_KILL_SECONDS, PATIENCE_SECONDS)) * dice.uniform(0.5, 1.0)
    while time.perf_counter() < ends and len(shift.verdicts) < wanted:
        time.sleep(LOOK_SECONDS)


def _homes(bench: Bench) -> dict[str, Home]:
    return {name: bench.hospital.homes[name] for name in WORKERS}
