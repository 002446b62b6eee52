"""How many of the meals a patient got were as the rules had it, as an exact fraction (R28).

Counted are meals that were served: what was refused, cancelled, spilled or never left is no meal. What a clinician has
allowed counts as kept and is told apart. What was served against the rules is one of the few ways the rest can come
about, since everything else is blocked; an attempt that was blocked is no violation and is counted elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy import Connection, Table, exists, func, select

from core.delivery.commands import GIVEN
from core.delivery.model import HandOverTable
from core.kernel.case import CaseTable
from core.orders.model import OrderTable

AGAINST_RULES = ("given_against_rules", "eaten_against_rules")  # cases that say so
FEWEST = 6  # meals below which a share says nothing (R30)
ORDER: Table = OrderTable.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
HAND_OVER: Table = HandOverTable.__table__  # type: ignore[attr-defined]  # as above
CASE: Table = CaseTable.__table__  # type: ignore[attr-defined]  # as above


@dataclass(frozen=True, slots=True)
class Served:
    """One meal that reached its patient. against: by the rules known then; allowed: somebody had said so."""

    order_id: str
    at: int
    against: bool = False
    allowed: bool = False


@dataclass(frozen=True, slots=True)
class Compliance:
    """Kept of served. Without a meal there is no share at all, which is another thing than all of them."""

    served: int = 0
    kept: int = 0
    allowed: int = 0  # of those kept

    @property
    def share(self) -> Fraction | None:
        return Fraction(self.kept, self.served) if self.served else None

    @property
    def percent(self) -> int | None:
        """Rounded half up to a whole one, for people; the share is what is stored and compared."""
        return None if self.share is None else int(self.share * 100 + Fraction(1, 2))

    @property
    def says_something(self) -> bool:
        return self.served >= FEWEST


def compliance(meals: Iterable[Served]) -> Compliance:
    """Every meal is wholly kept or not: one line against the rules is a meal against the rules."""
    served = kept = allowed = 0
    for meal in meals:
        served += 1
        if not meal.against:
            kept += 1
            allowed += meal.allowed
    return Compliance(served, kept, allowed)


def meals_served(db: Connection, stay_id: str, *, from_at: int, until_at: int) -> list[Served]:
    """The meals of a stay that were handed over in a period, in the sequence of their hand-over."""
    first = func.min(HAND_OVER.c.at)
    against = exists().where(CASE.c.order_id == ORDER.c.id, CASE.c.code.in_(AGAINST_RULES)).correlate(ORDER)
    handed = (
        select(ORDER.c.id, first, against, ORDER.c.overridden)
        .select_from(ORDER.join(HAND_OVER, HAND_OVER.c.order_id == ORDER.c.id))
        .where(ORDER.c.stay_id == stay_id, ORDER.c.state.in_([state.value for state in GIVEN]), ~ORDER.c.guest)
        .group_by(ORDER.c.id, ORDER.c.overridden)
        .having(first >= from_at, first < until_at)
        .order_by(first, ORDER.c.id)
    )
    return [Served(row[0], row[1], bool(row[2]), bool(row[3])) for row in db.execute(handed)]
