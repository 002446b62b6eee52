"""The wall: nothing moves under a finger, nothing safe is got past, and it stays readable whoever is there."""

from __future__ import annotations

import pytest

from consoles.kit.dialogs import ChooseScreen, RefusedScreen
from consoles.kit.sign_in import PinScreen, WhoScreen
from consoles.kit.testing import StillClock, pressed, settled
from core.diets.allergies import RecordAllergy
from core.kernel.tx import Tx
from core.orders.commands import MarkReady, StartCooking
from core.orders.model import Order
from tests import given
from tests.kitchen_tui import lunch
from tests.kitchen_tui.conftest import Arrive, Wall
from tests.kitchen_tui.lunch import Meal
from tests.kitchen_tui.presses import board_of, choose, message, rows, saved, sign_in

LATE = Meal("L-0431", "A-001", (("umuceri", 2),))
SIZE = (80, 24)


def orders_of(tx: Tx) -> dict[str, Order]:
    return lunch.swing(tx)


# -- what must be read first ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "said"),
    [("L-0398", "Read tile 2 first, then press ."), ("L-0417", "Read tile 9 first, then press .")],
)
async def test_enter_does_not_go_past_a_stop_or_a_change(wall: Wall, tx: Tx, number: str, said: str) -> None:
    orders_of(tx)
    app = wall()
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        await sign_in(pilot)
        await choose(pilot, number)
        before = app.rings
        await pressed(pilot, "enter")
        assert (message(pilot), saved(pilot), app.rings - before) == (said, [], 1)


async def test_a_held_meal_says_why_and_whom_to_ask(wall: Wall, tx: Tx) -> None:
    orders_of(tx)
    async with wall().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await sign_in(pilot)
        await choose(pilot, "L-0423")
        await pressed(pilot, "enter")
        assert message(pilot) == "L-0423 is held: [?] ALLERGY NOT ASKED. Ask the ward, ext 217."


async def test_a_press_is_judged_by_rules_that_came_a_moment_ago(wall: Wall, tx: Tx, arrive: Arrive) -> None:
    """The store knows of it, the screen does not yet: as when a change lands between two frames."""
    orders = orders_of(tx)
    app = wall()
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        await sign_in(pilot)
        await choose(pilot, "L-0412")
        given.nil_by_mouth(tx, orders["L-0412"].stay_id, at=lunch.NOW)
        arrive(app, told=False)
        await pressed(pilot, "enter")
        assert isinstance(app.screen, RefusedScreen)
        assert (saved(pilot), app.screen.said.stays) == ([], "Nothing was started. The order keeps its place.")


async def test_whoever_cooked_it_already_can_say_so_after_a_refusal(wall: Wall, tx: Tx, arrive: Arrive) -> None:
    orders = orders_of(tx)
    app = wall()
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        await sign_in(pilot)
        await choose(pilot, "L-0412")
        given.nil_by_mouth(tx, orders["L-0412"].stay_id, at=lunch.NOW)
        arrive(app, told=False)
        await pressed(pilot, "enter", "2")
        told = board_of(pilot).performed[-1]
        assert (told.name, told.problem) == ("orders.flag_problem", "cooked_already")


async def test_whoever_leans_on_enter_starts_a_meal_and_does_not_send_it_away(wall: Wall, tx: Tx) -> None:
    orders_of(tx)
    async with wall().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await sign_in(pilot)
        await choose(pilot, "L-0412")
        for _ in range(5):
            await pilot.press("enter")
        await settled(pilot)
        assert saved(pilot) == ["orders.start_cooking"]


async def test_what_was_undone_is_chosen_again_wherever_it_lies(wall: Wall, tx: Tx, clock: StillClock) -> None:
    orders_of(tx)
    app = wall()
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        await sign_in(pilot)
        await choose(pilot, "L-0405")
        await pressed(pilot, "enter", "enter")
        clock.pass_(seconds=4)
        app.tick()
        await settled(pilot)
        await pressed(pilot, "u")
        assert (board_of(pilot).board.chosen_card.number, saved(pilot)[-1]) == ("L-0405", "orders.take_back")


# -- nothing moves ----------------------------------------------------------------------------------------------------


async def test_a_new_order_joins_at_the_end_and_is_tidied_after_three_seconds(
    wall: Wall, tx: Tx, arrive: Arrive, clock: StillClock
) -> None:
    orders_of(tx)
    app = wall()
    async with app.run_test(size=(132, 43)) as pilot:
        await settled(pilot)
        await pressed(pilot, "4")
        lunch.order(tx, LATE)
        arrive(app)
        await settled(pilot)
        board = board_of(pilot).board
        assert (board.chosen_card.number, board.pages, "1 new on page 2" in rows(pilot)[1]) == ("L-0426", 2, True)
        clock.pass_(seconds=4)
        app.tick()
        await settled(pilot)
        third = board.cards[board.key_at(3)].number
        assert (third, board.chosen_card.number) == ("L-0431", "L-0426")


async def test_a_meal_that_is_ready_leaves_its_place_empty_for_a_moment(wall: Wall, tx: Tx, clock: StillClock) -> None:
    orders_of(tx)
    app = wall()
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        await sign_in(pilot)
        await choose(pilot, "L-0405")
        await pressed(pilot, "enter", "enter")
        board = board_of(pilot).board
        there = [board.number_of(key) for key, t in board.cards.items() if t.number == "L-0417"]
        await pressed(pilot, "enter")
        assert (there, message(pilot)) == ([9], "That meal has left the board. Choose another, or press r.")
        clock.pass_(seconds=4)
        app.tick()
        await settled(pilot)
        assert [board.number_of(key) for key, t in board.cards.items() if t.number == "L-0417"] == [8]


async def test_the_cursor_holds_on_to_the_order_while_others_leave(wall: Wall, tx: Tx, arrive: Arrive) -> None:
    orders = orders_of(tx)
    app = wall()
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        await choose(pilot, "L-0420")
        given.perform(tx, StartCooking(order_id=orders["L-0426"].id), by=given.COOK, at=lunch.NOW)
        given.perform(tx, MarkReady(order_id=orders["L-0426"].id), by=given.COOK, at=lunch.NOW)
        arrive(app)
        await settled(pilot)
        assert (board_of(pilot).board.chosen_card.number, rows(pilot)[9][54:65]) == ("L-0420", ">6 A-031   ")


async def test_an_open_dialog_survives_what_happens_under_it(wall: Wall, tx: Tx, arrive: Arrive) -> None:
    orders_of(tx)
    app = wall()
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        await choose(pilot, "L-0420")
        await pressed(pilot, "i")
        lunch.order(tx, LATE)
        arrive(app)
        await settled(pilot)
        assert isinstance(app.screen, ChooseScreen)
        assert "L-0431" in {ticket.number for ticket in board_of(pilot).board.cards.values()}


async def test_a_digit_without_a_tile_says_so(wall: Wall, tx: Tx) -> None:
    lunch.order(tx, LATE)
    async with wall().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await pressed(pilot, "7")
        assert message(pilot) == "There is no tile 7 on this page."


# -- who --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("seconds", "acts"), [(0.4, []), (3, ["orders.start_cooking"])])
async def test_whoever_ends_the_pin_with_enter_starts_no_meal_by_it(
    wall: Wall, tx: Tx, clock: StillClock, seconds: float, acts: list[str]
) -> None:
    orders_of(tx)
    async with wall().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await choose(pilot, "L-0412")
        await sign_in(pilot)
        clock.pass_(seconds=seconds)
        await pilot.press("enter")
        await settled(pilot)
        assert saved(pilot) == acts


async def test_a_locked_wall_stays_readable_and_the_act_happens_after_the_pin(wall: Wall, tx: Tx) -> None:
    orders_of(tx)
    app = wall()
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        assert "[!] ALLERGY FISH, PEANUT" in rows(pilot)[4]
        await choose(pilot, "L-0412")
        await pressed(pilot, "enter")
        assert isinstance(app.screen, WhoScreen)
        assert any("START L-0412 A-015: who?" in row for row in rows(pilot))
        await pressed(pilot, "2", *"246802")
        assert (saved(pilot), message(pilot)) == (["orders.start_cooking"], "COOKING  L-0412  A-015  cook_2, 12:12")


async def test_a_wrong_pin_says_how_many_tries_are_left(wall: Wall, tx: Tx) -> None:
    orders_of(tx)
    app = wall()
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        await pressed(pilot, "f10", "2", *"111111")
        assert isinstance(app.screen, PinScreen)
        assert any("Not that PIN. 4 tries left, then 30 s" in row for row in rows(pilot))


async def test_esc_drops_the_act_and_nothing_is_saved(wall: Wall, tx: Tx) -> None:
    orders_of(tx)
    app = wall()
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        await choose(pilot, "L-0412")
        await pressed(pilot, "enter", "2", "escape")
        assert (saved(pilot), app.acting.person) == ([], None)


async def test_the_wall_locks_after_two_minutes_without_an_act_of_that_person(
    wall: Wall, tx: Tx, clock: StillClock
) -> None:
    orders_of(tx)
    app = wall()
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        await sign_in(pilot)
        clock.pass_(seconds=119)
        await pressed(pilot, "4")
        app.tick()
        still = app.acting.person
        clock.pass_(seconds=2)
        app.tick()
        await settled(pilot)
        assert (still.display, app.acting.person, app.store.door.signed_in) == ("cook_2", None, "")
        assert rows(pilot)[1].endswith("LOCKED ")


# -- what stands on a card --------------------------------------------------------------------------------------------


async def test_five_flags_are_all_shown_and_the_card_grows(wall: Wall, tx: Tx) -> None:
    more = (
        ("food_level", "4"),
        ("fluid_level", "2"),
        ("isolation", "airborne"),
        ("assistance", ("glucose_first", "needs_help_eating")),
    )
    many = Meal("L-0440", "A-002", (("ibihaza", 2),), allergies=("milk", "peanut", "sesame"), more=more)
    lunch.order(tx, many)
    async with wall().run_test(size=SIZE) as pilot:
        await settled(pilot)
        card = [row[:26].rstrip() for row in rows(pilot)[3:15]]
    assert card == [
        ">1 A-002     FIRST glucose",
        "[!] ALLERGY MILK, PEANUT,",
        "    SESAME",
        "[#] TEXTURE 4 PUREED",
        "[~] FLUIDS 2 MILDLY THICK",
        "[+] ISOLATION AIRBORNE,",
        "    nurse only",
        "[%] GLUCOSE FIRST, nurse",
        "[H] NEEDS HELP EATING",
        "( ) Ibihaza binoze     1",
        "",
        "L-0440 TO COOK",
    ]


async def test_a_wish_is_shown_word_for_word_and_can_steer_nothing(wall: Wall, tx: Tx) -> None:
    lunch.order(tx, Meal("L-0441", "A-003", (("umuceri", 2),), wish="[@click=app.quit]no[/] [bold]salt"))
    async with wall().run_test(size=SIZE) as pilot:
        await settled(pilot)
        card = "".join(row[4:26].rstrip() for row in rows(pilot)[3:9])
        await pilot.click("#board", offset=(8, 3))
        assert ('"[@click=app.quit]no[/] [bold]salt"' in card, pilot.app.is_running) == (True, True)


async def test_a_patient_with_unknown_allergies_is_flagged_before_anything_else(wall: Wall, tx: Tx) -> None:
    orders_of(tx)
    async with wall().run_test(size=SIZE) as pilot:
        await settled(pilot)
        assert rows(pilot)[4].startswith("[?] ALLERGY NOT ASKED")


async def test_an_allergy_recorded_after_the_order_makes_a_changed_card(wall: Wall, tx: Tx, arrive: Arrive) -> None:
    order = lunch.order(tx, LATE)
    app = wall()
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        record = RecordAllergy(stay_id=order.stay_id, code="fish")
        given.perform(tx, record, by=given.DOCTOR, at=lunch.NOW)
        arrive(app)
        await settled(pilot)
        assert [row[:26].rstrip() for row in rows(pilot)[3:6]] == [
            ">1 A-001     ~~ CHANGED ~~",
            "[!] ALLERGY FISH",
            "    was REGULAR to 12:12",
        ]


async def test_a_stop_that_is_lifted_brings_the_meal_back_to_be_read(wall: Wall, tx: Tx, arrive: Arrive) -> None:
    orders = orders_of(tx)
    app = wall()
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        lunch.prescribe(tx, orders["L-0398"].stay_id, ("regular",), at=lunch.NOW)
        arrive(app)
        await settled(pilot)
        ticket = next(t for t in board_of(pilot).board.cards.values() if t.number == "L-0398")
        assert (ticket.is_stopped, ticket.changed is not None, ticket.state) == (False, True, "cooking")
