"""The demo's own walks: real server, real stores, real pages, real consoles, with cuts and kills in the middle."""

from __future__ import annotations

from pathlib import Path

import pytest

from admin_cli.demo.check import Step, check
from admin_cli.demo.joint import JOINT
from admin_cli.demo.spine import SPINE

pytestmark = pytest.mark.story


def missed(folder: Path, steps: tuple[Step, ...]) -> list[str]:
    return [f"{seen.step}: {seen.why}" for seen in check(folder, steps) if not seen.ok]


def test_the_tour_is_seen_row_by_row_on_pages_and_consoles(tmp_path: Path) -> None:
    assert missed(tmp_path, SPINE) == []


def test_every_step_of_one_meal_is_seen_with_cuts_and_kills_between(tmp_path: Path) -> None:
    assert missed(tmp_path, JOINT) == []
