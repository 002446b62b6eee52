"""Acts that the server could not judge: listed for whoever mends it, and judged once more after the mending.

The act keeps its id and its place in its console's chain; only its outcome becomes final, once (sync.md §2.3).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.kernel.values import SYSTEM, Origin
from core.store import log
from core.store.open import Store
from sync.protocol import Outcome
from sync.server.perform import Submission, perform_again
from sync.server.push import said_by
from sync.wire import WireError, decode_op

MOST = 500
BY_ITSELF = (Origin.DUE, Origin.GATEWAY)


@dataclass(frozen=True, slots=True)
class Parked:
    """One act without a verdict. can_be_judged: its bytes are here, and nobody was told at once that it failed."""

    op_id: str
    kind: str
    actor_id: str
    origin: str
    received_at: int
    code: str
    can_be_judged: bool


def listed(store: Store, limit: int = MOST) -> tuple[Parked, ...]:
    with store.reading() as connection:
        rows = log.parked(connection, limit)
    return tuple(_parked(row) for row in rows)


def judge_again(store: Store, now: int, limit: int = MOST) -> list[tuple[Parked, Outcome]]:
    """Those that can be judged now, oldest first, each in a turn of its own; the others stay as they are."""
    with store.reading() as connection:
        waiting = [(row, submission_of(row)) for row in log.parked(connection, limit)]
    done: list[tuple[Parked, Outcome]] = []
    for row, act in waiting:
        if act is None:
            continue
        outcome = perform_again(store, now, act)
        if outcome is not None:
            done.append((_parked(row), outcome))
    return done


def _parked(row: Any) -> Parked:
    can = submission_of(row) is not None
    return Parked(bytes(row.op_id).hex(), row.kind, row.actor_id, row.origin, row.received_at, row.code, can)


def submission_of(row: Any) -> Submission | None:
    """The act as it once came, from its row and its bytes; None for one whose person was told at once that it failed:
    they have done something else meanwhile."""
    if row.body is None:
        return None
    if row.origin == Origin.DEVICE:
        return _from_device(row)
    if row.origin not in BY_ITSELF:
        return None
    return Submission(
        op_id=bytes(row.op_id),
        kind=row.kind,
        args=bytes(row.body),
        actor_id=row.actor_id,
        origin=Origin(row.origin),
        origin_ref=row.origin_ref,
        actor=SYSTEM,
        v=row.v,
        entity=row.entity,
        claimed_at=row.claimed_at,
        body=bytes(row.body),
    )


def _from_device(row: Any) -> Submission | None:
    try:
        op = decode_op(bytes(row.body))
    except WireError:
        return None
    return said_by(op, row.origin_ref, bytes(row.body))
