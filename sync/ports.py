"""The four ports between the steps of sync and the world:
each has a real twin and a virtual one (architecture.md §8)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from core.store.open import Store


class LinkDown(Exception):  # noqa: N818 - a state of the world, not an error: it is normal here
    """No answer: nobody knows whether the server has seen the request."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One reading of this machine's clocks. wall: ms UTC; mono: ms since boot; boot: id of this boot."""

    wall: int
    mono: int
    boot: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said. Header names are in small letters."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class Clock(Protocol):
    def now(self) -> Moment:
        """One reading of this machine's clocks; `mono` never goes back within a boot."""


class Chance(Protocol):
    def bytes(self, count: int) -> bytes:
        """That many bytes that nobody can guess."""


class Stream(Protocol):
    """A live stream: frames as they come; an empty one is a heartbeat."""

    def frames(self) -> Iterator[bytes]:
        """Ends when the server ends the stream. Raises LinkDown when it breaks or falls silent."""

    def close(self) -> None:
        """Wakes a reader in another thread; may be called twice."""


class Link(Protocol):
    def ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """One request and its whole answer. Raises LinkDown."""

    def listen(self, path: str, headers: Mapping[str, str]) -> Stream | Answer:
        """A stream, or the answer that refused it. Raises LinkDown."""

    def close(self) -> None: ...


class Disk(Protocol):
    """Where device stores lie."""

    def open(self, name: str) -> Store:
        """The store of that name, made (empty) when it is not there. Raises StoreTrouble."""

    def copy(self, name: str, to: str) -> None:
        """A clone, as a restored backup or a copied folder makes one. `name` must not be open."""

    def list(self) -> tuple[str, ...]:
        """Names, sorted."""
