"""What has happened after a cursor, for one reader: puts and evicts by audience, outcomes,
the next cursor (sync.md §2.4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from core.store import log, sums
from core.store.open import Store
from sync.protocol import (
    PULL_NUMBERS,
    SNAPSHOT_BEHIND,
    AudienceChange,
    Change,
    Changes,
    Check,
    Outcome,
)
from sync.server import audience


class TooFarBehind(Exception):  # noqa: N818 - what it is
    """The log no longer reaches back to this cursor, or an image is quicker: bootstrap."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks: a device with its audiences, or a page session (device "") with those of its stay."""

    device: str
    audiences: frozenset[str]
    version: int


@dataclass(frozen=True, slots=True)
class Asked:
    """What a console asks besides the news: sums of its audiences, the seal of the last act it is told, and what became
    of its acts that could not be judged, the oldest at `parked`: an image may have taken it past the word on them."""

    checks: bool = False
    seal: bool = False
    parked: int = 0


NOTHING_MORE = Asked()


def since(
    store: Store,
    reader: Reader,
    cursor: int,
    now: int,
    *,
    most: int = PULL_NUMBERS,
    behind: int = SNAPSHOT_BEHIND,
    asked: Asked = NOTHING_MORE,
) -> Changes:
    """The next `most` numbers after the cursor, whole acts only. Raises TooFarBehind: further than `behind`.

    A reader who meanwhile may hold another set is told that and nothing else, and its cursor stays.
    """
    with store.reading() as connection:
        head = log.read_head(connection)
        if head.seq - cursor > behind or cursor < head.horizon_seq:
            raise TooFarBehind
        at = max(now, head.at)
        wanted = audience.of_device(connection, reader.device, at) if reader.device else None
        other = _changed(reader, wanted)
        until = min(head.seq, cursor + most) if other is None else cursor
        rows = log.changes_between(connection, cursor, until) if until > cursor else []
        told = _outcomes(connection, reader.device, cursor, until, asked.parked) if reader.device else []
        wants_sums = asked.checks and other is None and until == head.seq
        counted = sums.of_server(connection, sorted(reader.audiences)) if wants_sums else {}
        seal = log.seal_at(connection, until) if asked.seal and other is None else b""
    return Changes(
        epoch=head.epoch,
        changes=tuple(for_reader(rows, reader.audiences)),
        outcomes=tuple(Outcome(log.told_of(o), o.dseq, o.outcome, o.code, o.detail, o.commit_seq) for o in told),
        next=until,
        head=head.seq,
        at=at,
        rules_at=at,
        audience_change=other,
        durable_seq=head.durable_seq,
        checks=tuple(Check(name, value) for name, value in counted.items()),
        seal=seal,
    )


def _outcomes(connection: Connection, device: str, cursor: int, until: int, parked: int) -> list[Any]:
    late = log.outcomes_after_all(connection, device, parked, cursor) if 0 < parked < cursor else ()
    return [*late, *log.outcomes_between(connection, device, cursor, until)]


def for_reader(rows: Iterable[Any], audiences: frozenset[str]) -> Iterable[Change]:
    """In the audience after: put. Only before: evict. Neither: nothing."""
    for row in rows:
        if not audiences.isdisjoint(row.after.split()):
            yield Change(row.seq, row.table_name, row.row_id, bytes(row.body))
        elif not audiences.isdisjoint(row.before.split()):
            yield Change(row.seq, row.table_name, row.row_id, b"")


def _changed(reader: Reader, wanted: tuple[str, ...] | None) -> AudienceChange | None:
    if wanted is None or frozenset(wanted) == reader.audiences:
        return None
    return AudienceChange(audience.version_of(wanted), wanted)


def reader_of(connection: Connection, device: str, held: Iterable[str]) -> Reader:
    """The reader that a device is: only what it holds and still may hold."""
    may = audience.of_device(connection, device, log.read_head(connection).at)
    audiences = frozenset(held).intersection(may)
    return Reader(device, audiences, audience.version_of(tuple(sorted(audiences))))
