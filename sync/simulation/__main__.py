"""`python -m sync.simulation`: runs seeds, two at a time, and tells what each came to; exit 1 when an invariant broke.

A seed that broke is told with its story and the command that runs it again.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from sync.simulation.invariants import INVARIANTS
from sync.simulation.plan import FAULTS
from sync.simulation.run import Result, run

TOLD_LINES = 60
# what a count's name begins with -> under what it is told
GROUPS = {
    "fault": "faults",
    "net": "net",
    "at the press": "refused_at_the_press",
    "verdict": "verdicts",
    "check": "checks",
    "pressed": "pressed",
}
TWICE_EACH = 20  # one seed in so many is run twice: its two traces must be the same


def main(arguments: list[str] | None = None) -> int:
    asked = _arguments(arguments)
    began, broken, counts = time.monotonic(), [], Counter[str]()
    for result in _results(asked):
        counts.update(dict(result.counts))
        if asked.json:
            print(result.as_json(), flush=True)
        if result.broken:
            broken.append(result.seed)
            if not asked.json:
                _tell(result, asked)
    seconds = time.monotonic() - began
    told = {
        "seeds": asked.seeds,
        "ops": asked.ops,
        "broken": broken,
        "seconds": round(seconds, 1),
        "seeds_per_minute": round(60 * asked.seeds / max(seconds, 0.001), 1),
        "run_twice": sum(1 for seed in range(asked.first, asked.first + asked.seeds) if seed % TWICE_EACH == 0),
        **_summary(counts),
    }
    if asked.json:
        print(json.dumps(told))
    else:
        print(_in_words(told))
        if asked.counts:
            print(json.dumps(_summary(counts), indent=2))
    return 1 if broken else 0


def _summary(counts: Counter[str]) -> dict[str, dict[str, int]]:
    """Faults by kind, refusals and verdicts by code, checks by the number of their invariant; the rest as it is."""
    told: dict[str, dict[str, int]] = {name: {} for name in (*GROUPS.values(), "counts")}
    for name, count in sorted(counts.items()):
        group, _, what = name.partition(": ")
        kind = GROUPS.get(group)
        told[kind or "counts"][what if kind else name] = count
    unchecked = [name for name, reason in INVARIANTS.items() if not reason and not told["checks"].get(name)]
    told["never_checked"] = dict.fromkeys(unchecked, 0)
    return told


def _arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sync.simulation", description="Simulated days of a hospital.")
    parser.add_argument("--seeds", type=int, default=20, help="how many days")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--ops", type=int, default=200, help="presses in a day")
    parser.add_argument(
        "--faults", default=None, help=f'only these, with commas between; "" for none: {" ".join(FAULTS)}'
    )
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1), help="worker processes")
    parser.add_argument("--json", action="store_true", help="one line of JSON a seed, and a summary at the end")
    parser.add_argument("--counts", action="store_true", help="the summary as well: faults, refusals, checks")
    asked = parser.parse_args(arguments)
    unknown = [name for name in _faults(asked) or () if name not in FAULTS]
    if unknown or asked.seeds < 1 or asked.ops < 1:
        parser.error(f"no such fault: {', '.join(unknown)}" if unknown else "nothing to run")
    return asked


def _faults(asked: argparse.Namespace) -> tuple[str, ...] | None:
    return None if asked.faults is None else tuple(name for name in asked.faults.split(",") if name)


def _results(asked: argparse.Namespace) -> Iterator[Result]:
    seeds = range(asked.first, asked.first + asked.seeds)
    one = partial(_one, ops=asked.ops, faults=_faults(asked))
    if asked.jobs < 2 or asked.seeds < 2:
        yield from map(one, seeds)
        return
    with ProcessPoolExecutor(asked.jobs) as pool:
        yield from pool.map(one, seeds, chunksize=1)


def _one(seed: int, *, ops: int, faults: tuple[str, ...] | None) -> Result:
    """A seed that held keeps no story: there is nothing to tell."""
    result = run(seed, ops=ops, faults=faults)
    if not result.broken and seed % TWICE_EACH == 0:
        again = run(seed, ops=ops, faults=faults)
        if again.digest != result.digest:
            return Result(seed, ops, result.digest, f"N27: a second run has the trace {again.digest}", result.story)
    return result if result.broken else Result(seed, ops, result.digest, counts=result.counts)


def _tell(result: Result, asked: argparse.Namespace) -> None:
    print(f"\nSeed {result.seed} broke: {result.broken[:600]}\n")
    for line in result.story[-TOLD_LINES:]:
        print(f"  {line[:200]}")
    more = "" if asked.faults is None else f" --faults {asked.faults!r}"
    print(f"\nAgain: python -m sync.simulation --seeds 1 --first {result.seed} --ops {result.ops}{more}\n", flush=True)


def _in_words(told: dict[str, object]) -> str:
    held = "every invariant held" if not told["broken"] else f"broken: {told['broken']}"
    rate = f"{told['seconds']} s, {told['seeds_per_minute']} a minute"
    return f"{told['seeds']} days of {told['ops']} presses, {rate}: {held}"


if __name__ == "__main__":
    sys.exit(main())
