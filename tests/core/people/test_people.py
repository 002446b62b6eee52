"""Staff come, get rights for a place and a time, and go; what they may do is judged alike everywhere."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from core.handlers import HANDLES
from core.kernel.handle import Kind
from core.kernel.tx import Tx
from core.kernel.values import DAY_MS, HOUR_MS, SYSTEM, Role
from core.orders.commands import StartCooking
from core.people import access
from core.people.commands import AddPerson, EndPerson, GiveGrant, RevokeGrant, SetPassword, SetPin
from core.people.model import Credential, Grant, Person, PersonDetails, PinVerifier
from core.wards.commands import AssignBed
from tests import given

HASH = "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$aGFzaGhhc2hoYXNoaGFzaA"
NOON = given.NOON


def hire(tx: Tx, person_id: str, role: str = "cook", **more: Any) -> Grant:
    given.perform(tx, AddPerson(person_id=person_id, display="cook 9", full_name="Mukamana Alice"), by=given.ADMIN)
    return give(tx, person_id, role, **more)


def give(tx: Tx, person_id: str, role: str, **more: Any) -> Grant:
    done = given.perform(tx, GiveGrant(person_id=person_id, role=role, **more), by=given.ADMIN)  # type: ignore[arg-type]
    return done.added(Grant)[0]


def places(tx: Tx, person_id: str) -> list[str]:
    return sorted(verifier.place for verifier in tx.all(PinVerifier, of=tx.get(Credential, person_id)))


def test_a_new_person_has_a_name_on_the_server_and_a_number_on_the_screens(tx: Tx) -> None:
    hire(tx, "p9")
    assert (tx.get(Person, "p9").display, PersonDetails.seen_by(tx.get(PersonDetails, "p9").__dict__)) == (
        "cook 9",
        ("admin",),
    )


def test_a_person_is_added_once(tx: Tx) -> None:
    again = AddPerson(person_id="cook_1", display="x", full_name="x")
    assert given.refusal_of(tx, again, by=given.ADMIN) == "exists_already"


def test_a_grant_says_who_gave_it_and_from_when(tx: Tx) -> None:
    grant = hire(tx, "p9", ward_id="")
    assert (grant.granted_by, grant.from_at, grant.holds_at(NOON), grant.holds_at(NOON - 1)) == (
        "admin_1",
        NOON,
        True,
        False,
    )


def test_a_grant_that_is_over_already_is_refused(tx: Tx) -> None:
    grant = GiveGrant(person_id="cook_1", role="cook", until_at=NOON)
    assert given.refusal_of(tx, grant, by=given.ADMIN) == "grant_over_already"


def test_nobody_is_granted_to_be_time_itself_or_a_patient() -> None:
    for role in ("system", "patient"):
        with pytest.raises(ValidationError):
            GiveGrant(person_id="cook_1", role=role)  # type: ignore[arg-type]  # which is the point


def test_a_revoked_grant_ends_at_that_instant(tx: Tx) -> None:
    grant = hire(tx, "p9")
    given.perform(tx, RevokeGrant(grant_id=grant.id), by=given.ADMIN, at=NOON + HOUR_MS)
    revoked = given.now(tx, grant)
    assert [revoked.holds_at(at) for at in (NOON + HOUR_MS - 1, NOON + HOUR_MS)] == [True, False]


def test_a_grant_is_revoked_once(tx: Tx) -> None:
    grant = hire(tx, "p9")
    given.perform(tx, RevokeGrant(grant_id=grant.id), by=given.ADMIN)
    assert given.perform(tx, RevokeGrant(grant_id=grant.id), by=given.ADMIN).already == {"at": NOON}


def test_no_administrator_locks_themselves_out(tx: Tx) -> None:
    own = tx.all(Grant, of=tx.get(Person, "admin_1"))[0]
    refused = given.refusal_of(tx, RevokeGrant(grant_id=own.id), by=given.ADMIN)
    assert (refused, given.refusal_of(tx, EndPerson(person_id="admin_1"), by=given.ADMIN)) == (
        "not_your_own_grant",
        "not_your_own_grant",
    )


@pytest.mark.parametrize("secret", ["hunter2", "$argon2i$v=19$m=8,t=1,p=1$c29tZXNhbHQ$aGFzaGhhc2hoYXNo", ""])
def test_a_command_carries_a_hash_and_never_a_password(secret: str) -> None:
    with pytest.raises(ValidationError):
        SetPassword(person_id="cook_1", password_hash=secret)
    with pytest.raises(ValidationError):
        SetPin(person_id="cook_1", pin_hash=secret)


def test_a_password_stays_on_the_server(tx: Tx) -> None:
    given.perform(tx, SetPassword(person_id="cook_1", password_hash=HASH), by=given.ADMIN)
    credential = tx.get(Credential, "cook_1")
    assert (credential.password_hash, Credential.seen_by(credential.__dict__)) == (HASH, ())


def test_a_pin_is_known_only_where_the_person_works(tx: Tx) -> None:
    hire(tx, "p9", "nurse", ward_id="A")
    given.perform(tx, SetPin(person_id="p9", pin_hash=HASH), by=given.ADMIN)
    verifier = tx.all(PinVerifier, of=tx.get(Credential, "p9"))[0]
    assert (places(tx, "p9"), PinVerifier.seen_by(verifier.__dict__)) == (["ward:A"], ("sign_in:ward:A",))


def test_a_pin_follows_the_grants(tx: Tx) -> None:
    first = hire(tx, "p9", "nurse", ward_id="A")
    given.perform(tx, SetPin(person_id="p9", pin_hash=HASH), by=given.ADMIN)
    give(tx, "p9", "cook")
    both = places(tx, "p9")
    given.perform(tx, RevokeGrant(grant_id=first.id), by=given.ADMIN)
    assert (both, places(tx, "p9")) == (["kitchens", "ward:A"], ["kitchens"])


def test_a_new_pin_takes_the_old_one_off_the_consoles(tx: Tx) -> None:
    hire(tx, "p9")
    given.perform(tx, SetPin(person_id="p9", pin_hash=HASH), by=given.ADMIN)
    old = tx.all(PinVerifier, of=tx.get(Credential, "p9"))[0]
    given.perform(tx, SetPin(person_id="p9", pin_hash=f"{HASH}2"), by=given.ADMIN)
    assert (given.now(tx, old).withdrawn_at, PinVerifier.seen_by(given.now(tx, old).__dict__)) == (NOON, ())


def test_who_leaves_has_no_grant_no_password_and_no_pin_and_keeps_what_they_did(tx: Tx) -> None:
    grant = hire(tx, "p9")
    given.perform(tx, SetPassword(person_id="p9", password_hash=HASH), by=given.ADMIN)
    given.perform(tx, SetPin(person_id="p9", pin_hash=HASH), by=given.ADMIN)
    given.perform(tx, EndPerson(person_id="p9"), by=given.ADMIN)
    credential = tx.get(Credential, "p9")
    assert (tx.get(Person, "p9").ended_at, given.now(tx, grant).revoked_at, places(tx, "p9")) == (NOON, NOON, [])
    assert (credential.password_hash, credential.pin_hash) == ("", "")


@pytest.mark.parametrize(
    "command",
    [
        SetPassword(person_id="p9", password_hash=HASH),
        SetPin(person_id="p9", pin_hash=HASH),
        GiveGrant(person_id="p9", role="cook"),
        EndPerson(person_id="p9"),
    ],
)
def test_nothing_is_given_to_somebody_who_has_left(tx: Tx, command: Any) -> None:
    hire(tx, "p9")
    given.perform(tx, EndPerson(person_id="p9"), by=given.ADMIN)
    assert given.refusal_of(tx, command, by=given.ADMIN) == "person_ended"


# -- access ---------------------------------------------------------------------------------------------------------


def problem(tx: Tx, person_id: str, command: Any, *, claimed_at: int, at: int, grant_id: str = "") -> str:
    handle = HANDLES[command.name]
    example = command(order_id="x") if command is StartCooking else AssignBed(stay_id="x", bed_id="y")
    tx.begin(given.act(example, by=SYSTEM, at=at))
    _, found = access.actor_at(tx, person_id, grant_id, handle=handle, claimed_at=claimed_at)
    tx.drop()
    return found


def test_r50_what_happened_is_judged_by_when_it_happened_and_what_is_wanted_by_now(tx: Tx) -> None:
    later = NOON + HOUR_MS
    cook, nurse = hire(tx, "p8", "cook"), hire(tx, "p9", "nurse", ward_id="A")
    for grant in (cook, nurse):
        given.perform(tx, RevokeGrant(grant_id=grant.id), by=given.ADMIN, at=later)
    assert HANDLES[StartCooking.name].kind is Kind.FACT
    assert problem(tx, "p8", StartCooking, claimed_at=later - 1, at=later + 5) == ""
    assert problem(tx, "p8", StartCooking, claimed_at=later, at=later + 5, grant_id=cook.id) == access.GRANT_REVOKED
    assert problem(tx, "p9", AssignBed, claimed_at=later - 1, at=later + 5) == access.GRANT_REVOKED


def test_a_grant_that_ran_out_is_another_thing_than_one_that_was_taken_away(tx: Tx) -> None:
    hire(tx, "p9", "cook", until_at=NOON + HOUR_MS)
    over = NOON + HOUR_MS
    assert problem(tx, "p9", StartCooking, claimed_at=over, at=over) == access.GRANT_ENDED


@pytest.mark.parametrize("person_id", ["nobody", "nurse_1"])
def test_who_never_had_the_role_is_refused_even_a_fact(tx: Tx, person_id: str) -> None:
    assert problem(tx, person_id, StartCooking, claimed_at=NOON, at=NOON) == access.NOT_PERMITTED


def test_who_has_left_is_told_so(tx: Tx) -> None:
    hire(tx, "p9")
    given.perform(tx, EndPerson(person_id="p9"), by=given.ADMIN)
    assert problem(tx, "p9", StartCooking, claimed_at=NOON + DAY_MS, at=NOON + DAY_MS) == access.PERSON_ENDED


def test_a_nurse_of_one_ward_writes_no_row_of_another(tx: Tx) -> None:
    stays = [given.stay(tx), given.stay(tx, ward="B")]
    assert [access.outside_wards(given.NURSE, [stay]) for stay in stays] == ["", "B"]


def test_whoever_moves_a_patient_away_writes_what_goes_along(tx: Tx) -> None:
    done = given.move_to(tx, given.stay(tx), "B")
    assert access.outside_wards(given.NURSE, [change.after for change in done.changes]) == ""


def test_an_actor_has_all_roles_held_now_and_the_wards_they_are_held_for(tx: Tx) -> None:
    hire(tx, "p9", "nurse", ward_id="A")
    give(tx, "p9", "nurse", ward_id="B")
    tx.begin(given.act(AssignBed(stay_id="x", bed_id="y"), by=SYSTEM, at=NOON))
    actor = access.known_actor(tx, "p9", NOON)
    tx.drop()
    assert actor is not None
    assert (actor.roles, actor.wards) == (frozenset({Role.NURSE}), frozenset({"A", "B"}))


def test_the_supervisor_of_a_person_is_told_what_they_must_read(tx: Tx) -> None:
    tx.begin(given.act(AssignBed(stay_id="x", bed_id="y"), by=SYSTEM, at=NOON))
    found = (access.supervisor_of(tx, "cook_1"), access.supervisor_of(tx, "nobody"))
    tx.drop()
    assert found == ("admin_1", "")
