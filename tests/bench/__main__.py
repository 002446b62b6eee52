"""Runs the measurements that are named, or all of them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping

from tests.bench import cli, console, diets, fanout, page, peers, storm, sync
from tests.bench.metric import Metric

MEASUREMENTS: Mapping[str, Callable[[], Iterable[Metric]]] = {
    "cli": cli.measure,
    "diets": diets.measure,
    "sync": sync.measure,
    "page": page.measure,
    "live": fanout.measure,
    "console": console.measure,
    "storm": storm.measure,
    "peers": peers.measure,
}


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in MEASUREMENTS]
    if unknown:
        print(f"There is no measurement {', '.join(unknown)}. There are: {', '.join(MEASUREMENTS)}.", file=sys.stderr)
        return 2
    for name in names or MEASUREMENTS:
        for metric in MEASUREMENTS[name]():
            print(metric.line(), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
