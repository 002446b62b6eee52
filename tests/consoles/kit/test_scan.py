"""A scanner's burst never reaches a key binding, and a person's keys are never taken for a scan."""

from __future__ import annotations

from textual.events import Key
from textual.pilot import Pilot

from tests.consoles.kit.bench_app import BenchApp

WRISTBAND = "W-7412-8890"


def typed(app: BenchApp, *keys: str) -> None:
    """Keys as a terminal brings them in one read."""
    for one in keys:
        app.post_message(Key(one, one if len(one) == 1 else None))


async def heard(pilot: Pilot[None]) -> list[object]:
    app: BenchApp = pilot.app  # type: ignore[assignment]  # as made below
    for _ in range(50):
        await pilot.pause(0.02)
        if app.bench.heard:
            break
    return app.bench.heard


async def test_a_scan_with_a_prefix_arrives_whole_and_no_digit_of_it_is_a_key() -> None:
    app = BenchApp()
    async with app.run_test() as pilot:
        typed(app, "f13", *WRISTBAND, "enter")
        assert await heard(pilot) == [WRISTBAND]


async def test_a_scan_without_a_prefix_is_known_by_its_speed() -> None:
    app = BenchApp()
    app.scans.holding = True
    async with app.run_test() as pilot:
        typed(app, *WRISTBAND, "enter")
        assert (await heard(pilot), app.scans.last) == ([WRISTBAND], WRISTBAND)


async def test_a_broken_scan_is_told_as_broken() -> None:
    app = BenchApp()
    async with app.run_test() as pilot:
        typed(app, "f13", "7", "down")
        assert await heard(pilot) == [""]


async def test_a_scan_too_short_to_be_one_is_broken() -> None:
    app = BenchApp()
    async with app.run_test() as pilot:
        typed(app, "f13", "7", "enter")
        assert await heard(pilot) == [""]


async def test_a_single_key_goes_on_to_its_binding() -> None:
    app = BenchApp()
    app.scans.holding = True
    async with app.run_test() as pilot:
        await pilot.press("u")
        for _ in range(200):
            await pilot.pause(0.01)
            if app.bench.said:
                break
        assert (app.bench.said, app.bench.heard) == ("There is nothing to undo now.", [])
