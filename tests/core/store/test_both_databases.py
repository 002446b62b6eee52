"""A migrated hospital is the same on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, inspect, select

from core.store import migrations
from core.store.open import Store
from core.store.server_schema import door_try
from core.store.tables import SERVER


def test_the_migrated_schema_is_what_the_models_say(server_store: Store) -> None:
    with server_store.writing() as connection:
        assert migrations.differences(connection) == []


def test_every_table_of_the_models_is_there(server_store: Store) -> None:
    with server_store.reading() as connection:
        assert set(SERVER.tables) <= set(inspect(connection).get_table_names())


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_begins_with_an_empty_hospital(server_store: Store, turn: int) -> None:
    with server_store.writing() as connection:
        found = connection.execute(select(door_try)).all()
        connection.execute(insert(door_try).values(id=b"1", door="bed A-01", at=turn, opened=False))

    assert found == []
