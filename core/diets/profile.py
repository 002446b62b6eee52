"""What holds for a patient at an instant: the periods of a diet profile, and how they add up (R4 to R7).

A profile's `periods` are what was ordered, newest last. They add up by four rules, all pure functions of that list:

- A period holds from its start until its end, or until an order that names it as replaced (R5).
- Diets that hold together all apply: components, limits and preferences add up; two textures are a conflict (R5).
- Nil by mouth kills every diet that took effect before it ends, for good: an end by the clock brings nothing back (R6),
  and a diet that takes effect when it ends, or after, counts (R7).
- A diet order ends only the nil by mouth and the holds that its doctor saw and named. One that started meanwhile
  stands: nil by mouth wins over a diet order made beside it, whichever the server hears first (R47).
- Isolation is a period of its own, whoever wrote it with a diet: it ends by its hour, by a person, or by another
  isolation, and neither nil by mouth nor a diet order that says nothing of it takes it away (R55). Help at the table
  outlives nil by mouth as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import msgspec

from core.diets.model import DietKind
from core.kernel.values import DAY_MS

DIET = DietKind.DIET.value
NIL_BY_MOUTH = DietKind.NIL_BY_MOUTH.value
HOLD = "hold"
ISOLATION = DietKind.ISOLATION.value
AGAINST_FOOD = (NIL_BY_MOUTH, HOLD)
KEPT_MS = 2 * DAY_MS  # an ended period is shown this long in the profile's time line


class Period(msgspec.Struct, frozen=True, omit_defaults=True, rename={"from_at": "from", "until_at": "until"}):
    """One order, as the profile carries it. `id` is its row's; `at` and `by` are for showing, never for deciding."""

    kind: str
    id: str
    from_at: int
    until_at: int | None = None
    components: tuple[str, ...] = ()
    preferences: tuple[str, ...] = ()
    food: str = ""
    fluid: str = ""
    limits: dict[str, int] = {}
    isolation: str = ""
    assistance: tuple[str, ...] = ()
    reason: str = ""
    by: str = ""
    at: int = 0

    def holds_at(self, instant: int) -> bool:
        return self.from_at <= instant and not self.is_over_at(instant)

    def is_over_at(self, instant: int) -> bool:
        return self.until_at is not None and self.until_at <= instant

    def ending(self, instant: int) -> Period:
        """This period, over at this instant if it was not before."""
        if self.is_over_at(instant):
            return self
        return msgspec.structs.replace(self, until_at=instant)


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds for a patient at one instant.

    ordered: any diet or nil by mouth has ever taken effect (as far back as is kept). after_fasting: the diet took
    effect when a nil by mouth ended, within the hospital's memory (R7's flag).
    """

    fasting: Period | None = None
    hold: Period | None = None
    diets: tuple[Period, ...] = ()
    ordered: bool = False
    after_fasting: bool = False
    components: tuple[str, ...] = ()
    preferences: tuple[str, ...] = ()
    food: tuple[str, ...] = ()  # two levels here are a conflict
    fluid: tuple[str, ...] = ()
    limits: tuple[tuple[str, int], ...] = ()
    isolation: tuple[str, ...] = ()
    assistance: tuple[str, ...] = ()


_DECODER = msgspec.json.Decoder(tuple[Period, ...])


@lru_cache(maxsize=8_192)
def periods_of(text: str) -> tuple[Period, ...]:
    """The periods of a profile's column, newest last."""
    return _DECODER.decode(text)


def as_text(periods: Iterable[Period]) -> str:
    """The column for these periods: equal bytes for equal periods."""
    return msgspec.json.encode(list(periods), order="sorted").decode()


@lru_cache(maxsize=8_192)
def standing(text: str, instant: int) -> Standing:
    """What a profile's periods add up to at an instant."""
    periods = periods_of(text)
    fasts = [period for period in periods if period.kind == NIL_BY_MOUTH]
    diets = tuple(_in_force(periods, fasts, instant))
    return Standing(
        fasting=_newest(period for period in fasts if period.holds_at(instant)),
        hold=_newest(period for period in periods if period.kind == HOLD and period.holds_at(instant)),
        diets=diets,
        ordered=any(period.kind in (DIET, NIL_BY_MOUTH) and period.from_at <= instant for period in periods),
        after_fasting=bool(diets) and _follows_a_fast(diets, fasts, instant),
        components=_together(diet.components for diet in diets),
        preferences=_together(diet.preferences for diet in diets),
        food=_together((diet.food,) for diet in diets if diet.food),
        fluid=_together((diet.fluid,) for diet in diets if diet.fluid),
        limits=_lowest(diet.limits for diet in diets),
        isolation=_together((one.isolation,) for one in periods if one.isolation and one.holds_at(instant)),
        assistance=_together(one.assistance for one in periods if one.assistance and one.holds_at(instant)),
    )


def replaced_by_order(text: str, *, from_at: int) -> tuple[str, ...]:
    """The ids a new diet order names when it shall replace all that holds when it takes effect: for the form."""
    return tuple(one.id for one in periods_of(text) if one.kind != ISOLATION and one.holds_at(from_at))


def with_diet(text: str, new: Period, *, replaces: Iterable[str], at: int) -> str:
    """The column after a diet order that ends what it names, from its start. What never began is left out.

    An isolation that it speaks of stands beside it from then on, in place of those before; one that it does not speak
    of goes on.
    """
    named = dict.fromkeys(replaces)
    ended = [_ending(period, named, new) for period in periods_of(text)]
    isolation = [isolating(new)] if new.isolation else []
    return as_text(kept([*ended, msgspec.structs.replace(new, isolation=""), *isolation], at=at))


def isolating(of: Period) -> Period:
    """The isolation that an order speaks of, as the standing fact that it is: under the same id."""
    return Period(ISOLATION, of.id, of.from_at, of.until_at, isolation=of.isolation, by=of.by, at=of.at)


def with_isolation(text: str, new: Period, *, at: int) -> str:
    """The column after a patient was isolated: an isolation that was in force before ends where this one begins."""
    ended = [one.ending(new.from_at) if one.kind == ISOLATION else one for one in periods_of(text)]
    return as_text(kept([*ended, new], at=at))


def without_isolation(text: str, *, at: int) -> str:
    """The column after somebody has ended every isolation."""
    return as_text(kept([one.ending(at) if one.kind == ISOLATION else one for one in periods_of(text)], at=at))


def _ending(period: Period, named: Mapping[str, None], new: Period) -> Period:
    over = bool(new.isolation) if period.kind == ISOLATION else period.id in named
    return period.ending(new.from_at) if over else period


def with_period(text: str, new: Period, *, at: int) -> str:
    """The column after a nil by mouth or a hold: nothing before it is touched, it simply wins."""
    return as_text(kept([*periods_of(text), new], at=at))


def without_order(text: str, order_id: str, *, ends_at: int, in_error: bool = False) -> str:
    """The column after a doctor ended a diet order. The isolation it wrote goes on, unless all was an error."""
    ended = [
        period.ending(ends_at) if period.id == order_id and (in_error or period.kind != ISOLATION) else period
        for period in periods_of(text)
    ]
    return as_text(kept(ended, at=ends_at))


def kept(periods: Iterable[Period], *, at: int) -> list[Period]:
    """The periods still worth carrying. A fast never leaves before the diets that it has killed."""
    began = [p for p in periods if p.until_at is None or p.from_at < p.until_at]
    fasts = [period for period in began if period.kind == NIL_BY_MOUTH]
    horizon = at - KEPT_MS
    return [period for period in began if not _was_over_at(period, fasts, horizon)]


def stands_against(text: str, *, replaces: Iterable[str], from_at: int, until_at: int | None) -> list[Period]:
    """Fasts and holds that a diet order over this time did not name: they stand (R47)."""
    named = dict.fromkeys(replaces)
    return [
        period
        for period in periods_of(text)
        if period.kind in AGAINST_FOOD
        and period.id not in named
        and not period.is_over_at(from_at)
        and (until_at is None or period.from_at < until_at)
    ]


def texture_conflict(text: str, *, from_at: int) -> tuple[str, ...]:
    """The two or more levels that are required at once when an order takes effect; empty without a conflict."""
    now = standing(text, from_at)
    return next((levels for levels in (now.food, now.fluid) if len(levels) > 1), ())


# -- how periods add up ---------------------------------------------------------------------------------------------


def _in_force(periods: Iterable[Period], fasts: list[Period], instant: int) -> Iterable[Period]:
    for period in periods:
        if period.kind == DIET and period.holds_at(instant) and not _killed_at(period, fasts, instant):
            yield period


def _killed_at(diet: Period, fasts: list[Period], instant: int) -> bool:
    return any(fast.from_at <= instant and _outlasts_start(fast, diet) for fast in fasts)


def _outlasts_start(fast: Period, diet: Period) -> bool:
    return fast.until_at is None or diet.from_at < fast.until_at


def _was_over_at(period: Period, fasts: list[Period], instant: int) -> bool:
    if period.is_over_at(instant):
        return True
    return (
        period.kind == DIET
        and period.from_at <= instant
        and any(fast.is_over_at(instant) and _outlasts_start(fast, period) for fast in fasts)
    )


def _follows_a_fast(diets: Iterable[Period], fasts: list[Period], instant: int) -> bool:
    began = min(diet.from_at for diet in diets)
    return any(fast.until_at is not None and fast.until_at <= began <= instant for fast in fasts)


def _newest(periods: Iterable[Period]) -> Period | None:
    newest = None
    for period in periods:
        newest = period
    return newest


def _together(lists: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """Each code once, sorted."""
    found = [codes for codes in lists if codes]
    return tuple(sorted({code: None for codes in found for code in codes})) if found else ()


def _lowest(limits: Iterable[Mapping[str, int]]) -> tuple[tuple[str, int], ...]:
    lowest: dict[str, int] = {}
    for of_one in limits:
        for nutrient, most in of_one.items():
            lowest[nutrient] = min(most, lowest.get(nutrient, most))
    return tuple(sorted(lowest.items()))
