"""One thread owns this console's door to its store: the loop asks it, and never waits for a disk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from sync.client.door import Door

P = ParamSpec("P")
T = TypeVar("T")
CLOSE_SECONDS = 6.0


class StoreThread:
    """Runs one thing after the other, in the sequence they were given."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="dusangire-store")
        self.door: Door | None = None  # set in the thread, once it is open

    async def run(self, act: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """In the thread; raises what it raises."""
        if kwargs:
            return await asyncio.get_running_loop().run_in_executor(self._thread, lambda: act(*args, **kwargs))
        return await asyncio.get_running_loop().run_in_executor(self._thread, act, *args)

    async def open(self, opening: Callable[[], Door]) -> Door:
        """Opens the door in its thread. Raises Refusal and StoreTrouble in words."""

        def opened() -> Door:
            self.door = opening()
            return self.door

        return await self.run(opened)

    async def close(self) -> None:
        """Whatever was begun is ended, then the door is closed. Pressed acts are safe whatever happens here."""

        def shut() -> None:
            door, self.door = self.door, None
            if door is not None:
                door.close()

        ended = True
        try:
            await asyncio.wait_for(self.run(shut), CLOSE_SECONDS)
        except TimeoutError:
            ended = False  # the process ends anyway, and a press that has returned is on the disk
        self._thread.shutdown(wait=ended, cancel_futures=True)
