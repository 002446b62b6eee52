"""The five-minute tour waits for its presenter: it goes on when a key was pressed or the thing was seen."""

from __future__ import annotations

import pytest

from admin_cli.demo.counted import Counted
from admin_cli.demo.journal import Happening
from admin_cli.demo.tour import STOPS, VISITOR, Sight, Tour
from core.words import LANGUAGES


def happened(what: str, *, bed: str = VISITOR, ms: int | None = 20) -> Sight:
    return Sight((Happening(7, 0, what, bed, "L-0412", "kitchen", ms),))


def at(says: str) -> Tour:
    tour = Tour()
    while tour.stop.says != says:
        tour.go_on()
    return tour


def goes_on(says: str, sight: Sight) -> bool:
    tour = at(says)
    tour.look(sight)
    return tour.stop.says != says


@pytest.mark.parametrize(
    "says, what", [("order", "ordered"), ("cook", "ready")], ids=["the visitor orders", "the cook readies it"]
)
def test_it_goes_on_when_the_visitors_meal_has_got_there(says: str, what: str) -> None:
    assert goes_on(says, happened(what))


@pytest.mark.parametrize("sight", [Sight(), happened("ordered", bed="A-016"), happened("cancelled")])
def test_it_waits_while_only_other_things_happen(sight: Sight) -> None:
    assert not goes_on("order", sight)


def test_it_goes_on_when_the_line_is_back_and_nothing_waits() -> None:
    waits, cut = Sight(counted=Counted(acts=1, waiting=1)), Sight(is_cut=True)
    assert [goes_on("back", one) for one in (waits, cut, Sight())] == [False, False, True]


def test_a_stop_counts_when_a_handheld_has_it() -> None:
    assert [goes_on("stop", happened("stopped", ms=ms)) for ms in (None, 9)] == [False, True]


def test_where_nothing_can_be_seen_its_key_goes_on_and_no_other() -> None:
    tour = at("cut")
    tour.pressed("k")
    stayed = tour.stop.says
    tour.pressed("x")
    assert (stayed, tour.stop.says) == ("cut", "offline")


def test_a_stop_of_two_keys_wants_both_in_their_sequence() -> None:
    tour = at("offline")
    said = []
    for key in ("2", "1", " ", "1 ", "2"):
        tour.pressed(key)
        said.append(tour.stop.says)
    assert said == ["offline", "offline", "offline", "offline", "back"]


def test_enter_goes_on_only_where_enter_is_the_next_key() -> None:
    places = []
    for says in ("phone", "undo", "order"):
        tour = at(says)
        tour.pressed("Enter")
        places.append(tour.stop.says == says)
    assert places == [False, True, True]


def test_where_something_must_be_seen_a_key_alone_does_not_go_on() -> None:
    tour = at("cook")
    tour.pressed("1")
    tour.look(Sight())
    assert tour.stop.says == "cook"


def test_its_end_is_its_end() -> None:
    tour = Tour()
    for _ in range(3 * len(STOPS)):
        tour.go_on()
    assert (tour.place, tour.stop.key) == (len(STOPS) - 1, "q")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_row_of_it_says_the_next_key_and_what_to_say(language: str) -> None:
    tour, silent = Tour(), []
    for place, stop in enumerate(STOPS, start=1):
        row = tour.row(language)
        begins = row.startswith(f"{place}/{len(STOPS)}  ")
        silent += [] if begins and stop.key in row and f"tour.{stop.says}" not in row else [row]
        tour.go_on()
    assert silent == []
