"""This machine's own clock and chance: the real twins of two ports."""

from __future__ import annotations

import os
import time
from pathlib import Path

from sync.client.moment import Moment

STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # goes on in sleep: a lease ends in a drawer too
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class MachineClock:
    """Wall clock, steady clock, and which boot the steady clock counts from."""

    def __init__(self, boot_file: Path = BOOT_ID) -> None:
        self._boot = _boot_id(boot_file)

    def now(self) -> Moment:
        steady = time.clock_gettime_ns(STEADY) // 1_000_000
        return Moment(wall=time.time_ns() // 1_000_000, mono=steady, boot=self._boot)


class MachineChance:
    def bytes(self, count: int) -> bytes:
        return os.urandom(count)


def _boot_id(boot_file: Path) -> str:
    """Without a boot id each process is a boot of its own: instants of an earlier one then have a wide error."""
    try:
        return boot_file.read_text(encoding="ascii").strip() or os.urandom(16).hex()
    except OSError:
        return os.urandom(16).hex()
