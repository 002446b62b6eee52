"""A queue as a file: written from this machine's console, taken in by the server here, or passed on to it unread."""

from __future__ import annotations

from pathlib import Path

from admin_cli.hospital import hospital, now
from core.devices import keys
from core.kernel.refusal import Refusal
from core.settings import Settings
from core.store import home, log, queue
from core.store.home import DEVICE_KEY, home_of
from core.store.open import Store
from sync.client import carrying, ferry
from sync.client.carrying import Laid
from sync.client.machine import MachineChance, MachineClock
from sync.client.transport import HttpLink
from sync.protocol import FerryAnswer
from sync.server import ferry as ferry_here
from sync.server.perform import perform


def write(settings: Settings, where: Path) -> Laid:
    """Into this folder, or under this very name. Raises Refusal in words; the queue stays as it is."""
    place = home_of(settings)
    store = home.open_device(place)
    try:
        seed = place.vault.secret(DEVICE_KEY)
        if seed is None:
            raise Refusal("not_enrolled")
        chance = MachineChance().bytes(ferry.CHANCE_BYTES)
        loaded = ferry.load(store, MachineClock().now(), keys.signer(seed), chance)
    finally:
        store.close()
    return carrying.lay(loaded, where) if where.is_dir() else carrying.lay(loaded, where.parent, name=where.name)


def take_in(settings: Settings, file: Path, *, by_console: bool) -> tuple[FerryAnswer, bool]:
    """The server's answer, and whether it is the one on this machine. Raises Refusal; nothing was taken in then."""
    data = carrying.read(file)
    if not by_console:
        try:
            with hospital() as store:
                return take_in_here(store, data), True
        except Refusal as refusal:
            if refusal.code != "no_hospital" or not home_of(settings).is_enrolled():
                raise
    return _pass_on(settings, data), False


def take_in_here(store: Store, data: bytes) -> FerryAnswer:
    """Judged beside a running server, turn by turn like everybody's."""
    carried, submissions = ferry_here.open_carried(store, data, keys.verify)
    with store.reading() as connection:
        before = log.read_head(connection).seq
    outcomes = [outcome for part in ferry_here.turns(submissions) for outcome in perform(store, now(), part)]
    return ferry_here.told(carried, before, outcomes)


def _pass_on(settings: Settings, data: bytes) -> FerryAnswer:
    place = home_of(settings)
    store = home.open_device(place)
    try:
        with store.reading() as connection:
            me = queue.this(connection)
        seed = place.vault.secret(DEVICE_KEY)
        if me is None or seed is None:
            raise Refusal("not_enrolled")
        link = HttpLink(me.server_url, ca_file=settings.ca_file)
        try:
            return carrying.pass_on(store, link, MachineClock(), keys.signer(seed), data)
        finally:
            link.close()
    finally:
        store.close()
