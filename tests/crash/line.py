"""A line between consoles and their server that goes wrong by a plan: it drops, delays, doubles, reorders, cuts in the
middle and loses answers. It reads whole requests of HTTP/1.1, so that what it does is done to a message, not to bytes.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
from collections import Counter
from collections.abc import Coroutine
from enum import StrEnum
from typing import Any

HERE = "127.0.0.1"
PIECE_BYTES = 64 * 1024
HEAD_BYTES = 64 * 1024
START_SECONDS = 10.0
LONGEST_DELAY_SECONDS = 0.4
LATE_AFTER = 3  # requests that overtake a late copy
END_OF_HEAD = b"\r\n\r\n"


class Fault(StrEnum):
    """What happens to one request."""

    NONE = "none"
    DROPPED = "dropped"  # never reaches the server
    DELAYED = "delayed"
    CUT_UP = "cut_up"  # the server sees half of it
    TWICE = "twice"  # a second copy at once
    LATE = "late"  # ... or a copy that arrives after others that were sent later
    ANSWER_LOST = "answer_lost"  # the server has done it, and nobody hears
    ANSWER_CUT = "answer_cut"  # half of the answer
    STREAM_CUT = "stream_cut"  # a live stream ends in the middle of something


ON_A_REQUEST = tuple(fault for fault in Fault if fault not in (Fault.NONE, Fault.STREAM_CUT))


class FaultyLine:
    """Listens on a port of its own; `share` of all requests meet a fault, drawn by `seed`.

    Its thread ends with `close`.
    """

    def __init__(self, *, to_port: int, seed: int, share: float) -> None:
        self._to_port, self._share, self._dice = to_port, share, random.Random(seed)
        self._loop = asyncio.new_event_loop()
        self._late: list[tuple[int, bytes]] = []  # at which request a copy is sent, and the copy
        self._asides: set[asyncio.Task[None]] = set()
        self._requests = 0
        self.met: Counter[str] = Counter()
        self._thread = threading.Thread(target=self._loop.run_forever, name="faulty-line", daemon=True)
        self._thread.start()
        self._server = self._do(asyncio.start_server(self._serve, HERE, 0, limit=HEAD_BYTES))
        self.port = int(self._server.sockets[0].getsockname()[1])

    @property
    def url(self) -> str:
        return f"http://{HERE}:{self.port}"

    def heal(self) -> None:
        """From now on every request goes through as it is."""
        self._share = 0.0

    def close(self) -> None:
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(START_SECONDS)
        self._loop.close()

    # -- in its own thread --------------------------------------------------------------------------------------------

    def _do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(START_SECONDS)

    async def _end(self) -> None:
        self._server.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request a connection: the client comes back with the next one."""
        try:
            request = await _whole_request(reader)
            self._requests += 1
            self._send_late_copies()
            fault = self._draw(request)
            self.met[fault] += 1
            await self._carry(request, fault, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.CancelledError):
            pass  # one of the two has gone, or this line ends: the other one finds the connection closed
        finally:
            writer.close()

    def _draw(self, request: bytes) -> Fault:
        is_stream = request.startswith(b"GET /sync/live?")
        if self._dice.random() >= min(1.0, self._share * (2 if is_stream else 1)):  # they are few, and live long
            return Fault.NONE
        return Fault.STREAM_CUT if is_stream else self._dice.choice(ON_A_REQUEST)

    async def _carry(self, request: bytes, fault: Fault, writer: asyncio.StreamWriter) -> None:
        if fault is Fault.DROPPED:
            return
        if fault is Fault.DELAYED:
            await asyncio.sleep(self._dice.random() * LONGEST_DELAY_SECONDS)
        if fault is Fault.CUT_UP:
            return await self._send_half(request)
        if fault is Fault.TWICE:
            self._aside(self._send_and_forget(request))
        if fault is Fault.LATE:
            self._late.append((self._requests + self._dice.randint(1, LATE_AFTER), request))
        onward_reader, onward = await asyncio.open_connection(HERE, self._to_port)
        try:
            onward.write(request)
            await onward.drain()
            await self._answer(onward_reader, fault, writer)
        finally:
            onward.close()

    async def _answer(self, onward: asyncio.StreamReader, fault: Fault, writer: asyncio.StreamWriter) -> None:
        """Answers end with their connection. A stream that is to be cut ends after some of its bytes."""
        if fault in (Fault.ANSWER_LOST, Fault.ANSWER_CUT):
            answer = await onward.read(-1)
            writer.write(answer[: len(answer) // 2] if fault is Fault.ANSWER_CUT else b"")
            await writer.drain()
            return writer.transport.abort() if fault is Fault.ANSWER_LOST else None
        room = self._dice.randint(1, 4_000) if fault is Fault.STREAM_CUT else None
        while piece := await onward.read(PIECE_BYTES if room is None else room):
            writer.write(piece)
            await writer.drain()
            if room is not None:
                room -= len(piece)
                if room <= 0:
                    return None
        return None

    async def _send_half(self, request: bytes) -> None:
        _, onward = await asyncio.open_connection(HERE, self._to_port)
        onward.write(request[: self._dice.randint(1, len(request) - 1)])
        await onward.drain()
        onward.close()

    async def _send_and_forget(self, request: bytes) -> None:
        with contextlib.suppress(OSError):
            reader, onward = await asyncio.open_connection(HERE, self._to_port)
            onward.write(request)
            await onward.drain()
            await reader.read(PIECE_BYTES)
            onward.close()

    def _send_late_copies(self) -> None:
        due = [copy for at, copy in self._late if at <= self._requests]
        self._late = [(at, copy) for at, copy in self._late if at > self._requests]
        for copy in due:
            self._aside(self._send_and_forget(copy))

    def _aside(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._asides.add(task)
        task.add_done_callback(self._asides.discard)


async def _whole_request(reader: asyncio.StreamReader) -> bytes:
    """Head and body, the head told that this connection carries no other."""
    head = await reader.readuntil(END_OF_HEAD)
    first, *lines = head.removesuffix(END_OF_HEAD).split(b"\r\n")
    fields = [line for line in lines if not line.lower().startswith(b"connection:")]
    length = next((int(line.split(b":")[1]) for line in fields if line.lower().startswith(b"content-length:")), 0)
    body = await reader.readexactly(length)
    return b"\r\n".join([first, *fields, b"connection: close"]) + END_OF_HEAD + body
