"""The seen-by line over real parts: a server on loopback, a live kitchen, a handheld that is off, a card that tells."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from textual.pilot import Pilot

from consoles.clinical.app import ClinicalApp
from core.devices import keys
from core.devices.commands import MakeCode
from core.kernel.tx import Tx
from core.kernel.values import Actor, Origin, Role, due_op_id
from core.orders.commands import MarkReady, StartCooking
from core.store import log, migrations
from core.store.home import Home
from core.store.open import Store, open_server_store
from core.store.read import TxSource
from core.store.vault import Vault
from sync.client import enrol
from sync.client.door import Door
from sync.client.errand import Errand, load
from sync.client.loop import OnChange
from sync.client.moment import Moment
from sync.client.transport import HttpLink
from sync.server.app import Server, build, config_of, listen
from sync.server.perform import perform, submit
from tests import given
from tests.consoles import house
from tests.consoles.clinical.doing import DESK, PINS, open_card, press, rows, shown
from tests.kitchen_tui import lunch
from tests.sync.client.hospital import Dice

ADMIN = Actor("admin_1", frozenset({Role.ADMIN}))
BEGAN = time.monotonic_ns() // 1_000_000
PATIENCE = 400  # looks at the glass


def wall() -> int:
    """Twelve minutes past twelve, and going on."""
    return lunch.NOW + time.monotonic_ns() // 1_000_000 - BEGAN


class Going:
    """The clock of every machine here: it goes, from the hospital's own hour."""

    def now(self) -> Moment:
        return Moment(wall=wall(), mono=1_000_000 + wall() - lunch.NOW, boot="boot-1")


@dataclass
class Floor:
    """A hospital that is served, and its consoles."""

    folder: Path
    url: str
    store: Store
    homes: dict[str, Home] = field(default_factory=dict)
    opened: list[Door] = field(default_factory=list)

    def enrol(self, name: str, kind: str) -> Home:
        """Let in by a code, with everything loaded that it may hold."""
        code = keys.code_from(Dice(name).bytes(keys.CODE_BYTES))
        make = MakeCode(code_id=keys.code_hash(code), kind=kind, title=name)  # type: ignore[arg-type]  # one of the four
        op_id = due_op_id("floor", name, lunch.NOW)
        assert perform(self.store, wall(), [submit(make, op_id=op_id, actor=ADMIN, origin=Origin.CLI)])[0]
        where = Home(self.folder / name, Vault(self.folder / name), plain=True)
        link = HttpLink(self.url)
        enrol.enrol(where, self.url, code=code, name=name, link=link, clock=Going(), chance=Dice(name))
        link.close()
        self.homes[name] = where
        return where

    def loaded(self, name: str) -> None:
        """It has heard everything there is, and is switched off again."""
        from core.store import home

        where = self.homes[name]
        seed = where.vault.secret(home.DEVICE_KEY)
        assert seed is not None
        store, link = home.open_device(where), HttpLink(self.url)
        load(Errand(store, link, Going(), Dice(f"{name} errand"), keys.signer(seed)))
        link.close()
        store.close()

    def door(self, name: str, on_change: OnChange | None = None) -> Door:
        """The console is switched on: it talks to the server by itself from now on."""
        made = Door.at(self.homes[name], on_change=on_change, clock=Going(), chance=Dice(f"{name} door"))
        self.opened.append(made)
        return made


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    store = open_server_store(f"sqlite:///{tmp_path / 'hospital.db'}")
    migrations.bring_up(store)
    with store.writing() as connection:
        log.create_hospital(connection, epoch="epoch-1", at=given.MIDNIGHT, signing_seed="5e" * 32, practice=True)
        tx = Tx(TxSource(connection, whole=True))
        lunch.hospital(tx)
        house.give_pins(tx, PINS)
        carried(tx)
        given.saved(tx)
    app = build(store, secure=False, now=wall)
    ports: list[int] = []
    up = threading.Event()

    def ready(port: int) -> None:
        ports.append(port)
        up.set()

    server = Server(config_of(app, behind_proxy=False), app.state.house, ready)
    serving = threading.Thread(target=server.run, args=(listen(["127.0.0.1"], 0),))
    serving.start()
    assert up.wait(10)
    made = Floor(tmp_path, f"http://127.0.0.1:{ports[0]}", store)
    yield made
    for door in made.opened:
        door.close()
    server.should_exit = True
    serving.join(10)
    store.close()


def carried(tx: Tx) -> None:
    """A meal for A-022 that is on its way."""
    from core.delivery.commands import TakeOut

    order = lunch.order(tx, lunch.Meal("L-0419", "A-022", (("umuceri", 2),)))
    for command, by in (
        (StartCooking(order_id=order.id), given.COOK),
        (MarkReady(order_id=order.id), given.COOK),
        (TakeOut(order_id=order.id), given.RUNNER),
    ):
        given.perform(tx, command, by=by, at=lunch.NOW - 60_000)


async def until(pilot: Pilot[None], seen: Callable[[], bool]) -> None:
    """Looks at the glass until it is there: bounded, and it says what stood there instead."""
    for _ in range(PATIENCE):
        if seen():
            return
        await pilot.pause(0.025)
    raise AssertionError(shown(pilot))


@pytest.mark.slow
async def test_the_line_fills_as_each_console_takes_the_change_over(floor: Floor) -> None:
    floor.enrol("clinical 1", "clinical")
    floor.enrol("kitchen 1", "kitchen")
    floor.enrol("handheld 1", "ward")
    floor.loaded("handheld 1")
    kitchen = floor.door("kitchen 1")
    app = ClinicalApp(lambda on_change: floor.door("clinical 1", on_change), look="dark")
    async with app.run_test(size=DESK) as pilot:
        await until(pilot, lambda: app.standing is not None and app.standing.live)
        await open_card(pilot, "A-022")
        await press(pilot, "m")
        await until(pilot, lambda: "1 tray on the way will be stopped" in shown(pilot))
        await press(pilot, "enter")
        await until(pilot, lambda: "seen by: kitchen 1 12:1" in rows(pilot)[34])
        assert "Nil by mouth" in rows(pilot)[34] and "handheld 1 not yet" in rows(pilot)[34]
        handheld = floor.door("handheld 1")
        await until(pilot, lambda: "handheld 1 12:1" in rows(pilot)[34])
        from core.orders.queries import orders_numbered

        stopped = [door.read(lambda db: orders_numbered(db, "L-0419")[0].stop) for door in (kitchen, handheld)]
        assert stopped == ["nil_by_mouth", "nil_by_mouth"]
        floor.opened.remove(kitchen)
        kitchen.close()
