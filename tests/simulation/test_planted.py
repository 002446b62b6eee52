"""The simulator finds every bug that is planted: a check that cannot fail proves nothing."""

from __future__ import annotations

import pytest

from sync.simulation.run import run
from tests.simulation.planted import LISTED, PLANTED, Plant

DAYS = range(1, 31)


@pytest.mark.slow
@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_a_planted_bug_is_found(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    faults = PLANTED[plant]
    names = None if faults is None else faults.split()
    found = next((broken for seed in DAYS if (broken := run(seed, ops=100, faults=names).broken)), "")
    assert found.startswith("invariant")


def test_every_bug_of_the_list_is_planted_or_says_why_not() -> None:
    assert len(LISTED) == 25
    assert {plant for plant in LISTED.values() if not isinstance(plant, str)} <= set(PLANTED)
