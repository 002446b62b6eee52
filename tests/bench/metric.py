"""What a measurement says, and how a series of times is summed up."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Metric:
    """One line. peer: the same work done by something plain in the same run; absolute times depend on the machine."""

    name: str
    value: float
    unit: str
    peer: dict[str, float] = field(default_factory=dict)

    def line(self) -> str:
        told: dict[str, object] = {"metric": self.name, "value": round(self.value, 3), "unit": self.unit}
        if self.peer:
            told["peer"] = {name: round(value, 3) for name, value in self.peer.items()}
        return json.dumps(told)


def percentile(series: Sequence[float], share: float) -> float:
    """The value below which this share of the series lies."""
    ordered = sorted(series)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def median(series: Sequence[float]) -> float:
    return percentile(series, 0.5)
