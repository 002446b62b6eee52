"""Everything that one running server holds, put together once and handed to its doors."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection

from core.kernel.values import HOUR_MS, MINUTE_MS
from core.store import drafts, log, web
from core.store.open import Store
from sync.noticed import Noticed
from sync.patience import DUE_MS, HEARD_MS, SERVER_TELL_MS
from sync.protocol import TURN_OPS
from sync.server import devices, due, effects, notices
from sync.server.bell import Bell
from sync.server.live import Live
from sync.server.metrics import Metrics
from sync.server.pages.menu import MenuShelf
from sync.server.reception import Reception
from sync.server.writer import Busy, Lane, Writer

T = TypeVar("T")
SWEEP_MS = HOUR_MS
ERRORS = {
    "dusangire.house": "clockwork_stumbled",
    **{f"dusangire.{name}": "server_stumbled" for name in ("bell", "live", "perform", "requests", "server", "writer")},
}
MOST_ADDRESSES = 10_000
NUMBERS_AT_ONCE = 10  # order numbers that a process takes in advance; a restart skips what is left of them
troubles = logging.getLogger("dusangire.house")


@dataclass
class House:
    """One hospital's server. `now`: ms UTC; `chance`: that many bytes nobody can guess.

    secure: cookies and addresses are for https; only practice mode on a plain line does without.
    """

    store: Store
    now: Callable[[], int]
    chance: Callable[[int], bytes]
    secure: bool
    metrics: Metrics
    writer: Writer
    bell: Bell
    live: Live
    menu: MenuShelf
    reception: Reception
    tries: dict[str, tuple[int, int]] = field(default_factory=dict)  # door and address -> minute, tries in it
    numbers: dict[str, list[int]] = field(default_factory=dict)  # service -> order numbers nobody else has
    _loops: list[asyncio.Task[None]] = field(default_factory=list)
    _swept_at: int = 0
    _forgets: bool = False
    _noted_at: int = 0
    _told_at: int = 0
    process: str = ""  # a name that no other process of this server has
    noticed: Noticed = field(default_factory=lambda: Noticed(ERRORS))

    async def read(self, ask: Callable[[Connection], T]) -> T:
        """One read transaction. SQLite's point reads cost less than a hop into a thread; a round trip does not."""
        if self.store.dialect == "sqlite":
            return self._read(ask)
        return await asyncio.to_thread(self._read, ask)

    def _read(self, ask: Callable[[Connection], T]) -> T:
        with self.store.reading() as connection:
            return ask(connection)

    def head_seq(self) -> int:
        """The number of the newest act: the shortest question to the database."""
        return self._read(lambda connection: log.read_head(connection).seq)

    def may_try(self, door: str, address: str, most: int) -> bool:
        """So many tries a minute at one kind of door from one address; whole minutes are forgotten,
        so it stays small."""
        minute = self.now() // MINUTE_MS
        who = f"{door} {address}"
        seen, tries = self.tries.get(who, (minute, 0))
        if seen != minute or len(self.tries) > MOST_ADDRESSES:
            self.tries = {one: entry for one, entry in self.tries.items() if entry[0] == minute}
            tries = 0
        self.tries[who] = (minute, tries + 1)
        return tries < most

    def open(self) -> None:
        self.process = self.chance(8).hex()
        self.noticed.open()
        self.live.still_signed_in = self._still_signed_in
        self.writer.start()
        self.bell.start()
        self.live.start()
        self._loops.append(asyncio.get_running_loop().create_task(self._passing_time()))

    async def end_streams(self) -> None:
        """Before the server waits for its requests to end: a live stream never ends by itself."""
        await self.live.close()

    async def close(self) -> None:
        """Everything that was taken in is written; then the house is dark."""
        self.noticed.close()
        for loop in self._loops:
            loop.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)
        await self.live.close()
        for service_id, unused in self.numbers.items():
            if unused:
                back = partial(drafts.give_numbers_back, service_id=service_id, unused=unused)
                await self._run(partial(self.writer.write, back))
        await asyncio.to_thread(self.writer.stop)
        await self.bell.stop()

    async def _passing_time(self) -> None:
        """The one clockwork of the server: what falls due, what must be told outside, what is swept away."""
        while True:
            if await self.tick() < TURN_OPS:  # else a sweep goes on at once; the writer lets everybody else between
                await asyncio.sleep(DUE_MS / 1_000)

    async def tick(self) -> int:
        """One turn of the clockwork; how many acts fell due. Where one errand stumbles, the others are run all the
        same."""
        errands = (self._tell_outside, self.live.look_after_pages, self._note_heard, self._tell_troubles, self._sweep)
        fallen = await self._run(self._fall_due)
        for errand in errands:
            await self._run(errand)
        return fallen or 0

    async def _run(self, errand: Callable[[], Awaitable[T]]) -> T | None:
        try:
            return await errand()
        except Busy:  # the writer has enough to do: it is found again
            return None
        except Exception:  # the database is away, a gateway is mad: next time
            troubles.exception("the clockwork stumbled")
            return None

    async def _fall_due(self) -> int:
        fallen = await asyncio.to_thread(due.fallen, self.store, self.now())
        await self.writer.perform(fallen, Lane.DUE)
        return len(fallen)

    async def _sweep(self) -> None:
        if self.now() - self._swept_at >= SWEEP_MS:
            self._swept_at = self.now()
            await self.writer.write(lambda connection: due.sweep(connection, self.now()))
            self._forgets = True
        if self._forgets:  # a short turn each time, until it has caught up
            self._forgets = await self.writer.write(lambda connection: due.forget(connection, self.now()))

    async def _note_heard(self) -> None:
        """Consoles on an open stream are in contact, though they ask for nothing: everybody's pages may say so."""
        if self.now() - self._noted_at < HEARD_MS:
            return
        self._noted_at = self.now()
        heard = self.live.in_contact()
        if heard:
            await self.writer.write(lambda connection: devices.note_all_heard(connection, self.now(), heard))

    async def _tell_troubles(self) -> None:
        """Errors of this process come into the hospital's list, together, not with each one."""
        if self.now() - self._told_at < SERVER_TELL_MS:
            return
        seen = self.noticed.take()
        if seen:
            self._told_at = self.now()
            try:
                await self.writer.perform(notices.of_this_server(self.process, seen), Lane.DUE)
            except Exception:
                self.noticed.give_back(seen)
                raise

    def _still_signed_in(self, sessions: list[bytes]) -> set[bytes]:
        return self._read(lambda connection: web.live_sessions(connection, sessions))

    async def _tell_outside(self) -> None:
        if not await asyncio.to_thread(effects.any_due, self.store, self.now()):
            return
        claimed = await self.writer.write(lambda connection: effects.claim(connection, self.now()))
        results = await asyncio.to_thread(effects.carry_out, claimed)
        await self.writer.write(lambda connection: effects.went(connection, self.now(), results))
        for _, error in results:
            self.metrics.effects.labels("failed" if error else "done").inc()
