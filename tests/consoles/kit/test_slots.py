"""Nothing moves under a finger: cards keep their places, new ones join at the end,
and a tidy board is in its sequence."""

from __future__ import annotations

from consoles.kit.slots import Grid, Slots, grid_for

NINE = dict.fromkeys("abcdefghi", 1)


def placed(slots: Slots, page: int = 0) -> list[str]:
    return [key for key, _ in slots.on_page(page)]


def tidy(needs: dict[str, int]) -> Slots:
    slots = Slots(Grid(3, 3))
    slots.tidy(needs)
    return slots


def test_nine_cards_fill_a_page_in_reading_order() -> None:
    assert placed(tidy({**NINE, "j": 1})) == list("abcdefghi")


def test_a_high_card_takes_the_slot_below_and_the_page_holds_fewer() -> None:
    slots = tidy({**NINE, "b": 2})
    assert (placed(slots), placed(slots, 1), slots.spot("b")) == (list("abcdefgh"), ["i"], slots.spot("b"))
    spot = slots.spot("b")
    assert spot is not None
    assert (spot.column, spot.band, spot.slots) == (1, 0, 2)


def test_a_card_higher_than_what_is_left_begins_the_next_page() -> None:
    slots = tidy({**dict.fromkeys("abcdefg", 1), "h": 3})
    assert (placed(slots), placed(slots, 1)) == (list("abcdefg"), ["h"])


def test_a_new_card_joins_at_the_end_wherever_it_belongs() -> None:
    slots = tidy(dict.fromkeys("acd", 1))
    assert slots.keep(dict.fromkeys("abcd", 1))
    assert placed(slots) == list("acdb")


def test_what_has_gone_leaves_its_place_empty_until_the_board_is_tidied() -> None:
    slots = tidy(dict.fromkeys("abc", 1))
    slots.keep(dict.fromkeys("ac", 1))
    kept = [(key, spot.column) for key, spot in slots.on_page(0)]
    slots.tidy(dict.fromkeys("ac", 1))
    assert (kept, placed(slots)) == ([("a", 0), ("b", 1), ("c", 2)], ["a", "c"])


def test_a_card_that_grows_stays_and_sends_the_one_below_to_the_end() -> None:
    slots = tidy(NINE)
    assert slots.keep({**NINE, "b": 2})
    spot = slots.spot("b")
    assert spot is not None
    assert (spot.slots, placed(slots), placed(slots, 1)) == (2, list("abcdfghi"), ["e"])


def test_a_card_that_cannot_grow_downwards_asks_for_a_tidy_board() -> None:
    assert not tidy(NINE).keep({**NINE, "h": 2})


def test_the_grid_steps_with_the_screen() -> None:
    sizes = [(80, 18), (99, 36), (60, 14), (40, 8), (127, 43)]
    assert [grid_for(*size) for size in sizes] == [Grid(3, 3), Grid(3, 3), Grid(2, 2), Grid(1, 1), Grid(3, 3)]
