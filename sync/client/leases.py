"""What a console holds is lent to it: without its server it gives the rows back by itself when the time is over.

How long that is, is the hospital's policy. It is counted by the steady clock; over a reboot by the wall clock, from the
last minute that was noted here, so that a clock set back takes nothing back and one set forward gives nothing.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from core.devices import limits
from core.kernel.refusal import Refusal
from core.kernel.values import HOUR_MS, MINUTE_MS
from core.store import queue
from core.store.open import Store
from core.store.queue import Cursor
from sync.client import pull
from sync.client.moment import Moment, must_be_noted, noted, server_time
from sync.client.policies import policy
from sync.protocol import AudienceChange


def limit_ms(connection: Connection, kind: str) -> int:
    """How long a console of this kind may go without its server."""
    return policy(connection, limits.policy_of(kind)) * MINUTE_MS


def left_ms(connection: Connection, me: Any, cursor: Cursor, moment: Moment) -> int:
    """How long what this console holds is still lent to it; 0 or less when that is over."""
    return cursor.server_at + limit_ms(connection, me.kind) - server_time(cursor, moment).at


def require(connection: Connection, me: Any, cursor: Cursor, moment: Moment) -> None:
    """A console that was without its server for too long lets nobody in. Raises Refusal("offline_too_long")."""
    if left_ms(connection, me, cursor, moment) <= 0:
        raise Refusal("offline_too_long", hours=limit_ms(connection, me.kind) // HOUR_MS)


def keep(store: Store, moment: Moment) -> bool:
    """Notes that time has passed without the server, and ends the lease when it is over; whether it ended now.

    What goes is dropped by the same code as an audience that was taken away. The queue stays, and goes with the next
    contact, which also brings the rows back: the set held here has no version that the server knows.
    """
    with store.reading() as connection:
        me, cursor = queue.this(connection), queue.read_cursor(connection)
        if me is None or cursor is None or not must_be_noted(cursor, moment):
            return False
        is_over = left_ms(connection, me, cursor, moment) <= 0
    kept = limits.left_over(cursor.audiences, me.id)
    ends = is_over and kept != cursor.audiences
    if ends:  # before the note: whoever dies between the two asks again at the next start
        pull.change_audiences(store, moment, AudienceChange(0, kept), ())
    with store.writing() as connection:
        cursor = queue.read_cursor(connection)
        if cursor is not None and must_be_noted(cursor, moment):
            queue.write_cursor(connection, noted(cursor, moment))
    return ends
