"""What an administrator does in a day: a case taken and closed, a refusal read, a step forced, a code made offline."""

from __future__ import annotations

from consoles.admin.screens.devices import DevicesScreen
from consoles.admin.screens.order import OrderScreen
from consoles.admin.screens.overview import OverviewScreen
from consoles.kit.dialogs import ChooseScreen, RefusedScreen, TellScreen, TypeScreen
from consoles.kit.testing import StillClock, pressed, settled
from core.kernel.tx import Tx
from core.orders.model import OrderState
from core.wards.model import Stay
from tests import given
from tests.consoles.admin import office
from tests.consoles.admin.conftest import Office
from tests.consoles.admin.office import message, prove, queued, rows, saved, screen_of, sign_in, text_of, typed
from tests.kitchen_tui import lunch


async def test_a_case_is_taken_and_then_closed_in_words(admin: Office, tx: Tx) -> None:
    office.case_of(tx, "texture_conflict")
    async with admin().run_test(size=(120, 36)) as pilot:
        await sign_in(pilot)
        await pressed(pilot, "enter")
        assert isinstance(pilot.app.screen, ChooseScreen) and "Two textures are ordered at once" in text_of(pilot)
        assert "With nobody, since 12:12." in text_of(pilot)
        await pressed(pilot, "1")
        assert (saved(pilot), message(pilot)) == (["cases.take_case"], "Yours now.")
        assert "admin_1" in rows(pilot)[4]
        await pressed(pilot, "enter", "2")
        assert isinstance(pilot.app.screen, TypeScreen)
        await typed(pilot, "one texture is written")
        assert (saved(pilot), message(pilot)) == (["cases.take_case", "cases.close_case"], "Closed.")
        assert "Nothing needs a person. Last one closed 12:12 by admin_1." in rows(pilot)[4]


async def test_a_case_that_nobody_writes_words_for_stays_open(admin: Office, tx: Tx) -> None:
    office.case_of(tx, "texture_conflict")
    async with admin().run_test(size=(120, 36)) as pilot:
        await sign_in(pilot)
        await pressed(pilot, "enter", "2", "enter")
        assert (saved(pilot), "CASE" in rows(pilot)[4]) == ([], True)


async def test_a_refused_act_is_read_and_leaves_the_list(admin: Office, tx: Tx) -> None:
    office.refused(tx, "orders.start_cooking", "nothing", "cannot_start", '{"number":"L-0420"}', by="cook_2", minutes=4)
    async with admin().run_test(size=(120, 36)) as pilot:
        await sign_in(pilot)
        assert "REFUSED" in rows(pilot)[4] and "cook_2" in rows(pilot)[4]
        await pressed(pilot, "enter", "1")
        assert (saved(pilot), message(pilot)) == (["cases.acknowledge_outcome"], "read: START")
        assert "Nothing needs a person." in rows(pilot)[4]


async def test_a_stop_that_nobody_reads_is_seen_for_the_kitchen_and_that_is_signed(admin: Office, tx: Tx) -> None:
    lunch.swing(tx)
    async with admin().run_test(size=(120, 36)) as pilot:
        await sign_in(pilot)
        await pressed(pilot, "enter", "1")
        assert saved(pilot) == []
        await prove(pilot)
        assert (saved(pilot), "STOP" in rows(pilot)[4]) == (["orders.acknowledge_stop"], False)


async def test_an_order_is_moved_one_step_with_its_money_shown_first_and_a_reason_kept(admin: Office, tx: Tx) -> None:
    order = given.order(tx, state=OrderState.DELIVERED, stay=_somebody(tx), service=lunch.LUNCH, dishes=("umuceri",))
    async with admin().run_test(size=(120, 36)) as pilot:
        await sign_in(pilot)
        await pressed(pilot, "2", "v", "6", "enter", "o")
        told = text_of(pilot)
        assert "step: ON THE WAY" in told and "The charge of 500 RWF is taken back." in told
        assert "500 RWF comes off" in told
        place = _number_of(pilot, "step: ON THE WAY")
        await pressed(pilot, str(place))
        assert isinstance(pilot.app.screen, TypeScreen) and "Why? It stays with the step." in text_of(pilot)
        await typed(pilot, "it was the other tray")
        assert queued(pilot) == []
        await prove(pilot)
        assert queued(pilot) == ["orders.override_state"]
        assert isinstance(screen_of(pilot), OrderScreen)
        assert f"{order.number}  A-015" in rows(pilot)[3] and "ON THE WAY" in rows(pilot)[3]
        assert 'admin_1          "it was the other tray"' in text_of(pilot)


async def test_a_step_that_a_rule_forbids_says_which_and_is_not_made(admin: Office, tx: Tx) -> None:
    orders = lunch.swing(tx)
    async with admin().run_test(size=(120, 36)) as pilot:
        await sign_in(pilot)
        await pressed(pilot, "down", "o")
        assert orders["L-0423"].state == OrderState.HELD
        assert "A rule forbids it:" in text_of(pilot)
        await pressed(pilot, "1")
        assert isinstance(pilot.app.screen, RefusedScreen)
        await pressed(pilot, "escape")
        assert queued(pilot) == []


async def test_a_code_made_offline_waits_for_the_server_and_says_so(admin: Office, tx: Tx, clock: StillClock) -> None:
    app = admin()
    async with app.run_test(size=(120, 36)) as pilot:
        await sign_in(pilot)
        clock.pass_(minutes=2)
        await app._standing.now()
        await pressed(pilot, "7", "c", "right", "space", "tab", "tab")
        await typed(pilot, "handheld 2")
        assert isinstance(pilot.app.screen, TellScreen)
        told = text_of(pilot)
        assert "CODE FOR handheld 2" in told
        assert "There is no link now: the code waits for the server and lets" in told
        await pressed(pilot, "escape")
        assert message(pilot) == "CODE FOR handheld 2   needs the server, waits for the link"
        assert queued(pilot) == ["devices.make_code"]


async def test_the_code_is_shown_once_and_only_its_hash_is_sent(admin: Office, tx: Tx) -> None:
    import re

    from core.devices import keys
    from core.devices.commands import MakeCode

    async with admin().run_test(size=(120, 36)) as pilot:
        await sign_in(pilot)
        await pressed(pilot, "7", "c", "right", "space", "tab", "tab")
        await typed(pilot, "handheld 2")
        found = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}", text_of(pilot))
        await pressed(pilot, "escape")
        made = screen_of(pilot).performed[0]
        assert isinstance(made, MakeCode) and found is not None
        assert (made.code_id, made.kind) == (keys.code_hash(found[0]), "ward")
        assert found[0] not in text_of(pilot) and isinstance(screen_of(pilot), DevicesScreen)


async def test_whoever_is_not_signed_in_is_asked_and_then_it_happens(admin: Office, tx: Tx) -> None:
    office.case_of(tx, "texture_conflict")
    async with admin().run_test(size=(120, 36)) as pilot:
        await settled(pilot)
        await pressed(pilot, "enter")
        await prove(pilot)
        assert isinstance(screen_of(pilot), OverviewScreen) and "CASE" in rows(pilot)[4]


def _somebody(tx: Tx) -> Stay:
    return tx.get(Stay, lunch.admitted(tx, lunch.Meal("", "A-015", ())))


def _number_of(pilot: object, label: str) -> int:
    """The number of this choice in the dialog that is open."""
    import re

    for row in rows(pilot):  # type: ignore[arg-type]  # a pilot
        found = re.search(rf"[> ](\d)  {re.escape(label)}", row)
        if found:
            return int(found[1])
    raise AssertionError(label)
