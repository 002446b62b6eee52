"""The clinical console at its sizes and in the looks it is made for: compared with the pictures that were approved."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from core.diets.allergies import RecordAllergy
from core.diets.prescribing import DraftDiet, TakeVerbalDiet
from core.kernel.tx import Tx
from core.kernel.values import MINUTE_MS
from tests import given
from tests.consoles.clinical.conftest import Desk
from tests.consoles.clinical.doing import (
    DESK,
    DOCTOR,
    LAPTOP,
    LARGE_TYPE,
    NURSE,
    NUTRITIONIST,
    open_card,
    press,
    sign_in,
)
from tests.kitchen_tui import lunch

Before = Callable[[Pilot[None]], Awaitable[None]]
SIZES = [DESK, LAPTOP, LARGE_TYPE]
NAMES = ["120x36", "80x24", "40x12"]


def swing(tx: Tx) -> None:
    """Lunch in full swing; A-015 was nil by mouth this morning, has limits, and tried what is not for them."""
    given.service(tx, "dinner", hour=18)
    lunch.swing(tx)
    given.nil_by_mouth(tx, "stay-A-031", at=lunch.NOW - 150 * MINUTE_MS)
    limits = {"sodium_mg": 900, "potassium_mg": 2_000}
    lunch.prescribe(tx, "stay-A-031", ("diabetic", "low_salt"), at=lunch.NOW - 60 * MINUTE_MS, limits=limits)


def card(*keys: str, bed: str = "A-031") -> Before:
    async def before(pilot: Pilot[None]) -> None:
        await open_card(pilot, bed)
        await press(pilot, *keys)

    return before


def lists(*keys: str) -> Before:
    async def before(pilot: Pilot[None]) -> None:
        await sign_in(pilot, NUTRITIONIST)
        await press(pilot, *keys)

    return before


@pytest.mark.parametrize("size", SIZES, ids=NAMES)
def test_the_card(snap_compare: Any, desk: Desk, tx: Tx, size: tuple[int, int]) -> None:
    swing(tx)
    assert snap_compare(desk(), terminal_size=size, run_before=card())


@pytest.mark.parametrize("size", SIZES, ids=NAMES)
def test_nil_by_mouth_before_it_is_saved(snap_compare: Any, desk: Desk, tx: Tx, size: tuple[int, int]) -> None:
    swing(tx)
    assert snap_compare(desk(), terminal_size=size, run_before=card("m", bed="A-015"))


@pytest.mark.parametrize("size", SIZES[:2], ids=NAMES[:2])
@pytest.mark.parametrize(("name", "keys"), [("diet", "dren"), ("hold", "h"), ("allergy", "apean"), ("meal", "okaw")])
def test_the_orders(snap_compare: Any, desk: Desk, tx: Tx, size: tuple[int, int], name: str, keys: str) -> None:
    swing(tx)
    assert snap_compare(desk(), terminal_size=size, run_before=card(*keys, *(["enter"] if len(keys) > 1 else [])))


@pytest.mark.parametrize("size", SIZES[:2], ids=NAMES[:2])
@pytest.mark.parametrize("key", ["1", "2", "3"], ids=["my_day", "patients", "held"])
def test_the_lists(snap_compare: Any, desk: Desk, tx: Tx, size: tuple[int, int], key: str) -> None:
    swing(tx)
    assert snap_compare(desk(), terminal_size=size, run_before=lists(key))


def stuck(tx: Tx) -> None:
    """A brochette that was ordered, a diet that it does not suit, and an allergy against what is in it."""
    given.ingredient(tx, "groundnut", allergens=("peanut",))
    given.dish(tx, "brochette", "groundnut", price=900, suits=("regular",))
    lunch.order(tx, lunch.Meal("L-0412", "A-015", (("brochette", 2), ("umuceri", 1))))
    peanut = RecordAllergy(stay_id="stay-A-015", code="peanut", criticality="high", confirmed=True)
    given.perform(tx, peanut, by=given.DOCTOR, at=lunch.NOW - 3 * MINUTE_MS)
    lunch.prescribe(tx, "stay-A-015", ("low_salt",), at=lunch.NOW - 2 * MINUTE_MS)
    draft = DraftDiet(stay_id="stay-A-015", components=("renal",), limits={"sodium_mg": 1_500})
    given.perform(tx, draft, by=given.NUTRITIONIST, at=lunch.NOW - MINUTE_MS)
    heard = TakeVerbalDiet(stay_id="stay-A-015", components=("diabetic",), doctor_id="doctor_1", replaces=())
    given.perform(tx, heard, by=given.NURSE, at=lunch.NOW - MINUTE_MS)


@pytest.mark.parametrize("size", SIZES[:2], ids=NAMES[:2])
@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("allow", ("w", *"tested today, eats it at home")),
        ("verbal", ("v", *"ren", "enter")),
        ("sign", ("g",)),
        ("isolate", ("i",)),
    ],
    ids=["allow", "verbal", "sign", "isolate"],
)
def test_what_takes_more_than_one_name(
    snap_compare: Any, desk: Desk, tx: Tx, size: tuple[int, int], name: str, keys: tuple[str, ...]
) -> None:
    stuck(tx)

    async def before(pilot: Pilot[None]) -> None:
        await open_card(pilot, "A-015", NURSE if name == "verbal" else DOCTOR)
        await press(pilot, *keys)

    assert snap_compare(desk(), terminal_size=size, run_before=before)


@pytest.mark.parametrize("size", SIZES, ids=NAMES)
@pytest.mark.parametrize("key", ["1", "3"], ids=["my_day", "held"])
def test_a_meal_that_one_key_settles(snap_compare: Any, desk: Desk, tx: Tx, size: tuple[int, int], key: str) -> None:
    stuck(tx)
    assert snap_compare(desk(), terminal_size=size, run_before=lists(key))


def test_the_card_with_all_that_waits_for_a_name(snap_compare: Any, desk: Desk, tx: Tx) -> None:
    stuck(tx)
    assert snap_compare(desk(), terminal_size=DESK, run_before=card(bed="A-015"))


@pytest.mark.parametrize("look", ["contrast", "ansi", "plain"])
def test_the_card_in_other_colours(snap_compare: Any, desk: Desk, tx: Tx, look: str) -> None:
    swing(tx)
    assert snap_compare(desk(look=look), terminal_size=DESK, run_before=card("m", bed="A-015"))


@pytest.mark.parametrize("language", ["fr", "rw"])
def test_the_card_in_other_languages(snap_compare: Any, desk: Desk, tx: Tx, language: str) -> None:
    swing(tx)
    assert snap_compare(desk(language=language), terminal_size=DESK, run_before=card("m", bed="A-015"))


def test_why(snap_compare: Any, desk: Desk, tx: Tx) -> None:
    swing(tx)
    assert snap_compare(desk(), terminal_size=DESK, run_before=card("e", bed="ICU-004"))


def test_what_is_not_ones_role(snap_compare: Any, desk: Desk, tx: Tx) -> None:
    swing(tx)

    async def before(pilot: Pilot[None]) -> None:
        await open_card(pilot, "A-015", NUTRITIONIST)
        await press(pilot, "d")

    assert snap_compare(desk(), terminal_size=LAPTOP, run_before=before)
