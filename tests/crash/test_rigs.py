"""The rigs, short: real processes killed, power cut, a line that loses and doubles, a hundred that come back at once.
`python -m tests.crash --kills N` is the long run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crash import server_kills, wall
from tests.crash.faulty import work_through
from tests.crash.line import ON_A_REQUEST
from tests.crash.power import Cuts, cut_power, disk, may_mount
from tests.crash.scene import scene
from tests.crash.storm import storm
from tests.sync.client.hospital import enrolled, ward_a

pytestmark = pytest.mark.story
KILLS = 8
CUTS = 5
ACTS_THROUGH_FAULTS = 400


def test_what_a_wall_has_said_is_saved_outlives_its_process_and_is_judged_once() -> None:
    with scene(60) as bench:
        seen, accounts = wall.kill_consoles(bench, KILLS)
    assert accounts.troubles == []
    assert seen.kills == KILLS
    assert seen.said.total() > 0


def test_what_a_server_has_told_outlives_its_process_and_is_told_the_same_again() -> None:
    with scene(60) as bench:
        back, accounts = server_kills.kill_servers(bench, KILLS)
    assert accounts.troubles == []
    assert len(back) == KILLS
    assert accounts.acknowledged > 0


def test_a_line_that_drops_delays_doubles_reorders_and_cuts_loses_nothing_and_wedges_nobody() -> None:
    with scene(60) as bench:
        met, accounts = work_through(bench, ACTS_THROUGH_FAULTS, seed=3)
    assert accounts.troubles == []
    assert accounts.acts >= ACTS_THROUGH_FAULTS
    assert len([fault for fault in ON_A_REQUEST if met[fault]]) >= len(ON_A_REQUEST) // 2  # the others by another seed


def test_handhelds_that_all_come_back_at_once_lose_nothing() -> None:
    found = storm(10, 50, processes=2)
    assert found.accounts.troubles == []
    assert (found.accounts.acts, found.accounts.applied) == (500, 500)


# -- power ------------------------------------------------------------------------------------------------------------


def cut(folder: Path, doing: str, *how: str) -> Cuts:
    """On a disk of its own, where this machine lets us mount one."""
    with disk(folder, "disk") as place:
        hospital = ward_a(place)
        console = enrolled(hospital, place, plain=False)
        console.store.close()
        hospital.store.close()
        return cut_power(doing, console.where.folder if doing == "press" else place, place, CUTS, how=how)


@pytest.mark.parametrize("doing", ["press", "judge"])
def test_no_act_that_was_told_as_saved_is_lost_in_a_power_cut(tmp_path: Path, doing: str) -> None:
    found = cut(tmp_path, doing)
    assert (found.lost, found.damaged, found.cuts) == ([], [], CUTS)
    assert found.told >= CUTS


def test_the_rig_sees_commits_that_do_not_wait_for_the_disk(tmp_path: Path) -> None:
    assert bool(cut(tmp_path, "press", "off").lost) == may_mount(tmp_path)
