"""The staff as shared screens name them: role and number."""

from __future__ import annotations

from sqlalchemy import Connection, Table, select

from core.people.model import PersonTable

PERSON: Table = PersonTable.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it


def names_of(db: Connection) -> dict[str, str]:
    """Everybody's, by id."""
    return {row.id: row.display for row in db.execute(select(PERSON.c.id, PERSON.c.display))}
