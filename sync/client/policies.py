"""The hospital's policies as this console holds them."""

from __future__ import annotations

from sqlalchemy import Connection

from core.kernel.policy import DEFAULTS, Policy
from core.store.read import TxSource


def policy(connection: Connection, name: str) -> int:
    """Its row, or the documented default."""
    row = TxSource(connection, whole=False).rows(Policy, [name]).get(name)
    return row.value if row is not None else DEFAULTS[name]
