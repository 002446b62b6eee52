"""Who may do what, where and when: grants against the roles of a command. Judged alike on server and console."""

from __future__ import annotations

from collections.abc import Iterable

from core.kernel.found import held
from core.kernel.handle import Handle, Kind
from core.kernel.row import Row
from core.kernel.tx import Tx
from core.kernel.values import Actor, Role
from core.people.model import Grant, Person

NOT_PERMITTED = "not_your_role"  # never had the role: refused, even a fact
GRANT_ENDED = "grant_ended"  # had it once: a fact becomes a case, an intent is refused (R50)
GRANT_REVOKED = "grant_revoked"
PERSON_ENDED = "person_ended"

KITCHEN_ROLES = frozenset({Role.COOK, Role.KITCHEN_LEAD})
WARD_ROLES = frozenset({Role.RUNNER, Role.NURSE, Role.DOCTOR, Role.NUTRITIONIST, Role.CASHIER})
CLINICAL_ROLES = frozenset({Role.NURSE, Role.DOCTOR, Role.NUTRITIONIST})
ADMIN_ROLES = frozenset({Role.ADMIN, Role.CASHIER, Role.AUDITOR})
NO_GRANT = frozenset({Role.PATIENT, Role.SYSTEM})  # nobody is granted these

KITCHENS, WARDS, ADMIN = "kitchens", "wards", "admin"  # places where a PIN is known; also `ward:A`


def may(handle: Handle, actor: Actor) -> bool:
    return not actor.roles.isdisjoint(handle.roles)


def actor_problem(actor: Actor, handle: Handle) -> str:
    """For actors that the server itself brings: a page's patient, time, the command line. "" when they may."""
    return "" if may(handle, actor) else NOT_PERMITTED


def actor_of(person_id: str, grants: Iterable[Grant], at: int) -> Actor:
    """Who a person is at an instant: all roles held then, and the wards they are held for (None: everywhere)."""
    holding = [grant for grant in grants if grant.holds_at(at)]
    return _actor(person_id, holding, holding)


def actor_at(tx: Tx, person_id: str, grant_id: str, *, handle: Handle, claimed_at: int) -> tuple[Actor, str]:
    """The actor of a device's act, and what is wrong with their right to it ("" when nothing).

    What happened is judged by when it happened; what is wanted, by now. grant_id is the grant the console named: what
    counts is what the person holds.
    """
    person = held(tx, Person, person_id)
    if person is None:
        return Actor(person_id, frozenset[Role]()), NOT_PERMITTED
    grants = tx.all(Grant, of=person)
    at = claimed_at if handle.kind is Kind.FACT else tx.at
    fitting = [grant for grant in grants if grant.role in handle.roles]
    holding = [grant for grant in fitting if grant.holds_at(at)]
    actor = _actor(person_id, [g for g in grants if g.holds_at(at)] or fitting, holding or fitting)
    if not fitting:
        return actor, NOT_PERMITTED
    if person.ended_at is not None and at >= person.ended_at:
        return actor, PERSON_ENDED
    return actor, "" if holding else _why_ended(fitting, grant_id, at)


def grant_problem(grant: Grant | None, *, actor_id: str, handle: Handle, at: int) -> str:
    """What is wrong with one grant for one command, "" when nothing."""
    if grant is None or grant.person_id != actor_id or grant.role not in handle.roles:
        return NOT_PERMITTED
    return "" if grant.holds_at(at) else _why_ended([grant], grant.id, at)


def _why_ended(fitting: list[Grant], grant_id: str, at: int) -> str:
    named = next((grant for grant in fitting if grant.id == grant_id), fitting[-1])
    revoked = named.revoked_at is not None and at >= named.revoked_at
    return GRANT_REVOKED if revoked else GRANT_ENDED


def known_actor(tx: Tx, person_id: str, at: int) -> Actor | None:
    """The person as far as this machine knows them, or None."""
    person = held(tx, Person, person_id)
    if person is None or (person.ended_at is not None and at >= person.ended_at):
        return None
    return actor_of(person_id, tx.all(Grant, of=person), at)


def supervisor_of(tx: Tx, person_id: str) -> str:
    person = held(tx, Person, person_id)
    return person.supervisor_id if person is not None else ""


def outside_wards(actor: Actor, rows: Iterable[Row]) -> str:
    """The ward of a row that the actor has no right to write, "" when there is none.

    Whoever may act on the ward a patient leaves may write the rows that go along to the other ward.
    """
    if actor.wards is None:
        return ""
    written = list(rows)
    arriving = {getattr(row, "ward_id", "") for row in written if actor.covers(getattr(row, "from_ward_id", "") or "?")}
    for row in written:
        ward_id = getattr(row, "ward_id", "")
        if ward_id and not actor.covers(ward_id) and ward_id not in arriving:
            return str(ward_id)
    return ""


def places_of(grants: Iterable[Grant]) -> tuple[str, ...]:
    """Where these grants let a person sign in, sorted."""
    places: dict[str, None] = {}
    for grant in grants:
        if grant.role in KITCHEN_ROLES:
            places[KITCHENS] = None
        if grant.role in WARD_ROLES:
            places[f"ward:{grant.ward_id}" if grant.ward_id else WARDS] = None
        if grant.role in ADMIN_ROLES:
            places[ADMIN] = None
    return tuple(sorted(places))


def _actor(person_id: str, roles_from: Iterable[Grant], wards_from: Iterable[Grant]) -> Actor:
    roles = frozenset(Role(grant.role) for grant in roles_from)
    wards = [grant.ward_id for grant in wards_from]
    everywhere = not wards or "" in wards
    return Actor(person_id, roles, None if everywhere else frozenset(wards))
