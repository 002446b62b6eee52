"""A queue that came on a stick: opened with the server's key, then judged like any push; told what was new in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.kernel.refusal import Refusal
from core.store import log
from core.store.open import Store
from sync.ferry import Carried, opened
from sync.protocol import NEEDS_READING, SEGMENT_OPS, TURN_OPS, FerryAnswer, Outcome
from sync.server.perform import Submission
from sync.server.push import PushRefused, Verify, open_segment


def open_carried(store: Store, data: bytes, verify: Verify) -> tuple[Carried, list[Submission]]:
    """Nothing is judged before the whole file is known to be whole, of this hospital, and its console's own.

    Raises Refusal: what `sync.ferry.check` raises, ferry_altered; ferry_unknown_console, ferry_gap, ferry_twin.
    """
    with store.reading() as connection:
        seed = bytes.fromhex(log.signing_seed(connection))
    carried = opened(data, seed)
    try:
        return carried, open_segment(store, carried.segment, verify).submissions
    except PushRefused as refused:
        name = carried.ferry.name
        raise Refusal(_WORDS.get(refused.trouble.code, refused.trouble.code), name=name) from refused


_WORDS = {
    "unknown_device": "ferry_unknown_console",
    "expected_dseq": "ferry_gap",
    "forked": "ferry_twin",
    "bad_signature": "ferry_altered",
    "bad_message": "ferry_altered",
}


def parts(submissions: Sequence[Submission]) -> Iterator[Sequence[Submission]]:
    """As many at once as a push has: other consoles have their turns between."""
    yield from _cut(submissions, SEGMENT_OPS)


def turns(submissions: Sequence[Submission]) -> Iterator[Sequence[Submission]]:
    """For whoever writes without a writer's queue: one transaction each."""
    yield from _cut(submissions, TURN_OPS)


def _cut(submissions: Sequence[Submission], most: int) -> Iterator[Sequence[Submission]]:
    for start in range(0, len(submissions), most):
        yield submissions[start : start + most]


def told(carried: Carried, before: int, outcomes: Sequence[Outcome | None]) -> FerryAnswer:
    """before: the log's number when the file came."""
    known = [outcome for outcome in outcomes if outcome is not None]
    fresh = [outcome for outcome in known if outcome.commit_seq > before]
    return FerryAnswer(
        name=carried.ferry.name,
        made_at=carried.ferry.made_at,
        acts=len(carried.segment.ops),
        fresh=len(fresh),
        unread=sum(1 for outcome in fresh if outcome.outcome in NEEDS_READING),
        waiting=len(carried.segment.ops) - len(known),
    )
