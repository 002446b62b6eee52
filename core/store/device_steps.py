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


STEPS: tuple[Step, ...] = ()  # version 1 is the first


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
