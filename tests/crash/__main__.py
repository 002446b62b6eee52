"""`python -m tests.crash --kills N [--cuts N]`: kills consoles and servers, cuts the power, and says what was lost.

One JSON line and a sentence a rig. It ends with 1 when anything was lost, done twice, damaged or left waiting.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench.metric import median
from tests.crash import power, server_kills, wall
from tests.crash.accounts import Accounts
from tests.crash.scene import scene
from tests.sync.client.hospital import enrolled, ward_a

MEALS_A_KILL = 2
SPARE_MEALS = 40
Rig = Callable[[], tuple[dict[str, Any], str, bool]]


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--kills", type=int, default=8, help="of a console, and as many of a server")
    parser.add_argument("--cuts", type=int, default=-1, help="of the power, for each; as many as a fifth of the kills")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rig", choices=("consoles", "servers", "power"), help="this one only")
    asked = parser.parse_args(words)
    cuts = asked.cuts if asked.cuts >= 0 else max(1, asked.kills // 5)
    rigs: dict[str, list[Rig]] = {
        "consoles": [lambda: consoles(asked.kills, asked.seed)],
        "servers": [lambda: servers(asked.kills, asked.seed)],
        "power": [lambda: cuts_of("press", cuts, asked.seed), lambda: cuts_of("judge", cuts, asked.seed)],
    }
    return max(_run(rig) for name, some in rigs.items() if asked.rig in (None, name) for rig in some)


def _run(rig: Rig) -> int:
    began = time.perf_counter()
    told, sentence, well = rig()
    print(json.dumps({**told, "seconds": round(time.perf_counter() - began, 1), "ok": well}))
    print(f"    {sentence}", flush=True)
    return 0 if well else 1


def consoles(kills: int, seed: int) -> tuple[dict[str, Any], str, bool]:
    with scene(SPARE_MEALS + MEALS_A_KILL * kills) as bench:
        seen, accounts = wall.kill_consoles(bench, kills, seed=seed)
    told = {"rig": "console_kills", "kills": seen.kills, "without_a_line": seen.cut_off, **_numbers(accounts)}
    return {**told, "on_the_wall_ms": round(median(seen.started_ms))}, accounts.sentence, not accounts.troubles


def servers(kills: int, seed: int) -> tuple[dict[str, Any], str, bool]:
    with scene(SPARE_MEALS + MEALS_A_KILL * kills) as bench:
        back, accounts = server_kills.kill_servers(bench, kills, seed=seed)
    told = {"rig": "server_kills", "kills": len(back), **_numbers(accounts), "back_ms": round(median(back))}
    return told, accounts.sentence, not accounts.troubles


def cuts_of(doing: str, cuts: int, seed: int) -> tuple[dict[str, Any], str, bool]:
    name = {"press": "console_power_cuts", "judge": "server_power_cuts"}[doing]
    with tempfile.TemporaryDirectory(prefix="dusangire-cut-") as folder:
        how = "ext4" if power.may_mount(Path(folder)) else "copied files: this machine lets nobody mount"
        with power.disk(Path(folder), "disk") as disk:
            hospital = ward_a(disk)
            console = enrolled(hospital, disk, plain=False)
            console.store.close()
            hospital.store.close()
            where = console.where.folder if doing == "press" else disk
            found = power.cut_power(doing, where, disk, cuts, seed=seed)
    well = not found.lost and not found.damaged
    sentence = f"{found.told} acts were told as saved over {found.cuts} cuts; {len(found.lost)} lost"
    told = {"rig": name, "on": how, "cuts": found.cuts, "told": found.told, "lost": len(found.lost)}
    return told, f"{sentence}, {len(found.damaged)} faults in files. {'; '.join(found.lost[:3])}", well


def _numbers(accounts: Accounts) -> dict[str, Any]:
    return {
        "acts": accounts.acts,
        "confirmed": accounts.applied,
        "refused": accounts.refused,
        "told_saved": accounts.saved,
        "told_judged": accounts.acknowledged,
        "troubles": len(accounts.troubles),
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
