"""The hospital on one page agrees with its rows, and a figure that was not measured is none."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection

from core.kernel.tx import Tx
from core.kernel.values import HOUR_MS, MINUTE_MS
from core.orders.model import OrderState
from core.orders.placing import CancelOrder
from core.payments.commands import TakeCash
from core.reports.beds import ward_page
from core.reports.books import postings, still_open
from core.reports.events import happenings
from core.reports.finding import find
from core.reports.meals import Wanted, life, orders_listed
from core.reports.overview import meals_now, overview, wards_now
from core.reports.performance import hospital_day, midnight, percentile, performance
from core.reports.staff import staff
from tests import given
from tests.core.store.demo.conftest import NOON as DEMO_NOON


def test_the_demo_s_page_counts_what_its_day_report_counts(demo: Connection) -> None:
    page = overview(demo, at=DEMO_NOON)
    assert page.meals.counts == {
        "confirmed": 14, "cooking": 5, "ready": 3, "on_the_way": 4, "delivered": 6,
        "held": 1, "cancelled": 3, "not_delivered": 0,
    }  # fmt: skip
    assert (page.meals.stopped, page.meals.trays, sum(ward.out for ward in page.wards)) == (1, 33, 4)


def test_wards_count_beds_patients_and_those_who_may_eat_and_have_not_ordered(tx: Tx) -> None:
    given.stay(tx, bed="A-001")
    given.nil_by_mouth(tx, given.stay(tx, bed="A-002").id)
    given.order(tx, stay=given.stay(tx, bed="A-003"), state=OrderState.OUT)
    db = given.saved(tx)
    ward = wards_now(db, meals_now(db, at=given.NOON).service, at=given.NOON)[0]
    assert (ward.beds, ward.occupied, ward.percent, ward.unordered, ward.fasting, ward.out) == (5, 3, 60, 1, 1, 1)


def test_a_ward_s_page_tells_every_bed_and_who_waits_for_one(tx: Tx) -> None:
    order = given.order(tx, stay=given.stay(tx, bed="A-002"))
    given.stay(tx)
    page = ward_page(given.saved(tx), "A", at=given.NOON)
    assert [bed.state for bed in page.beds] == ["vacant", "occupied", "vacant", "vacant", "vacant", "waiting"]
    assert page.beds[1].order == order and page.meal == "lunch"


def test_between_meals_there_is_none_and_the_next_one_is_named(tx: Tx) -> None:
    found = meals_now(given.saved(tx), at=given.MIDNIGHT + HOUR_MS)
    assert (found.service, found.trays, found.next_service.meal) == (None, 0, "lunch")


@pytest.mark.parametrize(
    ("ordered", "percent", "found"),
    [
        ((), 50, None),
        ((7,), 90, 7),
        ((1, 2, 3, 4), 50, 2),
        (tuple(range(1, 11)), 90, 9),
        (tuple(range(1, 101)), 90, 90),
    ],
)
def test_a_percentile_is_a_value_that_was_measured(ordered: tuple[int, ...], percent: int, found: int | None) -> None:
    assert percentile(ordered, percent) == found


def test_nothing_measured_is_none_and_a_taken_back_hand_over_is_not_counted(tx: Tx) -> None:
    from core.orders.commands import TakeBack

    empty = performance(given.saved(tx), since=given.MIDNIGHT)
    assert (empty.half_minutes, empty.on_time, empty.scanned, empty.issues) == (None, None, None, None)
    order = given.order(tx, state=OrderState.DELIVERED)
    given.perform(tx, TakeBack(order_id=order.id, step="delivered"), by=given.RUNNER)
    assert performance(given.saved(tx), since=given.MIDNIGHT).given == ()


def test_issues_are_counted_on_a_hundred_trays(tx: Tx) -> None:
    given.order(tx, state=OrderState.DELIVERED)
    given.perform(tx, given.issue(given.order(tx, state=OrderState.OUT), "refused"), by=given.RUNNER)
    assert performance(given.saved(tx), since=given.MIDNIGHT).issues == 500


def test_a_hospital_day_begins_at_its_own_midnight() -> None:
    assert (hospital_day(given.MIDNIGHT), hospital_day(given.MIDNIGHT - 1)) == ("2026-11-24", "2026-11-23")
    assert midnight(given.NOON) == given.MIDNIGHT


def test_orders_are_listed_by_how_far_they_are(tx: Tx) -> None:
    cooking, cancelled = given.order(tx, state=OrderState.COOKING), given.order(tx)
    given.perform(tx, CancelOrder(order_id=cancelled.id), by=given.NURSE)
    db = given.saved(tx)
    by_group = {
        group: [row.order.id for row in orders_listed(db, Wanted(group=group))] for group in ("open", "cancelled")
    }
    assert by_group == {"open": [cooking.id], "cancelled": [cancelled.id]}


def test_one_order_s_life_holds_its_steps_trays_hand_overs_and_books(tx: Tx) -> None:
    order = given.order(tx, state=OrderState.DELIVERED, method="cash")
    given.perform(tx, TakeCash(order_id=order.id, francs=1_200), by=given.RUNNER)
    found = life(given.saved(tx), order.id)
    assert [(step.to_state, step.by) for step in found.steps] == [
        ("confirmed", ""), ("cooking", "cook_1"), ("ready", "cook_1"), ("out", "runner_1"), ("delivered", "runner_1"),
    ]  # fmt: skip
    assert (len(found.trays), len(found.hand_overs), found.dishes[0]) == (1, 1, ("umuceri", 2))
    assert {entry.account for entry in found.entries} == {"charged", "cash"}


def test_an_order_that_is_not_held_has_no_life_here(tx: Tx) -> None:
    assert life(given.saved(tx), "nothing") is None


def test_the_books_tell_today_s_postings_and_what_is_still_open(tx: Tx) -> None:
    paid, due = given.order(tx, state=OrderState.OUT, method="cash"), given.order(tx, method="cash")
    given.perform(tx, TakeCash(order_id=paid.id, francs=1_200), by=given.RUNNER)
    db = given.saved(tx)
    assert [(one.account, one.francs, one.by) for one in postings(db, since=given.MIDNIGHT)] == [
        ("cash", 1_200, "runner_1")
    ]
    assert [(one.account, one.order_id) for one in still_open(db, since=given.MIDNIGHT)] == [("to_collect", due.id)]


def test_events_come_newest_first_with_stops_and_diets_among_them(tx: Tx) -> None:
    order = given.order(tx, state=OrderState.COOKING)
    given.nil_by_mouth(tx, order.stay_id, at=given.NOON + MINUTE_MS)
    found = [one.code for one in happenings(given.saved(tx), since=given.MIDNIGHT, limit=10)]
    assert (set(found[:2]), found[2:]) == ({"stop", "diet"}, ["start", "order"])


def test_anything_is_found_by_a_part_of_its_name_and_marks_mean_themselves(tx: Tx) -> None:
    order = given.order(tx, stay=given.stay(tx, bed="B-004", ward="B"))
    db = given.saved(tx)
    assert [(one.kind, one.id) for one in find(db, order.number.lower())] == [("order", order.id)]
    assert [one.kind for one in find(db, "b-004")] == ["bed", "order"]
    assert [one.id for one in find(db, "runner")] == ["runner_1", "runner_2"]
    assert (find(db, "%"), find(db, "  ")) == ((), ())


def test_staff_are_told_with_every_right_and_those_who_have_left_come_last(tx: Tx) -> None:
    from core.people.commands import EndPerson

    given.perform(tx, EndPerson(person_id="cook_1"), by=given.ADMIN)
    found = staff(given.saved(tx))
    assert (found[-1].person.id, found[-1].holding(given.NOON + 1), len(found[-1].grants)) == ("cook_1", (), 1)
