"""The meal as a thing: which tray an order has now, and what becomes of it. Reacts to what happens to the order."""

from __future__ import annotations

from core.delivery.model import DeliveryIssue, HandOver, Tray, TrayState
from core.diets.children import SMALL_YEARS, is_child
from core.diets.model import DietProfile
from core.kernel.found import held
from core.kernel.tx import Tx
from core.orders.events import (
    MealReady,
    OrderArchived,
    OrderMoved,
    OrderStopped,
    RemakeWanted,
    StepForced,
    StepTakenBack,
    StopLifted,
)
from core.orders.model import Order, OrderState
from core.wards.events import PatientRecognised

GONE = (TrayState.DISCARDED, TrayState.RETURNED)


def tray_of(tx: Tx, order: Order) -> Tray | None:
    """The tray that counts: the newest that is not thrown away."""
    trays = [tray for tray in tx.all(Tray, of=order) if tray.state not in GONE]
    return max(trays, key=_number) if trays else None


def assemble(tx: Tx, order: Order) -> Tray:
    """A tray for the order, with the next number."""
    return tx.add(
        Tray(
            id=tx.new_id(),
            order_id=order.id,
            stay_id=order.stay_id,
            ward_id=order.ward_id,
            kitchen_id=order.kitchen_id,
            number=max((tray.number for tray in tx.all(Tray, of=order)), default=0) + 1,
            assembled_at=tx.at,
            label_void=bool(order.stop),
        )
    )


def put_on_tray(tx: Tx, event: MealReady) -> None:
    order = tx.get(Order, event.order_id)
    if tray_of(tx, order) is None:
        assemble(tx, order)


def void_label(tx: Tx, event: OrderStopped) -> None:
    tray = tray_of(tx, tx.get(Order, event.order_id))
    if tray is not None and tray.state != TrayState.GIVEN:
        tx.change(tray, label_void=True)


def renew_label(tx: Tx, event: StopLifted) -> None:
    """Only the highest version is valid at the bed (R49)."""
    tray = tray_of(tx, tx.get(Order, event.order_id))
    if tray is not None and tray.label_void:
        tx.change(tray, label_void=False, label_version=tray.label_version + 1)


def discard(tx: Tx, event: RemakeWanted) -> None:
    tray = tray_of(tx, tx.get(Order, event.order_id))
    if tray is not None:
        tx.change(tray, state=TrayState.DISCARDED.value, label_void=True)


def step_back(tx: Tx, event: StepTakenBack) -> None:
    tray = tray_of(tx, tx.get(Order, event.order_id))
    if tray is None:
        return
    if event.step == OrderState.READY:
        tx.change(tray, state=TrayState.DISCARDED.value, label_void=True)
    elif event.step == OrderState.OUT:
        tx.change(tray, state=TrayState.ASSEMBLED.value, out_at=None, runner_id="")
    elif event.step in (OrderState.DELIVERED, OrderState.HANDED_TO_NURSE):
        tx.change(tray, state=TrayState.OUT.value)


def follow_forced(tx: Tx, event: StepForced) -> None:
    """The tray is where an administrator says that its meal is. Nobody handed it over that we know of."""
    order = tx.get(Order, event.order_id)
    tray = tray_of(tx, order) or assemble(tx, order)
    if event.step == OrderState.OUT:
        tx.change(tray, state=TrayState.OUT.value, out_at=tx.at, runner_id=tx.actor.person_id)
    elif event.step == OrderState.UNDELIVERABLE:
        tx.change(tray, state=TrayState.DISCARDED.value, label_void=True)
    elif event.step in (OrderState.DELIVERED, OrderState.HANDED_TO_NURSE):
        at_ward = event.step == OrderState.HANDED_TO_NURSE
        tx.change(tray, state=(TrayState.AT_WARD if at_ward else TrayState.GIVEN).value)


def move_trays(tx: Tx, event: OrderMoved) -> None:
    order = tx.get(Order, event.order_id)
    for part in (Tray, HandOver, DeliveryIssue):
        for row in tx.all(part, of=order):
            tx.change(row, ward_id=order.ward_id, kitchen_id=order.kitchen_id)


def archive_trays(tx: Tx, event: OrderArchived) -> None:
    order = tx.get(Order, event.order_id)
    for part in (Tray, HandOver, DeliveryIssue):
        for row in tx.all(part, of=order):
            tx.change(row, archived_at=tx.at)


def learn_identifiers(tx: Tx, event: PatientRecognised) -> None:
    """From now on the bedside can compare what is typed with this patient, and a child gets a child's pieces."""
    profile = held(tx, DietProfile, event.stay_id)
    if profile is None:
        return
    born = event.birth_date
    small = is_child(born, tx.at, under=SMALL_YEARS)
    tx.change(profile, identifiers=event.identifiers, child=is_child(born, tx.at), small_child=small)


def _number(tray: Tray) -> int:
    return tray.number
