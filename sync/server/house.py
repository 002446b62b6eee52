"""Everything that one running server holds, put together once and handed to its doors."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from core.kernel.values import HOUR_MS
from core.store.open import Store
from sync.server import due, effects
from sync.server.bell import Bell
from sync.server.live import Live
from sync.server.metrics import Metrics
from sync.server.pages.menu import MenuShelf
from sync.server.reception import Reception
from sync.server.writer import Busy, Lane, Writer

DUE_SECONDS = 2.0
SWEEP_MS = HOUR_MS
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
    _loops: list[asyncio.Task[None]] = field(default_factory=list)
    _swept_at: int = 0

    def open(self) -> None:
        self.writer.start()
        self.bell.start()
        self.live.start()
        self._loops.append(asyncio.get_running_loop().create_task(self._passing_time()))

    async def end_streams(self) -> None:
        """Before the server waits for its requests to end: a live stream never ends by itself."""
        await self.live.close()

    async def close(self) -> None:
        """Everything that was taken in is written; then the house is dark."""
        for loop in self._loops:
            loop.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)
        await self.live.close()
        await asyncio.to_thread(self.writer.stop)
        await self.bell.stop()

    async def _passing_time(self) -> None:
        """The one clockwork of the server: what falls due, what must be told outside, what is swept away."""
        while True:
            try:
                await self.tick()
            except (Busy, asyncio.CancelledError):
                raise
            except Exception:  # the database is away, a gateway is mad: look again
                troubles.exception("the clockwork stumbled")
            await asyncio.sleep(DUE_SECONDS)

    async def tick(self) -> int:
        """One turn of the clockwork; how many acts fell due."""
        fallen = await asyncio.to_thread(due.fallen, self.store, self.now())
        await self.writer.perform(fallen, Lane.DUE)
        await self._tell_outside()
        if self.now() - self._swept_at >= SWEEP_MS:
            self._swept_at = self.now()
            await self.writer.write(lambda connection: due.sweep(connection, self.now()))
        return len(fallen)

    async def _tell_outside(self) -> None:
        if not await asyncio.to_thread(effects.any_due, self.store, self.now()):
            return
        claimed = await self.writer.write(lambda connection: effects.claim(connection, self.now()))
        results = await asyncio.to_thread(effects.carry_out, claimed)
        await self.writer.write(lambda connection: effects.went(connection, self.now(), results))
        for _, error in results:
            self.metrics.effects.labels("failed" if error else "done").inc()
