"""What a peer's program said is read as it said it, and what it was not given the time to say is told."""

from __future__ import annotations

import json

import pytest

from tests.bench.peers import Series, beside, note_round

PUSHED = '{"peer": "pouchdb", "batch_size": 1000, "metric": "push", "n": 10000, "ms": 4196.2, "bytes_up": 5715520}'
LOADED = '{"peer": "pouchdb", "batch_size": 1000, "metric": "bootstrap", "n": 10000, "ms": 4213.9}'
LIVE = '{"peer": "pouchdb", "batch_size": 1000, "metric": "live_latency", "n": 490, "p50_ms": 43.79, "p99_ms": 214.87}'
OTHER_BATCH = '{"peer": "pouchdb", "batch_size": 100, "metric": "push", "n": 10000, "ms": 8790.7}'
SUMMARY = '{"summary": true, "peer": "pouchdb", "metric": "push", "n": 10000, "median_ms": 4518.4, "batch_size": 1000}'
ENDED = '{"metric": "timed_out", "command": "pouch_client.mjs", "limit_s": 60}'


def series_of(*rounds: tuple[str, ...]) -> Series:
    series: Series = {("ours", "live_p50"): [56.0], ("sqlite3", "bulk"): [200.0]}
    for lines in rounds:
        note_round(series, "pouch", [json.loads(line) for line in lines])
    return series


def test_a_live_row_standsbeside_ours() -> None:
    series = series_of((PUSHED, LOADED, LIVE, OTHER_BATCH, SUMMARY))

    assert (series["pouch", "push"], series["pouch", "bootstrap"]) == ([4196.2], [4213.9])
    assert (series["pouch", "live_p50"], series["pouch", "live_p99"]) == ([43.79], [214.87])
    assert beside(series, "live_p50").peer["pouch_ms"] == 43.79


def test_a_round_that_was_ended_before_its_live_row_is_counted_and_says_why(
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = beside(series_of((PUSHED, LOADED, ENDED), (PUSHED, LOADED, LIVE)), "live_p50").peer

    assert (told["pouch_ms"], told["pouch_missing_rounds"]) == (43.79, 1.0)
    assert "timed_out" in capsys.readouterr().err


def test_a_peer_that_never_came_to_its_live_row_is_not_just_absent() -> None:
    told = beside(series_of((PUSHED, LOADED, ENDED), (PUSHED, LOADED, ENDED)), "live_p50").peer

    assert ("pouch_ms" in told, told["pouch_missing_rounds"]) == (False, 2.0)
