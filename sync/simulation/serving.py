"""One server process without threads or sockets: the real reception, the real judge and the real live streams.

Several over one store are several processes of one server. `serve` stops after each transaction, so that the others and
the faults come in between; `answer` runs to the end at once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Coroutine, Generator, Iterator
from typing import Any

from core.devices import keys
from core.store import log
from core.store.open import Store
from sync.ports import Answer, LinkDown
from sync.protocol import SNAPSHOT_BEHIND, TURN_OPS, Outcome
from sync.server import due, parked
from sync.server.listener import Message
from sync.server.live import DeviceListener, Live
from sync.server.metrics import Metrics
from sync.server.perform import Submission, perform
from sync.server.reception import Asked, Listening, Reception, Work
from sync.simulation.lacks import Lack, lacking
from sync.wire import FrameReader, encode, frame

Serving = Generator[None, None, Answer]


class ServerProcess:
    """See the module. `between_turns`: called by `answer` after each transaction. `turn_ops`: acts in one turn."""

    def __init__(
        self,
        store: Store,
        now: Callable[[], int],
        *,
        between_turns: Callable[[], None] = lambda: None,
        verify: Callable[[bytes, bytes, bytes], bool] = keys.verify,
        turn_ops: int = TURN_OPS,
        metrics: Metrics | None = None,
        snapshot_behind: int = SNAPSHOT_BEHIND,
        lack: Lack | None = None,
    ) -> None:
        self.store, self._now, self._between_turns, self._turn_ops = store, now, between_turns, turn_ops
        self.lack = lack
        self.reception = Reception(store, now, verify, snapshot_behind=snapshot_behind)
        self._live = Live(store, now, metrics or Metrics())
        with store.reading() as connection:
            self._live.seq = log.read_head(connection).seq if log.is_created(connection) else 0

    # -- requests ---------------------------------------------------------------------------------------------------

    def answer(self, asked: Asked) -> Answer:
        """The whole answer to one request. Raises StoreTrouble like the real thing."""
        serving = self.serve(asked)
        while True:
            try:
                next(serving)
            except StopIteration as done:
                answer: Answer = done.value
                return answer
            self._between_turns()

    def serve(self, asked: Asked) -> Serving:
        """The same, one transaction at a time."""
        said = self.reception.receive(asked)
        answer = said.answer
        while isinstance(answer, Work):
            outcomes = yield from self.work(answer.submissions)
            if answer.chore is not None:
                with self.store.writing() as connection:
                    answer.chore(connection)
                yield
            answer = answer.then(outcomes)
        if said.aside is not None:
            with self.store.writing() as connection:
                said.aside(connection)
        return answer

    def work(
        self, submissions: list[Submission] | tuple[Submission, ...] | Any
    ) -> Generator[None, None, list[Outcome | None]]:
        """Acts, judged turn by turn."""
        outcomes: list[Outcome | None] = []
        for start in range(0, len(submissions), self._turn_ops):
            with lacking(self.lack):
                outcomes += perform(self.store, self._now(), submissions[start : start + self._turn_ops])
            yield
        return outcomes

    def judge_again(self) -> Generator[None, None, int]:
        """What could not be judged, once more: as a server does when it starts, and when somebody asks for it."""
        yield
        with lacking(self.lack):
            return len(parked.judge_again(self.store, self._now()))

    def fallen(self) -> list[Submission]:
        """What time itself wants now."""
        return due.fallen(self.store, self._now())

    # -- live streams -----------------------------------------------------------------------------------------------

    def listen(self, asked: Asked) -> VirtualStream | Answer:
        """A stream that says what the log said, or the answer that refuses it."""
        found = self.reception.listen(asked)
        if isinstance(found, Answer):
            return found
        stream = VirtualStream(found)
        if found.told is not None:
            stream.bytes += frame(encode(found.told))
            stream.is_over = True
        else:
            _run(self._live.join_device(stream.listener))
        return stream

    def ring(self, most_batches: int = 1_000) -> None:
        """The doorbell: everybody who listens is told how the log has grown."""
        with self.store.reading() as connection:
            newest = log.read_head(connection).seq
        while self._live.seq < newest and most_batches > 0:
            batch = self._live.read(self._live.seq, newest)
            self._live.seq = batch.until
            self._live.tell(batch)
            most_batches -= 1

    def heartbeat(self) -> None:
        _run(self._live.heartbeat())

    def leave(self, stream: VirtualStream) -> None:
        """The client has gone."""
        stream.is_over = True
        stream.listener.is_cut = True
        self._live.leave(stream.listener)


class VirtualListener(DeviceListener):
    """A console's stream without a task: its client always reads at once."""

    def __init__(self, stream: VirtualStream, listening: Listening) -> None:
        self._send = stream.send
        self._task = None
        self._backlog = deque()
        self._behind = 0
        self._drain = None
        self.is_cut = False
        self.incarnation = ""  # nobody asks here who is in contact
        self.reader = listening.reader
        self.told = listening.cursor


class VirtualStream:
    """The virtual twin of a stream: its bytes wait here until somebody takes them."""

    def __init__(self, listening: Listening) -> None:
        self.bytes = bytearray()
        self.is_over = False
        self.is_broken = False
        self.is_told = False  # its client knows that it has ended
        self.listener = VirtualListener(self, listening)
        self._reader = FrameReader()

    async def send(self, message: Message) -> None:
        self.bytes += message.get("body", b"")
        if not message.get("more_body", False):
            self.is_over = True

    def take(self) -> list[bytes]:
        """The frames that have come since the last time."""
        came, self.bytes = bytes(self.bytes), bytearray()
        return self._reader.feed(came)

    def waiting(self) -> list[bytes]:
        """What will be taken, heartbeats apart."""
        return [one for one in FrameReader().feed(bytes(self.bytes)) if one]

    def frames(self) -> Iterator[bytes]:
        yield from self.take()
        if self.is_broken or not self.is_over:
            raise LinkDown("silent")

    def close(self) -> None:
        self.is_over = True


def _run(steps: Coroutine[Any, Any, None]) -> None:
    """A coroutine that waits for nothing: over SQLite the live streams never do."""
    try:
        steps.send(None)
    except StopIteration:
        return
    steps.close()
    raise AssertionError("it waited")
