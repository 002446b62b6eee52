"""A running server forgets by itself, in short turns, what is older than the hospital's policy."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from core.kernel.values import DAY_MS
from core.store import log
from core.wards.commands import OpenStay
from sync.server import due, effects
from sync.server.app import build
from tests.sync.client.hospital import NOON, Hospital, ward_a


def horizon_after(hospital: Hospital, days: int, ticks: int = 6) -> int:
    house = build(hospital.store, now=lambda: NOON + days * DAY_MS, chance=hospital.dice.bytes).state.house

    async def some_time() -> None:
        house.open()
        try:
            for _ in range(ticks):
                await house.tick()
        finally:
            await house.close()

    asyncio.run(some_time())
    with hospital.store.reading() as connection:
        return log.read_head(connection).horizon_seq


def test_after_a_week_the_horizon_moves_and_not_before(tmp_path: Path) -> None:
    hospital = ward_a(tmp_path)
    for number in range(5):
        hospital.told(OpenStay(stay_id=f"stay-{number}", ward_id="A", full_name="Somebody"))
    before = hospital.head
    assert (horizon_after(hospital, 6), horizon_after(hospital, 8) >= before) == (0, True)


def test_time_goes_on_where_one_of_its_errands_stumbles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hospital = ward_a(tmp_path)
    before = hospital.head

    def stumbles(*_: object) -> bool:
        raise KeyError("a gateway is mad")

    monkeypatch.setattr(effects, "any_due", stumbles)
    monkeypatch.setattr(due, "fallen", stumbles)
    assert horizon_after(hospital, 8) >= before
