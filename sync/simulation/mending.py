"""Stretches of a day in which servers cannot judge some acts, until they are mended: a newer version is started,
and judges again what was parked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from sync.simulation.chance import SeededChance
from sync.simulation.disk import AFTER, BEFORE
from sync.simulation.journal import Journal
from sync.simulation.lacks import Lack
from sync.simulation.servers import PROCESSES, Servers

OLDER, STUMBLING = "server_older", "server_stumbles"
LATELY = 40  # acts: what people do just now is what a server is likely to be asked
MOST_KINDS = 6


class Around(Protocol):
    """What the mending needs of the world around it."""

    journal: Journal
    servers: Servers


class Mending:
    """See the module. Its chance is its own: a day without such a stretch is the same day with or without it."""

    def __init__(self, world: Around, seed: int, stretches: Iterable[str], ops: int) -> None:
        self._world, self._dice = world, SeededChance(f"{seed} mending")
        self._begins: dict[int, str] = {}  # press -> what goes wrong from there on
        self._tries: set[int] = set()  # presses at which an operator has it tried again, mended or not
        self._ends: set[int] = set()
        for name in stretches:
            begins = self._dice.between(1, max(1, ops * 3 // 4))
            ends = begins + self._dice.between(5, max(5, ops // 2))
            self._begins[begins] = name
            self._ends.add(ends)
            self._tries |= {self._dice.between(begins, ends), ends + self._dice.between(1, 30)}

    def pressed(self, count: int) -> None:
        """So many presses of the day are over."""
        if count in self._begins:
            self._break(self._begins[count])
        if count in self._tries:
            self._world.servers.judge_again()
        if count in self._ends:
            self._mend()

    def _break(self, name: str) -> None:
        lately = [deed.kind for deed in self._world.journal.deeds.values() if deed.where != "template"][-LATELY:]
        if not lately:
            return
        self._world.journal.count(f"fault: {name}")
        chosen = frozenset(self._dice.one_of(lately) for _ in range(self._dice.between(1, MOST_KINDS)))
        lack = Lack(chosen, is_older=name == OLDER)
        for number in self._dice.one_of(((0,), (1,), tuple(range(PROCESSES)), tuple(range(PROCESSES)))):
            self._world.servers.lack(number, lack)

    def _mend(self) -> None:
        """A newer version in place of each: they come up one after the other, or at once; some die at it."""
        servers = self._world.servers
        if self._dice.happens(0.3) and not servers.store.is_doomed:
            servers.store.doom(self._dice.one_of((BEFORE, AFTER)), self._dice.between(0, 3))
        together = self._dice.happens(0.5)
        down = self._dice.between(500, 5_000)
        for number in range(PROCESSES):
            servers.mend(number, down if together else self._dice.between(500, 20_000))
