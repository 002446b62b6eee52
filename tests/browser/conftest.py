"""A real Chromium before a real server: what the browser tests may ask for."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from core.store.open import Store, open_server_store
from tests.sync.server.portal import Phone, Portal, admit, furnish

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
SIZES = {"phone": (390, 844), "desk": (1280, 800)}
Opens = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    assert CHROMIUM, "Chromium is not installed: apt-get install chromium"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def portal(sqlite_url: str) -> Iterator[Portal]:
    """A hospital with an allergic patient in bed A-015."""
    store: Store = open_server_store(sqlite_url)
    hospital = furnish(store)
    admit(hospital, allergies=("peanut",))
    yield hospital
    store.close()


@pytest.fixture
def served(portal: Portal) -> Iterator[Phone]:
    """Its server, with a phone without JavaScript before it."""
    with portal.open() as phone:
        yield phone


@pytest.fixture
def opens(browser: Browser, served: Phone) -> Iterator[Opens]:
    """Opens a browser at the hospital's first page; what its console complains of fails the test."""
    complaints: list[str] = []
    contexts = []

    def open_at(size: str = "phone", *, scheme: str = "light", scripts: bool = True) -> Page:
        width, height = SIZES[size]
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,  # type: ignore[arg-type]  # light or dark
            java_script_enabled=scripts,
            base_url=str(served.client.base_url),
            locale="en-GB",
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(8_000)
        page.on("console", lambda message: _complains(message, complaints))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto("/?language=en")
        return page

    yield open_at
    for context in contexts:
        context.close()
    assert complaints == []


def _complains(message: ConsoleMessage, complaints: list[str]) -> None:
    """A page that is not there, or a server that is away, is no fault of the page's."""
    if message.type == "error" and not message.text.startswith("Failed to load resource"):
        complaints.append(message.text)
