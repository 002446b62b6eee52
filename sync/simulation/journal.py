"""What people did and saw, kept outside the system: every act, every verdict they were shown,
and the story of the day."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field

from core.kernel.message import Command


class Broken(Exception):  # noqa: N818 - what it says is what was found
    """An invariant does not hold. `number`: which (sync.md §3), or a name of security.md's N-list."""

    def __init__(self, number: str, what: str) -> None:
        super().__init__(f"invariant {number}: {what}")
        self.number = number


@dataclass(slots=True)
class Deed:
    """One act as its person knows it. sure: they saw that it was saved. lost: with a store that is no more."""

    op_id: bytes
    where: str
    actor_id: str
    kind: str
    at: int
    command: Command | None = None
    sure: bool = True
    lost: bool = False


@dataclass(slots=True)
class Journal:
    """See the module."""

    deeds: dict[bytes, Deed] = field(default_factory=dict)
    unsure: dict[bytes, tuple[str, Command | None]] = field(default_factory=dict)  # salt -> what was pressed then
    shown: dict[bytes, tuple[str, str]] = field(default_factory=dict)  # the verdict somebody was first shown
    counts: Counter[str] = field(default_factory=Counter)
    story: list[str] = field(default_factory=list)
    now: int = 0
    begun: int = 0
    _digest: hashlib._Hash = field(default_factory=hashlib.sha256)

    def tell(self, who: str, what: str) -> None:
        """One line of the story; all lines together are the trace."""
        passed = self.now - self.begun
        line = f"{passed / 1_000:10.3f}  {who:<14} {what}"
        self._digest.update(line.encode())
        self.story.append(line)

    def trace(self, line: str) -> None:
        """Part of the trace, and too small for the story."""
        self._digest.update(line.encode())

    def count(self, what: str) -> None:
        self.counts[what] += 1

    def check(self, names: str | tuple[str, ...], times: int = 1) -> None:
        """Invariants were looked at, so many times: one that never is proves nothing."""
        for name in (names,) if isinstance(names, str) else names:
            self.counts[f"check: {name}"] += times

    def note(self, deed: Deed) -> None:
        if deed.op_id in self.deeds:
            raise Broken("2", f"the id {deed.op_id.hex()} was given twice")
        self.deeds[deed.op_id] = deed

    def show(self, op_id: bytes, outcome: str, code: str, where: str) -> None:
        """Somebody was shown a verdict. The first one stands; only `parked` may become final later (invariant 2)."""
        known = self.shown.get(op_id)
        if known is None or (known[0] == "parked" and outcome != "parked"):
            self.shown[op_id] = (outcome, code)
        elif known != (outcome, code):
            deed = self.deeds.get(op_id)
            what = deed.kind if deed is not None else "an act nobody made"
            raise Broken("2", f"{what} {op_id.hex()[-6:]} was {known} and is {(outcome, code)} for {where}")

    def forget_verdict(self, op_id: bytes) -> None:
        """The server was restored to before it said so."""
        self.shown.pop(op_id, None)

    def digest(self, *, ending: bytes = b"") -> str:
        whole = self._digest.copy()
        whole.update(ending)
        return whole.hexdigest()
