"""The queue as a file for another machine, and a file of another console on its way to the server (sync.md §2.1)."""

from __future__ import annotations

import json
from dataclasses import dataclass

from core.kernel.refusal import Refusal
from core.store import queue
from core.store.open import Store
from sync import chain, ferry
from sync.client import contact
from sync.client.moment import Moment, server_time
from sync.client.talk import Sign
from sync.ports import Answer
from sync.protocol import PROTO, SEGMENT_BYTES, SEGMENT_OPS, Ferry, FerryAnswer, Segment, Trouble
from sync.wire import WireError, decode, pack_segment

PATH = "/sync/ferry"
CHANCE_BYTES = 32
WELL = 200


@dataclass(frozen=True, slots=True)
class Load:
    """A queue made ready: the bytes of its file, whose it is, and how many acts are in it."""

    data: bytes
    name: str
    at: int
    acts: int


def load(store: Store, moment: Moment, sign: Sign, chance: bytes) -> Load:
    """Every act that has no answer yet. The queue stays as it is: what is carried is also still sent.

    Raises Refusal: not_enrolled, ferry_nothing, ferry_no_key.
    """
    with store.reading() as connection:
        me, cursor = queue.this(connection), queue.read_cursor(connection)
        if me is None:
            raise Refusal("not_enrolled")
        ops = queue.unsent(connection, me.incarnation, me.answered_dseq, me.next_dseq)
    if not ops:
        raise Refusal("ferry_nothing")
    at = server_time(cursor, moment).at
    segments = _segments(me.id, me.incarnation, bytes(me.answered_hash), ops, sign)
    carried = Ferry(me.id, me.name, at, tuple(pack_segment(segment) for segment in segments))
    return Load(ferry.sealed(carried, bytes(me.server_key), chance), me.name, at, len(ops))


def _segments(device: str, incarnation: str, head: bytes, ops: list[tuple[int, bytes]], sign: Sign) -> list[Segment]:
    """As they would be pushed: no longer than a push may be, each signed."""
    segments: list[Segment] = []
    while ops:
        most = SEGMENT_OPS
        while True:
            segment = _segment(device, incarnation, head, ops[:most], sign)
            if len(segment.ops) == 1 or len(pack_segment(segment)) <= SEGMENT_BYTES:
                break
            most = len(segment.ops) // 2
        segments.append(segment)
        head, ops = segment.head_hash, ops[len(segment.ops) :]
    return segments


def _segment(device: str, incarnation: str, head: bytes, ops: list[tuple[int, bytes]], sign: Sign) -> Segment:
    for _, body in ops:
        head = chain.extend(head, body)
    signature = sign(chain.segment_message(incarnation, ops[-1][0], head))
    return Segment(PROTO, device, incarnation, ops[0][0], tuple(body for _, body in ops), head, signature)


# -- passing one on ---------------------------------------------------------------------------------------------------


def question(store: Store, moment: Moment, sign: Sign, data: bytes) -> dict[str, str]:
    """The headers that show who passes it on. Looks first whether the file is whole and of this hospital.

    Raises Refusal: not_enrolled, and what `sync.ferry.check` raises.
    """
    with store.reading() as connection:
        me, cursor = queue.this(connection), queue.read_cursor(connection)
    if me is None or cursor is None:
        raise Refusal("not_enrolled")
    ferry.check(data, bytes(me.server_key))
    return contact.signed_headers(me, cursor, moment, sign, "POST", PATH)


def taken(answer: Answer) -> FerryAnswer:
    """What the server says of it. Raises Refusal in its words; nothing of the file was taken in then."""
    try:
        if answer.status == WELL:
            return decode(answer.body, FerryAnswer)
        trouble = decode(answer.body, Trouble)
        detail = json.loads(trouble.detail or "{}")
    except (WireError, ValueError) as error:
        raise Refusal("ferry_not_taken") from error
    raise Refusal(trouble.code or "ferry_not_taken", **detail)
