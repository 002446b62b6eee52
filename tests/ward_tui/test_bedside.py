"""The bedside: two scans, one match, the newest rules, and no key that gives a tray which must not be given."""

from __future__ import annotations

from consoles.kit.testing import pressed, settled
from core.delivery.commands import GiveTray
from core.delivery.model import DeliveryIssue, HandOver
from core.payments.commands import PutOnAccount, TakeCash
from tests.ward_tui.gave import gave
from tests.ward_tui.ward import Ward, flat


async def test_two_scans_make_a_match_and_the_screen_looks_as_it_was_drawn(w: Ward) -> None:
    order_id = w.out("A-015", allergies=("peanut",), diet=("diabetic", "low_salt"), method="cash")
    async with w.shown() as pilot:
        await w.scan_tray(pilot, order_id)
        await w.scan_wristband(pilot, order_id)
        assert w.screen().splitlines() == [
            "A-015  BEDSIDE               LIVE 12:35 ",
            "1 tray OK  2 wristband OK  3 hand over  ",
            "========================================",
            "||                                    ||",
            "||          = =  MATCH  = =           ||",
            "||     tray L-0412  is for A-015      ||",
            "||                                    ||",
            "========================================",
            "[!] ALLERGY PEANUT                      ",
            "[=] DIABETIC + LOW SALT                 ",
            "    Ibishyimbo 1   Umuceri 1            ",
            "ALLOWED  checked 12:35, rules of 12:35  ",
            "next: cash 1,500 RWF, then the signature",
            "----------------------------------------",
            "+------------------+ +-----------------+",
            "| i  NOT GIVEN     | | t  TO THE NURSE |",
            "+------------------+ +-----------------+",
            "+======================================+",
            "|  Enter   GIVEN  -  sign to finish    |",
            "+======================================+",
        ]


async def test_the_wristband_may_come_first(w: Ward) -> None:
    order_id = w.out("A-015")
    async with w.shown() as pilot:
        await w.scan_wristband(pilot, order_id)
        assert "SCAN THE TRAY" in w.screen()
        await w.scan_tray(pilot, order_id)
        assert "MATCH" in w.screen()


async def test_a_match_beeps_once_and_no_match_three_times(w: Ward) -> None:
    mine, other = w.out("A-015"), w.out("A-022")
    async with w.shown() as pilot:
        await w.scan_tray(pilot, mine)
        await w.scan_wristband(pilot, mine)
        once = w.app.rings
        await w.scan_wristband(pilot, other)
        assert (once, w.app.rings) == (1, 4)


async def test_no_match_shows_nothing_of_either_patient(w: Ward) -> None:
    mine, other = w.out("A-015", allergies=("peanut",)), w.out("A-022", isolation="contact")
    async with w.shown() as pilot:
        await w.scan_tray(pilot, mine)
        await w.scan_wristband(pilot, other)
        shown = w.screen()
        assert "NO MATCH" in shown and "This tray is not for this patient." in shown
        for secret in ("A-015", "A-022", "PEANUT", "ISOLATION", "L-0413", "Ibishyimbo"):
            assert secret not in shown


async def test_no_match_offers_three_ways_and_none_of_them_gives(w: Ward) -> None:
    mine, other = w.out("A-015"), w.out("A-022")
    async with w.shown() as pilot:
        await w.scan_tray(pilot, mine)
        await w.scan_wristband(pilot, other)
        await pressed(pilot, "enter", "t")
        assert (w.app.screen is w.app.seen, gave(w)) == (True, [])
        await pressed(pilot, "3")
        assert "extension 214" in flat(w.screen())
        await pressed(pilot, "escape", "1")
        assert "SCAN THE TRAY" in w.screen()
        await w.scan_tray(pilot, mine)
        await w.scan_wristband(pilot, other)
        await pressed(pilot, "2")
        assert w.screen().startswith("MY RUN")


async def test_an_old_label_is_refused_whatever_is_scanned_beside_it(w: Ward) -> None:
    order_id = w.out("A-015")
    w.nil_by_mouth(order_id)
    w.diet_now(order_id, "regular")  # the stop is lifted, and the label has a new version
    async with w.shown() as pilot:
        await w.scan_tray(pilot, order_id, version=1)
        await w.scan_wristband(pilot, order_id)
        assert w.tray(order_id).label_version == 2
        assert "OLD LABEL" in w.screen()
        await pressed(pilot, "enter")
        assert gave(w) == []


async def test_an_unknown_scan_says_so_aloud_and_changes_nothing(w: Ward) -> None:
    w.out("A-015")
    async with w.shown() as pilot:
        await w.scan(pilot, "5901234123457")
        assert (w.app.rings, "I do not know 5901234123457" in flat(w.screen())) == (1, True)
        assert w.screen().startswith("MY RUN")


async def test_a_wristband_without_a_tray_on_its_way_says_so(w: Ward) -> None:
    stay_id = w.patient("A-003")
    async with w.shown() as pilot:
        await w.scan(pilot, f"STAY:{stay_id}")
        assert "No tray is on its way for this patien" in w.screen()


async def test_a_broken_scan_is_rejected_loudly(w: Ward) -> None:
    async with w.shown() as pilot:
        await w.scan(pilot, "x")
        assert w.app.rings == 3


# -- giving ---------------------------------------------------------------------------------------------------------


async def test_given_goes_back_to_the_next_stop_and_can_be_undone_for_ten_seconds(w: Ward) -> None:
    order_id = w.out("A-015")
    w.out("A-022")
    async with w.shown() as pilot:
        await w.scan_tray(pilot, order_id)
        await w.scan_wristband(pilot, order_id)
        await pressed(pilot, "enter")
        await w.sign(pilot)
        assert ">1  A-022" in w.screen() and "GIVEN L-0412 A-015  u = undo, 10 s left" in w.screen()
        w.sync()
        assert w.state(order_id) == "delivered"
        await pressed(pilot, "u")
        w.sync()
        assert (w.state(order_id), "A-015" in w.screen()) == ("out", True)


async def test_undo_is_gone_after_ten_seconds(w: Ward) -> None:
    order_id = w.out("A-015")
    async with w.shown() as pilot:
        await w.scan_tray(pilot, order_id)
        await w.scan_wristband(pilot, order_id)
        await pressed(pilot, "enter")
        await w.sign(pilot)
        w.pass_(seconds=11)
        await pressed(pilot, "u")
        w.sync()
        assert w.state(order_id) == "delivered"


async def test_what_was_scanned_and_how_it_was_signed_are_kept(w: Ward) -> None:
    order_id = w.out("A-015")
    async with w.shown() as pilot:
        await w.scan_tray(pilot, order_id)
        await w.scan_wristband(pilot, order_id)
        await pressed(pilot, "enter", "x")
        await w.pin(pilot, "runner-1")
        await settled(pilot)
        w.sync()
        (kept,) = w.rows(HandOver)
        assert (kept.by, kept.proof, kept.identifiers, kept.typed) == ("runner-1", "x_and_pin", "wristband", False)


async def test_nobody_signs_with_an_empty_pad(w: Ward) -> None:
    order_id = w.out("A-015")
    async with w.shown() as pilot:
        await w.scan_tray(pilot, order_id)
        await w.scan_wristband(pilot, order_id)
        await pressed(pilot, "enter", "enter")
        assert "Nobody has signed yet." in w.screen()
        await pressed(pilot, "escape")
        assert ("MATCH" in w.screen(), gave(w)) == (True, [])


async def test_cash_first_then_the_signature(w: Ward) -> None:
    order_id = w.out("A-015", method="cash")
    async with w.shown() as pilot:
        await w.scan_tray(pilot, order_id)
        await w.scan_wristband(pilot, order_id)
        await pressed(pilot, "enter", "2", "enter")
        await w.sign(pilot)
        w.sync()
        acts = [type(command) for command in w.app.seen.performed]
        assert (acts, w.state(order_id)) == ([TakeCash, GiveTray], "delivered")


async def test_no_cash_now_leaves_the_tray_with_the_patient(w: Ward) -> None:
    order_id = w.out("A-015", method="cash")
    async with w.shown() as pilot:
        await w.scan_tray(pilot, order_id)
        await w.scan_wristband(pilot, order_id)
        await pressed(pilot, "enter", "n")
        await w.sign(pilot)
        w.sync()
        acts = [type(command) for command in w.app.seen.performed]
        assert (acts, w.state(order_id)) == ([PutOnAccount, GiveTray], "delivered")


async def test_going_back_from_the_cash_gives_nothing(w: Ward) -> None:
    order_id = w.out("A-015", method="cash")
    async with w.shown() as pilot:
        await w.scan_tray(pilot, order_id)
        await w.scan_wristband(pilot, order_id)
        await pressed(pilot, "enter", "escape")
        assert ("MATCH" in w.screen(), w.app.seen.performed) == (True, [])


async def test_a_finger_is_enough(w: Ward) -> None:
    order_id = w.out("A-015")
    async with w.shown() as pilot:
        await w.scan_tray(pilot, order_id)
        await w.scan_wristband(pilot, order_id)
        await pilot.click("#panel", offset=(20, 17))  # GIVEN
        await settled(pilot)
        await w.sign(pilot)
        w.sync()
        assert w.state(order_id) == "delivered"


async def test_a_finger_that_slides_off_a_button_presses_nothing(w: Ward) -> None:
    order_id = w.out("A-015")
    async with w.shown() as pilot:
        await w.scan_tray(pilot, order_id)
        await w.scan_wristband(pilot, order_id)
        await pilot.mouse_down("#panel", offset=(5, 14))
        await pilot.mouse_up("#panel", offset=(20, 17))
        await settled(pilot)
        assert w.app.screen is w.app.seen


async def test_typing_takes_the_number_two_identifiers_and_a_reason(w: Ward) -> None:
    order_id = w.out("A-015")
    async with w.shown() as pilot:
        await pressed(pilot, "slash", *"l412", "enter")
        assert "1 tray OK" in w.screen()
        await pressed(pilot, "slash", "1", *"12041974", "enter")
        await pressed(pilot, "1", "H", "minus", "A", "minus", *"015", "enter", "2")
        assert "MATCH" in w.screen()
        await pressed(pilot, "enter")
        await w.sign(pilot)
        w.sync()
        (kept,) = w.rows(HandOver)
        assert (kept.typed, kept.identifiers) == (True, "birth_date hospital_number")
        assert kept.note == "the wristband cannot be read"


async def test_two_identifiers_that_do_not_fit_are_no_match(w: Ward) -> None:
    order_id = w.out("A-015")
    async with w.shown() as pilot:
        await w.scan_tray(pilot, order_id)
        await pressed(pilot, "slash", "1", *"12041975", "enter", "1", *"H1", "enter", "1")
        assert "NO MATCH" in w.screen()
        await pressed(pilot, "enter")
        assert gave(w) == []


async def test_not_given_says_what_follows_before_it_is_pressed(w: Ward) -> None:
    order_id = w.out("A-015")
    async with w.shown() as pilot:
        await w.scan_tray(pilot, order_id)
        await pressed(pilot, "i")
        assert "4  refused by the patient" in w.screen()
        assert "The tray goes back and is charged." in w.screen()
        await pressed(pilot, "4")
        w.sync()
        assert (w.state(order_id), w.screen().startswith("MY RUN")) == ("undeliverable", True)
        assert [issue.code for issue in w.rows(DeliveryIssue)] == ["refused"]


async def test_every_code_of_an_issue_can_be_reached_with_a_handheld(w: Ward) -> None:
    from ward_tui.issues import CODES

    w.out("A-015")
    async with w.shown() as pilot:
        await pressed(pilot, "enter", "i")
        pages = w.screen()
        for _ in range(3):
            await pressed(pilot, "pagedown")
            pages += w.screen()
        from core.words import word

        for code in CODES:
            assert word(f"issue.{code}", "en") in flat(pages), code


async def test_the_nurse_takes_it_with_a_pin(w: Ward) -> None:
    order_id = w.out("A-015")
    async with w.shown() as pilot:
        await w.scan_tray(pilot, order_id)
        await w.scan_wristband(pilot, order_id)
        await pressed(pilot, "t")
        assert (
            "nurse 1" in w.screen() and "nurse 2" not in w.screen() and "runner" not in w.screen().partition("who?")[2]
        )
        await pressed(pilot, "1")
        await w.pin(pilot, "nurse-1")
        await settled(pilot)
        w.sync()
        (kept,) = w.rows(HandOver)
        assert (w.state(order_id), kept.to_nurse, kept.by) == ("handed_to_nurse", "nurse-1", "runner-1")


async def test_a_wrong_pin_of_the_nurse_gives_nothing(w: Ward) -> None:
    order_id = w.out("A-015")
    async with w.shown() as pilot:
        await w.scan_tray(pilot, order_id)
        await w.scan_wristband(pilot, order_id)
        await pressed(pilot, "t", "1", *"000000")
        await settled(pilot)
        assert "Not that PIN" in w.screen()
        assert gave(w) == []


async def test_airborne_goes_to_the_nurse_and_given_is_not_offered(w: Ward) -> None:
    order_id = w.out("A-015", isolation="airborne")
    async with w.shown() as pilot:
        await w.scan_tray(pilot, order_id)
        await w.scan_wristband(pilot, order_id)
        assert "[+] ISOLATION AIRBORNE, nurse only" in w.screen()
        assert "Enter   TO THE NURSE" in w.screen() and "GIVEN  -" not in w.screen()
        await pressed(pilot, "enter", "1")
        await w.pin(pilot, "nurse-1")
        await settled(pilot)
        w.sync()
        assert w.state(order_id) == "handed_to_nurse"
