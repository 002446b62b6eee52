"""orders: what the command line tells of them, and one step by hand with its price shown first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.admin_cli.conftest import Command

ADMIN, PASSWORD = "admin_1", "mudasobwa-urufunguzo-imeza"
BY_ADMIN = ("--as", ADMIN, "--reason", "the tray fell")


def first(dusangire: Command, group: str) -> Any:
    return dusangire("orders", "list", "--group", group, "--json").json[0]


def test_orders_are_listed_by_how_far_they_are(dusangire: Command, hospital: Path) -> None:
    everything = dusangire("orders", "list", "--group", "all", "--json").json
    cooking = dusangire("orders", "list", "--group", "cooking", "--json").json

    assert {one["state"] for one in cooking} == {"cooking"} and len(everything) > len(cooking) > 0
    assert cooking[0]["number"] in dusangire("orders", "list").out
    assert dusangire("orders", "list", "--group", "eaten").code == 2


def test_an_orders_whole_life_is_told(dusangire: Command, hospital: Path) -> None:
    one = first(dusangire, "delivered")
    life = dusangire("orders", "show", one["number"], "--json").json

    assert [step["to"] for step in life["steps"]][-1] == "delivered" and life["hand_overs"]
    assert life["dishes"][0]["name"] in dusangire("orders", "show", one["number"]).out


def test_without_yes_an_override_is_only_shown_with_what_it_costs(dusangire: Command, hospital: Path) -> None:
    one = first(dusangire, "cooking")
    said = dusangire("orders", "override", one["number"], "cancelled", *BY_ADMIN)

    assert (said.code, "RWF any more." in said.out, "Nothing was moved yet" in said.out) == (0, True, True)
    assert dusangire("orders", "show", one["order"], "--json").json["state"] == "cooking"


def test_without_a_step_every_step_from_here_is_shown(dusangire: Command, hospital: Path) -> None:
    one = first(dusangire, "cooking")
    told = dusangire("orders", "override", one["number"], "--json").json

    assert {step["step"] for step in told["steps"]} == {"ready", "kitchen_issue", "cancelled", "confirmed"}
    assert [step["francs"]["due_after"] for step in told["steps"] if step["step"] == "cancelled"] == [0]
    assert told["done"] is False


def test_an_administrator_moves_it_one_step_with_a_reason(dusangire: Command, hospital: Path) -> None:
    one = first(dusangire, "cooking")
    done = dusangire("orders", "override", one["number"], "ready", *BY_ADMIN, "--yes", lines=(PASSWORD,))
    last = dusangire("orders", "show", one["order"], "--json").json["steps"][-1]

    assert (done.code, last["to"], last["by"], last["reason"]) == (0, "ready", "admin 1", "the tray fell")


@pytest.mark.parametrize(
    ("step", "words", "password"),
    [
        ("delivered", BY_ADMIN, PASSWORD),  # no legal edge
        ("ready", BY_ADMIN, "wrong"),
        ("ready", ("--as", ADMIN), PASSWORD),  # no reason
        ("ready", ("--as", "cook_1", "--reason", "x"), "amashaza-inkono-umuriro"),  # not their right
    ],
)
def test_what_may_not_be_moves_nothing(
    dusangire: Command, hospital: Path, step: str, words: tuple[str, ...], password: str
) -> None:
    one = first(dusangire, "cooking")
    said = dusangire("orders", "override", one["number"], step, *words, "--yes", lines=(password,))

    assert (said.code, len(said.sentences)) == (2, 3)
    assert dusangire("orders", "show", one["order"], "--json").json["state"] == "cooking"
