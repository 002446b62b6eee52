"""A console's only entry: it asks, presses and signs in here, and hears which tables have changed."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from sqlalchemy import Connection

from core import handlers
from core.care.consequences import Consequences
from core.devices import keys
from core.kernel.message import Command
from core.kernel.refusal import Refusal
from core.kernel.values import Role
from core.settings import Settings
from core.store import home, queue
from core.store.home import DEVICE_KEY, Home
from core.store.open import Store
from sync.client import carrying, desk, ferry, leases, mend, sign_in, standing
from sync.client.carrying import Laid
from sync.client.desk import Pressed, Signed
from sync.client.foresight import foresee
from sync.client.loop import Loop, OnChange
from sync.client.machine import MachineChance, MachineClock
from sync.client.moment import server_time
from sync.client.seen import SeenBy
from sync.client.sign_in import Actable
from sync.client.standing import Outcomes, Standing
from sync.client.talk import CHANCE_BYTES, Sign
from sync.client.transport import HttpLink
from sync.ports import Chance, Clock, Link
from sync.protocol import FerryAnswer

SWITCH_SECONDS = 0.001
T = TypeVar("T")


class Door:
    """One process's way to the store of this console. Safe to use from several threads; the loop runs behind it."""

    def __init__(
        self,
        store: Store,
        *,
        clock: Clock,
        chance: Chance,
        loop: Loop | None = None,
        sign: Sign | None = None,
        link: Link | None = None,
    ) -> None:
        self._store, self._clock, self._chance, self._loop, self._sign = store, clock, chance, loop, sign
        self._link = link
        self._signed_in = ""
        self._listeners: list[OnChange] = []
        self._guard = threading.Lock()

    @classmethod
    def open(cls, settings: Settings, *, on_change: OnChange | None = None) -> Self:
        """Opens this machine's store and begins to talk. Raises Refusal and StoreTrouble in words."""
        return cls.at(home.home_of(settings), ca_file=settings.ca_file, on_change=on_change)

    @classmethod
    def at(
        cls,
        where: Home,
        *,
        ca_file: Path | None = None,
        on_change: OnChange | None = None,
        link: Link | None = None,
        clock: Clock | None = None,
        chance: Chance | None = None,
    ) -> Self:
        clock, chance = clock or MachineClock(), chance or MachineChance()
        store = mend.open_device(where, clock.now(), chance.bytes(CHANCE_BYTES))
        leases.keep(store, clock.now())  # before anything is drawn: what is lent no longer is not shown
        door = cls(store, clock=clock, chance=chance)
        if on_change is not None:
            door.watch(on_change)
        with store.reading() as connection:
            me = queue.this(connection)
        seed = where.vault.secret(DEVICE_KEY)
        if me is None or seed is None:
            store.close()
            raise Refusal("not_enrolled")
        door._sign = keys.signer(seed)
        door._link = link or HttpLink(me.server_url, ca_file=ca_file)
        door._loop = Loop(
            store,
            door._link,
            clock,
            chance,
            door._sign,
            lock_file=where.lock_file,
            on_change=door._changed,
        )
        _in_no_press_s_way()
        door._loop.start()
        return door

    def close(self) -> None:
        """Waits for the loop. A press that has returned is safe whatever happens to this process."""
        if self._loop is None or self._loop.stop():
            self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- acting -------------------------------------------------------------------------------------------------------

    def perform(self, command: Command, *, expect: int = 0) -> Pressed:
        """Saves one act of the person who is signed in; it is durable when this returns.
        Raises Refusal, StoreTrouble."""
        return self.perform_as(self._signed_in, command, expect=expect)

    def perform_as(self, person_id: str, command: Command, *, expect: int = 0) -> Pressed:
        """For one act of somebody whose PIN was just asked for."""
        if not person_id:
            raise Refusal("nobody_signed_in")
        signed = self._signed(person_id, command)
        chance = self._chance.bytes(desk.CHANCE_BYTES)
        try:
            pressed = desk.press(self._store, self._clock.now(), chance, signed, command, expect=expect)
        finally:
            if self._loop is not None:
                self._loop.nudge()  # also after a refusal: the attempt may be an act of its own
        self._changed(pressed.tables)
        return pressed

    def _signed(self, person_id: str, command: Command) -> Signed:
        handle = handlers.find(command.name)
        roles: frozenset[Role] = frozenset(handle.roles) if handle is not None else frozenset()
        moment = self._clock.now()
        with self._store.reading() as connection:
            return sign_in.signed(connection, moment, person_id, roles)

    def acknowledge(self, outcome_id: str) -> Pressed:
        """I have read it: it leaves every console."""
        from core.cases.commands import AcknowledgeOutcome

        return self.perform(AcknowledgeOutcome(outcome_id=outcome_id))

    # -- who ----------------------------------------------------------------------------------------------------------

    def people_here(self) -> tuple[Actable, ...]:
        return sign_in.people_here(self._store, self._clock.now())

    def sign_in(self, person_id: str, pin: str) -> Signed:
        """This person acts from now on. Raises Refusal: wrong_pin, pin_wait, pin_needs_server, grant_expired ..."""
        signed = sign_in.sign_in(self._store, self._clock.now(), person_id, pin)
        self._signed_in = person_id
        return signed

    def check_pin(self, person_id: str, pin: str) -> Signed:
        """For acts that always ask again: nobody is signed in or out by it."""
        return sign_in.sign_in(self._store, self._clock.now(), person_id, pin)

    def sign_out(self) -> None:
        self._signed_in = ""

    @property
    def signed_in(self) -> str:
        """The person's id, "" while the console is locked."""
        return self._signed_in

    # -- asking -------------------------------------------------------------------------------------------------------

    def read(self, ask: Callable[[Connection], T]) -> T:
        """Runs a query on one consistent state."""
        with self._store.reading() as connection:
            return ask(connection)

    def standing(self) -> Standing:
        talk = self._loop.talk if self._loop is not None and self._loop.talks else None
        return standing.standing(self._store, self._clock.now(), talk)

    def seen_by(self, stay_id: str) -> SeenBy | None:
        """Who has taken over what this patient may eat, as the server last said it; "seen" is told when it changes."""
        return self._loop.seen.get(stay_id) if self._loop is not None else None

    def look_for(self, stay_id: str) -> None:
        """Asks it again, in the background, while the link is up."""
        if self._loop is not None:
            self._loop.look_for(stay_id)

    def foresee(self, command: Command, stay_id: str) -> Consequences:
        """What this act of whoever is signed in would do to the meals of a patient. Nothing is saved by looking."""
        moment = self._clock.now()
        with self._store.reading() as connection:
            handle = handlers.find(command.name)
            roles: frozenset[Role] = frozenset(handle.roles) if handle is not None else frozenset()
            signed = sign_in.signed(connection, moment, self._signed_in, roles)
            return foresee(connection, moment, signed.actor, command, stay_id)

    def outcomes(self) -> Outcomes:
        return standing.outcomes(self._store)

    def carry(self, folder: Path) -> Laid:
        """Lays what waits to be sent into a file that another machine can take to the server. Raises Refusal."""
        if self._sign is None:
            raise Refusal("not_enrolled")
        chance = self._chance.bytes(ferry.CHANCE_BYTES)
        return carrying.lay(ferry.load(self._store, self._clock.now(), self._sign, chance), folder)

    def pass_on(self, file: Path) -> FerryAnswer:
        """Hands another console's file to the server, unread here. Waits for the server. Raises Refusal."""
        if self._sign is None or self._link is None:
            raise Refusal("not_enrolled")
        return carrying.pass_on(self._store, self._link, self._clock, self._sign, carrying.read(file))

    @property
    def clock(self) -> Clock:
        """The clocks of this machine, as this console reads them."""
        return self._clock

    def now(self) -> int:
        """The server's instant as this console estimates it, ms UTC."""
        with self._store.reading() as connection:
            return server_time(queue.read_cursor(connection), self._clock.now()).at

    def watch(self, on_change: OnChange) -> None:
        """Calls this with the names of tables that have changed ("*": all), from any thread.

        It must only leave a note.
        """
        with self._guard:
            self._listeners.append(on_change)

    def _changed(self, tables: tuple[str, ...]) -> None:
        with self._guard:
            listeners = list(self._listeners)
        for listener in listeners:
            listener(tables)


@cache
def _in_no_press_s_way() -> None:
    """Once in each process: the program is there by now, and stays. A search for rubbish that goes through all of it
    holds every thread up for more than a tenth of a second, in the middle of somebody's press; and a thread with long
    work, like a load, lets the others in sooner than it would by itself."""
    gc.freeze()
    sys.setswitchinterval(SWITCH_SECONDS)
