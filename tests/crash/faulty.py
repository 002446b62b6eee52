"""Three consoles and a server that work through a line on which a third of all messages meet a fault."""

from __future__ import annotations

from collections import Counter

from admin_cli.demo.hands import wait
from tests.bench.ground import Bench
from tests.crash.accounts import Accounts
from tests.crash.line import FaultyLine
from tests.crash.scene import count
from tests.crash.server_kills import WORKERS, Shift

SHARE = 0.33
PATIENCE_SECONDS = 180.0


def work_through(bench: Bench, acts: int, *, seed: int = 1, share: float = SHARE) -> tuple[Counter[str], Accounts]:
    """So many acts are pressed, and every one of them judged, through the faults; then all is counted.

    What the line did to the messages, and how it ended.
    """
    for name in WORKERS:
        bench.hospital.enrol(name)
    line = FaultyLine(to_port=bench.hospital.server_port, seed=seed, share=share)
    try:
        with Shift(bench, seed=seed, url=line.url) as shift:
            enough, still = f"{acts} acts were not pressed", "a queue does not drain through the faults"
            wait(lambda: len(shift.saved) >= acts or None, what=enough, seconds=PATIENCE_SECONDS)
            shift.rest()
            wait(lambda: not shift.waiting or None, what=still, seconds=PATIENCE_SECONDS)
    finally:
        line.close()
    homes = {name: bench.hospital.homes[name] for name in WORKERS}
    accounts = count(bench.hospital, homes, saved=shift.saved, acknowledged=shift.verdicts)
    accounts.note("people could not go on", [hands.trouble for hands in shift.hands.values() if hands.trouble])
    return line.met, accounts
