"""What the tests of the server's pages may ask for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.store.open import Store, open_server_store
from tests.sync.server.portal import Phone, Portal, admit, furnish


@pytest.fixture
def store(sqlite_url: str) -> Iterator[Store]:
    opened = open_server_store(sqlite_url)
    yield opened
    opened.close()


@pytest.fixture
def portal(store: Store) -> Portal:
    """A hospital with an allergic patient in bed A-015, in a SQLite file."""
    hospital = furnish(store)
    admit(hospital, allergies=("peanut",))
    return hospital


@pytest.fixture
def phone(portal: Portal) -> Iterator[Phone]:
    """A phone before that hospital's pages, not signed in."""
    with portal.open() as opened:
        yield opened


@pytest.fixture
def patient(phone: Phone) -> Phone:
    """The phone of the patient in A-015, signed in."""
    phone.enter()
    assert phone.location == "/patient/"
    return phone
