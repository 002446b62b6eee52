"""Meals that wait for somebody: until when, what stands in their way, and the nearest dish that may be had instead.

A held meal is settled by `SubstituteDish`, by a new order, or by whatever takes its reason away. What nobody has
settled when the kitchen closes gives way to the day's default (`core.orders.defaults`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy import Connection

from core.diets.nutrients import UNKNOWN, Amounts, amounts_of
from core.diets.rules import amounts, judge_lines, needs_of_meal, refuse
from core.diets.verdict import REASONS, Verdict, VerdictKind
from core.kernel.handle import Handle, Need
from core.kernel.message import Command
from core.kernel.refusal import Refusal, Unknown
from core.kernel.text import RowId
from core.kernel.tx import Tx
from core.kernel.values import MINUTE_MS, Role, codes
from core.menu.model import Dish, DishFacts, Service
from core.menu.queries import dishes_of
from core.menu.substances import NUTRIENTS
from core.orders.events import DishSubstituted
from core.orders.guests import verdict_on_guest
from core.orders.model import Order, OrderLine, OrderState
from core.orders.moves import lines_of
from core.orders.rules import (
    READS_MEAL,
    judge_order_again,
    serve_at,
    used_besides,
    verdict_on,
)

SETTLED_BEFORE_MS = 15 * MINUTE_MS  # a held meal is to be settled this long before the cut-off
LEFT_AT_LEAST_MS = 15 * MINUTE_MS  # and whoever has to settle it has this long, however late it was held
MOST = 5
# states in which the kitchen has not put the meal on a tray yet: another dish can still take a dish's place
CAN_BE_SWAPPED = (
    OrderState.PAYMENT_PENDING,
    OrderState.PAYMENT_FAILED,
    OrderState.CONFIRMED,
    OrderState.HELD,
    OrderState.COOKING,
    OrderState.KITCHEN_ISSUE,
)


def settle_by(order: Order, service: Service) -> int:
    """The deadline that is shown: a quarter of an hour before the cut-off, or as long after it was held."""
    return max(service.cut_off_at - SETTLED_BEFORE_MS, order.state_at + LEFT_AT_LEAST_MS)


def gives_way_at(order: Order, service: Service) -> int:
    """When a held meal that nobody has settled gives way to the day's default."""
    return max(service.cut_off_at, order.state_at + LEFT_AT_LEAST_MS)


# -- what may be had instead ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Substitute:
    """A dish that this patient may have in a line's place. far: 0 is the same food at the same price; for sorting."""

    dish_id: str
    name: str
    francs: int
    far: Fraction


@dataclass(frozen=True, slots=True)
class InTheWay:
    """One line that the rules forbid, and the dishes that may take its place, the nearest first (none: nothing may).

    reason: the code of what speaks against it, with `why.<reason>` for words.
    """

    line_id: str
    dish_id: str
    halves: int
    reason: str
    substitutes: tuple[Substitute, ...]

    def command(self, order_id: str) -> SubstituteDish | None:
        """What the key `s` does: the nearest one takes its place. None when nothing may."""
        if not self.substitutes:
            return None
        return SubstituteDish(order_id=order_id, line_id=self.line_id, dish_id=self.substitutes[0].dish_id)


def in_the_way(tx: Tx, db: Connection, order_id: str, *, language: str) -> list[InTheWay]:
    """The lines of a meal that hold or stop it, each with the nearest allowed dishes of its own category.

    For the held list: `with screen.looking(db) as tx: in_the_way(tx, db, order_id, language=screen.language)`. Empty:
    nothing on the plate is in the way (the patient may not eat at all, or the meal is allowed), and no other dish
    would help. For the key `s` perform every line's `command(order_id)` in this sequence: once the last one is in
    place the meal is released by itself.
    """
    order = tx.get(Order, order_id)
    if order.state not in CAN_BE_SWAPPED:
        return []
    found = verdict_on(tx, order)
    if any(reason.kind in (VerdictKind.BLOCK, VerdictKind.HOLD) and not reason.dish_id for reason in found.reasons):
        return []  # it is the patient who may not eat
    forbidden = {one.dish_id: one.code for one in reversed(found.reasons) if _forbids(one.code)}
    lines = [line for line in tx.all(OrderLine, of=order) if line.dish_id in forbidden]
    used = _besides(tx, order, without=lines)
    return [
        InTheWay(
            line_id=line.id,
            dish_id=line.dish_id,
            halves=line.halves,
            reason=forbidden[line.dish_id],
            substitutes=tuple(_nearest(tx, db, order, line, used, language)[:MOST]),
        )
        for line in lines
    ]


def _forbids(code: str) -> bool:
    return REASONS[code][1] in (VerdictKind.BLOCK, VerdictKind.HOLD)


def _besides(tx: Tx, order: Order, *, without: list[OrderLine]) -> Amounts:
    """What the day's other meals and the rest of this one bring."""
    used = used_besides(
        tx, stay_id=order.stay_id, service_id=order.service_id, serve_at=serve_at(tx, order), order_id=order.id
    )
    gone = [line.id for line in without]
    rest = [(one.dish_id, one.halves) for one in tx.all(OrderLine, of=order) if one.id not in gone]
    return amounts(tx, rest, besides=used)


def _nearest(tx: Tx, db: Connection, order: Order, line: OrderLine, used: Amounts, language: str) -> list[Substitute]:
    service, dish = tx.get(Service, order.service_id), tx.get(Dish, line.dish_id)
    taken = [dish_id for dish_id, _ in lines_of(tx, order)]
    alike = [
        one
        for one in dishes_of(db, service.meal)
        if one.category == dish.category and one.is_drink == dish.is_drink and one.id not in taken
    ]
    tx.prefetch((DishFacts, one.id) for one in alike)
    when = serve_at(tx, order)
    allowed = [one for one in alike if _verdict(tx, order, one.id, line.halves, when, used).kind is VerdictKind.ALLOW]
    near = [Substitute(one.id, one.name(language), one.price_francs, _far(tx, dish, one)) for one in allowed]
    return sorted(near, key=_by_distance)


def _verdict(tx: Tx, order: Order, dish_id: str, halves: int, when: int, used: Amounts) -> Verdict:
    if order.guest:
        return verdict_on_guest(tx, [dish_id])
    return judge_lines(tx, stay_id=order.stay_id, lines=[(dish_id, halves)], serve_at=when, used=used)


def _far(tx: Tx, one: Dish, other: Dish) -> Fraction:
    """The mean of how far each nutrient and the price lie apart, as a share of the larger; the unknown is farthest."""
    here, there = _brings(tx, one.id), _brings(tx, other.id)
    apart = [_share(here.get(nutrient), there.get(nutrient)) for nutrient in NUTRIENTS]
    apart.append(_share(one.price_francs, other.price_francs))
    return sum(apart, Fraction(0)) / len(apart)


def _brings(tx: Tx, dish_id: str) -> Amounts:
    try:
        return amounts_of([(tx.get(DishFacts, dish_id), 2)])
    except (Refusal, Unknown):
        return {}


def _share(one: int | None, other: int | None) -> Fraction:
    if one is UNKNOWN or other is UNKNOWN:
        return Fraction(1)
    return Fraction(abs(one - other), max(one, other)) if one != other else Fraction(0)


def _by_distance(one: Substitute) -> tuple[Fraction, str]:
    return (one.far, one.dish_id)


# -- putting it in place ----------------------------------------------------------------------------------------------


class SubstituteDish(Command):
    """Another dish takes the place of one on a meal that is not on its tray yet; the portion stays as it was."""

    order_id: RowId
    line_id: RowId
    dish_id: RowId


def substitute_dish(tx: Tx, cmd: SubstituteDish) -> None:
    """Judged by the newest rules when it happens: what is not simply allowed takes nobody's place.

    The kitchen's card says CHANGED until a cook has read it, and a meal that waited for this dish alone is released. A
    label there is none yet: the tray of a meal that is made again gets the next number. It never costs more (R53).
    """
    order, line = tx.get(Order, cmd.order_id), tx.get(OrderLine, cmd.line_id)
    if order.state not in CAN_BE_SWAPPED:
        raise Refusal("too_late_to_substitute", number=order.number, state=order.state, at=order.state_at)
    if line.order_id != order.id:
        raise Refusal("gone", what="order_line")
    if line.dish_id == cmd.dish_id:
        return tx.already(at=order.swapped_at or order.placed_at)
    _refuse_unserved(tx, cmd.dish_id, tx.get(Service, order.service_id))
    used = _besides(tx, order, without=[line])
    found = _verdict(tx, order, cmd.dish_id, line.halves, serve_at(tx, order), used)
    refuse(_of_the_dish(found), confirmed=False)
    tx.change(line, dish_id=cmd.dish_id, instead_of=line.instead_of or line.dish_id, ticked_at=None, ticked_by="")
    order = tx.change(order, swapped_at=tx.at, change_seen_version=0, change_seen_by="")
    judge_order_again(tx, order)
    tx.emit(DishSubstituted(order_id=order.id))


def _of_the_dish(found: Verdict) -> Verdict:
    """What speaks of the patient holds the meal as before, and says nothing against this dish."""
    return Verdict(tuple(reason for reason in found.reasons if reason.dish_id), found.notes, found.overridden)


def _refuse_unserved(tx: Tx, dish_id: str, service: Service) -> None:
    dish = tx.get(Dish, dish_id)
    served = codes(dish.services)
    if not dish.sold or dish.withdrawn_at is not None or (served and service.meal not in served):
        raise Refusal("dish_not_served", dish=dish.id, service=service.id)


def _reads(cmd: SubstituteDish, tx: Tx) -> Iterable[Need]:
    order = tx.peek(Order, cmd.order_id)
    own: list[Need] = [(OrderLine, cmd.line_id), (Dish, cmd.dish_id)]
    return [*own, *(needs_of_meal(order.stay_id, [cmd.dish_id]) if order is not None else ())]


MAY_SUBSTITUTE = frozenset({Role.NUTRITIONIST, Role.DOCTOR, Role.NURSE, Role.KITCHEN_LEAD})

HANDLERS = (Handle(SubstituteDish, substitute_dish, roles=MAY_SUBSTITUTE, reads=(*READS_MEAL, _reads)),)
