"""What went wrong on this console, by kind: kept until the server has it, and counted through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select, update

from core.store.device_schema import notice

MOST = 40  # kinds; what comes beyond is counted under the last of them
BEYOND = ("many_errors", "")


@dataclass(frozen=True, slots=True)
class Seen:
    """One kind of error since somebody looked last. where: a place in our code, never what the error said."""

    code: str
    where: str
    first_at: int
    last_at: int
    count: int


def keep(connection: Connection, seen: Sequence[Seen]) -> None:
    """Adds them to what is known."""
    for one in seen:
        if _add(connection, one.code, one.where, one):
            continue
        known = connection.execute(select(func.count()).select_from(notice)).scalar_one()
        code, where = (one.code, one.where) if known < MOST else BEYOND
        if known >= MOST and _add(connection, code, where, one):
            continue
        values = {"code": code, "place": where, "first_at": one.first_at, "last_at": one.last_at}
        connection.execute(insert(notice), {**values, "count": one.count, "told": 0})


def untold(connection: Connection) -> tuple[Seen, ...]:
    """Kinds of which the server does not know every time yet, with all their times."""
    rows = connection.execute(select(notice).where(notice.c.count > notice.c.told).order_by(notice.c.first_at))
    return tuple(Seen(code, place, first, last, count) for code, place, first, last, count, _ in rows)


def told(connection: Connection, seen: Sequence[Seen]) -> None:
    """The server has these; what came in between is told the next time."""
    for one in seen:
        same = (notice.c.code == one.code) & (notice.c.place == one.where)
        connection.execute(update(notice).where(same).values(told=one.count))


def _add(connection: Connection, code: str, where: str, one: Seen) -> bool:
    again = update(notice).where(notice.c.code == code, notice.c.place == where)
    done = connection.execute(again.values(count=notice.c.count + one.count, last_at=one.last_at))
    return bool(done.rowcount)
