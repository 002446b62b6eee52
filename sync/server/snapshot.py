"""Images of whole audiences for a device that begins, joins an audience, or has been away too long (sync.md §2.7)."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass

from core.store import image, log
from core.store.open import Store

FRESH_NUMBERS = 2_000  # an image this many numbers old is still handed out: the delta is short


@dataclass(frozen=True, slots=True)
class Image:
    """One audience at one number of one epoch. `packed` is zlib of the SQLite file; its ETag is the sha256 of that."""

    audience: str
    epoch: str
    seq: int
    packed: bytes
    etag: str


def make(store: Store, audience: str) -> Image:
    with store.reading() as connection:
        head = log.read_head(connection)
        data = image.make(connection, audience)
    packed = zlib.compress(data, 1)
    return Image(audience, head.epoch, head.seq, packed, hashlib.sha256(packed).hexdigest())


def still_good(kept: Image, head: log.Head, *, most: int = FRESH_NUMBERS) -> bool:
    """Whether a kept image may be handed out again: of this epoch, at most so many changes have come since, and the log
    still tells all of them."""
    return kept.epoch == head.epoch and 0 <= head.seq - kept.seq <= most and kept.seq >= head.horizon_seq
