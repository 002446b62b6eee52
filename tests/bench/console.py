"""The kitchen's console: from a patient's order to its board, from a key to its frame, from nothing to its first frame,
and what it costs while nothing happens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any

from textual.pilot import Pilot

from consoles.kit.acting import Person
from consoles.kit.launch import console_on
from consoles.kit.testing import settled
from kitchen_tui.app import KitchenApp
from kitchen_tui.screens.board import BoardScreen
from tests.bench.frames import Drawn, Sink, press
from tests.bench.ground import COOK, Bench, hospital_with
from tests.bench.metric import Metric, median, percentile
from tests.bench.page import phone, place, put_in_cart
from tests.bench.terminal import Terminal

ORDERS, PATIENTS = 60, 20
WARM = 4  # orders more, before: the console finds its stream
STARTS = 7
PACE_SECONDS = 0.2  # patients do not order in bursts; a board that was just asked for waits a tenth of a second
IDLE_SECONDS, SETTLE_SECONDS = 10.0, 3.0
IDLE_ORDERS = 100
KEYS = ("right", "right", "down", "left", "left", "up")  # there and back, one tile each
ROUNDS = 5
SIZE = (80, 24)
CONSOLE = ("-m", "kitchen_tui")
HELLO = ("-m", "tests.bench.hello")
UNCUT = "KITCHEN"  # begins the console's first line


def measure() -> Iterator[Metric]:
    yield from _order_to_board()
    yield from _starts()
    for tickets in (500, 5_000):
        yield from _key_to_frame(tickets)


# -- a patient orders -------------------------------------------------------------------------------------------------


def _order_to_board() -> Iterator[Metric]:
    """From the form that places the order on its way to the frame of a console's own terminal that counts one more.
    All three are processes of their own."""
    with hospital_with(0, patients=PATIENTS, dishes=10) as bench:
        bench.hospital.enrol("kitchen")
        phones = [phone(bench, token) for token in bench.tokens]
        with _kitchen(bench) as board:
            board.wait_for("to cook 0 ")
            times, answers = [], []
            for count in range(ORDERS + WARM):
                one, token = phones[count % PATIENTS], bench.tokens[count % PATIENTS]
                put_in_cart(one, token)
                time.sleep(PACE_SECONDS)
                seen, began = len(board.words), time.perf_counter()
                place(one, token)
                answers.append((time.perf_counter() - began) * 1_000)
                times.append((board.wait_for(f"to cook {count + 1} ", after=seen) - began) * 1_000)
        for one in phones:
            one.close()
    times, answers = times[WARM:], answers[WARM:]
    yield Metric("order_to_board_p50_ms", median(times), "ms", {"answered_p50_ms": median(answers)})
    yield Metric("order_to_board_p99_ms", percentile(times, 0.99), "ms", {"answered_p99_ms": percentile(answers, 0.99)})


def _kitchen(bench: Bench) -> Terminal:
    return Terminal(CONSOLE, _as_installed(bench))


def _as_installed(bench: Bench) -> dict[str, str]:
    """With its bytecode, as every installed program, also where whoever measures lets none be written."""
    told = bench.hospital.environment_of("kitchen")
    told.pop("PYTHONDONTWRITEBYTECODE", None)
    return {**told, "PYTHONPYCACHEPREFIX": str(bench.hospital.folder / "bytecode")}


# -- from nothing -----------------------------------------------------------------------------------------------------


def _starts() -> Iterator[Metric]:
    """A hundred open orders; our console and the smallest program take turns. The first of each is not counted."""
    with hospital_with(IDLE_ORDERS) as bench:
        bench.hospital.enrol("kitchen")
        _start_once(bench)
        ours, hello, rows, ours_cpu, hello_cpu, rows_cpu = [], [], [], [], [], []
        for _ in range(STARTS):
            with Terminal(HELLO, _as_installed(bench)) as smallest:
                hello.append((smallest.wait_for("HELLO") - smallest.began) * 1_000)
                hello_cpu.append(smallest.spent_ms())
            with _kitchen(bench) as board:
                ours.append((board.wait_for(UNCUT) - board.began) * 1_000)
                ours_cpu.append(board.spent_ms())
                rows.append((board.wait_for("L-") - board.began) * 1_000)
                rows_cpu.append(board.spent_ms())
        peer = {"hello_ms": median(hello), "ours_ms": median(ours), "cpu_ratio": median(ours_cpu) / median(hello_cpu)}
        yield Metric("console.first_frame_ratio", median(ours) / median(hello), "", peer)
        yield Metric("console.board_with_rows_ms", median(rows), "ms", {"cpu_ms": median(rows_cpu)})
        yield _idle(bench)


def _start_once(bench: Bench) -> None:
    """Writes the bytecode of both programs."""
    with Terminal(HELLO, _as_installed(bench)) as smallest, _kitchen(bench) as board:
        smallest.wait_for("HELLO")
        board.wait_for("L-")


def _idle(bench: Bench) -> Metric:
    with _kitchen(bench) as board:
        board.wait_for("L-")
        time.sleep(SETTLE_SECONDS)  # the first conversation with the server
        spent, began = board.spent_ms(), time.perf_counter()
        time.sleep(IDLE_SECONDS)
        passed = (time.perf_counter() - began) * 1_000
        return Metric("console.idle_cpu_percent", (board.spent_ms() - spent) / passed * 100, "%")


# -- a key ------------------------------------------------------------------------------------------------------------


def _key_to_frame(tickets: int) -> Iterator[Metric]:
    with hospital_with(tickets) as bench:
        bench.hospital.enrol("kitchen")
        moves, turns, acts = asyncio.run(_press_keys(bench, tickets))
    peer = {
        "wall_ms": median([one.wall for one in moves]),
        "page_turn_cpu_ms": median([one.cpu for one in turns]),
        "act_wall_ms": median([one.wall for one in acts]),
        "act_cpu_ms": median([one.cpu for one in acts]),
    }
    yield Metric(f"console.key_to_frame_{tickets}_ms", median([one.cpu for one in moves]), "ms", peer)


async def _press_keys(bench: Bench, tickets: int) -> tuple[list[Drawn], list[Drawn], list[Drawn]]:
    """Moves to a neighbour; turns of the page; acts, which are saved and the board asked for anew."""
    app = console_on(KitchenApp, bench.hospital.settings_of("kitchen"))
    app.driver_class = Sink
    async with app.run_test(headless=False, size=SIZE) as pilot:
        screen = app.screen
        assert isinstance(screen, BoardScreen)
        while screen.rows is None or not app.standing or not app.standing.live:
            await pilot.pause(0.05)
        await settled(pilot)
        assert len(screen.board.cards) == tickets
        moves = [await press(pilot, key) for _ in range(ROUNDS) for key in KEYS]
        turns = [await press(pilot, key) for _ in range(ROUNDS) for key in ("plus", "minus")]
        acts = [await _act(pilot, screen, tile) for tile in range(1, ROUNDS + 1)]
    return moves, turns, acts


async def _act(pilot: Pilot[Any], screen: BoardScreen, tile: int) -> Drawn:
    """Enter on a meal that nobody has begun, by a cook whose PIN was right."""
    app, key = screen.console_app, screen.board.key_at(tile)
    assert app.store.door is not None
    app.store.door._signed_in = COOK
    app.acting.begin(Person(COOK, "cook 1"), app.mono())
    screen.board.choose(key)
    return await press(pilot, "enter", lambda: screen.board.cards[key].state == "cooking")
