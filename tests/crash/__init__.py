"""Rigs that hurt real processes on real files and count afterwards: `python -m tests.crash --kills N`."""
