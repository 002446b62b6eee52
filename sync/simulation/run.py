"""Runs one seed to its end: a day of presses and trouble, then quiet until everything has drained,
then the last checks."""

from __future__ import annotations

import contextlib
import json
import logging
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from core.kernel.values import MINUTE_MS
from sync.simulation import day, last_checks, plan, trouble
from sync.simulation.chance import SeededChance
from sync.simulation.disk import Shelf
from sync.simulation.food_book import Book, told_again
from sync.simulation.hospital import CONSOLES, template
from sync.simulation.journal import Broken
from sync.simulation.mending import Mending
from sync.simulation.replica import Replica
from sync.simulation.world import World

WHOLE_EACH = 50  # presses between two looks at everything
QUIET_SLICE_MS = MINUTE_MS
IDLE_MS = 2 * MINUTE_MS
QUIET_SLICES = 120  # what has not drained after two hours of quiet never will


@dataclass(frozen=True, slots=True)
class Result:
    """What a seed came to. broken: "" or the invariant that does not hold."""

    seed: int
    ops: int
    digest: str
    broken: str = ""
    story: tuple[str, ...] = ()
    counts: tuple[tuple[str, int], ...] = ()

    def as_json(self) -> str:
        told = {
            "seed": self.seed,
            "ops": self.ops,
            "digest": self.digest,
            "broken": self.broken,
            "counts": dict(self.counts),
        }
        return json.dumps(told)


@lru_cache(maxsize=1)
def _begun() -> tuple[Replica, Shelf, Book]:
    """What every seed of this process begins with."""
    shelf, replica = Shelf(), Replica()
    store = shelf.take(template().server, whole=True)
    replica.read(store)
    shelf.give_back(store)
    return replica, shelf, told_again(Book(), replica.acts, template().acts)


def run(seed: int, *, ops: int = 200, faults: Iterable[str] | None = None, clocks_wrong_by: int = 0) -> Result:
    """One seed, from morning to the last verdict. clocks_wrong_by: ms, of every console's wall clock, once
    it has heard the server.
    """
    replica, shelf, begun = _begun()
    rare = SeededChance(f"{seed} stretches")
    drawn = plan.draw(SeededChance(f"{seed} plan"), rare, ops=ops, kinds=tuple(CONSOLES), faults=faults)
    broken = ""
    with _silent():
        world = World(seed, drawn, template(), replica, shelf, begun)
        try:
            _day(world, clocks_wrong_by)
            _quiet(world)
        except Broken as found:
            broken = str(found)
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            broken = f"the simulator stumbled: {error!r} in {where.filename}:{where.lineno}"
        finally:
            world.close()
    if broken:
        world.journal.tell("BROKEN", broken)
    counts = tuple(sorted(world.journal.counts.items()))
    return Result(seed, ops, world.journal.digest(), broken, tuple(world.journal.story), counts)


def _day(world: World, clocks_wrong_by: int) -> None:
    trouble_names = " ".join((*world.plan.events, *world.plan.stretches))
    world.journal.tell("the day", f"begins with {', '.join(world.plan.consoles)}; trouble: {trouble_names}")
    world.run_until(world.now + 5_000)
    for console in world.consoles:
        console.clock.set_wall(clocks_wrong_by)
    mending = Mending(world, world.seed, world.plan.stretches, world.plan.ops)
    for count in range(1, world.plan.ops + 1):
        world.run_until(world.now + world.dice.between(1, 2 * world.plan.gap_ms))
        if world.dice.happens(world.plan.trouble):
            trouble.one(world)
        day.something(world)
        mending.pressed(count)
        if count % WHOLE_EACH == 0:
            world.check_everything()


def _quiet(world: World) -> None:
    """After the last fault everything drains (invariant 1)."""
    world.journal.tell("the day", "is over, nothing goes wrong any more")
    world.quiet()
    for _ in range(QUIET_SLICES):
        world.run_until(world.now + QUIET_SLICE_MS)
        if last_checks.is_quiet(world):
            break
    else:
        last_checks.say_what_waits(world)
    world.check_everything()
    last_checks.check(world)
    for watch in world.watches.values():
        watch.asks = 0
    world.run_until(world.now + IDLE_MS)
    last_checks.idle_consoles_are_quiet(world, IDLE_MS // MINUTE_MS)
    world.journal.trace(last_checks.ending(world))


@contextlib.contextmanager
def _silent() -> Iterator[None]:
    """Parked acts are part of the day: their tracebacks are not to be read."""
    quiet = logging.getLogger("dusangire")
    before, quiet.disabled = quiet.level, False
    quiet.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        quiet.setLevel(before)
