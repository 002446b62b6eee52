"""The status chip (screens.md §2.4): how this console stands with the centre, the gravest word first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.text import Text

from consoles.kit.lines import NARROW, WIDE, Lines, gap
from consoles.kit.text import joined, sides, width_of, words
from core.words import clock, duration, word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.strip import Strip

    from sync.client.standing import Standing

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
# the gravest first; each with the look it has
GRAVITY = {
    "ended": "flag",
    "rules_old": "flag",
    "clock": "late",
    "loading": "soon",
    "offline": "soon",
    "refused": "late",
    "locked": "quiet",
    "sending": "live",
    "live": "live",
}


@dataclass(frozen=True, slots=True)
class Chip:
    """One word of the status: its code, and what it says."""

    code: str
    text: str

    @property
    def token(self) -> str:
        return GRAVITY[self.code]


def chips(standing: Standing | None, *, now: int, locked: bool, language: str, width: int = 80) -> tuple[Chip, ...]:
    """Everything there is to say, the gravest first. There is always one."""
    if standing is None:
        return (Chip("loading", word("chip.opening", language)),)
    said = {code: _words(code, standing, now, language, width) for code in _codes(standing, locked=locked)}
    return tuple(Chip(code, said[code]) for code in GRAVITY if code in said)


def _codes(standing: Standing, *, locked: bool) -> list[str]:
    held = {
        "ended": standing.lent_ms == 0,
        "rules_old": standing.rules_too_old,
        "clock": bool(standing.clock_ahead_ms),
        "loading": standing.loading,
        "offline": not standing.live,
        "refused": bool(standing.refused),
        "locked": locked,
        "sending": standing.live and bool(standing.waiting),
        "live": standing.live and not standing.waiting,
    }
    return [code for code, holds in held.items() if holds]


def _words(code: str, standing: Standing, now: int, language: str, width: int) -> str:
    short = width < NARROW
    silent = standing.silent_ms or 0
    rules = standing.rules_age_ms or 0
    return word(
        f"chip.{code}_short" if short and code in ("ended", "offline", "rules_old") else f"chip.{code}",
        language,
        time=_clock(now, width) if now else "--:--",
        waiting=standing.waiting,
        age=_short(silent) if short else duration(silent, language),
        hours=f"{rules // HOUR_MS}",
        minutes=f"{standing.clock_ahead_ms / MINUTE_MS:+.0f}",
        refused=standing.refused,
    )


def _clock(now: int, width: int) -> str:
    seconds = now // 1_000 % 60
    return f"{clock(now)}:{seconds:02}" if width >= WIDE else clock(now)


def _short(age_ms: int) -> str:
    minutes = age_ms // MINUTE_MS
    return f"{minutes}m" if minutes < 60 else f"{minutes // 60}h"


class TopLine(Lines):
    """The first row of every screen: where am I at the left, is it live at the right.

    What stands between gives way first when the room is short, then the left; the chip never.
    """

    DEFAULT_CSS = "TopLine { height: 1; dock: top; }"

    def __init__(self) -> None:
        super().__init__()
        self._left: tuple[Text, ...] = ()
        self._between: tuple[Text, ...] = ()
        self._chip = Text()

    def say(self, left: Sequence[Text | str], between: Sequence[Text | str] = ()) -> None:
        before = _looks(self._left), _looks(self._between)
        self._left = tuple(_text(part) for part in left)
        self._between = tuple(_text(part) for part in between)
        if before != (_looks(self._left), _looks(self._between)):
            self.refresh()

    def chip(self, chip: Chip) -> None:
        text = words(chip.text, chip.token)
        if (text.plain, text.style) != (self._chip.plain, self._chip.style):
            self._chip = text
            self.refresh()

    @property
    def lines(self) -> tuple[str, ...]:
        return (self._row(self.size.width).plain,)

    def render_line(self, y: int) -> Strip:
        return self.look.strip(self._row(self.size.width), self.size.width)

    def _row(self, width: int) -> Text:
        between = list(self._between)
        room = width - width_of(self._chip) - 1
        left = _spaced(self._left, gap(width))
        margin = " " if width >= NARROW else ""
        while between and width_of(left) + width_of(_spaced(between, gap(width))) + 2 * len(gap(width)) + 1 > room:
            between.pop(0)
        tail = joined(_spaced([*between, self._chip], gap(width)), " ")
        return sides(joined(margin, left), tail, width)


def _spaced(parts: Sequence[Text], space: str) -> Text:
    line: list[Text | str] = []
    for part in parts:
        line += [space, part] if line else [part]
    return joined(*line)


def _text(part: Text | str) -> Text:
    return part if isinstance(part, Text) else words(part, "strong")


def _looks(parts: Sequence[Text]) -> list[tuple[object, ...]]:
    """Equal for parts that look equal: once a second nothing is drawn that stands there already."""
    return [(part.plain, part.style, part.spans) for part in parts]
