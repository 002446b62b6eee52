"""Sends what waits, once, in the foreground: for the command line beside a console that may be running."""

from __future__ import annotations

from dataclasses import dataclass

from core.devices import keys
from core.settings import Settings
from core.store import home, queue
from core.store.home import DEVICE_KEY
from sync.client import mend
from sync.client.errand import Errand, drain, waiting
from sync.client.lock import SyncLock
from sync.client.machine import MachineChance, MachineClock
from sync.client.talk import CHANCE_BYTES
from sync.client.transport import HttpLink


@dataclass(frozen=True, slots=True)
class Sent:
    """How many acts waited before and wait now; `by_console`: a running console talks for this store."""

    before: int
    waiting: int
    by_console: bool = False
    reached: bool = True
    trouble: str = ""

    def words(self) -> str:
        if self.by_console:
            return f"A console is running here and sends by itself. {self.waiting} to send."
        if not self.reached:
            return f"The server does not answer. Everything is saved here. {self.waiting} to send."
        return f"{self.before - self.waiting} sent, {self.waiting} to send."


def send_now(settings: Settings) -> Sent:
    """Raises Refusal in words when the store cannot be opened."""
    where = home.home_of(settings)
    store = mend.open_device(where, MachineClock().now(), MachineChance().bytes(CHANCE_BYTES))
    lock = SyncLock(where.lock_file)
    try:
        before = waiting(store)
        if not lock.take():
            return Sent(before, before, by_console=True)
        with store.reading() as connection:
            me = queue.this(connection)
        seed = where.vault.secret(DEVICE_KEY)
        assert me is not None and seed is not None, "an enrolled console has both"
        link = HttpLink(me.server_url, ca_file=settings.ca_file)
        try:
            talk = drain(Errand(store, link, MachineClock(), MachineChance(), keys.signer(seed)))
        finally:
            link.close()
        return Sent(before, waiting(store), reached=talk.heard is not None, trouble=talk.trouble)
    finally:
        lock.free()
        store.close()
