"""Who may act at a console: PINs checked here, with or without a network, against verifiers that the server sent.

A try is counted before it is compared, so pulling the plug gives no free ones. Unknown people get the same answers.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, select

from core.devices.audience import ROLES_AT
from core.devices.model import DeviceKind
from core.kernel.refusal import Refusal
from core.kernel.tx import Tx
from core.kernel.values import MINUTE_MS, Role
from core.people import access
from core.people.model import Grant, Person, PinVerifier
from core.store import pin_tries, queue
from core.store.open import Store
from core.store.pin_tries import THIS_CONSOLE, PinTries
from core.store.read import TxSource, as_rows
from core.store.tables import TABLES
from sync.client import leases
from sync.client.desk import Signed
from sync.client.moment import Moment, heard_lately, server_time

FREE_TRIES = 5  # the fifth wrong one waits
MOST_TRIES = 10  # the tenth closes the PIN here until the server has sent a new one (security.md T2)
CONSOLE_FREE_TRIES = 20  # wrong ones in a row of anybody: then all wait half a minute, nobody is closed
FIRST_WAIT_MS = 30_000
LONGEST_WAIT_MS = 15 * MINUTE_MS
NURSES_TRAVEL = (DeviceKind.WARD.value, DeviceKind.CLINICAL.value)
Verify = Callable[[str, str], bool]  # hash, PIN


@dataclass(frozen=True, slots=True)
class Actable:
    """A person who may act at this console."""

    person_id: str
    display: str
    language: str


def verify_pin(pin_hash: str, pin: str) -> bool:
    """The parameters are the hash's own."""
    try:
        return PasswordHasher().verify(pin_hash, pin)
    except (VerificationError, InvalidHashError):
        return False


def people_here(store: Store, moment: Moment) -> tuple[Actable, ...]:
    """Those whose PIN this console can check now and whose grant holds, by the name on shared screens."""
    with store.reading() as connection:
        at = _now(connection, moment)
        verifiers = _verifiers(connection)
        known = _known(connection, moment, verifiers)
        people = TxSource(connection, whole=False).rows(Person, sorted(known))
        grants = TxSource(connection, whole=False).owned(Grant, "person_id", sorted(people))
    may = [
        person
        for person in people.values()
        if person.ended_at is None and any(grant.holds_at(at) for grant in grants.get(person.id, []))
    ]
    listed = [Actable(person.id, person.display, person.language) for person in may]
    return tuple(sorted(listed, key=_by_display))


def sign_in(store: Store, moment: Moment, person_id: str, pin: str, verify: Verify = verify_pin) -> Signed:
    """The person, if the PIN is theirs and they may act here now.

    Raises Refusal: wrong_pin (tries_left, wait_seconds), pin_wait (seconds), pin_needs_server, not_enrolled,
    offline_too_long (hours), first_time_needs_link, grant_expired.
    """
    with store.writing() as connection:
        require_contact(connection, moment)
        verifiers = _verifiers(connection)
        if person_id in verifiers and person_id not in _known(connection, moment, verifiers):
            raise Refusal("first_time_needs_link")
        refused = _must_wait(connection, moment, person_id, verifiers.get(person_id))
        if refused is None:
            counted = _count(connection, moment, person_id, verifiers.get(person_id))
    if refused is not None:
        raise refused  # after the commit: a wait that began again with a restart is kept
    if not _matches(verifiers, person_id, pin, verify):
        raise _wrong(counted)
    with store.writing() as connection:
        _forget(connection, person_id)
        _forget(connection, THIS_CONSOLE)
        if _is_linked(connection, moment):
            pin_tries.know(connection, person_id, _now(connection, moment))
    with store.reading() as connection:
        return signed(connection, moment, person_id)


def signed(connection: Connection, moment: Moment, person_id: str, roles: Collection[Role] = ()) -> Signed:
    """This person with the grants that hold now; with roles, by the grant that gives one of them.

    Raises Refusal("grant_expired").
    """
    at = _now(connection, moment)
    source = TxSource(connection, whole=False)
    actor = access.known_actor(Tx(source), person_id, at)
    grants = source.owned(Grant, "person_id", [person_id]).get(person_id, [])
    held = [grant for grant in grants if grant.holds_at(at)]
    if actor is None or not held:
        raise Refusal("grant_expired")
    fitting = [grant for grant in held if grant.role in roles] or held
    return Signed(actor, fitting[0].id)


def require_contact(connection: Connection, moment: Moment) -> None:
    """A console that has not heard the server for too long lets nobody in. Raises Refusal("offline_too_long")."""
    me = queue.this(connection)
    cursor = queue.read_cursor(connection)
    if me is None or cursor is None:
        raise Refusal("not_enrolled")
    leases.require(connection, me, cursor, moment)


def wait_after(tries: int) -> int:
    """How long the next try has to wait after so many wrong ones, ms: half a minute, then twice as long each time."""
    if tries < FREE_TRIES:
        return 0
    return min(LONGEST_WAIT_MS, FIRST_WAIT_MS << (tries - FREE_TRIES))


# -- inside -----------------------------------------------------------------------------------------------------------


def _must_wait(connection: Connection, moment: Moment, person_id: str, verifier: PinVerifier | None) -> Refusal | None:
    mine = _tries(connection, person_id, verifier)
    if mine.tries >= MOST_TRIES:
        return Refusal("pin_needs_server")
    left = max(_left(connection, pin_tries.of(connection, THIS_CONSOLE), moment), _left(connection, mine, moment))
    return Refusal("pin_wait", seconds=-(-left // 1_000)) if left > 0 else None


def _left(connection: Connection, tries: PinTries, moment: Moment) -> int:
    """By the steady clock; after a restart the wait begins again, because nobody can say how long it was."""
    if not tries.wait_ms:
        return 0
    if tries.wait_boot != moment.boot or moment.mono < tries.wait_mono:
        pin_tries.keep(connection, replace(tries, wait_mono=moment.mono, wait_boot=moment.boot))
        return tries.wait_ms
    return tries.wait_mono + tries.wait_ms - moment.mono


def _count(connection: Connection, moment: Moment, person_id: str, verifier: PinVerifier | None) -> PinTries:
    """Counts this try as a wrong one, for the person and for the console; a right one takes it back."""
    at = _now(connection, moment)
    mine = _tries(connection, person_id, verifier)
    whole = pin_tries.of(connection, THIS_CONSOLE)
    counted = _one_more(mine, moment, at, wait_ms=wait_after(mine.tries + 1))
    wait_for_all = FIRST_WAIT_MS if whole.tries + 1 >= CONSOLE_FREE_TRIES else 0
    pin_tries.keep(connection, _one_more(whole, moment, at, wait_ms=wait_for_all))
    pin_tries.keep(connection, counted)
    return counted


def _tries(connection: Connection, person_id: str, verifier: PinVerifier | None) -> PinTries:
    """A new PIN starts at nought."""
    tries = pin_tries.of(connection, person_id)
    if verifier is not None and verifier.changed_at != tries.verifier_at:
        return PinTries(person_id, verifier_at=verifier.changed_at)
    return tries


def _one_more(tries: PinTries, moment: Moment, at: int, *, wait_ms: int) -> PinTries:
    return replace(
        tries,
        tries=tries.tries + 1,
        wait_ms=wait_ms,
        wait_mono=moment.mono,
        wait_boot=moment.boot,
        seen_at=max(at, tries.seen_at),
    )


def _matches(verifiers: dict[str, PinVerifier], person_id: str, pin: str, verify: Verify) -> bool:
    """For somebody without a PIN here another one's is compared, so that the time tells nothing."""
    mine = verifiers.get(person_id)
    if mine is not None:
        return verify(mine.pin_hash, pin)
    for other in verifiers.values():
        verify(other.pin_hash, pin)
        break
    return False


def _forget(connection: Connection, who: str) -> None:
    pin_tries.keep(connection, replace(pin_tries.of(connection, who), tries=0, wait_ms=0))


def _wrong(counted: PinTries) -> Refusal:
    if counted.tries >= MOST_TRIES:
        return Refusal("pin_needs_server")
    left = max(0, FREE_TRIES - counted.tries)
    return Refusal("wrong_pin", tries_left=left, wait_seconds=(counted.wait_ms or FIRST_WAIT_MS) // 1_000)


def _now(connection: Connection, moment: Moment) -> int:
    """The server's instant as estimated here; never before one that this console has seen (security.md T4)."""
    at = server_time(queue.read_cursor(connection), moment).at
    return max(at, pin_tries.of(connection, THIS_CONSOLE).seen_at)


def _verifiers(connection: Connection) -> dict[str, PinVerifier]:
    """The newest verifier of each person whose work is done at a console of this kind; others are strangers here."""
    table = TABLES[PinVerifier]
    rows = as_rows(PinVerifier, connection.execute(select(table).order_by(table.c.changed_at, table.c.id)))
    newest = {row.person_id: row for row in rows if row.withdrawn_at is None}
    me = queue.this(connection)
    roles = ROLES_AT.get(me.kind, frozenset()) if me is not None else frozenset()
    grants = TxSource(connection, whole=False).owned(Grant, "person_id", sorted(newest))
    works_here = {grant.person_id for held in grants.values() for grant in held if grant.role in roles}
    return {person_id: row for person_id, row in newest.items() if person_id in works_here}


def _known(connection: Connection, moment: Moment, verifiers: Collection[str]) -> frozenset[str]:
    """Whose PIN counts here now: with the server in reach everybody's; without it that of whoever has signed in here
    before, and of the nurses of a ward held here, whom a runner calls to the bed (security.md T3, R46)."""
    if _is_linked(connection, moment):
        return frozenset(verifiers)
    me = queue.this(connection)
    grants = TxSource(connection, whole=False).owned(Grant, "person_id", sorted(verifiers))
    travel = {
        grant.person_id
        for held in grants.values()
        for grant in held
        if me is not None and me.kind in NURSES_TRAVEL and grant.role == Role.NURSE
    }
    return frozenset(verifiers) & (pin_tries.known_here(connection) | travel)


def _is_linked(connection: Connection, moment: Moment) -> bool:
    cursor = queue.read_cursor(connection)
    return cursor is not None and heard_lately(cursor, moment)


def _by_display(person: Actable) -> tuple[str, str]:
    return (person.display, person.person_id)
