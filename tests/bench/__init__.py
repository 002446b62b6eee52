"""Measurements of the whole thing with real parts: `python -m tests.bench [name ...]` prints one JSON line a metric."""
