"""The kitchen's real console before a real terminal, killed with -9 in the middle of its presses, again and again.

The journal is what its screen has said: `COOKING  L-0412`, `TICKED  L-0412  rice`. An act that a screen has confirmed
must be in that console's file, and at the end in the server's log, once.
"""

from __future__ import annotations

import os
import random
import re
import select
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from sqlalchemy import select as choose

from admin_cli.demo.hands import rows_of
from core.orders.model import Order, OrderLine
from core.store import device_schema, home
from sync.wire import decode_op
from tests.bench.ground import Bench
from tests.bench.terminal import Terminal
from tests.crash.accounts import Accounts
from tests.crash.scene import COOK, PINS, count

CONSOLE = ("-m", "kitchen_tui")
MOST_PRESSES = 6
F10 = "\x1b[21~"
LATEST_KILL_SECONDS = 0.12  # after the last key: before, while and after the act is written
SAID = re.compile(rb"(COOKING|READY|TICKED)  (L-\d+)  (\S+)\s")
ANSWERED = re.compile(rb"(COOKING|READY|TICKED)  L-\d+  |ticked\. Enter again|Enter = ready|has left the board")
PATIENCE_SECONDS = 2.0  # for the screen's answer; a key that it takes for an echo has none
KINDS = {b"COOKING": "orders.start_cooking", b"READY": "orders.mark_ready", b"TICKED": "orders.tick_line"}
Told = tuple[str, str]  # kind of act, number of the meal


@dataclass(slots=True)
class Kills:
    """What a run of kills has seen on the screens."""

    kills: int = 0
    cut_off: int = 0  # of them, while the console had no line
    said: Counter[Told] = field(default_factory=Counter)
    started_ms: list[float] = field(default_factory=list)


class Wall(Terminal):
    """The console with somebody before it."""

    def press(self, keys: str) -> int:
        """From which byte on the screen's answer counts."""
        before = len(self.words)
        os.write(self._line, keys.encode())
        return before

    def wait_for_any(self, pattern: re.Pattern[bytes], *, after: int) -> bool:
        """Whether the screen has answered; it may not, when it takes a key for an echo."""
        ends = time.perf_counter() + PATIENCE_SECONDS
        with self._news:
            while not pattern.search(self.words[after:]):
                if not self._news.wait(max(0.0, ends - time.perf_counter())):
                    return False
        return True

    def sign_in(self) -> None:
        """Who, then six digits."""
        after = self.press(F10)
        self.wait_for(COOK, after=after)
        number = re.search(rb"(\d)  " + COOK.encode(), self.words[after:])
        assert number is not None, self.words[after:]
        after = self.press(number[1].decode())
        self.wait_for("Six digits", after=after)
        after = self.press(PINS[COOK])
        self.wait_for(f"bell on   {COOK}", after=after)

    def kill(self) -> bytes:
        """-9. What it had written by then, to the last byte in the line."""
        os.kill(self.pid, signal.SIGKILL)
        while select.select([self._line], [], [], 0.02)[0] and self._reader.is_alive():
            self._reader.join(0.01)
        return self.words


def kill_consoles(bench: Bench, kills: int, *, seed: int = 1) -> tuple[Kills, Accounts]:
    """Half of the kills while the line is up and acts are on their way, half while they queue up."""
    hospital = bench.hospital
    where = hospital.homes.get("kitchen") or hospital.enrol("kitchen")
    dice, seen = random.Random(seed), Kills()
    for _ in range(kills):
        if dice.random() < 0.5:
            hospital.line.cut()
            seen.cut_off += 1
        _one_life(bench, dice, seen)
        hospital.line.join()
    accounts = count(hospital, {"kitchen": where}, saved=[], acknowledged=[])
    accounts.saved = sum(seen.said.values())
    kept = _kept(bench)
    accounts.note("acts were said on the screen and are not in the file", sorted((seen.said - kept).elements()))
    return seen, accounts


def _one_life(bench: Bench, dice: random.Random, seen: Kills) -> None:
    with Wall(CONSOLE, bench.hospital.environment_of("kitchen")) as wall:
        seen.started_ms.append((wall.wait_for("L-") - wall.began) * 1_000)
        wall.sign_in()
        for _ in range(dice.randint(1, MOST_PRESSES)):
            key = dice.choice("\r\r  ")
            after = wall.press(key)
            if not wall.wait_for_any(ANSWERED, after=after) or b"has left" in wall.words[after:]:
                wall.press("1")  # that meal has left the wall: the next one
        wall.press(dice.choice("\r "))
        ends = time.perf_counter() + dice.random() * LATEST_KILL_SECONDS
        while time.perf_counter() < ends:  # not a wait for anything: the instant of the kill is drawn by lot
            time.sleep(0.001)
        words = wall.kill()
        seen.kills += 1
        seen.said.update(_said(words))


def _said(words: bytes) -> Iterator[Told]:
    """What the screen told, each act once: a message line may be drawn again as it stands."""
    last = None
    for found in SAID.finditer(words):
        told = (found[1], found[2], found[3])
        if told != last:
            yield KINDS[found[1]], found[2].decode()
        last = told


def _kept(bench: Bench) -> Counter[Told]:
    """The acts in the console's file, by kind and number of the meal."""
    store = home.open_device(bench.hospital.homes["kitchen"])
    try:
        with store.reading() as connection:
            numbers = {order.id: order.number for order in rows_of(connection, Order)}
            lines = {line.id: line.order_id for line in rows_of(connection, OrderLine)}
            bodies = connection.execute(choose(device_schema.op.c.kind, device_schema.op.c.body)).all()
    finally:
        store.close()
    about: Callable[[str], str] = lambda entity: numbers.get(lines.get(entity, entity), "?")  # noqa: E731
    return Counter((row.kind, about(decode_op(bytes(row.body)).entity)) for row in bodies)
