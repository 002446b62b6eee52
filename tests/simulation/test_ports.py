"""The four ports of the steps: what holds for the real twin holds for the virtual one."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from core.store import log, queue
from core.store.home import FolderDisk
from core.store.open import open_memory
from core.store.tables import SERVER
from sync.client.machine import MachineChance, MachineClock
from sync.client.transport import HttpLink
from sync.ports import Chance, Clock, Disk, Link, LinkDown
from sync.protocol import Hello, Trouble
from sync.server.reception import Asked
from sync.simulation.chance import SeededChance, VirtualClock
from sync.simulation.disk import VirtualDisk
from sync.simulation.line import VirtualLink
from sync.simulation.serving import ServerProcess
from sync.wire import decode, encode

HELLO = encode(Hello(1, 1, "test", 1, "nobody", "00" * 16))


# -- clock ------------------------------------------------------------------------------------------------------------


@pytest.fixture(params=["machine", "virtual"])
def clock(request: pytest.FixtureRequest) -> Clock:
    if request.param == "machine":
        return MachineClock()
    passed = iter(range(1_760_000_000_000, 1_760_000_001_000, 3))
    return VirtualClock(lambda: next(passed), "console")


def test_a_steady_clock_never_goes_back_within_a_boot(clock: Clock) -> None:
    moments = [clock.now() for _ in range(50)]
    assert sorted(moment.mono for moment in moments) == [moment.mono for moment in moments]
    assert len({moment.boot for moment in moments}) == 1


def test_a_wall_clock_shows_a_date_of_this_century_in_ms(clock: Clock) -> None:
    assert 1_600_000_000_000 < clock.now().wall < 4_100_000_000_000


def test_setting_the_wall_leaves_the_steady_clock_alone_and_a_reboot_begins_a_new_one() -> None:
    clock = VirtualClock(lambda: 1_760_000_000_000, "console")
    before = clock.now()
    clock.set_wall(-5_000)
    after = clock.now()
    assert (after.wall - before.wall, after.mono, after.boot) == (-5_000, before.mono, before.boot)
    clock.reboot()
    assert clock.now().boot != before.boot


# -- chance -----------------------------------------------------------------------------------------------------------


@pytest.fixture(params=["machine", "virtual"])
def chance(request: pytest.FixtureRequest) -> Chance:
    return MachineChance() if request.param == "machine" else SeededChance("a test")


def test_chance_gives_as_many_bytes_as_are_asked_for_and_others_each_time(chance: Chance) -> None:
    drawn = [chance.bytes(16) for _ in range(20)]
    assert ({len(one) for one in drawn}, len(set(drawn))) == ({16}, 20)


# -- disk -------------------------------------------------------------------------------------------------------------


@pytest.fixture(params=["folder", "ciphered folder", "virtual"])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Disk:
    if request.param == "virtual":
        return VirtualDisk()
    return FolderDisk(tmp_path, key=b"k" * 32 if request.param == "ciphered folder" else None)


def test_a_store_that_is_not_there_is_made_empty(disk: Disk) -> None:
    store = disk.open("ward")
    with store.reading() as connection:
        assert queue.this(connection) is None
    store.close()
    assert disk.list() == ("ward",)


def test_what_was_committed_is_there_when_the_store_is_opened_again(disk: Disk) -> None:
    _write(disk, "ward", 3)
    assert _read(disk, "ward") == [3]


def test_what_was_not_committed_is_not_there(disk: Disk) -> None:
    _write(disk, "ward", 3)
    store = disk.open("ward")
    with pytest.raises(KeyError), store.writing() as connection:
        connection.execute(text("INSERT INTO policy (id, version, value) VALUES ('x', 1, 4)"))
        raise KeyError
    store.close()
    assert _read(disk, "ward") == [3]


def test_a_copy_has_what_its_original_had_and_goes_its_own_way(disk: Disk) -> None:
    _write(disk, "ward", 3)
    disk.copy("ward", "clone")
    _write(disk, "clone", 4)
    assert (_read(disk, "ward"), _read(disk, "clone"), disk.list()) == ([3], [3, 4], ("clone", "ward"))


def _write(disk: Disk, name: str, value: int) -> None:
    store = disk.open(name)
    with store.writing() as connection:
        connection.execute(
            text("INSERT INTO policy (id, version, value) VALUES (:id, 1, :value)"), {"id": f"p{value}", "value": value}
        )
    store.close()


def _read(disk: Disk, name: str) -> list[int]:
    store = disk.open(name)
    with store.reading() as connection:
        found = list(connection.execute(text("SELECT value FROM policy ORDER BY value")).scalars())
    store.close()
    return found


# -- link -------------------------------------------------------------------------------------------------------------


class Doors(BaseHTTPRequestHandler):
    """A loopback server that answers with the real reception."""

    process: ServerProcess

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers.get("content-length", 0))))

    def do_GET(self) -> None:
        self._answer(b"")

    def _answer(self, body: bytes) -> None:
        path, _, query = self.path.partition("?")
        headers: Mapping[str, str] = {name.lower(): value for name, value in self.headers.items()}
        answer = self.process.answer(Asked(self.command, path, query, headers, body))
        self.send_response(answer.status)
        for name, value in {**answer.headers, "content-length": str(len(answer.body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, *told: Any) -> None:
        """Nothing: a test speaks for itself."""


@pytest.fixture
def process() -> ServerProcess:
    store = open_memory(whole=True)
    with store.writing() as connection:
        SERVER.create_all(connection)
        log.create_hospital(connection, epoch="e", at=1_760_000_000_000, signing_seed="07" * 32, practice=True)
    return ServerProcess(store, lambda: 1_760_000_000_000)


@pytest.fixture(params=["http", "virtual"])
def link(request: pytest.FixtureRequest, process: ServerProcess) -> Iterator[Link]:
    if request.param == "virtual":
        yield VirtualLink(process)
        return
    doors = type("OurDoors", (Doors,), {"process": process})
    server = ThreadingHTTPServer(("127.0.0.1", 0), doors)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    found = HttpLink(f"http://127.0.0.1:{server.server_address[1]}")
    yield found
    found.close()
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_request_gets_the_server_s_answer_whole(link: Link) -> None:
    answer = link.ask("POST", "/sync/hello", HELLO, {})
    assert (answer.status, decode(answer.body, Trouble).code) == (401, "unknown_device")


def test_path_and_query_and_headers_arrive_as_they_were_sent(link: Link) -> None:
    answer = link.ask("GET", "/sync/changes?cursor=e.0&audiences=1", b"", {"dusangire-device": "nobody"})
    assert (answer.status, decode(answer.body, Trouble).code) == (401, "unknown_device")


def test_a_stream_that_is_refused_is_an_answer(link: Link) -> None:
    found = link.listen("/sync/live?cursor=e.0", {"dusangire-device": "nobody"})
    assert not hasattr(found, "frames")


def test_a_closed_link_is_down(link: Link) -> None:
    link.close()
    with pytest.raises(LinkDown):
        link.ask("POST", "/sync/hello", HELLO, {})
