"""One meal's life through a real server, real stores and real pages, with cuts and kills in the middle."""

from __future__ import annotations

from pathlib import Path

import pytest

from admin_cli.demo.check import check
from admin_cli.demo.joint import JOINT

pytestmark = pytest.mark.story


def test_every_step_of_one_meal_is_seen(tmp_path: Path) -> None:
    missed = [f"{seen.step}: {seen.why}" for seen in check(tmp_path, JOINT) if not seen.ok]

    assert missed == []
