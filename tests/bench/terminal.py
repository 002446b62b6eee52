"""A program in a terminal of its own: what it has written, when, and what it has cost by then."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import threading
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

from tests.bench.cpu import spent_ms

ESCAPES = re.compile(rb"\x1b(?:\[[0-9;?<>=]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|P[^\x1b]*\x1b\\|[@-_])")
SECONDS = 60.0
SIZE = (80, 24)


class Terminal:
    """A process before a terminal of eighty columns. `words` is everything it has written, without its looks."""

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
        self.began = time.perf_counter()
        self.pid, self._line = pty.fork()
        if self.pid == 0:  # the program itself
            try:
                os.execve(sys.executable, [sys.executable, *arguments], {**environment, **LOOKS})
            finally:
                os._exit(127)
        fcntl.ioctl(self._line, termios.TIOCSWINSZ, struct.pack("HHHH", SIZE[1], SIZE[0], 0, 0))
        self.words = b""
        self._rest = b""
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        self._reader.join(SECONDS)
        os.close(self._line)

    def wait_for(self, words: str, *, after: int = 0) -> float:
        """The instant, by `time.perf_counter`, when it had written these words.

        after: how many bytes of `words` do not count.
        """
        ends = time.perf_counter() + SECONDS
        with self._news:
            while words.encode() not in self.words[after:]:
                assert self._news.wait(ends - time.perf_counter()), f"{words!r} is not written: {self.words[-600:]!r}"
            return self._at

    def spent_ms(self) -> float:
        return spent_ms(self.pid)

    def _read(self) -> None:
        """An escape sequence may come in two pieces: what may be the beginning of one waits for the rest."""
        while True:
            select.select([self._line], [], [])
            try:
                piece = os.read(self._line, 65_536)
            except OSError:  # it has ended
                return
            at = time.perf_counter()
            if not piece:
                return
            plain = ESCAPES.sub(b"", self._rest + piece)
            begins = plain.rfind(b"\x1b")
            self._rest = plain[begins:] if begins >= 0 else b""
            with self._news:
                self.words += plain[:begins] if begins >= 0 else plain
                self._at = at
                self._news.notify_all()


LOOKS = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "COLUMNS": str(SIZE[0]), "LINES": str(SIZE[1])}
