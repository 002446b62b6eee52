"""A console drawn in this process into a sink that notes when each frame was written,
and what drawing it has cost the thread that draws."""

from __future__ import annotations

import time
from typing import Any

from textual.drivers.headless_driver import HeadlessDriver
from textual.events import Key
from textual.pilot import Pilot

from consoles.kit.app import ConsoleApp
from consoles.kit.testing import settled

LOOKS = 2_000


class Sink(HeadlessDriver):
    """A terminal without a screen: everything is rendered down to its last escape sequence, and then only timed."""

    frames = 0
    written = 0
    wall = 0.0  # of the last frame
    cpu = 0.0  # of the drawing thread, when the last frame was written

    @property
    def is_headless(self) -> bool:
        return False

    def write(self, data: str) -> None:
        self.frames += 1
        self.written += len(data)
        self.wall, self.cpu = time.perf_counter(), time.thread_time()


async def key_to_frame(pilot: Pilot[Any], key: str) -> tuple[float, float]:
    """ms of the drawing thread's own time, and of the clock on the wall, from a key until its last frame is written."""
    app = pilot.app
    sink = app._driver
    assert isinstance(sink, Sink) and isinstance(app, ConsoleApp)
    await settled(pilot)
    app.bounces.forget()
    frames, wall, cpu = sink.frames, time.perf_counter(), time.thread_time()
    app.post_message(Key(key, None))
    for _ in range(LOOKS):
        await pilot.pause()
        if sink.frames > frames:
            break
    await settled(pilot)
    assert sink.frames > frames, f"{key} has drawn nothing"
    return (sink.cpu - cpu) * 1_000, (sink.wall - wall) * 1_000
