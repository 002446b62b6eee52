"""Which meals a patient's day is made of: those of the hospital day that the next meal belongs to."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, Table, and_, select

from core.menu.model import DefaultMealTable, Service, ServiceTable

DEFAULT: Table = DefaultMealTable.__table__  # type: ignore[attr-defined]  # as below
SERVICE: Table = ServiceTable.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it


def day_around(db: Connection, at: int, *, kitchen_id: str = "") -> list[Service]:
    """The services of one hospital day, in its sequence; after the last of today's, tomorrow's.

    With nothing planned any more it is the last day that was. kitchen_id "": of every kitchen.
    """
    kept = SERVICE.c.archived_at.is_(None)
    own = and_(kept, SERVICE.c.kitchen_id == kitchen_id) if kitchen_id else kept
    nearest = _first(db, select(SERVICE.c.day).where(own, SERVICE.c.ends_at > at).order_by(SERVICE.c.dispatch_at))
    day = nearest or _first(db, select(SERVICE.c.day).where(own).order_by(SERVICE.c.dispatch_at.desc()))
    if day is None:
        return []
    rows = db.execute(select(SERVICE).where(own, SERVICE.c.day == day).order_by(SERVICE.c.dispatch_at, SERVICE.c.id))
    return [Service.trusted(dict(row)) for row in rows.mappings()]


def meals_with_default(db: Connection, kitchen_id: str) -> frozenset[str]:
    """The meals of a kitchen at which whoever has ordered nothing is served something all the same."""
    served = select(DEFAULT.c.meal).where(DEFAULT.c.kitchen_id == kitchen_id, DEFAULT.c.withdrawn_at.is_(None))
    return frozenset(db.execute(served).scalars())


def next_of(services: list[Service], at: int) -> Service | None:
    """The meal that is eaten now or next; the day's last when all are over."""
    return next((one for one in services if one.ends_at > at), services[-1] if services else None)


def _first(db: Connection, days: Select[Any]) -> str | None:
    return db.execute(days.limit(1)).scalar_one_or_none()
