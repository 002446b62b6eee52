"""Who works here, with every right they have or had: for those who give rights and end them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, Table, select

from core.kernel.row import Row
from core.people.model import (
    Grant,
    GrantTable,
    Person,
    PersonDetails,
    PersonDetailsTable,
    PersonTable,
)
from core.wards.queries import natural

R = TypeVar("R", bound=Row)
PERSON: Table = PersonTable.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
DETAILS: Table = PersonDetailsTable.__table__  # type: ignore[attr-defined]  # as above
GRANT: Table = GrantTable.__table__  # type: ignore[attr-defined]  # as above


@dataclass(frozen=True, slots=True)
class Staff:
    """One person. full_name "" where this machine does not hold names. grants: the newest first, ended ones too."""

    person: Person
    full_name: str
    grants: tuple[Grant, ...]

    def holding(self, at: int) -> tuple[Grant, ...]:
        return tuple(grant for grant in self.grants if grant.holds_at(at))


def staff(db: Connection) -> tuple[Staff, ...]:
    """Everybody: those who work here first, by the name of shared screens."""
    names = {row.id: row.full_name for row in _rows(db, PersonDetails, select(DETAILS))}
    grants: dict[str, list[Grant]] = {}
    for grant in _rows(db, Grant, select(GRANT).order_by(GRANT.c.from_at.desc(), GRANT.c.id.desc())):
        grants.setdefault(grant.person_id, []).append(grant)
    found = [
        Staff(person, names.get(person.id, ""), tuple(grants.get(person.id, ())))
        for person in _rows(db, Person, select(PERSON))
    ]
    return tuple(sorted(found, key=lambda one: (one.person.ended_at is not None, natural(one.person.display))))


def _rows(db: Connection, table: type[R], chosen: Select[Any]) -> list[R]:
    return [table.trusted(dict(row)) for row in db.execute(chosen).mappings()]
