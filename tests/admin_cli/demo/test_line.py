"""The line between consoles and server: a real echo behind it, cut and joined again."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Iterator

import pytest

from admin_cli.demo.line import Line

HERE = "127.0.0.1"
SECONDS = 5.0


class Echo(socketserver.StreamRequestHandler):
    """Says back what it hears."""

    def handle(self) -> None:
        while said := self.rfile.readline():
            self.wfile.write(said)


class Echoes(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


@pytest.fixture
def server() -> Iterator[Echoes]:
    with Echoes((HERE, 0), Echo) as echoes:
        thread = threading.Thread(target=echoes.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield echoes
        echoes.shutdown()
        thread.join(SECONDS)


@pytest.fixture
def line(server: Echoes) -> Iterator[Line]:
    between = Line(to_port=server.server_address[1])
    yield between
    between.close()


def call(line: Line) -> socket.socket:
    return socket.create_connection((HERE, line.port), timeout=SECONDS)


def hears_itself(caller: socket.socket, words: bytes) -> bool:
    caller.sendall(words)
    heard = b""
    while len(heard) < len(words) and (piece := caller.recv(65_536)):
        heard += piece
    return heard == words


def is_dropped(caller: socket.socket) -> bool:
    try:
        return caller.recv(1) == b""
    except ConnectionResetError:
        return True


def test_what_is_said_is_carried_both_ways(line: Line) -> None:
    with call(line) as caller:
        assert hears_itself(caller, b"to cook: L-0412\n")
        assert hears_itself(caller, b"x" * 300_000 + b"\n")


def test_a_cut_drops_whoever_is_talking(line: Line) -> None:
    with call(line) as first, call(line) as second:
        assert hears_itself(first, b"one\n")
        assert hears_itself(second, b"two\n")
        line.cut()
        assert (line.is_cut, is_dropped(first), is_dropped(second)) == (True, True, True)


def test_a_cut_line_lets_nobody_in(line: Line) -> None:
    line.cut()
    with pytest.raises(ConnectionRefusedError):
        call(line)


def test_a_joined_line_carries_again_on_the_same_port(line: Line) -> None:
    port = line.port
    line.cut()
    line.join()
    with call(line) as caller:
        assert (line.is_cut, line.port, hears_itself(caller, b"back\n")) == (False, port, True)


def test_joining_what_is_joined_and_cutting_what_is_cut_changes_nothing(line: Line) -> None:
    with call(line) as caller:
        line.join()
        assert hears_itself(caller, b"still here\n")
    line.cut()
    line.cut()
    line.join()
    with call(line) as caller:
        assert hears_itself(caller, b"again\n")


def test_without_a_server_behind_it_a_caller_finds_the_line_closed(server: Echoes) -> None:
    server.server_close()
    between = Line(to_port=server.server_address[1])
    try:
        with call(between) as caller:
            assert is_dropped(caller)
    finally:
        between.close()


def test_when_one_side_hangs_up_the_other_hears_of_it(line: Line) -> None:
    with call(line) as caller:
        caller.sendall(b"last words\n")
        caller.shutdown(socket.SHUT_WR)
        heard = b""
        while piece := caller.recv(64):
            heard += piece
        assert heard == b"last words\n"


def test_a_closed_line_may_be_closed_again(line: Line) -> None:
    line.close()
    line.close()
    with pytest.raises(ConnectionRefusedError):
        call(line)
