"""What every test of a console begins with."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sync.client.hospital import Console, Hospital, enrolled, ward_a


@pytest.fixture
def hospital(tmp_path: Path) -> Hospital:
    return ward_a(tmp_path)


@pytest.fixture
def console(hospital: Hospital, tmp_path: Path) -> Console:
    return enrolled(hospital, tmp_path)
