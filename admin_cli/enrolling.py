"""This machine becomes a console, and loads what it may hold before anybody opens it."""

from __future__ import annotations

from typing import Any

from core.devices import keys
from core.settings import Settings
from core.store import home, queue
from core.store.home import DEVICE_KEY
from sync.client import errand
from sync.client.enrol import enrol
from sync.client.errand import Errand
from sync.client.lock import SyncLock
from sync.client.machine import MachineChance, MachineClock
from sync.client.transport import HttpLink


def enrol_here(settings: Settings, address: str, *, code: str, name: str) -> dict[str, Any]:
    """Raises Refusal in words; then this machine is what it was. A line that breaks while it loads is no refusal."""
    where = home.home_of(settings)
    link = HttpLink(address, ca_file=settings.ca_file)
    clock, chance = MachineClock(), MachineChance()
    try:
        answer = enrol(where, address, code=code, name=name, link=link, clock=clock, chance=chance)
        loaded = _load(where, link, clock, chance)
    finally:
        link.close()
    return {
        "device": answer.device,
        "kind": answer.kind,
        "name": answer.name,
        "server": address,
        "loaded": loaded,
    }


def _load(where: home.Home, link: HttpLink, clock: MachineClock, chance: MachineChance) -> bool:
    """Whether everything has come."""
    store = home.open_device(where)
    lock = SyncLock(where.lock_file)
    try:
        seed = where.vault.secret(DEVICE_KEY)
        if seed is None or not lock.take():
            return False
        errand.load(Errand(store, link, clock, chance, keys.signer(seed)))
        with store.reading() as connection:
            cursor = queue.read_cursor(connection)
        return cursor is not None and cursor.seq >= cursor.ready_seq
    finally:
        lock.free()
        store.close()
