"""How much of a processor another process has used, by the kernel's own count of nanoseconds."""

from __future__ import annotations

from pathlib import Path


def spent_ms(pid: int) -> float:
    """By all threads that it has now, since they began. Threads that have ended are not counted: compare soon."""
    spent = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            spent += int((task / "schedstat").read_text().split()[0])
        except (FileNotFoundError, ProcessLookupError):  # it has just ended
            continue
    return spent / 1_000_000
