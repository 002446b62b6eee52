"""What needs a person is one list: the gravest kind first, each with who looks after it and since when."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection

from core.cases.commands import CloseCase, TakeCase
from core.kernel.case import Case
from core.kernel.tx import Tx
from core.kernel.values import MINUTE_MS
from core.orders.commands import AcknowledgeStop, StartCooking
from core.orders.model import OrderState
from core.payments.commands import TakeCash
from core.reports.needs import Heard, last_closed, needs_a_person
from core.reports.trouble import troubles
from tests import given


def listed(tx: Tx) -> list[tuple[str, str, str]]:
    return [(need.kind, need.code, need.owner) for need in needs_a_person(given.saved(tx))]


def test_a_stop_is_listed_until_somebody_has_read_it(tx: Tx) -> None:
    order = given.order(tx, state=OrderState.COOKING)
    given.nil_by_mouth(tx, order.stay_id)
    assert listed(tx) == [("stop", "nil_by_mouth", "")]
    given.perform(tx, AcknowledgeStop(order_id=order.id), by=given.COOK)
    assert listed(tx) == []


def test_a_held_meal_is_listed_with_its_reason_and_where_it_lies(tx: Tx) -> None:
    order = given.order(tx, state=OrderState.HELD, stay=given.stay(tx, bed="A-003"))
    need = needs_a_person(given.saved(tx))[0]
    assert (need.kind, need.number, need.bed, need.since) == ("held", order.number, "A-003", given.NOON)


def test_a_case_is_listed_with_who_has_taken_it_and_leaves_when_it_is_closed(tx: Tx) -> None:
    order = given.order(tx, state=OrderState.CANCELLED)
    case = given.perform(tx, StartCooking(order_id=order.id), by=given.COOK).added(Case)[0]
    given.perform(tx, TakeCase(case_id=case.id), by=given.LEAD)
    assert ("case", "started_after_cancel", "kitchen_lead_1") in listed(tx)
    given.perform(tx, CloseCase(case_id=case.id, closing="thrown away"), by=given.LEAD)
    assert [need.kind for need in needs_a_person(given.saved(tx))] == ["stop"]
    closed = last_closed(given.saved(tx))
    assert closed is not None and (closed.at, closed.by) == (given.NOON, "kitchen_lead_1")


def test_cash_that_nobody_waited_for_names_its_order(tx: Tx) -> None:
    order = given.order(tx, state=OrderState.OUT)
    given.perform(tx, TakeCash(order_id=order.id, francs=500), by=given.RUNNER)
    need = needs_a_person(given.saved(tx))[0]
    assert (need.kind, need.code, need.number) == ("money", "cash_not_due", order.number)


@pytest.mark.parametrize(("minutes", "silent"), [(15, False), (16, True)])
def test_a_console_is_silent_by_what_the_server_knew_when_it_was_asked(tx: Tx, minutes: int, silent: bool) -> None:
    from core.devices.commands import EnrolDevice, MakeCode
    from core.devices.model import Device

    made = MakeCode(code_id="ab" * 32, kind="ward", title="handheld 1")
    given.perform(tx, made, by=given.ADMIN)
    enrol = EnrolDevice(code_id="ab" * 32, public_key="cd" * 32, incarnation="one")
    device = given.perform(tx, enrol, by=given.SYSTEM).added(Device)[0]
    heard = {device.id: Heard(at=given.NOON - minutes * MINUTE_MS, as_of=given.NOON)}
    found = needs_a_person(given.saved(tx), heard=heard)
    assert [(need.kind, need.bed) for need in found] == ([("device", "handheld 1")] if silent else [])
    assert needs_a_person(given.saved(tx)) == ()


def test_in_the_demo_one_of_each_waits_and_the_gravest_comes_first(demo: Connection) -> None:
    assert [need.kind for need in needs_a_person(demo)] == ["stop", "held", "beds", "case"]


def test_trouble_is_counted_by_kind_with_its_first_and_last(tx: Tx) -> None:
    for minutes in (0, 10):
        order = given.order(tx, state=OrderState.CANCELLED)
        given.perform(tx, StartCooking(order_id=order.id), by=given.COOK, at=given.NOON + minutes * MINUTE_MS)
    found = [one for one in troubles(given.saved(tx)) if one.code == "started_after_cancel"]
    assert [(one.count, one.first_at, one.last_at) for one in found] == [
        (2, given.NOON, given.NOON + 10 * MINUTE_MS),
    ]
