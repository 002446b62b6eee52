"""The server's schema, from version to version: run by every start, in one transaction,
repeated when killed half-way."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

import core.store.server_schema  # noqa: F401 - the machinery's tables register themselves
from core.store.open import Store, StoreTrouble
from core.store.tables import SERVER

ONE_AT_A_TIME = 7_320_001  # PostgreSQL's advisory lock while a process migrates


def bring_up(store: Store, until: str = "head") -> str:
    """Brings the schema to this program's version; the version it has now.

    Raises StoreTrouble("newer_store"), with nothing touched, for a schema that this program does not know.
    """
    script = ScriptDirectory(str(Path(__file__).parent))
    with store.writing() as connection:
        if store.dialect == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ONE_AT_A_TIME})
        has = version_of(connection)
        if has and has not in {revision.revision for revision in script.walk_revisions()}:
            raise StoreTrouble("newer_store", has=has, knows=str(script.get_current_head()))
        command.upgrade(_config(connection), until)
        return version_of(connection)


def version_of(connection: Connection) -> str:
    """The schema's version, "" for an empty database."""
    return MigrationContext.configure(connection).get_current_revision() or ""


def newest() -> str:
    """The version of the schema that this program works with."""
    return str(ScriptDirectory(str(Path(__file__).parent)).get_current_head())


def differences(connection: Connection) -> list[str]:
    """What the models say and the schema does not, in words: empty unless somebody forgot a revision."""
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return [str(difference) for difference in compare_metadata(context, SERVER)]


def draft(connection: Connection, message: str, revision: str) -> None:
    """Writes a revision from the difference between schema and models, for a person to read over."""
    command.revision(_config(connection), message, autogenerate=True, rev_id=revision)


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config
