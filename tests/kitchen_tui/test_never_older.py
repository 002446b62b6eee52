"""A wall that remembers its cards is never older than its store: whoever wrote there, whatever changed, and when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from sqlalchemy import Connection, Table, select

from consoles.kit.dialogs import RefusedScreen
from consoles.kit.testing import StillClock, pressed, settled
from core.diets.commands import StartNilByMouth
from core.kernel.tx import Tx
from core.kernel.values import HOUR_MS, MINUTE_MS
from core.menu.commands import SetIngredient
from core.orders.commands import MarkReady, StartCooking, TickLine
from core.orders.kitchen import KitchenBoard, kitchen_board
from core.orders.model import Order, OrderLine
from core.orders.placing import CancelOrder
from core.orders.tickets import Tickets
from core.store.open import Store, open_store
from core.store.tables import ROWS, TABLES
from core.wards.model import Stay
from tests import given
from tests.consoles import house
from tests.kitchen_tui import lunch
from tests.kitchen_tui.conftest import Arrive, Wall
from tests.kitchen_tui.presses import board_of, choose, rows, sign_in

SHOWN = ("diet_profile", "dish", "dish_facts", "order", "order_line", "order_move", "person", "service", "stay", "ward")
LATER = 40 * MINUTE_MS


@pytest.fixture
def held(tx: Tx, clock: StillClock, tmp_path: Path) -> Iterator[Store]:
    """What a kitchen holds at lunch in full swing, with a dinner to come and a dish that nobody has looked into."""
    given.service(tx, "dinner", hour=19)
    nobody_looked_into(tx, "sosoma")
    lunch.swing(tx)
    store = house.device_store(tx, tmp_path, heard=clock.now())
    yield store
    store.close()


@pytest.fixture
def beside(held: Store, tmp_path: Path) -> Iterator[Store]:
    """Another process at the same store."""
    store = open_store(tmp_path / "kitchen-1.db", None)
    yield store
    store.close()


def nobody_looked_into(tx: Tx, dish_id: str) -> None:
    named = dict.fromkeys(("name_en", "name_fr", "name_rw"), "powder")
    powder = SetIngredient(ingredient_id="powder", verified=False, **named)  # type: ignore[arg-type]  # three names
    given.perform(tx, powder, by=given.LEAD, at=given.MIDNIGHT)
    given.dish(tx, dish_id, "powder", price=500, suits=lunch.SUITS)


def asked(store: Store, tickets: Tickets | None = None, *, at: int = lunch.NOW, age: int | None = 0) -> KitchenBoard:
    with store.reading() as db:
        return kitchen_board(db, at=at, rules_age=age, tickets=tickets)


def columns() -> list[tuple[str, str]]:
    tables = [TABLES[ROWS[name]] for name in SHOWN]
    return [(table.name, column.name) for table in tables for column in table.c if column.name != "id"]


def values_of(db: Connection, table: Table, column: str) -> dict[str, object]:
    return {row[0]: row[1] for row in db.execute(select(table.c.id, table.c[column]).order_by(table.c.id))}


def write(store: Store, table: Table, column: str, values: Mapping[str, object]) -> None:
    with store.writing() as db:
        for row_id, value in values.items():
            db.execute(table.update().where(table.c.id == row_id).values({column: value}))


def turned(values: Mapping[str, object]) -> dict[str, object]:
    """Every row says what the row before it said: other values, and none that cannot be."""
    found = list(values.values())
    return dict(zip(values, [found[-1], *found[:-1]], strict=True))


def test_whatever_another_process_changes_is_on_the_next_card(held: Store, beside: Store) -> None:
    """Each column of each table that a card is told from, one after the other."""
    tickets = Tickets()
    before, showing = asked(held, tickets), []
    for name, column in columns():
        table = TABLES[ROWS[name]]
        with held.reading() as db:
            values = values_of(db, table, column)
        write(beside, table, column, turned(values))
        told = asked(held, tickets)
        assert told == asked(held), f"{name}.{column}"
        showing += [f"{name}.{column}"] if told != before else []
        write(beside, table, column, values)
        assert asked(held, tickets) == before, f"{name}.{column} and back"
    assert {one.partition(".")[0] for one in showing} == set(SHOWN)
    assert {"order.state", "order.stop", "order_line.ticked_at", "diet_profile.allergens", "stay.bed_id"} < {*showing}


@pytest.mark.parametrize("name", ["diet_profile", "dish", "order", "order_line", "stay", "ward"])
def test_what_is_not_held_any_more_is_not_remembered_either(held: Store, beside: Store, name: str) -> None:
    tickets, table = Tickets(), TABLES[ROWS[name]]
    before = asked(held, tickets)
    with beside.writing() as db:
        db.execute(table.delete())
    told, anew = asked(held, tickets), asked(held)
    assert (told == anew, told == before) == (True, False)


def test_what_comes_back_after_it_was_gone_is_told_as_it_is_now(held: Store, beside: Store) -> None:
    tickets, table = Tickets(), TABLES[ROWS["order"]]
    asked(held, tickets)
    with beside.writing() as db:
        db.execute(table.update().values(archived_at=lunch.NOW))
    assert asked(held, tickets).tickets == ()
    with beside.writing() as db:
        db.execute(table.update().values(archived_at=None, wish="warm"))
    assert {ticket.wish for ticket in asked(held, tickets).tickets} == {"warm"}


def test_time_alone_changes_a_card(tx: Tx, held: Store) -> None:
    """A fast that begins when the meal is overdue, rules that grow old, a meal that comes near, a clock set back."""
    order = given.now(tx, tx.all(Order, of=tx.get(Stay, "stay-A-031"))[0])
    fast = StartNilByMouth(stay_id=order.stay_id, reason="doctor", from_at=lunch.DISPATCH + LATER)
    given.perform(tx, fast, by=given.DOCTOR, at=lunch.NOW)
    house.arrive(held, tx)
    tickets, flags = Tickets(), []
    for at, age in (
        (lunch.DISPATCH - 4 * HOUR_MS, 0),
        (lunch.NOW, 0),
        (lunch.NOW, 5 * HOUR_MS),
        (lunch.NOW, None),
        (lunch.DISPATCH + LATER - 1, 0),
        (lunch.DISPATCH + LATER, 0),
        (lunch.NOW, 0),
    ):
        told = asked(held, tickets, at=at, age=age)
        assert told == asked(held, at=at, age=age)
        flags.append([flag.code for ticket in told.everything if ticket.key == order.id for flag in ticket.flags])
    assert [("nil_by_mouth" in codes) for codes in flags] == [False, False, False, False, False, True, False]


def test_another_language_and_another_name_are_told_at_once(held: Store, beside: Store) -> None:
    tickets = Tickets()
    asked(held, tickets)
    with held.reading() as db:
        told = kitchen_board(db, at=lunch.NOW, language="rw", tickets=tickets)
        assert told == kitchen_board(db, at=lunch.NOW, language="rw")
    with beside.writing() as db:
        db.execute(TABLES[ROWS["person"]].update().values(display="the new one"))
    cooks = {ticket.cook for ticket in asked(held, tickets).tickets}
    assert cooks == {"", "the new one"}


def test_of_the_same_rows_it_is_the_same_card(tx: Tx, held: Store) -> None:
    """What a wall shows is compared card by card: those that did not change are the very same."""
    tickets = Tickets()
    before = {ticket.key: ticket for ticket in asked(held, tickets).everything}
    line = tx.all(OrderLine, of=tx.get(Order, next(iter(before))))[0]
    given.perform(tx, TickLine(line_id=line.id), by=given.COOK, at=lunch.NOW)
    house.arrive(held, tx)
    after = {ticket.key: ticket for ticket in asked(held, tickets).everything}
    assert [key for key in after if after[key] is not before[key]] == [line.order_id]


# -- on the glass -----------------------------------------------------------------------------------------------------


async def test_what_another_process_presses_is_on_the_wall(wall: Wall, tx: Tx, arrive: Arrive) -> None:
    orders = lunch.swing(tx)
    app = wall()
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        given.perform(tx, StartCooking(order_id=orders["L-0412"].id), by=given.COOK, at=lunch.NOW)
        given.perform(tx, CancelOrder(order_id=orders["L-0405"].id), by=given.NURSE_B, at=lunch.NOW)
        arrive(app)
        await settled(pilot)
        shown = {ticket.number: ticket for ticket in board_of(pilot).board.cards.values()}
        assert (shown["L-0412"].state, shown["L-0405"].is_stopped) == ("cooking", True)
        given.perform(tx, MarkReady(order_id=orders["L-0412"].id), by=given.COOK, at=lunch.NOW)
        arrive(app)
        await settled(pilot)
        assert "L-0412" not in {ticket.number for ticket in board_of(pilot).board.cards.values()}


async def test_what_speaks_against_a_press_is_on_the_wall_behind_the_refusal(
    wall: Wall, tx: Tx, arrive: Arrive
) -> None:
    """The store knows of a fast, and nobody has told the screen yet."""
    orders = lunch.swing(tx)
    app = wall()
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await sign_in(pilot)
        await choose(pilot, "L-0412")
        given.nil_by_mouth(tx, orders["L-0412"].stay_id, at=lunch.NOW)
        arrive(app, told=False)
        before = board_of(pilot).board.cards[orders["L-0412"].id]
        await pressed(pilot, "enter")
        after = board_of(pilot).board.cards[orders["L-0412"].id]
        assert isinstance(app.screen, RefusedScreen)
        assert [any(flag.code == "nil_by_mouth" for flag in one.flags) for one in (before, after)] == [False, True]


async def test_a_fast_that_begins_by_itself_is_on_the_wall_within_the_minute(
    wall: Wall, tx: Tx, clock: StillClock
) -> None:
    """Nothing is written at that instant, and nobody says so: the wall asks when another minute has begun."""
    order = lunch.order(tx, lunch.MEALS[5])
    begins = lunch.DISPATCH + LATER
    fast = StartNilByMouth(stay_id=order.stay_id, reason="doctor", from_at=begins)
    given.perform(tx, fast, by=given.DOCTOR, at=lunch.NOW)
    app = wall()
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        seen = []
        for minutes in ((begins - lunch.NOW) // MINUTE_MS - 1, 1):
            clock.pass_(minutes=minutes)
            app.tick()
            await settled(pilot)
            seen.append(any("NIL BY MOUTH" in row for row in rows(pilot)[3:]))
        assert seen == [False, True]
