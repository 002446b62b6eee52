"""The hash chain that puts every act of a device in its place, and the bytes that a device key signs (sync.md §2.1).

The chain runs over hashes: a body can be erased and the chain still holds. A resent queue may be cut differently.
"""

from __future__ import annotations

import hashlib

SEGMENT = b"dusangire segment 1"  # what a signature is for: one of another kind never fits
SEAL = b"dusangire seal 1"
REINCARNATE = b"dusangire reincarnate 1"


def start(incarnation: str) -> bytes:
    """The head before the first act."""
    return hashlib.sha256(incarnation.encode()).digest()


def extend(head: bytes, op_bytes: bytes) -> bytes:
    return extend_hash(head, hashlib.sha256(op_bytes).digest())


def extend_hash(head: bytes, body_hash: bytes) -> bytes:
    """For an act whose body is erased: its hash is kept for good."""
    return hashlib.sha256(head + body_hash).digest()


def seal(before: bytes, *, seq: int, op_id: bytes, actor: str, kind: str, body_hash: bytes, at: int) -> bytes:
    """Of one act of the hospital's log, over that of the act before it: whoever holds one holds all before it to be
    what they were. Of what may still change (a parked act is judged again) there is nothing in it."""
    number, instant = seq.to_bytes(8, "big"), at.to_bytes(8, "big")
    told = _parts(SEAL, before, number, op_id, actor.encode(), kind.encode(), body_hash, instant)
    return hashlib.sha256(told).digest()


def segment_message(incarnation: str, last_dseq: int, head: bytes) -> bytes:
    """What the device signs for a run of acts that ends with this one."""
    return _parts(SEGMENT, incarnation.encode(), last_dseq.to_bytes(8, "big"), head)


def reincarnate_message(device: str, old: str, new: str) -> bytes:
    """What the device signs to go on under a new incarnation."""
    return _parts(REINCARNATE, device.encode(), old.encode(), new.encode())


def _parts(*parts: bytes) -> bytes:
    """Each with its length before it, so that no two lists of parts give the same bytes."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)
