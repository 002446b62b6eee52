"""What the launcher makes happen, in a real hospital: a busy hour through the doors, and a journal that measures it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from admin_cli.demo.hands import wait
from admin_cli.demo.hospital import prepare
from admin_cli.demo.joint import order_by_phone
from admin_cli.demo.journal import Happening
from admin_cli.demo.stage import Stage
from admin_cli.demo.tour import VISITOR

pytestmark = pytest.mark.story


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    hospital = prepare(tmp_path, now=time.time_ns() // 1_000_000)
    try:
        hospital.start_server()
        opened = Stage(hospital)
    except BaseException:
        hospital.close()
        raise
    yield opened
    opened.close()


def told(stage: Stage, what: str, bed: str) -> Happening | None:
    return next((one for one in stage.journal.happenings if (one.what, one.bed) == (what, bed)), None)


def order_from_the_visitors_bed(stage: Stage) -> str:
    phone = stage.walk.phone_at(VISITOR)
    day, month, year = stage.walk.birth_date(VISITOR)
    phone.send(lambda form, _: "year" in form.fields, day=day, month=month, year=year)
    return order_by_phone(stage.walk, phone, "ibishyimbo", "umuceri", method="cash")


def test_in_a_busy_hour_patients_order_hands_cook_and_carry_and_nothing_is_lost(stage: Stage) -> None:
    assert stage.toggle_busy()
    play = stage.busy
    assert play is not None
    wait(lambda: play.ordered and play.cooked and play.given, what=f"{play.ordered} {play.cooked} {play.given}")
    assert (stage.toggle_busy(), play.is_running, stage.busy) == (False, False, None)
    for name in ("kitchen", "ward"):
        stage.walk.people[name].wait_until_sent()
    counted = stage.walk.counted()
    assert (counted.is_well, counted.waiting, counted.acts > 2) == (True, 0, True), counted.sentence
    assert {"ordered", "cooking", "delivered"} <= {one.what for one in stage.journal.happenings}


def test_a_cut_line_keeps_an_order_on_its_way_until_it_is_joined(stage: Stage) -> None:
    assert not stage.toggle_network()
    number = order_from_the_visitors_bed(stage)
    on_the_way, _ = wait(lambda: told(stage, "ordered", VISITOR), what="the journal has not seen it")
    assert (on_the_way.number, on_the_way.seen_by, on_the_way.ms) == (number, "kitchen", None)

    assert stage.toggle_network()
    arrived, _ = wait(
        lambda: one if (one := told(stage, "ordered", VISITOR)) and one.ms is not None else None, what="never arrived"
    )
    assert (arrived.seq, (arrived.ms or 0) > 0) == (on_the_way.seq, True)


def test_a_killed_server_is_down_until_it_is_started_again(stage: Stage) -> None:
    assert (stage.toggle_server(), stage.hospital.server_is_up) == (False, False)
    assert (stage.toggle_server(), stage.hospital.server_is_up) == (True, True)
    assert order_from_the_visitors_bed(stage)
