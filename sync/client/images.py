"""Which images of whole audiences a console still needs, and the parts that have come: a broken line loses one part."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass, replace
from urllib.parse import quote

from sync.ports import Answer
from sync.protocol import AudienceChange
from sync.wire import WireError

PART_BYTES = 512 * 1024
MOST_BYTES = 256 * 1024 * 1024  # one image, unpacked


@dataclass(frozen=True, slots=True)
class Part:
    """The next piece of an image."""

    audience: str
    start: int
    etag: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """A set of audiences on its way in. afresh: everything held is replaced, not only what is added."""

    change: AudienceChange
    epoch: str
    afresh: bool
    missing: tuple[str, ...]  # still to load; the first is being loaded
    got: bytes = b""  # of the first
    etag: str = ""
    loaded: tuple[tuple[str, int, bytes], ...] = ()  # audience, number it was made at, SQLite file
    anew: tuple[str, ...] = ()  # audiences whose rows here are not the server's: they go before the image is laid


def want(change: AudienceChange, epoch: str, held: tuple[str, ...], *, afresh: bool) -> Wanted:
    missing = tuple(name for name in change.audiences if afresh or name not in held)
    return Wanted(change, epoch, afresh, missing)


def suffices(wanted: Wanted, held: tuple[str, ...]) -> bool:
    """Whether this set is whole when it has come: what was held when it was begun may have gone since."""
    coming = {*held, *wanted.missing, *(name for name, _, _ in wanted.loaded)}
    return coming.issuperset(wanted.change.audiences)


def next_part(wanted: Wanted) -> Part:
    return Part(wanted.missing[0], len(wanted.got), wanted.etag)


def path(part: Part) -> str:
    return f"/sync/image/{quote(part.audience, safe=':')}"


def headers(part: Part) -> dict[str, str]:
    """If the image was made anew meanwhile, the server sends it whole."""
    wanted = {"range": f"bytes={part.start}-{part.start + PART_BYTES - 1}"}
    return {**wanted, "if-range": f'"{part.etag}"'} if part.start else wanted


def take(wanted: Wanted, part: Part, answer: Answer) -> Wanted:
    """Adds what has come. Raises WireError for a whole image that is not what its name says."""
    if not wanted.missing or part != next_part(wanted):
        return wanted
    etag = answer.headers.get("etag", "").strip('W/"')
    whole = answer.status == 200
    if not whole and part.start and etag != part.etag:
        return begin_again(wanted)
    got = answer.body if whole else wanted.got + answer.body
    if not whole and len(got) < _total(answer):
        if not answer.body:
            raise WireError("bad_message")
        return replace(wanted, got=got, etag=etag)
    image = _unpacked(got, etag)
    loaded = (part.audience, _number(answer), image)
    return replace(wanted, missing=wanted.missing[1:], got=b"", etag="", loaded=(*wanted.loaded, loaded))


def begin_again(wanted: Wanted) -> Wanted:
    """The image being loaded, from its first byte."""
    return replace(wanted, got=b"", etag="")


def _total(answer: Answer) -> int:
    try:
        return int(answer.headers["content-range"].rpartition("/")[2])
    except (KeyError, ValueError) as error:
        raise WireError("bad_message") from error


def _number(answer: Answer) -> int:
    try:
        return int(answer.headers["dusangire-seq"])
    except (KeyError, ValueError) as error:
        raise WireError("bad_message") from error


def _unpacked(packed: bytes, etag: str) -> bytes:
    if hashlib.sha256(packed).hexdigest() != etag:
        raise WireError("bad_message")
    unpack = zlib.decompressobj()
    try:
        image = unpack.decompress(packed, MOST_BYTES)
    except zlib.error as error:
        raise WireError("bad_message") from error
    if not unpack.eof:
        raise WireError("bad_message")
    return image
