"""The engine and an independent, slow reading of the same rules agree on every generated patient and every dish."""

from __future__ import annotations

from random import Random
from time import perf_counter

import pytest

from core.diets.verdict import Thresholds, judge_dish, read, verdict
from core.kernel.values import DAY_MS, HOUR_MS
from core.menu.model import DishFacts
from tests import given
from tests.core.diets.oracle import Leaf, Plate, opinion
from tests.core.diets.people import demo_menu, patient, substances_of

NOON = given.NOON
Menu = list[tuple[DishFacts, Plate]]
BATCH = 500
BATCHES = [*range(4), *(pytest.param(batch, marks=pytest.mark.slow) for batch in range(4, 20))]
THRESHOLDS = (Thresholds(), Thresholds(no_order_grace=DAY_MS))


@pytest.fixture(scope="module")
def menu() -> Menu:
    return demo_menu()


@pytest.mark.parametrize("batch", BATCHES)
def test_both_opinions_agree_on_five_hundred_patients_and_the_whole_menu(menu: Menu, batch: int) -> None:
    differ, kinds = [], set()
    for number in range(batch * BATCH, (batch + 1) * BATCH):
        chance = Random(number)
        profile, person, used = patient(chance, substances_of(menu))
        served = NOON + chance.choice((-HOUR_MS, 0, HOUR_MS, 6 * HOUR_MS))
        thresholds = chance.choice(THRESHOLDS)
        age = chance.choice((0, 0, 0, HOUR_MS, 5 * HOUR_MS, None))
        halves = chance.choice((1, 2, 2, 3))
        for facts, plate in menu:
            found = verdict(
                profile, facts, serve_at=served, at=NOON, rules_age=age, thresholds=thresholds, used=used, halves=halves
            )
            kind, codes = opinion(
                person, plate, now=NOON, served=served, halves=halves, rules_age=age, grace=thresholds.no_order_grace
            )
            kinds.add(kind)
            if (found.kind.value, {reason.code for reason in found.reasons}) != (kind, codes):
                differ.append((number, facts.id, found, kind, codes))
    assert differ == []
    assert kinds == {"allow", "warn", "hold", "block"}


def test_the_whole_menu_is_judged_for_one_patient_within_two_milliseconds(menu: Menu) -> None:
    """The best of many runs: what the machine does besides is not what is measured."""
    dishes = [facts.altered({"level": "7"}) for facts, _ in menu * 10][:200]
    profile, _, used = patient(Random(3), substances_of(menu))
    best = 1.0
    for run in range(60):
        started = perf_counter()
        someone = read(profile, serve_at=NOON + run, at=NOON)
        for facts in dishes:
            judge_dish(someone, facts, used=used)
        best = min(best, perf_counter() - started)
    assert (len(dishes), best < 0.002) == (200, True), f"{best * 1_000:.2f} ms"


def test_the_second_opinion_knows_a_plate_by_everything_in_it() -> None:
    """The oracle's own floor: were it to say yes to everything, agreement would mean nothing."""
    paste = Plate("paste", [(100, Leaf("groundnut", {"peanut"}, per_100={"sodium_mg": 5}))], yields=50)
    stew = Plate("stew", [(100, paste), (50, Leaf("rice", per_100={"sodium_mg": None}))])
    chance = Random(0)
    verdicts = {opinion(patient(chance, ["peanut"])[1], stew, now=NOON, served=NOON)[0] for _ in range(900)}
    assert verdicts >= {"allow", "block", "hold"}
