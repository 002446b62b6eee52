"""Who may answer for a patient on a ward: its nurses, as far as this console can check their PIN."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from sync.client.door import Door
    from sync.client.sign_in import Actable

MAY_ANSWER = ("nurse",)


def nurses_here(door: Door, ward_id: str) -> tuple[Actable, ...]:
    """In the store's thread: nurses of that ward, or of every ward, who can sign here."""
    at = door.now()
    may = door.read(lambda db: _nurses(db, ward_id, at))
    return tuple(person for person in door.people_here() if person.person_id in may)


def names_of(db: Connection) -> dict[str, str]:
    """Everybody of the staff, as shared screens name them."""
    from sqlalchemy import select

    from core.people.model import Person
    from core.store.tables import TABLES

    person = TABLES[Person].c
    return {row.id: row.display for row in db.execute(select(person.id, person.display))}


def _nurses(db: Connection, ward_id: str, at: int) -> set[str]:
    from sqlalchemy import select

    from core.people.model import Grant
    from core.store.read import as_rows
    from core.store.tables import TABLES

    table = TABLES[Grant]
    held = select(table).where(table.c.role.in_(MAY_ANSWER), table.c.ward_id.in_(("", ward_id)))
    return {grant.person_id for grant in as_rows(Grant, db.execute(held)) if grant.holds_at(at)}
