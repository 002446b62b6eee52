"""The line between the demo's consoles and its server: a forwarder of bytes that can be cut and joined again."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Coroutine
from typing import Any

PIECE_BYTES = 64 * 1024
START_SECONDS = 10.0


class Line:
    """Listens on a port of this machine and forwards to another. Its thread ends with `close`.

    A cut line refuses new connections and drops the open ones, like a cable pulled out.
    """

    def __init__(self, *, to_port: int, host: str = "127.0.0.1") -> None:
        self._host, self._to_port = host, to_port
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None
        self._open: dict[asyncio.StreamWriter, None] = {}
        self._thread = threading.Thread(target=self._loop.run_forever, name="demo-line", daemon=True)
        self.port = 0
        self.is_cut = False
        self._thread.start()
        self._do(self._listen())

    def cut(self) -> None:
        self._do(self._cut())

    def join(self) -> None:
        """The cable is in again."""
        if self.is_cut:
            self._do(self._listen())

    def close(self) -> None:
        """Once is enough; twice does no harm."""
        if self._loop.is_closed():
            return
        self._do(self._cut())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(START_SECONDS)
        self._loop.close()

    # -- in its own thread ------------------------------------------------------------------------------------------

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(START_SECONDS)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._carry, self._host, self.port, reuse_address=True)
        self.port = self._server.sockets[0].getsockname()[1]
        self.is_cut = False

    async def _cut(self) -> None:
        self.is_cut = True
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in list(self._open):
            writer.transport.abort()
        await asyncio.sleep(0)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_cut:
            writer.transport.abort()
            return
        self._open[writer] = None
        try:
            onward_reader, onward = await asyncio.open_connection(self._host, self._to_port)
            self._open[onward] = None
            try:
                await asyncio.gather(_pour(reader, onward), _pour(onward_reader, writer))
            finally:
                self._drop(onward)
        except OSError:
            pass  # the server is down: the console finds the line closed
        finally:
            self._drop(writer)

    def _drop(self, writer: asyncio.StreamWriter) -> None:
        self._open.pop(writer, None)
        writer.close()


async def _pour(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while piece := await source.read(PIECE_BYTES):
            target.write(piece)
            await target.drain()
    with contextlib.suppress(OSError, RuntimeError):
        target.write_eof() if target.can_write_eof() else target.close()
