"""The staff as shared screens name them: role and number."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, Table, select

from core.kernel.values import Role
from core.people.model import Grant, GrantTable, PersonTable

GRANT: Table = GrantTable.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
PERSON: Table = PersonTable.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it


def names_of(db: Connection) -> dict[str, str]:
    """Everybody's, by id."""
    return {row.id: row.display for row in db.execute(select(PERSON.c.id, PERSON.c.display))}


def people_with(db: Connection, roles: Iterable[Role], at: int, *, ward_id: str) -> dict[str, str]:
    """Who holds one of these roles now, on that ward or everywhere, as far as this machine knows; by id, by name."""
    held = select(GRANT).where(GRANT.c.role.in_([role.value for role in roles]), GRANT.c.ward_id.in_(("", ward_id)))
    grants = (Grant.trusted(dict(row)) for row in db.execute(held).mappings())
    may = {grant.person_id for grant in grants if grant.holds_at(at)}
    working = select(PERSON.c.id, PERSON.c.display).where(PERSON.c.ended_at.is_(None)).order_by(PERSON.c.display)
    return {row.id: row.display for row in db.execute(working) if row.id in may}
