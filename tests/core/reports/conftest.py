"""Reports are read from the demo hospital, in the middle of its lunch and the day after a dinner."""

from __future__ import annotations

from tests.core.store.demo.conftest import demo

__all__ = ["demo"]
