"""What a runner's handheld asks: the run, the carts, the tray at the bed."""

from __future__ import annotations

from typing import Any

from core.delivery.codes import TrayCode, WristbandCode, read_code, tray_code, wristband_code
from core.delivery.commands import CollectTray, GiveTray, ReportIssue, TakeOut
from core.delivery.queries import (
    alarms,
    carts,
    hand_overs_of,
    meals_of_service,
    order_numbered,
    orders_of_stay_under_way,
    run_of,
    stop_of,
    to_collect,
)
from core.kernel.tx import Tx
from core.orders.model import OrderState
from core.payments.commands import TakeCash
from core.wards.commands import AssignBed, MoveStay, OpenWard
from tests import given

RUNNER = given.RUNNER.person_id


def _out(tx: Tx, bed: str, **more: Any):
    return given.order(tx, state=OrderState.OUT, stay=given.stay(tx, ward=bed[0], bed=bed), **more)


def test_stops_stand_in_walking_order(tx: Tx) -> None:
    beds = ("B-001", "A-005", "A-002")
    for bed in beds:
        _out(tx, bed)
    assert [stop.bed for stop in run_of(given.saved(tx), RUNNER).stops] == ["A-002", "A-005", "B-001"]


def test_beds_stand_as_people_count_them(tx: Tx) -> None:
    from core.wards.queries import natural

    assert sorted(["A-10", "A-2", "B-1", "A-021"], key=natural) == ["A-2", "A-10", "A-021", "B-1"]


def test_emergency_and_late_trays_come_first(tx: Tx) -> None:
    given.perform(tx, OpenWard(ward_id="EM", kitchen_id="main", name_en="Emergency", walking_order=9, first=True))
    _out(tx, "A-001")
    stay = given.stay(tx, ward="A")
    given.perform(tx, MoveStay(stay_id=stay.id, ward_id="EM"), by=given.NURSE)
    emergency = given.order(tx, state=OrderState.OUT, stay=stay)
    assert run_of(given.saved(tx), RUNNER).stops[0].order.id == emergency.id


def test_a_run_shows_the_bed_of_now_and_the_bed_before(tx: Tx) -> None:
    order = _out(tx, "A-001")
    given.perform(tx, AssignBed(stay_id=order.stay_id, bed_id="A-004"), by=given.NURSE)
    (stop,) = run_of(given.saved(tx), RUNNER).stops
    assert (stop.bed, stop.moved_from) == ("A-004", "A-001")


def test_a_bed_given_before_the_order_is_no_move(tx: Tx) -> None:
    order = _out(tx, "A-001")
    stop = stop_of(given.saved(tx), order.id)
    assert stop is not None and stop.moved_from == ""


def test_a_patient_on_another_ward_is_a_stop_there(tx: Tx) -> None:
    order = _out(tx, "A-001")
    given.perform(tx, MoveStay(stay_id=order.stay_id, ward_id="B", bed_id="B-003"), by=given.NURSE)
    (stop,) = run_of(given.saved(tx), RUNNER).stops
    assert (stop.ward.id, stop.bed, stop.moved_from) == ("B", "B-003", "A-001")


def test_the_run_counts_what_was_given(tx: Tx) -> None:
    _out(tx, "A-001")
    given.order(tx, state=OrderState.DELIVERED, stay=given.stay(tx, bed="A-002"))
    run = run_of(given.saved(tx), RUNNER)
    assert (run.given, run.all, len(run.stops)) == (1, 2, 1)


def test_another_runners_trays_are_not_mine(tx: Tx) -> None:
    _out(tx, "A-001")
    assert run_of(given.saved(tx), given.RUNNER_2.person_id).stops == ()


def test_cash_is_due_until_it_is_taken(tx: Tx) -> None:
    order = _out(tx, "A-001", method="cash")
    due = run_of(given.saved(tx), RUNNER).stops[0].due_francs
    given.perform(tx, TakeCash(order_id=order.id, francs=due), by=given.RUNNER)
    assert (due, run_of(given.saved(tx), RUNNER).stops[0].due_francs) == (1_200, 0)


def test_a_sleeping_patients_tray_waits_on_the_run(tx: Tx) -> None:
    order = _out(tx, "A-001")
    given.perform(tx, ReportIssue(order_id=order.id, code="asleep"), by=given.RUNNER)
    (stop,) = run_of(given.saved(tx), RUNNER).stops
    assert stop.waiting is not None and stop.waiting.code == "asleep"


def test_what_is_not_given_leaves_the_run(tx: Tx) -> None:
    order = _out(tx, "A-001")
    given.perform(tx, ReportIssue(order_id=order.id, code="spilled"), by=given.RUNNER)
    assert run_of(given.saved(tx), RUNNER).stops == ()


def test_ready_trays_stand_on_the_cart_of_their_ward(tx: Tx) -> None:
    for bed in ("A-002", "A-001"):
        given.order(tx, state=OrderState.READY, stay=given.stay(tx, bed=bed))
    given.order(tx, state=OrderState.COOKING, stay=given.stay(tx, bed="A-003"))
    (cart,) = carts(given.saved(tx))
    assert ([stop.bed for stop in cart.ready], cart.cooking) == (["A-001", "A-002"], 1)


def test_a_stopped_tray_is_on_the_cart_and_cannot_be_loaded(tx: Tx) -> None:
    order = given.order(tx, state=OrderState.READY, stay=given.stay(tx, bed="A-001"))
    given.nil_by_mouth(tx, order.stay_id)
    (cart,) = carts(given.saved(tx))
    assert (len(cart.ready), cart.loadable) == (1, ())


def test_given_trays_are_to_be_collected_once(tx: Tx) -> None:
    order = given.order(tx, state=OrderState.DELIVERED, stay=given.stay(tx, bed="A-001"))
    standing = len(to_collect(given.saved(tx)))
    given.perform(tx, CollectTray(order_id=order.id), by=given.RUNNER)
    assert (standing, to_collect(given.saved(tx))) == (1, ())


def test_a_handheld_rings_for_ready_trays_and_for_stopped_ones_on_their_way(tx: Tx) -> None:
    ready = given.order(tx, state=OrderState.READY, stay=given.stay(tx, bed="A-001"))
    carried = _out(tx, "A-002")
    given.nil_by_mouth(tx, carried.stay_id)
    rung = alarms(given.saved(tx), RUNNER)
    assert (rung.ready, dict(rung.stopped)) == (frozenset({ready.id}), {carried.id: "nil_by_mouth"})


def test_nobody_rings_for_another_runners_tray(tx: Tx) -> None:
    carried = _out(tx, "A-002")
    given.nil_by_mouth(tx, carried.stay_id)
    db = given.saved(tx)
    assert (alarms(db, given.RUNNER_2.person_id).stopped, list(alarms(db).stopped)) == ({}, [carried.id])


def test_a_number_means_the_tray_that_is_on_its_way(tx: Tx) -> None:
    order = _out(tx, "A-001")
    found = order_numbered(given.saved(tx), order.number)
    assert found is not None and found.id == order.id
    assert order_numbered(given.saved(tx), "L-9999") is None


def test_a_wristband_leads_to_the_patients_meals_on_their_way(tx: Tx) -> None:
    order = _out(tx, "A-001")
    assert [one.id for one in orders_of_stay_under_way(given.saved(tx), order.stay_id)] == [order.id]


def test_the_first_hand_over_comes_first(tx: Tx) -> None:
    order = _out(tx, "A-001")
    for who in (given.RUNNER, given.RUNNER_2):
        given.perform(tx, GiveTray(order_id=order.id, wristband=order.stay_id), by=who)
    assert [(one.by, one.second) for one in hand_overs_of(given.saved(tx), order.id)] == [
        (RUNNER, False),
        (given.RUNNER_2.person_id, True),
    ]


def test_who_has_a_meal_at_a_service(tx: Tx) -> None:
    order = given.order(tx)
    given.order(tx, state=OrderState.CANCELLED)
    assert list(meals_of_service(given.saved(tx), given.LUNCH, ward_id="A")) == [order.stay_id]


def test_a_tray_taken_out_leaves_its_cart(tx: Tx) -> None:
    order = given.order(tx, state=OrderState.READY, stay=given.stay(tx, bed="A-001"))
    given.perform(tx, TakeOut(order_id=order.id, tray_id=given.tray(tx, order).id), by=given.RUNNER)
    assert carts(given.saved(tx)) == ()


def test_codes_say_which_tray_and_whose_wristband() -> None:
    assert read_code(tray_code("0a1b", 3)) == TrayCode("0a1b", 3)
    assert read_code(wristband_code("stay-000001")) == WristbandCode("stay-000001")


def test_a_code_of_something_else_is_none_of_ours() -> None:
    for text in ("", "TRAY:", "TRAY:x", "TRAY:a b:1", "STAY:", "5901234123457", "TRAY:x:1\n:2"):
        assert read_code(text) is None
