"""Rows are written by `Tx` through the store and by nobody else, so that nothing changes unpublished."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.shape.tree import Module, imported, product

WRITERS = frozenset("insert update delete Insert Update Delete".split())
STATEMENT = re.compile(
    r"\s*(insert\s+(or\s+\w+\s+)?into|replace\s+into|update\s+\S+\s+set|delete\s+from|drop\s+table|alter\s+table)\s",
    re.IGNORECASE,
)


def outside_the_store() -> tuple[Module, ...]:
    return tuple(module for module in product() if not module.name.startswith("core.store"))


def test_no_statement_that_writes_is_imported_outside_the_store() -> None:
    found = [
        f"{where} {name}"
        for module in outside_the_store()
        for name, where in imported(module)
        if name.startswith(("sqlalchemy", "sqlmodel")) and name.rpartition(".")[2] in WRITERS
    ]

    assert found == []


def test_no_table_is_written_outside_the_store() -> None:
    assert [place for module in outside_the_store() for place in _written(module)] == []


def test_no_statement_that_writes_stands_in_words_outside_the_store() -> None:
    found = [
        f"{module.at(node)} {node.value[:40]}"
        for module in outside_the_store()
        for node in module.walk(ast.Constant)
        if isinstance(node.value, str) and STATEMENT.match(node.value)
    ]

    assert found == []


def test_there_is_no_session_of_an_object_mapper() -> None:
    banned = frozenset("sqlmodel.Session sqlalchemy.orm sqlmodel.Relationship".split())
    found = [f"{where} {name}" for module in product() for name, where in imported(module) if name in banned]

    assert found == []


def _written(module: Module) -> Iterator[str]:
    """`table.insert()`, `x.delete().where(...)`: lists and dictionaries never call these without an argument."""
    for node in module.walk(ast.Call):
        if isinstance(node.func, ast.Attribute) and node.func.attr in WRITERS and not node.args and not node.keywords:
            yield f"{module.at(node)} {ast.unparse(node)}"
