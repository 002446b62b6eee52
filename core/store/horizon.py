"""The log forgets: behind the horizon only the newest word on each row stays, for each audience, and the bytes of acts
go once nobody can need them. Hashes, outcomes, chains and seals stay for good (sync.md §2.8)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, select, tuple_, update

from core.kernel.case import Case
from core.store import log
from core.store.server_schema import change, head, held_back, op, op_body
from core.store.tables import TABLES

TURN_NUMBERS = 64  # of the log, looked at in one transaction
TURN_WORDS = 200  # rows of `change`, but always one whole act
TURN_HELD = 200  # acts held back, looked at again in one transaction
KEYS_AT_ONCE = 200
NOT_FINAL = "parked"


def turn(connection: Connection, before: int) -> bool:
    """One short turn over what was committed before this instant, ms UTC; whether there is more to do."""
    stands = log.lock_head(connection)
    until = _last_before(connection, stands.horizon_seq, before)
    if until > stands.horizon_seq:
        _compact(connection, stands.horizon_seq, until)
        connection.execute(update(head).values(horizon_seq=until))
    horizon = max(until, stands.horizon_seq)
    erased = min(horizon, stands.durable_seq, stands.erased_seq + TURN_NUMBERS)
    if erased > stands.erased_seq:
        _erase(connection, stands.erased_seq, erased)
        connection.execute(update(head).values(erased_seq=erased))
    return until > stands.horizon_seq or erased > stands.erased_seq


def let_go(connection: Connection, after: bytes = b"") -> bytes:
    """Looks again at acts that were held back: whose case was closed, or that were judged meanwhile. Where to go on,
    b"" at the end."""
    page = connection.execute(
        select(held_back.c.op_id).where(held_back.c.op_id > after).order_by(held_back.c.op_id).limit(TURN_HELD)
    )
    names = [bytes(name) for name in page.scalars()]
    free = sorted(set(names) - _needed(connection, names))
    for part in _parts(free):
        connection.execute(delete(op_body).where(op_body.c.op_id.in_(part)))
        connection.execute(delete(held_back).where(held_back.c.op_id.in_(part)))
    return names[-1] if len(names) == TURN_HELD else b""


def _last_before(connection: Connection, after: int, instant: int) -> int:
    """The last of the next few numbers that is older than this instant; fewer where acts have changed a lot."""
    many = select(change.c.seq).where(change.c.seq > after).order_by(change.c.seq, change.c.part)
    too_far = connection.execute(many.offset(TURN_WORDS).limit(1)).scalar_one_or_none()
    most = after + TURN_NUMBERS
    if too_far is not None:
        most = max(after + 1, min(most, too_far - 1))
    found = connection.execute(
        select(func.max(op.c.commit_seq)).where(
            op.c.commit_seq > after, op.c.commit_seq <= most, op.c.received_at < instant
        )
    ).scalar_one()
    return int(found) if found is not None else after


def _compact(connection: Connection, after: int, until: int) -> None:
    """Behind `after` each row has its newest words only, one for each audience; now also behind `until`."""
    window = and_(change.c.seq > after, change.c.seq <= until)
    keys = connection.execute(select(change.c.table_name, change.c.row_id).where(window).distinct()).all()
    for part in _parts([tuple(key) for key in keys]):
        words = connection.execute(
            select(change.c.seq, change.c.part, change.c.table_name, change.c.row_id, change.c.before, change.c.after)
            .where(tuple_(change.c.table_name, change.c.row_id).in_(part), change.c.seq <= until)
            .order_by(change.c.seq.desc(), change.c.part.desc())
        ).all()
        for gone in _parts(superseded(words)):
            connection.execute(delete(change).where(tuple_(change.c.seq, change.c.part).in_(gone)))


def superseded(words: Iterable[Any]) -> list[tuple[int, int]]:
    """(seq, part) of those, newest first, that tell no audience anything that a newer one does not."""
    told: dict[tuple[str, str], set[str]] = {}
    gone = []
    for word in words:
        heard = told.setdefault((word.table_name, word.row_id), set())
        reached = {*word.before.split(), *word.after.split()}
        if reached <= heard:
            gone.append((word.seq, word.part))
        heard.update(reached)
    return gone


def _erase(connection: Connection, after: int, until: int) -> None:
    """The bytes of these acts, but for those that somebody may still have to look at."""
    acts = connection.execute(select(op.c.op_id).where(op.c.commit_seq > after, op.c.commit_seq <= until))
    names = [bytes(name) for name in acts.scalars()]
    needed = sorted(_needed(connection, names))
    for part in _parts(sorted(set(names) - set(needed))):
        connection.execute(delete(op_body).where(op_body.c.op_id.in_(part)))
    if needed:
        connection.execute(insert(held_back), [{"op_id": name} for name in needed])


def _needed(connection: Connection, names: Sequence[bytes]) -> set[bytes]:
    """Acts with an open case about them, and acts that nobody could judge."""
    case = TABLES[Case].c
    found: set[bytes] = set()
    for part in _parts(names):
        told = {name.hex(): name for name in part}
        open_cases = select(case.op_id).where(case.closed_at.is_(None), case.op_id.in_(list(told)))
        found.update(told[name] for name in connection.execute(open_cases).scalars())
        parked = select(op.c.op_id).where(op.c.op_id.in_(part), op.c.outcome == NOT_FINAL)
        found.update(bytes(name) for name in connection.execute(parked).scalars())
    return found


def _parts(values: Sequence[Any]) -> Iterable[list[Any]]:
    for start in range(0, len(values), KEYS_AT_ONCE):
        yield list(values[start : start + KEYS_AT_ONCE])
