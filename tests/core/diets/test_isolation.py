"""R55: isolation is a standing fact of a stay: no fast and no diet order takes it away, and it is a diet rule too."""

from __future__ import annotations

from typing import Any

import pytest

from core.diets.flags import flags_of
from core.diets.isolation import EndIsolation, Isolate
from core.diets.model import CareFile, DietOrder, DietProfile
from core.diets.prescribing import EndDietOrder
from core.diets.profile import periods_of, standing
from core.kernel.tx import Tx
from core.kernel.values import HOUR_MS
from core.orders.model import OrderState
from tests import given

NOON, LATER = given.NOON, given.NOON + 3 * HOUR_MS


def isolations(tx: Tx, stay_id: str, *, at: int = NOON) -> tuple[str, ...]:
    return standing(tx.get(DietProfile, stay_id).periods, at).isolation


def flags(tx: Tx, stay_id: str) -> list[str]:
    return [flag.code for flag in flags_of(tx.get(DietProfile, stay_id), serve_at=NOON, at=NOON)]


def isolated(tx: Tx, kind: str = "contact", **more: Any) -> str:
    """By the diet order of a doctor, as the form writes it."""
    stay = given.stay(tx)
    given.prescribe(tx, stay.id, isolation=kind, at=given.MORNING, **more)
    return stay.id


def test_r55_nil_by_mouth_leaves_isolation_and_help_where_they_are(tx: Tx) -> None:
    stay_id = isolated(tx, "airborne", assistance=("needs_help_eating",))
    given.nil_by_mouth(tx, stay_id)
    assert flags(tx, stay_id) == ["nil_by_mouth", "isolation_airborne", "needs_help_eating"]


def test_r55_a_diet_order_that_says_nothing_of_it_leaves_isolation_where_it_is(tx: Tx) -> None:
    stay_id = isolated(tx)
    given.nil_by_mouth(tx, stay_id, at=given.MORNING)
    given.prescribe(tx, stay_id, components=("clear_liquids",))
    assert flags(tx, stay_id) == ["component", "isolation"]


def test_r55_another_isolation_takes_the_place_of_the_one_before(tx: Tx) -> None:
    stay_id = isolated(tx, "contact")
    given.prescribe(tx, stay_id, isolation="droplet")
    found = isolations(tx, stay_id)
    given.perform(tx, Isolate(stay_id=stay_id, isolation="airborne"), by=given.NURSE)
    assert (found, isolations(tx, stay_id)) == (("droplet",), ("airborne",))


def test_r55_a_nurse_isolates_at_once_and_a_doctor_ends_it(tx: Tx) -> None:
    stay = given.stay(tx)
    given.perform(tx, Isolate(stay_id=stay.id, isolation="contact", reason="MRSA"), by=given.NURSE)
    before = isolations(tx, stay.id)
    given.perform(tx, EndIsolation(stay_id=stay.id), by=given.DOCTOR, at=LATER)
    orders = [one for one in tx.all(DietOrder, of=tx.get(CareFile, stay.id)) if one.kind == "isolation"]
    assert (before, isolations(tx, stay.id, at=LATER)) == (("contact",), ())
    assert [(one.ordered_by, one.reason, one.state, one.superseded_at) for one in orders] == [
        ("nurse_1", "MRSA", "superseded", LATER)
    ]


def test_r55_it_ends_by_its_own_hour(tx: Tx) -> None:
    stay = given.stay(tx)
    given.perform(tx, Isolate(stay_id=stay.id, isolation="contact", until_at=LATER), by=given.NURSE)
    assert [isolations(tx, stay.id, at=at) for at in (LATER - 1, LATER)] == [("contact",), ()]


def test_r55_protective_isolation_holds_what_is_ordered_and_its_end_releases_it(tx: Tx) -> None:
    order = given.order(tx)
    given.perform(tx, Isolate(stay_id=order.stay_id, isolation="protective"), by=given.NURSE)
    held = given.now(tx, order)
    given.perform(tx, EndIsolation(stay_id=order.stay_id), by=given.DOCTOR)
    assert (held.state, held.held_for, given.now(tx, order).state) == (
        OrderState.HELD,
        "component",
        OrderState.CONFIRMED,
    )


def test_r6_isolation_is_no_diet_and_feeds_nobody(tx: Tx) -> None:
    stay = given.stay(tx, diet=None)
    given.perform(tx, Isolate(stay_id=stay.id, isolation="contact"), by=given.NURSE)
    assert flags(tx, stay.id) == ["no_diet_order", "isolation"]


@pytest.mark.parametrize(("in_error", "left"), [(False, ("contact",)), (True, ())])
def test_r55_the_end_of_a_diet_leaves_it_and_an_order_written_in_error_does_not(
    tx: Tx, in_error: bool, left: tuple[str, ...]
) -> None:
    stay_id = isolated(tx)
    order_id = periods_of(tx.get(DietProfile, stay_id).periods)[-1].id
    given.perform(tx, EndDietOrder(diet_order_id=order_id, in_error=in_error), by=given.DOCTOR)
    assert isolations(tx, stay_id) == left


def test_nobody_ends_what_is_not_there(tx: Tx) -> None:
    stay = given.stay(tx)
    assert given.refusal_of(tx, EndIsolation(stay_id=stay.id), by=given.DOCTOR) == "not_isolated"
