"""Word has come: the clock learnt from it, and how a console shows who asks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.store import queue
from core.store.open import Store
from sync.client.moment import Moment, server_time
from sync.client.talk import Sign


def signed_headers(me: Any, cursor: queue.Cursor, moment: Moment, sign: Sign, method: str, path: str) -> dict[str, str]:
    """A request signed by the device key for some minutes: no token exists that could be stolen."""
    at = server_time(cursor, moment).at
    return {
        "dusangire-device": me.id,
        "dusangire-incarnation": me.incarnation,
        "dusangire-time": str(at),
        "dusangire-signature": sign(request_message(method, path, at)).hex(),
    }


def request_message(method: str, path: str, at: int) -> bytes:
    return f"{method} {path} {at}".encode()


def set_clock(store: Store, moment: Moment, *, at: int, error: int) -> None:
    """The server's instant as a greeting told it, right to the time the greeting took."""
    with store.writing() as connection:
        cursor = queue.read_cursor(connection)
        if cursor is not None:
            queue.write_cursor(connection, _heard(cursor, moment, at=max(at, cursor.server_at), error=error))


def still_here(store: Store, moment: Moment, *, caught_up: bool) -> None:
    """A heartbeat: contact holds, and with nothing left to pull the rules are those of now."""
    with store.writing() as connection:
        cursor = queue.read_cursor(connection)
        if cursor is None:
            return
        estimate = server_time(cursor, moment)
        heard = _heard(cursor, moment, at=estimate.at, error=estimate.error)
        queue.write_cursor(connection, replace(heard, rules_at=estimate.at) if caught_up else heard)


def _heard(cursor: queue.Cursor, moment: Moment, *, at: int, error: int) -> queue.Cursor:
    return replace(
        cursor,
        server_at=at,
        clock_error=error,
        heard_wall=moment.wall,
        heard_mono=moment.mono,
        heard_boot=moment.boot,
        seen_at=0,
    )
