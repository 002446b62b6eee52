"""The background of a console: carries out what the conversation decides, moves bytes,
tells the screens what changed."""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from core.store.open import Store, StoreTrouble
from sync.client import conversation, leases, notices, seen, tidy
from sync.client.conversation import EVERY_TABLE
from sync.client.lock import SyncLock
from sync.client.seen import SeenBy
from sync.client.talk import CHANCE_BYTES, Ask, Listen, Rest, Sign, Talk, Told, failed
from sync.noticed import Noticed
from sync.patience import CONSOLE_TELL_MS, STOP_MS, WATCH_MS
from sync.ports import Answer, Chance, Clock, Link, LinkDown, Stream

QUESTIONS = 8  # of cards that wait to be asked; a card asks again
FRAMES_AHEAD = 64  # frames read but not yet applied; then the server waits
TIDY_MS = 60_000  # how often the store is looked after
LEASE_MS = 1_000  # how often it is asked whether what is lent here still is
LOG_COMMITS = 8  # in a log that is moved into its file when there is nothing to say: few pages, a short while
ERRORS = {"dusangire.loop": "sync_trouble", "dusangire.screen": "screen_stumbled"}
SEEN = ("seen",)  # no table: a card asks again
OnChange = Callable[[tuple[str, ...]], None]
bugs = logging.getLogger("dusangire.loop")


@dataclass(frozen=True, slots=True)
class _Came:
    """What a stream brought: a frame, or None at its end. `stream` tells which one: an older one's are dropped."""

    stream: int
    frame: bytes | None


class Loop:
    """Runs in one thread of its own, and reads the live stream in another.
    Any number of processes may run one a store."""

    def __init__(
        self,
        store: Store,
        link: Link,
        clock: Clock,
        chance: Chance,
        sign: Sign,
        *,
        lock_file: Path,
        on_change: OnChange,
    ) -> None:
        self._store, self._link, self._clock, self._chance, self._sign = store, link, clock, chance, sign
        self._lock = SyncLock(lock_file)
        self._on_change = on_change
        self._came: queue.Queue[_Came] = queue.Queue(FRAMES_AHEAD)
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._stream: Stream | None = None
        self._streams = 0
        self._version = 0
        self._tidy_due = 0
        self._lease_due = 0
        self._tell_due = 0
        self._untold = True  # what an earlier process could not tell any more
        self.noticed = Noticed(ERRORS)
        self._thread = threading.Thread(target=self._run, name="dusangire-sync", daemon=True)
        self.talk = Talk()  # replaced whole: other threads may read it
        self.seen: dict[str, SeenBy] = {}  # patient -> what the server last said; other threads may read it
        self._wanted: queue.Queue[str] = queue.Queue(QUESTIONS)

    def start(self) -> None:
        self.noticed.open()
        self._thread.start()

    def stop(self) -> bool:
        """Wakes both threads and waits for them; whether they have ended. The store may be closed after that."""
        self._stopping.set()
        self._wake.set()
        self._close_stream()
        self._link.close()
        self._thread.join(STOP_MS / 1_000)
        self.noticed.close()
        ended = not self._thread.is_alive()
        if ended:
            with contextlib.suppress(StoreTrouble):  # no room: what it is about
                notices.keep(self._store, self.noticed.take())
        return ended

    def nudge(self) -> None:
        """Something waits to be sent."""
        self._wake.set()

    def look_for(self, stay_id: str) -> None:
        """Who has taken over what this patient may eat? The answer comes into `seen` while the link is up."""
        with contextlib.suppress(queue.Full):
            self._wanted.put_nowait(stay_id)
            self._wake.set()

    @property
    def talks(self) -> bool:
        """Whether this process is the one that talks for the store."""
        return self._lock.held

    # -- the thread ---------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            self._version = self._store.foreign_version()
            while not self._stopping.is_set():
                self._turn_safely()
        finally:
            self._close_stream()
            self._lock.free()

    def _turn_safely(self) -> None:
        """A bug in one step must not end the sync of this console for good: wait, and try again."""
        try:
            self._look_for_others()
            if self._lock.take():
                self._turn()
            else:
                self._rest(WATCH_MS / 1_000)
            with contextlib.suppress(LinkDown):
                self._answer_cards()
                self._tell_troubles()
        except Exception:
            if self._stopping.is_set():
                return
            bugs.exception("the sync loop stumbled")
            self._close_stream()  # whatever it said last was not taken in: the next stream begins at the cursor
            over = replace(self.talk, listening=False)
            self.talk = failed(over, self._clock.now(), self._chance.bytes(CHANCE_BYTES), trouble="sync_trouble")
            self._rest(WATCH_MS / 1_000)

    def _turn(self) -> None:
        while self._take_frame():
            pass
        if self._stream is not None and not self.talk.listening:
            self._close_stream()
        if self._clock.now().mono >= self._lease_due:
            self._lease_due = self._clock.now().mono + LEASE_MS
            if leases.keep(self._store, self._clock.now()):
                self._on_change(EVERY_TABLE)
        step = conversation.next_step(self._store, self.talk, self._clock.now(), self._sign)
        if isinstance(step, Ask):
            self._ask(step)
        elif isinstance(step, Listen):
            self._listen(step)
        else:
            self._tidy_up()
            self._rest_until(step)

    def _tidy_up(self) -> None:
        """One short turn of housekeeping while there is nothing to say."""
        if self._store.unmoved >= LOG_COMMITS:
            self._store.move_log()
        moment = self._clock.now()
        if moment.mono >= self._tidy_due and not tidy.turn(self._store, moment):
            self._tidy_due = moment.mono + TIDY_MS

    def _answer_cards(self) -> None:
        """Between two steps, while the server is there: nobody waits for a line that is down."""
        wanted: dict[str, None] = {}
        with contextlib.suppress(queue.Empty):
            while True:
                wanted[self._wanted.get_nowait()] = None
        for stay_id in wanted if self._is_linked() else ():
            asked = seen.question(self._store, self._clock.now(), self._sign, stay_id)
            if asked is not None:
                answer = self._link.ask("GET", asked[0], b"", asked[1])
                if seen.take(self.seen, stay_id, answer):
                    self._on_change(SEEN)

    def _tell_troubles(self) -> None:
        """What went wrong here is written down first, then told with the next contact, not more often than it needs."""
        moment = self._clock.now()
        taken = self.noticed.take() if moment.mono >= self._tell_due else ()
        if taken:
            self._tell_due = moment.mono + CONSOLE_TELL_MS
            self._untold = True
            try:
                notices.keep(self._store, taken)
            except StoreTrouble:  # no room, which is what it is about: later
                return self.noticed.give_back(taken)
        if self._untold and self._is_linked():
            untold = notices.untold(self._store)
            asked = notices.question(self._store, moment, self._sign, untold) if untold else None
            answer = self._link.ask("POST", notices.PATH, *asked) if asked is not None else None
            self._untold = False
            if answer is not None and not notices.taken(self._store, untold, answer):
                self._tell_due = moment.mono + CONSOLE_TELL_MS
        return None

    def _is_linked(self) -> bool:
        """Another process that talks for the store has its own line; this one is tried all the same."""
        return not self._lock.held or (self.talk.heard is not None and not self.talk.failures)

    def _ask(self, ask: Ask) -> None:
        try:
            answer = self._link.ask(ask.method, ask.path, ask.body, ask.headers)
        except LinkDown:
            self.talk = conversation.unanswered(self.talk, self._clock.now(), self._chance.bytes(CHANCE_BYTES), ask)
            return
        chance = self._chance.bytes(CHANCE_BYTES)
        self._told(conversation.answered(self._store, self.talk, self._clock.now(), chance, ask, answer))

    def _listen(self, listen: Listen) -> None:
        self._close_stream()
        try:
            stream = self._link.listen(listen.path, listen.headers)
        except LinkDown:
            self.talk = conversation.stream_ended(self.talk, self._clock.now(), self._chance.bytes(CHANCE_BYTES))
            return
        if isinstance(stream, Answer):
            self.talk = conversation.stream_refused(self.talk, self._clock.now(), self._chance.bytes(CHANCE_BYTES))
            return
        self._streams += 1
        self._stream = stream
        self.talk = conversation.listening(self.talk, self._clock.now())
        reader = threading.Thread(target=self._read, args=(stream, self._streams), name="dusangire-live", daemon=True)
        reader.start()

    def _take_frame(self) -> bool:
        try:
            came = self._came.get_nowait()
        except queue.Empty:
            return False
        if came.stream != self._streams or self._stream is None:
            return True
        moment, chance = self._clock.now(), self._chance.bytes(CHANCE_BYTES)
        if came.frame is None:
            self._stream = None
            self.talk = conversation.stream_ended(self.talk, moment, chance)
        else:
            self._told(conversation.frame(self._store, self.talk, moment, chance, came.frame))
        return True

    def _told(self, told: Told) -> None:
        if told.talk.failures > self.talk.failures and told.talk.trouble not in notices.EVERYDAY:
            self.noticed.note(told.talk.trouble, "", self._clock.now().wall)
        self.talk = told.talk
        if told.tables:
            self._on_change(tuple(dict.fromkeys(told.tables)))

    def _rest_until(self, rest: Rest) -> None:
        wait = max(0, rest.until - self._clock.now().mono) / 1_000
        self._rest(min(wait, WATCH_MS / 1_000))

    def _rest(self, seconds: float) -> None:
        self._wake.wait(seconds)
        self._wake.clear()

    def _look_for_others(self) -> None:
        version = self._store.foreign_version()
        if version != self._version:
            self._version = version
            self._on_change(EVERY_TABLE)

    # -- the live stream ----------------------------------------------------------------------------------------------

    def _read(self, stream: Stream, number: int) -> None:
        """In a thread of its own: the stream's frames, at most FRAMES_AHEAD of them."""
        with contextlib.suppress(LinkDown):
            for frame in stream.frames():
                if not self._put(_Came(number, frame)):
                    return
        self._put(_Came(number, None))

    def _put(self, came: _Came) -> bool:
        while not self._stopping.is_set() and came.stream == self._streams:
            try:
                self._came.put(came, timeout=WATCH_MS / 1_000)
            except queue.Full:
                continue
            self._wake.set()
            return True
        return False

    def _close_stream(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()
