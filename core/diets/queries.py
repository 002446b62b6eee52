"""What may a patient eat, since when, and who said so: for screens, pages and the command line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, Table, and_, or_, select

from core.diets.model import (
    Allergy,
    AllergyTable,
    Allowance,
    AllowanceTable,
    DietAttempt,
    DietAttemptTable,
    DietOrder,
    DietOrderTable,
    DietProfile,
    DietProfileTable,
    DietState,
    TrayHold,
    TrayHoldTable,
)
from core.diets.rules import POLICIES
from core.diets.verdict import Thresholds
from core.kernel.policy import DEFAULTS, PolicyTable
from core.kernel.row import Row
from core.kernel.values import DAY_MS, MINUTE_MS

R = TypeVar("R", bound=Row)
SIGNED_WITHIN_MS = DAY_MS
POLICY: Table = PolicyTable.__table__  # type: ignore[attr-defined]  # as above
PROFILE: Table = DietProfileTable.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
ALLOWANCE: Table = AllowanceTable.__table__  # type: ignore[attr-defined]  # as above
ALLERGY: Table = AllergyTable.__table__  # type: ignore[attr-defined]  # as above
ORDER: Table = DietOrderTable.__table__  # type: ignore[attr-defined]  # as above
HOLD: Table = TrayHoldTable.__table__  # type: ignore[attr-defined]  # as above
ATTEMPT: Table = DietAttemptTable.__table__  # type: ignore[attr-defined]  # as above
_POLICIES = select(POLICY.c.id, POLICY.c.value)  # built once: every wall and page asks for them


def profile_of(db: Connection, stay_id: str) -> DietProfile | None:
    """The profile of a stay, None where it is not held."""
    found = _rows(db, DietProfile, select(PROFILE).where(PROFILE.c.id == stay_id))
    return found[0] if found else None


def profiles_of(db: Connection, stay_ids: Iterable[str]) -> dict[str, DietProfile]:
    wanted = select(PROFILE).where(PROFILE.c.id.in_(list(stay_ids)))
    return {profile.id: profile for profile in _rows(db, DietProfile, wanted)}


def profiles_of_ward(db: Connection, ward_id: str) -> list[DietProfile]:
    """The profiles of everybody who is on a ward."""
    here = select(PROFILE).where(PROFILE.c.ward_id == ward_id, PROFILE.c.open)
    return _rows(db, DietProfile, here.order_by(PROFILE.c.id))


def unmatched_allergies(db: Connection, *, limit: int = 100) -> list[Allergy]:
    """Free text that nobody has matched to a substance yet, the oldest first: the nutritionist's queue."""
    counting = ALLERGY.c.withdrawn_at.is_(None)
    waiting = select(ALLERGY).where(ALLERGY.c.code == "", counting)
    return _rows(db, Allergy, waiting.order_by(ALLERGY.c.recorded_at, ALLERGY.c.id).limit(limit))


def allergies_of(db: Connection, stay_id: str) -> list[Allergy]:
    """Every allergy recorded in a stay, withdrawn ones too, in the sequence they were recorded."""
    recorded = select(ALLERGY).where(ALLERGY.c.stay_id == stay_id)
    return _rows(db, Allergy, recorded.order_by(ALLERGY.c.recorded_at, ALLERGY.c.id))


def diet_orders_of(db: Connection, stay_id: str) -> list[DietOrder]:
    """Every diet order and nil by mouth of a stay, the newest first."""
    ordered = select(ORDER).where(ORDER.c.stay_id == stay_id)
    return _rows(db, DietOrder, ordered.order_by(ORDER.c.ordered_at.desc(), ORDER.c.id.desc()))


def to_sign(db: Connection, *, stay_id: str = "", limit: int = 200) -> list[DietOrder]:
    """Proposals, and orders heard by word of mouth, that wait for a doctor's name; the oldest first."""
    heard = and_(ORDER.c.heard_by != "", ORDER.c.signed_at.is_(None))
    waiting = select(ORDER).where(or_(ORDER.c.state == DietState.DRAFT.value, heard))
    of_stay = waiting.where(ORDER.c.stay_id == stay_id) if stay_id else waiting
    return _rows(db, DietOrder, of_stay.order_by(ORDER.c.ordered_at, ORDER.c.id).limit(limit))


def allowances_of(db: Connection, stay_id: str) -> list[Allowance]:
    """Every dish that was allowed against the rules in a stay, the newest first."""
    made = select(ALLOWANCE).where(ALLOWANCE.c.stay_id == stay_id)
    return _rows(db, Allowance, made.order_by(ALLOWANCE.c.from_at.desc(), ALLOWANCE.c.id.desc()))


def unsigned(db: Connection, at: int, *, limit: int = 100) -> list[tuple[str, int]]:
    """Verbal orders that nobody has signed within a day, and since when one could say so; the oldest first."""
    heard = ORDER.c.heard_by != ""
    missing = select(ORDER.c.id, ORDER.c.ordered_at).where(heard, ORDER.c.signed_at.is_(None))
    untold = missing.where(ORDER.c.signature_missed_at.is_(None))
    late = untold.where(ORDER.c.ordered_at <= at - SIGNED_WITHIN_MS).order_by(ORDER.c.ordered_at, ORDER.c.id)
    return [(row[0], row[1] + SIGNED_WITHIN_MS) for row in db.execute(late.limit(limit))]


def holds_of(db: Connection, stay_id: str) -> list[TrayHold]:
    """Every hold of a stay, the newest first."""
    placed = select(HOLD).where(HOLD.c.stay_id == stay_id)
    return _rows(db, TrayHold, placed.order_by(HOLD.c.held_at.desc(), HOLD.c.id.desc()))


def attempts_of(db: Connection, stay_id: str, *, limit: int = 50) -> list[DietAttempt]:
    """What was tried and stopped in a stay, the newest first."""
    tried = select(ATTEMPT).where(ATTEMPT.c.stay_id == stay_id)
    return _rows(db, DietAttempt, tried.order_by(ATTEMPT.c.at.desc(), ATTEMPT.c.id.desc()).limit(limit))


def thresholds_set(db: Connection) -> Thresholds:
    """The hospital's policies that steer a verdict, or their documented defaults."""
    known = {row.id: row.value for row in db.execute(_POLICIES)}
    grace, hold = (known.get(name, DEFAULTS[name]) * MINUTE_MS for name in POLICIES)
    return Thresholds(no_order_grace=grace, rules_hold=hold)


def _rows(db: Connection, table: type[R], chosen: Select[Any]) -> list[R]:
    return [table.trusted(dict(row)) for row in db.execute(chosen).mappings()]
