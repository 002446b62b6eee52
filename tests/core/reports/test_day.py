"""A day adds up: by state, by ward, by method, in francs."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection

from core.kernel.tx import Tx
from core.kernel.values import MINUTE_MS
from core.orders.model import OrderState
from core.payments.commands import TakeCash
from core.reports.day import Francs, report_day
from tests import given

TODAY, YESTERDAY = "2026-11-25", "2026-11-24"


def test_a_day_counts_its_orders_by_state(demo: Connection) -> None:
    states = report_day(demo, TODAY, money=True).states()
    assert states == {
        "confirmed": 14,
        "held": 1,
        "cooking": 5,
        "ready": 3,
        "out": 4,
        "delivered": 6,
        "cancelled": 3,
    }


def test_every_order_is_in_exactly_one_row(demo: Connection) -> None:
    report = report_day(demo, TODAY, money=True)
    assert report.orders == sum(report.wards().values()) == sum(report.states().values()) == 36


def test_given_are_meals_that_reached_somebody(demo: Connection) -> None:
    assert [report_day(demo, day, money=True).given for day in (TODAY, YESTERDAY)] == [6, 33]


def test_yesterday_was_a_dinner_on_three_wards(demo: Connection) -> None:
    report = report_day(demo, YESTERDAY, money=True)
    assert {row.meal for row in report.rows} == {"dinner"} and set(report.wards()) == {"A", "B", "ICU"}


def test_cash_and_account_add_up_to_what_was_charged(demo: Connection) -> None:
    francs = report_day(demo, YESTERDAY, money=True).francs
    assert francs is not None and francs.charged == francs.cash + francs.on_account == francs.due > 0


def test_cash_is_told_apart_from_the_account(demo: Connection) -> None:
    methods = report_day(demo, YESTERDAY, money=True).methods()
    cash, account = methods["cash"], methods["account"]
    assert cash is not None and account is not None
    assert (cash.on_account, account.cash, cash.cash > 0, account.on_account > 0) == (0, 0, True, True)


def test_a_store_without_the_ledger_knows_no_francs(demo: Connection) -> None:
    report = report_day(demo, TODAY, money=False)
    assert report.francs is None and {row.francs for row in report.rows} == {None}


def test_a_day_without_services_is_empty(demo: Connection) -> None:
    report = report_day(demo, "2020-01-01", money=True)
    assert (report.rows, report.orders, report.francs) == ((), 0, Francs())


def test_a_cancelled_meal_costs_nothing(tx: Tx) -> None:
    given.order(tx, state=OrderState.CANCELLED)
    report = report_day(given.saved(tx), given.DAY, money=True)
    assert report.francs == Francs()


def test_cash_at_the_bed_is_in_the_days_cash(tx: Tx) -> None:
    order = given.order(tx, state=OrderState.DELIVERED, method="cash")
    given.perform(tx, TakeCash(order_id=order.id, francs=1_200), at=given.NOON + MINUTE_MS)
    assert report_day(given.saved(tx), given.DAY, money=True).francs == Francs(1_200, 1_200, 1_200, 0)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_meals_alike_share_a_row(tx: Tx, count: int) -> None:
    for _ in range(count):
        given.order(tx)
    assert [row.orders for row in report_day(given.saved(tx), given.DAY, money=True).rows] == [count] * bool(count)
