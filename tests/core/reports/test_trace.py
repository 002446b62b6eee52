"""An order is explained rule by rule, with the word it stands on."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection

from core.diets.allergies import RecordAllergy
from core.kernel.refusal import Refusal
from core.kernel.tx import Tx
from core.kernel.values import HOUR_MS
from core.orders.model import Order, OrderState
from core.reports.trace import PLACES, Trace, find_order, trace
from core.store.read import TxSource
from tests import given


def explained(tx: Tx, order_id: str, *, age_ms: int = 0) -> Trace:
    return trace(TxSource(given.saved(tx), whole=True), order_id, at=given.NOON, age_ms=age_ms)


def test_every_rule_is_asked_in_the_fixed_sequence(tx: Tx) -> None:
    told = explained(tx, given.order(tx).id)
    assert [rule.place for rule in told.rules] == list(range(1, 13))


def test_an_allowed_order_passes_every_rule(tx: Tx) -> None:
    told = explained(tx, given.order(tx).id)
    assert {rule.verdict for rule in told.rules} == {"allow"}


def test_a_fast_is_told_with_its_doctor_and_its_hour(tx: Tx) -> None:
    order = given.order(tx, state=OrderState.HELD)
    fasting = explained(tx, order.id).rules[1]
    assert (fasting.verdict, [(word.by, word.at) for word in fasting.words]) == (
        "block",
        [("doctor_1", given.NOON)],
    )


def test_an_allergy_names_the_dish_that_holds_it(tx: Tx) -> None:
    stay = given.stay(tx)
    order = given.order(tx, stay=stay, dishes=(given.RICE, given.ISOMBE))
    given.perform(tx, RecordAllergy(stay_id=stay.id, code="peanut"))
    allergy = explained(tx, order.id).rules[3]
    assert [(reason.code, reason.dish_id) for reason in allergy.reasons] == [("allergy", given.ISOMBE)]


def test_the_profile_is_told_with_its_version(tx: Tx) -> None:
    stay = given.stay(tx)
    order = given.order(tx, stay=stay)
    before = explained(tx, order.id).rules[3].words[0].version
    given.perform(tx, RecordAllergy(stay_id=stay.id, code="milk"))
    assert explained(tx, order.id).rules[3].words[0].version == before + 1


def test_old_knowledge_holds_what_it_cannot_vouch_for(tx: Tx) -> None:
    stay = given.stay(tx, allergies=("milk",))
    order = given.order(tx, stay=stay)
    told = explained(tx, order.id, age_ms=5 * HOUR_MS)
    assert (told.age_ms, [reason.code for reason in told.rules[4].reasons]) == (5 * HOUR_MS, ["rules_old"])


def test_the_whole_life_is_told(tx: Tx) -> None:
    told = explained(tx, given.order(tx, state=OrderState.DELIVERED).id)
    assert [move.to_state for move in told.moves] == ["confirmed", "cooking", "ready", "out", "delivered"]
    assert len(told.hand_overs) == 1


def test_explaining_changes_nothing(tx: Tx) -> None:
    order = given.order(tx)
    explained(tx, order.id)
    assert tx.written() == []


def test_no_reason_is_without_its_place() -> None:
    from core.diets.verdict import REASONS

    placed = {code: place for place, _, codes in PLACES for code in codes}
    assert placed == {code: place for code, (place, _) in REASONS.items()}


def test_an_order_is_found_by_the_number_on_its_label(tx: Tx) -> None:
    order = given.order(tx)
    assert find_order(given.saved(tx), order.number.lower()) == order.id


def test_of_two_with_one_number_the_newest_is_meant(tx: Tx) -> None:
    stay = given.stay(tx)
    first = given.place(stay, service=given.LUNCH)
    given.perform(tx, first, by=given.patient(stay), at=given.MORNING)
    evening = first.model_copy(update={"service_id": given.DINNER})
    newest = given.perform(tx, evening, by=given.patient(stay), at=given.NOON + HOUR_MS)
    assert find_order(given.saved(tx), first.number) == newest.added(Order)[0].id


def test_a_number_nobody_has_is_said_so(demo: Connection) -> None:
    with pytest.raises(Refusal) as refused:
        find_order(demo, "L-9999")
    assert (refused.value.code, refused.value.detail) == ("unknown_order", {"number": "L-9999"})
