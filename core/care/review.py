"""Meals that were served before a rule was known which forbids them (R13): nobody is to blame, somebody is to look."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, Table, select

from core.delivery.model import HandOverTable
from core.diets.model import Allergy, AllergyTable, DietKind, DietOrder, DietOrderTable, DietProfile, DietState
from core.diets.profile import Period, as_text
from core.diets.verdict import Reason, VerdictKind, judge_dish, read
from core.kernel.values import DAY_MS, as_codes, codes
from core.menu.model import DishFacts
from core.menu.queries import facts_of
from core.orders.model import OrderTable
from core.orders.queries import lines_of_orders

LOOKED_BACK_MS = DAY_MS
MOST = 200
HAND_OVER: Table = HandOverTable.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
ORDER: Table = OrderTable.__table__  # type: ignore[attr-defined]  # as above
ALLERGY: Table = AllergyTable.__table__  # type: ignore[attr-defined]  # as above
DIET: Table = DietOrderTable.__table__  # type: ignore[attr-defined]  # as above
IN_FORCE = (DietState.ACTIVE.value, DietState.SUPERSEDED.value)


@dataclass(frozen=True, slots=True)
class ServedBefore:
    """One meal of the last day, and the first reason against it that came to be known later."""

    stay_id: str
    order_id: str
    served_at: int
    code: str
    dish_id: str


def served_before_known(db: Connection, *, at: int, stay_ids: Collection[str]) -> list[ServedBefore]:
    """The newest first. Of allergies those recorded since the meal; of diets and fasts those meant for its hour."""
    later = _written_later(db, at, stay_ids)
    if not later:
        return []
    served = (
        select(HAND_OVER.c.stay_id, HAND_OVER.c.order_id, HAND_OVER.c.at)
        .join(ORDER, ORDER.c.id == HAND_OVER.c.order_id)
        .where(HAND_OVER.c.stay_id.in_(list(later)), HAND_OVER.c.at > at - LOOKED_BACK_MS)
        .where(~HAND_OVER.c.second, ~ORDER.c.guest)
        .order_by(HAND_OVER.c.at.desc(), HAND_OVER.c.id)
    )
    meals = db.execute(served.limit(MOST)).all()
    lines = lines_of_orders(db, [row.order_id for row in meals])
    facts = facts_of(db, {line.dish_id for of_order in lines.values() for line in of_order})
    found = []
    for row in meals:
        plates = [facts[line.dish_id] for line in lines.get(row.order_id, ()) if line.dish_id in facts]
        reason = _against(plates, later[row.stay_id], row.at)
        if reason is not None:
            found.append(ServedBefore(row.stay_id, row.order_id, row.at, reason.code, reason.dish_id))
    return found


def _written_later(db: Connection, at: int, stay_ids: Collection[str]) -> dict[str, list[Allergy | DietOrder]]:
    """By stay: what was written in the last day and could have been known before."""
    since = at - LOOKED_BACK_MS
    allergies = select(ALLERGY).where(ALLERGY.c.recorded_at > since, ALLERGY.c.withdrawn_at.is_(None))
    meant_before = select(DIET).where(DIET.c.ordered_at > since, DIET.c.from_at < DIET.c.ordered_at)
    orders = meant_before.where(DIET.c.state.in_(IN_FORCE), DIET.c.kind != DietKind.ISOLATION.value)
    rows: list[Allergy | DietOrder] = [Allergy.trusted(dict(row)) for row in db.execute(allergies).mappings()]
    rows += [DietOrder.trusted(dict(row)) for row in db.execute(orders).mappings()]
    found: dict[str, list[Allergy | DietOrder]] = {}
    for row in rows:
        if row.stay_id in stay_ids:
            found.setdefault(row.stay_id, []).append(row)
    return found


def _against(plates: Iterable[DishFacts], written: list[Allergy | DietOrder], served_at: int) -> Reason | None:
    """By what was written later alone: what was known then has been judged then."""
    allergies = [one for one in written if isinstance(one, Allergy) and one.recorded_at > served_at]
    orders = [one for one in written if isinstance(one, DietOrder) and one.from_at <= served_at < one.ordered_at]
    if not allergies and not orders:
        return None
    told = DietProfile(
        id=written[0].stay_id,
        ward_id="",
        kitchen_id="",
        allergies_asked=True,
        allergens=as_codes([code for one in allergies for code in codes(one.code)]),
        periods=as_text(_period(one) for one in orders),
        changed_at=served_at,
        changed_by="",
    )
    patient = read(told, serve_at=served_at, at=served_at)
    reasons = [*(reason for reason in patient.reasons if reason.code == "nil_by_mouth")]
    for facts in plates:
        reasons += [reason for reason in judge_dish(patient, facts).safety.reasons if reason.dish_id]
    return next((reason for reason in reasons if reason.kind is VerdictKind.BLOCK), None)


def _period(order: DietOrder) -> Period:
    limits: dict[str, Any] = msgspec.json.decode(order.limits) if order.limits else {}
    return Period(
        kind=order.kind,
        id=order.id,
        from_at=order.from_at,
        until_at=order.until_at,
        components=codes(order.components),
        food=order.food_level,
        fluid=order.fluid_level,
        limits=limits,
        reason=order.reason,
    )
