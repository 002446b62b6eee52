"""The lists: what stands first, what stands there when there is nothing, and 5,000 rows."""

from __future__ import annotations

import time

from consoles.clinical.screens.my_day import news_row
from consoles.clinical.screens.patients import patient_row
from consoles.kit.table import Table
from consoles.kit.testing import settled
from consoles.kit.text import width_of
from core.care.patients import Here, News
from core.diets.flags import Flag
from core.diets.verdict import VerdictKind
from core.kernel.tx import Tx
from core.kernel.values import MINUTE_MS
from tests import given
from tests.consoles.clinical.conftest import Arrive, Desk
from tests.consoles.clinical.doing import DESK, LAPTOP, LARGE_TYPE, NUTRITIONIST, app_of, press, rows, shown, sign_in
from tests.kitchen_tui import lunch

FIVE = (
    Flag("nil_by_mouth", (("since", lunch.NOW), ("why", "doctor"))),
    Flag("allergy", (("substances", "celery crustaceans egg fish gluten lupin milk"),)),
    Flag("texture", (("level", "4"),)),
    Flag("fluids", (("level", "2"),)),
    Flag("component", (("components", "diabetic low_salt renal"),)),
)


def somebody(number: int, flags: tuple[Flag, ...] = FIVE) -> Here:
    bed = f"A-{number:03}"
    return Here(f"stay-{number}", "A", bed, lunch.NOW, flags, "lunch", "L-0412", "confirmed", VerdictKind.ALLOW)


async def test_no_patient_is_a_state_with_a_sentence(desk: Desk, tx: Tx) -> None:
    async with desk().run_test(size=LAPTOP) as pilot:
        await sign_in(pilot)
        assert "No patient is here." in shown(pilot)
        await press(pilot, "3")
        assert "No meal is held." in shown(pilot)
        await press(pilot, "1")
        assert "Nothing waits for you." in shown(pilot)


async def test_held_meals_stand_by_their_deadline_with_reason_and_owner(desk: Desk, tx: Tx) -> None:
    lunch.swing(tx)
    given.service(tx, "dinner", hour=18)
    stay = lunch.admitted(tx, lunch.Meal("", "B-021", (), allergies=None))
    later = lunch.PlaceOrder(
        stay_id=stay, service_id=given.DINNER, number="D-0001", lines=(lunch.Ordered(dish_id="umuceri"),)
    )
    given.perform(tx, later, by=given.DOCTOR, at=lunch.NOW)
    async with desk().run_test(size=DESK) as pilot:
        await sign_in(pilot, NUTRITIONIST)
        await press(pilot, "3")
        assert [row[1:].split()[0:3] for row in rows(pilot)[3:6]] == [
            ["cart", "in", "18"],
            ["cart", "in", "18"],
            ["4", "h", "18"],
        ]
        assert "D-0001  B-021    dinner     HELD" in rows(pilot)[5]
        assert "allergies not asked" in rows(pilot)[5] and "for the nurse" in rows(pilot)[5]
        assert "STOPPED" in rows(pilot)[4] and "for the doctor" in rows(pilot)[4]


async def test_my_day_lists_held_meals_words_to_match_tries_and_who_is_new(desk: Desk, tx: Tx) -> None:
    from core.diets.allergies import RecordAllergy

    orders = lunch.swing(tx)
    red = RecordAllergy(stay_id="stay-A-019", text="something red")
    given.perform(tx, red, by=given.NURSE, at=lunch.NOW - 5 * MINUTE_MS)
    from core.orders.attempts import NoteAttempt

    tried = NoteAttempt(order_id=orders["L-0398"].id, step="start")
    for _ in range(2):
        given.perform(tx, tried, by=given.COOK, at=lunch.NOW)
    async with desk().run_test(size=DESK) as pilot:
        await sign_in(pilot, NUTRITIONIST)
        assert rows(pilot)[1].split("   ")[:4] == [" 3 held", "1 allergies to match", "1 tried in vain", "10 new"]
        assert 'an allergy in words: "something red"' in shown(pilot)
        assert "ordered, and stopped by the rules: nil by mouth" in shown(pilot)


def test_no_flag_is_cut_on_any_width() -> None:
    for width in (40, 60, 80, 120, 160):
        row = patient_row(somebody(1), width, "en")
        told = " ".join(" ".join([row.cells[1].plain, *(line.plain for line in row.below)]).split())
        for said in ("NIL BY MOUTH", "CELERY", "CRUSTACEANS", "MILK", "4 PUREED", "2 MILDLY THICK", "LOW SALT"):
            assert said in told, (width, said)
        assert max(width_of(line) for line in row.below) <= width


async def test_five_thousand_patients_roll_and_are_found_without_a_wait(desk: Desk, tx: Tx) -> None:
    lunch.swing(tx)
    app = desk()
    async with app.run_test(size=DESK) as pilot:
        await sign_in(pilot)
        table = app.seen.query_one(Table)
        many = [patient_row(somebody(number, FIVE[1:3]), 120, "en") for number in range(1, 5_001)]
        began = time.process_time()
        table.fill(many)
        filled = time.process_time() - began
        table.action_go_to(-1)
        assert table.chosen == "stay-5000"
        assert table.find(lambda row: row.cells[0] == "A-2500")
        await settled(pilot)
        assert ("A-2500" in shown(pilot), table.chosen) == (True, "stay-2500")
        assert filled < 0.1, filled


async def test_the_smallest_screen_shows_beds_flags_and_verdicts(desk: Desk, tx: Tx) -> None:
    lunch.swing(tx)
    async with desk().run_test(size=LARGE_TYPE) as pilot:
        await sign_in(pilot)
        assert "[?] ALLERGY NOT ASKED" in shown(pilot) and "HELD" in shown(pilot)


async def test_the_cursor_holds_on_to_a_patient_when_others_come(desk: Desk, tx: Tx, arrive: Arrive) -> None:
    lunch.swing(tx)
    app = desk()
    async with app.run_test(size=DESK) as pilot:
        await sign_in(pilot)
        table = app_of(pilot).seen.query_one(Table)
        assert table.choose("stay-A-015")
        lunch.admitted(tx, lunch.Meal("", "A-001", ()))
        arrive(app)
        await press(pilot, "shift+tab")
        assert ("A-001" in shown(pilot), table.chosen) == (True, "stay-A-015")


def test_what_was_tried_is_told_with_its_dish_and_what_may_be_had_instead() -> None:
    tried = News("attempt", "stay-1", "A", "A-015", lunch.NOW, "allergy", dish_id="isombe", suggested_id="beans")
    row = news_row("1", tried, 120, "en", {"isombe": "Isombe", "beans": "Ibishyimbo"})
    assert "stopped by the rules: allergy, Isombe; instead: Ibishyimbo" in str(row.cells[0])


def test_on_a_small_screen_no_word_of_it_is_cut() -> None:
    tried = News("attempt", "stay-1", "A", "A-015", lunch.NOW, "allergy", dish_id="isombe", suggested_id="beans")
    row = news_row("1", tried, 40, "en", {"isombe": "Isombe", "beans": "Ibishyimbo"})
    assert "instead: Ibishyimbo" in " ".join(line.plain.strip() for line in row.below)
    assert max(width_of(line) for line in row.below) <= 40
