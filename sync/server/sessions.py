"""Who sits before a page: the bed's door, staff's sign-in, and the sessions they open.
Only hashes of tokens are kept."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import Connection

from core.kernel.values import DAY_MS, MINUTE_MS, Actor, Role
from core.store import web
from core.store.web import Session

TOKEN_BYTES = 32
NOBODY_S_DAY = "0000-00-00"
PAD_BYTES = 8
TOKEN_MARK_BYTES = 16
SEEN_STEP_MS = MINUTE_MS  # a session's last use is noted this coarsely: a page view is not a write
FREE_TRIES = 5
FIRST_WAIT_MS = 30_000
LONGEST_WAIT_MS = 15 * MINUTE_MS  # whoever wants to keep a patient out cannot do it for longer
MOST_TRIES = 100  # wrong tries in a row that a day remembers
MOST_SHIFT = 10
Check = Callable[[str, str], bool]  # a stored hash, a password


class DoorStaysShut(Exception):  # noqa: N818 - what it is
    """Wrong, unknown or too often: the answer is one and the same. `until` is set while even the right one waits."""

    def __init__(self, until: int = 0) -> None:
        super().__init__(until)
        self.until = until


@dataclass(frozen=True, slots=True)
class Opened:
    """A new session. `token` goes into the cookie and nowhere else."""

    token: str
    session: Session


@dataclass(frozen=True, slots=True)
class Limits:
    """The hospital's policies, in ms."""

    idle_ms: int = 30 * MINUTE_MS
    absolute_ms: int = 720 * MINUTE_MS


def hash_of(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def reference(session: Session) -> str:
    """What the log says of where an act came from: it names a session and opens none."""
    return session.token_hash.hex()[:16]


def form_token(token: str, pad: bytes) -> str:
    """What a form of this session carries: it can be made from the cookie only, and looks new on every page.

    pad: PAD_BYTES of chance, so that a compressed page does not give the token away by its length.
    """
    return pad.hex() + hmac.digest(token.encode(), b"form" + pad, "sha256")[:TOKEN_MARK_BYTES].hex()


def is_form_token(token: str, shown: str) -> bool:
    try:
        pad = bytes.fromhex(shown[: 2 * PAD_BYTES])
        shown.encode("ascii")
    except ValueError:
        return False
    return len(pad) == PAD_BYTES and hmac.compare_digest(form_token(token, pad).encode(), shown.encode())


def open_bed_door(connection: Connection, now: int, chance: bytes, *, code: str, birth_date: str) -> Opened | None:
    """A bed's short code and the birth date of whoever lies there. None when it stays shut: the try is kept.

    chance: TOKEN_BYTES and ten more. Raises DoorStaysShut while the door waits: that try is not even compared.
    """
    door = f"bed:{code}"
    _refuse_while_waiting(connection, now, door)
    behind = web.behind_door(connection, code)
    known = behind.birth_date if behind is not None else NOBODY_S_DAY
    matches = hmac.compare_digest(known.encode(), birth_date.encode("utf-8", "replace")) and bool(birth_date)
    web.add_try(connection, try_id=chance[TOKEN_BYTES:], door=door, at=now, opened=matches and behind is not None)
    if behind is None or not matches:
        return None
    return _open(connection, now, chance, person_id=behind.patient_id, stay_id=behind.stay_id)


def may_try(connection: Connection, now: int, door: str) -> None:
    """Raises DoorStaysShut while this door waits."""
    _refuse_while_waiting(connection, now, door)


def open_staff_door(
    connection: Connection, now: int, chance: bytes, *, door: str, person_id: str, matched: bool
) -> Opened | None:
    """After the password was compared, outside the writer. Raises DoorStaysShut: even the right one waits."""
    _refuse_while_waiting(connection, now, door)
    web.add_try(connection, try_id=chance[TOKEN_BYTES:], door=door, at=now, opened=matched)
    return _open(connection, now, chance, person_id=person_id, stay_id="") if matched else None


def account_door(email: str) -> str:
    """The name under which tries at an account are counted: no address is kept."""
    return "account:" + hashlib.sha256(email.strip().casefold().encode()).hexdigest()[:32]


def limits_of(policies: Mapping[str, int]) -> Limits:
    return Limits(
        idle_ms=policies["session_idle_minutes"] * MINUTE_MS,
        absolute_ms=policies["session_absolute_minutes"] * MINUTE_MS,
    )


def holds(session: Session, now: int, limits: Limits) -> bool:
    """Whether whoever shows this session's cookie is still signed in."""
    if session.ended_at is not None:
        return False
    return now - session.made_at < limits.absolute_ms and now - session.seen_at < limits.idle_ms


def wants_noting(session: Session, now: int) -> bool:
    return now - session.seen_at >= SEEN_STEP_MS


def actor_of(session: Session) -> Actor:
    """A patient's page acts for its stay and no other."""
    return Actor(session.person_id, frozenset({Role.PATIENT}), wards=None, stay_id=session.stay_id)


def password_matches(stored: str, password: str, check: Check) -> bool:
    """Takes as long for an account that does not exist as for one that does."""
    return check(stored or nobody_s_hash(), password) and bool(stored)


@lru_cache(maxsize=1)
def nobody_s_hash() -> str:
    """A hash that no password has, of the same cost as everybody's."""
    from core.people import passwords

    return passwords.hash_password("nobody has this password", salt=bytes(16))


def _open(connection: Connection, now: int, chance: bytes, *, person_id: str, stay_id: str) -> Opened:
    token = chance[:TOKEN_BYTES].hex()
    made = Session(hash_of(token), person_id, stay_id, made_at=now, seen_at=now, ended_at=None)
    web.add_session(connection, made)
    return Opened(token, made)


def _refuse_while_waiting(connection: Connection, now: int, door: str) -> None:
    failures = web.failures_in_a_row(connection, door, since=now - DAY_MS, most=MOST_TRIES)
    if len(failures) < FREE_TRIES:
        return
    wait = min(LONGEST_WAIT_MS, FIRST_WAIT_MS << min(len(failures) - FREE_TRIES, MOST_SHIFT))
    if now < failures[0] + wait:
        raise DoorStaysShut(failures[0] + wait)
