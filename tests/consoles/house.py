"""A console in a test: a real door over a real store, filled as images of a hospital's audiences fill one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from argon2 import PasswordHasher
from sqlalchemy import Connection

from consoles.kit.app import Opening
from consoles.kit.testing import SeededChance, StillClock
from core.devices import keys
from core.devices.model import NumberLease
from core.kernel.tx import Tx
from core.people.commands import SetPin
from core.store import image, queue
from core.store.open import Store, open_store
from core.store.write import put_rows
from sync.chain import start
from sync.client.door import Door
from sync.client.loop import OnChange
from sync.client.moment import Moment
from tests import given

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
INCARNATION = "00" * 16
SERVER_SEED, DEVICE_SEED = bytes(32), b"\1" * 32
PINS: Mapping[str, str] = {"cook_1": "370915", "cook_2": "246802", "kitchen_lead_1": "418273"}
KITCHEN = ("hospital", "kitchen:main", "sign_in:kitchens", "person:cook_1", "person:cook_2", "person:kitchen_lead_1")


def give_pins(tx: Tx, pins: Mapping[str, str] = PINS) -> None:
    """From now on these people can sign in at a console."""
    for person_id, pin in pins.items():
        given.perform(tx, SetPin(person_id=person_id, pin_hash=QUICK.hash(pin)), by=given.SYSTEM, at=given.MIDNIGHT)


def device_store(
    tx: Tx,
    folder: Path,
    *,
    heard: Moment,
    kind: str = "kitchen",
    name: str = "kitchen 1",
    audiences: Sequence[str] = KITCHEN,
) -> Store:
    """The store of an enrolled console that holds what these audiences see of the hospital, as of this moment."""
    hospital = given.saved(tx)
    store = open_store(folder / f"{name.replace(' ', '-')}.db", None)
    queue.create_device_schema(store)
    with store.writing() as connection:
        _become(connection, kind, name)
        for audience in audiences:
            image.lay(connection, image.make(hospital, audience))
        put_rows(connection, [NumberLease(id="lease-1", device_id=device_id(name), first=8_000, leased_at=heard.wall)])
        queue.write_cursor(connection, _cursor(heard, tuple(audiences)))
    return store


def opening_of(store: Store, clock: StillClock, *, seed: str = "console") -> Opening:
    """What a console is given: no server is in reach, everything else is real."""

    def opening(on_change: OnChange) -> Door:
        door = Door(store, clock=clock, chance=SeededChance(seed), sign=keys.signer(DEVICE_SEED))
        door.watch(on_change)
        return door

    return opening


def device_id(name: str) -> str:
    return f"device-{name.replace(' ', '-')}"


def _become(connection: Connection, kind: str, name: str) -> None:
    queue.become(
        connection,
        id=device_id(name),
        kind=kind,
        name=name,
        kitchen_id="main" if kind == "kitchen" else "",
        incarnation=INCARNATION,
        server_url="http://127.0.0.1:1",
        server_key=keys.public_key(SERVER_SEED),
        answered_hash=start(INCARNATION),
    )


def _cursor(heard: Moment, audiences: tuple[str, ...]) -> queue.Cursor:
    return queue.Cursor(
        epoch="epoch-1",
        seq=1,
        ready_seq=1,
        rules_at=heard.wall,
        server_at=heard.wall,
        heard_wall=heard.wall,
        heard_mono=heard.mono,
        heard_boot=heard.boot,
        clock_error=500,
        audiences=audiences,
        audiences_version=1,
        durable_seq=0,
    )


def arrive(store: Store, tx: Tx, audiences: Sequence[str] = KITCHEN) -> None:
    """What has happened in the hospital meanwhile reaches this console, as its sync would bring it."""
    hospital = given.saved(tx)
    with store.writing() as connection:
        for audience in audiences:
            image.lay(connection, image.make(hospital, audience))
