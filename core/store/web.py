"""What the server keeps beside the log: sessions of pages, tries at doors, effects the outside world must be told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, func, insert, literal, or_, select, update

from core.kernel.values import DAY_MS, Role
from core.people.model import Credential, Grant, Person, PersonDetails
from core.store.server_schema import door_try, effect, session
from core.store.statement import Statement
from core.store.tables import TABLES
from core.wards.model import BedAssignment, BedDoor, Patient, Stay, Ward

MOST_DOORS = 50
DOOR_WATCHERS = (Role.NURSE, Role.DOCTOR, Role.ADMIN, Role.AUDITOR)  # who is told that somebody guesses at a bed's door
WAITING, CLAIMED, DONE, FAILED = "waiting", "claimed", "done", "failed"
_SEE = Statement(
    update(session)
    .where(session.c.token_hash == bindparam("token"), session.c.seen_at < bindparam("now"))
    .values(seen_at=bindparam("now"))
)
_LIVE = Statement(
    select(session.c.token_hash).where(
        session.c.token_hash.in_(bindparam("tokens", expanding=True)), session.c.ended_at.is_(None)
    )
)


@dataclass(frozen=True, slots=True)
class Session:
    """One signed-in browser. A patient's is bound to a stay, a member of staff's to a person."""

    token_hash: bytes
    person_id: str
    stay_id: str
    made_at: int
    seen_at: int
    ended_at: int | None


def live_sessions(connection: Connection, token_hashes: Iterable[bytes]) -> set[bytes]:
    """Those of them that have not ended."""
    return {bytes(row[0]) for row in _LIVE.tuples(connection, {"tokens": list(token_hashes)})}


def add_session(connection: Connection, made: Session) -> None:
    connection.execute(
        insert(session),
        {
            "token_hash": made.token_hash,
            "person_id": made.person_id,
            "stay_id": made.stay_id,
            "made_at": made.made_at,
            "seen_at": made.seen_at,
            "ended_at": made.ended_at,
        },
    )


def see_session(connection: Connection, token_hash: bytes, at: int) -> None:
    _SEE.run(connection, {"token": token_hash, "now": at})


def end_session(connection: Connection, token_hash: bytes, at: int) -> None:
    connection.execute(
        update(session).where(session.c.token_hash == token_hash, session.c.ended_at.is_(None)).values(ended_at=at)
    )


def end_sessions_of(connection: Connection, *, at: int, person_id: str = "", stay_id: str = "") -> None:
    """Every session of a person (disabled, new password) or of a stay (discharged)."""
    whose = session.c.person_id == person_id if person_id else session.c.stay_id == stay_id
    connection.execute(update(session).where(whose, session.c.ended_at.is_(None)).values(ended_at=at))


def drop_old(connection: Connection, *, sessions_before: int, tries_before: int, effects_before: int) -> None:
    """Sessions nobody can use any more, tries that no limit counts any more, effects long done."""
    connection.execute(
        delete(session).where(or_(session.c.made_at < sessions_before, session.c.ended_at < sessions_before))
    )
    connection.execute(delete(door_try).where(door_try.c.at < tries_before))
    connection.execute(delete(effect).where(effect.c.state == DONE, effect.c.due_at < effects_before))


# -- doors ------------------------------------------------------------------------------------------------------------


def failures_in_a_row(connection: Connection, door: str, *, since: int, most: int) -> list[int]:
    """Instants of the wrong tries since the last right one, newest first."""
    failures: list[int] = []
    rows = connection.execute(
        select(door_try.c.at, door_try.c.opened)
        .where(door_try.c.door == door, door_try.c.at >= since)
        .order_by(door_try.c.at.desc(), door_try.c.id.desc())
        .limit(most)
    )
    for row in rows:
        if row.opened:
            break
        failures.append(row.at)
    return failures


def add_try(connection: Connection, *, try_id: bytes, door: str, at: int, opened: bool) -> None:
    connection.execute(insert(door_try), {"id": try_id, "door": door, "at": at, "opened": opened})


@dataclass(frozen=True, slots=True)
class Behind:
    """Who lies behind a bed's door now."""

    stay_id: str
    patient_id: str
    bed_id: str
    birth_date: str
    language: str


_door = TABLES[BedDoor].c
_assigned = TABLES[BedAssignment].c
_stay = TABLES[Stay].c
_patient = TABLES[Patient].c
_BEHIND = (
    select(_stay.id, _stay.patient_id, _assigned.bed_id, _patient.birth_date, _patient.language)
    .select_from(
        TABLES[BedDoor]
        .join(TABLES[BedAssignment], and_(_assigned.bed_id == _door.id, _assigned.ended_at.is_(None)))
        .join(TABLES[Stay], and_(_stay.id == _assigned.stay_id, _stay.closed_at.is_(None)))
        .join(TABLES[Patient], _patient.id == _stay.patient_id)
    )
    .where(_door.code == bindparam("code"))
)


def behind_door(connection: Connection, code: str) -> Behind | None:
    row = connection.execute(_BEHIND, {"code": code}).one_or_none()
    return Behind(*row) if row is not None else None


@dataclass(frozen=True, slots=True)
class Door:
    """One bed's door, and whom to call when it stays shut."""

    bed_id: str
    ward_id: str
    extension: str


def door_of(connection: Connection, code: str) -> Door | None:
    """The bed that has this short code, whether anybody lies there or not."""
    wards = TABLES[Ward].c
    beds = TABLES[BedDoor].join(TABLES[Ward], wards.id == _door.ward_id)
    found = select(_door.id, _door.ward_id, wards.extension).select_from(beds).where(_door.code == code)
    row = connection.execute(found).one_or_none()
    return Door(*row) if row is not None else None


def account_of(connection: Connection, email: str) -> tuple[str, str]:
    """The person behind an e-mail address and the hash of their password; two empty texts when there is none."""
    details, people, secrets = TABLES[PersonDetails].c, TABLES[Person].c, TABLES[Credential].c
    found = (
        select(people.id, secrets.password_hash)
        .select_from(
            TABLES[PersonDetails]
            .join(TABLES[Person], people.id == details.id)
            .join(TABLES[Credential], secrets.id == details.id)
        )
        .where(func.lower(details.email) == email.lower(), details.email != "", people.ended_at.is_(None))
        .limit(2)
    )
    rows = connection.execute(found).all()
    return (rows[0][0], rows[0][1]) if len(rows) == 1 else ("", "")


@dataclass(frozen=True, slots=True)
class Colleague:
    """A member of staff as their own page shows them. tries: bed, wrong tries since yesterday, the newest."""

    display: str
    roles: tuple[str, ...]
    wards: tuple[str, ...]  # empty: everywhere
    tries: tuple[tuple[str, int, int], ...]


def colleague(connection: Connection, person_id: str, at: int) -> Colleague | None:
    """None for somebody who does not work here any more."""
    people, grants = TABLES[Person].c, TABLES[Grant].c
    person = connection.execute(
        select(people.display).where(people.id == person_id, people.ended_at.is_(None))
    ).one_or_none()
    if person is None:
        return None
    rows = connection.execute(select(TABLES[Grant]).where(grants.person_id == person_id)).mappings()
    held = [grant for grant in (Grant.trusted(dict(row)) for row in rows) if grant.holds_at(at)]
    wards = tuple(sorted({grant.ward_id for grant in held}))
    mine = () if "" in wards else wards
    sees = any(grant.role in DOOR_WATCHERS for grant in held)
    return Colleague(
        display=person.display,
        roles=tuple(sorted({grant.role for grant in held})),
        wards=mine,
        tries=_wrong_tries(connection, mine, at - DAY_MS) if sees else (),
    )


def _wrong_tries(connection: Connection, wards: Sequence[str], since: int) -> tuple[tuple[str, int, int], ...]:
    tried = door_try.c
    beds = TABLES[BedDoor].join(door_try, tried.door == literal("bed:") + _door.code)
    counted = select(_door.id, func.count(), func.max(tried.at)).select_from(beds)
    wrong = counted.where(tried.opened.is_(False), tried.at >= since).group_by(_door.id).order_by(_door.id)
    if wards:
        wrong = wrong.where(_door.ward_id.in_(wards))
    return tuple((row[0], row[1], row[2]) for row in connection.execute(wrong.limit(MOST_DOORS)))


# -- effects ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing to tell the outside world. Its key makes it happen once: (op_id, effect, recipient)."""

    op_id: bytes
    effect: str
    recipient: str
    payload: str  # JSON, no secret
    tries: int = 0


def add_effects(connection: Connection, effects: Sequence[Effect], *, due_at: int) -> None:
    """In the same transaction as the act that wants them. One that is there already is left as it is."""
    for wanted in effects:
        known = connection.execute(select(effect.c.state).where(_is(wanted))).one_or_none()
        if known is None:
            connection.execute(insert(effect), {**_key(wanted), **_fresh(wanted, due_at)})


def has_due_effects(connection: Connection, at: int) -> bool:
    due = select(effect.c.op_id).where(effect.c.state.in_((WAITING, CLAIMED)), effect.c.due_at <= at).limit(1)
    return connection.execute(due).first() is not None


def claim_effects(connection: Connection, *, at: int, until: int, limit: int) -> list[Effect]:
    """Takes effects that are due, until an instant: a claim that outlives its server is taken over after it."""
    rows = connection.execute(
        select(effect)
        .where(effect.c.state.in_((WAITING, CLAIMED)), effect.c.due_at <= at)
        .order_by(effect.c.due_at, effect.c.op_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    claimed = [Effect(bytes(r.op_id), r.effect, r.recipient, r.payload, r.tries + 1) for r in rows]
    for mine in claimed:
        connection.execute(update(effect).where(_is(mine)).values(state=CLAIMED, tries=mine.tries, due_at=until))
    return claimed


def settle_effect(connection: Connection, settled: Effect, *, state: str, due_at: int, error: str) -> None:
    connection.execute(update(effect).where(_is(settled)).values(state=state, due_at=due_at, error=error[:200]))


def effects_in(connection: Connection, state: str, limit: int) -> Sequence[Any]:
    """For the screen that shows what failed."""
    return connection.execute(
        select(effect).where(effect.c.state == state).order_by(effect.c.due_at).limit(limit)
    ).all()


def _key(of: Effect) -> dict[str, Any]:
    return {"op_id": of.op_id, "effect": of.effect, "recipient": of.recipient}


def _fresh(of: Effect, due_at: int) -> dict[str, Any]:
    return {"payload": of.payload, "state": WAITING, "tries": 0, "due_at": due_at, "error": ""}


def _is(of: Effect) -> Any:
    return and_(effect.c.op_id == of.op_id, effect.c.effect == of.effect, effect.c.recipient == of.recipient)
