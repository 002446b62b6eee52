"""What may go wrong on a simulated day: every fault has a name; each seed draws which of them, and how often."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core.kernel.values import DAY_MS
from sync.simulation.chance import SeededChance
from sync.simulation.line import Weather

NET = ("lose", "lose_answer", "duplicate", "delay", "busy", "garbage", "cut_short")
EVENTS = (
    "cut",  # a console without network for a while
    "cut_in",  # ... or one that hears nothing, and is heard
    "cut_out",  # ... or the other way round
    "swizzle",  # lines are clogged one after the other, and come free in another sequence
    "slow",  # 8 kB a second
    "break_stream",  # a live stream ends
    "mute_stream",  # ... or falls silent, with whatever was on its way
    "pause_console",  # a process that stands still and goes on
    "pause_server",
    "console_dies",
    "console_dies_at_commit",
    "console_full",
    "console_off",
    "reboot",
    "set_clock",
    "clone",
    "copy",  # somebody copies a console's folder
    "roll_back",  # ... and puts it back later
    "server_dies",
    "server_dies_at_commit",
    "server_full",
    "back_up",
    "restore",
    "late_change",  # a diet that changes while whoever has the meal cannot hear of it
    "carry",  # a queue on a stick
    "leap",  # hours in which nobody does anything
    "newer_console",  # an act that the server cannot read
    "older_rows",  # a store that was written by another version
    "revoke_console",
    "enrol_console",
)
STRETCHES = (
    "server_older",  # a process that does not know a command, until a newer one takes its place
    "server_stumbles",  # ... or that fails in the middle of one
)
STRETCH = 0.3  # share of days that have each
FAULTS = (*NET, *EVENTS, *STRETCHES)


@dataclass(frozen=True, slots=True)
class Plan:
    """One seed's day. ops: how many times somebody presses. trouble: share of presses that come with a fault."""

    ops: int
    consoles: tuple[str, ...]
    weather: Weather
    events: tuple[str, ...]
    trouble: float
    gap_ms: int
    misfits: float
    snapshot_behind: int
    acts_kept_ms: int  # on a console, after a backup holds them
    log_kept_ms: int  # every word of the log, until it forgets all but the newest on each row
    stretches: tuple[str, ...]  # in which servers cannot judge everything


def draw(
    dice: SeededChance, rare: SeededChance, *, ops: int, kinds: tuple[str, ...], faults: Iterable[str] | None
) -> Plan:
    """Half of all faults, differently each time: rare meetings of two need days on which the others keep still."""
    only = tuple(faults) if faults is not None else None
    allowed = only if only is not None else dice.some_of((*NET, *EVENTS), 0.5)
    stretches = only if only is not None else rare.some_of(STRETCHES, STRETCH)
    share = dice.one_of((0.01, 0.04, 0.12))
    weather = Weather(**{name: share for name in NET if name in allowed})
    count = dice.between(3, len(kinds))
    chosen = list(kinds)
    while len(chosen) > count:
        chosen.remove(dice.one_of(chosen))
    return Plan(
        ops=ops,
        consoles=tuple(chosen),
        weather=weather,
        events=tuple(name for name in EVENTS if name in allowed),
        trouble=dice.one_of((0.05, 0.15, 0.3)),
        gap_ms=dice.one_of((100, 500, 3_000)),
        misfits=dice.one_of((0.0, 0.05, 0.15)),
        snapshot_behind=dice.one_of((10, 40, 20_000)),
        acts_kept_ms=dice.one_of((1_000, 60_000, DAY_MS)),
        log_kept_ms=dice.one_of((5_000, 120_000, 7 * DAY_MS)),
        stretches=tuple(name for name in STRETCHES if name in stretches),
    )
