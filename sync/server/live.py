"""What everybody who may know is told the moment it is true: the log's growth, encoded once for each set of readers.

One generator, two framings: length-prefixed `Changes` for consoles, Server-Sent Events for pages.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from core.store import log, visit
from core.store.open import Store
from sync.protocol import HEARTBEAT_MS, AudienceChange, Changes, Outcome
from sync.server import audience
from sync.server.changes import Reader, for_reader
from sync.server.listener import Listener, Send
from sync.server.metrics import Metrics
from sync.server.page_events import closed_stays, events, for_pages, is_silent, sse
from sync.wire import encode, frame

READ_NUMBERS = 128  # commit numbers read at once; the loop breathes between two
MOST_STREAMS = 5_000
REPLAY_NUMBERS = 500  # a page that is further behind is told to ask for everything
AUDIENCE_TABLES = frozenset({"device", "grant", "ward", "kitchen"})  # may change what a console may hold
HEARTBEAT = b"\0\0\0\0"
SSE_HEARTBEAT = b": still here\n\n"
troubles = logging.getLogger("dusangire.live")


class TooMany(Exception):  # noqa: N818 - a state of the house, not an error
    """No more live streams in this process: poll, or come back."""


class DeviceListener(Listener):
    """A console's stream. `told` is the cursor it has by the last frame."""

    def __init__(self, send: Send, reader: Reader, told: int, incarnation: str = "") -> None:
        super().__init__(send)
        self.reader = reader
        self.told = told
        self.incarnation = incarnation


class PageListener(Listener):
    """A patient's page: hears about one stay, and that the menu has changed."""

    def __init__(self, send: Send, stay_id: str, session: bytes) -> None:
        super().__init__(send)
        self.stay_id = stay_id
        self.session = session


@dataclass(frozen=True, slots=True)
class Batch:
    """A piece of the log: what changed, what consoles are told of their acts, and where the log stands."""

    head: log.Head
    until: int
    rows: Sequence[Any]
    told: dict[str, tuple[Outcome, ...]]  # by device


class Live:
    """See the module. Lives in the loop's thread; only `read` may run in another."""

    def __init__(self, store: Store, now: Callable[[], int], metrics: Metrics) -> None:
        self._store = store
        self._now = now
        self._metrics = metrics
        self._devices: dict[frozenset[str], dict[DeviceListener, None]] = {}
        self._pages: dict[str, dict[PageListener, None]] = {}
        self._wanted = 0
        self._pump: asyncio.Task[None] | None = None
        self._beat: asyncio.Task[None] | None = None
        self._closed = False
        self._silent: frozenset[str] = frozenset()
        self.seq = 0
        self.still_signed_in: Callable[[list[bytes]], set[bytes]] = set

    def start(self) -> None:
        with self._store.reading() as connection:
            self.seq = self._wanted = log.read_head(connection).seq
        self._beat = asyncio.get_running_loop().create_task(self._heartbeats())

    async def close(self) -> None:
        """Ends every stream properly: its client comes back to whoever serves next."""
        self._closed = True
        for task in (self._beat, self._pump):
            if task is not None:
                task.cancel()
        for listener in self._all():
            listener.end()
        await asyncio.sleep(0)

    # -- joining ----------------------------------------------------------------------------------------------------

    async def join_device(self, listener: DeviceListener) -> None:
        """Brings the stream to where the log stands, then keeps it there."""
        self._admit()
        while listener.told < self.seq and not listener.is_cut:
            batch = await self._read(listener.told, self.seq)
            self._tell_device(listener, batch, _for_group(batch, listener.reader.audiences))
        self._devices.setdefault(listener.reader.audiences, {})[listener] = None
        self._metrics.listeners.labels("device").inc()

    async def join_page(self, listener: PageListener, since: int) -> None:
        self._admit()
        if since > self.seq:
            await self._reach_head()
        if since > self.seq or self.seq - since > REPLAY_NUMBERS:
            listener.give(sse(self.seq, {"tables": ["*"]}))
            since = self.seq
        while since < self.seq and not listener.is_cut:
            batch = await self._read(since, self.seq)
            listener.give(events(batch.until, *for_pages(batch.rows), listener.stay_id))
            since = batch.until
        self._pages.setdefault(listener.stay_id, {})[listener] = None
        self._metrics.listeners.labels("page").inc()

    async def _reach_head(self) -> None:
        """A page may have been shown by another process, or from newer rows than this one has heard of."""
        with self._store.reading() as connection:
            head = log.read_head(connection)
        self.heard(head.seq)
        if self._pump is not None:
            await asyncio.wait([self._pump])

    def leave(self, listener: Listener) -> None:
        everybody: tuple[dict[Any, Any], ...] = (self._devices, self._pages)
        for groups in everybody:
            for key, group in list(groups.items()):
                if listener in group:
                    del group[listener]
                    self._metrics.listeners.labels("page" if groups is self._pages else "device").dec()
                    if not group:
                        del groups[key]

    def in_contact(self) -> list[tuple[str, int]]:
        """Consoles that read what they are sent: incarnation, and the cursor each has by now."""
        devices = [listener for group in self._devices.values() for listener in group]
        return [(one.incarnation, one.told) for one in devices if one.incarnation and one.reads]

    def tell_stay(self, stay_id: str, table: str) -> None:
        """The doorbell for what is not in the log, like a cart: that stay's pages of this process look again."""
        for listener in list(self._pages.get(stay_id, ())):
            self._give(listener, sse(0, {"tables": [table]}), "page")

    def cut_session(self, session: bytes) -> None:
        """Signed out: the streams of that session end now."""
        for listener in self._page_listeners():
            if listener.session == session:
                listener.end()

    def _admit(self) -> None:
        if self._closed or sum(1 for _ in self._all()) >= MOST_STREAMS:
            raise TooMany

    def _all(self) -> Iterable[Listener]:
        yield from [listener for group in self._devices.values() for listener in group]
        yield from self._page_listeners()

    def _page_listeners(self) -> list[PageListener]:
        return [listener for group in self._pages.values() for listener in group]

    # -- the generator ----------------------------------------------------------------------------------------------

    def heard(self, seq: int) -> None:
        """The doorbell: the log has grown to `seq`."""
        self._wanted = max(self._wanted, seq)
        if not self._devices and not self._pages:
            self.seq = self._wanted
        elif self._pump is None and not self._closed:
            self._pump = asyncio.get_running_loop().create_task(self._pumping())

    async def _pumping(self) -> None:
        try:
            while self.seq < self._wanted:
                batch = await self._read(self.seq, self._wanted)
                self.seq = batch.until
                self._tell_or_end(batch)
                await asyncio.sleep(0)
        except Exception:  # the database is away: the next ring, or heartbeat, reads the same again
            troubles.warning("cannot read the log", exc_info=True)
        finally:
            self._pump = None

    def _tell_or_end(self, batch: Batch) -> None:
        """Who was told and who was not is not known after an error: whoever goes on listening would go on behind a gap,
        so that everybody comes back, each with its own cursor."""
        try:
            self.tell(batch)
        except Exception:
            troubles.exception("a piece of the log was not told: every stream begins anew")
            for listener in list(self._all()):
                self.leave(listener)
                listener.end()

    async def _read(self, after: int, most: int) -> Batch:
        """A SQLite read of a few rows costs less than a hop into a thread; a network round trip does not."""
        if self._store.dialect == "sqlite":
            return self.read(after, most)
        return await asyncio.to_thread(self.read, after, most)

    def read(self, after: int, most: int) -> Batch:
        """The numbers after `after`, at most to `most`: what has been told to others already, or shall be now."""
        with self._store.reading() as connection:
            head = log.read_head(connection)
            until = min(head.seq, most, after + READ_NUMBERS)
            rows = log.changes_between(connection, after, until)
            told: dict[str, list[Outcome]] = {}
            for o in log.all_outcomes_between(connection, after, until):
                outcome = Outcome(log.told_of(o), o.dseq, o.outcome, o.code, o.detail, o.commit_seq)
                told.setdefault(o.origin_ref, []).append(outcome)
        return Batch(head, until, rows, {device: tuple(outcomes) for device, outcomes in told.items()})

    def tell(self, batch: Batch) -> None:
        """Gives everybody who listens what this piece of the log means for them; last of all those whose own acts it
        holds, who have seen them."""
        own: list[tuple[DeviceListener, tuple[msgspec.Raw, ...]]] = []
        reach = any(row.table_name in AUDIENCE_TABLES for row in batch.rows)
        for audiences, group in list(self._devices.items()):
            if reach:
                self._check_audiences(list(group), batch)
            changes = _for_group(batch, audiences)
            shared = b""
            for listener in list(group):
                if listener.reader.device in batch.told:
                    own.append((listener, changes))
                elif changes:
                    shared = shared or self._frame(batch, changes)
                    self._give(listener, shared, "device")
                    listener.told = batch.until
        self._tell_pages(batch)
        for listener, changes in own:
            self._tell_device(listener, batch, changes)

    def _tell_device(self, listener: DeviceListener, batch: Batch, changes: tuple[msgspec.Raw, ...]) -> None:
        outcomes = batch.told.get(listener.reader.device, ())
        self._give(listener, self._frame(batch, changes, outcomes=outcomes), "device")
        listener.told = batch.until

    def _tell_pages(self, batch: Batch) -> None:
        if not self._pages:
            return
        common, by_stay = for_pages(batch.rows)
        for stay_id in closed_stays(batch.rows):
            for listener in list(self._pages.get(stay_id, ())):
                listener.end()
        if common:
            shared = sse(batch.until, {"tables": common})
            for stay_id, group in list(self._pages.items()):
                data = shared if stay_id not in by_stay else events(batch.until, common, by_stay, stay_id)
                for listener in list(group):
                    self._give(listener, data, "page")
            return
        for stay_id in by_stay:
            group = self._pages.get(stay_id, {})
            data = sse(batch.until, by_stay[stay_id]) if group else b""
            for listener in list(group):
                self._give(listener, data, "page")

    def _give(self, listener: Listener, data: bytes, framing: str) -> None:
        if listener.give(data):
            self._metrics.frames.labels(framing).inc()
        else:
            self._metrics.cut.inc()

    def _frame(
        self,
        batch: Batch,
        changes: tuple[Any, ...],
        *,
        outcomes: tuple[Outcome, ...] = (),
        audience_change: AudienceChange | None = None,
    ) -> bytes:
        at = max(self._now(), batch.head.at)
        return frame(
            encode(
                Changes(
                    epoch=batch.head.epoch,
                    changes=changes,
                    outcomes=outcomes,
                    next=batch.until,
                    head=batch.head.seq,
                    at=at,
                    rules_at=at,
                    audience_change=audience_change,
                    durable_seq=batch.head.durable_seq,
                )
            )
        )

    # -- what ends a stream -----------------------------------------------------------------------------------------

    def _check_audiences(self, listeners: list[DeviceListener], batch: Batch) -> None:
        """A console that may hold another set is told so and its stream ends: it comes back with that set."""
        if not listeners:
            return
        with self._store.reading() as connection:
            at = max(self._now(), batch.head.at)
            may = audience.of_devices(connection, [listener.reader.device for listener in listeners], at)
        for listener in listeners:
            wanted = may[listener.reader.device]
            if frozenset(wanted) != listener.reader.audiences:
                self._send_away(listener, batch, wanted)

    def _send_away(self, listener: DeviceListener, batch: Batch, wanted: tuple[str, ...]) -> None:
        still = Batch(batch.head, listener.told, (), {})  # its cursor stays: what it may hold begins there
        change = AudienceChange(audience.version_of(wanted), wanted)
        listener.give(self._frame(still, (), audience_change=change))
        self.leave(listener)
        listener.end()

    async def _heartbeats(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_MS / 1_000)
            if self.seq < self._wanted:  # it rang, and the database was away
                self.heard(self._wanted)
            try:
                await self.heartbeat()
            except Exception:
                troubles.warning("cannot read for the heartbeat", exc_info=True)

    async def heartbeat(self) -> None:
        """Says that we are here; a console that heard nothing for long gets its cursor moved instead."""
        devices = [listener for group in self._devices.values() for listener in group]
        with self._store.reading() as connection:
            head = log.read_head(connection)
        quiet = Batch(head, self.seq, (), {})
        self._check_audiences(devices, quiet)
        forward = self._frame(quiet, ())
        for listener in devices:
            if not listener.is_cut:
                self._give(listener, forward if listener.told < self.seq else HEARTBEAT, "device")
                listener.told = self.seq
        for page in self._page_listeners():
            self._give(page, SSE_HEARTBEAT, "page")

    async def look_after_pages(self) -> None:
        """Ends the pages of whoever is signed out, wherever; tells the others when a kitchen went out of contact."""
        pages = self._page_listeners()
        if not pages:
            return
        if self._store.dialect == "sqlite":
            signed_in, silent = self._ask_for_pages(pages)
        else:
            signed_in, silent = await asyncio.to_thread(self._ask_for_pages, pages)
        for page in pages:
            if page.session not in signed_in:
                page.end()
        if silent != self._silent:
            self._silent = silent
            for page in self._page_listeners():
                self._give(page, sse(0, {"tables": ["contact"]}), "page")

    def _ask_for_pages(self, pages: list[PageListener]) -> tuple[set[bytes], frozenset[str]]:
        signed_in = self.still_signed_in([listener.session for listener in pages])
        with self._store.reading() as connection:
            heard = visit.kitchens_heard_at(connection)
        return signed_in, frozenset(kitchen for kitchen, at in heard.items() if is_silent(at, self._now()))


def _for_group(batch: Batch, audiences: frozenset[str]) -> tuple[msgspec.Raw, ...]:
    """In the audience after: put. Only before: evict. The same rule as `changes.for_reader`, encoded once a row."""
    return tuple(msgspec.Raw(encode(change)) for change in for_reader(batch.rows, audiences))
