"""A schema in a few lines: `id! number# closed_at#?` are a text key, a number, and a number that may be missing.

Revisions are written in it, so its meaning never changes: `!` key, `#` 64 bits, `%` yes or no, `@` bytes,
`?` may be null.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

Tables = Mapping[str, str]  # table -> its columns
Indexes = Mapping[str, str]  # index -> "table column column", "unique" and "where ..." if so
TYPES: Mapping[str, type[sa.types.TypeEngine[Any]]] = {
    "#": sa.BigInteger,
    "%": sa.Boolean,
    "@": sa.LargeBinary,
    "$": sa.Text,
}


def create(tables: Tables, indexes: Indexes) -> None:
    for name, said in tables.items():
        op.create_table(name, *[_column(word) for word in said.split()])
    for index, words in indexes.items():
        over, _, where = words.partition(" where ")
        table, *columns = over.removesuffix(" unique").split()
        condition: dict[str, Any] = (
            {f"{dialect}_where": sa.text(where) for dialect in ("sqlite", "postgresql")} if where else {}
        )
        op.create_index(index, table, columns, unique=over.endswith(" unique"), **condition)


def _column(word: str) -> sa.Column[object]:
    name = word.rstrip("#%@$!?")
    marks = word[len(name) :]
    kind = next((TYPES[mark] for mark in marks if mark in TYPES), sa.String)
    return sa.Column(name, kind(), primary_key="!" in marks, nullable="?" in marks, autoincrement=False)


def of(metadata: sa.MetaData) -> tuple[dict[str, str], dict[str, str]]:
    """The models as they are now, for a first revision."""
    tables: dict[str, str] = {}
    indexes: dict[str, str] = {}
    for name, table in sorted(metadata.tables.items()):
        tables[name] = " ".join(_word(column) for column in table.c)
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            words = [name, *(column.name for column in index.columns)]
            where = index.dialect_options["sqlite"].get("where")
            words += ["unique"] if index.unique else []
            words += [f"where {where}"] if where is not None else []
            indexes[str(index.name)] = " ".join(words)
    return tables, indexes


def _word(column: sa.Column[object]) -> str:
    marks = "".join(mark for mark, kind in TYPES.items() if type(column.type) is kind)
    return f"{column.name}{marks}{'!' if column.primary_key else ''}{'?' if column.nullable else ''}"
