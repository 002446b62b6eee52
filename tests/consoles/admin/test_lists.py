"""Wards, people, consoles, trouble, reports and money: every key of their lists does what its bar says."""

from __future__ import annotations

from consoles.admin.form import FormScreen
from consoles.admin.screens.beds import BedsScreen
from consoles.admin.screens.order import OrderScreen
from consoles.admin.screens.orders import OrdersScreen
from consoles.admin.screens.person import PersonScreen
from consoles.kit.dialogs import ChooseScreen, TellScreen
from consoles.kit.explain import ExplainScreen
from consoles.kit.testing import pressed
from core.kernel.tx import Tx
from tests.consoles.admin import office
from tests.consoles.admin.conftest import Office
from tests.consoles.admin.office import message, prove, queued, rows, saved, screen_of, sign_in, text_of, typed

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
