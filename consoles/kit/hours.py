"""An hour as people type it, `14:00` or `14`: the next one that comes after an instant."""

from __future__ import annotations

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
KIGALI_MS = 2 * HOUR_MS  # the hospital's clock


def next_hour(text: str, *, after: int) -> int:
    """The instant; ValueError when it is no hour."""
    hours, _, minutes = text.replace(".", ":").replace("h", ":").partition(":")
    if not hours.strip().isdecimal() or (minutes.strip() and not minutes.strip().isdecimal()):
        raise ValueError(text)
    hour, minute = int(hours), int(minutes or 0)
    if hour > 23 or minute > 59:
        raise ValueError(text)
    midnight = (after + KIGALI_MS) // DAY_MS * DAY_MS - KIGALI_MS
    at = midnight + hour * HOUR_MS + minute * HOUR_MS // 60
    return at if at > after else at + DAY_MS
