"""A clinical console over a real store at lunch, with nobody signed in, and a clock that stands still."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from consoles.clinical.app import ClinicalApp
from consoles.kit.testing import StillClock
from core.kernel.tx import Tx
from core.store.open import Store
from tests import given
from tests.consoles import house
from tests.consoles.clinical.doing import HOLDS, PINS
from tests.kitchen_tui import lunch

Desk = Callable[..., ClinicalApp]
Arrive = Callable[..., None]


@pytest.fixture
def tx() -> Iterator[Tx]:
    with given.transaction() as open_tx:
        lunch.hospital(open_tx)
        house.give_pins(open_tx, PINS)
        yield open_tx


@pytest.fixture
def clock() -> StillClock:
    return StillClock(lunch.NOW)


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the terminal of whoever runs the tests says about colours does not count."""
    for name in ("NO_COLOR", "TEXTUAL_THEME"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def stores() -> Iterator[list[Store]]:
    opened: list[Store] = []
    yield opened
    for store in opened:
        store.close()


@pytest.fixture
def arrive(tx: Tx, stores: list[Store]) -> Arrive:
    """What was done in the hospital since reaches the console."""

    def arrived(app: ClinicalApp) -> None:
        house.arrive(stores[-1], tx, HOLDS)
        app.note(("*",))

    return arrived


@pytest.fixture
def desk(tx: Tx, clock: StillClock, tmp_path: Path, stores: list[Store]) -> Desk:
    """Call it when the hospital is as the test wants it: the console holds what its wards hold then."""

    def made(look: str = "dark", language: str = "en") -> ClinicalApp:
        store = house.device_store(tx, tmp_path, heard=clock.now(), kind="clinical", name="clinical 1", audiences=HOLDS)
        stores.append(store)
        return ClinicalApp(house.opening_of(store, clock), look=look, language=language)

    return made
