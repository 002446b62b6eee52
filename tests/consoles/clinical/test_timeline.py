"""The time line: past, now and next on one scale, ended where the rules end it."""

from __future__ import annotations

from consoles.clinical.timeline import timeline
from core.diets.profile import DIET, HOLD, NIL_BY_MOUTH, Period, as_text
from core.kernel.values import HOUR_MS
from tests import given

NOON = given.NOON


def drawn(*periods: Period, width: int = 61, most: int = 9, language: str = "en") -> list[str]:
    return [line.plain.rstrip() for line in timeline(as_text(periods), NOON, width, most, language)]


def diet(hour: float, until: float | None = None, *components: str, name: str = "d", **more: object) -> Period:
    ends = None if until is None else NOON + int(until * HOUR_MS)
    return Period(DIET, f"{name}{hour}", NOON + int(hour * HOUR_MS), ends, components or ("regular",), **more)  # type: ignore[arg-type]


def test_the_scale_has_now_under_its_hour() -> None:
    scale, now, *_ = drawn(diet(-1))
    assert scale == "DIET          08:00   10:00   12:00   14:00   16:00   18:00"
    assert now.index("now") == scale.index("12:00")


def test_a_diet_goes_on_beyond_the_scale_until_something_ends_it() -> None:
    assert drawn(diet(-2, None, "diabetic"))[2] == "Diabetic" + " " * 14 + "|" + "=" * 37 + ">"


def test_a_fast_ends_the_diet_before_it_as_the_rules_do() -> None:
    fast = Period(NIL_BY_MOUTH, "n", NOON, NOON + HOUR_MS)
    regular, nil = drawn(diet(-6), fast)[2:4]
    assert regular == "Regular       " + "=" * 16 + "|"
    assert nil == "Nil by mouth  " + " " * 16 + "|" + 3 * "X" + "|"


def test_each_thing_of_an_order_has_its_own_line() -> None:
    labels = [line[:13].strip() for line in drawn(diet(-1, None, "diabetic", "low_salt", food="4", fluid="2"))[2:]]
    assert labels == ["Diabetic", "Low salt", "Texture 4", "Fluids 2"]


def test_the_same_word_of_two_orders_is_one_line() -> None:
    assert len(drawn(diet(-3, -1, "diabetic"), diet(-1, None, "diabetic"))) == 3


def test_what_is_over_gives_way_first() -> None:
    shown = drawn(diet(-5, -4, "renal"), diet(-3, None, "diabetic"), diet(-3, None, "low_salt", name="e"), most=2)
    assert [line[:13].strip() for line in shown[2:]] == ["Diabetic", "Low salt"]


def test_a_hold_is_a_bar_of_its_own() -> None:
    assert drawn(diet(-1), Period(HOLD, "h", NOON))[3].startswith("Trays held    ")


def test_no_order_is_a_sentence() -> None:
    assert drawn()[2] == " No diet order is written."


def test_a_wider_screen_has_more_hours() -> None:
    assert drawn(diet(-1), width=80)[0].count(":00") == 8
