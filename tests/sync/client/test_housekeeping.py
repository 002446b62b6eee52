"""What a console's background does while there is nothing to say, and what it never does in the middle of a press."""

from __future__ import annotations

import gc
import sys

from core.wards.commands import OpenStay
from sync.client import loop
from sync.client.door import SWITCH_SECONDS, Door
from tests.sync.client.hospital import Console, Dice, Time, loop_of


def admit(console: Console, number: int) -> None:
    console.press(OpenStay(stay_id=f"stay-{number}", ward_id="A", full_name=f"Patient {number}"))


def test_the_log_beside_the_store_is_moved_into_it_once_a_few_acts_are_in_it(console: Console) -> None:
    one = loop_of(console)
    console.store.move_log()
    unmoved = []
    for number in range(loop.LOG_COMMITS):
        admit(console, number)
        one._tidy_up()
        unmoved.append(console.store.unmoved)
    assert unmoved == [*range(1, loop.LOG_COMMITS), 0]
    assert console.waiting == loop.LOG_COMMITS


def test_nothing_long_stands_in_the_way_of_a_press_once_a_door_is_open(console: Console) -> None:
    console.store.close()
    with Door.at(console.where, link=console.link, clock=Time(), chance=Dice("door")):
        assert (gc.get_freeze_count() > 10_000, sys.getswitchinterval()) == (True, SWITCH_SECONDS)
