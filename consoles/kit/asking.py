"""When a screen asks the store again: bursts are collapsed, the newest answer wins, at most ten times a second."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Generic, TypeVar

T = TypeVar("T")
SHORTEST_SECONDS = 0.1


class Asking(Generic[T]):
    """`soon` may be called for every change there is."""

    def __init__(
        self,
        ask: Callable[[], Awaitable[T]],
        show: Callable[[T], None],
        start: Callable[[Coroutine[Any, Any, None]], object],
    ) -> None:
        self._ask, self._show, self._start = ask, show, start
        self._stale = False
        self._busy = False
        self._last = -SHORTEST_SECONDS
        self.asked = 0

    def soon(self) -> None:
        self._stale = True
        if not self._busy:
            self._busy = True
            self._start(self._keep_asking())

    async def now(self) -> None:
        """At once: somebody has pressed a key and waits for what it did."""
        self._stale = False
        self._last = time.monotonic()
        self.asked += 1
        self._show(await self._ask())

    async def _keep_asking(self) -> None:
        try:
            while self._stale:
                early = self._last + SHORTEST_SECONDS - time.monotonic()
                if early > 0:
                    await asyncio.sleep(early)
                if self._stale:
                    await self.now()
        finally:
            self._busy = False
