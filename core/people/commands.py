"""Staff come, get rights, and go. Passwords and PINs are hashed before the command, never in it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from core.kernel.handle import SERVER, Handle
from core.kernel.message import Command
from core.kernel.refusal import Refusal
from core.kernel.text import Instant, RowId, ShortWords
from core.kernel.tx import Tx
from core.kernel.values import Role
from core.people.access import places_of
from core.people.model import Credential, Grant, Person, PersonDetails, PinVerifier

Argon2Hash = Annotated[str, StringConstraints(pattern=r"^\$argon2id\$[ -~]{20,200}$")]
GrantedRole = Literal[
    "cook", "kitchen_lead", "runner", "nurse", "doctor", "nutritionist", "cashier", "admin", "auditor"
]


class AddPerson(Command):
    person_id: RowId
    display: ShortWords = Field(min_length=1)
    full_name: ShortWords = Field(min_length=1)
    email: ShortWords = ""
    phone: ShortWords = ""
    language: Literal["en", "fr", "rw"] = "en"
    supervisor_id: RowId | Literal[""] = ""


def add_person(tx: Tx, cmd: AddPerson) -> None:
    tx.add(
        Person(
            id=cmd.person_id,
            display=cmd.display,
            language=cmd.language,
            supervisor_id=cmd.supervisor_id,
        )
    )
    tx.add(PersonDetails(id=cmd.person_id, full_name=cmd.full_name, email=cmd.email, phone=cmd.phone))
    tx.add(Credential(id=cmd.person_id, password_hash="", changed_at=tx.at))


class GiveGrant(Command):
    """A role for a person, on one ward or everywhere, from now or later."""

    person_id: RowId
    role: GrantedRole
    ward_id: RowId | Literal[""] = ""
    from_at: Instant | None = None
    until_at: Instant | None = None


def give_grant(tx: Tx, cmd: GiveGrant) -> None:
    person = _working(tx, cmd.person_id)
    from_at = cmd.from_at if cmd.from_at is not None else tx.at
    if cmd.until_at is not None and cmd.until_at <= max(from_at, tx.at):
        raise Refusal("grant_over_already", until=cmd.until_at)
    tx.add(
        Grant(
            id=tx.new_id(),
            person_id=person.id,
            role=cmd.role,
            ward_id=cmd.ward_id,
            from_at=from_at,
            until_at=cmd.until_at,
            granted_by=tx.actor.person_id,
        )
    )
    _place_pins(tx, person)


class RevokeGrant(Command):
    grant_id: RowId


def revoke_grant(tx: Tx, cmd: RevokeGrant) -> None:
    grant = tx.get(Grant, cmd.grant_id)
    if grant.revoked_at is not None:
        return tx.already(at=grant.revoked_at)
    if grant.person_id == tx.actor.person_id and grant.role == Role.ADMIN:
        raise Refusal("not_your_own_grant")
    tx.change(grant, revoked_at=tx.at)
    _place_pins(tx, tx.get(Person, grant.person_id))


class SetPassword(Command):
    person_id: RowId
    password_hash: Argon2Hash


def set_password(tx: Tx, cmd: SetPassword) -> None:
    person = _working(tx, cmd.person_id)
    tx.change(tx.get(Credential, person.id), password_hash=cmd.password_hash, changed_at=tx.at)


class SetPin(Command):
    person_id: RowId
    pin_hash: Argon2Hash


def set_pin(tx: Tx, cmd: SetPin) -> None:
    """One verifier for each place where the person's grants let them sign in; the old ones leave the consoles."""
    person = _working(tx, cmd.person_id)
    tx.change(tx.get(Credential, person.id), pin_hash=cmd.pin_hash)
    _withdraw_pins(tx, person)
    _place_pins(tx, person)


class EndPerson(Command):
    """A person no longer works here. What they did stays theirs."""

    person_id: RowId


def end_person(tx: Tx, cmd: EndPerson) -> None:
    person = _working(tx, cmd.person_id)
    if person.id == tx.actor.person_id:
        raise Refusal("not_your_own_grant")
    for grant in tx.all(Grant, of=person):
        if grant.revoked_at is None:
            tx.change(grant, revoked_at=tx.at)
    tx.change(person, ended_at=tx.at)
    tx.change(tx.get(Credential, person.id), password_hash="", pin_hash="", changed_at=tx.at)
    _withdraw_pins(tx, person)


def _working(tx: Tx, person_id: str) -> Person:
    person = tx.get(Person, person_id)
    if person.ended_at is not None:
        raise Refusal("person_ended", at=person.ended_at)
    return person


def _place_pins(tx: Tx, person: Person) -> None:
    """Brings the verifiers in step with the grants: a PIN is known only where the person may work."""
    credential = tx.get(Credential, person.id)
    lasting = [
        grant
        for grant in tx.all(Grant, of=person)
        if grant.revoked_at is None and (grant.until_at is None or grant.until_at > tx.at)
    ]
    wanted = places_of(lasting) if credential.pin_hash else ()
    known: dict[str, PinVerifier] = {}
    for verifier in tx.all(PinVerifier, of=credential):
        if verifier.place in wanted:
            known[verifier.place] = verifier
        else:
            tx.change(verifier, withdrawn_at=tx.at)
    for place in wanted:
        if place not in known:
            tx.add(
                PinVerifier(
                    id=tx.new_id(),
                    person_id=person.id,
                    place=place,
                    pin_hash=credential.pin_hash,
                    changed_at=tx.at,
                )
            )


def _withdraw_pins(tx: Tx, person: Person) -> None:
    for verifier in tx.all(PinVerifier, of=tx.get(Credential, person.id)):
        tx.change(verifier, withdrawn_at=tx.at)


ADMINS = frozenset({Role.ADMIN, Role.SYSTEM})

HANDLERS = tuple(
    Handle(command, apply, where=SERVER, roles=ADMINS)
    for command, apply in (
        (AddPerson, add_person),
        (GiveGrant, give_grant),
        (RevokeGrant, revoke_grant),
        (SetPassword, set_password),
        (SetPin, set_pin),
        (EndPerson, end_person),
    )
)
