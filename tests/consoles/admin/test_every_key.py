"""Every key in every key bar of the administrator's console does what the bar says."""

from __future__ import annotations

from pathlib import Path

import pytest

from consoles.admin.export import harmless
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
from consoles.kit.dialogs import TypeScreen
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
    rows,
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
        await pressed(pilot, "2")
        assert isinstance(pilot.app.screen, OverviewScreen) and message(pilot) == "Locked. F10 = sign in."


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
