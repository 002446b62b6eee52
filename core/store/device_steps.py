"""How a console's machinery grows from version to version, by hand: no step ever rewrites `op` (architecture.md §4)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text

from core.store.open import Store


@dataclass(frozen=True, slots=True)
class Step:
    """From the version before to this one, in one transaction: killed half-way, the next start repeats it."""

    to: int
    statements: tuple[str, ...]


STEPS: tuple[Step, ...] = (  # version 1 is the first
    Step(
        2,
        (
            "ALTER TABLE cursor ADD COLUMN seen_at BIGINT NOT NULL DEFAULT 0",
            "ALTER TABLE cursor ADD COLUMN seen_wall BIGINT NOT NULL DEFAULT 0",
            "ALTER TABLE cursor ADD COLUMN seen_mono BIGINT NOT NULL DEFAULT 0",
            "ALTER TABLE cursor ADD COLUMN seen_boot TEXT NOT NULL DEFAULT ''",
            "CREATE TABLE signed_here (person_id TEXT NOT NULL PRIMARY KEY, at BIGINT NOT NULL)",
        ),
    ),
    Step(
        3,
        (
            "CREATE TABLE pruned (incarnation TEXT NOT NULL PRIMARY KEY, dseq BIGINT NOT NULL, chain BLOB NOT NULL)",
            (
                "CREATE TABLE incident "
                "(id BLOB NOT NULL PRIMARY KEY, code TEXT NOT NULL, detail TEXT NOT NULL, at BIGINT NOT NULL)"
            ),
            (
                "CREATE TABLE witness "
                "(one BIGINT NOT NULL PRIMARY KEY, epoch TEXT NOT NULL, seq BIGINT NOT NULL, seal BLOB NOT NULL)"
            ),
        ),
    ),
    Step(
        4,
        (
            (
                "CREATE TABLE notice (code TEXT NOT NULL, place TEXT NOT NULL, first_at BIGINT NOT NULL, "
                "last_at BIGINT NOT NULL, count BIGINT NOT NULL, told BIGINT NOT NULL, PRIMARY KEY (code, place))"
            ),
        ),
    ),
    Step(5, ("DROP INDEX op_row_key", "CREATE INDEX op_row_key ON op_row (key, mode, place)")),
)


def version_of(store: Store) -> int:
    with store.reading() as connection:
        return int(connection.execute(text("PRAGMA user_version")).scalar_one())


def step_up(store: Store, steps: tuple[Step, ...] = STEPS) -> int:
    """Brings the machinery to this program's version; the version it has now."""
    version = version_of(store)
    for step in steps:
        if step.to > version:
            with store.writing() as connection:
                for statement in step.statements:
                    connection.exec_driver_sql(statement)
                connection.exec_driver_sql(f"PRAGMA user_version = {step.to}")
            version = step.to
    return version
