"""Moves a console's bytes to its server and back over HTTP/1.1: the real twin of the link."""

from __future__ import annotations

import contextlib
import socket
import ssl
import weakref
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx

from sync.patience import ANSWER_MS, CONNECT_MS
from sync.ports import Answer, LinkDown
from sync.protocol import SILENCE_MS
from sync.wire import FrameReader, WireError

# seconds. A hospital's worst link is a phone's: connecting may be slow, but once a byte has come the next one follows.
#                 connect read write whole reason
TIMEOUTS = {
    "ask": httpx.Timeout(  # a turn of 500 acts is judged within 3 s
        connect=CONNECT_MS / 1_000, read=ANSWER_MS / 1_000, write=ANSWER_MS / 1_000, pool=1.0
    ),
    "listen": httpx.Timeout(  # two heartbeats and it is silent
        connect=CONNECT_MS / 1_000, read=SILENCE_MS / 1_000, write=CONNECT_MS / 1_000, pool=1.0
    ),
}
MOST_ANSWER_BYTES = 64 * 1024 * 1024  # a whole image, packed, where a server knows no ranges
PIECE_BYTES = 64 * 1024
LIMITS = httpx.Limits(max_connections=4, max_keepalive_connections=2, keepalive_expiry=60.0)


class HttpLink:
    """One server. Asked by one thread, listened to by another; `close` wakes both."""

    def __init__(self, server_url: str, *, ca_file: Path | None = None) -> None:
        self._sockets: weakref.WeakSet[socket.socket] = weakref.WeakSet()
        self._closed = False
        self._client = httpx.Client(
            base_url=server_url.rstrip("/"),
            http2=False,
            verify=_trusted(ca_file),
            limits=LIMITS,
            timeout=TIMEOUTS["ask"],
            trust_env=False,  # a proxy in the environment is not the hospital's choice
            follow_redirects=False,
        )

    def ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        try:
            with self._client.stream(
                method, path, content=body or None, headers=_plain(headers), extensions=self._traced()
            ) as response:
                return _whole(response)
        except (httpx.HTTPError, httpx.StreamError, OSError, RuntimeError) as error:  # RuntimeError: client closed
            raise LinkDown(type(error).__name__) from error

    def listen(self, path: str, headers: Mapping[str, str]) -> HttpStream | Answer:
        request = self._client.build_request(
            "GET", path, headers=_plain(headers), timeout=TIMEOUTS["listen"], extensions=self._traced()
        )
        try:
            response = self._client.send(request, stream=True)
            if response.status_code == httpx.codes.OK:
                return HttpStream(response)
            with contextlib.closing(response):
                return _whole(response)
        except (httpx.HTTPError, httpx.StreamError, OSError, RuntimeError) as error:
            raise LinkDown(type(error).__name__) from error

    def close(self) -> None:
        self._closed = True
        for used in list(self._sockets):
            _wake(used)
        self._client.close()

    def _traced(self) -> dict[str, Any]:
        """Notes the sockets: closing a connection does not wake a thread that reads from it, shutting it down does."""
        return {"trace": self._note}

    def _note(self, name: str, info: dict[str, Any]) -> None:
        if name in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            used = info["return_value"].get_extra_info("socket")
            self._sockets.add(used)
            if self._closed:
                _wake(used)


class HttpStream:
    """Frames of one live answer, as they arrive."""

    def __init__(self, response: httpx.Response) -> None:
        self._response = response

    def frames(self) -> Iterator[bytes]:
        reader = FrameReader()
        try:
            for piece in self._response.iter_raw():
                yield from reader.feed(piece)
        except (httpx.HTTPError, httpx.StreamError, OSError, RuntimeError, WireError) as error:
            raise LinkDown(type(error).__name__) from error
        finally:
            self._response.close()

    def close(self) -> None:
        carrier = self._response.extensions.get("network_stream")
        if carrier is not None:
            _wake(carrier.get_extra_info("socket"))


def _trusted(ca_file: Path | None) -> ssl.SSLContext:
    """With a pinned authority no other one is believed, whatever this machine trusts."""
    if ca_file is None:
        return ssl.create_default_context()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cafile=ca_file)
    return context


def _plain(headers: Mapping[str, str]) -> dict[str, str]:
    """Bodies carry their own packing: nothing between us may pack them again."""
    return {"content-type": "application/octet-stream", **headers, "accept-encoding": "identity"}


def _whole(response: httpx.Response) -> Answer:
    pieces: list[bytes] = []
    size = 0
    for piece in response.iter_raw(PIECE_BYTES):
        size += len(piece)
        if size > MOST_ANSWER_BYTES:
            raise LinkDown("answer too large")
        pieces.append(piece)
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status_code, headers, b"".join(pieces))


def _wake(used: socket.socket) -> None:
    with contextlib.suppress(OSError):
        used.shutdown(socket.SHUT_RDWR)
