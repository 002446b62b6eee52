"""Tells the server what befell this console's store: signed like a pull, and kept until it was taken in."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

from core.store import incidents
from core.store.open import Store
from core.store.queue import Cursor
from sync.client import contact
from sync.client.moment import Moment
from sync.client.talk import Ask, Sign, Talk, What
from sync.protocol import Incident, Incidents
from sync.wire import encode

MOST = 20  # in one message
AGAIN_MS = 600_000  # after a server did not take them
PATH = "/sync/incidents"


def question(store: Store, me: Any, cursor: Cursor, moment: Moment, sign: Sign) -> Ask | None:
    """None when there is nothing to tell."""
    with store.reading() as connection:
        waiting = incidents.waiting(connection, MOST)
    if not waiting:
        return None
    message = Incidents(tuple(Incident(bytes(row.id), row.code, row.detail, row.at) for row in waiting))
    body = encode(message)
    path = f"{PATH}?sum={hashlib.sha256(body).hexdigest()}"  # what is signed is the path
    headers = contact.signed_headers(me, cursor, moment, sign, "POST", path)
    return Ask(What.INCIDENTS, "POST", path, moment.mono, body, headers, about=message)


def is_due(talk: Talk, moment: Moment) -> bool:
    return talk.to_tell and moment.mono >= talk.tell_due


def not_now(talk: Talk, moment: Moment) -> Talk:
    return replace(talk, tell_due=moment.mono + AGAIN_MS)


def any_waiting(store: Store) -> bool:
    with store.reading() as connection:
        return bool(incidents.waiting(connection, 1))


def taken_in(store: Store, message: Incidents) -> None:
    with store.writing() as connection:
        incidents.told(connection, [one.id for one in message.incidents])
