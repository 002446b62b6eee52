"""Asks the server which consoles have taken over what a patient may eat, and keeps what it last answered."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from core.store import queue
from core.store.open import Store
from sync.client import contact
from sync.client.moment import Moment
from sync.client.talk import Sign
from sync.ports import Answer
from sync.protocol import Holder, SeenAnswer
from sync.wire import WireError, decode

WELL = 200
MOST_KEPT = 64  # patients; a card asks for one


@dataclass(frozen=True, slots=True)
class SeenBy:
    """What the server said at an instant of its own. changed_at: of the newest change; holders: kitchens first."""

    at: int
    changed_at: int
    holders: tuple[Holder, ...]

    @property
    def missing(self) -> tuple[Holder, ...]:
        """Those that have not taken it over yet."""
        return tuple(holder for holder in self.holders if not holder.has)


def question(store: Store, moment: Moment, sign: Sign, stay_id: str) -> tuple[str, dict[str, str]] | None:
    """The path to ask, and the headers that show who asks; None before enrolment."""
    with store.reading() as connection:
        me, cursor = queue.this(connection), queue.read_cursor(connection)
    if me is None or cursor is None:
        return None
    path = f"/sync/seen?stay={quote(stay_id, safe='')}"
    return path, contact.signed_headers(me, cursor, moment, sign, "GET", path)


def take(kept: dict[str, SeenBy], stay_id: str, answer: Answer) -> bool:
    """Takes in an answer; whether it says anything new. A refusal leaves what was known, with its age."""
    if answer.status != WELL:
        return False
    try:
        told = decode(answer.body, SeenAnswer)
    except WireError:
        return False
    before = kept.pop(stay_id, None)
    while len(kept) >= MOST_KEPT:
        del kept[next(iter(kept))]
    kept[stay_id] = SeenBy(told.at, told.changed_at, told.holders)
    return before is None or (before.changed_at, before.holders) != (told.changed_at, told.holders)
