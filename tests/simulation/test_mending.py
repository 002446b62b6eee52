"""Servers that cannot judge some acts for a while: what they lack is theirs alone, and what was parked is judged."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from core import handlers
from core.kernel.tx import Tx
from sync.simulation.chance import SeededChance
from sync.simulation.lacks import Lack, Stumbled, lacking
from sync.simulation.plan import draw
from sync.simulation.run import run

OLDER = Lack(frozenset({"wards.open_stay"}), is_older=True)
STUMBLING = Lack(frozenset({"wards.discharge"}), is_older=False)


def test_what_a_process_lacks_is_laid_over_the_product_for_its_own_turn_only() -> None:
    own = (handlers.find, handlers.decode, handlers.run)
    with lacking(OLDER):
        missing = handlers.find("wards.open_stay")
        with lacking(None):
            inside = (handlers.find, handlers.decode, handlers.run)
        with lacking(STUMBLING):
            other = handlers.find("wards.open_stay")
        with pytest.raises(handlers.Undecodable, match="unknown_command"):
            handlers.decode("wards.open_stay", 1, b"{}")

    assert (missing, inside, other is not None) == (None, own, True)
    assert (handlers.find, handlers.decode, handlers.run) == own


def test_a_process_stumbles_behind_the_handler_so_that_half_an_act_lies_there(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    monkeypatch.setattr(handlers, "run", lambda tx, handle, command: done.append(command.name))
    handle = handlers.HANDLES["wards.discharge"]
    command = handle.command.model_construct()
    with lacking(STUMBLING), pytest.raises(Stumbled):
        handlers.run(Tx.__new__(Tx), handle, command)

    assert done == ["wards.discharge"]


def test_days_with_such_a_stretch_park_acts_and_judge_them_after_all() -> None:
    counts = Counter[str]()
    for seed in (5, 6):
        day = run(seed, ops=100, faults=("server_older", "server_stumbles"))
        counts.update(dict(day.counts))
        assert day.broken == ""

    assert counts["verdict: server_error"] + counts["verdict: unknown_command"] > 0
    assert sum(number for name, number in counts.items() if name.startswith("judged again: ")) > 0


def test_the_chance_of_such_a_stretch_is_its_own_so_that_all_else_of_a_day_stays() -> None:
    kinds = ("a", "b", "c")
    drawn = [draw(SeededChance("plan"), SeededChance(rare), ops=20, kinds=kinds, faults=None) for rare in "pqrstu"]

    assert len({plan.stretches for plan in drawn}) > 1
    assert len({replace(plan, stretches=()) for plan in drawn}) == 1
