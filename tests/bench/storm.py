"""A reconnect storm: a hundred handhelds come back at once, each with five hundred acts in its queue."""

from __future__ import annotations

from collections.abc import Iterator

from tests.bench.metric import Metric
from tests.crash.storm import storm

DEVICES, ACTS = 100, 500
PROCESSES = 4  # of consoles: in life each handheld is a machine of its own


def measure() -> Iterator[Metric]:
    """Until the last queue is empty. Whatever is lost or done twice is no measurement."""
    found = storm(DEVICES, ACTS, processes=PROCESSES)
    assert not found.accounts.troubles, found.accounts.sentence
    told = {"acts": float(found.accounts.acts), "caught_up_s": found.caught_up_s, "server_cpu_s": found.server_cpu_s}
    yield Metric(f"sync.storm_{DEVICES}x{ACTS}_s", found.drained_s, "s", told)
