"""The demo hospital in the middle of its lunch, filled once and only read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from admin_cli.practice import fill, open_practice

NOON = 1_795_600_000_000  # 2026-11-25 11:46 in Kigali


@pytest.fixture(scope="package")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    folder: Path = tmp_path_factory.mktemp("demo")
    store = open_practice(f"sqlite:///{folder / 'hospital.db'}", now=NOON, epoch="epoch-1", signing_seed="00" * 32)
    fill(store, NOON)
    with store.reading() as connection:
        yield connection
    store.close()
