"""Clocks and chance of virtual machines: everything follows from a seed and from the virtual time."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import TypeVar

from sync.ports import Moment

T = TypeVar("T")
MILLION = 1_000_000


class SeededChance:
    """The virtual twin of chance: the same seed gives the same bytes, on every machine and in every run."""

    def __init__(self, seed: str) -> None:
        self._dice = random.Random(seed)  # noqa: S311 - it must be guessable: a seed tells the whole story

    def bytes(self, count: int) -> bytes:
        return self._dice.randbytes(count)

    def happens(self, share: float) -> bool:
        return self._dice.random() < share

    def between(self, least: int, most: int) -> int:
        return self._dice.randint(least, most)

    def one_of(self, choices: Sequence[T]) -> T:
        return choices[self._dice.randrange(len(choices))]

    def weighted(self, choices: Sequence[tuple[T, int]]) -> T:
        return self._dice.choices([choice for choice, _ in choices], [weight for _, weight in choices])[0]

    def some_of(self, choices: Sequence[T], share: float) -> tuple[T, ...]:
        return tuple(choice for choice in choices if self._dice.random() < share)


class VirtualClock:
    """The virtual twin of a clock: a wall clock that may be set, and a steady one that drifts and begins at a boot."""

    def __init__(self, world_now: Callable[[], int], name: str, *, wrong_by: int = 0, drift: int = 0) -> None:
        self._world_now = world_now
        self._name = name
        self._wrong_by = wrong_by
        self._drift = drift  # millionths
        self._boots = 0
        self._booted_at = 0
        self.reboot()

    def now(self) -> Moment:
        at = self._world_now()
        passed = at - self._booted_at
        return Moment(at + self._wrong_by, 1_000 + passed + passed * self._drift // MILLION, self._boot)

    def set_wall(self, by: int) -> None:
        """Somebody sets the wall clock; the steady one does not notice."""
        self._wrong_by += by

    def reboot(self) -> None:
        self._boots += 1
        self._booted_at = self._world_now()
        self._boot = f"{self._name}-boot-{self._boots}"
