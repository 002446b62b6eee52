"""Staff: who they are, what they may do and where, and how they prove it."""

from __future__ import annotations

from typing import ClassVar

from core.kernel.row import ADMIN, HOSPITAL, NOBODY, Audience, Row


class Person(Row):
    """One member of staff as shared screens show them: role and number, never a name."""

    audiences: ClassVar = (HOSPITAL,)

    display: str  # "cook 2"
    language: str = "en"
    supervisor_id: str = ""
    ended_at: int | None = None


class PersonTable(Person, table=True):
    __tablename__ = "person"


class PersonDetails(Row):
    """The name and address of a person; its id is the person's."""

    audiences: ClassVar = (ADMIN,)

    full_name: str
    email: str = ""
    phone: str = ""


class PersonDetailsTable(PersonDetails, table=True):
    __tablename__ = "person_details"


class Grant(Row):
    """One role for one person, on one ward or everywhere (ward_id ""), for a period."""

    audiences: ClassVar = (HOSPITAL,)
    owners: ClassVar = {"person_id": "person"}

    person_id: str
    role: str
    ward_id: str = ""
    from_at: int
    until_at: int | None = None
    revoked_at: int | None = None
    granted_by: str = ""

    def holds_at(self, at: int) -> bool:
        ends, revoked = self.until_at, self.revoked_at
        return self.from_at <= at and (ends is None or at < ends) and (revoked is None or at < revoked)


class GrantTable(Grant, table=True):
    __tablename__ = "grant"


class Credential(Row):
    """A person's password and PIN, as argon2id hashes made before the command; its id is the person's."""

    audiences: ClassVar = NOBODY

    password_hash: str  # "" while there is none
    pin_hash: str = ""
    changed_at: int


class CredentialTable(Credential, table=True):
    __tablename__ = "credential"


class PinVerifier(Row):
    """What a console needs to check a PIN offline, one row a place where the person signs in.

    place: `kitchens` (every kitchen), `ward:A`, `wards` (every ward) or `admin`.
    """

    audiences: ClassVar = (Audience("sign_in", "place"),)
    owners: ClassVar = {"person_id": "credential"}
    retired_by: ClassVar = "withdrawn_at"
    housekeeping: ClassVar = "leaves the devices when its person may no longer sign in there"
    listed_while_empty: ClassVar = "withdrawn_at"

    person_id: str
    place: str
    pin_hash: str
    changed_at: int
    withdrawn_at: int | None = None


class PinVerifierTable(PinVerifier, table=True):
    __tablename__ = "pin_verifier"
