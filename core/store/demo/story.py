"""The whole past of the demo hospital, in the sequence it happened."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from core.kernel.values import DAY_MS
from core.store.demo import hours, house, meals, pages, people, stays, yesterday
from core.store.demo.script import Deed, Script

OPENED_DAYS_AGO = 15
SEED = "dusangire"


@dataclass(frozen=True, slots=True)
class Size:
    """What a visitor is told: 118 beds, 80 patients, 22 dishes, lunch in full swing."""

    beds: int
    patients: int
    dishes: int
    meal: str


def opened_at(now: int) -> int:
    """When this hospital's log begins."""
    return now - OPENED_DAYS_AGO * DAY_MS


def story(now: int, seed: str = SEED) -> Iterator[Deed]:
    """Every deed until `now` (ms UTC), the oldest first; the same for the same two arguments.

    To be performed in this sequence, each at its own instant; deeds of one instant may share a turn.
    """
    script = Script(now=now, seed=seed)
    begun = opened_at(now)
    house.open_house(script, begun)
    house.fill_larder(script, begun)
    people.employ(script, begun)
    swing = hours.plan(script)
    guests = stays.admit_all(script)
    yesterday.serve(script, guests)
    meals.serve(script, swing, guests)
    return script.told()


def size(now: int) -> Size:
    return Size(
        beds=sum(ward["beds"] for ward in pages.hospital()["ward"]),
        patients=len(pages.inpatients()),
        dishes=len(pages.dishes()),
        meal=hours.in_full_swing(now).meal,
    )
