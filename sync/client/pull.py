"""The server's news on its way in: changes, a new set of audiences, images of whole audiences (sync.md §2.4-2.7)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from core.store import image, queue
from core.store.open import Store
from core.store.tables import ROWS, SCHEMA
from core.store.write import drop_rows
from sync.client import overlay, rebase
from sync.client.moment import Moment
from sync.protocol import AudienceChange, Changes


def take(store: Store, moment: Moment, changes: Changes) -> rebase.Rebased:
    """Applies an answer. An audience change in it is the shell's next step: see `images.want`.

    What was evicted leaves the disk too: a patient who moves to another ward is in no free page and no old log here.
    """
    done = rebase.take(store, moment, changes)
    if not all(change.body for change in changes.changes):
        image.scrub(store)
    return done


def change_audiences(
    store: Store,
    moment: Moment,
    change: AudienceChange,
    images: Sequence[tuple[str, int, bytes]],
    *,
    afresh: bool = False,
    anew: Sequence[str] = (),
    epoch: str = "",
) -> None:
    """Takes over a new set: lays the images of the added audiences over the tables, drops what is no longer covered.

    images: (audience, number it was made at, SQLite file). afresh: they are of all audiences, and replace everything.
    anew: what is held of these audiences goes first.
    One local transaction; the queue stays. An image may be older or newer than the cursor: the cursor steps back to the
    oldest, and the console is still loading until it has reached the newest and, in the same epoch, where it was.

    Raises StoreTrouble("newer_image") when the images lack what this version needs.
    """
    with image.at_hand(store, [data for _, _, data in images]) as ready, store.writing() as connection:
        cursor = queue.read_cursor(connection)
        me = queue.this(connection)
        assert cursor is not None and me is not None
        if afresh:
            image.clear(connection)
        else:
            _put_everything_back(connection)
        for audience in anew:
            image.clear_audience(connection, audience)
        for one in ready:
            image.lay(connection, one)
        if afresh:
            queue.knows_schema(connection, SCHEMA)
        numbers = [seq for _, seq, _ in images]
        begins = afresh and bool(numbers)
        seen = () if begins and epoch not in {"", cursor.epoch} else (cursor.ready_seq, cursor.seq)
        new = replace(
            cursor,
            epoch=epoch or cursor.epoch,
            audiences=change.audiences,
            audiences_version=change.version,
            seq=min(numbers) if begins else min([cursor.seq, *numbers]),
            ready_seq=max([*seen, *numbers]),
        )
        dropped = set(cursor.audiences).difference(change.audiences)
        if dropped and not afresh:  # an image holds nothing but what its audience covers
            _drop_uncovered(connection, change.audiences)
        queue.write_cursor(connection, new)
        queue.settle(connection, new.seq)  # what the images hold of own acts is the server's by now
        rebase.replay_everything(connection, new)
    if afresh or dropped:
        image.scrub(store)


def _put_everything_back(connection: Connection) -> None:
    """All rows as the server last told them: what unsettled acts changed is replayed afterwards."""
    overlay.restore(connection, image.all_shadows(connection))


def _drop_uncovered(connection: Connection, audiences: Iterable[str]) -> None:
    """Rows that none of the remaining audiences covers leave this console."""
    remaining = frozenset(audiences)
    for row_class in ROWS.values():
        if row_class.audiences:
            for row in image.every_row(connection, row_class):
                if remaining.isdisjoint(row_class.seen_by(row.__dict__)):
                    drop_rows(connection, [(row_class, row.id)])
