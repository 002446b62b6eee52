"""`dusangire demo --check`: the tour by the consoles' own keys, then one meal with cuts and kills."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from admin_cli.demo.hospital import prepare
from admin_cli.demo.joint import JOINT
from admin_cli.demo.spine import SPINE
from admin_cli.demo.walk import Walk

Step = Callable[[Walk], float]


@dataclass(frozen=True, slots=True)
class Seen:
    """One step: its name, a sentence for people, how long what mattered took (ms), and whether it was seen."""

    step: str
    sentence: str
    ms: float
    ok: bool
    why: str = ""

    def line(self) -> str:
        told: dict[str, object] = {"step": self.step, "ms": round(self.ms, 1), "ok": self.ok}
        if self.why:
            told["why"] = self.why
        return json.dumps(told)


def check(folder: Path, steps: tuple[Step, ...]) -> Iterator[Seen]:
    """Walks the steps in a hospital of its own; after one that was not seen, no other is tried."""
    with ExitStack() as leaving:
        began = time.perf_counter()
        hospital = prepare(folder, now=time.time_ns() // 1_000_000)
        leaving.callback(hospital.close)
        walk = Walk(hospital)
        leaving.callback(walk.close)
        yield Seen("prepared", "A hospital in the middle of a meal.", (time.perf_counter() - began) * 1_000, ok=True)
        for step in steps:
            name, sentence = step.__name__, " ".join((step.__doc__ or "").split())
            try:
                yield Seen(name, sentence, step(walk), ok=True)
            except Exception as error:
                yield Seen(name, sentence, 0.0, ok=False, why=f"{type(error).__name__}: {error}"[:600])
                return


def main() -> int:
    """Prints a JSON line and a sentence a step. 0 only when every step of both walks was seen."""
    missed = 0
    for name, steps in (("spine", SPINE), ("joint", JOINT)):
        with tempfile.TemporaryDirectory(prefix=f"dusangire-{name}-") as folder:
            for seen in check(Path(folder), steps):
                print(seen.line())
                print(f"    {seen.sentence}{'' if seen.ok else '  NOT SEEN: ' + seen.why}", flush=True)
                missed += not seen.ok
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
