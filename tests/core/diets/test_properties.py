"""What holds for every patient and every dish there could be, found by trying."""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st

from core.diets.model import DietProfile
from core.diets.nutrients import NOTHING_YET, amounts_of
from core.diets.profile import (
    KEPT_MS,
    Period,
    as_text,
    kept,
    periods_of,
    standing,
    with_diet,
    with_isolation,
    with_period,
)
from core.diets.verdict import REASONS, Verdict, VerdictKind, together, verdict
from core.kernel.values import HOUR_MS, as_codes
from core.menu.model import DishFacts
from core.menu.substances import ALLERGENS, NUTRIENTS
from tests.core.diets import people
from tests.core.diets.plates import NOON, dish

GRAVITY = {VerdictKind.ALLOW: 0, VerdictKind.WARN: 1, VerdictKind.HOLD: 2, VerdictKind.BLOCK: 3}
tries = settings(max_examples=100, deadline=None, derandomize=True)

words = st.lists(st.sampled_from(ALLERGENS), unique=True, max_size=3).map(as_codes)
amounts = st.none() | st.integers(0, 1_500)
hours = st.integers(-30, 30).map(lambda hour: NOON + hour * HOUR_MS)


@st.composite
def patients(draw: Any) -> tuple[DietProfile, dict[str, int | None]]:
    profile, _, used = people.patient(Random(draw(st.integers(0, 2**32))), list(ALLERGENS))
    return profile, used


dishes = st.builds(
    dish,
    allergens=words,
    may_contain=words,
    ingredients=words,
    suits=st.lists(st.sampled_from(("diabetic", "low_salt", "renal", "soft", "protective")), unique=True).map(as_codes),
    verified=st.booleans(),
    is_drink=st.booleans(),
    level=st.sampled_from(("0", "2", "3", "4", "5", "6", "7EC", "7")),
    out_of_stock=st.booleans(),
    potassium_mg=amounts,
    sodium_mg=amounts,
)
periods = st.builds(
    Period,
    kind=st.sampled_from(("diet", "nil_by_mouth", "hold")),
    id=st.uuids().map(str),
    from_at=hours,
    until_at=st.none() | hours,
    components=st.sampled_from(((), ("regular",), ("renal",))),
    food=st.sampled_from(("", "4", "7")),
)


def judged(someone: tuple[DietProfile, dict[str, int | None]], food: DishFacts, **more: Any) -> Verdict:
    profile, used = someone
    return verdict(profile, food, serve_at=NOON, at=NOON, used=used, **more)


@examples(patients(), dishes, st.sampled_from(ALLERGENS))
@tries
def test_one_allergy_more_never_widens_what_is_allowed(someone: Any, food: DishFacts, allergen: str) -> None:
    profile, used = someone
    asked = profile.altered({"allergies_asked": True})
    wider = asked.altered({"allergens": as_codes([*asked.allergens.split(), allergen])})
    before, after = judged((asked, used), food), judged((wider, used), food)
    assert GRAVITY[after.kind] >= GRAVITY[before.kind]
    assert {reason.code for reason in before.reasons} <= {reason.code for reason in after.reasons}


@examples(patients(), dishes)
@tries
def test_an_allergy_nobody_has_matched_never_widens_it_either(someone: Any, food: DishFacts) -> None:
    profile, used = someone
    before = judged(someone, food)
    after = judged((profile.altered({"unmatched": True}), used), food)
    assert GRAVITY[after.kind] >= max(GRAVITY[before.kind], GRAVITY[VerdictKind.HOLD])


@examples(patients(), dishes, st.sampled_from(NUTRIENTS))
@tries
def test_what_is_unknown_never_becomes_nought(someone: Any, food: DishFacts, nutrient: str) -> None:
    """To forget how much is in a dish, or in the day so far, never turns a no into a yes by counting nothing."""
    profile, used = someone
    limited = any(name == nutrient for name, _ in standing(profile.periods, NOON).limits)
    in_dish = judged(someone, food.altered({nutrient: None}))
    in_day = judged((profile, {**used, nutrient: None}), food)
    for found in (in_dish, in_day):
        assert found.kind in (VerdictKind.HOLD, VerdictKind.BLOCK) or not limited
    assert amounts_of([(food.altered({nutrient: None}), 2)], besides=used)[nutrient] is None


@examples(patients(), dishes, st.integers(0, 2_000))
@tries
def test_more_on_the_plate_or_in_the_day_never_widens_it(someone: Any, food: DishFacts, more: int) -> None:
    profile, used = someone
    before = judged(someone, food)
    heavier = {name: None if so_far is None else so_far + more for name, so_far in used.items()}
    for after in (judged((profile, heavier), food), judged(someone, food, halves=4)):
        assert GRAVITY[after.kind] >= GRAVITY[before.kind]


@examples(patients(), dishes)
@tries
def test_a_verdict_is_total_and_its_reasons_are_in_their_order(someone: Any, food: DishFacts) -> None:
    found = judged(someone, food)
    places = [REASONS[reason.code][0] for reason in found.reasons]
    assert places == sorted(places)
    assert judged(someone, food) == found


@examples(patients(), st.lists(dishes, max_size=4))
@tries
def test_a_meal_is_as_grave_as_its_gravest_dish(someone: Any, plates: list[DishFacts]) -> None:
    verdicts = [judged(someone, food) for food in plates]
    gravest = max((GRAVITY[one.kind] for one in verdicts), default=0)
    assert GRAVITY[together(verdicts).kind] == gravest


@examples(st.lists(periods, max_size=6), periods, periods, hours)
@tries
def test_r47_what_stops_food_stops_it_whichever_is_heard_first(
    before: list[Period], fast: Period, diet: Period, instant: int
) -> None:
    """A fast and a diet order made beside it, neither naming the other, leave the same patient in either sequence."""
    stops = Period("nil_by_mouth", "fast", fast.from_at, fast.until_at)
    eats = Period("diet", "diet", diet.from_at, diet.until_at, components=("regular",))
    text = as_text(before)
    one = with_diet(with_period(text, stops, at=NOON), eats, replaces=[], at=NOON)
    other = with_period(with_diet(text, eats, replaces=[], at=NOON), stops, at=NOON)
    when = max(instant, NOON)
    assert _plain(standing(one, when)) == _plain(standing(other, when))


@examples(st.lists(periods, max_size=6), st.integers(0, 60))
@tries
def test_what_is_no_longer_carried_no_longer_mattered(before: list[Period], hours_ahead: int) -> None:
    """Forgetting what is long over changes nothing that can still be served."""
    began = [one for one in before if one.until_at is None or one.from_at < one.until_at]
    at = NOON + KEPT_MS
    when = at + hours_ahead * HOUR_MS
    carried = standing(as_text(kept(began, at=at)), when)
    everything = standing(as_text(began), when)
    assert (carried.diets, carried.fasting, carried.hold) == (everything.diets, everything.fasting, everything.hold)


@examples(st.lists(periods, max_size=5))
@tries
def test_periods_are_written_as_they_are_read(before: list[Period]) -> None:
    assert periods_of(as_text(before)) == tuple(before)


def _plain(now: Any) -> tuple[Any, ...]:
    return (
        now.fasting is not None,
        now.hold is not None,
        now.components,
        now.food,
        sorted(one.id for one in now.diets),
    )


def test_the_day_begins_with_nothing_of_everything() -> None:
    assert dict(NOTHING_YET) == dict.fromkeys(NUTRIENTS, 0)


@tries
@examples(st.lists(periods, max_size=6), st.lists(st.booleans(), min_size=6, max_size=6), hours)
def test_r55_no_fast_hold_or_diet_order_that_says_nothing_of_it_takes_an_isolation_away(
    written: list[Period], names_all: list[bool], instant: int
) -> None:
    began = min([instant, *(one.from_at for one in written)])
    text = with_isolation("[]", Period("isolation", "isolated", began, isolation="contact"), at=began)
    for one, names in zip(written, names_all, strict=False):
        named = [before.id for before in periods_of(text)] if names else []
        text = (
            with_diet(text, one, replaces=named, at=began) if one.kind == "diet" else with_period(text, one, at=began)
        )
    assert standing(text, instant).isolation == ("contact",)
