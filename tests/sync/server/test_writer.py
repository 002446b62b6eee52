"""In which sequence those who wait at one door are served, and what goes on beside the turns."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import pytest
from sqlalchemy import Connection

from core.kernel.values import Origin
from core.store.open import Store
from sync.protocol import TURN_OPS
from sync.server.metrics import Metrics
from sync.server.perform import Submission
from sync.server.writer import LOG_TURNS, Lane, Writer


def acts(device: str, count: int) -> Sequence[Submission]:
    return [Submission(bytes([number % 256]) * 16, "kind", b"", "", Origin.DEVICE, device) for number in range(count)]


def served(writer: Writer) -> list[tuple[str, int]]:
    """The next turn: who, and how many of their acts."""
    _, parts = writer._next_turn()
    return [(part[0].origin_ref, len(part)) for _, part in parts]


def waiting(store: Store) -> Writer:
    """Nothing is judged: the thread is not started."""
    return Writer(store, lambda: 0, Metrics(), lambda number: None)


def test_what_was_begun_is_finished_before_the_next_console_s_queue(store: Store) -> None:
    writer = waiting(store)
    writer.ask(acts("first", TURN_OPS * 2), Lane.DEVICE)
    writer.ask(acts("second", TURN_OPS * 2), Lane.DEVICE)

    turns = [served(writer) for _ in range(4)]

    assert turns == [[("first", TURN_OPS)]] * 2 + [[("second", TURN_OPS)]] * 2


def test_a_press_goes_before_the_queues_of_consoles_that_come_back_and_behind_other_presses(store: Store) -> None:
    writer = waiting(store)
    writer.ask(acts("back again", TURN_OPS * 3), Lane.DEVICE)
    assert served(writer) == [("back again", TURN_OPS)]
    writer.ask(acts("a press", 1), Lane.DEVICE)
    writer.ask(acts("another", 2), Lane.DEVICE)

    assert served(writer) == [("a press", 1), ("another", 2), ("back again", TURN_OPS - 3)]


def test_a_patient_waits_for_one_turn_of_the_queues_and_no_longer(store: Store) -> None:
    writer = waiting(store)
    writer.ask(acts("back again", TURN_OPS * 3), Lane.DEVICE)
    writer.ask(acts("first", 1), Lane.PAGE)
    assert served(writer) == [("first", 1)]
    writer.ask(acts("second", 1), Lane.PAGE)

    assert [served(writer), served(writer)] == [[("back again", TURN_OPS)], [("second", 1)]]


def test_what_turns_have_written_is_moved_into_the_file_by_another_thread_than_theirs(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved_by: list[str] = []
    moved = threading.Event()
    move = store.move_log

    def noted() -> None:
        moved_by.append(threading.current_thread().name)
        move()
        moved.set()

    monkeypatch.setattr(store, "move_log", noted)
    writer = waiting(store)
    writer.start()
    for _ in range(LOG_TURNS):
        written = threading.Event()
        writer.note(_chore(written))
        assert written.wait(10)
    assert moved.wait(10)
    writer.stop()
    assert (moved_by[0], writer._log_thread.is_alive()) == ("log", False)


def _chore(written: threading.Event) -> Callable[[Connection], None]:
    def chore(_: Connection) -> None:
        written.set()

    return chore
