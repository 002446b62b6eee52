"""Builders for tests: a hospital, its people and its meals, made by performing commands, as in life.

    def test_a_confirmed_meal_goes_to_the_stove(tx):
        order = given.order(tx)
        given.perform(tx, StartCooking(order_id=order.id))
        assert given.now(tx, order).state == OrderState.COOKING

Everything happens at `given.NOON` (shortly before lunch leaves the kitchen) unless a test says otherwise.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Connection

from core import handlers
from core.delivery.commands import GiveTray, ReportIssue, TakeOut
from core.delivery.model import Tray
from core.delivery.trays import tray_of
from core.diets.allergies import RecordAllergiesAsked, RecordAllergy
from core.diets.commands import PrescribeDiet, StartNilByMouth
from core.diets.model import DietProfile
from core.diets.profile import periods_of
from core.kernel.case import Case
from core.kernel.handle import Kind
from core.kernel.message import Command, Event
from core.kernel.refusal import Refusal
from core.kernel.row import Row
from core.kernel.tx import Act, RowChange, Tx
from core.kernel.values import (
    DAY_MS,
    HOUR_MS,
    MINUTE_MS,
    SYSTEM,
    Actor,
    Origin,
    Role,
    uuid7,
)
from core.menu.commands import Part, SetDish, SetIngredient, SetService
from core.orders.attempts import Ordered
from core.orders.commands import CompleteOrder, FlagProblem, MarkReady, StartCooking
from core.orders.model import Order, OrderState
from core.orders.placing import CancelOrder, PlaceOrder
from core.payments.model import LedgerEntry, Payment
from core.people.commands import AddPerson, GiveGrant
from core.store.open import open_memory
from core.store.read import TxSource
from core.store.tables import SERVER
from core.store.write import write_rows
from core.wards.commands import (
    AddBeds,
    AssignBed,
    Discharge,
    MoveStay,
    NewBed,
    OpenKitchen,
    OpenStay,
    OpenWard,
)
from core.wards.model import BedAssignment, Stay, Ward

R = TypeVar("R", bound=Row)

MIDNIGHT = 1_795_471_200_000  # 2026-11-24 00:00 in Kigali
MORNING = MIDNIGHT + 9 * HOUR_MS  # lunch has opened
CUT_OFF = MIDNIGHT + 10 * HOUR_MS + 30 * MINUTE_MS
NOON = MIDNIGHT + 12 * HOUR_MS  # lunch leaves the kitchen
DAY = "2026-11-24"
LUNCH, DINNER = f"{DAY}-lunch", f"{DAY}-dinner"
RICE, BEANS, ISOMBE, MILK_PORRIDGE = "umuceri", "ibishyimbo", "isombe", "igikoma_amata"
SALTY = "brochette"

_chance = itertools.count(1)


def person(person_id: str, role: Role, *, ward: str = "") -> Actor:
    return Actor(person_id, frozenset({role}), frozenset({ward}) if ward else None)


COOK, COOK_2 = person("cook_1", Role.COOK), person("cook_2", Role.COOK)
LEAD = person("kitchen_lead_1", Role.KITCHEN_LEAD)
RUNNER, RUNNER_2 = person("runner_1", Role.RUNNER), person("runner_2", Role.RUNNER)
NURSE, NURSE_B = person("nurse_1", Role.NURSE, ward="A"), person("nurse_2", Role.NURSE, ward="B")
DOCTOR = person("doctor_1", Role.DOCTOR)
NUTRITIONIST = person("nutritionist_1", Role.NUTRITIONIST)
CASHIER = person("cashier_1", Role.CASHIER)
ADMIN = person("admin_1", Role.ADMIN)
STAFF = (COOK, COOK_2, LEAD, RUNNER, RUNNER_2, NURSE, NURSE_B, DOCTOR, NUTRITIONIST, CASHIER, ADMIN)


def patient(stay: Stay) -> Actor:
    return Actor(f"patient:{stay.id}", frozenset({Role.PATIENT}), stay_id=stay.id)


# -- performing -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Done:
    """What one act did. `cases` are the codes of the cases it opened."""

    changes: list[RowChange] = field(default_factory=list)
    cases: list[str] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    already: dict[str, str | int] | None = None

    def added(self, table: type[R]) -> list[R]:
        return [c.after for c in self.changes if c.before is None and isinstance(c.after, table)]


@contextmanager
def transaction() -> Iterator[Tx]:
    """A server's store in memory, with its real tables, and one transaction over it."""
    store = open_memory(whole=True)
    with store.writing() as connection:
        SERVER.create_all(connection)
        yield Tx(TxSource(connection, whole=True))
    store.close()


def op_id(at: int = NOON) -> bytes:
    """As from a console where nobody presses twice within one ms."""
    count = next(_chance)
    return uuid7(at + count, count.to_bytes(10, "big"))


def act(command: Command, *, by: Actor, at: int, claimed_at: int | None = None, id: bytes | None = None) -> Act:
    return Act(
        op_id=id or op_id(at),
        kind=command.name,
        at=at,
        claimed_at=at if claimed_at is None else claimed_at,
        actor=by,
        origin=Origin.DEVICE,
    )


def perform(
    tx: Tx, command: Command, *, by: Actor | None = None, at: int = NOON, claimed_at: int | None = None
) -> Done:
    """Performs one act as the server does: bytes, decode, roles, handler, reactions. Raises Refusal when refused.

    by: the first of the staff whose role may, unless named.
    """
    handle = handlers.HANDLES[command.name]
    actor = by or _somebody_who_may(handle.roles)
    assert actor.roles & handle.roles, f"{actor.person_id} may not {command.name}"
    decoded = handlers.decode(command.name, command.v, handlers.encode(command))
    tx.begin(act(command, by=actor, at=at, claimed_at=claimed_at))
    try:
        handlers.run(tx, handle, decoded)
    except Refusal as refusal:
        assert handle.kind is not Kind.FACT or refusal.code == "gone", f"a fact was refused: {refusal!r}"
        tx.drop()
        raise
    except Exception:
        tx.drop()
        raise
    layer, changes = tx.keep()
    return Done(changes, [case.code for case in layer.cases], layer.events, layer.already)


def run(tx: Tx, command: Command) -> None:
    """Handler and reactions, inside an act that a test has begun itself."""
    handlers.run(tx, handlers.HANDLES[command.name], command)


def refused(tx: Tx, command: Command, *, by: Actor, at: int = NOON) -> Done:
    """An act that is refused, and what is written all the same."""
    tx.begin(act(command, by=by, at=at))
    try:
        run(tx, command)
    except Refusal as refusal:
        layer = tx.drop()
        tx.begin(layer.act)
        handlers.after_refusal(tx, command, refusal)
        layer, changes = tx.keep()
        return Done(changes, [case.code for case in layer.cases], layer.events)
    raise AssertionError(f"{command.name} was not refused")


def unmatched_unswept(tx: Tx, order: Order) -> None:
    """The same for an allergy in words that nobody has matched yet."""
    profile = tx.get(DietProfile, order.stay_id)
    tx.begin(act(RecordAllergy(stay_id=order.stay_id, text="something red"), by=DOCTOR, at=NOON))
    tx.change(profile, unmatched=True, rules_version=profile.rules_version + 1)
    tx.keep()


def press(tx: Tx, command: Command, *, by: Actor | None = None, at: int = NOON) -> None:
    """What a console asks before an act exists. Raises Refusal."""
    handle = handlers.HANDLES[command.name]
    tx.begin(act(command, by=by or _somebody_who_may(handle.roles), at=at))
    try:
        if handle.before is not None:
            handle.before(tx, command)
    finally:
        tx.drop()


def refusal_of(tx: Tx, command: Command, *, by: Actor | None = None, at: int = NOON) -> str:
    """The code an intent is refused with, "" when it is not."""
    try:
        perform(tx, command, by=by, at=at)
    except Refusal as refusal:
        return refusal.code
    return ""


def refusal(tx: Tx, command: Command, *, by: Actor | None = None, at: int = NOON) -> Refusal:
    """The refusal of an intent, with its words' arguments."""
    try:
        perform(tx, command, by=by, at=at)
    except Refusal as refused_for:
        return refused_for
    raise AssertionError(f"{command.name} was not refused")


def refusal_at_press(tx: Tx, command: Command, *, by: Actor | None = None, at: int = NOON) -> str:
    try:
        press(tx, command, by=by, at=at)
    except Refusal as refusal:
        return refusal.code
    return ""


def now(tx: Tx, row: R) -> R:
    """The row as it is by now."""
    return tx.get(type(row), row.id)


def saved(tx: Tx) -> Connection:
    """Writes what the acts so far have changed; the connection, for queries."""
    write_rows(source(tx).connection, tx.written())
    tx.rebased()
    return source(tx).connection


def source(tx: Tx) -> TxSource:
    """The store's side of a transaction: its connection, and how often it was asked."""
    assert isinstance(tx.source, TxSource)
    return tx.source


def _somebody_who_may(roles: Iterable[Role]) -> Actor:
    wanted = frozenset(roles)
    return next((one for one in STAFF if one.roles & wanted), SYSTEM)


# -- the house ------------------------------------------------------------------------------------------------------


def hospital(tx: Tx) -> None:
    """One kitchen, wards A and B with five beds each, five dishes, lunch and dinner, and staff."""
    perform(tx, OpenKitchen(kitchen_id="main", title="Main kitchen"), at=MIDNIGHT)
    for order, ward in enumerate(("A", "B")):
        perform(
            tx,
            OpenWard(
                ward_id=ward, kitchen_id="main", name_en=f"Ward {ward}", walking_order=order, minutes_from_kitchen=4
            ),
            at=MIDNIGHT,
        )
        beds = tuple(NewBed(bed_id=f"{ward}-{number:03}") for number in range(1, 6))
        perform(tx, AddBeds(ward_id=ward, beds=beds), at=MIDNIGHT)
    menu(tx)
    for day in (0,):
        services(tx, day)
    staff(tx)


def menu(tx: Tx) -> None:
    ingredient(tx, "rice")
    ingredient(tx, "beans")
    ingredient(tx, "cassava_leaves")
    ingredient(tx, "groundnut_paste", allergens=("peanut",))
    ingredient(tx, "milk", allergens=("milk",))
    ingredient(tx, "goat", sodium_mg=900)
    dish(tx, RICE, "rice", price=500)
    dish(tx, BEANS, "beans", price=700)
    dish(tx, ISOMBE, "cassava_leaves", "groundnut_paste", price=1_000)
    dish(tx, MILK_PORRIDGE, "milk", price=600)
    dish(tx, SALTY, "goat", price=1_500, suits=("regular", "diabetic"))


def ingredient(tx: Tx, code: str, *, allergens: tuple[str, ...] = (), sodium_mg: int = 10) -> None:
    perform(
        tx,
        SetIngredient(
            ingredient_id=code,
            name_en=code,
            name_fr=code,
            name_rw=code,
            allergens=allergens,
            verified=True,
            energy_kcal=100,
            carbohydrate_mg=10_000,
            protein_mg=1_000,
            fat_mg=500,
            sugars_mg=100,
            sodium_mg=sodium_mg,
            potassium_mg=100,
            phosphorus_mg=50,
        ),
        by=LEAD,
        at=MIDNIGHT,
    )


def dish(
    tx: Tx,
    code: str,
    *ingredients: str,
    price: int,
    suits: tuple[str, ...] = ("regular", "diabetic", "low_salt"),
) -> None:
    perform(
        tx,
        SetDish(
            dish_id=code,
            name_en=code,
            name_fr=code,
            name_rw=code,
            category="main",
            price_francs=price,
            suits=suits,
            services=("lunch", "dinner"),
            portion_grams=200,
            parts=tuple(Part(ingredient_id=one, grams=100) for one in ingredients),
        ),
        by=LEAD,
        at=MIDNIGHT,
    )


def services(tx: Tx, day: int = 0) -> None:
    """Lunch and dinner of a day: 0 is the day of the tests."""
    for meal, hour in (("lunch", 12), ("dinner", 18)):
        service(tx, meal, hour=hour, midnight=MIDNIGHT + day * DAY_MS, day=f"2026-11-{24 + day:02}")


def service(tx: Tx, meal: str, *, hour: int, midnight: int = MIDNIGHT, day: str = DAY) -> None:
    leaves = midnight + hour * HOUR_MS
    perform(
        tx,
        SetService(
            service_id=f"{day}-{meal}",
            kitchen_id="main",
            day=day,
            meal=meal,  # type: ignore[arg-type]  # one of the four
            opens_at=leaves - 6 * HOUR_MS,
            cut_off_at=leaves - 90 * MINUTE_MS,
            dispatch_at=leaves,
            ends_at=leaves + 2 * HOUR_MS,
        ),
        by=LEAD,
        at=MIDNIGHT,
    )


def staff(tx: Tx) -> None:
    for one in STAFF:
        role, ward = min(one.roles), next(iter(one.wards or ("",)))
        add = AddPerson(
            person_id=one.person_id, display=one.person_id, full_name=one.person_id, supervisor_id="admin_1"
        )
        perform(tx, add, by=SYSTEM, at=MIDNIGHT)
        grant = GiveGrant(person_id=one.person_id, role=role.value, ward_id=ward)  # type: ignore[arg-type]
        perform(tx, grant, by=SYSTEM, at=MIDNIGHT)


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
    return {
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
    }[state]


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
