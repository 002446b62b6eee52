"""The server's schema grows whole or not at all, and a program that is older than its store leaves it alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, inspect, text

from core.store import migrations
from core.store.migrations import sketch
from core.store.open import Store, StoreTrouble, open_server_store
from core.store.tables import SERVER


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """A database with nothing in it, not even a schema."""
    if request.param == "sqlite":
        store = open_server_store(f"sqlite:///{tmp_path / 'empty.db'}")
    else:
        store = open_server_store(request.getfixturevalue("postgres_url"))
        with store.writing() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
    yield store
    store.close()


def tables(store: Store) -> set[str]:
    with store.reading() as connection:
        return set(inspect(connection).get_table_names())


def test_an_empty_database_is_brought_up_and_stays_as_it_is(empty: Store) -> None:
    first = migrations.bring_up(empty)
    assert (migrations.bring_up(empty), tables(empty) - {"alembic_version"}) == (first, set(SERVER.tables))


def test_the_schema_is_what_the_models_say(empty: Store) -> None:
    migrations.bring_up(empty)
    with empty.writing() as connection:
        assert migrations.differences(connection) == []


def test_a_difference_is_seen(empty: Store) -> None:
    migrations.bring_up(empty)
    with empty.writing() as connection:
        connection.execute(text("DROP TABLE tray"))
        assert any("tray" in difference for difference in migrations.differences(connection))


@pytest.mark.parametrize("at", [1, 7, 30])
def test_killed_half_way_it_leaves_nothing_and_the_next_start_repeats_it(empty: Store, at: int) -> None:
    made = 0

    def power_cut(conn: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        nonlocal made
        made += statement.lstrip().startswith("CREATE TABLE")
        if made > at:
            raise KeyboardInterrupt

    event.listen(empty._writer, "before_cursor_execute", power_cut)
    with pytest.raises(KeyboardInterrupt):
        migrations.bring_up(empty)
    event.remove(empty._writer, "before_cursor_execute", power_cut)
    assert tables(empty) == set()
    migrations.bring_up(empty)
    assert set(SERVER.tables) <= tables(empty)


def test_a_schema_from_a_newer_program_is_refused_and_left_alone(empty: Store) -> None:
    migrations.bring_up(empty)
    with empty.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    before = tables(empty)
    with pytest.raises(StoreTrouble) as refused:
        migrations.bring_up(empty)
    with empty.reading() as connection:
        assert (refused.value.code, migrations.version_of(connection), tables(empty)) == ("newer_store", "9999", before)


def test_the_first_revision_is_written_from_the_models() -> None:
    """Until the first release: then it never changes again, and this test goes."""
    from importlib import import_module

    first = import_module("core.store.migrations.versions.0001_first")
    said, indexes = sketch.of(SERVER)
    assert ({name: words.split() for name, words in first.TABLES.items()}, first.INDEXES) == (
        {name: words.split() for name, words in said.items()},
        indexes,
    )
