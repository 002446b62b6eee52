"""How a console stands: what the status chip, the sync screen and `dusangire sync status` say,
from the store's own rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, select

from core.kernel.case import Case, UnreadOutcome
from core.kernel.row import Row
from core.kernel.values import MINUTE_MS
from core.store import queue
from core.store.open import Store
from core.store.read import as_rows
from core.store.tables import TABLES
from sync.client import leases
from sync.client.moment import UNKNOWN_ERROR_MS, Moment, heard_lately, rules_age, server_time
from sync.client.policies import policy
from sync.client.talk import Talk
from sync.protocol import NEEDS_READING

R = TypeVar("R", bound=Row)
CLOCK_WRONG_MS = 2 * MINUTE_MS  # from here the chip says CLOCK
MOST_LISTED = 200


@dataclass(frozen=True, slots=True)
class Standing:
    """Instants are the server's, ms UTC; ages are ms. None: never."""

    enrolled: bool
    name: str = ""
    kind: str = ""
    live: bool = False
    loading: bool = False  # an image or its changes are still to come: nothing can be pressed
    last_contact_at: int | None = None
    silent_ms: int | None = None
    waiting: int = 0
    oldest_waiting_ms: int = 0
    refused: int = 0  # verdicts that nobody has read
    rules_age_ms: int | None = None
    rules_too_old: bool = False  # beyond the hold limit (R46)
    clock_ahead_ms: int = 0  # of this machine's wall clock before the centre's; 0 while within its error
    clock_error_ms: int | None = None
    lent_ms: int | None = None  # how long the rows held here stay without the server; 0: they have gone, or go now
    trouble: str = ""  # its code has words


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What somebody must read: verdicts nobody has read yet, newest first, and open cases, oldest first."""

    unread: tuple[UnreadOutcome, ...]
    cases: tuple[Case, ...]


def standing(store: Store, moment: Moment, talk: Talk | None = None) -> Standing:
    """talk: of the loop that talks for this store, when it is in this process."""
    with store.reading() as connection:
        me = queue.this(connection)
        cursor = queue.read_cursor(connection)
        if me is None or cursor is None:
            return Standing(enrolled=False, trouble="not_enrolled")
        waiting = queue.waiting(connection)
        oldest = queue.oldest_waiting(connection) if waiting else None
        refused = len(unread_ids(connection))
        hold = policy(connection, "rules_hold_minutes") * MINUTE_MS
        lent = leases.left_ms(connection, me, cursor, moment)
    estimate = server_time(cursor, moment)
    age = rules_age(cursor, moment) if cursor.rules_at else None
    ever = cursor.heard_wall != 0
    silent = max(0, estimate.at - cursor.server_at) if ever else None
    return Standing(
        enrolled=True,
        name=me.name,
        kind=me.kind,
        live=ever and heard_lately(cursor, moment) and not _broken(talk),
        loading=cursor.seq < cursor.ready_seq,
        last_contact_at=cursor.server_at if ever else None,
        silent_ms=silent,
        waiting=waiting,
        oldest_waiting_ms=max(0, estimate.at - oldest) if oldest is not None else 0,
        refused=refused,
        rules_age_ms=age,
        rules_too_old=age is not None and age > hold,
        clock_ahead_ms=_ahead(moment.wall - estimate.at, estimate.error) if ever else 0,
        clock_error_ms=estimate.error if ever and estimate.error < UNKNOWN_ERROR_MS else None,
        trouble=talk.trouble if talk is not None else "",
        lent_ms=max(0, lent) if ever else None,
    )


def outcomes(store: Store) -> Outcomes:
    with store.reading() as connection:
        unread = _rows(connection, UnreadOutcome, "judged_at", newest_first=True)
        cases = [case for case in _rows(connection, Case, "opened_at") if case.closed_at is None]
    return Outcomes(tuple(unread), tuple(cases))


def listing(store: Store, limit: int = MOST_LISTED) -> Sequence[Any]:
    """The newest acts of this console with what became of them."""
    with store.reading() as connection:
        return queue.queue_listing(connection, limit)


def unread_ids(connection: Connection) -> set[str]:
    """Ids of acts whose verdict nobody has read: told by a row, or just answered and its row still on the way."""
    table = TABLES[UnreadOutcome]
    told = {row.id for row in connection.execute(select(table.c.id).where(table.c.acknowledged_at.is_(None)))}
    return told | queue.answered_not_settled(connection, NEEDS_READING)


def _broken(talk: Talk | None) -> bool:
    """The loop of this process knows at once that its line is gone."""
    return talk is not None and talk.failures > 0 and not talk.listening


def _ahead(off: int, error: int) -> int:
    return off if abs(off) > max(error, CLOCK_WRONG_MS) else 0


def _rows(connection: Connection, row_class: type[R], column: str, *, newest_first: bool = False) -> list[R]:
    ordered = TABLES[row_class].c[column]
    rows = select(TABLES[row_class]).order_by(ordered.desc() if newest_first else ordered).limit(MOST_LISTED)
    return as_rows(row_class, connection.execute(rows))
