"""An order's own page: five steps with their times, live, and honest about what the server does not know."""

from __future__ import annotations

import pytest

from core.delivery.commands import TakeOut
from core.diets.commands import StartNilByMouth
from core.kernel.message import Command
from core.kernel.values import MINUTE_MS, Actor, Origin, due_op_id
from core.orders.commands import MarkReady, StartCooking, TakeBack
from sync.server import devices
from sync.server.perform import Submission, perform, submit
from tests import given
from tests.sync.server.consoles import kitchen_screen
from tests.sync.server.portal import Phone, Portal, admit


@pytest.fixture
def order_id(patient: Phone) -> str:
    return patient.order()


def test_a_fresh_order_stands_at_its_first_step(patient: Phone, order_id: str) -> None:
    patient.get(f"/patient/orders/{order_id}")
    assert "Order L-0001" in patient.text
    assert _steps(patient) == ["now", "later", "later", "later", "later"]


def test_each_step_shows_when_it_happened(patient: Phone, portal: Portal, order_id: str) -> None:
    for minute, command in enumerate((StartCooking(order_id=order_id), MarkReady(order_id=order_id)), start=1):
        portal.clock.at = given.MORNING + minute * MINUTE_MS
        portal.do(command, given.COOK)
    patient.get(f"/patient/orders/{order_id}")
    assert _steps(patient) == ["done", "done", "now", "later", "later"]
    assert "Being prepared 09:01" in patient.text and "Ready 09:02" in patient.text


def test_a_step_told_late_shows_when_it_happened_and_not_when_it_was_heard(
    patient: Phone, portal: Portal, order_id: str
) -> None:
    portal.clock.at = given.MORNING + 20 * MINUTE_MS
    _tell_late(portal, StartCooking(order_id=order_id), given.COOK, claimed_at=given.MORNING + 3 * MINUTE_MS)
    assert "Being prepared 09:03" in patient.get(f"/patient/orders/{order_id}").text


def test_a_step_that_was_taken_back_is_to_come_again(patient: Phone, portal: Portal, order_id: str) -> None:
    for command in (StartCooking(order_id=order_id), MarkReady(order_id=order_id)):
        portal.do(command, given.COOK)
    portal.do(TakeBack(order_id=order_id, step="ready"), given.COOK)
    patient.get(f"/patient/orders/{order_id}")
    assert _steps(patient) == ["done", "now", "later", "later", "later"]


def test_nil_by_mouth_while_the_tray_is_on_its_way_says_stop_and_why(
    patient: Phone, portal: Portal, order_id: str
) -> None:
    for command, by in (
        (StartCooking(order_id=order_id), given.COOK),
        (MarkReady(order_id=order_id), given.COOK),
        (TakeOut(order_id=order_id), given.RUNNER),
    ):
        portal.do(command, by)
    portal.do(StartNilByMouth(stay_id=portal.order(order_id).stay_id, reason="doctor"), given.DOCTOR)
    patient.get(f"/patient/orders/{order_id}")
    assert "This meal has been stopped." in patient.text
    assert "Why: nil by mouth." in patient.text
    assert "Do not eat it if it comes." in patient.text


def test_nil_by_mouth_before_the_stove_holds_the_order_and_says_so(
    patient: Phone, portal: Portal, order_id: str
) -> None:
    portal.do(StartNilByMouth(stay_id=portal.order(order_id).stay_id, reason="doctor"), given.DOCTOR)
    assert "We need to check this meal" in patient.get(f"/patient/orders/{order_id}").text


def test_a_kitchen_out_of_contact_is_told_with_the_time_it_was_heard_last(
    patient: Phone, portal: Portal, order_id: str
) -> None:
    kitchen_screen(portal, heard_at=portal.clock.at)
    assert "out of contact" not in patient.get(f"/patient/orders/{order_id}").text
    portal.clock.at += 13_000
    patient.get(f"/patient/orders/{order_id}")
    assert "The kitchen's screen has been out of contact since 09:00." in patient.text
    assert "out of contact since 09:00" in patient.get("/patient/").text


def test_a_kitchen_that_is_heard_again_is_no_longer_spoken_of(patient: Phone, portal: Portal, order_id: str) -> None:
    name = kitchen_screen(portal, heard_at=portal.clock.at)
    portal.clock.at += MINUTE_MS
    with portal.store.writing() as connection:
        devices.note_heard(connection, portal.clock.at, name, 1)
    assert "out of contact" not in patient.get(f"/patient/orders/{order_id}").text


def test_after_signing_out_the_page_still_shows_number_and_step_and_nothing_else(
    patient: Phone, portal: Portal, order_id: str
) -> None:
    patient.get("/patient/me")
    patient.post("/sign-out", {"token": patient.hidden("token")})
    patient.get(f"/patient/orders/{order_id}")
    assert "Order L-0001" in patient.text and _steps(patient)[0] == "now"
    assert given.RICE not in patient.text and "A-015" not in patient.text and "RWF" not in patient.text


def test_nobody_sees_the_order_of_somebody_else(portal: Portal, patient: Phone, order_id: str) -> None:
    from tests.sync.server.portal import EMPTY_BED, EMPTY_CODE

    admit(portal, bed=EMPTY_BED)
    patient.enter(EMPTY_CODE)
    assert patient.get(f"/patient/orders/{order_id}").answer.status_code == 404
    fields = {"token": "x" * 48, "op_id": "0" * 32}
    assert patient.post(f"/patient/orders/{order_id}/cancel", fields).answer.status_code == 403


def test_an_order_that_does_not_exist_is_not_there(patient: Phone) -> None:
    assert patient.get("/patient/orders/" + "0" * 32).answer.status_code == 404


def test_the_list_of_orders_keeps_cancelled_ones(patient: Phone, order_id: str) -> None:
    patient.get(f"/patient/orders/{order_id}")
    fields = {"token": patient.hidden("token"), "op_id": patient.hidden("op_id")}
    patient.post(f"/patient/orders/{order_id}/cancel", fields)
    patient.get("/patient/orders")
    assert "Order L-0001" in patient.text and "Cancelled" in patient.text


def _steps(phone: Phone) -> list[str]:
    import re

    return re.findall(r'<li class="(done|now|later)"', phone.page)


def _tell_late(portal: Portal, command: Command, by: Actor, *, claimed_at: int) -> None:
    from dataclasses import replace

    op_id = due_op_id("late", command.name, claimed_at)
    told: Submission = submit(command, op_id=op_id, actor=by, origin=Origin.CLI)
    perform(portal.store, portal.clock.at, [replace(told, claimed_at=claimed_at)])
