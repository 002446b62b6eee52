"""Taking trays out of the kitchen, and bringing them back when they are empty."""

from __future__ import annotations

from consoles.kit.testing import pressed
from core.delivery.commands import CollectTray, TakeOut
from tests.ward_tui.ward import RUNNER, Ward, flat


async def test_one_key_takes_a_whole_cart_out(w: Ward) -> None:
    orders = [w.ready(w.order(w.patient(bed))) for bed in ("A-001", "A-002")]
    w.ready(w.order(w.patient("B-001")))
    async with w.shown() as pilot:
        await pressed(pilot, "l")
        assert "Enter = TAKE OUT 2, cart A" in w.screen()
        await pressed(pilot, "enter")
        w.sync()
        assert [w.state(order_id) for order_id in orders] == ["out", "out"]
        assert "LOADED 2, cart A" in w.screen()


async def test_a_digit_chooses_the_cart(w: Ward) -> None:
    w.ready(w.order(w.patient("A-001")))
    other = w.ready(w.order(w.patient("B-001")))
    async with w.shown() as pilot:
        await pressed(pilot, "l", "2", "enter")
        w.sync()
        assert w.state(other) == "out"
        await pressed(pilot, "9")
        assert "There is no 9 on this page." in w.screen()


async def test_undo_puts_every_tray_of_the_cart_back(w: Ward) -> None:
    orders = [w.ready(w.order(w.patient(bed))) for bed in ("A-001", "A-002")]
    async with w.shown() as pilot:
        await pressed(pilot, "enter", "enter")
        assert w.screen().startswith("MY RUN")  # nothing is left to load
        await pressed(pilot, "u")
        w.sync()
        assert [w.state(order_id) for order_id in orders] == ["ready", "ready"]


async def test_a_stopped_tray_stays_and_says_why(w: Ward) -> None:
    stopped = w.ready(w.order(w.patient("A-001")))
    free = w.ready(w.order(w.patient("A-002")))
    w.nil_by_mouth(stopped)
    async with w.shown() as pilot:
        await pressed(pilot, "l")
        assert "## STOP ## A-001" in w.screen() and "[X] NIL BY MOUTH" in w.screen()
        await pressed(pilot, "enter")
        w.sync()
        assert (w.state(stopped), w.state(free)) == ("ready", "out")


async def test_what_a_rule_keeps_back_at_the_press_is_named(w: Ward) -> None:
    """The stop is in the store and the screen has not heard of it."""
    stopped, free = w.ready(w.order(w.patient("A-001"))), w.ready(w.order(w.patient("A-002")))
    async with w.shown() as pilot:
        await pressed(pilot, "l")
        w.nil_by_mouth(stopped)
        w.sync()
        await pressed(pilot, "enter")
        assert "1 STAY HERE" in w.screen() and "A-001" in w.screen()
        w.sync()
        assert (w.state(stopped), w.state(free)) == ("ready", "out")


async def test_a_scan_takes_one_tray_out_and_the_same_one_again_only_opens_it(w: Ward) -> None:
    order_id = w.ready(w.order(w.patient("A-001")))
    w.ready(w.order(w.patient("A-002")))
    async with w.shown() as pilot:
        await pressed(pilot, "l")
        await w.scan_tray(pilot, order_id)
        assert "LOADED L-0412 A-001" in w.screen()
        await w.scan_tray(pilot, order_id)
        assert w.screen().startswith("A-001  BEDSIDE")
        pressed_here = [one for screen in w.app.screen_stack for one in getattr(screen, "performed", [])]
        assert [type(one) for one in pressed_here] == [TakeOut]


async def test_nothing_ready_says_so(w: Ward) -> None:
    async with w.shown() as pilot:
        await pressed(pilot, "l")
        assert "No tray stands ready. It rings when one does." in flat(w.screen())
        await pressed(pilot, "enter")
        assert w.app.seen.performed == []


async def test_a_tray_that_gets_ready_joins_its_cart(w: Ward) -> None:
    order_id = w.order(w.patient("A-001"))
    async with w.shown() as pilot:
        await pressed(pilot, "l")
        w.ready(order_id)
        await w.hear(pilot)
        assert "1 ready, 0 to come" in w.screen() and w.app.rings == 1


async def test_empty_trays_are_collected_one_by_one(w: Ward) -> None:
    for bed in ("A-001", "A-002"):
        w.given(w.out(bed), RUNNER)
    async with w.shown() as pilot:
        await pressed(pilot, "k")
        assert "2 trays at the beds" in w.screen() and "Enter = COLLECT L-0412, A-001" in w.screen()
        await pressed(pilot, "enter")
        assert "1 tray at a bed" in w.screen() and ">1  A-002" in w.screen()
        await pressed(pilot, "enter")
        assert "No tray stands at a bed." in w.screen()
        assert [type(one) for one in w.app.seen.performed] == [CollectTray, CollectTray]
        w.sync()
        assert w.console.verdicts() == [("applied", ""), ("applied", "")]


async def test_a_scan_collects_that_tray(w: Ward) -> None:
    w.given(w.out("A-001"), RUNNER)
    second = w.out("A-002")
    w.given(second, RUNNER)
    async with w.shown() as pilot:
        await pressed(pilot, "k")
        await w.scan_tray(pilot, second)
        w.sync()
        assert w.state(second) == "completed"


async def test_collecting_goes_by_pages_digits_and_arrows(w: Ward) -> None:
    for number in range(1, 8):
        w.given(w.out(f"A-{number:03}"), RUNNER)
    async with w.shown() as pilot:
        await pressed(pilot, "k", "2")
        assert ">2  A-002" in w.screen()
        await pressed(pilot, "down", "up", "pagedown")
        assert "A-007" in w.screen() or "A-006" in w.screen()
        await pressed(pilot, "pageup", "9")
        assert "There is no 9 on this page." in w.screen()
