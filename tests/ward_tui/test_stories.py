"""A runner's day in stories: two stores, one line between them that is cut and joined, and the truth on both sides."""

from __future__ import annotations

from consoles.kit.testing import pressed, settled
from core.delivery.commands import GiveTray
from core.delivery.model import HandOver
from core.orders.commands import AcknowledgeStop, TakeBack
from core.orders.model import Order
from core.payments.model import LedgerEntry, Payment
from core.wards.commands import Discharge
from tests.ward_tui.ward import COOK, NURSE, RUNNER_2, Ward, flat


async def test_given_with_two_scans_from_taking_out_to_the_account(w: Ward) -> None:
    order_id = w.ready(w.order(w.patient("A-015", allergies=("fish",)), method="cash"))
    async with w.shown() as pilot:
        await pressed(pilot, "enter", "enter")  # take out: the whole cart
        w.sync()
        assert w.state(order_id) == "out"
        await w.scan_tray(pilot, order_id)
        await w.scan_wristband(pilot, order_id)
        await pressed(pilot, "enter", "2")
        assert "TAKEN, give back 500 RWF" in w.screen()
        await pressed(pilot, "enter")
        await w.sign(pilot)
        w.sync()
        payment = w.row(Payment, order_id)
        assert (w.state(order_id), payment.paid_francs, payment.state) == ("delivered", 1_500, "paid")
        assert "All 1 delivered" in w.screen()


async def test_a_wrong_wristband_then_the_right_one(w: Ward) -> None:
    mine, other = w.out("A-015"), w.out("A-022")
    async with w.shown() as pilot:
        await w.scan_tray(pilot, mine)
        await w.scan_wristband(pilot, other)
        assert "NO MATCH" in w.screen() and "A-022" not in w.screen()
        await w.scan_wristband(pilot, mine)
        assert "MATCH" in w.screen() and "NO MATCH" not in w.screen()
        await pressed(pilot, "enter")
        await w.sign(pilot)
        w.sync()
        assert (w.state(mine), w.state(other)) == ("delivered", "out")


async def test_nil_by_mouth_arrives_while_the_tray_is_on_its_way(w: Ward) -> None:
    """A doctor stops food: the handheld rings, no key gives the tray, it goes back, and nobody pays."""
    order_id = w.out("A-022", method="cash", isolation="contact")
    async with w.shown() as pilot:
        w.pass_(minutes=3)
        w.nil_by_mouth(order_id)
        await w.hear(pilot)
        assert w.app.rings == 3
        await w.scan_tray(pilot, order_id)
        await w.scan_wristband(pilot, order_id)
        assert "DO NOT GIVE" in w.screen() and "[X] NIL BY MOUTH since 12:38, doctor" in w.screen()
        await pressed(pilot, "enter", "t")
        assert not [one for one in w.app.seen.performed if isinstance(one, GiveTray)]
        await pressed(pilot, "1")
        w.sync()
        assert w.state(order_id) == "undeliverable"
        assert [entry for entry in w.rows(LedgerEntry) if entry.order_id == order_id and entry.francs] == []
        assert w.row(Payment, order_id).due_francs == 0
        assert w.tray(order_id).label_void
        assert "MY RUN" in w.screen()


async def test_the_kitchen_sees_that_the_stop_was_read(w: Ward) -> None:
    order_id = w.out("A-022")
    w.nil_by_mouth(order_id)
    w.do(AcknowledgeStop(order_id=order_id), COOK)
    async with w.shown() as pilot:
        await pressed(pilot, "enter")
        assert "DO NOT GIVE" in w.screen()  # seen is not lifted
        await pressed(pilot, "enter")
        assert not w.app.seen.performed


async def test_a_patient_who_moved_is_found_where_they_lie_now(w: Ward) -> None:
    order_id = w.out("A-018")
    async with w.shown() as pilot:
        w.pass_(minutes=4)
        w.move(order_id, "B-012")
        await w.hear(pilot)
        assert "B-012" in w.screen() and "MOVED" in w.screen() and "was A-018 until 12:39" in w.screen()
        await w.scan_tray(pilot, order_id)
        await w.scan_wristband(pilot, order_id)
        assert "tray L-0412  is for B-012" in w.screen()
        assert "MOVED to B-012, was A-018 until 12:39" in flat(w.screen())
        await pressed(pilot, "enter")
        await w.sign(pilot)
        w.sync()
        assert w.state(order_id) == "delivered"


async def test_given_offline_and_told_once_when_the_line_is_back(w: Ward) -> None:
    order_id = w.out("A-015", allergies=("peanut",))
    async with w.shown() as pilot:
        w.console.link.down = True
        w.pass_(minutes=2)
        w.app.tick()
        await settled(pilot)
        assert w.chip() == "OFF 2m, 0 to send"
        await w.scan_tray(pilot, order_id)
        await w.scan_wristband(pilot, order_id)
        assert "ALLOWED  checked 12:37, rules of 12:35" in w.screen()
        await pressed(pilot, "enter")
        await w.sign(pilot)
        assert w.chip() == "OFF 2m, 1 to send"
        assert (w.state(order_id), "1 of 1 delivered" in w.screen()) == ("out", True)
        w.console.link.down = False
        await w.hear(pilot)
        assert (w.state(order_id), len(w.rows(HandOver)), w.console.waiting) == ("delivered", 1, 0)
        w.sync()
        assert len(w.rows(HandOver)) == 1


async def test_stopped_while_the_handheld_was_offline_it_is_a_case_and_nobody_pays(w: Ward) -> None:
    """The doctor's stop could not reach this handheld in time. What happened is kept, and somebody owns it."""
    order_id = w.out("A-022", method="cash")
    async with w.shown() as pilot:
        w.console.link.down = True
        w.nil_by_mouth(order_id)
        await w.scan_tray(pilot, order_id)
        await w.scan_wristband(pilot, order_id)
        await pressed(pilot, "enter", "n")
        await w.sign(pilot)
        w.console.link.down = False
        await w.hear(pilot)
        assert (w.state(order_id), w.cases()) == ("delivered", ["given_against_rules"])
        assert ("applied_exception", "given_against_rules") in w.console.verdicts()
        assert w.row(Payment, order_id).due_francs == 0


async def test_delivered_after_it_was_cancelled(w: Ward) -> None:
    """The kitchen took READY back and the nurse cancelled, while the runner had no line: given all the same,
    and kept."""
    order_id = w.ready(w.order(w.patient("A-015")))
    async with w.shown() as pilot:
        w.console.link.down = True
        w.do(TakeBack(order_id=order_id, step="ready"), COOK)
        w.cancel(order_id)
        await pressed(pilot, "enter", "enter")
        await w.scan_tray(pilot, order_id)
        await w.scan_wristband(pilot, order_id)
        await pressed(pilot, "enter")
        await w.sign(pilot)
        w.console.link.down = False
        await w.hear(pilot)
        assert w.state(order_id) == "cancelled"
        assert sorted(w.cases()) == ["delivered_after_cancel", "taken_out_after_cancel"]
        assert [one.by for one in w.rows(HandOver)] == ["runner-1"]


async def test_two_runners_one_tray_the_first_counts(w: Ward) -> None:
    order_id = w.out("A-015")
    async with w.shown() as pilot:
        w.console.link.down = True
        w.given(order_id, RUNNER_2)
        await w.scan_tray(pilot, order_id)
        await w.scan_wristband(pilot, order_id)
        await pressed(pilot, "enter")
        await w.sign(pilot)
        w.console.link.down = False
        await w.hear(pilot)
        assert w.console.verdicts() == [("duplicate", "done_already")]
        by = [(one.by, one.second) for one in sorted(w.rows(HandOver), key=lambda one: one.second)]
        assert by == [("runner-2", False), ("runner-1", True)]


async def test_cash_of_2000_for_1500_gives_500_back_and_the_books_agree(w: Ward) -> None:
    order_id = w.out("A-015", method="cash")
    async with w.shown() as pilot:
        await w.scan_tray(pilot, order_id)
        await w.scan_wristband(pilot, order_id)
        await pressed(pilot, "enter", "2")
        large = [row[12:30].rstrip() for row in w.screen().splitlines()[5:10]]
        assert large == [
            "####  ####  ####",
            "#     #  #  #  #",
            "####  #  #  #  #",
            "   #  #  #  #  #",
            "####  ####  ####",
        ]
        await pressed(pilot, "enter")
        await w.sign(pilot)
        w.sync()
        books = {entry.account: entry.francs for entry in w.rows(LedgerEntry) if entry.order_id == order_id}
        assert books == {"cash": 1_500, "charged": 1_500}
        assert w.cases() == []


async def test_gone_home_while_the_tray_was_on_its_way(w: Ward) -> None:
    order_id = w.out("A-015")
    async with w.shown() as pilot:
        w.do(Discharge(stay_id=w.row(Order, order_id).stay_id), NURSE)
        await w.hear(pilot)
        assert "patient has gone home: bring it back" in flat(w.screen())
        await pressed(pilot, "enter")
        assert "DO NOT GIVE" in w.screen()
        await pressed(pilot, "1")
        w.sync()
        assert (w.state(order_id), w.row(Order, order_id).reason) == ("undeliverable", "discharged")
