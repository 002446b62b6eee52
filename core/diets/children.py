"""Children (R56): under sixteen the pieces of a texture are smaller, under five some dishes are none at all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType

GROWN_UP_YEARS, SMALL_YEARS = 16, 5
AHEAD_OF_UTC = timedelta(hours=2)  # a hospital's birthday begins at its own midnight
# IDDSI level -> the largest piece in mm, for a child and for an adult
PIECES_MM: Mapping[str, tuple[int, int]] = MappingProxyType({"5": (2, 4), "6": (8, 15)})


def is_child(birth_date: str, at: int, *, under: int = GROWN_UP_YEARS) -> bool:
    """Whether somebody born that day (1974-04-12) is so young at an instant. A date that is not known: no."""
    try:
        born = date.fromisoformat(birth_date)
    except ValueError:
        return False
    today = (datetime.fromtimestamp(at / 1_000, UTC) + AHEAD_OF_UTC).date()
    years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return years < under


def pieces_mm(level: str, *, child: bool) -> int | None:
    """How large a piece may be at this level; None where the level says nothing of pieces."""
    sizes = PIECES_MM.get(level)
    return sizes[0 if child else 1] if sizes is not None else None
