"""Where the command line reads: the server's store on this machine, else the store of this machine's console."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from admin_cli.hospital import hospital, now
from core.devices.model import DeviceKind
from core.kernel.refusal import Refusal
from core.settings import load
from core.store import queue
from core.store.home import home_of, open_device
from core.store.open import Store


@dataclass(frozen=True, slots=True)
class Place:
    """A store to read. at: the instant it is read for (ms UTC); age_ms: how old what it knows is, 0 on the server.

    money: it holds payments and the ledger. whole: what is not here does not exist.
    """

    store: Store
    name: str
    whole: bool
    money: bool
    at: int
    age_ms: int

    def as_of(self) -> str:
        """One line for people: how old what they read is."""
        from core.words import duration

        if self.whole:
            return f"From the server, {_clock(self.at)}."
        return f"From {self.name}, which heard the server {duration(self.age_ms, 'en')} ago ({_clock(self.at)})."


@contextmanager
def reading(*, console: bool = False) -> Iterator[Place]:
    """Raises Refusal("no_hospital") when this machine has neither a server's store nor a console's."""
    if not console:
        try:
            with hospital() as store:
                yield Place(store, "the server", whole=True, money=True, at=now(), age_ms=0)
                return
        except Refusal as refusal:
            if refusal.code != "no_hospital" or not home_of(load()).is_enrolled():
                raise
    with _console() as place:
        yield place


@contextmanager
def _console() -> Iterator[Place]:
    """By the machine's key, with nobody signed in, and only what is still lent to this console.

    Raises Refusal("offline_too_long") when its lease is over: the rows leave it now, if they have not yet.
    """
    from sync.client import leases
    from sync.client.machine import MachineClock
    from sync.client.moment import rules_age, server_time

    store = open_device(home_of(load()))
    try:
        moment = MachineClock().now()
        leases.keep(store, moment)
        with store.reading() as connection:
            me, cursor = queue.this(connection), queue.read_cursor(connection)
            if me is None:
                raise Refusal("not_enrolled")
            if cursor is None or cursor.seq < cursor.ready_seq:
                raise Refusal("still_loading")
            leases.require(connection, me, cursor, moment)
        yield Place(
            store,
            me.name,
            whole=False,
            money=me.kind == DeviceKind.ADMIN,
            at=server_time(cursor, moment).at,
            age_ms=rules_age(cursor, moment),
        )
    finally:
        store.close()


def _clock(at: int) -> str:
    from core.words import clock

    return clock(at)
