"""Hospital days as they are typed: `today`, `yesterday` or `2026-11-24`. Not the days of UTC (R27)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from core.kernel.refusal import Refusal
from core.kernel.values import DAY_MS, HOUR_MS

AHEAD_MS = 2 * HOUR_MS  # of UTC, all year
WORDS = {"today": 0, "yesterday": -1, "tomorrow": 1}


def day_of(typed: str, *, now: int) -> str:
    """Raises Refusal("bad_day")."""
    if typed in WORDS:
        return _text(now + WORDS[typed] * DAY_MS)
    return _parsed(typed).isoformat()


def begin_of(day: str, *, after: int = 0) -> int:
    """Midnight at the beginning of a day, so many days later. Raises Refusal("bad_day")."""
    begins = _parsed(day) + timedelta(days=after)
    midnight = datetime(begins.year, begins.month, begins.day, tzinfo=UTC)
    return int(midnight.timestamp()) * 1_000 - AHEAD_MS


def _text(at: int) -> str:
    return datetime.fromtimestamp((at + AHEAD_MS) / 1_000, UTC).date().isoformat()


def _parsed(typed: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError as error:
        raise Refusal("bad_day", day=typed[:20]) from error
