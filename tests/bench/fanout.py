"""A meal's state told to a thousand live pages: how long until the last has it, and whether any missed it
or heard it twice, also over a cut."""

from __future__ import annotations

import asyncio
import re
import resource
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from core.kernel.values import Role
from core.orders.commands import StartCooking
from core.store import home
from core.store.open import Store
from sync.client.errand import Errand, drain, load
from sync.ports import Answer
from tests.bench.cpu import spent_ms
from tests.bench.ground import COOK, Bench, CountingLink, hospital_with, signed
from tests.bench.metric import Metric, median, percentile
from tests.bench.page import phone, place, put_in_cart

CLIENTS = 1_000
UPDATES, MISSED = 30, 10  # the second: while a tenth of the pages are away
AWAY = 10  # one page of so many
AT_ONCE = 50
SECONDS = 30.0
LOOK_SECONDS = 0.002
EVENT = re.compile(rb"id: (\d+)\nevent: changed\ndata: ([^\n]*)\n\n")
COOKING = re.compile(rb'"([^"]+)":"cooking"')
FILES = 3 * CLIENTS


class PushLink(CountingLink):
    """Remembers when it last sent acts on their way."""

    pushed_at = 0.0

    def ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        if path.startswith("/sync/push"):
            self.pushed_at = time.perf_counter()
        return super().ask(method, path, body, headers)


@dataclass(eq=False)
class Page(asyncio.Protocol):
    """One live page: which orders it has heard of and how often, when it heard last, and after which number."""

    request: bytes
    heard: Counter[str] = field(default_factory=Counter)
    at: float = 0.0
    last: str = ""
    is_open: bool = False
    transport: asyncio.Transport | None = None
    _words: bytes = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport, self._words = transport, b""
        again = f"last-event-id: {self.last}\r\n" if self.last else ""
        transport.write(self.request + again.encode() + b"\r\n")

    def data_received(self, data: bytes) -> None:
        self.at = time.perf_counter()
        self._words += data
        self.is_open = self.is_open or b"retry: " in self._words
        ends = 0
        for found in EVENT.finditer(self._words):
            ends, self.last = found.end(), found[1].decode()
            self.heard.update(order_id.decode() for order_id in COOKING.findall(found[2]))
        self._words = self._words[ends:]

    def leave(self) -> None:
        assert self.transport is not None
        self.transport.abort()
        self.is_open = False


def measure() -> Iterator[Metric]:
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(FILES, most), most))
    with hospital_with(0, patients=1, dishes=1) as bench:
        where = bench.hospital.enrol("kitchen")
        orders = _ordered(bench)
        store, link = home.open_device(where), PushLink(bench.hospital.line_url)
        load(bench.errand(where, store, link))
        try:
            yield from asyncio.run(_told(bench, store, bench.errand(where, store, link), link, orders))
        finally:
            store.close()
            link.close()


def _ordered(bench: Bench) -> list[str]:
    """All by one patient, whose page is open a thousand times: whatever happens to them is told to each."""
    one, token = phone(bench, bench.tokens[0]), bench.tokens[0]
    placed = []
    for _ in range(UPDATES + MISSED):
        put_in_cart(one, token)
        placed.append(place(one, token))
    one.close()
    return placed


async def _told(bench: Bench, store: Store, errand: Errand, link: PushLink, orders: list[str]) -> list[Metric]:
    address = bench.hospital.url.removeprefix("http://")
    request = f"GET /patient/live HTTP/1.1\r\nhost: {address}\r\ncookie: dusangire={bench.tokens[0]}\r\n".encode()
    pages = [Page(request) for _ in range(CLIENTS)]
    began = time.perf_counter()
    await _connect(bench, pages)
    connected = time.perf_counter() - began
    spent, times = spent_ms(bench.server_pid), []
    for order_id in orders[:UPDATES]:
        times.append(await _tell(bench, store, errand, link, order_id, pages))
    spent = spent_ms(bench.server_pid) - spent
    there = [page for number, page in enumerate(pages) if number % AWAY]
    away = [page for number, page in enumerate(pages) if not number % AWAY]
    for page in away:
        page.leave()
    for order_id in orders[UPDATES:]:
        await _tell(bench, store, errand, link, order_id, there)
    await _connect(bench, away)
    await _until(lambda: all(page.heard[orders[-1]] for page in away))
    lost = sum(not page.heard[order_id] for page in pages for order_id in orders)
    twice = sum(page.heard[order_id] > 1 for page in pages for order_id in orders)
    for page in pages:
        page.leave()
    peer = {"p50_ms": median(times), "server_cpu_ms": spent / UPDATES, "connecting_s": connected}
    return [
        Metric(f"live.fanout_{CLIENTS}_p99_ms", percentile(times, 0.99), "ms", peer),
        Metric("live.lost", lost, "events", {"twice": twice, "of": CLIENTS * len(orders), "came_back": len(away)}),
    ]


async def _connect(bench: Bench, pages: list[Page]) -> None:
    loop = asyncio.get_running_loop()
    for first in range(0, len(pages), AT_ONCE):
        some = pages[first : first + AT_ONCE]
        for page in some:
            await loop.create_connection(lambda page=page: page, "127.0.0.1", bench.hospital.server_port)  # type: ignore[misc]
        await _until(lambda: all(page.is_open for page in some))  # noqa: B023 - asked at once


async def _tell(bench: Bench, store: Store, errand: Errand, link: PushLink, order_id: str, pages: list[Page]) -> float:
    """ms from the cook's act being sent by a console until the last page has heard of it."""
    bench.press(store, signed(store, COOK, Role.COOK), StartCooking(order_id=order_id))
    await asyncio.to_thread(drain, errand)
    await _until(lambda: all(page.heard[order_id] for page in pages))
    return (max(page.at for page in pages) - link.pushed_at) * 1_000


async def _until(holds: Callable[[], bool]) -> None:
    """Or until so much time has passed that what has not come is counted as lost."""
    ends = time.perf_counter() + SECONDS
    while not holds() and time.perf_counter() < ends:  # noqa: ASYNC110 - the pages do not pay for an event
        await asyncio.sleep(LOOK_SECONDS)
