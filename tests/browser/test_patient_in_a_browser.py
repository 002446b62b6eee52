"""A patient's way through a real browser: with and without JavaScript, live, for every eye and every ear."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it ships no types
from playwright.sync_api import Page, Route, expect

from core.diets.commands import StartNilByMouth
from core.orders.commands import MarkReady, StartCooking
from tests import given
from tests.browser.conftest import SIZES, Opens
from tests.sync.server.consoles import kitchen_screen
from tests.sync.server.portal import CODE, Portal

pytestmark = pytest.mark.browser
TARGET = 44  # px, high and wide


def sign_in(page: Page) -> None:
    page.goto(f"/B/{CODE}?language=en")
    for box, value in (("Day", "12"), ("Month", "4"), ("Year", "1974")):
        page.get_by_label(box).fill(value)
    page.get_by_role("button", name="Open my meals").click()
    expect(page).to_have_url(re.compile(r"/patient/$"))


def add(page: Page, dish: str) -> None:
    page.locator(f"#dish-{dish} button").click()
    expect(page.locator("#told")).to_contain_text(f"{dish} is in your cart")


def order(page: Page, *dishes: str) -> str:
    """Chooses, pays at the bed, orders; the order's id."""
    page.goto("/patient/menu")
    for dish in dishes:
        add(page, dish)
    page.get_by_role("link", name="Cart").first.click()
    page.get_by_role("link", name="Go on to order").click()
    page.get_by_label("Cash at the bed").check()
    page.get_by_role("button", name=re.compile("Order for")).click()
    expect(page).to_have_url(re.compile(r"/patient/orders/\w+"))
    return page.url.rpartition("/")[2].partition("?")[0]


@pytest.mark.parametrize("scripts", [True, False], ids=["with-javascript", "without-javascript"])
def test_a_patient_orders_a_meal(opens: Opens, portal: Portal, *, scripts: bool) -> None:
    page = opens(scripts=scripts)
    sign_in(page)
    order_id = order(page, given.RICE, given.BEANS)
    expect(page.get_by_role("heading", level=1)).to_have_text("Order L-0001")
    expect(page.locator(".steps .now")).to_contain_text("Order confirmed")
    assert portal.order(order_id).state == "confirmed"


@pytest.mark.parametrize("scripts", [True, False], ids=["with-javascript", "without-javascript"])
def test_pressing_a_greyed_dish_answers_with_the_reason(opens: Opens, *, scripts: bool) -> None:
    page = opens(scripts=scripts)
    sign_in(page)
    page.goto("/patient/menu")
    page.locator(f"#dish-{given.ISOMBE} button").click(force=True)
    expect(page.locator("#told")).to_contain_text("contains peanut, and you have a peanut allergy")
    expect(page.locator("#told")).to_contain_text("Instead:")


def test_adding_keeps_the_place_the_focus_and_the_count(opens: Opens) -> None:
    page = opens()
    sign_in(page)
    page.goto("/patient/menu")
    button = page.locator(f"#dish-{given.BEANS} button")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#basket b")).to_have_text("1")
    expect(page.locator("#spoken")).to_contain_text("is in your cart, 1 dish.")
    expect(button).to_be_focused()
    assert page.url.endswith("/patient/menu")


def test_an_order_on_its_way_is_not_called_back_by_the_page_hearing_of_it_first(opens: Opens) -> None:
    """The cart empties, the page hears of that and would load anew, before the answer to its own form is there."""
    page = opens()
    sign_in(page)
    page.goto("/patient/menu")
    add(page, given.RICE)
    page.goto(f"/patient/checkout/{given.LUNCH}")

    def late(route: Route) -> None:
        if route.request.method != "POST":
            return route.continue_()
        with page.expect_request(lambda asked: asked.method == "GET" and "/checkout/" in asked.url):
            answered = route.fetch(max_redirects=0)
        route.fulfill(response=answered)

    page.route("**/patient/checkout/*", late)
    page.get_by_role("button", name=re.compile("Order for")).click(no_wait_after=True)
    expect(page).to_have_url(re.compile(r"/patient/orders/\w+"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Order L-0001")


def test_the_order_page_follows_the_kitchen_untouched(opens: Opens, portal: Portal) -> None:
    page = opens()
    sign_in(page)
    order_id = order(page, given.RICE)
    expect(page.locator("#truth-words")).to_have_text("Live")
    portal.do(StartCooking(order_id=order_id), given.COOK)
    expect(page.locator(".steps .now")).to_contain_text("Being prepared")
    expect(page.locator("#spoken")).to_have_text("Being prepared")
    portal.do(MarkReady(order_id=order_id), given.COOK)
    expect(page.locator(".steps .now")).to_contain_text("Ready")


def test_nil_by_mouth_changes_an_open_menu_by_itself_and_says_why(opens: Opens, portal: Portal) -> None:
    page = opens()
    sign_in(page)
    order_id = order(page, given.RICE)
    page.goto("/patient/menu")
    expect(page.locator(f"#dish-{given.BEANS}")).to_have_class("dish allow")
    portal.do(StartNilByMouth(stay_id=portal.order(order_id).stay_id, reason="doctor"), given.DOCTOR)
    expect(page.locator(f"#dish-{given.BEANS}")).to_have_class("dish block")
    expect(page.get_by_role("heading", name="Nothing to eat or drink for now.")).to_be_visible()


def test_a_kitchen_out_of_contact_shows_on_an_open_page(opens: Opens, portal: Portal) -> None:
    kitchen_screen(portal, heard_at=portal.clock.at)
    page = opens()
    sign_in(page)
    order(page, given.RICE)
    expect(page.locator("#truth-words")).to_have_text("Live")
    portal.clock.at += 13_000
    expect(page.locator("#progress")).to_contain_text("out of contact since 09:00")


def test_a_page_without_its_server_says_so_and_that_the_order_is_safe(opens: Opens, portal: Portal) -> None:
    page = opens()
    sign_in(page)
    order(page, given.RICE)
    expect(page.locator("#truth-words")).to_have_text("Live")
    portal.servers[-1].should_exit = True
    expect(page.locator("#truth-words")).to_contain_text("Your order is safe.")


def test_search_sifts_the_cards_while_typing(opens: Opens) -> None:
    page = opens()
    sign_in(page)
    page.goto("/patient/menu")
    page.get_by_label("Search for a dish").type("IBISH")
    expect(page.locator("#count")).to_have_text("1 dish")
    expect(page.locator(f"#dish-{given.BEANS}")).to_be_visible()
    expect(page.locator(f"#dish-{given.RICE}")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_no_page_has_anything_that_somebody_cannot_see_hear_or_reach(
    opens: Opens, portal: Portal, size: str, scheme: str
) -> None:
    page = opens(size, scheme=scheme)
    found = []
    for name in _every_page(page, portal):
        report = Axe().run(page)
        found += [(name, one["id"], one["nodes"][0]["html"][:120]) for one in report.response["violations"]]
        found += [(name, "wider than the screen", "")] * (not _fits(page))
        found += [(name, "small target", words) for words in _small_targets(page)]
    assert found == []


def _every_page(page: Page, portal: Portal):  # type: ignore[no-untyped-def]  # a walk: the name of each page it is on
    yield "start"
    page.goto(f"/b/{CODE}?no=match")
    yield "bed"
    page.goto("/sign-in?no=match")
    yield "sign in"
    page.goto("/nothing")
    yield "sorry"
    sign_in(page)
    yield "home"
    page.goto(f"/patient/menu?refused={given.ISOMBE}")
    yield "menu"
    page.goto(f"/patient/dishes/{given.ISOMBE}")
    yield "dish refused"
    page.goto(f"/patient/dishes/{given.RICE}")
    yield "dish"
    page.goto("/patient/menu")
    add(page, given.RICE)
    page.goto("/patient/cart")
    yield "cart"
    page.goto(f"/patient/checkout/{given.LUNCH}")
    yield "checkout"
    page.get_by_role("button", name=re.compile("Order for")).click()
    expect(page).to_have_url(re.compile(r"/patient/orders/\w+"))
    yield "order"
    order_id = page.url.rpartition("/")[2].partition("?")[0]
    portal.do(StartNilByMouth(stay_id=portal.order(order_id).stay_id, reason="doctor"), given.DOCTOR)
    for path in (f"/patient/orders/{order_id}", "/patient/", "/patient/menu", "/patient/orders", "/patient/plan"):
        page.goto(path)
        yield f"nil by mouth {path}"
    page.goto("/patient/me")
    yield "me"
    page.get_by_role("button", name="Sign out").click()
    yield "signed out"


def _fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def _small_targets(page: Page) -> list[str]:
    """Buttons, boxes and links that stand alone and are too small for a thumb; links within a sentence may be."""
    return list(
        page.evaluate(
            """(least) => [...document.querySelectorAll('button,input:not([type=hidden]),nav a,a.main,a.plain,.top a')]
                .filter(one => !one.matches('input[type=radio],input[type=checkbox]'))
                .map(one => [one, one.getBoundingClientRect()])
                .filter(([one, box]) => box.width && (box.height < least || box.width < least))
                .map(([one, box]) => `${one.textContent.trim()} ${box.width}x${box.height}`)""",
            TARGET,
        )
    )
