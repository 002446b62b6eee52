"""What every test of the ward's console begins with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ward_tui.house import house
from tests.ward_tui.ward import Ward, ward


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hospital's store, built once: every test works on a copy of its own."""
    return house(tmp_path_factory.mktemp("house"))


@pytest.fixture
def w(built: Path, tmp_path: Path) -> Iterator[Ward]:
    made = ward(tmp_path, built)
    yield made
    made.hospital.store.close()
