"""A console's line to its server: kept between two questions, given up when the server has, never believed in half."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from sync.client import transport
from sync.client.transport import HttpLink, HttpStream
from sync.ports import LinkDown
from sync.wire import frame
from tests.sync.client.answers import WELL, Doors

LAST = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok"
SHORT = b"HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\nok"
STREAM = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"


@pytest.fixture
def doors() -> Iterator[Callable[..., Doors]]:
    opened: list[Doors] = []

    def open_doors(*lines: list[bytes]) -> Doors:
        opened.append(Doors(*lines))
        return opened[-1]

    yield open_doors
    for one in opened:
        one.close()


def ask(link: HttpLink, path: str = "/one") -> bytes:
    answer = link.ask("POST", path, b"body", {"dusangire-device": "d1"})
    return answer.body


def test_two_questions_go_over_one_line_whole(doors: Callable[..., Doors]) -> None:
    there = doors([WELL, WELL])
    link = HttpLink(f"{there.url}/under/")
    answers = [ask(link), ask(link, "/two?a=b")]
    link.close()
    assert (answers, len(there.asked)) == ([b"ok", b"ok"], 2)
    assert there.asked[1].startswith(b"POST /under/two?a=b HTTP/1.1\r\n") and there.asked[1].endswith(b"\r\n\r\nbody")
    said = there.asked[1].lower()
    assert b"accept-encoding: identity\r\n" in said and b"dusangire-device: d1\r\n" in said
    assert b"content-type: application/octet-stream\r\n" in said and said.count(b"accept-encoding") == 1


@pytest.mark.parametrize("first", [WELL, LAST], ids=["closed meanwhile", "closed as it was told"])
def test_a_line_that_the_server_has_closed_is_not_used_again(doors: Callable[..., Doors], first: bytes) -> None:
    there = doors([first], [WELL])
    link = HttpLink(there.url)
    ask(link)
    there.closed[0].wait(10)
    again = ask(link)
    link.close()
    assert again == b"ok"


@pytest.mark.parametrize("answer", [SHORT, b"", b"HTTP/1.1 200 OK\r\n", b"nonsense\r\n\r\n"])
def test_an_answer_that_breaks_off_is_no_answer(doors: Callable[..., Doors], answer: bytes) -> None:
    there = doors([answer], [WELL])
    link = HttpLink(there.url)
    with pytest.raises(LinkDown):
        ask(link)
    again = ask(link)
    link.close()
    assert again == b"ok"


def test_an_answer_that_is_too_large_is_no_answer(doors: Callable[..., Doors], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "MOST_ANSWER_BYTES", 1)
    link = HttpLink(doors([WELL]).url)
    with pytest.raises(LinkDown, match="too large"):
        ask(link)
    link.close()


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "127.0.0.1:1", "gopher://127.0.0.1:1", ""])
def test_a_server_that_is_not_there_is_a_line_that_is_down(url: str) -> None:
    link = HttpLink(url)
    with pytest.raises(LinkDown):
        ask(link)
    with pytest.raises(LinkDown):
        link.listen("/sync/live", {})
    link.close()


# -- streams --------------------------------------------------------------------------------------------------------


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def streamed(link: HttpLink) -> HttpStream:
    stream = link.listen("/sync/live", {})
    assert isinstance(stream, HttpStream)
    return stream


def test_a_stream_brings_its_frames_however_they_were_cut_and_ends(doors: Callable[..., Doors]) -> None:
    whole = frame(b"one") + frame(b"") + frame(b"two")
    there = doors([STREAM + chunk(whole[:5]) + chunk(whole[5:]) + b"0\r\n\r\n"])
    link = HttpLink(there.url)
    frames = list(streamed(link).frames())
    link.close()
    assert frames == [b"one", b"", b"two"]


def test_a_stream_that_breaks_off_is_a_line_that_is_down(doors: Callable[..., Doors]) -> None:
    there = doors([STREAM + chunk(frame(b"one"))])
    link = HttpLink(there.url)
    frames = streamed(link).frames()
    assert next(frames) == b"one"
    with pytest.raises(LinkDown):
        next(frames)
    link.close()


@pytest.mark.parametrize("by", ["stream", "link"])
def test_whoever_waits_for_a_frame_is_woken_when_it_is_closed(doors: Callable[..., Doors], by: str) -> None:
    there = doors([STREAM + chunk(frame(b"one")), b""])  # the line stays open until something is said over it
    link = HttpLink(there.url)
    stream = streamed(link)
    begun, ended = threading.Event(), []

    def read() -> None:
        try:
            for _ in stream.frames():
                begun.set()
        except LinkDown:
            ended.append("down")

    reader = threading.Thread(target=read)
    reader.start()
    assert begun.wait(10)
    (stream if by == "stream" else link).close()
    reader.join(10)
    link.close()
    assert ended == ["down"]
