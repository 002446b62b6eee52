"""Numbers that consoles give: twenty leased at a time, above the server's own; without any left the number follows."""

from __future__ import annotations

from core.devices import keys
from core.devices.commands import EnrolDevice, LeaseNumbers, MakeCode, RevokeDevice
from core.devices.model import Device, NumberLease
from core.kernel.tx import Tx
from core.kernel.values import SYSTEM
from core.orders.model import Order
from core.orders.numbers import (
    END,
    FIRST,
    LEASED_AT_ONCE,
    REST_MS,
    does_follow,
    leased_to,
    leasing_of,
    those_of,
    wanted,
)
from tests import given

NOON = given.NOON


def test_a_console_counts_through_its_lease_with_the_letter_of_the_meal() -> None:
    numbers = list(those_of([8_040], given.LUNCH))
    assert (numbers[0], numbers[19], len(numbers)) == ("L-8040", "L-8059", LEASED_AT_ONCE + 1)


def test_behind_the_last_number_of_its_own_comes_one_that_follows() -> None:
    assert [number for number in those_of([8_040, 8_100], given.LUNCH) if does_follow(number)] == ["L-????"]
    assert list(those_of([], given.LUNCH)) == ["L-????"]


def test_two_leases_have_no_number_in_common() -> None:
    given_out = [set(those_of([first], given.LUNCH)) for first in range(FIRST, END, LEASED_AT_ONCE)]
    assert len(set.union(*given_out)) == (END - FIRST) + 1


# -- the lease ------------------------------------------------------------------------------------------------------


def console(tx: Tx, name: str, kind: str = "ward") -> Device:
    """Enrolled by a code, as in life."""
    code = keys.code_hash(name)
    given.perform(tx, MakeCode(code_id=code, kind=kind, title=name), by=given.ADMIN)  # type: ignore[arg-type]  # a kind
    enrol = EnrolDevice(code_id=code, public_key="0" * 64, incarnation=name)
    return given.perform(tx, enrol, by=SYSTEM).added(Device)[0]


def lease(tx: Tx) -> list[int]:
    """What time itself leases now."""
    found = wanted(given.saved(tx), NOON, most=100)
    for key, _ in found:
        given.perform(tx, leasing_of(key), by=SYSTEM)
    return [leasing_of(key).first for key, _ in found]


def use(tx: Tx, first: int, count: int) -> None:
    for step in range(count):
        stay = given.stay(tx)
        place = given.place(stay).model_copy(update={"number": f"L-{first + step:04}"})
        given.perform(tx, place, by=given.NURSE)


def test_every_console_that_may_order_has_twenty_numbers_of_its_own_and_no_other_has(tx: Tx) -> None:
    for name, kind in (("w1", "ward"), ("w2", "ward"), ("c1", "clinical"), ("k1", "kitchen"), ("a1", "admin")):
        console(tx, name, kind)
    assert lease(tx) == [8_000, 8_020, 8_040]
    assert lease(tx) == []


def test_a_console_that_runs_short_gets_twenty_more_while_it_is_linked(tx: Tx) -> None:
    device = console(tx, "w1")
    lease(tx)
    use(tx, 8_000, 15)
    before = lease(tx)
    use(tx, 8_015, 1)
    assert (before, lease(tx), leased_to(given.saved(tx), device.id)) == ([], [8_020], [8_000, 8_020])


def test_the_numbers_of_a_console_out_of_use_rest_before_another_has_them(tx: Tx) -> None:
    gone = console(tx, "w1")
    lease(tx)
    given.perform(tx, RevokeDevice(device_id=gone.id), by=given.ADMIN)
    console(tx, "w2")
    assert (leased_to(given.saved(tx), gone.id), lease(tx)) == ([], [8_020])
    console(tx, "w3")
    assert [key.split(" ")[1] for key, _ in wanted(given.saved(tx), NOON + REST_MS, most=9)] == ["8000"]


def test_a_lease_goes_to_its_own_console_and_to_the_administrator(tx: Tx) -> None:
    device = console(tx, "w1")
    lease(tx)
    (only,) = tx.all(NumberLease, of=device)
    assert NumberLease.seen_by(only.__dict__) == ("admin", f"device:{device.id}")


def test_nothing_is_leased_to_a_console_out_of_use(tx: Tx) -> None:
    device = console(tx, "w1")
    given.perform(tx, RevokeDevice(device_id=device.id), by=given.ADMIN)
    assert given.refusal_of(tx, LeaseNumbers(device_id=device.id, first=8_000), by=SYSTEM) == "device_revoked"


# -- the one that follows ---------------------------------------------------------------------------------------------


def following(tx: Tx) -> Order:
    place = given.place(given.stay(tx)).model_copy(update={"number": "L-????"})
    return given.now(tx, given.perform(tx, place, by=given.NURSE).added(Order)[0])


def test_an_order_without_a_number_gets_the_next_one_above_all_leases(tx: Tx) -> None:
    assert [following(tx).number for _ in range(3)] == [f"L-{END}", f"L-{END + 1}", f"L-{END + 2}"]


def test_an_order_that_has_a_number_keeps_it(tx: Tx) -> None:
    use(tx, 8_000, 1)
    assert following(tx).number == f"L-{END}"
