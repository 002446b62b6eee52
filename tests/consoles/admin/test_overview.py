"""The overview: what needs a person first, each with an owner and an age; every number opens its list."""

from __future__ import annotations

import pytest

from consoles.admin.screens.beds import BedsScreen
from consoles.admin.screens.devices import DevicesScreen
from consoles.admin.screens.orders import OrdersScreen
from consoles.admin.screens.overview import OverviewScreen
from consoles.admin.screens.postings import PostingsScreen
from consoles.admin.screens.trouble import TroubleScreen
from consoles.kit.testing import StillClock, pressed, settled
from core.kernel.tx import Tx
from core.orders.commands import AcknowledgeStop
from tests import given
from tests.consoles.admin import office
from tests.consoles.admin.conftest import Arrive, Office
from tests.consoles.admin.office import message, rows, screen_of, sign_in, text_of


async def test_what_needs_a_person_stands_first_the_gravest_kind_on_top(admin: Office, tx: Tx) -> None:
    office.busy(tx)
    async with admin().run_test(size=(120, 36)) as pilot:
        await sign_in(pilot)
        assert rows(pilot)[3][:61] == " NEEDS A PERSON                                       7 open "
        kinds = [row[3:10].strip() for row in rows(pilot)[4:11]]
        assert kinds == ["STOP", "STOP", "HELD", "BEDS", "MONEY", "CASE", "REFUSED"]
        assert rows(pilot)[4][:62] == ">1 STOP    L-0433  B-001   cancelled        kitchen   1 h 05 |"


async def test_nothing_to_do_is_a_sentence_and_so_is_no_meal(admin: Office, tx: Tx, clock: StillClock) -> None:
    clock.pass_(minutes=12 * 60)
    async with admin().run_test(size=(120, 36)) as pilot:
        await sign_in(pilot)
        assert "Nothing needs a person." in rows(pilot)[4]
        assert "No order waits." in rows(pilot)[4][62:]
        assert "NEEDS A PERSON" in rows(pilot)[3] and "0 open" in rows(pilot)[3]


async def test_who_closed_the_last_one_is_told_when_nothing_is_open(admin: Office, tx: Tx) -> None:
    from core.cases.commands import CloseCase

    case = office.case_of(tx, "texture_conflict")
    given.perform(tx, CloseCase(case_id=case.id, closing="one texture now"), by=given.ADMIN, at=office.NOW)
    async with admin().run_test(size=(120, 36)) as pilot:
        await sign_in(pilot)
        assert "Nothing needs a person. Last one closed 12:12 by admin_1." in rows(pilot)[4]


async def test_meals_stand_with_bars_and_the_rest_in_words(admin: Office, tx: Tx) -> None:
    office.busy(tx)
    async with admin().run_test(size=(120, 36)) as pilot:
        await sign_in(pilot)
        right = [row[62:].strip() for row in rows(pilot)[3:10]]
        assert right == [
            "MEALS NOW   lunch, 12 trays",
            "confirmed       6 ###",
            "cooking         2 #",
            "ready           1 #",
            "on the way      1 #",
            "delivered       1 #",
            "held 1   stopped 2   cancelled 1   not delivered 0",
        ]


async def test_wards_tell_beds_patients_and_who_has_no_order(admin: Office, tx: Tx) -> None:
    from tests.kitchen_tui import lunch

    office.busy(tx)
    lunch.admitted(tx, lunch.Meal("", "EM-007", ()))
    async with admin().run_test(size=(120, 36)) as pilot:
        await sign_in(pilot)
        head = next(place for place, row in enumerate(rows(pilot)) if row.startswith(" WARDS"))
        wards = [rows(pilot)[head + place][:61].split() for place in (1, 2, 3)]
        assert wards[0] == ["EM,", "first", "40", "2", "5%", "1", "0", "0"]
        assert wards[1] == ["ICU", "40", "1", "2%", "0", "1", "0"]
        assert wards[2] == ["A", "40", "7", "17%", "0", "0", "1"]


async def test_figures_of_the_day_come_from_hand_overs_and_the_books(admin: Office, tx: Tx) -> None:
    office.busy(tx)
    async with admin().run_test(size=(120, 36)) as pilot:
        await sign_in(pilot)
        told = text_of(pilot)
        assert "order to bed  P50 107 min  P90 107 min" in told
        assert "on time 100.0 %   scanned match 100.0 %   issues 0.0 / 100" in told
        assert "MONEY TODAY  500 RWF cash   500 RWF on account" in told


async def test_what_was_not_measured_yet_is_no_zero(admin: Office, tx: Tx) -> None:
    async with admin().run_test(size=(120, 36)) as pilot:
        await sign_in(pilot)
        assert "on time -- %   scanned match -- %" in text_of(pilot)


async def test_a_console_that_nobody_here_knows_about_is_not_known_and_never_silent(admin: Office, tx: Tx) -> None:
    async with admin().run_test(size=(120, 36)) as pilot:
        await sign_in(pilot)
        devices = [
            row[62:].split() for row in rows(pilot) if row[62:].startswith((" admin 1", "admin 1", " kitchen 1"))
        ]
        assert devices == [
            ["admin", "1", "now", "0", "0", "now"],
            ["kitchen", "1", *["not", "known"] * 2, "0", "not", "known"],
        ]


async def test_a_stop_that_comes_rings_three_times_even_while_it_is_locked(
    admin: Office, tx: Tx, arrive: Arrive
) -> None:
    orders = office.busy(tx)
    app = admin()
    async with app.run_test(size=(120, 36)) as pilot:
        await settled(pilot)
        before = app.rings
        given.nil_by_mouth(tx, orders["L-0405"].stay_id, at=office.NOW)
        arrive(app)
        await settled(pilot)
        assert app.rings - before == 3
        given.perform(tx, AcknowledgeStop(order_id=orders["L-0405"].id), by=given.COOK, at=office.NOW)
        arrive(app)
        await settled(pilot)
        assert app.rings - before == 3


async def test_locked_it_shows_nothing_and_says_how_to_sign_in(admin: Office, tx: Tx, clock: StillClock) -> None:
    office.busy(tx)
    app = admin()
    async with app.run_test(size=(120, 36)) as pilot:
        await sign_in(pilot)
        assert "L-0398" in text_of(pilot)
        clock.pass_(minutes=6)
        app.tick()
        await settled(pilot)
        assert "L-0398" not in text_of(pilot) and "Locked. F10 = sign in." in text_of(pilot)


@pytest.mark.parametrize(
    ("tabs", "downs", "screen", "told"),
    [
        (1, 2, BedsScreen, "A-005"),
        (2, 0, OrdersScreen, "GIVEN TODAY, the slowest first"),
        (3, 1, OrdersScreen, "COOKING"),
        (5, 1, DevicesScreen, "handheld 1"),
        (6, 0, PostingsScreen, "MONEY TODAY"),
        (6, 1, PostingsScreen, "STILL OPEN"),
        (7, 0, TroubleScreen, "bed_taken"),
    ],
    ids=["ward", "speed", "meals", "device", "booked", "open", "refused"],
)
async def test_every_number_opens_its_list(
    admin: Office, tx: Tx, tabs: int, downs: int, screen: type, told: str
) -> None:
    office.busy(tx)
    async with admin().run_test(size=(120, 36)) as pilot:
        await sign_in(pilot)
        await pressed(pilot, *["tab"] * tabs, *["down"] * downs, "enter")
        assert isinstance(screen_of(pilot), screen)
        assert told in text_of(pilot)
        await pressed(pilot, "escape")
        assert isinstance(screen_of(pilot), OverviewScreen)


async def test_the_meals_on_no_step_are_asked_for_by_kind(admin: Office, tx: Tx) -> None:
    office.busy(tx)
    async with admin().run_test(size=(120, 36)) as pilot:
        await sign_in(pilot)
        await pressed(pilot, *["tab"] * 4, "enter", "3")
        assert isinstance(screen_of(pilot), OrdersScreen)
        assert "CANCELLED" in rows(pilot)[3] and "L-0433" in text_of(pilot)


async def test_the_last_events_stand_at_the_foot_until_something_is_said(
    admin: Office, tx: Tx, clock: StillClock
) -> None:
    office.busy(tx)
    app = admin()
    async with app.run_test(size=(120, 36)) as pilot:
        await sign_in(pilot)
        assert "READY L-0401 A-009 cook_2" in rows(pilot)[34] and rows(pilot)[34].rstrip().endswith("F8 all events")
        await pressed(pilot, "6")
        assert message(pilot) == "Screen 6 is not there yet."
        clock.pass_(seconds=9)
        app.tick()
        await settled(pilot)
        assert "F8 all events" in message(pilot)


async def test_on_a_narrow_screen_tab_brings_the_other_half(admin: Office, tx: Tx) -> None:
    office.busy(tx)
    async with admin().run_test(size=(80, 24)) as pilot:
        await sign_in(pilot)
        assert "NEEDS A PERSON" in text_of(pilot) and "MEALS NOW" not in text_of(pilot)
        await pressed(pilot, "tab", "tab", "tab")
        assert "MEALS NOW" in text_of(pilot) and "NEEDS A PERSON" not in text_of(pilot)
        assert ">confirmed" in text_of(pilot)


async def test_the_smallest_screen_shows_one_box_at_a_time(admin: Office, tx: Tx) -> None:
    office.busy(tx)
    async with admin().run_test(size=(40, 12)) as pilot:
        await sign_in(pilot)
        assert "NEEDS A PERSON" in text_of(pilot) and "WARDS" not in "\n".join(rows(pilot)[3:])
        await pressed(pilot, "tab")
        assert "WARDS" in "\n".join(rows(pilot)[3:]) and "NEEDS A PERSON" not in text_of(pilot)
