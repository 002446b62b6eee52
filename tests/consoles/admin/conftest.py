"""An administrator's console over a real store at lunch, with nobody signed in, and a clock that stands still."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from consoles.admin.app import AdminApp
from consoles.kit.testing import SeededChance, StillClock
from core.kernel.tx import Tx
from core.store.open import Store
from tests import given
from tests.consoles import house
from tests.consoles.admin import office

Office = Callable[..., AdminApp]
Arrive = Callable[[AdminApp], None]


@pytest.fixture
def tx() -> Iterator[Tx]:
    with given.transaction() as open_tx:
        office.hospital(open_tx)
        house.give_pins(open_tx, {"admin_1": office.PIN})
        yield open_tx


@pytest.fixture
def clock() -> StillClock:
    return StillClock(office.NOW)


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the terminal of whoever runs the tests says about colours does not count."""
    for name in ("NO_COLOR", "TEXTUAL_THEME"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def stores() -> Iterator[list[Store]]:
    """The stores of this test's consoles."""
    opened: list[Store] = []
    yield opened
    for store in opened:
        store.close()


@pytest.fixture
def arrive(tx: Tx, stores: list[Store]) -> Arrive:
    """What was done in the hospital since reaches the console."""

    def arrived(app: AdminApp) -> None:
        house.arrive(stores[-1], tx, office.AUDIENCES)
        app.note(("*",))

    return arrived


@pytest.fixture
def admin(tx: Tx, clock: StillClock, tmp_path: Path, stores: list[Store]) -> Office:
    """Call it when the hospital is as the test wants it."""

    def made(look: str = "dark", language: str = "en") -> AdminApp:
        store = house.device_store(
            tx, tmp_path, heard=clock.now(), kind="admin", name="admin 1", audiences=office.AUDIENCES
        )
        stores.append(store)
        app = AdminApp(house.opening_of(store, clock), look=look, language=language)
        app.data_folder, app.chance = tmp_path / "data", SeededChance("admin").bytes
        return app

    return made
