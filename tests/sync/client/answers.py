"""A server that gives the answers it was told to give, whole or broken, over real lines."""

from __future__ import annotations

import socket
import threading

WELL = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nETag: x\r\n\r\nok"


class Doors:
    """Gives these answers, each line a list of its own, and closes the line after the last of them."""

    def __init__(self, *lines: list[bytes]) -> None:
        self.asked: list[bytes] = []
        self._lines = lines
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self.closed = [threading.Event() for _ in lines]
        self._thread = threading.Thread(target=self._answer)
        self._thread.start()

    def _answer(self) -> None:
        for answers, closed in zip(self._lines, self.closed, strict=True):
            line, _ = self._listening.accept()
            with line:
                for answer in answers:
                    self.asked.append(_question(line))
                    line.sendall(answer)
            closed.set()

    def close(self) -> None:
        self._thread.join()
        self._listening.close()


def _question(line: socket.socket) -> bytes:
    """Whole: head and body may come one after the other. Nothing when the line was closed instead."""
    said = b""
    while piece := line.recv(65_536):
        said += piece
        if said.endswith(b"\r\n\r\nbody") or (said.startswith(b"GET") and said.endswith(b"\r\n\r\n")):
            break
    return said
