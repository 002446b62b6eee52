"""The doorbell: "the log has grown to this number". A hint only; whoever hears it reads the log by cursor.

In this process it rings at once; between processes over PostgreSQL's NOTIFY; and every half second somebody looks.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable

from core.store import log
from core.store.open import Store
from sync.patience import LOOK_AGAIN_MS, LOOK_MS

CHANNEL = "dusangire_head"
troubles = logging.getLogger("dusangire.bell")


class Bell:
    """Rings `heard(seq)` in the loop's thread for every growth of the log, whoever wrote it."""

    def __init__(self, store: Store, heard: Callable[[int], None], notify_url: str = "") -> None:
        self._store = store
        self._heard = heard
        self._notify_url = notify_url
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._newest = 0
        self._told = 0
        self._own = asyncio.Event()

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._tasks.append(self._loop.create_task(self._look()))
        if self._notify_url:
            self._tasks.append(self._loop.create_task(self._again(self._listen)))
            self._tasks.append(self._loop.create_task(self._again(self._notify)))

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def ring(self, seq: int) -> None:
        """The writer has advanced the log to `seq`. Called from the writer's thread."""
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody listens any more
                self._loop.call_soon_threadsafe(self._rang, seq)

    def _rang(self, seq: int) -> None:
        self._told = max(self._told, seq)
        self._own.set()
        self._hear(seq)

    def _hear(self, seq: int) -> None:
        if seq > self._newest:
            self._newest = seq
            self._heard(seq)

    def _head(self) -> int:
        with self._store.reading() as connection:
            return log.read_head(connection).seq

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_MS / 1_000)
            try:
                self._hear(await asyncio.to_thread(self._head))
            except Exception:  # the database is away: say so and look again
                troubles.warning("cannot read the head", exc_info=True)

    async def _again(self, talk: Callable[[], object]) -> None:
        """One connection of its own; when it breaks, another one a little later. Meanwhile the look is enough."""
        while True:
            try:
                await talk()  # type: ignore[misc]  # a coroutine function
            except asyncio.CancelledError:
                raise
            except Exception:
                troubles.warning("the doorbell's connection broke", exc_info=True)
            await asyncio.sleep(LOOK_AGAIN_MS / 1_000)

    async def _listen(self) -> None:
        import psycopg  # only where the database is PostgreSQL

        async with await psycopg.AsyncConnection.connect(self._notify_url, autocommit=True) as connection:
            await connection.execute(f"LISTEN {CHANNEL}")
            async for notice in connection.notifies():
                if notice.payload.isdecimal():
                    self._hear(int(notice.payload))

    async def _notify(self) -> None:
        """Several turns while one NOTIFY is on its way become one: it carries the newest number."""
        import psycopg

        async with await psycopg.AsyncConnection.connect(self._notify_url, autocommit=True) as connection:
            while True:
                await self._own.wait()
                self._own.clear()
                await connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, str(self._told)))


def notify_url(database_url: str) -> str:
    """The address for the doorbell's own connections; "" where the database has no doorbell."""
    if not database_url.startswith("postgresql"):
        return ""
    return "postgresql://" + database_url.split("://", 1)[1]
