"""The run list: stops in walking order, with their beds of now, their red flags and what is due."""

from __future__ import annotations

from consoles.kit.testing import pressed, settled
from core.delivery.commands import ReportIssue
from core.orders.model import Order
from tests.ward_tui.ward import LAPTOP, LARGE_TYPE, RUNNER, Ward, flat


async def test_the_list_looks_as_it_was_drawn(w: Ward) -> None:
    w.out("A-015", allergies=("peanut",), method="cash")
    w.out("A-022", isolation="contact")
    moved = w.out("A-018")
    w.pass_(minutes=1)
    w.move(moved, "B-012")
    async with w.shown() as pilot:
        assert w.screen().splitlines()[1:13] == [
            "0 of 3 delivered             runner 1   ",
            "----------------------------------------",
            ">1  A-015          next stop, 1 min     ",
            "    [!] ALLERGY PEANUT                  ",
            "    L-0412  cash 1,500 RWF              ",
            " 2  A-022          Ward A, 1 min        ",
            "    [+] ISOLATION CONTACT               ",
            "    L-0413  nothing to pay              ",
            " 3  B-012          Ward B, 5 min  MOVED ",
            "    was A-018 until 12:36               ",
            "    L-0414  nothing to pay              ",
            "                                        ",
        ]


async def test_the_top_says_where_i_am_and_whether_it_is_live(w: Ward) -> None:
    w.out("A-015")
    async with w.shown() as pilot:
        assert w.screen().splitlines()[0] == "MY RUN  cart A  lunch        LIVE 12:35 "


async def test_a_diet_is_left_to_the_bedside_and_every_alarm_is_shown(w: Ward) -> None:
    w.out("A-001", allergies=("peanut", "fish"), diet=("diabetic",), assistance=("no_sharp_cutlery",))
    async with w.shown() as pilot:
        shown = w.screen()
        assert "[!] ALLERGY FISH, PEANUT" in shown
        assert "[H] NO SHARP CUTLERY" in shown
        assert "[=]" not in shown


async def test_a_stopped_tray_says_so_and_leads_to_the_bedside(w: Ward) -> None:
    order_id = w.out("A-001")
    w.nil_by_mouth(order_id)
    async with w.shown() as pilot:
        assert "## STOP ##" in w.screen()
        assert "[X] NIL BY MOUTH since 12:35, doctor" in w.screen()
        await pressed(pilot, "enter")
        assert "DO NOT GIVE" in w.screen()


async def test_a_stop_on_the_way_rings_three_times_at_once(w: Ward) -> None:
    order_id = w.out("A-001")
    async with w.shown() as pilot:
        w.nil_by_mouth(order_id)
        await w.hear(pilot)
        assert (w.app.rings, "## STOP ## 1 on its way" in w.screen()) == (3, True)


async def test_a_stop_rings_again_every_half_minute_until_it_is_opened(w: Ward) -> None:
    order_id = w.out("A-001")
    w.nil_by_mouth(order_id)
    async with w.shown() as pilot:
        w.pass_(seconds=31)
        w.app.tick()
        before = w.app.rings
        await pressed(pilot, "enter")
        w.pass_(seconds=31)
        w.app.tick()
        assert (before, w.app.rings) == (6, 9)  # opening it rings for itself, and then no more


async def test_a_locked_handheld_hides_patients_and_rings(w: Ward) -> None:
    order_id = w.out("A-001", allergies=("peanut",))
    async with w.shown(who="") as pilot:
        assert "A-001" not in w.screen() and "PEANUT" not in w.screen()
        w.nil_by_mouth(order_id)
        await w.hear(pilot)
        assert w.app.rings == 3
        assert "A-001" not in w.screen()


async def test_five_minutes_without_an_act_lock_it(w: Ward) -> None:
    w.out("A-001")
    async with w.shown() as pilot:
        w.pass_(minutes=5)
        w.app.tick()
        await settled(pilot)
        assert "A-001" not in w.screen()
        assert "locked" in w.screen()


async def test_signing_in_shows_that_persons_run(w: Ward) -> None:
    w.out("A-001")
    async with w.shown(who="") as pilot:
        await pressed(pilot, "f10")
        people = [person.display for person in w.app.store.door.people_here()]
        await pressed(pilot, str(people.index("runner 1") + 1))
        await w.pin(pilot, "runner-1")
        await settled(pilot)
        assert "A-001" in w.screen()


async def test_a_ready_tray_rings_once_whatever_is_on_the_screen(w: Ward) -> None:
    order_id = w.order(w.patient("A-003"))
    async with w.shown() as pilot:
        await pressed(pilot, "w")
        w.ready(order_id)
        await w.hear(pilot)
        assert (w.app.rings, "READY in the kitchen" in w.screen()) == (1, True)


async def test_what_was_ready_before_it_opened_does_not_ring(w: Ward) -> None:
    w.ready(w.order(w.patient("A-003")))
    async with w.shown() as pilot:
        assert w.app.rings == 0


async def test_an_empty_run_says_what_waits(w: Ward) -> None:
    w.ready(w.order(w.patient("A-003")))
    async with w.shown() as pilot:
        assert "1 tray stands ready in the kitchen: Enter." in flat(w.screen())
        await pressed(pilot, "enter")
        assert w.screen().startswith("TAKE OUT")


async def test_with_nothing_at_all_it_says_when_the_next_meal_leaves(w: Ward) -> None:
    async with w.shown() as pilot:
        assert "No tray waits for you." in w.screen()
        assert "Next: dinner leaves the kitchen 18:35." in flat(w.screen())


async def test_all_delivered_leads_to_collecting(w: Ward) -> None:
    w.given(w.out("A-001"), RUNNER)
    async with w.shown() as pilot:
        assert "All 1 delivered. Bring back cart A." in flat(w.screen())
        await pressed(pilot, "enter")
        assert w.screen().startswith("COLLECT")


async def test_a_digit_chooses_and_one_that_is_not_there_says_so(w: Ward) -> None:
    for bed in ("A-001", "A-002"):
        w.out(bed)
    async with w.shown() as pilot:
        await pressed(pilot, "2")
        assert ">2  A-002" in w.screen()
        await pressed(pilot, "7")
        assert "There is no 7 on this page." in w.screen()
        assert ">2  A-002" in w.screen()


async def test_pages_hold_whole_cards_and_say_how_many_follow(w: Ward) -> None:
    for number in range(1, 8):
        w.out(f"A-{number:03}", assistance=("needs_help_eating",))
    async with w.shown() as pilot:
        first = w.screen()
        assert "more: PgDn" in first and "A-001" in first and "A-007" not in first
        await pressed(pilot, "pagedown", "pagedown")
        assert "A-007" in w.screen()
        await pressed(pilot, "pageup", "pageup")
        assert "A-001" in w.screen()


async def test_arrows_go_from_stop_to_stop(w: Ward) -> None:
    for bed in ("A-001", "A-002"):
        w.out(bed)
    async with w.shown() as pilot:
        await pressed(pilot, "down")
        assert ">2  A-002" in w.screen()
        await pressed(pilot, "up")
        assert ">1  A-001" in w.screen()


async def test_nothing_moves_under_a_finger(w: Ward) -> None:
    w.out("A-002")
    async with w.shown() as pilot:
        await pressed(pilot, "1")
        w.out("A-001")
        await w.hear(pilot)
        rows = w.screen()
        assert rows.index("A-002") < rows.index("A-001")  # joined at the end
        assert ">1  A-002" in rows
        w.pass_(seconds=4)
        w.app.tick()
        await settled(pilot)
        rows = w.screen()
        assert rows.index("A-001") < rows.index("A-002")  # tidied when nobody pressed a key
        assert ">2  A-002" in rows  # the choice held on to the order


async def test_a_tap_opens_the_stop_under_the_finger(w: Ward) -> None:
    for bed in ("A-001", "A-002"):
        w.out(bed)
    async with w.shown() as pilot:
        await pilot.click("#panel", offset=(10, 5))
        await settled(pilot)
        assert w.screen().startswith("A-002  BEDSIDE")


async def test_a_sleeping_patients_tray_waits_with_its_hour(w: Ward) -> None:
    order_id = w.out("A-001")
    w.do(ReportIssue(order_id=order_id, code="asleep"), RUNNER)
    async with w.shown() as pilot:
        assert "asleep 12:35, waits until 14:35" in flat(w.screen())


async def test_large_type_shows_one_card_and_the_primary_act_at_the_bottom(w: Ward) -> None:
    w.out("A-001", allergies=("peanut",), method="cash")
    w.out("A-002")
    async with w.shown(LARGE_TYPE) as pilot:
        rows = w.screen().splitlines()
        assert len(rows) == 12
        assert "[!] ALLERGY PEANUT" in w.screen()
        assert "SCAN A TRAY  or  Enter = A-001" in rows[-3]
        await pressed(pilot, "enter")
        assert "BEDSIDE" in w.screen()


async def test_a_laptop_shows_every_key_of_the_run(w: Ward) -> None:
    w.out("A-001")
    async with w.shown(LAPTOP) as pilot:
        bar = " ".join(w.screen().splitlines()[-2:])
        for label in ("take out", "collect", "way", "issue", "cash", "desk", "? help"):
            assert label in bar


async def test_the_issue_key_reports_without_opening_the_bedside(w: Ward) -> None:
    order_id = w.out("A-001")
    async with w.shown() as pilot:
        await pressed(pilot, "i", "pagedown")
        number = next(
            row.strip()[0] for row in w.screen().splitlines() if "spilled" in row and row.strip()[0] in "123456789>"
        )
        await pressed(pilot, number if number != ">" else "enter")
        w.sync()
        assert w.state(order_id) == "kitchen_issue"


async def test_why_opens_over_the_list(w: Ward) -> None:
    w.out("A-001", allergies=("peanut",))
    async with w.shown() as pilot:
        await pressed(pilot, "e")
        assert "rules here" in w.screen() and "doctor 1" in w.screen()
        await pressed(pilot, "escape")
        assert w.screen().startswith("MY RUN")


async def test_the_way_names_wards_minutes_and_extensions(w: Ward) -> None:
    w.out("A-001")
    w.out("B-002")
    async with w.shown() as pilot:
        await pressed(pilot, "w")
        shown = w.screen()
        assert "1  Ward A" in shown and "ext 215" in shown and "B-002" in shown
        await pressed(pilot, "enter")
        assert w.screen().startswith("MY RUN")


async def test_three_languages_say_the_same_list(w: Ward) -> None:
    w.out("A-001", allergies=("peanut",), method="cash")
    async with w.shown() as pilot:
        for _ in range(2):
            await pressed(pilot, "f3")
            shown = w.screen()
            assert "A-001" in shown and "[!]" in shown and "1,500 RWF" in shown
            assert "MY RUN" not in shown
            assert "{" not in shown


async def test_cash_can_be_taken_from_the_list(w: Ward) -> None:
    order_id = w.out("A-001", method="cash")
    async with w.shown() as pilot:
        await pressed(pilot, "c", "enter")
        assert "nothing to pay" in w.screen()
        w.sync()
        assert w.row(Order, order_id).state == "out"


async def test_nothing_to_pay_is_said(w: Ward) -> None:
    w.out("A-001")
    async with w.shown() as pilot:
        await pressed(pilot, "c")
        assert "nothing to pay at the bed" in w.screen()
