"""The one layer through which every text reaches a page: nothing unseen, nothing that turns the writing round."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from markupsafe import Markup

from core.kernel.text import unseen

IN_PLACE_OF_UNSEEN = "\N{REPLACEMENT CHARACTER}"
HALVES = {1: "½", 2: "1", 3: "1½", 4: "2"}


def shown(value: Any) -> Any:
    """What a template may print. Markup of our own passes; any other text is cleaned, and escaped after this."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return cleaned(value)
    return value


def cleaned(text: str) -> str:
    """The text without control, bidirectional and zero-width characters: where one stood, a mark stands."""
    if text.isprintable() or not unseen(text):
        return text
    return "".join(IN_PLACE_OF_UNSEEN if unseen(character) else character for character in text)


def portions(halves: int) -> str:
    """`½`, `1`, `1½`, `2`: how many portions so many halves are."""
    return HALVES.get(halves) or f"{halves // 2}{'½' if halves % 2 else ''}"


@lru_cache(maxsize=512)
def day_of(text: str) -> int:
    """A hospital day, `2026-11-24`, as an instant of it: noon UTC is the same day in every zone people live in."""
    return int(datetime.fromisoformat(f"{text}T12:00").replace(tzinfo=UTC).timestamp() * 1_000)


def birth_date(day: str, month: str, year: str) -> str:
    """Three boxes as `1974-04-12`, "" when they are no day at all."""
    parts = (year.strip(), month.strip(), day.strip())
    if not all(part.isascii() and part.isdecimal() and len(part) <= 4 for part in parts):
        return ""
    try:
        return date(*(int(part) for part in parts)).isoformat()
    except ValueError:
        return ""
