"""Bytes <-> messages: what is malformed, too large or of an unknown version is refused here, in words,
and nowhere later.

Whatever the bytes, the only exception that leaves this module is `WireError`. Messages are msgpack,
a segment travels in zlib, the live stream is length-prefixed frames, and the public edge takes strict JSON.
"""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, NoReturn, TypeVar

import msgspec

from core.kernel.refusal import Refusal
from sync.protocol import (
    FIRST_PROTO,
    PROTO,
    SEGMENT_BYTES,
    SEGMENT_OPS,
    Changes,
    Enrol,
    EnrolAnswer,
    Hello,
    HelloAnswer,
    Op,
    Segment,
    Trouble,
)

MESSAGE_BYTES = 16 * 1024 * 1024  # one message; an answer to a pull may be long
FRAME_BYTES = MESSAGE_BYTES
OP_BYTES = 32 * 1024  # one act
SEGMENT_OPEN_BYTES = 8 * 1024 * 1024  # one segment, unpacked: 32 times its packed limit
JSON_BYTES = 1024 * 1024
JSON_DEPTH = 32
ID_LETTERS = 64  # a device, an incarnation
ZLIB_LEVEL = 1
LENGTH_BYTES = 4
ID_BYTES = 16

# Said before both sides know each other's version: fields that a newer side has added are passed over. In every other
# message the version is agreed, so an unknown field is an error.
BEFORE_AGREEMENT = (Hello, HelloAnswer, Enrol, EnrolAnswer, Trouble)

# Messages that have grown, and how many fields they had before: an older side is not sent what it does not ask for.
LATER_FIELDS: Mapping[type[msgspec.Struct], int] = {Changes: 9}

Message = TypeVar("Message", bound=msgspec.Struct)
_encoder = msgspec.msgpack.Encoder()


class WireError(Refusal):
    """Bytes that are no message, or a message that may not be sent.

    Its codes have words: bad_message, too_large, wrong_version, unknown_field.
    """


# -- any message ------------------------------------------------------------------------------------------------------


def encode(message: msgspec.Struct) -> bytes:
    try:
        return _encoder.encode(_cut(message) if type(message) in LATER_FIELDS else message)
    except (UnicodeEncodeError, OverflowError) as error:
        raise WireError("bad_message", why="not_encodable") from error


def _cut(message: msgspec.Struct) -> list[Any]:
    """Without the later fields that are empty."""
    fields = [getattr(message, name) for name in message.__struct_fields__]
    while len(fields) > LATER_FIELDS[type(message)] and not fields[-1]:
        fields.pop()
    return fields


def decode(data: bytes, kind: type[Message], *, most: int = MESSAGE_BYTES) -> Message:
    """One message of this kind, of the version spoken now."""
    if len(data) > most:
        raise WireError("too_large", most=most)
    return _read(data, kind)


@dataclass(frozen=True, slots=True)
class _Shape:
    """What a kind of message looks like. grows: more fields than these are passed over."""

    decoder: msgspec.msgpack.Decoder[Any]
    fields: int
    numbers: tuple[str, ...]
    texts: tuple[str, ...]
    grows: bool


@cache
def _shape(kind: type[msgspec.Struct]) -> _Shape:
    fields = msgspec.structs.fields(kind)
    numbers = tuple(field.name for field in fields if field.type is int)
    decoder = msgspec.msgpack.Decoder(kind)
    texts = tuple(field.name for field in fields if field.type is str and kind is not Op)  # an act parks, if anything
    return _Shape(decoder, len(fields), numbers, texts, grows=kind in BEFORE_AGREEMENT)


def _read(data: bytes, kind: type[Message]) -> Message:
    shape = _shape(kind)
    if not shape.grows and _field_count(data) > shape.fields:
        raise WireError("unknown_field", kind=kind.__name__)
    try:
        message: Message = shape.decoder.decode(data)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise WireError("bad_message", kind=kind.__name__) from error
    _refuse_wide_numbers(message, shape)
    _refuse_nul(message, shape)
    return message


def _field_count(data: bytes) -> int:
    """How many fields the outermost array says it has; -1 when there is no array."""
    first = data[0] if data else 0
    if first & 0xF0 == 0x90:
        return first & 0x0F
    if first in (0xDC, 0xDD):
        return int.from_bytes(data[1 : 3 if first == 0xDC else 5], "big")
    return -1


def _refuse_wide_numbers(message: msgspec.Struct, shape: _Shape) -> None:
    """msgpack has numbers up to 2**64 - 1, a database up to 2**63 - 1."""
    for name in shape.numbers:
        if not -(1 << 63) <= getattr(message, name) < 1 << 63:
            raise WireError("bad_message", why=name)


def _refuse_nul(message: msgspec.Struct, shape: _Shape) -> None:
    """Nothing is called by a name with NUL in it, and not every database takes the question."""
    for name in shape.texts:
        if "\0" in getattr(message, name):
            raise WireError("bad_message", why=name)


# -- acts -------------------------------------------------------------------------------------------------------------


def encode_op(op: Op) -> bytes:
    """The bytes that are stored, hashed and sent. Refuses at the press whatever `decode_op` would refuse later."""
    data = encode(op)
    if len(data) > OP_BYTES:
        raise WireError("too_large", most=OP_BYTES)
    _refuse_wide_numbers(_checked(op), _shape(Op))
    return data


def decode_op(data: bytes) -> Op:
    """An act, whichever version of this software wrote it: it may have lain in a queue for weeks."""
    if len(data) > OP_BYTES:
        raise WireError("too_large", most=OP_BYTES)
    count = _field_count(data)
    lift = OP_SHAPES.get(count)
    if lift is None:
        raise WireError("unknown_field" if count > max(OP_SHAPES) else "bad_message", kind="Op")
    return lift(data)


def _now(data: bytes) -> Op:
    return _checked(_read(data, Op))


def _checked(op: Op) -> Op:
    """An act has an id of 16 bytes, a salt of 16, and a place."""
    if len(op.op_id) != ID_BYTES or len(op.salt) != ID_BYTES or op.dseq < 1:
        raise WireError("bad_message", kind="Op")
    return op


# every shape an act has ever had on the wire, by its number of fields: pushed for ever (sync.md §2.10)
OP_SHAPES: Mapping[int, Callable[[bytes], Op]] = {len(msgspec.structs.fields(Op)): _now}


# -- segments ---------------------------------------------------------------------------------------------------------


def pack_segment(segment: Segment) -> bytes:
    return zlib.compress(encode(segment), ZLIB_LEVEL)


def unpack_segment(data: bytes) -> Segment:
    """A segment as it was pushed. Refuses one that unpacks into more than a segment may hold."""
    if len(data) > SEGMENT_BYTES + OP_BYTES:  # one large act alone may be over
        raise WireError("too_large", most=SEGMENT_BYTES)
    unpack = zlib.decompressobj()
    try:
        opened = unpack.decompress(data, SEGMENT_OPEN_BYTES)
    except zlib.error as error:
        raise WireError("bad_message", kind="Segment") from error
    if unpack.unconsumed_tail:
        raise WireError("too_large", most=SEGMENT_OPEN_BYTES)
    if not unpack.eof or unpack.unused_data:
        raise WireError("bad_message", kind="Segment")
    segment = _read(opened, Segment)
    if not FIRST_PROTO <= segment.proto <= PROTO:
        raise WireError("wrong_version", proto=PROTO)
    if not 1 <= len(segment.ops) <= SEGMENT_OPS or segment.from_dseq < 1:
        raise WireError("bad_message", kind="Segment")
    if len(segment.device) > ID_LETTERS or len(segment.incarnation) > ID_LETTERS:
        raise WireError("bad_message", kind="Segment")
    return segment


# -- the live stream --------------------------------------------------------------------------------------------------


def frame(data: bytes) -> bytes:
    """One message of the live stream; an empty one is a heartbeat."""
    if len(data) > FRAME_BYTES:
        raise WireError("too_large", most=FRAME_BYTES)
    return len(data).to_bytes(LENGTH_BYTES, "big") + data


class FrameReader:
    """Cuts a stream of bytes, in whatever pieces it comes, into its frames."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, piece: bytes) -> list[bytes]:
        """The frames that are whole now. Raises WireError("too_large") for one that announces too much."""
        self._rest += piece
        frames: list[bytes] = []
        start = 0
        while len(self._rest) - start >= LENGTH_BYTES:
            length = int.from_bytes(self._rest[start : start + LENGTH_BYTES], "big")
            if length > FRAME_BYTES:
                raise WireError("too_large", most=FRAME_BYTES)
            end = start + LENGTH_BYTES + length
            if end > len(self._rest):
                break
            frames.append(bytes(self._rest[start + LENGTH_BYTES : end]))
            start = end
        del self._rest[:start]
        return frames


# -- the public edge --------------------------------------------------------------------------------------------------


def read_json(data: bytes) -> dict[str, Any]:
    """One strict JSON object: UTF-8, no key twice, no NaN, no more than 32 deep."""
    if len(data) > JSON_BYTES:
        raise WireError("too_large", most=JSON_BYTES)
    try:
        found = json.loads(
            data.decode("utf-8"), object_pairs_hook=_no_key_twice, parse_constant=_no_constant, parse_float=_finite
        )
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise WireError("bad_message", kind="json") from error
    if not isinstance(found, dict) or _depth(found) > JSON_DEPTH:
        raise WireError("bad_message", kind="json")
    return found


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _no_constant(word: str) -> NoReturn:
    raise ValueError(word)


def _finite(word: str) -> float:
    number = float(word)
    if not math.isfinite(number):
        raise ValueError(word)
    return number


def _depth(value: Any) -> int:
    depth, level = 0, [value]
    while level:
        depth += 1
        level = [
            inner
            for item in level
            for inner in (item.values() if isinstance(item, dict) else item if isinstance(item, list) else ())
        ]
    return depth
