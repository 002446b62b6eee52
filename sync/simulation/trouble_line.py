"""What goes wrong between a console and its servers, and machines that stand still for a while and go on."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sync.simulation.console import Console
from sync.simulation.servers import PROCESSES
from sync.simulation.world import World

Fault = Callable[[World], None]


def cut(world: World) -> None:
    console, ms = any_console(world), world.dice.between(5_000, 400_000)
    world.journal.tell(console.name, f"has no network for {ms // 1_000} s")
    console.line.cut_until = world.now + ms


def cut_in(world: World) -> None:
    """What it says arrives, and it hears nothing."""
    console, ms = any_console(world), world.dice.between(5_000, 120_000)
    world.journal.tell(console.name, f"hears nothing for {ms // 1_000} s")
    console.line.deaf_until = world.now + ms


def cut_out(world: World) -> None:
    """It hears its stream, and nobody hears it."""
    console, ms = any_console(world), world.dice.between(5_000, 120_000)
    world.journal.tell(console.name, f"is not heard for {ms // 1_000} s")
    console.line.mute_until = world.now + ms


def swizzle(world: World) -> None:
    """One line after the other is clogged, and they come free in another sequence."""
    chosen = [console for console in world.consoles if world.dice.happens(0.6)]
    for console in chosen:
        begins, ends = world.dice.between(0, 20_000), world.dice.between(20_000, 120_000)
        world.after(begins, lambda console=console, ends=ends: _clog(world, console, ends))  # type: ignore[misc]  # bound now


def _clog(world: World, console: Console, ends: int) -> None:
    world.journal.tell(console.name, "its line is clogged")
    console.line.cut_until = max(console.line.cut_until, world.now + ends)


def slow(world: World) -> None:
    console, ms = any_console(world), world.dice.between(20_000, 600_000)
    world.journal.tell(console.name, f"has a slow line for {ms // 1_000} s")
    console.line.slow_until = world.now + ms


def break_stream(world: World) -> None:
    """... in the middle of a frame, when one was on its way."""
    console = any_console(world)
    _, stream = world.streams.get(console.name, (-1, None))
    if stream is not None:
        world.journal.tell(console.name, "its stream breaks")
        stream.is_broken = True
        life = console.life
        world.after(5, lambda: console.heard(life, None))


def mute_stream(world: World) -> None:
    console = any_console(world)
    _, stream = world.streams.get(console.name, (-1, None))
    if stream is not None:
        world.journal.tell(console.name, "its stream falls silent")
        stream.is_broken = True


def pause_console(world: World) -> None:
    """SIGSTOP, or a lid that is closed: what comes meanwhile lies there when it goes on."""
    console, ms = any_console(world), world.dice.between(1_000, 90_000)
    world.journal.tell(console.name, f"stands still for {ms // 1_000} s")
    console.paused_until = max(console.paused_until, world.now + ms)


def pause_server(world: World) -> None:
    number, ms = world.dice.between(0, PROCESSES - 1), world.dice.between(500, 45_000)
    world.journal.tell(f"server {number}", f"stands still for {ms // 1_000} s")
    world.servers.pause(number, world.now + ms)


def any_console(world: World) -> Console:
    return world.dice.one_of(world.consoles)


LINE_FAULTS: Mapping[str, Fault] = {
    "cut": cut,
    "cut_in": cut_in,
    "cut_out": cut_out,
    "swizzle": swizzle,
    "slow": slow,
    "break_stream": break_stream,
    "mute_stream": mute_stream,
    "pause_console": pause_console,
    "pause_server": pause_server,
}
