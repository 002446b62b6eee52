"""Beside what others have built, in one run: push, bootstrap and live of the sync, ours and theirs in turns.

DUSANGIRE_PEERS names a folder with a program `run.py` that measures the peers it is told and prints one JSON object a
line: peer, metric (`push`, `bootstrap`, `live_latency`), ms, or p50_ms and p99_ms. Without it nothing is measured here.

A peer that its program ended in the middle has no line of what came after: on a busy machine PouchDB's live latency is
what is lost. The row then says in how many rounds it is missing, and stderr why: it is never just absent.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.ground import timed
from tests.bench.metric import Metric, median

FOLDER = "DUSANGIRE_PEERS"
PEERS = ("turso", "pouch")
ROUNDS = 3
ROWS, ROW_BYTES = 10_000, 400
OURS: Mapping[str, tuple[str, float]] = {  # what is compared -> our metric, and how many ms one of its units is
    "push": ("sync.push_10000_s", 1_000.0),
    "bootstrap": ("sync.bootstrap_10000_ms", 1.0),
    "live_p50": ("sync.live_p50_ms", 1.0),
    "live_p99": ("sync.live_p99_ms", 1.0),
}
Series = dict[tuple[str, str], list[float]]  # (who, what) -> ms
CUT_OFF = ("timed_out", "failed", "skipped")


def measure() -> Iterator[Metric]:
    folder = os.environ.get(FOLDER, "")
    if not folder:
        return
    series: Series = {}
    for _ in range(ROUNDS):
        _note_ours(series)
        series.setdefault(("sqlite3", "bulk"), []).append(_plain_bulk())
        for peer in PEERS:
            _note_theirs(series, Path(folder), peer)
    for what in OURS:
        yield beside(series, what)


def beside(series: Series, what: str) -> Metric:
    ours = median(series["ours", what])
    told = {"sqlite3_bulk_ms": median(series["sqlite3", "bulk"]), "best_of_ours_ms": min(series["ours", what])}
    for who, metric in sorted(series):
        if metric == what and who != "ours":
            theirs = median(series[who, metric])
            told |= {f"{who}_ms": theirs, f"{who}_best_ms": min(series[who, metric]), f"ours_to_{who}": ours / theirs}
    for who in PEERS:
        missing = len(series.get((who, f"no {what}"), ()))
        told |= {f"{who}_missing_rounds": float(missing)} if missing else {}
    return Metric(f"sync.beside_peers_{what}_ms", ours, "ms", told)


def _note_ours(series: Series) -> None:
    lines = _lines([sys.executable, "-m", "tests.bench", "sync"], Path.cwd())
    for what, (metric, unit) in OURS.items():
        series.setdefault(("ours", what), []).extend(
            float(str(line["value"])) * unit for line in lines if line.get("metric") == metric
        )


def _note_theirs(series: Series, folder: Path, peer: str) -> None:
    note_round(series, peer, _lines([sys.executable, "run.py", peer], folder))


def note_round(series: Series, peer: str, lines: Iterable[Mapping[str, object]]) -> None:
    """What one run of a peer's program said; under "no ..." what it did not say."""
    found: dict[str, list[float]] = {what: [] for what in OURS}
    for line in lines:
        metric = str(line.get("metric"))
        if metric in CUT_OFF:
            print(f"{peer}: {json.dumps(line)}", file=sys.stderr)
        elif line.get("summary") or line.get("batch_size", 1_000) != 1_000:
            continue
        elif metric in ("push", "bootstrap") and line.get("n") == ROWS:
            found[metric].append(float(str(line["ms"])))
        elif metric == "live_latency":
            for part in ("p50", "p99"):
                found[f"live_{part}"].append(float(str(line[f"{part}_ms"])))
    for what, times in found.items():
        if times:
            series.setdefault((peer, what), []).extend(times)
        else:
            series.setdefault((peer, f"no {what}"), []).append(0.0)


def _lines(command: list[str], folder: Path) -> list[dict[str, object]]:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def _plain_bulk() -> float:
    """The physical limit: the same bytes in one executemany and one commit, FULL; ms."""
    with TemporaryDirectory(prefix="dusangire-bulk-") as folder:
        plain = sqlite3.connect(Path(folder) / "bulk.db", isolation_level=None)
        plain.execute("PRAGMA journal_mode = WAL")
        plain.execute("PRAGMA synchronous = FULL")
        plain.execute("CREATE TABLE row (id INTEGER PRIMARY KEY, body BLOB)")
        rows = [(number, b"x" * ROW_BYTES) for number in range(ROWS)]

        def work() -> None:
            plain.execute("BEGIN IMMEDIATE")
            plain.executemany("INSERT INTO row VALUES (?, ?)", rows)
            plain.execute("COMMIT")

        seconds = timed(work)
        plain.close()
    return seconds * 1_000
