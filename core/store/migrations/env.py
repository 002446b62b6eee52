"""Alembic's door: the caller brings an open transaction, and commits it."""

from typing import Any, Literal

from alembic import context
from sqlmodel import AutoString

from core.store.tables import SERVER


def plainly(kind: str, item: Any, autogenerate: Any) -> str | Literal[False]:
    """A revision names plain types: it must still run when the models have moved on."""
    return "sa.String()" if kind == "type" and isinstance(item, AutoString) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SERVER,
    transactional_ddl=True,  # on SQLite too: our connections begin by themselves, so DDL rolls back
    render_as_batch=True,
    render_item=plainly,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
