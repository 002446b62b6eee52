"""How a command is registered: its function, its class, who may give it, where it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from core.kernel.message import Command
from core.kernel.row import Row
from core.kernel.values import Role

if TYPE_CHECKING:
    from core.kernel.tx import Tx


class Kind(StrEnum):
    """Facts happened and are never refused; intents may be; edits may lose against a newer version."""

    FACT = "fact"
    INTENT = "intent"
    EDIT = "edit"


class Where(StrEnum):
    BOTH = "both"
    SERVER = "server"  # a console queues it and shows "needs the server"


FACT, INTENT, EDIT = Kind.FACT, Kind.INTENT, Kind.EDIT
SERVER, BOTH = Where.SERVER, Where.BOTH

# (table, id) or (table, owner column, owner id): what a handler will read, loaded for a whole batch at once
Need = tuple[type[Row], str] | tuple[type[Row], str, str]
Reads = Callable[[Any, "Tx"], Iterable[Need]]


@dataclass(frozen=True, slots=True)
class Handle:
    """One row of a concept's table of commands.

    before: runs where the person is, at the press; it may refuse, and then no op exists.
    apply: decides. A fact's apply is total: it never raises Refusal, it opens a case.
    reads: rounds of prefetch; each round may peek at what the round before has loaded.
    edits: the table of the row that an edit changes; the person's version of it must be the newest.
    attempt: a refusal at the press is itself recorded by this command (R-rules that want an attempt logged).
    """

    command: type[Command]
    apply: Callable[[Tx, Any], None]
    before: Callable[[Tx, Any], None] | None = None
    kind: Kind = INTENT
    where: Where = BOTH
    roles: frozenset[Role] | set[Role] = frozenset()
    reads: tuple[Reads, ...] = ()
    edits: type[Row] | None = None
    attempt: Callable[[Any, str], Command | None] | None = None
