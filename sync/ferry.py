"""The file that carries a queue on a stick: the same signed segments, sealed for the hospital's server (sync.md §2.1).

What is in plain sight says only which hospital it is for and how long it is. Any machine may carry or pass it on; the
server alone can read it, and whatever it knows already counts for nothing the second time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from core.devices import keys, sealing
from core.kernel.refusal import Refusal
from sync import wire
from sync.protocol import Ferry, Segment
from sync.wire import WireError

MAGIC = b"dusangire ferry 1\n"
MARK_BYTES = 16
LENGTH_BYTES = 8
HEAD_BYTES = len(MAGIC) + MARK_BYTES + LENGTH_BYTES
FILE_BYTES = 16 * 1024 * 1024  # some 200,000 acts
ENDING = ".ferry"


@dataclass(frozen=True, slots=True)
class Carried:
    """A file that was opened: whose queue it is, and its acts as one run under the signature of the last segment."""

    ferry: Ferry
    segment: Segment


def mark_of(server_key: bytes) -> bytes:
    """Tells one hospital's files from another's, and nothing else."""
    return hashlib.sha256(b"dusangire ferry " + server_key).digest()[:MARK_BYTES]


def sealed(ferry: Ferry, server_key: bytes, chance: bytes) -> bytes:
    """The whole file. Raises Refusal("ferry_no_key") on a console that has not learnt its server's key."""
    plain = wire.encode(ferry)
    length = len(plain) + sealing.KEY_BYTES + sealing.TAG_BYTES
    head = MAGIC + mark_of(server_key) + length.to_bytes(LENGTH_BYTES, "big")
    try:
        return head + sealing.seal(plain, server_key, chance, head)
    except ValueError as error:
        raise Refusal("ferry_no_key") from error


def check(data: bytes, server_key: bytes) -> None:
    """What can be seen from outside, on any machine of the hospital.

    Raises Refusal: ferry_too_large, ferry_not_one, ferry_other_hospital, ferry_cut, ferry_altered (too long).
    """
    if len(data) > FILE_BYTES:
        raise Refusal("ferry_too_large", most=FILE_BYTES // (1024 * 1024))
    if not MAGIC.startswith(data[: len(MAGIC)]):
        raise Refusal("ferry_not_one")
    if len(data) < HEAD_BYTES:
        raise Refusal("ferry_cut", has=len(data), wanted=HEAD_BYTES)
    if data[len(MAGIC) : len(MAGIC) + MARK_BYTES] != mark_of(server_key):
        raise Refusal("ferry_other_hospital")
    length = int.from_bytes(data[HEAD_BYTES - LENGTH_BYTES : HEAD_BYTES], "big")
    if len(data) < HEAD_BYTES + length:
        raise Refusal("ferry_cut", has=len(data), wanted=HEAD_BYTES + length)
    if len(data) > HEAD_BYTES + length:
        raise Refusal("ferry_altered")


def opened(data: bytes, seed: bytes) -> Carried:
    """At the server. Raises what `check` raises, and Refusal("ferry_altered"): nothing of it is to be believed then."""
    server_key = keys.public_key(seed)
    check(data, server_key)
    plain = sealing.unseal(data[HEAD_BYTES:], seed, server_key, data[:HEAD_BYTES])
    if plain is None:
        raise Refusal("ferry_altered")
    try:
        ferry = wire.decode(plain, Ferry)
        return Carried(ferry, joined([wire.unpack_segment(packed) for packed in ferry.segments]))
    except WireError as error:
        raise Refusal("ferry_altered") from error


def joined(segments: Sequence[Segment]) -> Segment:
    """Segments that follow one another as one run: the last signature covers them all, through the chain.

    Raises WireError("bad_message") when they do not follow.
    """
    if not segments:
        raise WireError("bad_message", kind="Ferry")
    first, last = segments[0], segments[-1]
    ops: list[bytes] = []
    for segment in segments:
        whose = (segment.device, segment.incarnation) == (first.device, first.incarnation)
        if not whose or segment.from_dseq != first.from_dseq + len(ops):
            raise WireError("bad_message", kind="Ferry")
        ops.extend(segment.ops)
    return Segment(
        proto=last.proto,
        device=first.device,
        incarnation=first.incarnation,
        from_dseq=first.from_dseq,
        ops=tuple(ops),
        head_hash=last.head_hash,
        signature=last.signature,
    )
