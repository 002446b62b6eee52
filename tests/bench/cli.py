"""The command line: how long `dusangire --help` takes, beside a Python that does nothing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

from tests.bench.ground import timed
from tests.bench.metric import Metric, median

RUNS = 9


def measure() -> Iterator[Metric]:
    helps, nothing = [], []
    for _ in range(RUNS):
        nothing.append(_run("-c", "pass"))
        helps.append(_run("-m", "admin_cli.main", "--help"))
    yield Metric(
        "cli.help_ms", median(helps) - median(nothing), "ms", {"whole_ms": median(helps), "python_ms": median(nothing)}
    )


def _run(*arguments: str) -> float:
    command = [sys.executable, *arguments]
    return timed(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL)) * 1_000
