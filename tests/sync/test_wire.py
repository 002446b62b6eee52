"""Bytes from outside: what is malformed, too large or unknown is refused at the edge, in words, and nowhere later."""

from __future__ import annotations

import zlib

import msgspec
import pytest
from hypothesis import given as supposing
from hypothesis import strategies as st

from core.kernel.refusal import Refusal
from sync import wire
from sync.protocol import PROTO, SEGMENT_OPS, Hello, Op
from tests.sync.messages import a_segment, an_op


def refusal_of(data: bytes, kind: type[msgspec.Struct]) -> str:
    try:
        wire.decode(data, kind)
    except wire.WireError as error:
        return error.code
    return ""


def test_an_act_is_the_same_act_after_the_wire() -> None:
    assert wire.decode_op(wire.encode_op(an_op())) == an_op()


def test_a_segment_is_the_same_segment_after_the_wire() -> None:
    assert wire.unpack_segment(wire.pack_segment(a_segment())) == a_segment()


@supposing(st.binary(max_size=400))
def test_whatever_the_bytes_only_a_wire_error_comes_out(data: bytes) -> None:
    for read in (wire.decode_op, wire.unpack_segment, wire.read_json, lambda raw: wire.decode(raw, Hello)):
        try:
            read(data)
        except Refusal as error:
            assert error.code in ("bad_message", "too_large", "wrong_version", "unknown_field")


def test_an_act_with_a_field_that_nobody_knows_is_refused_by_that_name() -> None:
    longer = msgspec.msgpack.encode([*msgspec.to_builtins(an_op(), builtin_types=(bytes,)), "extra"])
    with pytest.raises(wire.WireError, match="unknown_field"):
        wire.decode_op(longer)


def test_a_greeting_with_a_field_from_the_future_is_understood() -> None:
    hello = Hello(PROTO, PROTO, "dusangire", 1, "d", "i")
    longer = msgspec.msgpack.encode([*msgspec.to_builtins(hello), "from the future"])
    assert wire.decode(longer, Hello) == hello


def test_a_number_that_no_database_holds_is_refused() -> None:
    wide = [*msgspec.to_builtins(an_op(), builtin_types=(bytes,))]
    wide[9] = (1 << 64) - 1
    assert refusal_of(msgspec.msgpack.encode(wide), Op) == "bad_message"


def test_a_segment_of_another_protocol_is_refused_as_such() -> None:
    other = msgspec.structs.replace(a_segment(), proto=PROTO + 1)
    with pytest.raises(wire.WireError, match="wrong_version"):
        wire.unpack_segment(wire.pack_segment(other))


def test_a_segment_that_unpacks_without_end_is_refused_before_it_fills_the_memory() -> None:
    bomb = zlib.compress(b"\0" * (wire.SEGMENT_OPEN_BYTES * 4), 9)
    with pytest.raises(wire.WireError, match="too_large"):
        wire.unpack_segment(bomb)


@pytest.mark.parametrize("count", [0, SEGMENT_OPS + 1])
def test_a_segment_holds_one_to_five_hundred_acts(count: int) -> None:
    wrong = msgspec.structs.replace(a_segment(), ops=(b"x",) * count)
    with pytest.raises(wire.WireError, match="bad_message"):
        wire.unpack_segment(wire.pack_segment(wrong))


def test_an_act_that_is_too_large_is_refused_at_the_press() -> None:
    with pytest.raises(wire.WireError, match="too_large"):
        wire.encode_op(msgspec.structs.replace(an_op(), args=b"x" * wire.OP_BYTES))


def test_frames_come_whole_in_whatever_pieces_the_bytes_come() -> None:
    stream = wire.frame(b"one") + wire.frame(b"") + wire.frame(b"three")
    reader = wire.FrameReader()
    frames = [frame for place in range(len(stream)) for frame in reader.feed(stream[place : place + 1])]
    assert frames == [b"one", b"", b"three"]


def test_a_frame_that_announces_too_much_is_refused_at_once() -> None:
    with pytest.raises(wire.WireError, match="too_large"):
        wire.FrameReader().feed((wire.FRAME_BYTES + 1).to_bytes(4, "big"))


@pytest.mark.parametrize(
    "text", ['{"a": 1, "a": 2}', '{"a": NaN}', '{"a": 1e999}', "[1]", '{"a"', '{"a": ' + "[" * 40 + "]" * 40 + "}"]
)
def test_json_from_outside_is_strict(text: str) -> None:
    with pytest.raises(wire.WireError, match="bad_message"):
        wire.read_json(text.encode())


def test_a_segment_costs_at_most_eighty_bytes_an_act_on_the_wire() -> None:
    ops = tuple(wire.encode_op(an_op(place)) for place in range(1, 501))
    packed = wire.pack_segment(msgspec.structs.replace(a_segment(), ops=ops))
    assert len(packed) / 500 <= 80


def test_segments_are_frozen() -> None:
    with pytest.raises(AttributeError):
        a_segment().proto = 2  # type: ignore[misc]  # that is the point
