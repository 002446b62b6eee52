"""What the simulator looks at is all that it says it looks at."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from sync.simulation import __main__ as command
from sync.simulation.invariants import FAULT_KINDS, INVARIANTS
from sync.simulation.plan import FAULTS
from sync.simulation.run import run


def test_every_invariant_without_a_reason_is_looked_at_on_a_day() -> None:
    counts = Counter[str]()
    for seed in (1, 2):
        counts.update(dict(run(seed, ops=60).counts))
    silent = [name for name, reason in INVARIANTS.items() if not reason and not counts[f"check: {name}"]]
    assert silent == []


def test_the_list_has_every_number_of_the_design() -> None:
    numbers = {str(number) for number in range(1, 21)}
    names = {f"N{number:02}" for number in range(1, 28)}
    assert set(INVARIANTS) == numbers | names


def test_every_kind_of_fault_is_one_that_a_day_can_have_or_says_why_not() -> None:
    drawn = {name for names in FAULT_KINDS.values() if not isinstance(names, str) for name in names}
    assert drawn <= set(FAULTS)
    assert len(FAULT_KINDS) >= 24


def test_meals_are_judged_a_second_time_at_presses_and_at_steps() -> None:
    counts = Counter[str]()
    for seed in (3, 4, 5):
        counts.update(dict(run(seed, ops=100, faults=("late_change",)).counts))
    assert counts["check: N17 at a press"] and counts["check: N17 at a step"]
    assert counts["N17: allowed steps"]
    assert counts["N17: steps that were stopped"] + counts["N17: given against rules that came later, and told"]


def test_the_summary_tells_faults_refusals_and_checks_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--seeds", "2", "--first", "20", "--ops", "20", "--jobs", "1", "--json"]) == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (told["seeds"], told["broken"], told["run_twice"]) == (2, [], 1)
    assert told["seeds_per_minute"] > 0
    assert {"faults", "refused_at_the_press", "verdicts", "checks", "never_checked"} <= set(told)
    assert told["checks"]["N05"] > 0
