"""Every key in every key bar of the kitchen does what the bar says."""

from __future__ import annotations

import pytest

from consoles.kit.dialogs import ChooseScreen, TypeScreen
from consoles.kit.explain import ExplainScreen
from consoles.kit.help import CommandsScreen, HelpScreen
from consoles.kit.refused import SyncScreen
from consoles.kit.sign_in import WhoScreen
from consoles.kit.testing import StillClock, pressed, settled
from core.kernel.tx import Tx
from core.menu.defaults import SetDefaultMeal
from core.orders.defaults import PlaceDefault
from core.orders.held import SubstituteDish
from core.orders.model import OrderLine
from kitchen_tui.screens.all_day import AllDayScreen
from kitchen_tui.screens.board import BoardScreen
from kitchen_tui.screens.history import HistoryScreen, reason_told
from kitchen_tui.screens.recall import RecallScreen
from kitchen_tui.screens.stock import StockScreen
from tests import given
from tests.kitchen_tui import lunch
from tests.kitchen_tui.conftest import Wall
from tests.kitchen_tui.presses import board_of, choose, message, rows, saved, sign_in

SCREENS = (BoardScreen, AllDayScreen, RecallScreen, StockScreen, HistoryScreen, SyncScreen)


@pytest.mark.parametrize("screen", SCREENS, ids=[screen.__name__ for screen in SCREENS])
def test_every_name_in_a_bar_is_a_key_with_words_and_help(screen: type[BoardScreen]) -> None:
    from consoles.kit.everywhere import Everywhere
    from consoles.kit.keybar import registry
    from core.words import has

    bindings = [row for owner in screen.__mro__ for row in owner.__dict__.get("BINDINGS", [])]
    known = registry([*bindings, *Everywhere.BINDINGS])
    named = {name for bar in screen.BAR.values() for row in bar for name in row.replace("|", " ").split()}
    assert named - set(known) == set()
    assert [name for name in known if not has(f"key.{name}", "en")] == []


@pytest.mark.parametrize("screen", SCREENS, ids=[screen.__name__ for screen in SCREENS])
def test_every_key_has_an_act_behind_it(screen: type[BoardScreen]) -> None:
    bindings = [row for owner in screen.__mro__ for row in owner.__dict__.get("BINDINGS", [])]
    acts = {row.action.partition("(")[0] for row in bindings if getattr(row, "id", None)}
    assert [name for name in acts if not hasattr(screen, f"action_{name}")] == []


async def test_help_lists_every_key_of_the_screen_and_of_every_console(wall: Wall, tx: Tx) -> None:
    lunch.served(tx)
    async with wall().run_test(size=(80, 60)) as pilot:
        await settled(pilot)
        known = board_of(pilot).known_keys()
        await pressed(pilot, "f1")
        seen = "\n".join(rows(pilot))
    assert [key.shown for key in known.values() if f"| {key.shown} " not in seen] == []


async def test_a_digit_chooses_and_the_same_digit_ticks(wall: Wall, tx: Tx) -> None:
    lunch.swing(tx)
    async with wall().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await sign_in(pilot)
        await pressed(pilot, "3")
        assert (board_of(pilot).board.chosen_card.number, saved(pilot)) == ("L-0412", [])
        await pressed(pilot, "3")
        assert (saved(pilot), "(v) Ibishyimbo" in rows(pilot)[6]) == (["orders.tick_line"], True)


async def test_enter_starts_then_asks_once_about_ticks_then_makes_ready(wall: Wall, tx: Tx) -> None:
    lunch.swing(tx)
    async with wall().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await sign_in(pilot)
        await choose(pilot, "L-0412")
        await pressed(pilot, "enter")
        assert message(pilot) == "COOKING  L-0412  A-015  cook_2, 12:12"
        await pressed(pilot, "enter")
        assert message(pilot) == "0 of 2 ticked. Enter again = all are in."
        await pressed(pilot, "enter")
        assert message(pilot) == "READY  L-0412  A-015  cook_2, 12:12"
        assert saved(pilot) == ["orders.start_cooking", "orders.mark_ready"]


async def test_space_ticks_the_next_item_and_never_takes_one_off(wall: Wall, tx: Tx) -> None:
    lunch.swing(tx)
    async with wall().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await sign_in(pilot)
        await choose(pilot, "L-0412")
        await pressed(pilot, "space", "space", "space")
        assert (saved(pilot), message(pilot)) == (["orders.tick_line"] * 2, "L-0412: all are ticked. Enter = ready.")


async def test_the_full_stop_reads_a_stop_by_name(wall: Wall, tx: Tx) -> None:
    lunch.swing(tx)
    async with wall().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await sign_in(pilot)
        await choose(pilot, "L-0398")
        await pressed(pilot, "full_stop")
        assert (saved(pilot), message(pilot)) == (
            ["orders.acknowledge_stop"],
            "SET ASIDE L-0398 ICU-004  cook_2, 12:12",
        )
        assert rows(pilot)[2] == "-" * 80


async def test_the_full_stop_reads_a_change_by_name(wall: Wall, tx: Tx) -> None:
    lunch.swing(tx)
    async with wall().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await sign_in(pilot)
        await choose(pilot, "L-0417")
        await pressed(pilot, "full_stop")
        card = board_of(pilot).board.chosen_card
        assert (saved(pilot), card.changed) == (["orders.acknowledge_change"], None)


async def test_u_takes_the_last_step_back_for_ten_seconds(wall: Wall, tx: Tx, clock: StillClock) -> None:
    lunch.swing(tx)
    async with wall().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await sign_in(pilot)
        await choose(pilot, "L-0412")
        await pressed(pilot, "enter")
        assert rows(pilot)[21].endswith("u = undo, 10 s left ")
        await pressed(pilot, "u")
        assert (saved(pilot)[-1], board_of(pilot).board.chosen_card.state) == ("orders.take_back", "confirmed")
        await pressed(pilot, "enter")
        clock.pass_(seconds=11)
        await pressed(pilot, "u")
        assert message(pilot) == "There is nothing to undo now."


async def test_r_lists_what_was_made_and_enter_brings_one_back(wall: Wall, tx: Tx) -> None:
    lunch.swing(tx)
    async with wall().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await sign_in(pilot)
        await pressed(pilot, "r")
        assert rows(pilot)[2].startswith(">1 L-0401  A-009     READY        12:11  cook_2")
        await pressed(pilot, "enter")
        assert saved(pilot) == ["orders.take_back"]
        await pressed(pilot, "escape")
        assert "L-0401" in {ticket.number for ticket in board_of(pilot).board.cards.values()}


async def test_a_shows_the_day_and_esc_returns_to_the_same_tile(wall: Wall, tx: Tx) -> None:
    lunch.swing(tx)
    async with wall().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pressed(pilot, "6", "a")
        assert (type(pilot.app.screen), rows(pilot)[3].split()) == (AllDayScreen, [">Umuceri", "4", "1"])
        await pressed(pilot, "escape")
        assert board_of(pilot).board.chosen_card.number == "L-0420"


async def test_i_reports_a_problem_and_asks_whether_it_is_made_again(wall: Wall, tx: Tx) -> None:
    lunch.swing(tx)
    async with wall().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await sign_in(pilot)
        await choose(pilot, "L-0405")
        await pressed(pilot, "i")
        assert isinstance(pilot.app.screen, ChooseScreen)
        await pressed(pilot, "2", "1")
        flagged = board_of(pilot).performed[-1]
        assert (flagged.name, flagged.problem, flagged.remake) == ("orders.flag_problem", "dropped", True)
        assert board_of(pilot).board.chosen_card.state == "kitchen_issue"


async def test_cancelling_names_the_meal_and_is_asked_for_once(wall: Wall, tx: Tx) -> None:
    lunch.swing(tx)
    async with wall().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await sign_in(pilot, 3)
        await choose(pilot, "L-0420")
        await pressed(pilot, "i", "9")
        assert any("Cancel L-0420 for A-031?" in row for row in rows(pilot))
        await pressed(pilot, "2")
        assert saved(pilot) == ["orders.cancel_order"]


async def test_o_shows_what_it_hits_before_a_dish_is_out(wall: Wall, tx: Tx) -> None:
    lunch.swing(tx)
    async with wall().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await sign_in(pilot)
        await pressed(pilot, "o")
        place = next(at for at, row in enumerate(rows(pilot)) if "Kawunga" in row) - 1
        await pressed(pilot, str(place), "enter")
        assert any("2 to cook, 0 cooking, 0 held" in row for row in rows(pilot))
        await pressed(pilot, "1")
        assert (saved(pilot), message(pilot)) == (["menu.mark_out_of_stock"], "Kawunga is out of stock.")
        await pressed(pilot, "enter")
        assert saved(pilot)[-1] == "menu.back_in_stock"


async def test_n_sends_a_note_about_the_chosen_meal(wall: Wall, tx: Tx) -> None:
    lunch.swing(tx)
    async with wall().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await sign_in(pilot)
        await choose(pilot, "L-0420")
        await pressed(pilot, "n")
        assert isinstance(pilot.app.screen, TypeScreen)
        await pressed(pilot, *"hot", "enter")
        assert (board_of(pilot).performed[-1].note, board_of(pilot).performed[-1].remake) == ("hot", False)


async def test_e_tells_the_rule_its_version_its_author_and_its_age(wall: Wall, tx: Tx) -> None:
    lunch.swing(tx)
    async with wall().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await choose(pilot, "L-0398")
        await pressed(pilot, "e")
        assert isinstance(pilot.app.screen, ExplainScreen)
        told = [(line.label, line.text) for line in pilot.app.screen.told]
    assert told == [
        ("verdict", "BLOCKED"),
        ("", "[X] NIL BY MOUTH since 12:09, doctor"),
        ("rule", "nil by mouth since 12:09, doctor"),
        ("version", "4 of this patient's rules"),
        ("set by", "doctor_1, Tue 24 Nov 12:09"),
        ("last judged", "12:09"),
        ("known here", "rules of 12:12, 0 min old"),
    ]


@pytest.mark.parametrize(
    ("reason", "told"),
    [("nil_by_mouth", "nil by mouth"), ("wants soup", '"wants soup"'), ("Madamu_2", '"Madamu_2"'), ("", "")],
)
def test_why_in_a_history_is_a_rules_words_or_what_somebody_typed(reason: str, told: str) -> None:
    assert reason_told(reason, "en") == told


async def test_a_tray_that_nobody_chose_says_default(wall: Wall, tx: Tx) -> None:
    stay_id = lunch.admitted(tx, lunch.Meal("", "A-015", ()))
    default = SetDefaultMeal(default_id="plain", kitchen_id="main", meal="lunch", rank=1, dish_ids=("umuceri",))
    given.perform(tx, default, by=given.LEAD, at=lunch.ORDERED)
    placed = PlaceDefault(stay_id=stay_id, service_id=lunch.LUNCH, number="T-00001")
    given.perform(tx, placed, by=given.SYSTEM, at=lunch.NOW)
    async with wall().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert "T-00001 TO COOK  DEFAULT" in "\n".join(rows(pilot))


async def test_a_substitute_says_what_was_there_before(wall: Wall, tx: Tx) -> None:
    orders = lunch.served(tx)
    changed = given.now(tx, orders["L-0420"])
    line = tx.all(OrderLine, of=changed)[0]
    swap = SubstituteDish(order_id=changed.id, line_id=line.id, dish_id="umuceri")
    given.perform(tx, swap, by=given.NUTRITIONIST, at=lunch.NOW)
    async with wall().run_test(size=(132, 43)) as pilot:
        await settled(pilot)
        shown = "\n".join(rows(pilot))
        assert "was Kawunga to 12:12" in shown and "~~ CHANGED ~~" in shown


async def test_h_tells_the_whole_life_of_a_meal(wall: Wall, tx: Tx) -> None:
    lunch.swing(tx)
    async with wall().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await choose(pilot, "L-0405")
        await pressed(pilot, "h")
        told = [row.split() for row in rows(pilot)[3:5]]
    assert told == [["10:05", "ordered:", "TO", "COOK", "doctor_1"], ["12:06", "COOKING", "cook_1"]]


async def test_v_puts_equal_diets_beside_one_another_then_the_oldest_first(wall: Wall, tx: Tx) -> None:
    lunch.swing(tx)
    async with wall().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pressed(pilot, "v")
        diet = rows(pilot)[1]
        await pressed(pilot, "v")
        assert (diet[:12], rows(pilot)[1][:10]) == (" view: diet ", " view: age")


async def test_plus_and_minus_turn_the_pages(wall: Wall, tx: Tx) -> None:
    lunch.served(tx)
    async with wall().run_test(size=(60, 20)) as pilot:
        await settled(pilot)
        await pressed(pilot, "plus")
        there = board_of(pilot).board.page
        await pressed(pilot, "minus", "minus")
        assert (there, board_of(pilot).board.page, message(pilot)) == (1, 0, "No other page that way.")


async def test_slash_finds_a_bed_or_a_number(wall: Wall, tx: Tx) -> None:
    lunch.swing(tx)
    async with wall().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pressed(pilot, "slash", *"b-012", "enter")
        assert board_of(pilot).board.chosen_card.number == "L-0417"


async def test_b_silences_orders_for_ten_minutes_and_says_so(wall: Wall, tx: Tx) -> None:
    lunch.served(tx)
    async with wall().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pressed(pilot, "b")
        assert "bell off 10 min" in rows(pilot)[1]
        await pressed(pilot, "b")
        assert "bell on" in rows(pilot)[1]


@pytest.mark.parametrize(
    ("pressed_key", "opened"),
    [
        ("f1", HelpScreen),
        ("question_mark", HelpScreen),
        ("ctrl+p", CommandsScreen),
        ("f10", WhoScreen),
        ("f2", SyncScreen),
    ],
)
async def test_the_keys_of_every_console_open_what_they_say(
    wall: Wall, tx: Tx, pressed_key: str, opened: type[object]
) -> None:
    lunch.served(tx)
    async with wall().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pressed(pilot, pressed_key)
        assert type(pilot.app.screen) is opened
        await pressed(pilot, "escape")
        assert isinstance(pilot.app.screen, BoardScreen)


async def test_f3_speaks_the_next_language_and_f4_takes_the_next_colours(wall: Wall, tx: Tx) -> None:
    lunch.swing(tx)
    async with wall().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pressed(pilot, "f3")
        french = rows(pilot)[0]
        await pressed(pilot, "f4", "f4", "f4")
        assert (french[:9], pilot.app.theme) == (" CUISINE ", "plain")


async def test_a_number_pad_alone_is_enough(wall: Wall, tx: Tx) -> None:
    lunch.swing(tx)
    async with wall().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await sign_in(pilot)
        await choose(pilot, "L-0412")
        digit = str(board_of(pilot).board.number_of(board_of(pilot).board.chosen))
        await pressed(pilot, "enter", digit, "minus")
        undone = saved(pilot)
        await pressed(pilot, "asterisk")
        day = type(pilot.app.screen)
        await pressed(pilot, "asterisk", "0")
        assert (undone, day, type(pilot.app.screen)) == (
            ["orders.start_cooking", "orders.tick_line", "orders.tick_line"],
            AllDayScreen,
            RecallScreen,
        )


async def test_arrows_go_from_tile_to_tile(wall: Wall, tx: Tx) -> None:
    lunch.swing(tx)
    async with wall().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pressed(pilot, "down", "right", "up", "left")
        assert board_of(pilot).board.number_of(board_of(pilot).board.chosen) == 1
        await pressed(pilot, "right", "down")
        assert board_of(pilot).board.chosen_card.number == "L-0427"
