"""The demo hospital is in the middle of a meal at any hour, and every row of it came by an act."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from admin_cli.practice import fill, open_practice
from core.delivery.model import HandOver, Tray
from core.kernel.case import UnreadOutcome
from core.kernel.values import HOUR_MS, MINUTE_MS
from core.menu.model import Service
from core.menu.queries import services_open_at
from core.orders.model import Order
from core.people.model import Credential, Grant
from core.people.passwords import matches
from core.store import log
from core.store.demo import hours, pages
from core.store.demo.story import size, story
from core.store.tables import ROWS, TABLES
from core.wards.model import Bed, BedAssignment, Stay
from tests.core.store.demo.conftest import NOON


def states(demo: Connection) -> Counter[str]:
    order = TABLES[Order]
    today = order.c.service_id == hours.in_full_swing(NOON).service_id
    return Counter(demo.execute(select(order.c.state).where(today)).scalars())


def order_of(demo: Connection, bed_id: str) -> Order:
    order, stay = TABLES[Order], TABLES[Stay]
    found = select(order).join(stay, stay.c.id == order.c.stay_id)
    swing = hours.in_full_swing(NOON).service_id
    here = found.where((stay.c.bed_id == bed_id) | (stay.c.bed_before == bed_id), order.c.service_id == swing)
    return Order.trusted(dict(demo.execute(here).mappings().one()))


def test_a_meal_is_in_full_swing(demo: Connection) -> None:
    assert states(demo) == {
        "confirmed": 14,
        "held": 1,
        "cooking": 5,
        "ready": 3,
        "out": 4,
        "delivered": 6,
        "cancelled": 3,
    }


def test_every_order_is_where_its_file_says(demo: Connection) -> None:
    names = {"placed": "confirmed"}
    written = Counter(
        names.get(order["state"], order["state"]) for order in pages.orders() if order.get("expect") != "cancelled"
    )
    written["cancelled"] += 1  # its patient was discharged
    assert states(demo) == written


def test_a_fast_stops_the_meal_on_the_stove_and_nobody_has_read_it(demo: Connection) -> None:
    stopped = order_of(demo, "ICU-004")
    assert (stopped.state, stopped.stop, stopped.stop_seen_by) == ("cooking", "nil_by_mouth", "")


def test_nobody_was_asked_about_allergies_so_the_meal_is_held(demo: Connection) -> None:
    held = order_of(demo, "EM-002")
    assert (held.state, held.held_for) == ("held", "allergies_not_asked")


def test_a_patient_who_went_home_gets_no_meal(demo: Connection) -> None:
    gone = order_of(demo, "A-046")
    assert (gone.state, gone.reason) == ("cancelled", "discharged")


def test_a_meal_follows_its_patient_to_the_other_ward(demo: Connection) -> None:
    moved = order_of(demo, "B-012")
    assert (moved.ward_id, moved.state) == ("B", "confirmed")


def test_the_visitors_bed_has_not_ordered_yet(demo: Connection) -> None:
    order, stay = TABLES[Order], TABLES[Stay]
    swing = hours.in_full_swing(NOON).service_id
    here = select(order.c.id).join(stay, stay.c.id == order.c.stay_id)
    ordered = here.where(stay.c.bed_id == "A-015", order.c.service_id == swing)
    assert demo.execute(ordered).all() == []


def test_somebody_must_read_that_a_bed_was_refused(demo: Connection) -> None:
    unread = TABLES[UnreadOutcome]
    codes = demo.execute(select(unread.c.code).where(unread.c.acknowledged_at.is_(None))).scalars()
    assert "bed_closed" in set(codes)


def test_every_tray_that_was_handed_over_is_one_that_was_made(demo: Connection) -> None:
    given = set(demo.execute(select(TABLES[HandOver].c.tray_id)).scalars())
    assert given and given <= set(demo.execute(select(TABLES[Tray].c.id)).scalars())


def test_no_bed_has_two_and_no_closed_bed_has_one(demo: Connection) -> None:
    lying = select(TABLES[BedAssignment].c.bed_id).where(TABLES[BedAssignment].c.ended_at.is_(None))
    beds = demo.execute(lying).scalars().all()
    unfit = set(demo.execute(select(TABLES[Bed].c.id).where(TABLES[Bed].c.state != "in_use")).scalars())
    assert (len(beds), len(set(beds)), set(beds) & unfit) == (80, 80, set())


def test_staff_of_every_role_work_here(demo: Connection) -> None:
    roles = set(demo.execute(select(TABLES[Grant].c.role)).scalars())
    assert roles == {
        "cook",
        "kitchen_lead",
        "runner",
        "nurse",
        "doctor",
        "nutritionist",
        "cashier",
        "admin",
        "auditor",
    }


def test_a_hash_of_practice_states_its_own_cost_and_fits_its_pin(demo: Connection) -> None:
    credential = TABLES[Credential]
    stored = demo.execute(select(credential.c.pin_hash).where(credential.c.id == "cook_2")).scalar_one()
    assert stored.startswith("$argon2id$v=19$m=1024,t=1,p=1$")
    assert matches(stored, "246802") and not matches(stored, "246803")


def test_every_row_came_by_an_act(demo: Connection) -> None:
    """Whatever devices may hold is in the log of changes, at its newest version."""
    newest: dict[tuple[str, str], str] = {}
    for change in log.changes_between(demo, 0, log.read_head(demo).seq):
        newest[(change.table_name, change.row_id)] = change.after
    missing = [
        (name, row_id)
        for name, row in ROWS.items()
        if row.audiences
        for row_id in demo.execute(select(TABLES[row].c.id)).scalars()
        if (name, row_id) not in newest
    ]
    assert missing == []


def test_the_same_moment_and_seed_tell_the_same_story() -> None:
    assert list(story(NOON)) == list(story(NOON))


def test_another_seed_tells_it_with_other_ids() -> None:
    here, there = list(story(NOON)), list(story(NOON, "another"))
    assert {deed.op_id for deed in here} & {deed.op_id for deed in there} == set()


def test_a_visitor_is_told_how_large_it_is() -> None:
    told = size(NOON)
    assert (told.beds, told.patients, told.dishes, told.meal) == (118, 80, 22, "lunch")


@pytest.mark.parametrize("hour", range(24))
def test_at_any_hour_exactly_one_meal_can_be_ordered(hour: int) -> None:
    now = hours.midnight(NOON) + hour * HOUR_MS + 17 * MINUTE_MS
    opened = [one for one in hours.around(now) if one.opens_at <= now < one.cut_off_at]
    assert [one.service_id for one in opened] == [hours.in_full_swing(now).service_id]


@pytest.mark.parametrize("hour", [0, 6, 23])
def test_the_story_holds_at_the_edges_of_the_day(tmp_path: Path, hour: int) -> None:
    now = hours.midnight(NOON) + hour * HOUR_MS + 31 * MINUTE_MS
    store = open_practice(f"sqlite:///{tmp_path / 'hospital.db'}", now=now, epoch="e", signing_seed="00" * 32)
    fill(store, now)
    with store.reading() as connection:
        opened = services_open_at(connection, now)
    store.close()
    assert [service.id for service in opened] == [hours.in_full_swing(now).service_id]


@pytest.mark.parametrize("hour", range(24))
def test_no_service_has_its_times_crossed_or_comes_twice(hour: int) -> None:
    now = hours.midnight(NOON) + hour * HOUR_MS + 43 * MINUTE_MS
    around = hours.around(now)
    assert len({one.service_id for one in around}) == len(around) == 12
    assert all(one.opens_at < one.cut_off_at <= one.dispatch_at + 60 * MINUTE_MS < one.ends_at + 1 for one in around)


def test_the_services_are_the_hospitals_own(demo: Connection) -> None:
    service = TABLES[Service]
    assert len(demo.execute(select(service.c.id)).all()) == 12
