"""What a clinician does, from the key to what becomes of the meals: seen before it is saved, done at once, offline."""

from __future__ import annotations

from consoles.kit.testing import StillClock, settled
from core.diets.model import DietProfile
from core.kernel.tx import Tx
from core.orders.commands import MarkReady, StartCooking
from core.orders.model import OrderState
from core.wards.model import Stay
from tests import given
from tests.consoles.clinical.conftest import Arrive, Desk
from tests.consoles.clinical.doing import (
    DESK,
    LAPTOP,
    NURSE,
    NUTRITIONIST,
    app_of,
    card_of,
    foreseen,
    held_rows,
    message,
    open_card,
    order_here,
    press,
    rows,
    saved,
    shown,
)
from tests.kitchen_tui import lunch


def on_the_way(tx: Tx, number: str = "L-0412") -> None:
    """That meal's tray is on its way to the bed."""
    from core.delivery.commands import TakeOut

    orders = lunch.served(tx)
    for command, by in (
        (StartCooking(order_id=orders[number].id), given.COOK),
        (MarkReady(order_id=orders[number].id), given.COOK),
        (TakeOut(order_id=orders[number].id), given.RUNNER),
    ):
        given.perform(tx, command, by=by, at=lunch.NOW - 60_000)


async def test_nil_by_mouth_says_before_it_is_saved_that_a_tray_on_its_way_is_stopped(desk: Desk, tx: Tx) -> None:
    on_the_way(tx)
    async with desk().run_test(size=DESK) as pilot:
        await open_card(pilot, "A-015")
        await press(pilot, "m")
        assert foreseen(pilot) == [("L-0412", "allow", "block", "tray_stopped")]
        assert "IF YOU SAVE:  NIL BY MOUTH, FROM NOW" in shown(pilot)
        assert "1 tray on the way will be stopped" in shown(pilot)
        assert "the handheld rings: DO NOT GIVE" in shown(pilot)


async def test_nothing_is_saved_by_looking(desk: Desk, tx: Tx) -> None:
    on_the_way(tx)
    async with desk().run_test(size=DESK) as pilot:
        await open_card(pilot, "A-015")
        for key in ("m", "escape", "h", "escape"):
            await press(pilot, key)
        assert (saved(pilot), held_rows(pilot), order_here(pilot, "L-0412").stop) == ([], 0, "")


async def test_enter_stops_the_tray_at_once_with_no_server_in_reach(desk: Desk, tx: Tx) -> None:
    on_the_way(tx)
    async with desk().run_test(size=DESK) as pilot:
        await open_card(pilot, "A-015")
        await press(pilot, "m", "enter")
        assert saved(pilot) == ["diets.start_nil_by_mouth"]
        assert order_here(pilot, "L-0412").stop == "nil_by_mouth"
        assert card_of(pilot).pane is None
        assert message(pilot) == "NIL BY MOUTH, FROM NOW  A-015  doctor_1, 12:12"
        assert "[X] NIL BY MOUTH since 12:12, doctor" in rows(pilot)[1]
        assert "## STOP ##" in shown(pilot)


async def test_until_the_link_is_there_the_card_says_that_nobody_else_has_it(
    desk: Desk, tx: Tx, clock: StillClock
) -> None:
    on_the_way(tx)
    async with desk().run_test(size=DESK) as pilot:
        await open_card(pilot, "A-015")
        clock.pass_(minutes=4)
        await press(pilot, "m", "enter")
        await press(pilot, "escape", "enter")
        assert "OFFLINE 4 min, 1 to send" in rows(pilot)[0]
        assert "saved here, waits for the link: no other console has it yet" in rows(pilot)[34]


async def test_an_allergy_is_typed_in_part_and_blocks_the_meal_that_holds_it(desk: Desk, tx: Tx) -> None:
    given.ingredient(tx, "groundnut", allergens=("peanut",))
    given.dish(tx, "isombe", "groundnut", price=900, suits=lunch.SUITS)
    lunch.order(tx, lunch.Meal("L-0450", "A-033", (("isombe", 2),)))
    async with desk().run_test(size=DESK) as pilot:
        await open_card(pilot, "A-033")
        await press(pilot, "a", *"pean", "enter")
        assert foreseen(pilot) == [("L-0450", "allow", "block", "held")]
        await press(pilot, "enter")
        assert (saved(pilot), order_here(pilot, "L-0450").state) == (["diets.record_allergy"], OrderState.HELD)
        assert "[!] ALLERGY PEANUT not confirmed" in rows(pilot)[1]


async def test_an_allergy_in_words_holds_the_meals_until_it_is_matched(desk: Desk, tx: Tx) -> None:
    lunch.order(tx, lunch.Meal("L-0450", "A-033", (("umuceri", 2),)))
    async with desk().run_test(size=DESK) as pilot:
        await open_card(pilot, "A-033")
        await press(pilot, "a", *"something red", "enter")
        assert foreseen(pilot) == [("L-0450", "allow", "hold", "held")]
        await press(pilot, "enter")
        assert "[?] ALLERGY NOT MATCHED" in rows(pilot)[1]
        await press(pilot, "a", "shift+tab", "right", "space", "tab", *"pean", "enter")
        assert foreseen(pilot) == [("L-0450", "hold", "allow", "released")]
        await press(pilot, "enter")
        assert (saved(pilot), order_here(pilot, "L-0450").state) == (
            ["diets.record_allergy", "diets.match_allergy"],
            OrderState.CONFIRMED,
        )


async def test_asked_and_none_releases_a_meal_that_was_held_for_it(desk: Desk, tx: Tx) -> None:
    lunch.order(tx, lunch.Meal("L-0423", "EM-002", (("sosoma", 2),), allergies=None))
    async with desk().run_test(size=DESK) as pilot:
        await open_card(pilot, "EM-002")
        await press(pilot, "a", *"asked", "enter")
        assert foreseen(pilot) == [("L-0423", "hold", "allow", "released")]
        await press(pilot, "enter")
        assert order_here(pilot, "L-0423").state == OrderState.CONFIRMED


async def test_a_doctor_withdraws_an_allergy_with_a_reason(desk: Desk, tx: Tx) -> None:
    lunch.order(tx, lunch.Meal("L-0412", "A-015", (("umuceri", 2),), allergies=("fish",)))
    async with desk().run_test(size=DESK) as pilot:
        card = await open_card(pilot, "A-015")
        await press(pilot, "a", "shift+tab", "right", "space", "enter")
        assert (saved(pilot), message(pilot)) == ([], 'Type what it is, then Enter; "asked, none" if there is none.')
        await press(pilot, *["tab"] * 6)
        await press(pilot, *"eats it daily", "enter")
        assert saved(pilot) == ["diets.withdraw_allergy"]
        assert card.card is not None and card.card.profile.allergens == ""


async def test_a_diet_order_is_three_letters_enter_enter(desk: Desk, tx: Tx) -> None:
    lunch.order(tx, lunch.Meal("L-0412", "A-015", (("umuceri", 2),)))
    async with desk().run_test(size=DESK) as pilot:
        card = await open_card(pilot, "A-015")
        await press(pilot, "d", *"dia", "enter", "enter")
        assert saved(pilot) == ["diets.prescribe_diet"]
        assert "[=] DIABETIC" in rows(pilot)[1]
        assert card.card is not None
        assert [period.is_over_at(lunch.NOW) for period in card.card.periods] == [True, False]


async def test_a_diet_order_tells_which_meals_flip_and_what_it_ends(desk: Desk, tx: Tx) -> None:
    given.dish(tx, "brochette", "plain", price=900, suits=("regular",))
    lunch.order(tx, lunch.Meal("L-0412", "A-015", (("brochette", 2),)))
    cooking = lunch.order(tx, lunch.Meal("L-0413", "A-016", (("brochette", 2),)))
    given.perform(tx, StartCooking(order_id=cooking.id), by=given.COOK, at=lunch.NOW)
    async with desk().run_test(size=DESK) as pilot:
        await open_card(pilot, "A-016")
        await press(pilot, "d", *"ren", "enter")
        assert foreseen(pilot) == [("L-0413", "allow", "block", "kitchen_stop")]
        assert "the kitchen gets a STOP card" in shown(pilot)
        assert "ends: Regular, since 09:00" in shown(pilot)
        await press(pilot, "enter")
        assert (order_here(pilot, "L-0413").stop, order_here(pilot, "L-0412").state) == ("component", "confirmed")


async def test_a_diet_order_beside_another_ends_nothing(desk: Desk, tx: Tx) -> None:
    lunch.order(tx, lunch.Meal("L-0412", "A-015", (("umuceri", 2),), diet=("diabetic",)))
    async with desk().run_test(size=DESK) as pilot:
        await open_card(pilot, "A-015")
        await press(pilot, "d", *"low s", "enter", "tab", "right", "space", "enter")
        assert saved(pilot) == ["diets.prescribe_diet"]
        assert "[=] DIABETIC + LOW SALT" in rows(pilot)[1]


async def test_limits_and_hours_are_typed_as_people_write_them(desk: Desk, tx: Tx) -> None:
    lunch.order(tx, lunch.Meal("L-0412", "A-015", (("umuceri", 2),)))
    async with desk().run_test(size=DESK) as pilot:
        card = await open_card(pilot, "A-015")
        await press(pilot, "d", *"low", "enter", "tab", "tab", "tab", "tab", *"sodium 800")
        await press(pilot, "tab", "tab", "tab", "tab", *"14:00", "tab", *"18", "enter")
        assert card.card is not None
        newest = card.card.periods[-1]
        day = given.MIDNIGHT
        assert (newest.limits, newest.from_at, newest.until_at) == (
            {"sodium_mg": 800},
            day + 14 * 3_600_000,
            day + 18 * 3_600_000,
        )


async def test_an_hour_that_is_none_is_told_and_nothing_is_saved(desk: Desk, tx: Tx) -> None:
    lunch.order(tx, lunch.Meal("L-0412", "A-015", (("umuceri", 2),)))
    async with desk().run_test(size=DESK) as pilot:
        await open_card(pilot, "A-015")
        await press(pilot, "m", "tab", *"25:99", "enter")
        assert (saved(pilot), message(pilot)) == ([], '"25:99" is no hour. Write 14:00.')


async def test_a_nurse_holds_the_trays_with_two_keys_and_the_doctor_is_told_by_the_card(desk: Desk, tx: Tx) -> None:
    on_the_way(tx)
    async with desk().run_test(size=DESK) as pilot:
        await open_card(pilot, "A-015", NURSE)
        await press(pilot, "h")
        assert foreseen(pilot) == [("L-0412", "allow", "block", "tray_stopped")]
        await press(pilot, "enter")
        assert (saved(pilot), order_here(pilot, "L-0412").stop) == (["diets.hold_trays"], "trays_held")
        assert "[X] HOLD ALL TRAYS since 12:12" in rows(pilot)[1]


async def test_a_nurse_reads_that_a_diet_is_a_doctors_and_holds_instead(desk: Desk, tx: Tx) -> None:
    lunch.served(tx)
    async with desk().run_test(size=DESK) as pilot:
        await open_card(pilot, "A-015", NURSE)
        await press(pilot, "d")
        assert "Only a doctor can write a diet order." in shown(pilot)
        assert "You can hold the trays now (h) and the doctor" in shown(pilot)
        await press(pilot, "2")
        assert "IF YOU SAVE:  ALL TRAYS HELD, FROM NOW" in shown(pilot)


async def test_a_nutritionist_orders_an_allowed_meal_for_a_patient(desk: Desk, tx: Tx) -> None:
    given.service(tx, "dinner", hour=18)
    lunch.order(tx, lunch.Meal("L-0412", "A-015", (("umuceri", 2),)))
    async with desk().run_test(size=DESK) as pilot:
        await open_card(pilot, "A-015", NUTRITIONIST)
        await press(pilot, "o", *"kaw", "enter")
        assert "TO COOK" in shown(pilot) and "ALLOWED" in shown(pilot)
        await press(pilot, "enter")
        assert saved(pilot) == ["orders.place_order"]
        dinner = next(meal for meal in card_of(pilot).card.meals if meal.service.meal == "dinner")
        assert (dinner.order.number[:3], dinner.dishes) == ("D-8", (("Kawunga", 2),))


async def test_a_preference_is_waved_on_by_whoever_asked_the_patient(desk: Desk, tx: Tx) -> None:
    given.service(tx, "dinner", hour=18)
    more = (("preferences", ("halal",)),)
    lunch.admitted(tx, lunch.Meal("", "A-015", (), more=more))
    async with desk().run_test(size=DESK) as pilot:
        await open_card(pilot, "A-015", NUTRITIONIST)
        await press(pilot, "o", *"kaw", "enter", "enter")
        assert saved(pilot) == []
        await press(pilot, "2")
        assert saved(pilot) == ["orders.place_order"]


async def test_a_dish_that_is_not_for_the_patient_is_not_offered_and_says_why(desk: Desk, tx: Tx) -> None:
    given.ingredient(tx, "groundnut", allergens=("peanut",))
    given.dish(tx, "isombe", "groundnut", price=900, suits=lunch.SUITS)
    given.service(tx, "dinner", hour=18)
    lunch.admitted(tx, lunch.Meal("", "A-015", (), allergies=("peanut",)))
    async with desk().run_test(size=DESK) as pilot:
        await open_card(pilot, "A-015", NUTRITIONIST)
        await press(pilot, "o", *"isombe", "enter", "enter")
        assert (saved(pilot), "isombe: allergy: contains peanut" in shown(pilot)) == ([], True)


async def test_what_may_still_be_had_today_is_told_and_unknown_is_a_word(desk: Desk, tx: Tx) -> None:
    more = (("limits", {"sodium_mg": 800, "potassium_mg": 2_000}),)
    lunch.order(tx, lunch.Meal("L-0412", "A-015", (("umuceri", 2),), more=more))
    async with desk().run_test(size=DESK) as pilot:
        await open_card(pilot, "A-015")
        assert "left today potassium not known     sodium (salt) 790 mg" in shown(pilot)


async def test_a_change_made_elsewhere_is_on_the_open_card_without_a_key(desk: Desk, tx: Tx, arrive: Arrive) -> None:
    lunch.served(tx)
    app = desk()
    async with app.run_test(size=DESK) as pilot:
        await open_card(pilot, "A-009")
        given.nil_by_mouth(tx, "stay-A-009", at=lunch.NOW)
        arrive(app)
        await settled(pilot)
        assert "[X] NIL BY MOUTH" in rows(pilot)[1]


async def test_a_patient_who_went_home_leaves_a_sentence_on_the_open_card(desk: Desk, tx: Tx) -> None:
    lunch.served(tx)
    app = desk()
    async with app.run_test(size=LAPTOP) as pilot:
        card = await open_card(pilot, "A-009")
        door = app_of(pilot).store.door
        assert door is not None

        def gone() -> None:
            from core.store.write import drop_rows

            with door._store.writing() as connection:
                drop_rows(connection, [(Stay, "stay-A-009"), (DietProfile, "stay-A-009")])

        await app.store.run(gone)
        card.ask_soon()
        await press(pilot, "shift+tab")
        assert "This patient is no longer on this console" in shown(pilot)
        await press(pilot, "m", "e", "enter", "tab")
        assert saved(pilot) == []


async def test_a_nurse_isolates_a_patient_and_nil_by_mouth_leaves_the_flag(desk: Desk, tx: Tx) -> None:
    lunch.order(tx, lunch.Meal("L-0412", "A-015", (("umuceri", 2),)))
    async with desk().run_test(size=DESK) as pilot:
        await open_card(pilot, "A-015", NURSE)
        await press(pilot, "i", "right", "space", "enter")
        assert (saved(pilot), "[+] ISOLATION CONTACT" in rows(pilot)[1]) == (["diets.isolate"], True)
        await open_card(pilot, "A-015")
        await press(pilot, "m", "enter")
        assert "[X] NIL BY MOUTH since 12:12, doctor" in rows(pilot)[1] and "[+] ISOLATION CONTACT" in rows(pilot)[1]
        await press(pilot, "i", "end", *["right"] * 4, "space", "enter")
        assert saved(pilot) == ["diets.start_nil_by_mouth", "diets.end_isolation"]
        assert "[+]" not in rows(pilot)[1]


async def test_isolation_without_its_kind_is_not_saved(desk: Desk, tx: Tx) -> None:
    lunch.served(tx)
    async with desk().run_test(size=LAPTOP) as pilot:
        await open_card(pilot, "A-015")
        await press(pilot, "i", "enter")
        assert (saved(pilot), message(pilot)) == ([], "Choose the kind of isolation: Space takes it.")


async def test_today_names_the_default_tray_that_will_come_and_the_one_that_came(desk: Desk, tx: Tx) -> None:
    from core.menu.defaults import SetDefaultMeal
    from core.orders.defaults import PlaceDefault

    given.service(tx, "dinner", hour=18)
    stay_id = lunch.admitted(tx, lunch.Meal("", "A-015", ()))
    for meal in ("lunch", "dinner"):
        default = SetDefaultMeal(default_id=meal, kitchen_id="main", meal=meal, rank=1, dish_ids=("umuceri",))
        given.perform(tx, default, by=given.LEAD, at=lunch.ORDERED)
    came = PlaceDefault(stay_id=stay_id, service_id=lunch.LUNCH, number="T-00001")
    given.perform(tx, came, by=given.SYSTEM, at=lunch.NOW)
    async with desk().run_test(size=DESK) as pilot:
        await open_card(pilot, "A-015")
        assert "T-00001  default tray:" in shown(pilot) and "Umuceri" in shown(pilot)
        assert "dinner     default tray, 16:30" in shown(pilot)


async def test_plan_kept_is_an_exact_fraction_and_no_meal_has_no_share(desk: Desk, tx: Tx) -> None:
    from core.delivery.commands import GiveTray, TakeOut

    orders = lunch.served(tx)
    for number in ("L-0412", "L-0420"):
        order = orders[number]
        for command, by in (
            (StartCooking(order_id=order.id), given.COOK),
            (MarkReady(order_id=order.id), given.COOK),
            (TakeOut(order_id=order.id), given.RUNNER),
            (GiveTray(order_id=order.id, wristband=order.stay_id), given.RUNNER),
        ):
            given.perform(tx, command, by=by, at=lunch.NOW - 60_000)
    async with desk().run_test(size=DESK) as pilot:
        await open_card(pilot, "A-015")
        assert "PLAN KEPT  1 of 1 meals, 100 %   since" in shown(pilot)
        await open_card(pilot, "A-009")
        assert "PLAN KEPT  --  no meal was served yet" in shown(pilot)
