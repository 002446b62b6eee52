"""Takes a device's segment apart: is it whole, is it signed, does it follow, and which acts does the writer get.

Nothing is judged here: `perform` does, one turn of acts at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from core.devices.model import Device
from core.kernel.values import Origin
from core.store import log
from core.store.open import Store
from core.store.read import TxSource
from sync import chain
from sync.protocol import FIRST_PROTO, PROTO, Op, Segment, Trouble
from sync.server.perform import Submission
from sync.wire import WireError, decode_op

Verify = Callable[[bytes, bytes, bytes], bool]  # public key, message, signature


class PushRefused(Exception):  # noqa: N818 - what it is
    """The segment as a whole is refused; nothing of it was judged. `trouble.code` has words, `status` is HTTP's."""

    def __init__(self, status: int, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.status = status
        self.trouble = Trouble(code, detail)


@dataclass(frozen=True, slots=True)
class Opened:
    """A segment that may be judged: its acts in order, each with its place in the device's chain."""

    device: Device
    submissions: list[Submission]


def open_segment(store: Store, segment: Segment, verify: Verify) -> Opened:
    """Checks a segment against what the log knows of its device.

    Raises PushRefused: 426 wrong_version, 401 unknown_device, 401 bad_signature, 409 expected_dseq (with the number),
    409 forked, 400 bad_message.
    """
    if not FIRST_PROTO <= segment.proto <= PROTO:
        raise PushRefused(426, "wrong_version", f'{{"proto": {segment.proto}}}')
    with store.reading() as connection:
        device = TxSource(connection, whole=True).rows(Device, [segment.device]).get(segment.device)
        known = log.incarnation_row(connection, segment.incarnation)
        if device is None or known is None or known["device_id"] != device.id:
            raise PushRefused(401, "unknown_device")
        head = _chain_before(connection, segment, known["last_dseq"], bytes(known["head_hash"]))
        _refuse_fork(connection, segment, known["last_dseq"])
    submissions = []
    for place, body in enumerate(segment.ops):
        head = chain.extend(head, body)
        submissions.append(_submission(device, segment, segment.from_dseq + place, body, head))
    last = segment.from_dseq + len(segment.ops) - 1
    message = chain.segment_message(segment.incarnation, last, segment.head_hash)
    if not verify(bytes.fromhex(device.public_key), message, segment.signature):
        raise PushRefused(401, "bad_signature")
    if head != segment.head_hash:  # signed by this console, and what came before was other acts
        raise PushRefused(409, "forked", f'{{"dseq": {segment.from_dseq}}}')
    return Opened(device, submissions)


def _chain_before(connection: Connection, segment: Segment, last: int, head: bytes) -> bytes:
    """The chain's head before the segment's first act; a resent queue may be cut differently."""
    if segment.from_dseq == last + 1:
        return head
    if segment.from_dseq > last + 1:
        raise PushRefused(409, "expected_dseq", f'{{"expected": {last + 1}}}')
    if segment.from_dseq == 1:
        return chain.start(segment.incarnation)
    before = log.ops_from(connection, segment.incarnation, [segment.from_dseq - 1])
    return bytes(before[segment.from_dseq - 1].chain)


def _refuse_fork(connection: Connection, segment: Segment, last: int) -> None:
    """The same number with another act behind it: this store was cloned or restored."""
    overlap = range(segment.from_dseq, min(last, segment.from_dseq + len(segment.ops) - 1) + 1)
    if not overlap:
        return
    known = log.ops_from(connection, segment.incarnation, list(overlap))
    for dseq in overlap:
        op = _decoded(segment.ops[dseq - segment.from_dseq])
        if bytes(known[dseq].op_id) != op.op_id:
            raise PushRefused(409, "forked", f'{{"dseq": {dseq}}}')


def _submission(device: Device, segment: Segment, dseq: int, body: bytes, head: bytes) -> Submission:
    op = _decoded(body)
    if op.dseq != dseq:
        raise PushRefused(400, "bad_message", '{"why": "dseq"}')
    return said_by(op, device.id, body, incarnation=segment.incarnation, chain=head)


def said_by(op: Op, device_id: str, body: bytes, *, incarnation: str = "", chain: bytes = b"") -> Submission:
    """An act as its console wrote it, and where it stands in that console's chain, when it came in one."""
    return Submission(
        op_id=op.op_id,
        kind=_storable(op.kind),
        args=op.args,
        actor_id=_storable(op.actor_id),
        origin=Origin.DEVICE,
        origin_ref=device_id,
        v=op.v,
        grant_id=_storable(op.grant_id),
        entity=_storable(op.entity),
        expect=op.expect,
        base_seq=op.base_seq,
        claimed_at=op.claimed_at,
        incarnation=incarnation,
        dseq=op.dseq,
        chain=chain,
        body=body,
    )


def _storable(text: str) -> str:
    """No database of ours may have to refuse a text: PostgreSQL knows no NUL. The act's own bytes are kept as they
    came."""
    return text.replace("\0", "\ufffd")


def _decoded(body: bytes) -> Op:
    try:
        return decode_op(body)
    except WireError as error:
        raise PushRefused(400, error.code) from error
