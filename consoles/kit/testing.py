"""For tests of consoles: clocks that stand still, chance that repeats itself, and waiting for what is really done."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from consoles.kit.app import ConsoleApp
    from sync.client.moment import Moment

TRIES = 200


class StillClock:
    """A clock that goes when it is told to. at: ms UTC when the test begins."""

    def __init__(self, at: int, *, boot: str = "boot-1") -> None:
        self._begin, self._passed, self._boot = at, 0, boot

    def now(self) -> Moment:
        from sync.client.moment import Moment

        return Moment(wall=self._begin + self._passed, mono=1_000_000 + self._passed, boot=self._boot)

    def pass_(self, *, seconds: float = 0, minutes: float = 0) -> None:
        self._passed += int(seconds * 1_000 + minutes * 60_000)


class SeededChance:
    """The same bytes in every run."""

    def __init__(self, seed: str) -> None:
        self._seed, self._drawn = seed, 0

    def bytes(self, count: int) -> bytes:
        self._drawn += 1
        return hashlib.shake_256(f"{self._seed} {self._drawn}".encode()).digest(count)


async def settled(pilot: Pilot[None]) -> None:
    """Everything asked of the store is answered and shown: nothing is guessed from the time that passes."""
    app: ConsoleApp = pilot.app  # type: ignore[assignment]  # consoles only
    for _ in range(TRIES):
        await pilot.pause()
        await app.store.run(_nothing)
        await pilot.pause()
        if not any(worker.is_running for worker in app.workers if worker.group != "people"):
            return


async def pressed(pilot: Pilot[None], *keys: str) -> None:
    """Each key as a press of its own, and what came of it."""
    app: ConsoleApp = pilot.app  # type: ignore[assignment]  # consoles only
    for one in keys:
        app.bounces.forget()
        await pilot.press(one)
        await settled(pilot)


def glass(app: ConsoleApp) -> list[str]:
    """What stands on the screen, row by row, without its looks."""
    from textual.strip import Strip

    width = app.size.width
    strips = app.screen._compositor.render_strips()
    return [Strip(strip).text.ljust(width)[:width] for strip in strips]


def _nothing() -> None:
    return None
