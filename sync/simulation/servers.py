"""The hospital's two server processes over one database: what reaches them, how they die, and how they come back."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from core.store import horizon, restore
from core.store.open import StoreTrouble
from sync.ports import Answer
from sync.protocol import TURN_OPS, Outcome
from sync.server.metrics import Metrics
from sync.server.perform import Submission
from sync.server.reception import Asked
from sync.simulation.chance import SeededChance
from sync.simulation.disk import Crash, VirtualStore
from sync.simulation.hospital import EPOCH
from sync.simulation.journal import Broken, Journal
from sync.simulation.lacks import Lack
from sync.simulation.serving import ServerProcess, VirtualStream
from sync.simulation.signatures import verify

T = TypeVar("T")
PROCESSES = 2
METRICS = Metrics()  # one set for all days: making one costs more than a request
RING_MS = (20, 1_500)  # some streams hear of several acts at once
HEARTBEAT_MS = 15_000
DUE_MS = 60_000
AGAIN_MS = 2_000
MOST_TRIES = 5


class Around(Protocol):
    """What servers need of the world around them."""

    journal: Journal
    dice: SeededChance

    @property
    def now(self) -> int: ...

    def after(self, ms: int, do: Callable[[], None]) -> None: ...

    def committed(self) -> bool: ...

    def sent(self, number: int, asked: Asked, answer: Answer) -> None: ...

    def streams_of(self, number: int, *, gone: bool) -> None: ...


@dataclass(slots=True)
class _Running:
    """One request or act on its way through a process, stopped between two transactions."""

    number: int
    life: int
    steps: Generator[None, None, Any]
    done: Callable[[Any], None]
    is_taken: bool = False


class Servers:
    """See the module."""

    def __init__(self, world: Around, store: VirtualStore, snapshot_behind: int, log_kept_ms: int) -> None:
        self.world, self.store, self._behind, self._log_kept_ms = world, store, snapshot_behind, log_kept_ms
        self.processes: list[ServerProcess | None] = [None] * PROCESSES
        self.lives = [0] * PROCESSES
        self.epochs = 1
        self.epoch = EPOCH
        self.backup: tuple[int, bytes] | None = None
        self._rings: dict[int, bool] = {}
        self._paused = [0] * PROCESSES  # until when a process stands still
        self.lacks: list[Lack | None] = [None] * PROCESSES
        self._running: list[_Running] = []
        self._current = -1
        self.is_watched = False  # somebody outside reads: nobody is let in between
        store.pause = self._let_others_in
        for number in range(PROCESSES):
            self.start(number)
            world.after(HEARTBEAT_MS + number * 1_000, lambda number=number: self._beat(number))  # type: ignore[misc]  # bound now
            world.after(DUE_MS + number * 500, lambda number=number: self._time(number))  # type: ignore[misc]  # bound now

    def start(self, number: int) -> None:
        skew = (number + 1) * 37
        turn_ops = self.world.dice.one_of((1, 3, 16, TURN_OPS))
        self.processes[number] = ServerProcess(
            self.store,
            lambda: self.world.now + skew,
            verify=verify,
            turn_ops=turn_ops,
            metrics=METRICS,
            snapshot_behind=self._behind,
            lack=self.lacks[number],
        )
        self._try_again(number)

    # -- what they cannot judge ---------------------------------------------------------------------------------------

    def lack(self, number: int, lack: Lack) -> None:
        """From now on this process cannot judge these."""
        self.world.journal.tell(f"server {number}", str(lack))
        self.lacks[number] = lack
        process = self.processes[number]
        if process is not None:
            process.lack = lack

    def mend(self, number: int, down_ms: int) -> None:
        """A newer version is started in place of a process that lacked something."""
        if self.lacks[number] is not None:
            self.world.journal.tell(f"server {number}", "is mended")
            self.lacks[number] = None
            self.crash(number, down_ms)

    def judge_again(self) -> None:
        """Somebody has it tried, at any process."""
        if self._any_parked() and (number := self.any_up()) >= 0:
            self._try_again(number)

    def _try_again(self, number: int) -> None:
        process = self.processes[number]
        if process is None or not self._any_parked():
            return
        self.world.journal.tell(f"server {number}", "judges again what was parked")
        self._run(_Running(number, self.lives[number], process.judge_again(), self._judged_again))

    def _any_parked(self) -> bool:
        return bool(self.store.look("SELECT 1 FROM op WHERE outcome = 'parked' LIMIT 1"))

    def _judged_again(self, told: Any) -> None:
        if isinstance(told, int):
            self.world.journal.count("judged again")

    def pause(self, number: int, until: int) -> None:
        """The process stands still and goes on where it was: what was asked meanwhile is answered then."""
        self._paused[number] = max(self._paused[number], until)

    def _waits(self, number: int, then: Callable[[], None]) -> bool:
        """Whether a process stands still now; what it would do comes later."""
        left = self._paused[number] - self.world.now
        if left > 0:
            self.world.after(left, then)
        return left > 0

    def any_up(self) -> int:
        """A process that takes requests, -1 when none does."""
        up = [number for number, process in enumerate(self.processes) if process is not None]
        return self.world.dice.one_of(up) if up else -1

    # -- what reaches them ------------------------------------------------------------------------------------------

    def ask(self, asked: Asked, reply: Callable[[Answer | None], None]) -> None:
        """reply(None): the connection broke."""
        number = self.any_up()
        process = self.processes[number] if number >= 0 else None
        if process is None:
            self.world.after(20, lambda: reply(None))
            return

        def told(answer: Answer | None) -> None:
            if answer is not None:
                self.world.sent(number, asked, answer)
            reply(answer)

        self._run(_Running(number, self.lives[number], process.serve(asked), told))

    def submit(self, submissions: Sequence[Submission], done: Callable[[list[Outcome | None] | None], None]) -> None:
        """Acts of pages, of time and of the command line. done(None): nobody knows what became of them."""
        number = self.any_up()
        process = self.processes[number] if number >= 0 else None
        if process is None:
            self.world.after(20, lambda: done(None))
            return

        def told(outcomes: Any) -> None:
            done(outcomes if isinstance(outcomes, list) else None)

        self._run(_Running(number, self.lives[number], process.work(submissions), told))

    def listen(self, asked: Asked) -> tuple[int, VirtualStream | Answer | None]:
        """Which process took it, and what came of it."""
        number = self.any_up()
        process = self.processes[number] if number >= 0 else None
        if process is None or self._paused[number] > self.world.now:
            return -1, None
        before, self._current = self._current, number
        try:
            return number, process.listen(asked)
        except Crash:
            self.crash(number)
            return -1, None
        finally:
            self._current = before

    def _run(self, running: _Running) -> None:
        """One step; the next one a little later, when others may have had theirs."""
        if self.lives[running.number] != running.life:
            running.done(None)
            return
        if self._waits(running.number, lambda: self._run(running)):
            return
        before, self._current = self._current, running.number
        try:
            next(running.steps)
        except StopIteration as ended:
            running.done(ended.value)
        except StoreTrouble as trouble:
            self.world.journal.count(f"server: {trouble.code}")
            running.done(Answer(503, {"retry-after": "2"}))
        except Crash:
            self.crash(running.number)
            running.done(None)
        except Broken:
            raise
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            raise Broken("shell", f"a server stumbled: {error!r} in {where.filename}:{where.lineno}") from error
        else:
            self._running.append(running)
            self.world.after(self.world.dice.between(1, 60), lambda: self._go_on(running))
        finally:
            self._current = before
            self._note_growth(running.number)

    def _go_on(self, running: _Running) -> None:
        if not running.is_taken:
            running.is_taken = True
            self._running.remove(running)
            self._run(_Running(running.number, running.life, running.steps, running.done))

    def _let_others_in(self) -> None:
        """Between two transactions of one process the other one may have a turn of its own."""
        if self.is_watched or self._current < 0 or not self._running or not self.world.dice.happens(0.2):
            return
        for running in self._running:
            if running.number != self._current:
                self._go_on(running)
                return

    def _note_growth(self, number: int) -> None:
        if not self.world.committed():
            return
        for other in range(PROCESSES):
            if not self._rings.get(other):
                self._rings[other] = True
                wait = self.world.dice.between(RING_MS[0], RING_MS[1] // 3 if other == number else RING_MS[1])
                self.world.after(wait, lambda other=other: self._ring(other))  # type: ignore[misc]  # bound now

    def do(self, step: Callable[[], T]) -> T | None:
        """Something done at once, by whoever runs the servers; None when the disk is full."""
        try:
            return step()
        except StoreTrouble as trouble:
            self.world.journal.count(f"server: {trouble.code}")
            return None
        finally:
            self._note_growth(-1)

    # -- what they do by themselves ---------------------------------------------------------------------------------

    def _ring(self, number: int) -> None:
        if self._waits(number, lambda: self._ring(number)):
            return
        self._rings[number] = False
        process = self.processes[number]
        if process is not None:
            process.ring()
            self.world.streams_of(number, gone=False)

    def _beat(self, number: int) -> None:
        if self._waits(number, lambda: self._beat(number)):
            return
        process = self.processes[number]
        if process is not None:
            process.heartbeat()
            self.world.streams_of(number, gone=False)
        self.world.after(HEARTBEAT_MS, lambda: self._beat(number))

    def _time(self, number: int) -> None:
        if self._waits(number, lambda: self._time(number)):
            return
        process = self.processes[number]
        if process is not None:
            try:
                fallen = process.fallen()
            except Crash:
                self.crash(number)
                fallen = []
            if fallen:
                self.world.journal.count("fell due")
                self._run(_Running(number, self.lives[number], process.work(fallen), lambda _: None))
            self._forget(number)
        self.world.after(DUE_MS, lambda: self._time(number))

    def _forget(self, number: int) -> None:
        """What everybody has heard long ago leaves the log, but for the newest word on each row."""
        try:
            with self.store.writing() as connection:
                more = horizon.turn(connection, self.world.now - self._log_kept_ms)
        except StoreTrouble as trouble:
            self.world.journal.count(f"server: {trouble.code}")
        except Crash:
            self.crash(number)
        else:
            self.world.journal.count("the log forgot" if more else "the log had nothing to forget")

    # -- their lives --------------------------------------------------------------------------------------------------

    def crash(self, number: int, down_ms: int = 4_000) -> None:
        """The process's memory is gone; the database stays as the last commit left it."""
        if self.processes[number] is None:
            return
        self.world.journal.tell(f"server {number}", "dies")
        self.processes[number] = None
        self.lives[number] += 1
        self.world.streams_of(number, gone=True)
        life = self.lives[number]

        def again() -> None:
            if self.lives[number] == life and self.processes[number] is None:
                self.world.journal.tell(f"server {number}", "is back")
                self.start(number)

        self.world.after(down_ms, again)

    def spare(self) -> None:
        """Nothing goes wrong any more."""
        self.store.spare()
        self.store.set_full(is_full=False)
        self._paused = [0] * PROCESSES
        for number in range(PROCESSES):
            was_mended, self.lacks[number] = self.lacks[number] is not None, None
            if was_mended or self.processes[number] is None:
                self.crash(number)
                self.lives[number] += 1
                self.start(number)
        self.judge_again()

    def back_up(self, seq: int) -> None:
        """A verified backup: consoles may forget what it holds."""
        self.backup = (seq, self.store.content())
        with self.store.writing() as connection:
            restore.note_durable(connection, seq)

    def restore(self) -> int:
        """The database is an older one from now on, in a new epoch. The number that it ends with."""
        assert self.backup is not None, "there is a backup"
        seq, content = self.backup
        for number in range(PROCESSES):
            self.crash(number)
        self.store.spare()
        self.store.overwrite(content)
        self.epochs += 1
        with self.store.writing() as connection:
            self.epoch = restore.begin_epoch(connection, f"epoch-{self.epochs}").epoch
        return seq
