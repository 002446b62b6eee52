"""The housekeeping of a console's store, in short turns: acts that a backup holds go, the write-ahead log is emptied,
and room that was left free is given back."""

from __future__ import annotations

from core.kernel.values import DAY_MS
from core.store import pruned, queue
from core.store.open import Store
from core.store.pruned import Until
from core.store.sizes import log_bytes, sizes_of
from sync import chain
from sync.client.moment import Moment, server_time

TURN_ACTS = 250  # let go in one transaction: a press waits for it
KEPT_MS = DAY_MS  # what was done today is listed on the sync screen, wherever else it is
LOG_BYTES = 4 * 1024 * 1024  # a longer write-ahead log is emptied
FREE_BYTES = 4 * 1024 * 1024  # more than this, and more than half of the file: it is written anew at the next start


def turn(store: Store, moment: Moment, *, kept_ms: int = KEPT_MS) -> bool:
    """One turn; whether there is more to do. Only the process that talks for the store does this."""
    more = _prune(store, moment, kept_ms)
    if not more and _is_log_long(store):
        store.checkpoint()
    return more


def give_room_back(store: Store) -> bool:
    """At a start, before anybody works: the file is written anew when most of it is empty; whether it was."""
    found = sizes_of(store)
    if found.free <= FREE_BYTES or found.free * 2 <= found.store:
        return False
    store.rewrite()
    return True


def _is_log_long(store: Store) -> bool:
    with store.reading() as connection:
        return log_bytes(connection) > LOG_BYTES


def _prune(store: Store, moment: Moment, kept_ms: int) -> bool:
    with store.reading() as connection:
        me, cursor = queue.this(connection), queue.read_cursor(connection)
        if me is None or cursor is None or cursor.seq < cursor.ready_seq:
            return False
        made_before = server_time(cursor, moment).at - kept_ms
        until = Until(me.incarnation, min(cursor.durable_seq, cursor.seq), made_before)
        start = chain.start(me.incarnation)
        if not pruned.is_due(connection, until, start):
            return False
    with store.writing() as connection:
        if queue.this(connection).incarnation != until.incarnation:
            return True
        pruned.prune(connection, until, start, chain.extend, TURN_ACTS)
        pruned.forget_orphans(connection, until.durable_seq)
    return True
