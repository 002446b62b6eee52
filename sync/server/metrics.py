"""What the server counts about itself, for Prometheus. Never a name, never an id."""

from __future__ import annotations

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
TURN_SECONDS = (0.001, 0.002, 0.005, 0.010, 0.020, 0.050, 0.100, 0.500)
ANSWER_SECONDS = (0.001, 0.005, 0.010, 0.050, 0.100, 0.500, 1.0, 5.0)


class Metrics:
    """One set of counters for one running server: two servers in one process (tests) do not mix."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        own = self.registry
        self.turns = Histogram(
            "dusangire_turn_seconds", "Length of a writer turn", ["lane"], buckets=TURN_SECONDS, registry=own
        )
        self.acts = Counter("dusangire_acts_total", "Acts judged, by outcome", ["outcome"], registry=own)
        self.waiting = Gauge("dusangire_writer_waiting", "Acts that wait for the writer", ["lane"], registry=own)
        self.head = Gauge("dusangire_head_seq", "Number of the last act this process knows", registry=own)
        self.listeners = Gauge("dusangire_live_listeners", "Open live streams", ["framing"], registry=own)
        self.frames = Counter("dusangire_live_frames_total", "Live frames sent", ["framing"], registry=own)
        self.cut = Counter("dusangire_live_cut_total", "Live streams cut because they did not read", registry=own)
        self.answers = Histogram(
            "dusangire_answer_seconds", "Time to answer", ["door", "status"], buckets=ANSWER_SECONDS, registry=own
        )
        self.effects = Counter(
            "dusangire_effects_total", "Effects tried, by what became of them", ["became"], registry=own
        )

    def text(self) -> bytes:
        return generate_latest(self.registry)
