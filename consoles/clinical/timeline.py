"""What holds when, as bars over the hours: past, now and next on one scale (screens.md §9)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.text import Text

from consoles.kit.text import joined, padded, words
from core.words import clock, word

if TYPE_CHECKING:
    from core.diets.model import DietOrder
    from core.diets.profile import Period

HOUR_MS = 3_600_000
LABEL_CELLS = 13
CELL_MS = HOUR_MS // 4
CELLS_AN_HOUR = 4
STEP_HOURS = 2
KIGALI_MS = 2 * HOUR_MS  # even hours are counted by the hospital's clock


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of the picture: a word, its letter, and in which cells it holds. goes_on: beyond the last one."""

    label: str
    letter: str
    cells: tuple[bool, ...]
    goes_on: bool
    token: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """The hours that are shown: from an instant, so many cells of a quarter of an hour."""

    start: int
    cells: int

    def at(self, cell: int) -> int:
        """The middle of a cell: a period that begins within it holds in the next one."""
        return self.start + cell * CELL_MS + CELL_MS // 2

    def cell_of(self, instant: int) -> int:
        return (instant - self.start) // CELL_MS


def window_around(now: int, width: int) -> Window:
    """As many whole steps of two hours as there is room for, with now in the middle."""
    step = STEP_HOURS * HOUR_MS
    steps = max(1, (width - LABEL_CELLS - 1) // (STEP_HOURS * CELLS_AN_HOUR))
    even = (now + KIGALI_MS) // step * step - KIGALI_MS
    return Window(even - steps // 2 * step, width - LABEL_CELLS - 1)


def timeline(periods_text: str, now: int, width: int, most: int, language: str) -> list[Text]:
    """The scale, now, and at most so many bars: what holds now or later before what has been."""
    window = window_around(now, width)
    bars = bars_of(periods_text, window, now, language)
    if len(bars) > most:
        kept = sorted(range(len(bars)), key=lambda place: (not _still(bars[place], window, now), -place))[
            : max(0, most)
        ]
        bars = [bar for place, bar in enumerate(bars) if place in kept]
    drawn = [_drawn(bar, width) for bar in bars]
    if not drawn:
        drawn = [words(f" {word('clinical.no_diet_yet', language)}", "quiet")]
    return [_scale(window, width, language), _now(window, now, language), *drawn]


def bars_of(periods_text: str, window: Window, now: int, language: str) -> list[Bar]:
    """One for each thing that was ordered: asked of the rules hour by hour,
    so a diet ends where a fast has ended it."""
    from core.diets.profile import periods_of, standing

    periods = periods_of(periods_text)
    holding: list[frozenset[str]] = []
    for cell in range(window.cells + 1):
        found = standing(periods_text, window.at(cell))
        ids = [found.fasting, found.hold, *found.diets]
        holding.append(frozenset(one.id for one in ids if one is not None))
    named: dict[tuple[str, str, str], list[str]] = {}
    for period in periods:
        for label in labels_of(period, language):
            named.setdefault(label, []).append(period.id)
    found_bars = [_bar(label, ids, holding, window) for label, ids in named.items()]
    return [bar for bar in found_bars if any(bar.cells) or bar.goes_on]


def labels_of(period: Period, language: str) -> list[tuple[str, str, str]]:
    """What one order says, thing by thing: word, letter of its bar, token."""
    if period.kind == "nil_by_mouth":
        return [(_capital(word("why.nil_by_mouth", language)), "X", "strong")]
    if period.kind == "hold":
        return [(_capital(word("clinical.bar_hold", language)), "H", "strong")]
    told = [word(f"component.{code}", language) for code in period.components]
    told += [word("clinical.bar_texture", language, level=period.food)] if period.food else []
    told += [word("clinical.bar_fluids", language, level=period.fluid)] if period.fluid else []
    told += [word(f"preference.{code}", language) for code in period.preferences]
    told += [word("clinical.bar_limit", language)] if period.limits else []
    told += [word("clinical.bar_isolation", language)] if period.isolation else []
    told += [word(f"assistance.{code}", language) for code in period.assistance]
    return [(_capital(one), "=", "") for one in told or [word("component.regular", language)]]


def said_of(period: Period, language: str) -> str:
    """The same in one line: `Diabetic + low salt`."""
    return _capital(" + ".join(label.lower() for label, _, _ in labels_of(period, language)))


def period_of(order: DietOrder) -> Period:
    """A diet order as a profile would carry it, were it in force."""
    import json

    from core.diets.profile import DIET, Period
    from core.kernel.values import codes

    return Period(
        kind=DIET,
        id=order.id,
        from_at=order.from_at,
        until_at=order.until_at,
        components=codes(order.components),
        preferences=codes(order.preferences),
        food=order.food_level,
        fluid=order.fluid_level,
        limits=json.loads(order.limits) if order.limits else {},
        isolation=order.isolation,
        assistance=codes(order.assistance),
        by=order.ordered_by,
        at=order.ordered_at,
    )


def said_of_order(order: DietOrder, language: str) -> str:
    return said_of(period_of(order), language)


def _bar(label: tuple[str, str, str], ids: list[str], holding: Sequence[frozenset[str]], window: Window) -> Bar:
    on = [not one.isdisjoint(ids) for one in holding]
    return Bar(label[0], label[1], tuple(on[: window.cells]), on[window.cells], label[2])


def _still(bar: Bar, window: Window, now: int) -> bool:
    return any(bar.cells[max(0, window.cell_of(now)) :]) or bar.goes_on


def _scale(window: Window, width: int, language: str) -> Text:
    hours = range(0, window.cells - CELLS_AN_HOUR, STEP_HOURS * CELLS_AN_HOUR)
    line = padded(word("clinical.diet", language), LABEL_CELLS + 1)
    line += "".join(f"{clock(window.start + cell * CELL_MS):<{STEP_HOURS * CELLS_AN_HOUR}}" for cell in hours)
    return joined(words(line[: LABEL_CELLS + 1], "strong"), words(line[LABEL_CELLS + 1 : width], "quiet"))


def _now(window: Window, now: int, language: str) -> Text:
    said = word("clinical.now", language)
    at = min(max(0, window.cell_of(now)), window.cells - len(said))
    return joined(" " * (LABEL_CELLS + 1 + at), words(said, "live"))


def _drawn(bar: Bar, width: int) -> Text:
    return joined(words(padded(bar.label, LABEL_CELLS), bar.token), " ", words("".join(_cells(bar)), bar.token))


def _cells(bar: Bar) -> Iterable[str]:
    """`|====>`: where it begins, where it ends, and whether it goes on."""
    last = len(bar.cells) - 1
    for cell, on in enumerate(bar.cells):
        before = cell > 0 and bar.cells[cell - 1]
        if on and cell == last and bar.goes_on:
            yield ">"
        elif on:
            yield bar.letter if before or cell == 0 else "|"
        else:
            yield "|" if before else " "


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
