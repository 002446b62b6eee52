"""A wall over a real store at lunch, with nobody signed in, and a clock that stands still."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from consoles.kit.testing import StillClock
from core.kernel.tx import Tx
from core.store.open import Store
from kitchen_tui.app import KitchenApp
from tests import given
from tests.consoles import house
from tests.kitchen_tui import lunch

Wall = Callable[..., KitchenApp]
Arrive = Callable[..., None]


@pytest.fixture
def tx() -> Iterator[Tx]:
    with given.transaction() as open_tx:
        lunch.hospital(open_tx)
        house.give_pins(open_tx)
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
    """The stores of this test's walls."""
    opened: list[Store] = []
    yield opened
    for store in opened:
        store.close()


@pytest.fixture
def arrive(tx: Tx, stores: list[Store]) -> Arrive:
    """What was done in the hospital since reaches the wall."""

    def arrived(app: KitchenApp, *, told: bool = True) -> None:
        house.arrive(stores[-1], tx)
        if told:
            app.note(("*",))

    return arrived


@pytest.fixture
def wall(tx: Tx, clock: StillClock, tmp_path: Path, stores: list[Store]) -> Wall:
    """Call it when the hospital is as the test wants it: the wall holds what its kitchen holds then."""

    def made(look: str = "dark", language: str = "en") -> KitchenApp:
        store = house.device_store(tx, tmp_path, heard=clock.now())
        stores.append(store)
        return KitchenApp(house.opening_of(store, clock), look=look, language=language)

    return made
