"""Figures as people read them: the clock, the day, how long, how much money,
how much of a nutrient (screens.md §2.6)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from core.words import books

ZONE = "Africa/Kigali"
_MINUTE_MS = 60_000
_HOUR_MINUTES = 60
_DAY_MINUTES = 24 * _HOUR_MINUTES
_KIGALI = timedelta(hours=2)  # no summer time, and no zone data needed on a bare machine
_GRAMS = ("carbohydrate_mg", "protein_mg", "fat_mg", "sugars_mg")  # people count these in grams


def clock(at: int, *, zone: str = ZONE) -> str:
    """An instant as `12:04`, in the hospital's time."""
    return _local(at, zone).strftime("%H:%M")


def day(at: int, language: str, *, zone: str = ZONE) -> str:
    """An instant's day as `Thu 5 Feb`."""
    local = _local(at, zone)
    names = books.section("calendar", language)
    return f"{names['weekdays'][local.weekday()]} {local.day} {names['months'][local.month - 1]}"


def duration(milliseconds: int, language: str) -> str:
    """`6 min`, `1 h 20`, `3 days`: rounded down, as an age."""
    minutes = max(0, milliseconds) // _MINUTE_MS
    if minutes < _HOUR_MINUTES:
        return _filled("figure.minutes", language, count=minutes)
    if minutes < _DAY_MINUTES:
        hours, rest = divmod(minutes, _HOUR_MINUTES)
        key = "figure.hours_minutes" if rest else "figure.hours"
        return _filled(key, language, count=hours, minutes=f"{rest:02}")
    days = minutes // _DAY_MINUTES
    return _filled("figure.day" if days == 1 else "figure.days", language, count=days)


def money(francs: int, language: str = books.DEFAULT, *, page: bool = False) -> str:
    """`1,500 RWF` on consoles; on pages with the reader's own mark between the thousands."""
    mark = books.template("figure.thousands", language) if page else ","
    return f"{francs:,} RWF".replace(",", mark or ",")


def amount(quantity: int, nutrient: str) -> str:
    """So much of a nutrient: `810 mg`, `46 g`, `250 kcal`."""
    if nutrient.endswith("_kcal"):
        return f"{quantity:,} kcal"
    if nutrient in _GRAMS:
        return f"{(quantity + 500) // 1_000:,} g"
    return f"{quantity:,} mg"


def _filled(key: str, language: str, **arguments: str | int) -> str:
    return (books.template(key, language) or "{count}").format_map(arguments)


def _local(at: int, zone: str) -> datetime:
    instant = datetime.fromtimestamp(at / 1_000, UTC)
    if zone == ZONE:
        return instant + _KIGALI
    from zoneinfo import ZoneInfo  # only hospitals elsewhere need it

    return instant.astimezone(ZoneInfo(zone))
