"""The visitor's phone as a real Chromium: the bed's door, the menu, the order."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, expect, sync_playwright

from admin_cli.demo.joint import NUMBER, THEIRS
from admin_cli.demo.walk import Walk

WIDTH, HEIGHT = 390, 844
PATIENCE_MS = 15_000
BEANS, RICE, ISOMBE = "ibishyimbo", "umuceri", "isombe"


@contextmanager
def chromium() -> Iterator[Browser]:
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    assert program, "Chromium is not installed: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


def phone(browser: Browser, url: str) -> Page:
    """A phone of the usual size before this hospital."""
    context = browser.new_context(
        viewport={"width": WIDTH, "height": HEIGHT},
        base_url=url,
        locale="en-GB",
        color_scheme="light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    return page


def sign_in(page: Page, walk: Walk) -> None:
    """The bed's door in capitals, as its QR code says it, and the birth date of whoever lies there."""
    page.goto(f"/B/{walk.door_code(THEIRS)}?language=en")
    for box, value in zip(("Day", "Month", "Year"), walk.birth_date(THEIRS), strict=True):
        page.get_by_label(box).fill(value)
    page.get_by_role("button", name="Open my meals").click()
    expect(page).to_have_url(re.compile(r"/patient/$"))


def open_menu(page: Page) -> None:
    """All of it, for whatever meal is served now."""
    page.goto("/patient/menu?kind=all")


def order(page: Page, *dishes: str) -> str:
    """From the menu to the order's own page, to be paid at the bed; the number on it."""
    for count, dish in enumerate(dishes, start=1):
        page.locator(f"#dish-{dish} button").click()
        expect(page.locator("#basket b")).to_have_text(str(count))
    page.get_by_role("link", name="Cart").first.click()
    page.get_by_role("link", name="Go on to order").click()
    page.get_by_label("Cash at the bed").check()
    page.get_by_role("button", name=re.compile("Order for")).click()
    expect(page).to_have_url(re.compile(r"/patient/orders/\w+"))
    found = NUMBER.search(page.get_by_role("heading", level=1).inner_text())
    assert found, "the page says no number"
    return found[1]
