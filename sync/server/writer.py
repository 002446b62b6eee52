"""The writer: one thread that turns what devices, pages, time and the command line want into turns of the log.

Doors take turns: a device with ten thousand acts waits, a patient does not. Within a door a few acts go before many,
and what was begun is finished: a hundred consoles that come back at once hear one after the other, not all at the end.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, InvalidStateError
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar, cast

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from core.store.open import Store
from sync.protocol import TURN_MS, TURN_OPS, Outcome
from sync.server.metrics import Metrics
from sync.server.perform import Submission, perform_over

T = TypeVar("T")
MOST_WAITING = 20_000  # acts (or chores) of one door that may wait; then it is told to come back
SMALLEST_TURN = 4
LANES_STOP_SECONDS = 60.0
NOTE_SECONDS = 0.1  # what nobody waits for goes along with the next turn, and is not held back longer than this
NOTES_A_TURN = 64
LOG_TURNS = 16  # in a write-ahead log before it is moved into the database's file, beside the turns that follow
troubles = logging.getLogger("dusangire.writer")


class Lane(StrEnum):
    """The doors to the writer, in the order they take turns. Chores are writes that are no acts:
    sessions, heard-from."""

    PAGE = "page"
    CHORE = "chore"
    DEVICE = "device"
    DUE = "due"
    CLI = "cli"


class Busy(Exception):  # noqa: N818 - a state of the house, not an error
    """Too much waits at this door, or the server is closing: nothing was taken in, ask again."""


Beside = Callable[[Connection, Sequence[Outcome | None]], Any]  # written in one transaction with the acts it is about


@dataclass(slots=True, eq=False)
class _Job:
    """What one asker wants, and how far it has come."""

    submissions: Sequence[Submission]
    chore: Callable[[Connection], Any] | None
    future: Future[Any]
    beside: Beside | None = None
    outcomes: list[Outcome | None] = field(default_factory=list)
    taken: int = 0  # acts that are in a turn or done

    @property
    def left(self) -> int:
        return len(self.submissions) - self.taken if self.chore is None else 1


class Writer:
    """See the module. `ring` is told the number after each turn that advanced the log, in the writer's thread."""

    def __init__(self, store: Store, now: Callable[[], int], metrics: Metrics, ring: Callable[[int], None]) -> None:
        self._store = store
        self._now = now
        self._metrics = metrics
        self._ring = ring
        self._lanes: dict[Lane, deque[_Job]] = {lane: deque() for lane in Lane}
        self._waiting = dict.fromkeys(Lane, 0)
        self._notes: deque[Callable[[Connection], Any]] = deque()
        self._notes_due = 0.0
        self._turn_ops = TURN_OPS
        self._next_lane = 0
        self._something = threading.Condition()
        self._closing = False
        self._rung = 0
        self._log_grew = threading.Event()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._log_thread = threading.Thread(target=self._move_log, name="log", daemon=True)
        self.turns = 0
        self.max_turn_ms = 0.0

    def start(self) -> None:
        self._thread.start()
        if self._store.dialect == "sqlite":
            self._log_thread.start()

    def stop(self) -> None:
        """Takes nothing more in, finishes what waits, and ends the thread."""
        with self._something:
            self._closing = True
            self._something.notify()
        self._thread.join(LANES_STOP_SECONDS)
        self._log_grew.set()
        if self._log_thread.is_alive():
            self._log_thread.join(LANES_STOP_SECONDS)

    @property
    def is_running(self) -> bool:
        return self._thread.is_alive() and not self._closing

    # -- asking -----------------------------------------------------------------------------------------------------

    async def perform(
        self, submissions: Sequence[Submission], lane: Lane, beside: Beside | None = None
    ) -> list[Outcome | None]:
        """The outcomes, in order, once they are committed. Raises Busy; StoreTrouble when the disk is full.

        beside: what is to be written with the last of them, whatever became of them; the acts stand without it.
        """
        return await asyncio.wrap_future(self.ask(submissions, lane, beside))

    async def write(self, chore: Callable[[Connection], T]) -> T:
        """Runs a write that is no act (a session, a door try) in the writer's thread; its answer once committed."""
        job = _Job((), chore, Future())
        self._put(job, Lane.CHORE)
        return cast(T, await asyncio.wrap_future(job.future))

    def note(self, chore: Callable[[Connection], Any]) -> None:
        """A write that nobody waits for: it goes along with the next turn. More than may wait are let go."""
        with self._something:
            if not self._closing and len(self._notes) < MOST_WAITING:
                if not self._notes:
                    self._notes_due = time.monotonic() + NOTE_SECONDS
                self._notes.append(chore)
                self._something.notify()

    def ask(
        self, submissions: Sequence[Submission], lane: Lane, beside: Beside | None = None
    ) -> Future[list[Outcome | None]]:
        """The same for a caller without a loop."""
        job = _Job(submissions, None, Future(), beside)
        if submissions:
            self._put(job, lane)
        else:
            job.future.set_result([])
        return job.future

    def _put(self, job: _Job, lane: Lane) -> None:
        with self._something:
            if self._closing or self._waiting[lane] + job.left > MOST_WAITING:
                raise Busy
            _join(self._lanes[lane], job)
            self._waiting[lane] += job.left
            self._something.notify()

    # -- the thread -------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while True:
            with self._something:
                while not any(self._lanes.values()):
                    left = self._notes_due - time.monotonic() if self._notes else None
                    if self._closing and not self._notes:
                        return
                    if self._closing or (left is not None and left <= 0):
                        break
                    self._something.wait(left)
                lane, parts = self._next_turn() if any(self._lanes.values()) else (Lane.CHORE, [])
                notes = [self._notes.popleft() for _ in range(min(NOTES_A_TURN, len(self._notes)))]
            started = time.perf_counter()
            if lane is Lane.CHORE:
                self._do_chores([job for job, _ in parts], notes)
            else:
                self._do_turn(parts, notes)
            self._note(lane, parts, (time.perf_counter() - started) * 1_000)
            if self._store.unmoved >= LOG_TURNS:
                self._log_grew.set()

    def _move_log(self) -> None:
        """In a thread of its own: what turns have written goes into the database's file while the next ones write."""
        while True:
            self._log_grew.wait()
            self._log_grew.clear()
            if self._closing:
                return
            try:
                self._store.move_log()
            except Exception:  # the log grows on, and a turn moves it itself in the end
                troubles.warning("the log was not moved", exc_info=True)

    def _next_turn(self) -> tuple[Lane, list[tuple[_Job, Sequence[Submission]]]]:
        """The next door that has somebody waiting, and up to a turn of what it wants. Holds the lock."""
        order = list(Lane)
        lane = next(lane for lane in order[self._next_lane :] + order[: self._next_lane] if self._lanes[lane])
        self._next_lane = (order.index(lane) + 1) % len(order)
        queue, room, parts = self._lanes[lane], self._turn_ops, []
        while queue and room > 0:
            job = queue.popleft()
            part = job.submissions[job.taken : job.taken + room]
            job.taken += len(part)
            room -= len(part) or 1
            parts.append((job, part))
        for job, _ in parts:
            if job.chore is None and job.left:
                queue.appendleft(job)  # it was the last part of this turn, and goes on with the next
        self._waiting[lane] -= sum(len(part) or 1 for _, part in parts)
        return lane, parts

    def _do_turn(
        self, parts: list[tuple[_Job, Sequence[Submission]]], notes: Sequence[Callable[[Connection], Any]]
    ) -> None:
        submissions = [submission for _, part in parts for submission in part]
        try:
            with self._store.writing() as connection:
                outcomes = perform_over(connection, self._now(), submissions)
                for chore in (*_beside(parts, outcomes), *notes):
                    _try(connection, chore)
        except Exception as error:  # the askers are told; the turns behind this one go on
            troubles.exception("turn failed")
            for job, _ in parts:
                self._fail(job, error)
            return
        newest = max((outcome.commit_seq for outcome in outcomes if outcome), default=0)
        if newest > self._rung:
            self._rung = newest
            self._ring(newest)  # first: whoever pressed has it on the screen, everybody else waits for it
        place = 0
        for job, part in parts:
            job.outcomes.extend(outcomes[place : place + len(part)])
            place += len(part)
            if len(job.outcomes) == len(job.submissions):
                _settle(job.future, job.outcomes)
        for outcome in outcomes:
            self._metrics.acts.labels(outcome.outcome if outcome else "gap").inc()
        self._metrics.head.set(self._rung)

    def _do_chores(self, jobs: list[_Job], notes: Sequence[Callable[[Connection], Any]]) -> None:
        """All in one transaction, each in a savepoint of its own."""
        done: list[tuple[_Job, Any, Exception | None]] = []
        try:
            with self._store.writing() as connection:
                for job in jobs:
                    assert job.chore is not None
                    try:
                        with connection.begin_nested():
                            done.append((job, job.chore(connection), None))
                    except OperationalError:  # a full disk has taken the whole transaction with it
                        raise
                    except Exception as error:  # this asker is told; the others go on
                        done.append((job, None, error))
                for note in notes:
                    _try(connection, note)
        except Exception as error:
            done = [(job, None, error) for job in jobs]
        for job, answer, trouble in done:
            if trouble is None:
                _settle(job.future, answer)
            else:
                self._fail(job, trouble)

    def _fail(self, job: _Job, error: Exception) -> None:
        with self._something:
            for lane, queue in self._lanes.items():
                if job in queue:
                    queue.remove(job)
                    self._waiting[lane] -= job.left
        with contextlib.suppress(InvalidStateError):
            job.future.set_exception(error)

    def _note(self, lane: Lane, parts: list[tuple[_Job, Sequence[Submission]]], spent_ms: float) -> None:
        """Turns stay under TURN_MS: one that took longer makes the next ones smaller, until they fit again."""
        self.turns += 1
        self.max_turn_ms = max(self.max_turn_ms, spent_ms)
        self._metrics.turns.labels(lane.value).observe(spent_ms / 1_000)
        self._metrics.waiting.labels(lane.value).set(self._waiting[lane])
        if lane is Lane.CHORE:
            return
        acts = sum(len(part) for _, part in parts)
        if spent_ms > TURN_MS and acts > SMALLEST_TURN:
            self._turn_ops = max(SMALLEST_TURN, acts // 2)
        elif spent_ms < TURN_MS / 2 and acts >= self._turn_ops:
            self._turn_ops = min(TURN_OPS, self._turn_ops * 2)


def _join(queue: deque[_Job], job: _Job) -> None:
    """Behind the others; but a few acts, a person's press, go before the first that has more left than one turn."""
    if job.left > TURN_OPS:
        queue.append(job)
        return
    place = next((at for at, other in enumerate(queue) if other.left > TURN_OPS), len(queue))
    queue.insert(place, job)


def _beside(
    parts: list[tuple[_Job, Sequence[Submission]]], outcomes: Sequence[Outcome | None]
) -> Iterator[Callable[[Connection], Any]]:
    """What is written with these acts: of each asker whose last act is among them."""
    place = 0
    for job, part in parts:
        mine = outcomes[place : place + len(part)]
        place += len(part)
        if job.beside is not None and len(job.outcomes) + len(mine) == len(job.submissions):
            yield _with(job.beside, [*job.outcomes, *mine])


def _with(beside: Beside, outcomes: Sequence[Outcome | None]) -> Callable[[Connection], Any]:
    return lambda connection: beside(connection, outcomes)


def _try(connection: Connection, chore: Callable[[Connection], Any]) -> None:
    """In a savepoint of its own: what nobody waits for never undoes what somebody does."""
    try:
        with connection.begin_nested():
            chore(connection)
    except OperationalError:  # a full disk has taken the whole transaction with it
        raise
    except Exception:
        troubles.exception("a note was not written")


def _settle(future: Future[Any], answer: Any) -> None:
    with contextlib.suppress(InvalidStateError):  # an asker that went away has cancelled it
        future.set_result(answer)
