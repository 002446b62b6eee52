"""A case has an owner until it is closed in words, and never disappears; a verdict is shown until it was read."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from core.cases.commands import AcknowledgeOutcome, CloseCase, TakeCase
from core.kernel.case import Case, UnreadOutcome
from core.kernel.tx import Tx
from core.orders.commands import StartCooking
from core.orders.model import OrderState
from tests import given


def open_case(tx: Tx) -> Case:
    order = given.order(tx, state=OrderState.CANCELLED)
    return given.perform(tx, StartCooking(order_id=order.id), by=given.COOK).added(Case)[0]


def outcome(tx: Tx) -> UnreadOutcome:
    tx.begin(given.act(TakeCase(case_id="x"), by=given.COOK, at=given.NOON))
    row = tx.add(
        UnreadOutcome(
            id=tx.new_id(),
            kind="wards.assign_bed",
            outcome="rejected",
            code="bed_taken",
            actor_id="nurse_1",
            supervisor_id="admin_1",
            judged_at=given.NOON,
        )
    )
    tx.keep()
    return row


def test_somebody_takes_a_case_and_it_is_theirs(tx: Tx) -> None:
    case = open_case(tx)
    given.perform(tx, TakeCase(case_id=case.id), by=given.LEAD)
    again = given.perform(tx, TakeCase(case_id=case.id), by=given.LEAD)
    assert (given.now(tx, case).owner_id, again.already) == ("kitchen_lead_1", {"by": "kitchen_lead_1"})


def test_a_case_that_somebody_looks_after_is_taken_from_them_by_the_administrator_alone(tx: Tx) -> None:
    case = open_case(tx)
    given.perform(tx, TakeCase(case_id=case.id), by=given.LEAD)
    refused = given.refusal_of(tx, TakeCase(case_id=case.id), by=given.NURSE)
    given.perform(tx, TakeCase(case_id=case.id), by=given.ADMIN)
    assert (refused, given.now(tx, case).owner_id) == ("case_taken", "admin_1")


def test_a_case_is_closed_in_words_by_its_owner(tx: Tx) -> None:
    case = open_case(tx)
    given.perform(tx, TakeCase(case_id=case.id), by=given.LEAD)
    given.perform(tx, CloseCase(case_id=case.id, closing="given to a colleague"), by=given.LEAD)
    closed = given.now(tx, case)
    assert (closed.closed_at, closed.closed_by, closed.closing) == (
        given.NOON,
        "kitchen_lead_1",
        "given to a colleague",
    )


def test_nobody_closes_the_case_of_somebody_else(tx: Tx) -> None:
    case = open_case(tx)
    given.perform(tx, TakeCase(case_id=case.id), by=given.LEAD)
    assert given.refusal_of(tx, CloseCase(case_id=case.id, closing="done"), by=given.NURSE) == "case_taken"


def test_a_case_without_an_owner_is_closed_by_whoever_looks_after_it_now(tx: Tx) -> None:
    case = open_case(tx)
    given.perform(tx, CloseCase(case_id=case.id, closing="thrown away"), by=given.LEAD)
    assert given.now(tx, case).owner_id == "kitchen_lead_1"


def test_a_closed_case_stays_closed(tx: Tx) -> None:
    case = open_case(tx)
    given.perform(tx, CloseCase(case_id=case.id, closing="done"), by=given.LEAD)
    refused = [
        given.refusal_of(tx, command, by=given.ADMIN)
        for command in (TakeCase(case_id=case.id), CloseCase(case_id=case.id, closing="again"))
    ]
    assert refused == ["case_closed"] * 2


def test_a_case_is_not_closed_without_a_word() -> None:
    with pytest.raises(ValidationError):
        CloseCase(case_id="x", closing="  ")


def test_a_case_is_seen_where_it_happened_by_its_actor_and_by_the_administration(tx: Tx) -> None:
    assert Case.seen_by(open_case(tx).__dict__) == ("admin", "kitchen:main", "person:cook_1", "ward:A")


@pytest.mark.parametrize(("by", "code"), [(given.NURSE, ""), (given.ADMIN, ""), (given.COOK, "not_your_outcome")])
def test_a_verdict_is_read_by_its_actor_or_the_supervisor(tx: Tx, by: given.Actor, code: str) -> None:
    row = outcome(tx)
    assert given.refusal_of(tx, AcknowledgeOutcome(outcome_id=row.id), by=by) == code


def test_a_verdict_that_was_read_leaves_every_console(tx: Tx) -> None:
    row = outcome(tx)
    given.perform(tx, AcknowledgeOutcome(outcome_id=row.id), by=given.NURSE)
    again = given.perform(tx, AcknowledgeOutcome(outcome_id=row.id), by=given.ADMIN)
    assert (UnreadOutcome.seen_by(given.now(tx, row).__dict__), again.already) == ((), {"by": "nurse_1"})


@pytest.mark.parametrize(("read", "stays"), [("parked", True), ("rejected", False), ("", False)])
def test_a_verdict_that_was_read_before_it_was_judged_anew_is_still_to_be_read(
    tx: Tx, read: str, *, stays: bool
) -> None:
    row = outcome(tx)
    given.perform(tx, AcknowledgeOutcome(outcome_id=row.id, read=read), by=given.NURSE)
    assert (given.now(tx, row).acknowledged_at is None) == stays
