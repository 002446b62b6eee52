"""A wall runs for weeks: dialogs that were opened and closed leave nothing behind."""

from __future__ import annotations

import gc

from textual.pilot import Pilot

from consoles.kit.dialogs import Choice, ChooseScreen
from tests.consoles.kit.bench_app import BenchApp

ROUND = 15
MOST_OBJECTS_EACH = 12  # caches of the interpreter grow a little; the leak that was here left hundreds


async def opened_and_closed(pilot: Pilot[None]) -> int:
    """How many objects there are after a round of dialogs."""
    for _ in range(ROUND):
        screen = ChooseScreen("Issue", [Choice("burnt", 1), Choice("dropped", 2)])
        pilot.app.push_screen(screen)
        await pilot.pause()
        screen.dismiss(None)
        await pilot.pause()
    gc.collect()
    return len(gc.get_objects())


async def test_dialogs_leave_nothing_behind() -> None:
    app = BenchApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened_and_closed(pilot)
        before = await opened_and_closed(pilot)
        after = await opened_and_closed(pilot)
    assert (after - before) / ROUND <= MOST_OBJECTS_EACH
