"""One open live stream: its `send`, stepped from the loop that fans out;
no task and no queue while the client reads."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Generator, MutableMapping
from types import coroutine
from typing import Any

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]
MOST_FRAMES = 256  # that a client may be behind before it is cut; it comes back with its cursor
MOST_BYTES = 1 << 20


class Listener:
    """Made inside the request's own task, which then waits for the client to leave."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._task = asyncio.current_task()
        self._backlog: deque[bytes] = deque()
        self._behind = 0
        self._drain: asyncio.Task[None] | None = None
        self.is_cut = False

    @property
    def reads(self) -> bool:
        """Whether the client has taken everything it was sent so far."""
        return not self.is_cut and self._drain is None

    def give(self, frame: bytes) -> bool:
        """Sends without waiting. False when the client has fallen too far behind and was cut."""
        if self.is_cut:
            return False
        if self._drain is not None:
            self._backlog.append(frame)
            self._behind += len(frame)
            if len(self._backlog) > MOST_FRAMES or self._behind > MOST_BYTES:
                self.cut()
                return False
            return True
        sending: Any = self._send({"type": "http.response.body", "body": frame, "more_body": True})
        try:
            blocked_on = sending.send(None)
        except StopIteration:
            return True
        except OSError:  # the client has gone; its own task will notice
            self.cut()
            return False
        self._drain = asyncio.get_running_loop().create_task(self._drained(sending, blocked_on))
        return True

    def end(self) -> None:
        """Says goodbye properly where the client reads, and lets the request's task go."""
        if self._drain is None and not self.is_cut:
            goodbye: Any = self._send({"type": "http.response.body", "body": b"", "more_body": False})
            try:
                goodbye.send(None)
            except (StopIteration, OSError):
                pass
            finally:
                goodbye.close()
        self.cut()

    def cut(self) -> None:
        if not self.is_cut:
            self.is_cut = True
            self._backlog.clear()
            if self._drain is not None:
                self._drain.cancel()
            if self._task is not None:
                self._task.cancel()

    async def wait(self, receive: Receive) -> None:
        """Until the client leaves, or it is cut."""
        try:
            while (await receive())["type"] != "http.disconnect":
                pass
        except asyncio.CancelledError:
            if not self.is_cut:
                raise
            if self._task is not None:
                self._task.uncancel()
        finally:
            self.is_cut = True
            if self._drain is not None:
                self._drain.cancel()

    async def _drained(self, sending: Coroutine[Any, Any, None], blocked_on: Any) -> None:
        try:
            await _go_on(sending, blocked_on)
            while self._backlog:
                frame = self._backlog.popleft()
                self._behind -= len(frame)
                await self._send({"type": "http.response.body", "body": frame, "more_body": True})
        except OSError:
            self.cut()
        else:
            self._drain = None


@coroutine
def _go_on(sending: Coroutine[Any, Any, None], blocked_on: Any) -> Generator[Any, Any, None]:
    """Lets a task finish a coroutine that was stepped by hand and stopped at a future."""
    try:
        while True:
            yield blocked_on
            blocked_on = sending.send(None)
    except StopIteration:
        return
    finally:
        sending.close()
