"""The wall as time passes: what rings, what becomes late, what is said when contact or rules grow old."""

from __future__ import annotations

from consoles.kit.testing import StillClock, pressed, settled
from core.kernel.tx import Tx
from core.orders.commands import StartCooking
from core.orders.model import Order
from tests import given
from tests.kitchen_tui import lunch
from tests.kitchen_tui.conftest import Arrive, Wall
from tests.kitchen_tui.lunch import Meal
from tests.kitchen_tui.presses import choose, rows, saved, sign_in

LATE = Meal("L-0431", "A-001", (("umuceri", 2),))
SIZE = (80, 24)


def orders_of(tx: Tx) -> dict[str, Order]:
    return lunch.swing(tx)


# -- sound ------------------------------------------------------------------------------------------------------------


async def test_new_orders_ring_once_and_a_stop_three_times_until_it_is_read(
    wall: Wall, tx: Tx, arrive: Arrive, clock: StillClock
) -> None:
    orders = lunch.served(tx)
    app = wall()
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        heard = [app.rings]
        lunch.order(tx, LATE)
        arrive(app)
        await settled(pilot)
        heard.append(app.rings)
        given.perform(tx, StartCooking(order_id=orders["L-0420"].id), by=given.COOK, at=lunch.NOW)
        given.nil_by_mouth(tx, orders["L-0420"].stay_id, at=lunch.NOW)
        arrive(app)
        await settled(pilot)
        heard.append(app.rings)
        clock.pass_(seconds=31)
        app.tick()
        heard.append(app.rings)
        assert heard == [0, 1, 4, 7]


async def test_a_silenced_bell_rings_for_a_stop_all_the_same(wall: Wall, tx: Tx, arrive: Arrive) -> None:
    orders = lunch.served(tx)
    app = wall()
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        await pressed(pilot, "b")
        lunch.order(tx, LATE)
        arrive(app)
        await settled(pilot)
        quiet = app.rings
        given.perform(tx, StartCooking(order_id=orders["L-0420"].id), by=given.COOK, at=lunch.NOW)
        given.nil_by_mouth(tx, orders["L-0420"].stay_id, at=lunch.NOW)
        arrive(app)
        await settled(pilot)
        assert (quiet, app.rings) == (0, 3)


# -- times and ages ---------------------------------------------------------------------------------------------------


async def test_a_meal_becomes_late_by_shape_and_word_as_time_passes(wall: Wall, tx: Tx, clock: StillClock) -> None:
    lunch.order(tx, LATE)
    app = wall()
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        seen = [rows(pilot)[3][14:26]]
        for minutes in (9, 12):
            clock.pass_(minutes=minutes)
            app.tick()
            await settled(pilot)
            seen.append(rows(pilot)[3][13:26].strip())
    assert seen == ["^ SOON T-18", "^^ LATE T-09", "^^ PAST 03"] or seen == [
        " ^ SOON T-18",
        "^^ LATE T-09",
        "^^ PAST 03",
    ]


async def test_without_contact_the_wall_says_since_when_and_goes_on(wall: Wall, tx: Tx, clock: StillClock) -> None:
    orders_of(tx)
    app = wall()
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        await sign_in(pilot)
        clock.pass_(minutes=1.5)
        await choose(pilot, "L-0412")
        await pressed(pilot, "enter")
        app.tick()
        await settled(pilot)
        assert rows(pilot)[0].endswith("OFFLINE 1 min, 1 to send ")
        assert saved(pilot) == ["orders.start_cooking"]


async def test_rules_beyond_the_limit_are_said_before_anything_else(wall: Wall, tx: Tx, clock: StillClock) -> None:
    orders_of(tx)
    app = wall()
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        clock.pass_(minutes=250)
        app.tick()
        await settled(pilot)
        assert rows(pilot)[0].endswith("RULES 4 h OLD ")


async def test_an_empty_wall_says_what_comes_next(wall: Wall, tx: Tx) -> None:
    given.service(tx, "dinner", hour=19)
    async with wall().run_test(size=SIZE) as pilot:
        await settled(pilot)
        assert any("No order waits. Next: dinner opens 13:00." in row for row in rows(pilot))


async def test_the_wall_opens_and_leaves_no_thread_behind(wall: Wall, tx: Tx) -> None:
    import threading

    orders_of(tx)
    async with wall().run_test(size=SIZE) as pilot:
        await settled(pilot)
    alive = [thread.name for thread in threading.enumerate() if thread.name.startswith("dusangire")]
    assert alive == []
