"""Builders for tests: a hospital, its people and its meals, made by performing commands, as in life.

    def test_a_confirmed_meal_goes_to_the_stove(tx):
        order = given.order(tx)
        given.perform(tx, StartCooking(order_id=order.id))
        assert given.now(tx, order).state == OrderState.COOKING

Everything happens at `given.NOON` (shortly before lunch leaves the kitchen) unless a test says otherwise.
"""

from __future__ import annotations

import itertools
from typing import Any

from core.delivery.commands import GiveTray, ReportIssue, TakeOut
from core.delivery.model import Tray
from core.delivery.trays import tray_of
from core.diets.allergies import RecordAllergiesAsked, RecordAllergy
from core.diets.commands import PrescribeDiet, StartNilByMouth
from core.diets.model import DietProfile
from core.diets.profile import periods_of
from core.kernel.case import Case
from core.kernel.message import Command
from core.kernel.tx import Tx
from core.kernel.values import SYSTEM, Actor
from core.orders.attempts import Ordered
from core.orders.commands import CompleteOrder, FlagProblem, MarkReady, StartCooking
from core.orders.model import Order, OrderState
from core.orders.placing import CancelOrder, PlaceOrder
from core.payments.model import LedgerEntry, Payment
from core.wards.commands import AddBeds, AssignBed, Discharge, MoveStay, NewBed, OpenStay
from core.wards.model import BedAssignment, Stay, Ward
from tests.acting import (
    ADMIN,
    BEANS,
    CASHIER,
    COOK,
    COOK_2,
    CUT_OFF,
    DAY,
    DINNER,
    DOCTOR,
    ISOMBE,
    LEAD,
    LUNCH,
    MIDNIGHT,
    MILK_PORRIDGE,
    MORNING,
    NOON,
    NURSE,
    NURSE_B,
    NUTRITIONIST,
    RICE,
    RUNNER,
    RUNNER_2,
    SALTY,
    STAFF,
    Done,
    R,
    act,
    now,
    op_id,
    patient,
    perform,
    person,
    press,
    refusal,
    refusal_at_press,
    refusal_of,
    refused,
    run,
    saved,
    somebody_who_may,
    source,
    transaction,
)
from tests.house import (
    dish,
    hospital,
    ingredient,
    laid_in,
    menu,
    service,
    services,
    staff,
)

# -- patients and their meals ---------------------------------------------------------------------------------------

_numbers = itertools.count(1)


def stay(
    tx: Tx,
    *,
    ward: str = "A",
    bed: str = "",
    diet: tuple[str, ...] | None = ("regular",),
    allergies: tuple[str, ...] = (),
    asked: bool = True,
    at: int = MORNING,
) -> Stay:
    """A patient with a diet order (none: diet=None), asked about allergies, in a bed if one is named."""
    count = next(_numbers)
    stay_id = f"stay-{count:06}"
    nurse = NURSE if ward == "A" else NURSE_B
    perform(
        tx,
        OpenStay(
            stay_id=stay_id,
            ward_id=ward,
            hospital_number=f"H-{count:06}",
            full_name=f"Uwimana Patient {count}",
            birth_date="1974-04-12",
        ),
        by=nurse,
        at=at,
    )
    for allergen in allergies:
        perform(tx, RecordAllergy(stay_id=stay_id, code=allergen), by=nurse, at=at)
    if asked and not allergies:
        perform(tx, RecordAllergiesAsked(stay_id=stay_id, none=True), by=nurse, at=at)
    if diet is not None:
        prescribe(tx, stay_id, components=diet, at=at)
    if bed:
        perform(tx, AssignBed(stay_id=stay_id, bed_id=bed), by=nurse, at=at)
    return tx.get(Stay, stay_id)


def prescribe(
    tx: Tx,
    stay_id: str,
    *,
    components: tuple[str, ...] = ("regular",),
    at: int = NOON,
    beside: bool = False,
    **more: Any,
) -> Done:
    """A doctor's diet order that replaces all there is. beside: it stands beside what there is."""
    known = () if beside else periods_of(tx.get(DietProfile, stay_id).periods)
    ids = tuple(period.id for period in known)
    order = PrescribeDiet(stay_id=stay_id, replaces=ids, components=components, **more)
    return perform(tx, order, by=DOCTOR, at=at)


def record_allergy(tx: Tx, stay_id: str, code: str, *, at: int = NOON) -> Done:
    return perform(tx, RecordAllergy(stay_id=stay_id, code=code), by=DOCTOR, at=at)


def allergy_unswept(tx: Tx, order: Order, code: str) -> None:
    """The patient's rules are newer than the order's state: as on a console that hears of both at different times."""
    profile = tx.get(DietProfile, order.stay_id)
    tx.begin(act(RecordAllergy(stay_id=order.stay_id, code=code), by=DOCTOR, at=NOON))
    tx.change(profile, allergens=code, rules_version=profile.rules_version + 1)
    tx.keep()


def unmatched_unswept(tx: Tx, order: Order) -> None:
    """The same for an allergy in words that nobody has matched yet."""
    profile = tx.get(DietProfile, order.stay_id)
    tx.begin(act(RecordAllergy(stay_id=order.stay_id, text="something red"), by=DOCTOR, at=NOON))
    tx.change(profile, unmatched=True, rules_version=profile.rules_version + 1)
    tx.keep()


def nil_by_mouth(tx: Tx, stay_id: str, *, at: int = NOON) -> Done:
    return perform(tx, StartNilByMouth(stay_id=stay_id, reason="doctor"), by=DOCTOR, at=at)


def place(
    stay: Stay,
    *dishes: str,
    service: str = LUNCH,
    method: str = "account",
    confirm: bool = False,
    wish: str = "",
) -> PlaceOrder:
    return PlaceOrder(
        stay_id=stay.id,
        service_id=service,
        number=f"L-{next(_numbers):04}",
        lines=tuple(Ordered(dish_id=one) for one in dishes or (RICE, BEANS)),
        method=method,  # type: ignore[arg-type]  # cash or account
        confirm=confirm,
        wish=wish,
    )


def order(
    tx: Tx,
    *,
    state: OrderState = OrderState.CONFIRMED,
    stay: Stay | None = None,
    dishes: tuple[str, ...] = (RICE, BEANS),
    method: str = "account",
    service: str = LUNCH,
    placed_at: int = MORNING,
    at: int = NOON,
) -> Order:
    """A meal that has lived up to this state, by the acts of those whose work it is."""
    whose = stay or globals()["stay"](tx)
    done = perform(tx, place(whose, *dishes, method=method, service=service), by=patient(whose), at=placed_at)
    placed = done.added(Order)[0]
    for command, by in _life(placed.id, state):
        perform(tx, _with_tray(tx, command, placed), by=by, at=at)
    reached = now(tx, placed)
    if state is OrderState.HELD:
        nil_by_mouth(tx, whose.id, at=at)
        reached = now(tx, placed)
    assert reached.state == state, f"{reached.state} instead of {state}"
    return reached


def stay_of(tx: Tx, order: Order) -> Stay:
    return tx.get(Stay, order.stay_id)


def start(order: Order) -> StartCooking:
    return StartCooking(order_id=order.id)


def cancel(order: Order) -> CancelOrder:
    return CancelOrder(order_id=order.id)


def issue(order: Order, code: str) -> ReportIssue:
    return ReportIssue(order_id=order.id, code=code)  # type: ignore[arg-type]  # one of R24's


def move_to(tx: Tx, stay: Stay, ward: str) -> Done:
    return perform(tx, MoveStay(stay_id=stay.id, ward_id=ward), by=ADMIN)


def leave(tx: Tx, stay: Stay, *, at: int = NOON) -> Done:
    return perform(tx, Discharge(stay_id=stay.id), by=ADMIN, at=at)


def balances(tx: Tx, order: Order) -> dict[str, int]:
    """What the books of an order say, by account."""
    sums: dict[str, int] = {}
    for entry in tx.all(LedgerEntry, of=tx.get(Payment, order.id)):
        sums[entry.account] = sums.get(entry.account, 0) + entry.francs
    return sums


def tray(tx: Tx, order: Order) -> Tray:
    found = tray_of(tx, order)
    assert found is not None
    return found


def give(tx: Tx, order: Order, **more: str) -> GiveTray:
    """The press of somebody who has scanned both tray and wristband."""
    found = tray_of(tx, order)
    return GiveTray(order_id=order.id, tray_id=found.id if found else "", wristband=order.stay_id, **more)  # type: ignore[arg-type]


def _with_tray(tx: Tx, command: Command, order: Order) -> Command:
    if isinstance(command, GiveTray):
        return command.model_copy(update={"tray_id": tray(tx, order).id, "wristband": order.stay_id})
    return command


def _life(order_id: str, state: OrderState) -> list[tuple[Command, Actor]]:
    """The acts that lead from placed to a state."""
    start: tuple[Command, Actor] = (StartCooking(order_id=order_id), COOK)
    ready: tuple[Command, Actor] = (MarkReady(order_id=order_id), COOK)
    out: tuple[Command, Actor] = (TakeOut(order_id=order_id), RUNNER)
    given: tuple[Command, Actor] = (GiveTray(order_id=order_id), RUNNER)
    to_nurse: tuple[Command, Actor] = (GiveTray(order_id=order_id, to_nurse="nurse_1"), RUNNER)
    remake: tuple[Command, Actor] = (FlagProblem(order_id=order_id, problem="burnt", remake=True), COOK)
    refused: tuple[Command, Actor] = (ReportIssue(order_id=order_id, code="refused"), RUNNER)
    lives: dict[OrderState, list[tuple[Command, Actor]]] = {
        OrderState.CONFIRMED: [],
        OrderState.HELD: [],
        OrderState.CANCELLED: [(CancelOrder(order_id=order_id), NURSE)],
        OrderState.COOKING: [start],
        OrderState.KITCHEN_ISSUE: [start, remake],
        OrderState.READY: [start, ready],
        OrderState.OUT: [start, ready, out],
        OrderState.DELIVERED: [start, ready, out, given],
        OrderState.HANDED_TO_NURSE: [start, ready, out, to_nurse],
        OrderState.UNDELIVERABLE: [start, ready, out, refused],
        OrderState.COMPLETED: [start, ready, out, given, (CompleteOrder(order_id=order_id), SYSTEM)],
    }
    return lives[state]


def cases(tx: Tx, order: Order) -> list[Case]:
    return tx.all(Case, of=order)


def open_cases(tx: Tx) -> list[Case]:
    """Every case of these acts that is not closed, in the sequence they were opened."""
    found = [change.after for change in tx.written() if isinstance(change.after, Case)]
    return sorted((case for case in found if case.closed_at is None), key=lambda case: case.id)


# -- rows by themselves, for stores that hold no whole hospital --------------------------------------------------------


def ward_row(ward_id: str) -> Ward:
    return Ward(id=ward_id, kitchen_id="main", name_en=f"Ward {ward_id}")


def lying(row_id: str, stay_id: str, bed_id: str) -> BedAssignment:
    return BedAssignment(
        id=row_id, stay_id=stay_id, bed_id=bed_id, ward_id=bed_id[0], kitchen_id="main", started_at=MORNING
    )
