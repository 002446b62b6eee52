"""Reading rows that may not be there: for facts, which go on without them."""

from __future__ import annotations

from typing import TypeVar

from core.kernel.refusal import Refusal, Unknown
from core.kernel.row import Row
from core.kernel.tx import Tx

R = TypeVar("R", bound=Row)


def found(tx: Tx, table: type[R], row_id: str) -> R | None:
    """The row, or None when there is none. A console that cannot know raises Unknown, and shows no effect."""
    try:
        return tx.get(table, row_id)
    except Refusal:
        return None


def held(tx: Tx, table: type[R], row_id: str) -> R | None:
    """The row if this machine has it. On a console its arrival judges the act again."""
    try:
        return tx.get(table, row_id)
    except (Refusal, Unknown):
        return None
