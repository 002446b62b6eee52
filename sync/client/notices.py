"""Tells the server, with the next contact, what went wrong on this console: kind, place and count, no error's words."""

from __future__ import annotations

from core.store import notices, queue
from core.store.notices import Seen
from core.store.open import Store
from sync.client import contact
from sync.client.moment import Moment
from sync.client.talk import Sign
from sync.ports import Answer
from sync.protocol import Notice, Notices
from sync.wire import encode

PATH = "/sync/notices"
WELL = 200
EVERYDAY = ("busy", "device_revoked", "")  # troubles of a line that are none of ours


def keep(store: Store, seen: tuple[Seen, ...]) -> None:
    if seen:
        with store.writing() as connection:
            notices.keep(connection, seen)


def untold(store: Store) -> tuple[Seen, ...]:
    with store.reading() as connection:
        return notices.untold(connection)


def question(store: Store, moment: Moment, sign: Sign, seen: tuple[Seen, ...]) -> tuple[bytes, dict[str, str]] | None:
    """The body and the headers that show who tells it; None before enrolment. All times since the beginning are told:
    what is told twice counts once."""
    with store.reading() as connection:
        me, cursor = queue.this(connection), queue.read_cursor(connection)
    if me is None or cursor is None:
        return None
    told = Notices(tuple(Notice(one.code, one.where, one.first_at, one.last_at, one.count) for one in seen))
    return encode(told), contact.signed_headers(me, cursor, moment, sign, "POST", PATH)


def taken(store: Store, seen: tuple[Seen, ...], answer: Answer) -> bool:
    """Whether the server has them now."""
    if answer.status == WELL:
        with store.writing() as connection:
            notices.told(connection, seen)
    return answer.status == WELL
