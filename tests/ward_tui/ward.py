"""A ward with a server, a kitchen and one handheld: a real store on each side, filled by commands, told by messages.

Time stands still at 12:35 in Kigali until a test says otherwise. The handheld hears only when it is told to sync.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from textual.events import Key
from textual.pilot import Pilot

from consoles.kit.testing import SeededChance, glass, pressed, settled
from core.delivery.codes import tray_code, wristband_code
from core.delivery.commands import GiveTray, TakeOut
from core.delivery.model import Tray
from core.diets.allergies import RecordAllergiesAsked, RecordAllergy
from core.diets.commands import HoldTrays, PrescribeDiet, StartNilByMouth
from core.diets.model import DietProfile
from core.diets.profile import periods_of
from core.kernel.message import Command
from core.kernel.row import Row
from core.kernel.values import MINUTE_MS, Actor, Origin, Role, derived_id, due_op_id
from core.orders.attempts import Ordered
from core.orders.commands import MarkReady, StartCooking
from core.orders.model import Order
from core.orders.placing import CancelOrder, PlaceOrder
from core.store.home import Home
from core.store.open import open_server_store
from core.store.read import TxSource
from core.store.vault import Vault
from core.wards.commands import AssignBed, MoveStay, OpenStay
from core.wards.model import Stay
from sync.client import enrol
from sync.client.door import Door
from sync.protocol import Outcome
from sync.server.perform import perform, submit
from sync.simulation.serving import ServerProcess
from tests.sync.client.hospital import (
    Console,
    Dice,
    Hospital,
    StepLink,
    Time,
    code_for,
)
from tests.ward_tui.house import AT, BEANS, LUNCH, LUNCH_TIME, PINS, RICE, house
from ward_tui.app import WardApp

HANDHELD, LAPTOP, LARGE_TYPE = (40, 20), (80, 24), (40, 12)


def actor(person_id: str, role: Role) -> Actor:
    return Actor(person_id, frozenset({role}))


COOK, DOCTOR, NURSE = actor("cook-1", Role.COOK), actor("doctor-1", Role.DOCTOR), actor("nurse-1", Role.NURSE)
LEAD = actor("kitchen-lead-1", Role.KITCHEN_LEAD)
RUNNER, RUNNER_2 = actor("runner-1", Role.RUNNER), actor("runner-2", Role.RUNNER)
CLERK = Actor("clerk", frozenset({Role.ADMIN, Role.SYSTEM}))


@dataclass
class Ward:
    """The hospital's side and one handheld that hears of it by `sync`."""

    folder: Path
    hospital: Hospital
    console: Console = field(init=False)
    app: WardApp = field(init=False)
    acts: int = 0
    numbers: int = 411

    def __post_init__(self) -> None:
        self.console = self.enrolled("handheld 1")

    # -- the server's side --------------------------------------------------------------------------------------------

    def tried(self, command: Command, by: Actor) -> tuple[bytes, Outcome]:
        self.acts += 1
        op_id = due_op_id("ward", command.name, AT + self.acts)
        now = self.hospital.time.now().wall
        sent = submit(command, op_id=op_id, actor=by, origin=Origin.CLI)
        done = perform(self.hospital.store, now, [sent])[0]
        assert done is not None
        return op_id, done

    def do(self, command: Command, by: Actor) -> str:
        """Performed by the server; the id of the first row it made."""
        op_id, done = self.tried(command, by)
        assert done.outcome in ("applied", "applied_exception"), (command.name, done)
        return derived_id(op_id, 1)

    def patient(
        self,
        bed: str,
        *,
        allergies: tuple[str, ...] = (),
        diet: tuple[str, ...] | None = ("regular",),
        asked: bool = True,
        **more: Any,
    ) -> str:
        """A patient in a bed; the stay's id. more: of the diet order."""
        ward_id = bed.partition("-")[0]
        stay_id = f"stay-{bed.lower()}"
        self.do(
            OpenStay(
                stay_id=stay_id,
                ward_id=ward_id,
                hospital_number=f"H-{bed}",
                full_name=f"Uwimana {bed}",
                birth_date="1974-04-12",
            ),
            NURSE,
        )
        for allergen in allergies:
            self.do(RecordAllergy(stay_id=stay_id, code=allergen), DOCTOR)
        if asked and not allergies:
            self.do(RecordAllergiesAsked(stay_id=stay_id, none=True), NURSE)
        if diet is not None:
            self.do(PrescribeDiet(stay_id=stay_id, replaces=(), components=diet, **more), DOCTOR)
        self.do(AssignBed(stay_id=stay_id, bed_id=bed), NURSE)
        return stay_id

    def order(self, stay_id: str, *dishes: str, method: str = "account", halves: int = 2, guest: bool = False) -> str:
        """A confirmed order; its id."""
        self.numbers += 1
        place = PlaceOrder(
            stay_id=stay_id,
            service_id=LUNCH,
            number=f"L-{self.numbers:04}",
            lines=tuple(Ordered(dish_id=dish, halves=halves) for dish in dishes or (BEANS, RICE)),
            method=method,  # type: ignore[arg-type]  # cash or account
            guest=guest,
        )
        return self.do(place, actor("nutritionist-1", Role.NUTRITIONIST))

    def ready(self, order_id: str) -> str:
        self.do(StartCooking(order_id=order_id), COOK)
        self.do(MarkReady(order_id=order_id), COOK)
        return order_id

    def out(self, bed: str, *dishes: str, method: str = "account", by: Actor = RUNNER, **more: Any) -> str:
        """A patient in that bed whose tray runner 1 has taken out; the order's id."""
        order_id = self.ready(self.order(self.patient(bed, **more), *dishes, method=method))
        self.do(TakeOut(order_id=order_id, tray_id=self.tray(order_id).id), by)
        return order_id

    def given(self, order_id: str, by: Actor = RUNNER_2) -> None:
        give = GiveTray(order_id=order_id, tray_id=self.tray(order_id).id, wristband=self.row(Order, order_id).stay_id)
        self.do(give, by)

    def nil_by_mouth(self, order_id: str) -> None:
        self.do(StartNilByMouth(stay_id=self.row(Order, order_id).stay_id, reason="doctor"), DOCTOR)

    def hold(self, order_id: str) -> None:
        self.do(HoldTrays(stay_id=self.row(Order, order_id).stay_id, reason="vomiting"), NURSE)

    def allergic_now(self, order_id: str, allergen: str) -> None:
        self.do(RecordAllergy(stay_id=self.row(Order, order_id).stay_id, code=allergen), DOCTOR)

    def diet_now(self, order_id: str, *components: str) -> None:
        stay_id = self.row(Order, order_id).stay_id
        replaces = tuple(period.id for period in periods_of(self.row(DietProfile, stay_id).periods))
        self.do(PrescribeDiet(stay_id=stay_id, replaces=replaces, components=components), DOCTOR)

    def cancel(self, order_id: str) -> None:
        self.do(CancelOrder(order_id=order_id), NURSE)

    def move(self, order_id: str, bed: str) -> None:
        stay_id = self.row(Order, order_id).stay_id
        ward_id = bed.partition("-")[0]
        if self.row(Stay, stay_id).ward_id == ward_id:
            self.do(AssignBed(stay_id=stay_id, bed_id=bed), NURSE)
        else:
            self.do(MoveStay(stay_id=stay_id, ward_id=ward_id, bed_id=bed), NURSE)

    def row(self, table: Any, row_id: str) -> Any:
        found = self.hospital.row(table, row_id)
        assert found is not None, (table, row_id)
        return found

    def tray(self, order_id: str) -> Tray:
        with self.hospital.store.reading() as connection:
            trays = TxSource(connection, whole=True).owned(Tray, "order_id", [order_id]).get(order_id, [])
        return max(trays, key=lambda tray: tray.number)

    def number(self, order_id: str) -> str:
        return str(self.row(Order, order_id).number)

    def state(self, order_id: str) -> str:
        return str(self.row(Order, order_id).state)

    def count(self, table: type[Row]) -> int:
        from sqlalchemy import func, select

        from core.store.tables import TABLES

        with self.hospital.store.reading() as connection:
            return int(connection.execute(select(func.count()).select_from(TABLES[table])).scalar_one())

    def rows(self, table: type[Row]) -> list[Any]:
        from sqlalchemy import select

        from core.store.read import as_rows
        from core.store.tables import TABLES

        with self.hospital.store.reading() as connection:
            return as_rows(table, connection.execute(select(TABLES[table])))

    def cases(self) -> list[str]:
        from core.kernel.case import Case

        return [case.code for case in self.rows(Case)]

    # -- the console's side -------------------------------------------------------------------------------------------

    def enrolled(self, name: str, *, ward_id: str = "") -> Console:
        link, time, dice = StepLink(self.hospital), Time(at=self.hospital.time.at), Dice(name)
        where = Home(self.folder / name, Vault(self.folder / name), plain=True)
        code = code_for(self.hospital, ward_id=ward_id)
        enrol.enrol(where, "http://server", code=code, name=name, link=link, clock=time, chance=dice)
        seed = where.vault.secret("device")
        assert seed is not None
        from core.store import home

        console = Console(home.open_device(where), link, time, seed, "runner-1", where, dice)
        self.hospital.lease_numbers()
        console.sync()
        return console

    def open(self, *, desk: bool = False, language: str = "en", look: str = "dark", who: str = "runner-1") -> WardApp:
        """The console's app over its store, with that person signed in ("": nobody)."""
        self.console.sync()
        console = self.console

        def opening(on_change: Any) -> Door:
            door = Door(console.store, clock=console.time, chance=SeededChance("door"))
            door.watch(on_change)
            if who:
                door.sign_in(who, PINS[who])
            return door

        self.app = WardApp(opening, desk=desk, language=language, look=look)
        if who:
            from consoles.kit.acting import Person

            self.app.acting.begin(Person(who, who.replace("-", " ")), console.time.now().mono)
        return self.app

    @asynccontextmanager
    async def shown(self, size: tuple[int, int] = (40, 20), **how: Any) -> AsyncIterator[Pilot[None]]:
        """The console on a terminal of that size, with its rows on the screen."""
        async with self.open(**how).run_test(size=size) as pilot:
            await settled(pilot)
            yield pilot

    def sync(self) -> None:
        """The handheld and the server talk until there is nothing more to say."""
        self.console.sync()

    async def hear(self, pilot: Pilot[None]) -> None:
        """The handheld hears what the server knows, and shows it."""
        self.sync()
        self.app.note(("*",))
        await settled(pilot)

    def pass_(self, *, minutes: int = 0, seconds: int = 0) -> None:
        """Time goes on, here and at the centre."""
        passed = minutes * MINUTE_MS + seconds * 1_000
        self.hospital.time.at += passed
        self.console.time.at += passed

    async def scan(self, pilot: Pilot[None], code: str) -> None:
        """A scanner's burst, all at once: prefix, characters, Enter."""
        self.app.scans.last = "nothing yet"
        for event in (Key("f13", None), *(Key(sign, sign) for sign in code), Key("enter", "\r")):
            self.app.post_message(event)
        while self.app.scans.last == "nothing yet":
            await pilot.pause()
        await settled(pilot)
        await settled(pilot)  # the bedside that it opened has asked for itself

    async def scan_tray(self, pilot: Pilot[None], order_id: str, *, version: int = 0) -> None:
        tray = self.tray(order_id)
        await self.scan(pilot, tray_code(tray.id, version or tray.label_version))

    async def scan_wristband(self, pilot: Pilot[None], order_id: str) -> None:
        await self.scan(pilot, wristband_code(self.row(Order, order_id).stay_id))

    async def pin(self, pilot: Pilot[None], person_id: str) -> None:
        await pressed(pilot, *PINS[person_id])

    async def sign(self, pilot: Pilot[None]) -> None:
        """With the finger: down, along, up; then Enter."""
        pad = "#pad"
        await pilot.mouse_down(pad, offset=(4, 2))
        for x in (8, 12, 16, 20):
            await pilot.hover(pad, offset=(x, 2 + x % 3))
        await pilot.mouse_up(pad, offset=(22, 3))
        await pressed(pilot, "enter")

    def screen(self) -> str:
        """What stands on the glass, as one text."""
        return "\n".join(glass(self.app))

    def chip(self) -> str:
        return self.app.chips()[0].text


def ward(folder: Path, built: Path | None = None) -> Ward:
    """A handheld of a hospital that nobody lies in yet. built: the file of one that was made before."""
    if built is None:
        (folder / "built").mkdir()
        built = house(folder / "built")
    shutil.copyfile(built, folder / "hospital.db")
    hospital = Hospital.__new__(Hospital)
    hospital.store = open_server_store(f"sqlite:///{folder / 'hospital.db'}")
    hospital.time, hospital.dice, hospital._acts = Time(at=LUNCH_TIME), Dice("ward"), 1_000
    hospital.process = ServerProcess(hospital.store, lambda: hospital.time.now().wall)
    return Ward(folder, hospital)


def flat(text: str) -> str:
    """One space between words: for finding a sentence that is broken over rows."""
    return re.sub(r"\s+", " ", text)
