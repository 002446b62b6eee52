"""What an act does to a patient's meals, told by comparing what the rules say before it and after it.

Nothing is decided here: the verdicts are those of the orders' own rules, and what became of an order stands in its row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.diets.model import DietProfile
from core.diets.profile import Period, periods_of
from core.diets.rules import judge_lines
from core.diets.verdict import Verdict
from core.kernel.case import Case
from core.kernel.refusal import Refusal
from core.kernel.tx import Tx
from core.menu.model import Service
from core.orders.model import Order, OrderState
from core.orders.moves import lines_of
from core.orders.rules import BEING_MADE, verdict_on
from core.wards.model import Kitchen, Stay

KITCHEN_STOP, LABEL_VOID, TRAY_STOPPED = "kitchen_stop", "label_void", "tray_stopped"  # where a stop appears
HELD, STILL_HELD, RELEASED, LIFTED = "held", "still_held", "released", "lifted"
STOPS = (KITCHEN_STOP, LABEL_VOID, TRAY_STOPPED)
MOST_SERVICES = 3  # meals without an order that are told


@dataclass(frozen=True, slots=True)
class Meal:
    """One open order as the rules see it."""

    order: Order
    lines: tuple[tuple[str, int], ...]
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Ahead:
    """A patient's open orders, and the coming services without one, with what the rules say of each."""

    at: int
    profile: DietProfile
    meals: tuple[Meal, ...]
    services: tuple[tuple[Service, Verdict], ...]


@dataclass(frozen=True, slots=True)
class Flip:
    """What becomes of one order. where: one of the words above, "" when only the verdict differs."""

    order: Order  # as it is before
    lines: tuple[tuple[str, int], ...]
    before: Verdict
    after: Verdict
    where: str


@dataclass(frozen=True, slots=True)
class Turn:
    """What becomes of a service that nothing is ordered for."""

    service: Service
    before: Verdict
    after: Verdict


@dataclass(frozen=True, slots=True)
class Consequences:
    """flips: orders to which something happens; the others are only counted. placed: orders that begin by it.
    ends: what stops being in force.

    refusal: the act would be refused; unknown: this console cannot tell.
    """

    flips: tuple[Flip, ...] = ()
    placed: tuple[Meal, ...] = ()
    same: int = 0
    turns: tuple[Turn, ...] = ()
    ends: tuple[Period, ...] = ()
    cases: tuple[Case, ...] = ()
    refusal: Refusal | None = None
    unknown: bool = False

    @property
    def stops_on_the_way(self) -> int:
        return sum(flip.where == TRAY_STOPPED for flip in self.flips)

    @property
    def stops_any(self) -> bool:
        return any(flip.where in (*STOPS, HELD) for flip in self.flips)

    @property
    def changed(self) -> int:
        """Meals that change, ordered or not."""
        return len(self.flips) + len(self.turns)


def of_stay(tx: Tx, stay_id: str) -> Ahead:
    """What lies before this patient now. Raises Unknown and Refusal("gone")."""
    stay = tx.get(Stay, stay_id)
    orders = tx.all(Order, of=stay)
    meals = [_meal(tx, order) for order in orders if order.is_open]
    ordered = [order.service_id for order in orders if order.state != OrderState.CANCELLED and not order.guest]
    return Ahead(
        at=tx.at,
        profile=tx.get(DietProfile, stay_id),
        meals=tuple(sorted(meals, key=_promised)),
        services=tuple(_unordered(tx, stay, ordered)),
    )


def told(before: Ahead, after: Ahead, cases: Iterable[Case] = ()) -> Consequences:
    """The difference between the two."""
    later = {meal.order.id: meal for meal in after.meals}
    pairs = [(meal, later.get(meal.order.id, meal)) for meal in before.meals]
    flips = [_flip(one, other) for one, other in pairs]
    turns = _turns(before, after)
    known = [meal.order.id for meal in before.meals]
    return Consequences(
        flips=tuple(flip for flip in flips if _says(flip)),
        placed=tuple(meal for meal in after.meals if meal.order.id not in known),
        same=sum(not _says(flip) for flip in flips),
        turns=tuple(turns),
        ends=tuple(_ended(before, after)),
        cases=tuple(cases),
    )


def _meal(tx: Tx, order: Order) -> Meal:
    found = verdict_on(tx, order)
    ruling = found.safety if order.state in BEING_MADE else found
    return Meal(order, tuple(lines_of(tx, order)), ruling)


def _unordered(tx: Tx, stay: Stay, ordered: list[str]) -> Iterable[tuple[Service, Verdict]]:
    """The next services that nothing is ordered for: what may be eaten then at all."""
    services = tx.all(Service, of=tx.get(Kitchen, stay.kitchen_id))
    coming = [one for one in services if one.cut_off_at > tx.at and one.id not in ordered]
    for service in sorted(coming, key=_dispatched)[:MOST_SERVICES]:
        yield service, judge_lines(tx, stay_id=stay.id, lines=(), serve_at=service.dispatch_at)


def _flip(one: Meal, other: Meal) -> Flip:
    return Flip(one.order, one.lines, one.verdict, other.verdict, _where(one.order, other.order))


def _where(before: Order, after: Order) -> str:
    if after.stop and after.stop != before.stop:
        return _WHERE_STOPPED.get(before.state, KITCHEN_STOP)
    if before.stop and not after.stop:
        return LIFTED
    if before.state != after.state:
        return HELD if after.state == OrderState.HELD else RELEASED
    return STILL_HELD if before.held_for != after.held_for else ""


_WHERE_STOPPED: Mapping[str, str] = {OrderState.READY.value: LABEL_VOID, OrderState.OUT.value: TRAY_STOPPED}


def _says(flip: Flip) -> bool:
    return bool(flip.where) or flip.before.kind is not flip.after.kind


def _turns(before: Ahead, after: Ahead) -> Iterable[Turn]:
    later = {service.id: verdict for service, verdict in after.services}
    for service, verdict in before.services:
        found = later.get(service.id, verdict)
        if found.kind is not verdict.kind:
            yield Turn(service, verdict, found)


def _ended(before: Ahead, after: Ahead) -> Iterable[Period]:
    """Periods that still had time to run, and have less of it now."""
    until = {period.id: period.until_at for period in periods_of(after.profile.periods)}
    for period in periods_of(before.profile.periods):
        if not period.is_over_at(before.at) and until.get(period.id, before.at) != period.until_at:
            yield period


def _promised(meal: Meal) -> tuple[int, str]:
    return (meal.order.promised_at, meal.order.id)


def _dispatched(service: Service) -> tuple[int, str]:
    return (service.dispatch_at, service.id)
