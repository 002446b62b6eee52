"""What has happened to an order."""

from __future__ import annotations

from core.kernel.message import Event


class OrderPlaced(Event):
    order_id: str
    method: str


class OrderCancelled(Event):
    order_id: str


class DishSubstituted(Event):
    """Another dish has taken the place of one that was ordered."""

    order_id: str


class CookingStarted(Event):
    order_id: str


class MealReady(Event):
    """The whole meal is on a tray, and its label can be printed."""

    order_id: str


class OrderStopped(Event):
    """A safety stop lies over the order: its label is worth nothing now."""

    order_id: str
    reason: str


class StopLifted(Event):
    """The rules allow the meal again: it needs a new label."""

    order_id: str


class StepTakenBack(Event):
    """A step was undone; `step` is the state that was left."""

    order_id: str
    step: str


class StepForced(Event):
    """An administrator says that the order is at this step; nobody scanned, signed or reported it."""

    order_id: str
    step: str


class RemakeWanted(Event):
    """The meal is being made again: its tray is not to be given."""

    order_id: str


class OrderMoved(Event):
    """The order's patient is on another ward, and its trays go there."""

    order_id: str


class OrderArchived(Event):
    order_id: str
