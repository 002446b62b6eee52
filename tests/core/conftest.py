"""Every test of the core begins in a hospital with staff and a menu, and nobody in its beds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.kernel.tx import Tx
from tests import given


@pytest.fixture
def tx() -> Iterator[Tx]:
    with given.transaction() as open_tx:
        given.hospital(open_tx)
        yield open_tx
