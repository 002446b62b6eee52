"""The first frame of a console is drawn once and whole: nobody sees half a screen."""

from __future__ import annotations

import re
from typing import ClassVar

from textual.drivers.headless_driver import HeadlessDriver

from core.kernel.refusal import Refusal
from kitchen_tui.app import KitchenApp
from sync.client.door import Door
from sync.client.loop import OnChange

ESCAPES = re.compile(r"\x1b(?:\[[0-9;?<>=]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-_])")


class Glass(HeadlessDriver):
    """A terminal that keeps what was written to it, piece by piece, without its looks."""

    frames: ClassVar[list[str]] = []

    @property
    def is_headless(self) -> bool:
        return False

    def write(self, data: str) -> None:
        if ESCAPES.sub("", data):
            self.frames.append(ESCAPES.sub("", data))


def not_yet(on_change: OnChange) -> Door:
    raise Refusal("not_enrolled")


async def test_what_is_written_first_is_the_whole_screen() -> None:
    Glass.frames.clear()
    app = KitchenApp(not_yet)
    app.driver_class = Glass
    async with app.run_test(headless=False, size=(80, 24)) as pilot:
        await pilot.pause()
        first = Glass.frames[0]
        assert len(first) >= 80 * 24
        assert [part in first for part in ("KITCHEN", "Opening", "? help")] == [True, True, True]
