"""A phone without JavaScript: what it reads from a page, and what it sends from a form, to a real server of pages."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest

from admin_cli.demo.phone import Page, Phone

CART = """
<html><head><style>p { color: red }</style><script>var hidden = "Secret words";</script></head><body>
<h1>Your   cart</h1>
<form id="cart" method="post" action="/patient/cart"><input type="hidden" name="token" value="t-1"></form>
<form id="pay" method="post" action="/patient/pay">
  <input type="radio" name="method" value="cash"><input type="radio" name="method" value="account" checked>
  <input type="checkbox" name="cutlery" value="yes"><input type="checkbox" name="salt" value="no" checked>
  <select name="portion"><option value="1">one</option><option value="2" selected>two</option></select>
  <textarea name="note"></textarea><input name="nameless-is-not-sent"><input value="no name">
  <button name="step" value="pay">Order for <b>1,200</b></button>
  <button disabled name="step" value="later">Order later</button>
</form>
<button form="cart" name="line" value="lunch/beans">Add to cart</button>
<a href="/patient/menu">Menu</a><input type="submit" form="cart" name="clear" value="Empty it">
<template>Not yet</template>
</body></html>
"""


def test_a_page_is_read_as_a_person_reads_it() -> None:
    text = Page(CART).text
    assert text.startswith("Your cart one two Order for 1,200 Order later Add to cart Menu")
    assert [hidden for hidden in ("Secret", "color", "Not yet") if hidden in text] == []


def test_its_links_are_known() -> None:
    assert Page(CART).links == ["/patient/menu"]


def test_forms_are_known_with_where_and_how_they_go() -> None:
    forms = Page(CART).forms
    assert [(form.name, form.method, form.action) for form in forms] == [
        ("cart", "post", "/patient/cart"),
        ("pay", "post", "/patient/pay"),
    ]


def test_of_a_group_only_what_is_checked_or_selected_is_sent() -> None:
    fields = Page(CART).forms[1].fields
    assert fields == {"method": "account", "salt": "no", "portion": "2", "note": "", "nameless-is-not-sent": ""}


def test_a_button_elsewhere_on_the_page_belongs_to_the_form_it_names() -> None:
    cart, pay = Page(CART).forms
    assert [(one.words, one.name, one.value) for one in cart.buttons] == [
        ("Add to cart", "line", "lunch/beans"),
        ("Empty it", "clear", "Empty it"),
    ]
    assert [one.words for one in pay.buttons] == ["Order for 1,200", "Order later"]


def test_a_form_without_a_method_asks() -> None:
    assert Page("<form action=/find><button>Find</button></form>").forms[0].method == "get"


# -- before a server --------------------------------------------------------------------------------------------------


class Pages(BaseHTTPRequestHandler):
    """Shows the cart, and says back what was sent."""

    def do_GET(self) -> None:
        self._answer(CART if self.path == "/cart" else f"<p>asked {self.path}</p>")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        sent = sorted((name, values[0]) for name, values in parse_qs(body, keep_blank_values=True).items())
        self._answer(f"<p>{self.path} {sent} from {self.headers['origin']}</p>")

    def _answer(self, html: str) -> None:
        self.send_response(200)
        self.send_header("content-length", str(len(html.encode())))
        self.end_headers()
        self.wfile.write(html.encode())

    def log_message(self, *said: object) -> None:
        """Nobody reads it."""


@pytest.fixture
def phone() -> Iterator[Phone]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        opened = Phone(f"http://127.0.0.1:{server.server_address[1]}")
        opened.open("/cart")
        yield opened
        opened.close()
        server.shutdown()
        thread.join(5.0)


def test_pressing_a_button_sends_its_form_with_what_was_chosen(phone: Phone) -> None:
    phone.press("Order for", method="cash")
    assert phone.sees("/patient/pay", "('method', 'cash')", "('salt', 'no')", "('step', 'pay')")
    assert "cutlery" not in phone.page.text


def test_pressing_a_button_of_another_form_sends_that_one(phone: Phone) -> None:
    phone.press("Add to cart")
    assert phone.page.text.startswith("/patient/cart [('line', 'lunch/beans'), ('token', 't-1')]")


def test_what_is_sent_says_that_it_comes_from_this_hospitals_page(phone: Phone) -> None:
    origin = str(phone._web.base_url).rstrip("/")
    phone.press("Add to cart")
    assert phone.page.text.endswith(f"from {origin}")


def test_a_button_that_is_held_cannot_be_pressed(phone: Phone) -> None:
    with pytest.raises(LookupError, match="no such button on /cart"):
        phone.press("Order later")


def test_waiting_for_words_that_do_not_come_says_what_stands_there_instead(phone: Phone) -> None:
    with pytest.raises(TimeoutError, match="'Delivered' not on /cart: Your cart"):
        phone.wait_for("Delivered", seconds=0.0)
