"""A handheld out of use, or a person who has left: what was done still arrives, and nothing is dropped unseen."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from core.delivery.commands import GiveTray
from core.kernel.case import Case, UnreadOutcome
from core.kernel.values import MINUTE_MS
from core.orders.attempts import Ordered
from core.orders.model import Order
from core.orders.placing import PlaceOrder
from core.people.commands import EndPerson
from core.store.read import as_rows
from core.store.tables import TABLES
from sync.client import errand
from tests.ward_tui.house import LUNCH, RICE
from tests.ward_tui.ward import CLERK, Ward

NURSE, RUNNER = "nurse-1", "runner-1"


def give(w: Ward, order_id: str) -> None:
    """A fact: the tray is in the patient's hands."""
    w.console.person = RUNNER
    stay_id = w.row(Order, order_id).stay_id
    w.console.press(GiveTray(order_id=order_id, tray_id=w.tray(order_id).id, wristband=stay_id))


def order(w: Ward, stay_id: str) -> None:
    """An intent: a meal that somebody wants."""
    w.console.person = NURSE
    dishes = (Ordered(dish_id=RICE),)
    w.console.press(PlaceOrder(stay_id=stay_id, service_id=LUNCH, number="L-8001", lines=dishes, confirm=True))


def revoke(w: Ward) -> None:
    w.hospital.revoke(w.console)


def end(w: Ward) -> None:
    for person_id in (RUNNER, NURSE):
        w.do(EndPerson(person_id=person_id), CLERK)


def unread(w: Ward) -> list[tuple[str, str]]:
    """(whose, outcome) of every verdict at the centre that nobody has read."""
    with w.hospital.store.reading() as connection:
        rows = as_rows(UnreadOutcome, connection.execute(select(TABLES[UnreadOutcome])))
    return sorted((row.actor_id, row.outcome) for row in rows if row.acknowledged_at is None)


def cases(w: Ward) -> list[str]:
    with w.hospital.store.reading() as connection:
        return [case.code for case in as_rows(Case, connection.execute(select(TABLES[Case])))]


ENDS = pytest.mark.parametrize(("ending", "code"), [(revoke, "device_revoked"), (end, "person_ended")])


@ENDS
def test_a_fact_after_the_end_is_recorded_with_a_case_and_an_intent_is_refused_and_told(
    w: Ward, ending: object, code: str
) -> None:
    given, other = w.out("A-001"), w.patient("A-002")
    w.sync()
    assert callable(ending)
    ending(w)
    w.pass_(minutes=1)
    give(w, given)
    order(w, other)
    errand.drain(w.console.errand)
    assert [outcome for outcome, _ in w.console.verdicts()] == ["applied_exception", "rejected"]
    assert w.row(Order, given).state == "delivered"
    assert (code in cases(w), unread(w)) == (True, [(NURSE, "rejected"), (RUNNER, "applied_exception")])


@ENDS
def test_what_was_done_before_the_end_counts_whenever_it_arrives(w: Ward, ending: object, code: str) -> None:
    given = w.out("A-001")
    w.sync()
    give(w, given)
    w.pass_(minutes=1)
    assert callable(ending)
    ending(w)
    w.sync()
    assert (w.console.verdicts(), w.row(Order, given).state, cases(w)) == ([("applied", "")], "delivered", [])


def test_whoever_found_a_lost_handheld_orders_nothing_by_setting_back_its_clock(w: Ward) -> None:
    """What is wanted counts by now: nobody can tell an old wish from one that was dated back."""
    given, other = w.out("A-001"), w.patient("A-002")
    w.sync()
    give(w, given)
    order(w, other)
    w.pass_(minutes=1)
    revoke(w)
    errand.drain(w.console.errand)
    assert w.console.verdicts() == [("applied", ""), ("rejected", "device_revoked")]
    assert unread(w) == [(NURSE, "rejected")]


def test_a_handheld_out_of_use_sends_everything_and_is_given_nothing(w: Ward) -> None:
    given = w.out("A-001")
    w.sync()
    revoke(w)
    w.pass_(minutes=1)
    give(w, given)
    w.console.link.asked.clear()
    talk = w.console.sync()
    assert (w.console.waiting, w.console.rows_held(), talk.may_pull, talk.trouble) == (0, 0, False, "device_revoked")
    asked = [one for one in w.console.link.asked if "/sync/push" not in one and "/sync/hello" not in one]
    assert [one for one in asked if "/sync/image" in one] == []


def test_a_handheld_out_of_use_is_told_so_by_every_answer_that_would_carry_rows(w: Ward) -> None:
    from sync.client import contact
    from sync.client.moment import server_time

    w.sync()
    revoke(w)
    w.pass_(minutes=1)
    from core.devices import keys
    from core.store import queue

    with w.console.store.reading() as connection:
        me, cursor = queue.this(connection), queue.read_cursor(connection)
    assert cursor is not None
    assert server_time(cursor, w.console.time.now()).at >= MINUTE_MS
    sign = keys.signer(w.console.seed)
    for path in (
        f"/sync/changes?cursor={cursor.epoch}.0&audiences=0&limit=500",
        "/sync/image/hospital",
        "/sync/image/ward:A",
    ):
        headers = contact.signed_headers(me, cursor, w.console.time.now(), sign, "GET", path)
        answer = w.console.link.ask("GET", path, b"", headers)
        assert (answer.status, b"Uwimana" in answer.body) == (403, False), path
