"""Messages that this software has once sent must be understood for ever: bytes kept in `golden/`, one file a message.

A new version adds files beside the old ones: `python -m tests.sync.test_golden` writes those that are missing.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from sync import wire
from sync.protocol import PROTO, Op, Segment
from tests.sync.messages import one_of_each

GOLDEN = Path(__file__).parent / "golden"
KEPT = sorted(GOLDEN.glob("*.hex"))


def file_of(name: str) -> Path:
    return GOLDEN / f"{name}.v{PROTO}.hex"


def read(path: Path) -> bytes:
    return bytes.fromhex("".join(path.read_text().split()))


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.name)
def test_what_was_once_sent_is_still_understood(path: Path) -> None:
    message = one_of_each()[path.name.partition(".")[0]]
    kind = type(message)
    if kind is Op:
        assert wire.decode_op(read(path)) == message
    elif kind is Segment:
        assert wire.unpack_segment(wire.pack_segment(wire.decode(read(path), Segment))) == message
    else:
        assert wire.decode(read(path), kind) == message


@pytest.mark.parametrize("name", sorted(one_of_each()))
def test_every_message_of_this_version_is_in_the_golden_folder_as_it_is_sent_now(name: str) -> None:
    assert read(file_of(name)) == wire.encode(one_of_each()[name])


def write() -> None:
    for name, message in one_of_each().items():
        if not file_of(name).exists():
            data = wire.encode(message).hex()
            lines = [data[start : start + 100] for start in range(0, len(data), 100)]
            file_of(name).write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    write()
