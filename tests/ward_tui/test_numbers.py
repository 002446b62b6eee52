"""A console orders without its server under numbers that are its own, and goes on when it has none left."""

from __future__ import annotations

from core.delivery.queries import numbers_of_service
from core.orders.attempts import Ordered
from core.orders.model import Order
from core.orders.numbers import END, LEASED_AT_ONCE
from core.orders.placing import PlaceOrder
from core.wards.commands import MoveStay
from sync.client.numbers import next_number
from tests.ward_tui.house import LUNCH, RICE
from tests.ward_tui.ward import NURSE, Ward


def next_of(w: Ward) -> str:
    with w.console.store.reading() as db:
        return next_number(db, LUNCH)


def numbers_here(w: Ward) -> list[str]:
    with w.console.store.reading() as db:
        return sorted(numbers_of_service(db, LUNCH))


def order_here(w: Ward, stay_id: str) -> str:
    """Placed at the console by the nurse of the ward; its number."""
    w.console.person = "nurse-1"
    number = next_of(w)
    w.console.press(
        PlaceOrder(stay_id=stay_id, service_id=LUNCH, number=number, lines=(Ordered(dish_id=RICE),), confirm=True)
    )
    return number


def test_two_consoles_without_a_server_never_give_one_number_twice(w: Ward) -> None:
    other = w.enrolled("handheld 2")
    stays = [w.patient(f"A-{bed:03}") for bed in (1, 2, 3, 4)]
    w.sync()
    other.sync()
    here = [order_here(w, stay_id) for stay_id in stays[:2]]
    first, w.console = w.console, other
    there = [order_here(w, stay_id) for stay_id in stays[2:]]
    for console in (first, other):
        console.sync()
    assert (len({*here, *there}), first.verdicts(), other.verdicts()) == (
        4,
        [("applied", "")] * 2,
        [("applied", "")] * 2,
    )


def test_the_numbers_of_a_service_are_given_one_after_the_other(w: Ward) -> None:
    stays = [w.patient(f"A-{bed:03}") for bed in (1, 2, 3)]
    w.sync()
    given = [int(order_here(w, stay_id)[2:]) for stay_id in stays]
    assert [number - given[0] for number in given] == [0, 1, 2]


def test_a_console_that_has_no_number_left_orders_all_the_same_and_the_number_follows(w: Ward) -> None:
    stays = [w.patient(f"A-{bed:03}") for bed in range(1, LEASED_AT_ONCE + 3)]
    w.sync()
    w.console.link.down = True
    given = [order_here(w, stay_id) for stay_id in stays]
    assert given[-2:] == ["L-????", "L-????"]
    assert "L-????" in numbers_here(w)
    w.console.link.down = False
    w.sync()
    assert {outcome for outcome, _ in w.console.verdicts()} == {"applied"}
    assert numbers_here(w) == sorted([*given[:-2], f"L-{END}", f"L-{END + 1}"])


def test_a_console_that_has_used_most_of_its_numbers_has_more_after_the_next_contact(w: Ward) -> None:
    for bed in range(1, LEASED_AT_ONCE):
        stay_id = w.patient(f"A-{bed:03}")
        w.sync()
        order_here(w, stay_id)
    w.sync()
    w.hospital.lease_numbers()
    w.sync()
    left = w.patient("A-020"), w.patient("A-021")
    w.sync()
    assert "?" not in order_here(w, left[0]) + order_here(w, left[1])


def test_a_number_that_left_with_its_patient_is_not_given_again(w: Ward) -> None:
    w.console = w.enrolled("handheld A", ward_id="A")
    first, second = w.patient("A-001"), w.patient("A-002")
    w.sync()
    given = order_here(w, first)
    w.sync()
    w.do(MoveStay(stay_id=first, ward_id="B"), NURSE)
    w.sync()
    assert (w.console.holds(Order, first), numbers_here(w)) == (None, [])
    assert order_here(w, second) != given
