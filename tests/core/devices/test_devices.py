"""A console joins by a code that works once, signs with a key that never leaves it, and holds what its place needs."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from core.devices import keys
from core.devices.audience import audiences_of
from core.devices.commands import EnrolDevice, MakeCode, NewIncarnation, RevokeDevice, SetOfflineLimit
from core.devices.limits import left_over, policy_of
from core.devices.model import Device, EnrolCode
from core.kernel.policy import Policy
from core.kernel.tx import Tx
from core.kernel.values import MINUTE_MS, SYSTEM
from core.people.model import Grant
from tests import given

CODE = keys.code_hash("7KQ2-M4XD")
KEY = keys.public_key(bytes(32)).hex()
NOON = given.NOON


def make_code(tx: Tx, kind: str = "ward", **more: Any) -> EnrolCode:
    command = MakeCode(code_id=CODE, kind=kind, title="ward A 1", **more)  # type: ignore[arg-type]  # one of the four
    return given.perform(tx, command, by=given.ADMIN).added(EnrolCode)[0]


def enrol(tx: Tx, *, at: int = NOON) -> Device:
    command = EnrolDevice(code_id=CODE, public_key=KEY, incarnation="inc-1")
    return given.perform(tx, command, by=SYSTEM, at=at).added(Device)[0]


def test_a_code_lets_one_console_in_and_says_who_made_it(tx: Tx) -> None:
    make_code(tx, ward_id="A")
    device = enrol(tx)
    assert (device.kind, device.ward_id, device.name, device.enrolled_by, tx.get(EnrolCode, CODE).device_id) == (
        "ward",
        "A",
        "ward A 1",
        "admin_1",
        device.id,
    )


def test_a_code_works_once(tx: Tx) -> None:
    make_code(tx)
    enrol(tx)
    again = EnrolDevice(code_id=CODE, public_key=KEY, incarnation="inc-2")
    assert given.refusal_of(tx, again, by=SYSTEM) == "code_used"


def test_a_code_is_good_for_ten_minutes(tx: Tx) -> None:
    make_code(tx)
    late = EnrolDevice(code_id=CODE, public_key=KEY, incarnation="inc-1")
    assert given.refusal_of(tx, late, by=SYSTEM, at=NOON + 10 * MINUTE_MS) == "code_too_old"
    assert enrol(tx, at=NOON + 10 * MINUTE_MS - 1).enrolled_at == NOON + 10 * MINUTE_MS - 1


def test_a_code_nobody_made_lets_nobody_in(tx: Tx) -> None:
    unknown = EnrolDevice(code_id=keys.code_hash("0000-0000"), public_key=KEY, incarnation="inc-1")
    assert given.refusal_of(tx, unknown, by=SYSTEM) == "gone"


def test_a_code_never_leaves_the_server_and_only_its_hash_is_kept(tx: Tx) -> None:
    code = make_code(tx)
    assert (code.id, EnrolCode.seen_by(code.__dict__)) == (CODE, ())


@pytest.mark.parametrize("place", [{"kind": "kitchen", "ward_id": "A"}, {"kind": "ward", "kitchen_id": "main"}])
def test_a_console_stands_where_its_kind_stands(place: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        MakeCode(code_id=CODE, title="x", **place)


@pytest.mark.parametrize("place", [{"kind": "ward", "ward_id": "Z"}, {"kind": "kitchen", "kitchen_id": "cellar"}])
def test_a_console_stands_on_a_ward_that_exists(tx: Tx, place: dict[str, Any]) -> None:
    assert given.refusal_of(tx, MakeCode(code_id=CODE, title="x", **place), by=given.ADMIN) == "gone"


def test_a_revoked_console_holds_nothing_and_gets_no_new_name(tx: Tx) -> None:
    make_code(tx, ward_id="A")
    device = enrol(tx)
    given.perform(tx, RevokeDevice(device_id=device.id), by=given.ADMIN)
    revoked = given.now(tx, device)
    again = given.perform(tx, RevokeDevice(device_id=device.id), by=given.ADMIN)
    assert (audiences_of(revoked, ward_ids=["A"], kitchen_ids=["main"], grants=[]), again.already) == ((), {"at": NOON})
    renamed = NewIncarnation(device_id=device.id, incarnation="inc-2")
    assert given.refusal_of(tx, renamed, by=SYSTEM) == "device_revoked"


def test_a_restored_console_goes_on_under_a_new_name(tx: Tx) -> None:
    make_code(tx)
    device = enrol(tx)
    given.perform(tx, NewIncarnation(device_id=device.id, incarnation="inc-2"), by=SYSTEM)
    assert (given.now(tx, device).incarnation, given.now(tx, device).public_key) == ("inc-2", KEY)


# -- what a console may hold ----------------------------------------------------------------------------------------


def device(kind: str, **place: Any) -> Device:
    return Device(id="d1", kind=kind, name="x", public_key=KEY, incarnation="i", enrolled_at=NOON, **place)


def grant(person: str, role: str, ward: str = "") -> Grant:
    return Grant(id=f"g-{person}", person_id=person, role=role, ward_id=ward, from_at=0)


def held(of: Device) -> set[str]:
    grants = [
        grant("cook", "cook"),
        grant("nurse_a", "nurse", "A"),
        grant("nurse_b", "nurse", "B"),
        grant("boss", "admin"),
    ]
    return set(audiences_of(of, ward_ids=["A", "B"], kitchen_ids=["main", "diet"], grants=grants))


def test_a_ward_s_console_holds_its_ward_and_its_people_and_no_clinical_record() -> None:
    assert held(device("ward", ward_id="A")) == {
        "hospital", "device:d1", "ward:A", "sign_in:ward:A", "sign_in:wards", "person:nurse_a",
    }  # fmt: skip


def test_a_clinical_console_holds_the_record_of_its_wards() -> None:
    assert {name for name in held(device("clinical")) if name.startswith("care")} == {"care:A", "care:B"}


def test_a_kitchen_s_console_holds_its_kitchen_and_no_ward() -> None:
    names = held(device("kitchen", kitchen_id="main"))
    assert (names & {"kitchen:main", "kitchen:diet"}, any(name.startswith("ward") for name in names)) == (
        {"kitchen:main"},
        False,
    )


def test_the_administrator_s_console_holds_no_clinical_record() -> None:
    names = held(device("admin"))
    assert ("admin" in names, any(name.startswith(("care", "patient")) for name in names)) == (True, False)


# -- how long without the server ------------------------------------------------------------------------------------


def test_the_hospital_sets_how_long_a_console_may_go_without_its_server(tx: Tx) -> None:
    for minutes in (24 * 60, 48 * 60, 48 * 60):
        given.perform(tx, SetOfflineLimit(limit="wall", minutes=minutes), by=given.ADMIN)
    assert (tx.get(Policy, policy_of("kitchen")).value, tx.get(Policy, policy_of("kitchen")).version) == (48 * 60, 2)


@pytest.mark.parametrize("minutes", [59, 14 * 24 * 60 + 1])
def test_no_limit_is_shorter_than_an_hour_or_longer_than_two_weeks(minutes: int) -> None:
    with pytest.raises(ValidationError):
        SetOfflineLimit(limit="personal", minutes=minutes)


def test_a_kind_that_this_program_does_not_know_has_the_shorter_limit() -> None:
    assert policy_of("a drone") == policy_of("ward")


def test_when_a_lease_is_over_a_console_keeps_the_house_and_itself() -> None:
    names = audiences_of(device("clinical"), ward_ids=["A"], kitchen_ids=[], grants=[grant("nurse", "nurse", "A")])
    assert left_over(names, "d1") == ("device:d1", "hospital")


# -- keys -----------------------------------------------------------------------------------------------------------


def test_what_a_console_signs_only_its_own_key_verifies() -> None:
    seed, other = bytes(range(32)), bytes(32)
    signature = keys.signer(seed)(b"segment")
    verified = [
        keys.verify(keys.public_key(seed), b"segment", signature),
        keys.verify(keys.public_key(seed), b"segmenT", signature),
        keys.verify(keys.public_key(other), b"segment", signature),
        keys.verify(b"short", b"segment", signature),
        keys.verify(keys.public_key(seed), b"segment", b""),
    ]
    assert verified == [True, False, False, False, False]


def test_a_seed_of_another_length_is_no_seed() -> None:
    with pytest.raises(ValueError, match="32"):
        keys.public_key(b"short")


def test_a_code_is_read_aloud_and_typed_in_many_ways() -> None:
    code = keys.code_from(bytes([0xFF, 0x00, 0xAA, 0x55, 0x0F]))
    typed = [code, code.lower(), code.replace("-", " "), code.replace("0", "o").replace("1", "l")]
    assert len({keys.code_hash(one) for one in typed}) == 1
    assert (len(code), code[4]) == (9, "-")


def test_different_chance_gives_different_codes() -> None:
    assert len({keys.code_from(number.to_bytes(5, "big")) for number in range(500)}) == 500
