"""Backups of the server: up to which number one holds everything,
and a new epoch after one was put back (sync.md §2.8)."""

from __future__ import annotations

from sqlalchemy import Connection, update

from core.kernel.refusal import Refusal
from core.store import log
from core.store.server_schema import head


def note_durable(connection: Connection, seq: int) -> None:
    """A verified backup holds every act up to this number: consoles need not keep those any longer. Never goes back."""
    connection.execute(update(head).where(head.c.durable_seq < seq).values(durable_seq=seq))


def begin_epoch(connection: Connection, epoch: str) -> log.Head:
    """The first write after a backup was put back, before anybody is served: consoles notice the new epoch, send again
    what the backup does not hold, and load afresh.

    Raises Refusal("same_epoch"): under the name of one that was nobody would notice.
    """
    before = log.lock_head(connection)
    if not epoch or " " in epoch or epoch in [name for name, _ in before.history()]:
        raise Refusal("same_epoch", epoch=epoch)
    epochs = f"{before.epochs} {epoch} {before.seq}"
    connection.execute(update(head).values(epoch=epoch, epochs=epochs, durable_seq=before.seq))
    return log.read_head(connection)
