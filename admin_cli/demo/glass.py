"""A console without a terminal: the real app driven by its pilot, key by key, and read as a person reads the glass."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from textual.events import Event

from consoles.kit.app import ConsoleApp
from consoles.kit.launch import console_on
from consoles.kit.screen import ConsoleScreen
from consoles.kit.testing import glass
from core.settings import Settings

T = TypeVar("T")
SECONDS = 20.0
LOOK_SECONDS = 0.01
START_SECONDS = 60.0
MOST_PAUSES = 500


class Dark(AssertionError):  # noqa: N818 - what it is
    """The glass does not show what it should."""


class Glass:
    """One console in a thread of its own. `press` returns when the key has been taken in."""

    def __init__(self, kind: type[ConsoleApp], settings: Settings, *, size: tuple[int, int]) -> None:
        self._kind, self._settings, self._size = kind, settings, size
        self._loop = asyncio.new_event_loop()
        self._up = threading.Event()
        self._leave: asyncio.Event | None = None
        self._pilot: Any = None
        self._failed: BaseException | None = None
        self._pressed: dict[str, float] = {}  # key -> when its last press was taken in
        self._thread = threading.Thread(target=self._run, name=f"glass-{kind.KIND}", daemon=True)
        self._thread.start()
        if not self._up.wait(START_SECONDS) or self._failed is not None:
            raise Dark(f"{kind.KIND} did not come up: {self._failed!r}")

    def close(self) -> None:
        if self._leave is not None:
            self._loop.call_soon_threadsafe(self._leave.set)
        self._thread.join(START_SECONDS)

    @property
    def app(self) -> ConsoleApp:
        app: ConsoleApp = self._pilot.app
        return app

    def press(self, *keys: str) -> None:
        """As a hand does it: the same key never so soon that it would be taken for an echo of the press before."""
        for one in keys:
            left = self._pressed.get(one, 0.0) + ConsoleScreen.DEBOUNCED_MS.get(one, 0) / 1_000 - time.perf_counter()
            time.sleep(max(0.0, left))
            self._do(self._pilot.press(one))
            self._pressed[one] = time.perf_counter()

    def post(self, *events: Event) -> None:
        """Events all at once, as a scanner's burst comes, and what came of them."""
        self._do(self._post(events))

    def rows(self) -> list[str]:
        """What stands on the glass, row by row."""
        return self._do(self._rows())

    def text(self) -> str:
        return "\n".join(self.rows())

    def sees(self, *words: str) -> bool:
        text = self.text()
        return all(one in text for one in words)

    def wait_for(self, *words: str, seconds: float = SECONDS) -> float:
        """ms until the glass says all of it. Raises Dark with what it says instead."""
        return self.wait_until(lambda text: all(one in text for one in words), f"{words} not seen", seconds=seconds)

    def wait_until(self, fits: Callable[[str], bool], what: str, *, seconds: float = SECONDS) -> float:
        began = time.perf_counter()
        while True:
            text = self.text()
            passed = time.perf_counter() - began
            if fits(text):
                return passed * 1_000
            if passed > seconds:
                raise Dark(f"{what} on {self._kind.KIND}:\n{text}")
            time.sleep(LOOK_SECONDS)

    def tile_of(self, words: str) -> str:
        """The digit of the tile or line in which these words stand (its row begins with the digit)."""
        for row in self.rows():
            for cell in row.split("|"):
                marked = cell.strip().lstrip(">").strip()
                if words in cell and marked[:1].isdigit():
                    return marked[0]
        raise Dark(f"no tile says {words!r}:\n{self.text()}")

    # -- its thread -------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._live())
        except BaseException as error:
            self._failed = error
            self._up.set()
        finally:
            self._loop.close()

    async def _live(self) -> None:
        app = console_on(self._kind, self._settings, may_leave=True)
        self._leave = asyncio.Event()
        async with app.run_test(size=self._size) as pilot:
            self._pilot = pilot
            self._up.set()
            await self._leave.wait()

    async def _post(self, events: tuple[Event, ...]) -> None:
        self.app.scans.last = "nothing yet"
        for event in events:
            self.app.post_message(event)
        for _ in range(MOST_PAUSES):
            if self.app.scans.last != "nothing yet":
                break
            await self._pilot.pause()
        await self._pilot.pause()

    async def _rows(self) -> list[str]:
        await self._pilot.pause()
        return glass(self.app)

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(START_SECONDS)
