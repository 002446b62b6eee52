"""What has happened, the newest first: steps of meals, changes of diets, stops, as far as this store's rows tell it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Table, select

from core.diets.model import DietProfileTable
from core.orders.model import OrderMoveTable, OrderState, OrderTable
from core.people.model import PersonTable
from core.wards.model import StayTable

ORDER: Table = OrderTable.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
MOVE: Table = OrderMoveTable.__table__  # type: ignore[attr-defined]  # as above
STAY: Table = StayTable.__table__  # type: ignore[attr-defined]  # as above
PROFILE: Table = DietProfileTable.__table__  # type: ignore[attr-defined]  # as above
PERSON: Table = PersonTable.__table__  # type: ignore[attr-defined]  # as above
S = OrderState
STEPS = {
    S.CONFIRMED: "order",
    S.HELD: "held",
    S.COOKING: "start",
    S.KITCHEN_ISSUE: "again",
    S.READY: "ready",
    S.OUT: "out",
    S.DELIVERED: "given",
    S.HANDED_TO_NURSE: "given",
    S.UNDELIVERABLE: "not_given",
    S.CANCELLED: "cancelled",
}


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing. code: a word of section `event`; by "": not one of the staff."""

    at: int
    code: str
    number: str
    bed: str
    by: str
    order_id: str = ""


def happenings(db: Connection, *, since: int, limit: int) -> tuple[Happening, ...]:
    """The newest, told by when they happened to those who did them."""
    found = [*_steps(db, since, limit), *_diets(db, since, limit), *_stops(db, since, limit)]
    return tuple(sorted(found, key=_newest, reverse=True)[:limit])


def _newest(one: Happening) -> tuple[int, str, str]:
    return (one.at, one.number, one.code)


def _steps(db: Connection, since: int, limit: int) -> list[Happening]:
    steps = (
        select(MOVE, ORDER.c.number, STAY.c.bed_id, PERSON.c.display)
        .join(ORDER, ORDER.c.id == MOVE.c.order_id)
        .outerjoin(STAY, STAY.c.id == MOVE.c.stay_id)
        .outerjoin(PERSON, PERSON.c.id == MOVE.c.by)
        .where(MOVE.c.at >= since, MOVE.c.to_state.in_([state.value for state in STEPS]))
        .order_by(MOVE.c.at.desc(), MOVE.c.id.desc())
    )
    return [
        Happening(
            row.claimed_at,
            "back" if row.reason == "taken_back" else STEPS[S(row.to_state)],
            row.number,
            row.bed_id or row.ward_id,
            row.display or "",
            row.order_id,
        )
        for row in db.execute(steps.limit(limit))
    ]


def _diets(db: Connection, since: int, limit: int) -> list[Happening]:
    changed = (
        select(PROFILE.c.changed_at, STAY.c.bed_id, PROFILE.c.ward_id, PERSON.c.display)
        .outerjoin(STAY, STAY.c.id == PROFILE.c.id)
        .outerjoin(PERSON, PERSON.c.id == PROFILE.c.changed_by)
        .where(PROFILE.c.changed_at >= since)
        .order_by(PROFILE.c.changed_at.desc(), PROFILE.c.id)
    )
    return [
        Happening(row.changed_at, "diet", "", row.bed_id or row.ward_id, row.display or "")
        for row in db.execute(changed.limit(limit))
    ]


def _stops(db: Connection, since: int, limit: int) -> list[Happening]:
    stopped = (
        select(ORDER.c.id, ORDER.c.number, ORDER.c.stop_at, ORDER.c.ward_id, STAY.c.bed_id)
        .outerjoin(STAY, STAY.c.id == ORDER.c.stay_id)
        .where(ORDER.c.stop != "", ORDER.c.stop_at >= since)
        .order_by(ORDER.c.stop_at.desc(), ORDER.c.id)
    )
    return [
        Happening(row.stop_at, "stop", row.number, row.bed_id or row.ward_id, "", row.id)
        for row in db.execute(stopped.limit(limit))
    ]
