"""The sync: presses, a long queue on its way, a first load, one change over thousands of unsettled acts,
console to console."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec

from core.kernel.values import Role
from core.orders.commands import MarkReady, StartCooking, TickLine
from core.orders.model import Order, OrderLine
from core.store import home, image, queue
from core.store.home import Home
from core.store.open import Store
from core.store.read import TxSource
from core.store.tables import encode_row
from sync.client import rebase
from sync.client.door import Door
from sync.client.errand import drain, load
from sync.client.machine import MachineClock
from sync.protocol import Change, Changes
from tests.bench.ground import COOK, LEAD, Bench, CountingLink, hospital_with, signed, timed, waiting
from tests.bench.metric import Metric, median, percentile

ACTS = 10_000
LIVE_CHANGES = 200


def measure(acts: int = ACTS) -> Iterator[Metric]:
    with hospital_with(acts + LIVE_CHANGES + acts // 4) as bench:
        where = bench.hospital.enrol("kitchen")
        yield from _bootstrap(bench, where)
        store = home.open_device(where)
        try:
            yield from _press(bench, store, bench.orders[:acts])
            yield from _rebase(bench, store)
            yield from _push(bench, where, store, acts)
            yield from _shift(bench, where, store, acts)
        finally:
            store.close()
        yield from _live(bench, bench.orders[acts : acts + LIVE_CHANGES])


def _bootstrap(bench: Bench, where: Home) -> Iterator[Metric]:
    """The console enrolled and loaded once; loaded again afresh, several times, into its sealed store."""
    link = CountingLink(bench.hospital.line_url)
    store = home.open_device(where)
    times, rows = [], 0
    for _ in range(5):
        with store.writing() as connection:
            cursor = queue.read_cursor(connection)
            assert cursor is not None
            image.clear(connection)
            fresh = {"audiences": (), "audiences_version": 0, "seq": 0, "ready_seq": 1}
            from dataclasses import replace

            queue.write_cursor(connection, replace(cursor, **fresh))  # type: ignore[arg-type]  # its own columns
        link.down = 0
        times.append(timed(lambda: load(bench.errand(where, store, link))) * 1_000)
    with store.reading() as connection:
        rows = image.count_rows(connection)
    store.close()
    link.close()
    per_row = 10_000 / rows
    yield Metric("sync.bootstrap_10000_ms", median(times) * per_row, "ms", {"rows": rows, "whole_ms": median(times)})
    yield Metric("sync.bootstrap_bytes_per_row", link.down / rows, "bytes")


def _press(bench: Bench, store: Store, orders: list[str]) -> Iterator[Metric]:
    """`start_cooking`, judged, sealed and durable. Its peer: one row and one act in a plain file, FULL."""
    cook = signed(store, COOK, Role.COOK)
    times = [timed(lambda one=one: bench.press(store, cook, StartCooking(order_id=one))) * 1_000 for one in orders]  # type: ignore[misc]
    plain = _plain_presses(bench.hospital.folder, 500)
    yield Metric("sync.press_p50_ms", median(times), "ms", {"sqlite3_full_p50_ms": median(plain)})
    yield Metric("sync.press_p99_ms", percentile(times, 0.99), "ms", {"sqlite3_full_p99_ms": percentile(plain, 0.99)})


def _plain_presses(folder: Path, count: int) -> list[float]:
    plain = sqlite3.connect(folder / "plain.db", isolation_level=None)
    plain.execute("PRAGMA journal_mode = WAL")
    plain.execute("PRAGMA synchronous = FULL")
    plain.execute("CREATE TABLE op (place INTEGER PRIMARY KEY, body BLOB)")
    plain.execute("CREATE TABLE row (id INTEGER PRIMARY KEY, body BLOB)")

    def press(place: int) -> None:
        plain.execute("BEGIN IMMEDIATE")
        plain.execute("INSERT INTO op VALUES (?, ?)", (place, b"x" * 200))
        plain.execute("INSERT INTO row VALUES (?, ?)", (place, b"x" * 400))
        plain.execute("COMMIT")

    times = [timed(lambda place=place: press(place)) * 1_000 for place in range(count)]  # type: ignore[misc]
    plain.close()
    return times


def _rebase(bench: Bench, store: Store) -> Iterator[Metric]:
    """One incoming change to a meal of which three acts are unsettled, over all the others that are."""
    with store.reading() as connection:
        unsettled = queue.unsettled(connection)
        touched = queue.touched_by(connection, [unsettled[len(unsettled) // 2].place])
        order_id = next(key.split(" ")[1] for _, key, mode in touched if mode == "w" and key.startswith("order "))
        line = TxSource(connection, whole=False).owned(OrderLine, "order_id", [order_id])[order_id][0]
    lead = signed(store, LEAD, Role.KITCHEN_LEAD)
    for command in (TickLine(line_id=line.id), MarkReady(order_id=order_id)):
        bench.press(store, lead, command)
    with store.reading() as connection:
        cursor = queue.read_cursor(connection)
        assert cursor is not None
        shadow = queue.shadows_of(connection, [("order", order_id)])[0][2]
    base = msgspec.msgpack.decode(shadow)
    times, replayed = [], 0
    for version in range(base["version"] + 1, base["version"] + 12):
        body = encode_row(Order.trusted({**base, "version": version, "wish": f"change {version}"}))
        changes = Changes(
            cursor.epoch, (Change(cursor.seq, "order", order_id, body),), (), cursor.seq, cursor.seq + 1, 0, 0, None, 0
        )
        began = time.perf_counter()
        done = rebase.take(store, MachineClock().now(), changes)
        times.append((time.perf_counter() - began) * 1_000)
        replayed = done.replayed
    beside = {"unsettled": len(unsettled) + 2.0, "closure": float(replayed)}
    yield Metric("sync.rebase_over_10000_ms", median(times), "ms", beside)


def _push(bench: Bench, where: Home, store: Store, acts: int) -> Iterator[Metric]:
    link = CountingLink(bench.hospital.line_url)
    posts: list[float] = []
    stop = threading.Event()
    pages = threading.Thread(target=_post_pages, args=(bench.hospital.url, posts, stop))
    pages.start()
    seconds = timed(lambda: drain(bench.errand(where, store, link)))
    stop.set()
    pages.join()
    assert waiting(store) == 0, f"{waiting(store)} still wait"
    plain = _plain_bulk(bench.hospital.folder, acts, link.up)
    scale = ACTS / acts
    yield Metric("sync.push_10000_s", seconds * scale, "s", {"executemany_s": plain * scale, "ratio": seconds / plain})
    yield Metric("sync.push_bytes_per_command", link.up / acts, "bytes")
    yield Metric("page.post_while_draining_p99_ms", percentile(posts, 0.99), "ms", {"posts": len(posts)})
    load(bench.errand(where, store, link))
    link.close()


def _post_pages(url: str, times: list[float], stop: threading.Event) -> None:
    """Somebody tries a door all the while: a form whose try is written before it is answered."""
    with httpx.Client(base_url=url, trust_env=False) as web:
        while not stop.is_set():
            form = {"day": "1", "month": "1", "year": "1970"}
            times.append(timed(lambda: web.post("/b/AAAAAA", data=form, headers={"origin": url})) * 1_000)  # noqa: B023
            time.sleep(0.01)


def _plain_bulk(folder: Path, acts: int, size: int) -> float:
    """The same number of bytes in as many rows, in one executemany and one commit, FULL."""
    plain = sqlite3.connect(folder / "bulk.db", isolation_level=None)
    plain.execute("PRAGMA journal_mode = WAL")
    plain.execute("PRAGMA synchronous = FULL")
    plain.execute("CREATE TABLE op (place INTEGER PRIMARY KEY, body BLOB, row BLOB)")
    body = b"x" * max(1, size // acts)
    rows = [(place, body, b"x" * 800) for place in range(acts)]

    def work() -> None:
        plain.execute("BEGIN IMMEDIATE")
        plain.executemany("INSERT INTO op VALUES (?, ?, ?)", rows)
        plain.execute("COMMIT")

    seconds = timed(work)
    plain.close()
    return seconds


def _shift(bench: Bench, where: Home, store: Store, acts: int) -> Iterator[Metric]:
    """A shift's mix: start, tick, tick, ready, by a kitchen lead."""
    lead = signed(store, LEAD, Role.KITCHEN_LEAD)
    orders = bench.orders[acts + LIVE_CHANGES :]
    pressed = 0
    with store.reading() as connection:
        lines = TxSource(connection, whole=False).owned(OrderLine, "order_id", orders)
    for order_id in orders:
        mix = [StartCooking(order_id=order_id), *(TickLine(line_id=line.id) for line in lines[order_id])]
        for command in (*mix, MarkReady(order_id=order_id)):
            bench.press(store, lead, command)
            pressed += 1
    link = CountingLink(bench.hospital.line_url)
    seconds = timed(lambda: drain(bench.errand(where, store, link)))
    assert waiting(store) == 0
    load(bench.errand(where, store, link))  # what was judged is taken in, before anybody else measures here
    link.close()
    yield Metric("sync.push_10000_shift_s", seconds * ACTS / pressed, "s", {"acts": pressed})


def _live(bench: Bench, orders: list[str]) -> Iterator[Metric]:
    """Console A presses; console B's own store has the change, durable on both."""
    second = bench.hospital.enrol("ward")
    with Door.at(bench.hospital.homes["kitchen"]) as a, Door.at(second) as b:
        while not (a.standing().live and b.standing().live):
            time.sleep(0.01)
        heard = threading.Event()
        b.watch(lambda tables: heard.set() if "order" in tables or "*" in tables else None)
        times = []
        for order_id in orders:
            heard.clear()
            began = time.perf_counter()
            a.perform_as(COOK, StartCooking(order_id=order_id))
            while not b.read(lambda db, one=order_id: _cooking(db, one)):  # type: ignore[misc]
                heard.wait(1.0)
                heard.clear()
            times.append((time.perf_counter() - began) * 1_000)
            time.sleep(0.005)
    yield Metric("sync.live_p50_ms", median(times), "ms")
    yield Metric("sync.live_p99_ms", percentile(times, 0.99), "ms")


def _cooking(db: object, order_id: str) -> bool:
    order = TxSource(db, whole=False).rows(Order, [order_id]).get(order_id)  # type: ignore[arg-type]
    return order is not None and order.state == "cooking"
