"""A console drawn in this process into a sink that notes when each frame was written,
and what drawing it has cost the thread that draws."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from textual.drivers.headless_driver import HeadlessDriver
from textual.events import Key
from textual.pilot import Pilot

from consoles.kit.app import ConsoleApp
from consoles.kit.testing import settled

QUIET_SECONDS = 0.03  # without another frame: the key has been answered
SECONDS = 20.0


class Sink(HeadlessDriver):
    """A terminal without a screen: everything is rendered down to its last escape sequence, and then only timed."""

    wall = 0.0  # of the last frame
    cpu = 0.0  # the drawing thread's own time, when the last frame was written

    @property
    def is_headless(self) -> bool:
        return False

    def write(self, data: str) -> None:
        self.wall, self.cpu = time.perf_counter(), time.thread_time()


@dataclass(frozen=True, slots=True)
class Drawn:
    """ms from a key until its last frame was written: of the drawing thread's own time, and by the clock."""

    cpu: float
    wall: float


async def press(pilot: Pilot[Any], key: str, until: Callable[[], bool] = lambda: True) -> Drawn:
    """until: what must be so on the screen before the key counts as answered."""
    app = pilot.app
    sink = app._driver
    assert isinstance(sink, Sink) and isinstance(app, ConsoleApp)
    await settled(pilot)
    app.bounces.forget()
    wall, cpu = time.perf_counter(), time.thread_time()
    app.post_message(Key(key, key if len(key) == 1 else None))
    while sink.wall < wall or not until() or time.perf_counter() - sink.wall < QUIET_SECONDS:
        await asyncio.sleep(QUIET_SECONDS / 3)
        assert time.perf_counter() - wall < SECONDS, f"{key} draws nothing"
    return Drawn((sink.cpu - cpu) * 1_000, (sink.wall - wall) * 1_000)
