"""Every key in every key bar of the administrator's console does what the bar says."""

from __future__ import annotations

from pathlib import Path

import pytest

from consoles.admin.export import harmless
from consoles.admin.form import FormScreen
from consoles.admin.screen import AdminScreen
from consoles.admin.screens.beds import BedsScreen
from consoles.admin.screens.devices import DevicesScreen
from consoles.admin.screens.events import EventsScreen
from consoles.admin.screens.order import OrderScreen
from consoles.admin.screens.orders import OrdersScreen
from consoles.admin.screens.overview import OverviewScreen
from consoles.admin.screens.people import PeopleScreen
from consoles.admin.screens.person import PersonScreen
from consoles.admin.screens.postings import PostingsScreen
from consoles.admin.screens.reports import ReportsScreen
from consoles.admin.screens.trouble import TroubleScreen
from consoles.admin.screens.wards import WardsScreen
from consoles.kit.dialogs import ChooseScreen, TellScreen, TypeScreen
from consoles.kit.explain import ExplainScreen
from consoles.kit.help import HelpScreen
from consoles.kit.refused import SyncScreen
from consoles.kit.sign_in import WhoScreen
from consoles.kit.testing import pressed, settled
from core.kernel.tx import Tx
from core.words import LANGUAGES, has
from tests.consoles.admin import office
from tests.consoles.admin.conftest import Office
from tests.consoles.admin.office import (
    message,
    prove,
    queued,
    rows,
    saved,
    screen_of,
    sign_in,
    text_of,
    typed,
)

SCREENS: tuple[type[AdminScreen], ...] = (
    OverviewScreen,
    OrdersScreen,
    OrderScreen,
    WardsScreen,
    BedsScreen,
    PeopleScreen,
    PersonScreen,
    DevicesScreen,
    TroubleScreen,
    ReportsScreen,
    EventsScreen,
    PostingsScreen,
)


@pytest.mark.parametrize("screen", SCREENS, ids=[screen.__name__ for screen in SCREENS])
def test_every_name_in_a_bar_is_a_key_with_words_and_every_key_has_help(screen: type[AdminScreen]) -> None:
    from consoles.kit.everywhere import Everywhere
    from consoles.kit.keybar import registry

    bindings = [row for owner in screen.__mro__ for row in owner.__dict__.get("BINDINGS", [])]
    known = registry([*bindings, *Everywhere.BINDINGS])
    named = {name for bar in screen.BAR.values() for row in bar for name in row.replace("|", " ").split()}
    assert named - set(known) == set()
    assert [name for name in known for language in LANGUAGES if not has(f"key.{name}", language)] == []
    ours = [name for name in known if name.startswith("admin.")]
    assert [name for name in ours if not has(f"keyhelp.{name}", "en")] == []
    assert has(f"help.{screen.HELP_WORDS}", "en")


# -- the overview -----------------------------------------------------------------------------------------------------


async def test_digits_go_to_the_screens_that_are_there_and_esc_comes_back(admin: Office, tx: Tx) -> None:
    office.busy(tx)
    async with admin().run_test(size=(120, 36)) as pilot:
        await sign_in(pilot)
        reached = []
        for digit in "2347891":
            await pressed(pilot, digit)
            reached.append(type(screen_of(pilot)))
        assert reached == [
            OrdersScreen, WardsScreen, PeopleScreen, DevicesScreen, TroubleScreen, ReportsScreen, OverviewScreen,
        ]  # fmt: skip
        await pressed(pilot, "4", "escape", "5")
        assert (type(screen_of(pilot)), message(pilot)) == (OverviewScreen, "Screen 5 is not there yet.")


async def test_tab_goes_through_the_boxes_and_shift_tab_back(admin: Office, tx: Tx) -> None:
    office.busy(tx)
    async with admin().run_test(size=(120, 36)) as pilot:
        await sign_in(pilot)
        boxes = []
        for _ in range(8):
            boxes.append(str(pilot.app.focused.id))
            await pressed(pilot, "tab")
        assert boxes == ["needs", "wards", "service", "meals", "rest", "devices", "money", "refused"]
        await pressed(pilot, "shift+tab")
        assert pilot.app.focused.id == "refused"


@pytest.mark.parametrize(
    ("tabs", "told"),
    [
        (0, "STOP"),
        (1, "Beds without the closed ones"),
        (2, "Minutes from the order to the bed"),
        (3, "Orders of the meal under way"),
        (5, "This console knows itself for certain"),
        (6, "Postings in the books since midnight"),
        (7, "Refusals that nobody has read yet"),
    ],
)
async def test_e_explains_whatever_is_chosen(admin: Office, tx: Tx, tabs: int, told: str) -> None:
    office.busy(tx)
    async with admin().run_test(size=(120, 36)) as pilot:
        await sign_in(pilot)
        await pressed(pilot, *["tab"] * tabs, "e")
        assert isinstance(pilot.app.screen, ExplainScreen) and told in text_of(pilot)


async def test_o_on_what_is_no_order_says_where_to_choose_one(admin: Office, tx: Tx) -> None:
    async with admin().run_test(size=(120, 36)) as pilot:
        await sign_in(pilot)
        await pressed(pilot, "tab", "o")
        assert message(pilot) == "Choose an order first: in NEEDS A PERSON, or in 2 Orders."


async def test_x_writes_the_box_that_has_the_keys_to_a_file(admin: Office, tx: Tx) -> None:
    office.busy(tx)
    async with admin().run_test(size=(120, 36)) as pilot:
        await sign_in(pilot)
        await pressed(pilot, "tab", "x")
        assert message(pilot).startswith("Written to ")
        written = Path(message(pilot).removeprefix("Written to ").rstrip(".") + "v").with_suffix(".csv")
        text = written.read_text("utf-8-sig")
        assert (written.name, written.stat().st_mode & 0o777) == ("wards-2026-11-24-1212.csv", 0o600)
        assert text.splitlines()[0] == ",beds,occupied,no order yet,nil by mouth,out"
        assert text.splitlines()[1].startswith('"EM, first",40,')


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\tx", "  =1+1"])
def test_no_cell_of_a_file_is_taken_for_a_formula(cell: str) -> None:
    assert harmless(cell).startswith("'")


async def test_slash_finds_orders_beds_wards_people_and_consoles(admin: Office, tx: Tx) -> None:
    office.busy(tx)
    async with admin().run_test(size=(120, 36)) as pilot:
        await sign_in(pilot)
        await pressed(pilot, "slash")
        assert isinstance(pilot.app.screen, TypeScreen)
        await typed(pilot, "l-0398")
        assert "order L-0398" in text_of(pilot)
        await pressed(pilot, "1")
        assert isinstance(screen_of(pilot), OrderScreen) and "L-0398  ICU-004" in rows(pilot)[3]
        for text, screen in (("handheld", DevicesScreen), ("nurse_1", PeopleScreen), ("b-031", BedsScreen)):
            await pressed(pilot, "slash")
            await typed(pilot, text)
            await pressed(pilot, "1")
            assert isinstance(screen_of(pilot), screen)
        assert ">B-031" in text_of(pilot)


async def test_slash_says_when_nothing_was_found(admin: Office, tx: Tx) -> None:
    async with admin().run_test(size=(120, 36)) as pilot:
        await sign_in(pilot)
        await pressed(pilot, "slash")
        await typed(pilot, "zzz")
        assert 'Nothing was found for "zzz".' in text_of(pilot)


@pytest.mark.parametrize(
    ("key", "screen"), [("f1", HelpScreen), ("question_mark", HelpScreen), ("f10", WhoScreen)], ids=["f1", "?", "f10"]
)
async def test_help_and_who_open_over_the_page(admin: Office, tx: Tx, key: str, screen: type) -> None:
    async with admin().run_test(size=(120, 36)) as pilot:
        await sign_in(pilot)
        await pressed(pilot, key)
        assert isinstance(pilot.app.screen, screen)


async def test_f2_shows_sync_and_f8_all_events(admin: Office, tx: Tx) -> None:
    office.busy(tx)
    async with admin().run_test(size=(120, 36)) as pilot:
        await sign_in(pilot)
        await pressed(pilot, "f8")
        assert isinstance(screen_of(pilot), EventsScreen)
        assert rows(pilot)[5].split()[:4] == [">12:11", "READY", "L-0401", "A-009"]
        await pressed(pilot, "enter")
        assert isinstance(screen_of(pilot), OrderScreen)
        await pressed(pilot, "escape", "x")
        assert "events-2026-11-24-1212.csv" in message(pilot)
        await pressed(pilot, "f2")
        assert isinstance(pilot.app.screen, SyncScreen)


async def test_locked_every_key_that_shows_something_asks_who(admin: Office, tx: Tx) -> None:
    office.busy(tx)
    async with admin().run_test(size=(120, 36)) as pilot:
        await settled(pilot)
        for key in ("enter", "tab", "slash", "x", "f8"):
            await pressed(pilot, key)
            assert isinstance(pilot.app.screen, WhoScreen), key
            await pressed(pilot, "escape")


# -- orders -----------------------------------------------------------------------------------------------------------


async def test_v_chooses_which_orders_are_listed(admin: Office, tx: Tx) -> None:
    office.busy(tx)
    async with admin().run_test(size=(120, 36)) as pilot:
        await sign_in(pilot)
        await pressed(pilot, "2")
        assert rows(pilot)[3].startswith(" OPEN") and "11 orders" in rows(pilot)[3]
        await pressed(pilot, "v", "9")
        assert "CANCELLED" in rows(pilot)[3] and "L-0433" in rows(pilot)[5] and "1 order" in rows(pilot)[3]


async def test_an_order_is_explained_written_out_and_moved_from_its_own_page(admin: Office, tx: Tx) -> None:
    office.busy(tx)
    async with admin().run_test(size=(120, 36)) as pilot:
        await sign_in(pilot)
        await pressed(pilot, "enter", "2")
        assert isinstance(screen_of(pilot), OrderScreen)
        assert "LIFE" in text_of(pilot) and "TROUBLE" in text_of(pilot) and "MONEY" in text_of(pilot)
        await pressed(pilot, "x")
        assert "order-L-0433-2026-11-24-1212.csv" in message(pilot)
        await pressed(pilot, "e")
        assert isinstance(pilot.app.screen, ExplainScreen) and "WHY L-0433" in text_of(pilot)
        await pressed(pilot, "escape", "o")
        assert message(pilot) == "From here no step can be forced."
        await pressed(pilot, "pagedown", "pageup", "escape")
        assert isinstance(screen_of(pilot), OverviewScreen)


async def test_e_and_x_work_on_the_list_of_orders(admin: Office, tx: Tx) -> None:
    office.busy(tx)
    async with admin().run_test(size=(120, 36)) as pilot:
        await sign_in(pilot)
        await pressed(pilot, "2", "e")
        assert isinstance(pilot.app.screen, ExplainScreen)
        await pressed(pilot, "escape", "x")
        assert "orders-2026-11-24-1212.csv" in message(pilot)
        await pressed(pilot, "x")
        assert "orders-2026-11-24-1212-2.csv" in message(pilot)


# -- wards and beds ---------------------------------------------------------------------------------------------------


async def test_a_new_ward_needs_its_words_and_waits_for_the_server(admin: Office, tx: Tx) -> None:
    async with admin().run_test(size=(120, 36)) as pilot:
        await sign_in(pilot)
        await pressed(pilot, "3", "a")
        assert isinstance(pilot.app.screen, FormScreen)
        await typed(pilot, "a")
        await typed(pilot, "Surgery")
        await pressed(pilot, *["enter"] * 5)
        assert "There is a ward A already." in text_of(pilot)
        await pressed(pilot, "tab", "backspace")
        await typed(pilot, "surg")
        await pressed(pilot, *["enter"] * 6)
        assert (saved(pilot), message(pilot)) == (
            ["wards.open_ward"],
            "NEW WARD SURG   needs the server, waits for the link",
        )


async def test_enter_opens_a_ward_s_beds_and_s_takes_one_out_of_use_until_undone(admin: Office, tx: Tx) -> None:
    office.busy(tx)
    async with admin().run_test(size=(120, 36)) as pilot:
        await sign_in(pilot)
        await pressed(pilot, "3", "down", "down", "enter")
        assert isinstance(screen_of(pilot), BedsScreen) and "7 of 40 taken" in rows(pilot)[3]
        await pressed(pilot, "s", "2")
        assert (saved(pilot), message(pilot)) == (["wards.set_bed_state"], "BED A-001: closed")
        assert "closed" in rows(pilot)[5]
        await pressed(pilot, "u")
        assert "vacant" in rows(pilot)[5]


async def test_a_bed_with_a_patient_stays_in_use_and_enter_opens_the_order(admin: Office, tx: Tx) -> None:
    office.busy(tx)
    async with admin().run_test(size=(120, 36)) as pilot:
        await sign_in(pilot)
        await pressed(pilot, "3", "down", "down", "enter", *["down"] * 4, "s", "2")
        assert "not done" in text_of(pilot) and saved(pilot) == []
        await pressed(pilot, "escape", "enter")
        assert isinstance(screen_of(pilot), OrderScreen) and "L-0431  A-005" in rows(pilot)[3]


async def test_new_beds_follow_the_last_one_and_none_is_made_twice(admin: Office, tx: Tx) -> None:
    async with admin().run_test(size=(120, 36)) as pilot:
        await sign_in(pilot)
        await pressed(pilot, "3", "enter", "a", "enter", "enter")
        assert "Something is missing here." in text_of(pilot)
        await typed(pilot, "12")
        assert "The last number must not be smaller than the first" in text_of(pilot)
        await pressed(pilot, "backspace", "backspace")
        await typed(pilot, "43")
        assert (saved(pilot), message(pilot)) == (
            ["wards.add_beds"],
            "NEW BEDS EM-041 TO EM-043   needs the server, waits for the link",
        )


# -- people -----------------------------------------------------------------------------------------------------------


async def test_a_new_person_waits_for_the_server(admin: Office, tx: Tx) -> None:
    async with admin().run_test(size=(120, 36)) as pilot:
        await sign_in(pilot)
        await pressed(pilot, "4", "a")
        await typed(pilot, "cook_1")
        await typed(pilot, "Mukamana Odette")
        await pressed(pilot, "enter", "enter")
        assert "Somebody is called cook_1 already." in text_of(pilot)
        await pressed(pilot, "tab", *["backspace"] * 6)
        await typed(pilot, "cook 9")
        await pressed(pilot, *["enter"] * 3)
        made = screen_of(pilot).performed[0]
        assert (made.name, made.model_dump()["person_id"]) == ("people.add_person", "cook_9")
        assert message(pilot) == "NEW PERSON cook 9   needs the server, waits for the link"


async def test_a_right_is_given_with_ward_and_period_and_ended_after_a_question(admin: Office, tx: Tx) -> None:
    async with admin().run_test(size=(120, 36)) as pilot:
        await sign_in(pilot)
        await pressed(pilot, "4", *["down"] * 2, "enter")
        assert isinstance(screen_of(pilot), PersonScreen) and "cook_1" in rows(pilot)[3]
        await pressed(pilot, "g", "right", "right", "space", "tab", "right", "space", "tab")
        await typed(pilot, "30")
        given = screen_of(pilot).performed[0].model_dump()
        assert (given["role"], given["ward_id"]) == ("runner", "EM")
        assert given["until_at"] - office.NOW == 30 * 24 * 3_600_000
        await pressed(pilot, "r")
        assert "End the right cook of cook_1?" in text_of(pilot)
        await pressed(pilot, "1")
        assert len(saved(pilot)) == 1
        await pressed(pilot, "enter", "2")
        assert saved(pilot)[1] == "people.revoke_grant"


async def test_a_new_pin_is_shown_once_and_signed(admin: Office, tx: Tx) -> None:
    async with admin().run_test(size=(120, 36)) as pilot:
        await sign_in(pilot)
        await pressed(pilot, "4", "down", "enter", "k")
        await prove(pilot)
        assert isinstance(pilot.app.screen, TellScreen) and "shown once" in text_of(pilot)
        shown = next(word for word in text_of(pilot).split() if word.isdigit() and len(word) == 6)
        await pressed(pilot, "escape")
        assert saved(pilot) == ["people.set_pin"] and shown not in text_of(pilot)


async def test_somebody_leaves_after_one_question(admin: Office, tx: Tx) -> None:
    async with admin().run_test(size=(120, 36)) as pilot:
        await sign_in(pilot)
        await pressed(pilot, "4", "down", "enter", "x")
        assert "people-2026-11-24-1212.csv" in message(pilot)
        await pressed(pilot, "l")
        assert "does not work here any more?" in text_of(pilot)
        await pressed(pilot, "2")
        assert saved(pilot) == ["people.end_person"]


# -- devices, trouble, reports, money ---------------------------------------------------------------------------------


async def test_a_console_is_told_whole_and_taken_out_of_use_with_a_signature(admin: Office, tx: Tx) -> None:
    async with admin().run_test(size=(120, 36)) as pilot:
        await sign_in(pilot)
        await pressed(pilot, "7", "down", "enter")
        assert isinstance(pilot.app.screen, ExplainScreen)
        assert "Beds, diets, orders and cash to collect" in text_of(pilot)
        await pressed(pilot, "escape", "r")
        assert "Take handheld 1 out of use?" in text_of(pilot)
        await pressed(pilot, "2")
        await prove(pilot)
        assert queued(pilot) == ["devices.revoke_device"]


async def test_a_code_for_a_console_that_cannot_be_is_not_made(admin: Office, tx: Tx) -> None:
    async with admin().run_test(size=(120, 36)) as pilot:
        await sign_in(pilot)
        await pressed(pilot, "7", "c", "tab", "right", "space", "tab")
        await typed(pilot, "kitchen 1")
        assert "A console in use is called kitchen 1 already." in text_of(pilot)
        await pressed(pilot, "backspace")
        await typed(pilot, "2")
        assert "A kitchen console stands on no ward: choose everywhere." in text_of(pilot)
        await pressed(pilot, "escape")
        assert queued(pilot) == []


async def test_trouble_is_told_by_kind_with_since_how_often_and_what_to_do(admin: Office, tx: Tx) -> None:
    office.busy(tx)
    office.refused(tx, "orders.start_cooking", "nothing", "cannot_start", '{"number":"L-0405"}', by="cook_1", minutes=2)
    async with admin().run_test(size=(120, 36)) as pilot:
        await sign_in(pilot)
        await pressed(pilot, "8")
        listed = [row for row in rows(pilot) if "cannot_start" in row]
        assert len(listed) == 1 and " 2 Tue 24 Nov 12:08 2 min" in listed[0]
        await pressed(pilot, *["down"] * 3)
        while ">REFUSED" not in text_of(pilot):
            await pressed(pilot, "up")
        await pressed(pilot, "enter")
        assert isinstance(pilot.app.screen, ChooseScreen) and "Which of 2?" in text_of(pilot)
        await pressed(pilot, "1", "1")
        assert saved(pilot) == ["cases.acknowledge_outcome"]
        await pressed(pilot, "e")
        assert isinstance(pilot.app.screen, ExplainScreen)
        await pressed(pilot, "escape", "x")
        assert "trouble-2026-11-24-1212.csv" in message(pilot)


async def test_a_day_s_report_goes_back_and_never_past_today(admin: Office, tx: Tx) -> None:
    office.busy(tx)
    async with admin().run_test(size=(120, 36)) as pilot:
        await sign_in(pilot)
        await pressed(pilot, "9")
        assert "2026-11-24" in rows(pilot)[3] and "13 orders, 1 given" in rows(pilot)[3]
        await pressed(pilot, "x")
        assert "reports-2026-11-24-1212.csv" in message(pilot)
        await pressed(pilot, "enter")
        assert isinstance(screen_of(pilot), OrdersScreen) and "lunch of 2026-11-24" in rows(pilot)[3]
        await pressed(pilot, "escape", "right")
        assert message(pilot) == "There is no day after today."
        await pressed(pilot, "left")
        assert "No meals of 2026-11-23 are on this console." in text_of(pilot)


async def test_postings_open_their_order_and_are_written_out(admin: Office, tx: Tx) -> None:
    office.busy(tx)
    async with admin().run_test(size=(120, 36)) as pilot:
        await sign_in(pilot)
        await pressed(pilot, *["tab"] * 6, "enter", "x")
        assert "money-2026-11-24-1212.csv" in message(pilot)
        assert "500 RWF" in rows(pilot)[5]
        await pressed(pilot, "enter")
        assert isinstance(screen_of(pilot), OrderScreen)
