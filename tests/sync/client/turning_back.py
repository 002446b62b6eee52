"""A server's database as it was before: what it held is taken down, and put back later."""

from __future__ import annotations

from sqlalchemy import select

from core.store.tables import SERVER
from tests.sync.client.hospital import Hospital

Content = list[tuple[str, list[dict[str, object]]]]


def content_of(hospital: Hospital) -> Content:
    with hospital.store.reading() as connection:
        return [
            (table.name, [dict(row) for row in connection.execute(select(table)).mappings()])
            for table in SERVER.sorted_tables
        ]


def put_back(hospital: Hospital, content: Content) -> None:
    """By hand: no new epoch is begun."""
    with hospital.store.writing() as connection:
        for table in reversed(SERVER.sorted_tables):
            connection.execute(table.delete())
        for name, rows in content:
            if rows:
                connection.execute(SERVER.tables[name].insert(), rows)
