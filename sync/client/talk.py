"""The words of a conversation with the server: what can be said next, and what one process remembers in between."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from sync.client.images import Part, Wanted
from sync.client.moment import Moment
from sync.patience import FIRST_WAIT_MS, LONGEST_WAIT_MS
from sync.protocol import SEGMENT_OPS, Incidents, Segment

CHANCE_BYTES = 18  # two cut a wait, sixteen may become a new incarnation

Sign = Callable[[bytes], bytes]


class What(StrEnum):
    GREET = "greet"
    PUSH = "push"
    PULL = "pull"
    IMAGE = "image"
    FORK = "fork"
    INCIDENTS = "incidents"


@dataclass(frozen=True, slots=True)
class Ask:
    """One request. `about` is what its answer will be read against."""

    what: What
    method: str
    path: str
    asked_at: int  # ms of the steady clock
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    about: Segment | Part | Incidents | None = None


@dataclass(frozen=True, slots=True)
class Listen:
    """Open the live stream; one that is open already is closed first."""

    path: str
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Rest:
    """Nothing to say until this instant of the steady clock, unless something happens."""

    until: int


Step = Ask | Listen | Rest


@dataclass(frozen=True, slots=True)
class Talk:
    """Where the conversation stands. Instants are of the steady clock, in ms."""

    greeted: bool = False
    listening: bool = False
    failures: int = 0  # in a row
    not_before: int = 0
    heard: int | None = None  # the last word from the server
    caught_up: bool = False
    pull_due: int = 0
    pushed_last: bool = False  # a pull comes between two pushes
    may_pull: bool = True  # a revoked console pushes, never pulls
    wanted: Wanted | None = None
    fork: str = ""  # the new incarnation that this store asks for
    most: int = SEGMENT_OPS
    silent_streams: int = 0
    poll_until: int = 0
    to_tell: bool = False  # something befell this store, and the server does not know it yet
    tell_due: int = 0
    bears_witness: bool = False  # the next pull says which log was told here, and hears the newest seal
    check_due: int = 0  # when what is held here is compared with the server's sums; 0: not begun
    trouble: str = ""  # its code has words


@dataclass(frozen=True, slots=True)
class Told:
    """The conversation after a word, and the tables a screen should ask again ("*": all).

    replayed: acts, the rebase's work.
    """

    talk: Talk
    tables: tuple[str, ...] = ()
    replayed: int = 0


def failed(
    talk: Talk,
    moment: Moment,
    chance: bytes,
    *,
    trouble: str = "",
    at_least: int = 0,
    at_most: int = LONGEST_WAIT_MS,
) -> Talk:
    """Waits twice as long as the last time up to `at_most`, cut by chance so that consoles do not march in step."""
    failures = min(talk.failures + 1, 16)
    longest = min(at_most, FIRST_WAIT_MS * 2 ** (failures - 1))
    wait = longest // 2 + (longest // 2) * int.from_bytes(chance[:2], "big") // 0xFFFF
    return replace(
        talk, failures=failures, not_before=moment.mono + max(wait, at_least), trouble=trouble or talk.trouble
    )
