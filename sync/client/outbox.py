"""The queue on its way out: cut into signed segments, and marked when the server has answered (sync.md §2.3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from core.store import pruned, queue
from core.store.open import Store
from sync import chain
from sync.client.moment import Moment
from sync.client.rebase import outcome_values
from sync.protocol import PROTO, SEGMENT_OPS, Op, PushAnswer, Segment
from sync.wire import decode_op, encode_op

Sign = Callable[[bytes], bytes]


def next_segment(store: Store, sign: Sign, most: int = SEGMENT_OPS) -> Segment | None:
    """The next acts without an answer, under one signature; None when nothing waits."""
    with store.reading() as connection:
        me = queue.this(connection)
        if me is None:
            return None
        ops = queue.unsent(connection, me.incarnation, me.answered_dseq, most)
    if not ops:
        return None
    head = bytes(me.answered_hash)
    for _, body in ops:
        head = chain.extend(head, body)
    last = ops[-1][0]
    return Segment(
        proto=PROTO,
        device=me.id,
        incarnation=me.incarnation,
        from_dseq=ops[0][0],
        ops=tuple(body for _, body in ops),
        head_hash=head,
        signature=sign(chain.segment_message(me.incarnation, last, head)),
    )


def answered(store: Store, moment: Moment, segment: Segment, answer: PushAnswer) -> int:
    """Keeps the outcomes of a segment. They settle when the cursor reaches them. How many acts were answered."""
    with store.writing() as connection:
        me = queue.this(connection)
        cursor = queue.read_cursor(connection)
        if me is None or cursor is None or me.incarnation != segment.incarnation:
            return 0
        queue.keep_outcomes(connection, [outcome_values(outcome) for outcome in answer.outcomes])
        count = len(answer.outcomes)
        last = segment.from_dseq + count - 1
        if count and segment.from_dseq <= me.answered_dseq + 1 <= last:
            bodies = segment.ops[me.answered_dseq + 1 - segment.from_dseq : count]
            head = bytes(me.answered_hash)
            for body in bodies:
                head = chain.extend(head, body)
            queue.answered(connection, dseq=last, chain=head)
        queue.write_cursor(
            connection,
            replace(
                cursor,
                server_at=max(answer.at, cursor.server_at),
                heard_wall=moment.wall,
                heard_mono=moment.mono,
                heard_boot=moment.boot,
                seen_at=0,
                durable_seq=answer.durable_seq,
            ),
        )
    return count


def agree(store: Store, last_dseq: int) -> bool:
    """Goes on after the last act that the server has of this incarnation and that has an answer here.

    False when this store cannot: it is older than what it sent (cloned or restored), acts of an earlier incarnation
    lost their answers, or the server has fewer than were pruned here. Then only a new incarnation helps.
    """
    with store.writing() as connection:
        me = queue.this(connection)
        if me is None or last_dseq >= me.next_dseq:
            return me is None
        open_acts = queue.without_outcome(connection)
        if any(incarnation != me.incarnation for incarnation, _ in open_acts):
            return False
        first_open = min((dseq for _, dseq in open_acts), default=me.next_dseq)
        last = min(last_dseq, first_open - 1)
        if last == me.answered_dseq:
            return True
        base = pruned.base_of(connection, me.incarnation, chain.start(me.incarnation))
        bodies = queue.bodies_until(connection, me.incarnation, last, after=base.dseq)
        if last < base.dseq or len(bodies) != last - base.dseq:
            return False
        head = base.chain
        for body in bodies:
            head = chain.extend(head, body)
        queue.answered(connection, dseq=last, chain=head)
    return True


def forget_lost_answers(store: Store, *, above: int) -> None:
    """The server was restored from a backup that ended with this number: acts answered after it go there again, under
    their own ids."""
    with store.writing() as connection:
        queue.forget_outcomes(connection, above)


def reincarnate(store: Store, incarnation: str) -> int:
    """This store was cloned or restored: its unsettled acts go on under a new incarnation and their old op ids."""
    with store.writing() as connection:
        waiting = queue.unsettled(connection)
        renumbered = []
        for dseq, stored in enumerate(waiting, start=1):
            op: Op = decode_op(stored.body)
            renumbered.append((stored.place, dseq, encode_op(_with_dseq(op, dseq))))
        queue.new_incarnation(connection, incarnation, chain.start(incarnation), renumbered)
    return len(waiting)


def _with_dseq(op: Op, dseq: int) -> Op:
    fields = {name: getattr(op, name) for name in op.__struct_fields__}
    return Op(**{**fields, "dseq": dseq})
