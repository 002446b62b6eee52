"""Numbers that consoles give: above the server's own, each console from a place of its own."""

from __future__ import annotations

from core.orders.numbers import COUNT, FIRST, next_number
from tests import given


def test_a_console_counts_above_the_server_with_the_letter_of_the_meal() -> None:
    number = next_number("device-1", given.LUNCH, ())
    assert (number[0], FIRST <= int(number[2:]) < FIRST + COUNT) == ("L", True)


def test_a_number_that_is_taken_is_passed_over() -> None:
    first = next_number("device-1", given.LUNCH, ())
    second = next_number("device-1", given.LUNCH, {first})
    assert (int(second[2:]) - int(first[2:])) % COUNT == 1


def test_two_consoles_begin_in_different_places() -> None:
    assert next_number("device-1", given.LUNCH, ()) != next_number("device-2", given.LUNCH, ())


def test_the_last_number_leads_round_to_the_first() -> None:
    taken = {f"L-{FIRST + step:04}" for step in range(COUNT)} - {"L-8000"}
    assert next_number("device-1", given.LUNCH, taken) == "L-8000"
