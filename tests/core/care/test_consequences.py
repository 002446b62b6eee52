"""What an act would change is told by the act's own handler, and nothing of it is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from consoles.kit.testing import StillClock
from core.care.consequences import Consequences
from core.diets.allergies import RecordAllergiesAsked, RecordAllergy
from core.diets.commands import HoldTrays, PrescribeDiet, StartNilByMouth
from core.kernel.message import Command
from core.kernel.tx import Tx
from core.kernel.values import Actor
from core.orders.model import Order, OrderState
from core.store.open import Store
from core.wards.model import Stay
from sync.client.foresight import foresee
from tests import given
from tests.consoles import house

HOLDS = ("hospital", "ward:A", "ward:B", "care:A", "care:B")


class Look:
    """A clinical console's own store, and what its door would foresee there."""

    def __init__(self, store: Store, clock: StillClock) -> None:
        self.store, self.clock = store, clock

    def at(self, command: Command, *, by: Actor = given.DOCTOR) -> Consequences:
        stay_id = getattr(command, "stay_id", "")
        with self.store.reading() as connection:
            return foresee(connection, self.clock.now(), by, command, stay_id)

    def flips(self, command: Command) -> list[tuple[str, str, str, str]]:
        return [(f.order.state, f.before.kind, f.after.kind, f.where) for f in self.at(command).flips]


Looking = Callable[[], Look]


@pytest.fixture
def tx() -> Iterator[Tx]:
    with given.transaction() as open_tx:
        given.hospital(open_tx)
        yield open_tx


@pytest.fixture
def look(tx: Tx, tmp_path: Path) -> Iterator[Looking]:
    opened: list[Store] = []

    def made() -> Look:
        clock = StillClock(given.NOON)
        store = house.device_store(
            tx, tmp_path, heard=clock.now(), kind="clinical", name=f"clinical {len(opened)}", audiences=HOLDS
        )
        opened.append(store)
        return Look(store, clock)

    yield made
    for store in opened:
        store.close()


def fast(order: Order) -> StartNilByMouth:
    return StartNilByMouth(stay_id=order.stay_id, reason="doctor")


@pytest.mark.parametrize(
    ("state", "where"),
    [
        (OrderState.CONFIRMED, "held"),
        (OrderState.COOKING, "kitchen_stop"),
        (OrderState.KITCHEN_ISSUE, "kitchen_stop"),
        (OrderState.READY, "label_void"),
        (OrderState.OUT, "tray_stopped"),
    ],
)
def test_where_a_stop_appears_follows_from_how_far_the_meal_is(
    tx: Tx, look: Looking, state: OrderState, where: str
) -> None:
    order = given.order(tx, state=state)
    assert look().flips(fast(order)) == [(state.value, "allow", "block", where)]


def test_a_meal_that_was_given_is_not_touched(tx: Tx, look: Looking) -> None:
    order = given.order(tx, state=OrderState.DELIVERED)
    assert look().flips(fast(order)) == []


def test_it_says_what_the_act_itself_then_does(tx: Tx, look: Looking) -> None:
    """The promise of a preview: performed, the same meals end in the same states."""
    stay = given.stay(tx)
    waiting = given.order(tx, stay=stay)
    carried = given.order(tx, stay=stay, state=OrderState.OUT, service=given.LUNCH, placed_at=given.MORNING)
    foretold = {flip.order.id: flip.where for flip in look().at(fast(waiting)).flips}
    given.perform(tx, fast(waiting), by=given.DOCTOR)
    assert (given.now(tx, waiting).state, given.now(tx, carried).stop) == (OrderState.HELD, "nil_by_mouth")
    assert foretold == {waiting.id: "held", carried.id: "tray_stopped"}


def test_nothing_is_written_by_looking(tx: Tx, look: Looking) -> None:
    order = given.order(tx, state=OrderState.OUT)
    looking = look()

    def everything() -> list[object]:
        with looking.store.reading() as connection:
            tables = ("order", "diet_profile", "tray", "diet_order", "op", "shadow")
            return [connection.exec_driver_sql(f'SELECT * FROM "{name}"').all() for name in tables]

    before = everything()
    looking.at(fast(order))
    looking.at(HoldTrays(stay_id=order.stay_id, reason="vomiting"), by=given.NURSE)
    assert everything() == before


def test_an_allergy_flips_only_the_meals_that_hold_it(tx: Tx, look: Looking) -> None:
    stay = given.stay(tx)
    given.order(tx, stay=stay, dishes=(given.ISOMBE,))
    given.order(tx, stay=stay, dishes=(given.RICE,), service=given.DINNER, placed_at=given.NOON)
    found = look().at(RecordAllergy(stay_id=stay.id, code="peanut"))
    assert ([flip.where for flip in found.flips], found.same) == (["held"], 1)


def test_asked_and_none_releases_what_was_held_for_it(tx: Tx, look: Looking) -> None:
    stay = given.stay(tx, asked=False)
    given.perform(tx, given.place(stay, given.RICE), by=given.NURSE, at=given.MORNING)
    flips = look().flips(RecordAllergiesAsked(stay_id=stay.id, none=True))
    assert flips == [("held", "hold", "allow", "released")]


def test_a_diet_order_lifts_a_stop_and_says_what_it_ends(tx: Tx, look: Looking) -> None:
    order = given.order(tx, state=OrderState.COOKING)
    given.nil_by_mouth(tx, order.stay_id)
    profile = tx.get(Stay, order.stay_id)
    from core.diets.model import DietProfile
    from core.diets.profile import replaced_by_order

    named = replaced_by_order(tx.get(DietProfile, profile.id).periods, from_at=given.NOON)
    found = look().at(PrescribeDiet(stay_id=order.stay_id, replaces=named, components=("regular",)))
    assert [flip.where for flip in found.flips] == ["lifted"]
    assert {period.kind for period in found.ends} == {"diet", "nil_by_mouth"}


def test_a_fast_that_is_not_named_stands_and_the_preview_says_so(tx: Tx, look: Looking) -> None:
    order = given.order(tx)
    given.nil_by_mouth(tx, order.stay_id)
    found = look().at(PrescribeDiet(stay_id=order.stay_id, replaces=(), components=("regular",)))
    assert ([case.code for case in found.cases], found.flips) == (["fasting_stands"], ())


def test_a_service_without_an_order_turns_too(tx: Tx, look: Looking) -> None:
    stay = given.stay(tx)
    found = look().at(StartNilByMouth(stay_id=stay.id, reason="procedure"))
    assert [(turn.service.meal, turn.before.kind, turn.after.kind) for turn in found.turns] == [
        ("dinner", "allow", "block")
    ]


def test_a_meal_that_is_ordered_is_shown_as_it_would_be(tx: Tx, look: Looking) -> None:
    stay = given.stay(tx, asked=False)
    found = look().at(given.place(stay, given.RICE, service=given.DINNER), by=given.NURSE)
    assert [(meal.order.state, meal.verdict.kind) for meal in found.placed] == [("held", "hold")]


def test_what_is_not_your_role_is_said_by_looking(tx: Tx, look: Looking) -> None:
    order = given.order(tx)
    found = look().at(fast(order), by=given.NURSE)
    assert (found.refusal.code, found.flips) == ("not_your_role", ())


def test_a_patient_whom_this_console_does_not_hold_is_unknown(tx: Tx, look: Looking) -> None:
    given.order(tx)
    assert look().at(StartNilByMouth(stay_id="stay-999999", reason="doctor")).unknown
