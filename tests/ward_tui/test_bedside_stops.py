"""The bedside when a tray must not be given or cannot be decided: no key gives it, and the truth can be told."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from consoles.kit.testing import pressed, settled
from core.delivery.commands import ReportEaten
from core.delivery.model import HandOver
from core.orders.model import Order
from core.wards.commands import Discharge
from tests.ward_tui.gave import gave
from tests.ward_tui.ward import LARGE_TYPE, NURSE, RUNNER_2, Ward, flat
from ward_tui.bedside_form import Form


async def test_blocked_looks_as_it_was_drawn(w: Ward) -> None:
    order_id = w.out("A-022", isolation="contact")
    w.pass_(minutes=3)
    w.nil_by_mouth(order_id)
    async with w.shown() as pilot:
        await pressed(pilot, "enter")
        assert w.screen().splitlines() == [
            "A-022  BEDSIDE               LIVE 12:38 ",
            "########################################",
            "##                                    ##",
            "##       X X  DO NOT GIVE  X X        ##",
            "##      the GIVEN key is locked       ##",
            "########################################",
            "[X] NIL BY MOUTH since 12:38, doctor    ",
            "    until a new diet order is written   ",
            "[+] ISOLATION CONTACT                   ",
            "tray L-0412 left the kitchen 12:35      ",
            "checked 12:38, rules of 12:38     e why ",
            "+======================================+",
            "| 1  TAKE IT BACK  (nobody pays)       |",
            "+======================================+",
            "+--------------------------------------+",
            "| 2  call the nurse station, ext 214   |",
            "+--------------------------------------+",
            "+--------------------------------------+",
            "| 3  already eaten: report it now      |",
            "+--------------------------------------+",
        ]


LIKELY = ["enter", "space", "t", "y", "g", "s", "x"]
KEYS = [*"abcdefghjklmnopqrstuvwxyz", *"456789", "enter", "space", "tab", "full_stop", "plus", "minus", "backspace"]


async def _press_all(w: Ward, pilot: Pilot[None], keys: list[str]) -> None:
    """Each key at the bedside; whatever box it opens is closed again."""
    bedside = w.app.seen
    for key in keys:
        await pressed(pilot, key)
        while w.app.screen is not bedside:
            await pressed(pilot, "escape")


async def test_no_key_at_all_gives_a_blocked_tray(w: Ward) -> None:
    order_id = w.out("A-015")
    w.nil_by_mouth(order_id)
    async with w.shown() as pilot:
        await w.scan_tray(pilot, order_id)
        await w.scan_wristband(pilot, order_id)
        await _press_all(w, pilot, KEYS)
        assert "DO NOT GIVE" in w.screen()
        w.sync()
        assert (gave(w), w.state(order_id), w.rows(HandOver)) == ([], "out", [])


@pytest.mark.parametrize("why", ["trays_held", "allergy", "gone_home"])
async def test_no_likely_key_gives_it_whatever_blocks_it(w: Ward, why: str) -> None:
    order_id = w.out("A-015", "isombe")
    if why == "trays_held":
        w.hold(order_id)
    elif why == "allergy":
        w.allergic_now(order_id, "peanut")
    else:
        w.do(Discharge(stay_id=w.row(Order, order_id).stay_id), NURSE)
    async with w.shown() as pilot:
        await w.scan_tray(pilot, order_id)
        await w.scan_wristband(pilot, order_id)
        assert "DO NOT GIVE" in w.screen()
        await _press_all(w, pilot, LIKELY)
        w.sync()
        assert (gave(w), w.rows(HandOver)) == ([], [])


async def test_take_it_back_costs_nobody_anything(w: Ward) -> None:
    order_id = w.out("A-022", method="cash")
    w.nil_by_mouth(order_id)
    async with w.shown() as pilot:
        await pressed(pilot, "enter", "1")
        w.sync()
        assert "L-0412 goes back. Nobody pays." in w.screen()
        assert (w.state(order_id), w.row(Order, order_id).reason) == ("undeliverable", "nil_by_mouth")


async def test_already_eaten_is_a_fact_with_a_case_and_never_fails(w: Ward) -> None:
    order_id = w.out("A-022")
    w.nil_by_mouth(order_id)
    async with w.shown() as pilot:
        await pressed(pilot, "enter", "3")
        w.sync()
        assert isinstance(w.app.seen.performed[-1], ReportEaten)
        assert (w.state(order_id), w.cases()) == ("delivered", ["eaten_against_rules"])


async def test_the_ward_is_called_by_its_extension(w: Ward) -> None:
    order_id = w.out("A-022")
    w.nil_by_mouth(order_id)
    async with w.shown() as pilot:
        await pressed(pilot, "enter", "2")
        assert "extension 214" in flat(w.screen())


async def test_a_stop_that_arrives_over_the_signature_closes_it_and_rings(w: Ward) -> None:
    order_id = w.out("A-022")
    async with w.shown() as pilot:
        await w.scan_tray(pilot, order_id)
        await w.scan_wristband(pilot, order_id)
        await pressed(pilot, "enter")
        assert "SIGNED" in w.screen()
        rings = w.app.rings
        w.nil_by_mouth(order_id)
        await w.hear(pilot)
        assert "DO NOT GIVE" in w.screen() and "SIGNED" not in w.screen()
        assert w.app.rings >= rings + 3
        await pressed(pilot, "enter")
        w.sync()
        assert (gave(w), w.state(order_id)) == ([], "out")


async def test_the_press_judges_again_when_the_screen_had_not_heard_yet(w: Ward) -> None:
    """The stop is in the store and nobody has told the screen: the press finds it."""
    order_id = w.out("A-022")
    async with w.shown() as pilot:
        await w.scan_tray(pilot, order_id)
        await w.scan_wristband(pilot, order_id)
        await pressed(pilot, "enter")
        w.nil_by_mouth(order_id)
        w.sync()  # without a word to the app
        await w.sign(pilot)
        await settled(pilot)
        assert "DO NOT GIVE" in w.screen()
        w.sync()
        assert (gave(w), w.state(order_id)) == ([], "out")


async def test_when_the_food_may_be_given_again_the_screen_says_so_by_itself(w: Ward) -> None:
    order_id = w.out("A-022")
    w.nil_by_mouth(order_id)
    async with w.shown() as pilot:
        await pressed(pilot, "enter")
        w.diet_now(order_id, "regular")
        await w.hear(pilot)
        assert w.app.seen.form is Form.SCAN


async def test_given_by_somebody_else_offers_to_note_a_second_tray(w: Ward) -> None:
    order_id = w.out("A-022")
    w.given(order_id)
    async with w.shown() as pilot:
        await w.scan_tray(pilot, order_id)
        assert "runner 2 gave L-0412 at 12:35." in w.screen()
        await pressed(pilot, "enter")
        assert gave(w) == []
        await pressed(pilot, "1")
        w.sync()
        assert [hand_over.second for hand_over in w.rows(HandOver)] == [False, True]


async def test_not_asked_about_allergies_asks_a_nurse(w: Ward) -> None:
    """Nothing is known: it holds, and a nurse answers with PIN and reason for these reasons alone."""
    order_id = w.out("A-022", asked=True)
    async with w.shown() as pilot:
        await w.scan_tray(pilot, order_id)
        await w.scan_wristband(pilot, order_id)
        w.pass_(minutes=5 * 60)
        w.app.acting.acted(w.app.mono())
        w.allergic_now(order_id, "fish")
        w.sync()
        w.pass_(minutes=5 * 60)
        w.app.acting.acted(w.app.mono())
        w.app.note(("diet_profile",))
        await settled(pilot)
        shown = w.screen()
        assert "ASK A NURSE" in shown and "[?] RULES 5 h OLD" in shown


async def test_a_nurse_allows_with_pin_and_reason(w: Ward) -> None:
    order_id = w.out("A-022", allergies=("fish",))
    async with w.shown() as pilot:
        w.pass_(minutes=5 * 60)
        w.app.acting.acted(w.app.mono())
        await w.scan_tray(pilot, order_id)
        await w.scan_wristband(pilot, order_id)
        await pressed(pilot, "enter", "t")
        assert "ASK A NURSE" in w.screen() and gave(w) == []
        await pressed(pilot, "1", "1")
        await w.pin(pilot, "nurse-1")
        await pressed(pilot, "2")
        assert "allowed by nurse 1: I asked the patient" in flat(w.screen()) and "MATCH" in w.screen()
        await pressed(pilot, "enter")
        await w.sign(pilot)
        w.sync()
        (kept,) = w.rows(HandOver)
        assert (w.state(order_id), kept.allowed_by) == ("delivered", "nurse-1")
        assert kept.note == "I asked the patient and looked at the meal"


async def test_one_confirmation_opens_the_whole_round_of_that_ward(w: Ward) -> None:
    first, second, elsewhere = w.out("A-001"), w.out("A-002"), w.out("B-001")
    async with w.shown() as pilot:
        w.pass_(minutes=5 * 60)
        w.app.acting.acted(w.app.mono())
        await w.scan_tray(pilot, first)
        await w.scan_wristband(pilot, first)
        assert "rules too old: confirm the round" in w.screen()
        await pressed(pilot, "1", "1")
        await w.pin(pilot, "nurse-1")
        await settled(pilot)
        assert "MATCH" in w.screen()
        await pressed(pilot, "escape")
        await w.scan_tray(pilot, second)
        await w.scan_wristband(pilot, second)
        assert "MATCH" in w.screen()
        await pressed(pilot, "escape")
        await w.scan_tray(pilot, elsewhere)
        assert "rules too old: confirm the round" in w.screen()


async def test_the_confirmation_of_a_round_is_kept_with_each_tray(w: Ward) -> None:
    order_id = w.out("A-001")
    async with w.shown() as pilot:
        w.pass_(minutes=5 * 60)
        w.app.acting.acted(w.app.mono())
        await w.scan_tray(pilot, order_id)
        await w.scan_wristband(pilot, order_id)
        await pressed(pilot, "1", "1")
        await w.pin(pilot, "nurse-1")
        await pressed(pilot, "enter")
        await w.sign(pilot)
        w.sync()
        assert [hand_over.allowed_by for hand_over in w.rows(HandOver)] == ["nurse-1"]


async def test_rules_of_an_hour_are_amber_and_the_tray_is_given(w: Ward) -> None:
    order_id = w.out("A-001", allergies=("fish",))
    async with w.shown() as pilot:
        w.pass_(minutes=60)
        w.app.acting.acted(w.app.mono())
        await w.scan_tray(pilot, order_id)
        await w.scan_wristband(pilot, order_id)
        assert "ALLOWED  checked 13:35, rules of 12:35" in w.screen()
        row = next(line for line in w.app.seen.query_one("#panel").drawing.lines if "ALLOWED" in line.plain)
        assert any(str(span.style) == "soon" for span in row.spans)


async def test_with_five_flags_in_large_type_every_flag_is_whole(w: Ward) -> None:
    order_id = w.out(
        "A-001",
        allergies=("peanut", "fish"),
        diet=("diabetic", "low_salt"),
        isolation="contact",
        assistance=("no_sharp_cutlery", "needs_help_eating"),
    )
    async with w.shown(LARGE_TYPE) as pilot:
        await w.scan_tray(pilot, order_id)
        await w.scan_wristband(pilot, order_id)
        shown = w.screen()
        for flag in (
            "[!] ALLERGY FISH, PEANUT",
            "[=] DIABETIC + LOW SALT",
            "[+] ISOLATION CONTACT",
            "[H] NEEDS HELP EATING",
            "[H] NO SHARP CUTLERY",
        ):
            assert flag in shown
        assert "MATCH" in shown and "GIVEN" in shown.splitlines()[-1]


async def test_a_blocked_tray_in_large_type_shows_all_three_ways(w: Ward) -> None:
    order_id = w.out("A-001", isolation="contact")
    w.nil_by_mouth(order_id)
    async with w.shown(LARGE_TYPE) as pilot:
        await pressed(pilot, "enter")
        shown = w.screen()
        assert "DO NOT GIVE" in shown and "NIL BY MOUTH" in shown
        for way in ("TAKE IT BACK", "ext 214", "already eaten"):
            assert way in shown


async def test_a_second_runner_is_told_who_was_first(w: Ward) -> None:
    order_id = w.out("A-022")
    async with w.shown() as pilot:
        await w.scan_tray(pilot, order_id)
        await w.scan_wristband(pilot, order_id)
        w.given(order_id, RUNNER_2)
        await w.hear(pilot)
        assert "runner 2 gave L-0412" in w.screen()


async def test_escape_is_one_step_back(w: Ward) -> None:
    w.out("A-022")
    async with w.shown() as pilot:
        await pressed(pilot, "enter", "escape")
        assert w.screen().startswith("MY RUN")
        await pressed(pilot, "escape")
        assert w.app.is_running and w.screen().startswith("MY RUN")
