"""What a machine's clocks say, and the server's instant estimated from them (sync.md §2.10)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.store.queue import Cursor
from sync.ports import Moment
from sync.protocol import SILENCE_MS

__all__ = [
    "UNKNOWN_ERROR_MS",
    "Estimate",
    "Moment",
    "heard_lately",
    "must_be_noted",
    "noted",
    "rules_age",
    "server_time",
]

DRIFT_PER_MILLE = 1  # a quartz may be this wrong
NOTE_MS = 60_000  # how often a console without a server writes down how late it is
UNKNOWN_ERROR_MS = 24 * 3_600_000


@dataclass(frozen=True, slots=True)
class Estimate:
    """The server's instant, and how wrong it may be, both in ms."""

    at: int
    error: int


def server_time(cursor: Cursor | None, moment: Moment) -> Estimate:
    """From the last contact and the steady clock; across a reboot only the wall clock is left, with a wide error.

    Never before the last instant the server told, nor before what was noted here since (`passed`): a wall clock that is
    set back over a reboot takes nothing back, and the steady clock counts on from there.
    """
    if cursor is None or cursor.heard_wall == 0:
        return Estimate(moment.wall, UNKNOWN_ERROR_MS)
    since = _since(cursor.heard_mono, cursor.heard_boot, moment)
    if since is not None:
        return Estimate(cursor.server_at + since, cursor.clock_error + since * DRIFT_PER_MILLE // 1000)
    if not cursor.seen_at:
        return Estimate(cursor.server_at + max(0, moment.wall - cursor.heard_wall), UNKNOWN_ERROR_MS)
    since = _since(cursor.seen_mono, cursor.seen_boot, moment)
    if since is not None:
        return Estimate(cursor.seen_at + since, UNKNOWN_ERROR_MS)
    return Estimate(cursor.seen_at + max(0, moment.wall - cursor.seen_wall), UNKNOWN_ERROR_MS)


def heard_lately(cursor: Cursor, moment: Moment) -> bool:
    """Whether the server was in reach just now."""
    since = _since(cursor.heard_mono, cursor.heard_boot, moment)
    return since is not None and since < SILENCE_MS


def must_be_noted(cursor: Cursor, moment: Moment) -> bool:
    """Whether so much has passed without the server that a reboot now would lose it."""
    if cursor.heard_wall == 0:
        return False
    mono, boot = (cursor.seen_mono, cursor.seen_boot) if cursor.seen_at else (cursor.heard_mono, cursor.heard_boot)
    since = _since(mono, boot, moment)
    return since is None or since >= NOTE_MS


def noted(cursor: Cursor, moment: Moment) -> Cursor:
    """The cursor with this moment as one that has passed."""
    at = server_time(cursor, moment).at
    return replace(cursor, seen_at=at, seen_wall=moment.wall, seen_mono=moment.mono, seen_boot=moment.boot)


def rules_age(cursor: Cursor | None, moment: Moment) -> int:
    """How old this console's knowledge of diets and recipes is, in ms."""
    if cursor is None or cursor.rules_at == 0:
        return UNKNOWN_ERROR_MS
    return max(0, server_time(cursor, moment).at - cursor.rules_at)


def _since(mono: int, boot: str, moment: Moment) -> int | None:
    """What has passed since an instant, by the steady clock; None when that is of another boot. Whoever waits for the
    store reads its clock before, and finds there what was heard meanwhile: then nothing has passed."""
    return max(0, moment.mono - mono) if boot == moment.boot else None
