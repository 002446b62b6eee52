"""A console made by the first version and brought up step by step is laid out like one that is made today."""

from __future__ import annotations

from pathlib import Path

from core.store import device_steps, queue
from core.store.device_schema import DEVICE
from core.store.open import DEVICE_VERSION, Store, open_store

WORDS = [statement.split() for step in device_steps.STEPS for statement in step.statements]
LATER_TABLES = [words[2] for words in WORDS if words[:2] == ["CREATE", "TABLE"]]
LATER_COLUMNS = [(words[2], words[5]) for words in WORDS if words[:2] == ["ALTER", "TABLE"]]


FIRST_INDEXES = {"op_row_key": "CREATE INDEX op_row_key ON op_row (key)"}


def layout(store: Store) -> dict[str, list[tuple[object, ...]]]:
    with store.reading() as connection:
        columns: dict[str, list[tuple[object, ...]]] = {
            name: [
                (row[1], row[2].upper(), row[3], row[5])
                for row in connection.exec_driver_sql(f'PRAGMA table_info("{name}")')
            ]
            for name in DEVICE.tables
        }
        indexes: dict[str, list[tuple[object, ...]]] = {
            str(index.name): [
                tuple(row)[2:] for row in connection.exec_driver_sql(f'PRAGMA index_info("{index.name}")')
            ]
            for table in DEVICE.tables.values()
            for index in table.indexes
        }
    return {**columns, **indexes}


def test_every_step_leads_to_the_layout_of_today(tmp_path: Path) -> None:
    today, first = open_store(tmp_path / "today.db", None), open_store(tmp_path / "first.db", None)
    for store in (today, first):
        queue.create_device_schema(store)
    with first.writing() as connection:
        for name in LATER_TABLES:
            connection.exec_driver_sql(f"DROP TABLE {name}")
        for table, column in LATER_COLUMNS:
            if table not in LATER_TABLES:
                connection.exec_driver_sql(f"ALTER TABLE {table} DROP COLUMN {column}")
        for name, made in FIRST_INDEXES.items():
            connection.exec_driver_sql(f"DROP INDEX {name}")
            connection.exec_driver_sql(made)
        connection.exec_driver_sql("PRAGMA user_version = 1")

    assert (device_steps.step_up(first), device_steps.STEPS[-1].to) == (DEVICE_VERSION, DEVICE_VERSION)
    assert layout(first) == layout(today)
    for store in (today, first):
        store.close()
