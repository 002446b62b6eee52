"""What no page may lack and no form may do: headers, tokens, foreign sites, sizes, text that is not what it seems."""

from __future__ import annotations

import re

import httpx
import pytest
from sqlalchemy import func, select

from core.menu.commands import SetDish
from core.orders.model import Order
from core.store.tables import TABLES
from sync.server.pages.shown import birth_date, cleaned, portions
from tests import given
from tests.sync.server.portal import Phone, Portal

PAGES = (
    "/",
    "/sign-in",
    "/b/7XWK88",
    "/patient/",
    "/patient/menu",
    "/patient/cart",
    "/patient/orders",
    "/patient/plan",
    "/patient/me",
    f"/patient/dishes/{given.RICE}",
    "/nothing-here",
)
HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "x-frame-options": "DENY",
    "cache-control": "no-store",
}


@pytest.mark.parametrize("path", PAGES)
def test_every_page_leaves_with_the_headers_that_none_may_lack(patient: Phone, path: str) -> None:
    answer = patient.get(path).answer
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
    assert "server" not in answer.headers


@pytest.mark.parametrize("path", PAGES)
def test_no_page_has_a_script_or_a_style_inside(patient: Phone, path: str) -> None:
    page = patient.get(path).page
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=|javascript:", page)


@pytest.mark.parametrize(
    "fields", [{}, {"token": ""}, {"token": "00" * 24}, {"token": "zz" * 24}, {"token": "\u202e" * 48}]
)
def test_a_form_without_this_sessions_token_does_nothing(
    patient: Phone, portal: Portal, fields: dict[str, str]
) -> None:
    patient.put_in_cart(given.RICE)
    form = {**patient.order_form(), "token": "", **fields}
    assert patient.post(f"/patient/checkout/{given.LUNCH}", form).answer.status_code == 403
    assert "Nothing was done." in patient.text
    assert _orders(portal) == 0


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://elsewhere.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_a_form_from_another_site_does_nothing(patient: Phone, portal: Portal, headers: dict[str, str]) -> None:
    patient.put_in_cart(given.RICE)
    form = patient.order_form()
    assert patient.post(f"/patient/checkout/{given.LUNCH}", form, **headers).answer.status_code == 403
    assert _orders(portal) == 0


def test_a_form_from_our_own_page_is_taken_as_browsers_send_it(patient: Phone, portal: Portal) -> None:
    patient.put_in_cart(given.RICE)
    origin = str(patient.client.base_url).rstrip("/")
    patient.post(
        f"/patient/checkout/{given.LUNCH}", patient.order_form(), origin=origin, **{"sec-fetch-site": "same-origin"}
    )
    assert _orders(portal) == 1


def test_another_patients_token_opens_nothing(patient: Phone, portal: Portal) -> None:
    patient.put_in_cart(given.RICE)
    form = patient.order_form()
    stolen = _token_of_another(portal)
    assert patient.post(f"/patient/checkout/{given.LUNCH}", {**form, "token": stolen}).answer.status_code == 403


@pytest.mark.parametrize("op_id", ["", "x", "0" * 32, "0190b5c7a2d07000800000000000000g"])
def test_a_form_without_a_proper_number_of_its_own_does_nothing(patient: Phone, portal: Portal, op_id: str) -> None:
    patient.put_in_cart(given.RICE)
    form = {**patient.order_form(), "op_id": op_id}
    assert patient.post(f"/patient/checkout/{given.LUNCH}", form).answer.status_code == 403
    assert _orders(portal) == 0


LINES = ["", "x", "a/b", "a/b/9", "a/b/-1", "a/b/+", "a/b/²", "/b/2", "a//2", "a" * 200 + "/b/2"]


@pytest.mark.parametrize("line", LINES)
def test_a_line_that_no_button_of_ours_has_is_refused(patient: Phone, line: str) -> None:
    patient.get("/patient/menu")
    fields = {"token": patient.hidden("token"), "op_id": patient.hidden("op_id"), "line": line}
    assert patient.post("/patient/cart", fields).answer.status_code == 403


def test_the_token_looks_new_on_every_page(patient: Phone) -> None:
    assert patient.get("/patient/me").hidden("token") != patient.get("/patient/me").hidden("token")


def test_a_body_beyond_all_measure_is_not_read(patient: Phone) -> None:
    answer = patient.client.post("/door", content=b"code=" + b"x" * (1 << 20))
    assert answer.status_code == 413


def test_methods_that_no_page_has_are_refused(patient: Phone) -> None:
    assert patient.client.request("DELETE", "/patient/").status_code == 405
    assert patient.client.request("TRACE", "/").status_code == 405


def test_a_host_that_is_not_ours_is_refused(portal: Portal) -> None:
    with portal.open(hosts=("dusangire.hospital.rw",)) as phone:
        assert phone.get("/").answer.status_code == 400
        assert phone.get("/", host="DUSANGIRE.hospital.rw:8080").answer.status_code == 200


def test_names_of_dishes_cannot_bring_markup_into_a_page(patient: Phone, portal: Portal) -> None:
    portal.do(_dish("<b>rice</b>&"), given.LEAD)
    card = patient.get("/patient/menu").card(given.RICE)
    assert "&lt;b&gt;rice&lt;/b&gt;&amp;" in card and "<b>rice" not in card


@pytest.mark.parametrize(
    "text, shows",
    [
        ("salt\u202efree", "salt\ufffdfree"),
        ("a\u200bb", "a\ufffdb"),
        ("a\x1b[31mb", "a\ufffd[31mb"),
        ("Crème brûlée", "Crème brûlée"),
        ("1\u00a0200", "1\u00a0200"),
    ],
)
def test_the_one_layer_marks_what_nobody_would_see(text: str, shows: str) -> None:
    assert cleaned(text) == shows


def test_three_boxes_are_a_day_or_nothing() -> None:
    assert birth_date("12", "4", "1974") == "1974-04-12"
    no_days = (("31", "2", "1974"), ("", "", ""), ("٣", "4", "1974"), ("1", "1", "0"))
    assert {birth_date(*boxes) for boxes in no_days} == {""}


def test_halves_are_told_as_portions() -> None:
    assert [portions(halves) for halves in (1, 2, 3, 4, 5)] == ["½", "1", "1½", "2", "2½"]


def test_files_beside_the_pages_may_be_kept_for_a_year_and_are_small(phone: Phone) -> None:
    found = re.findall(r'"(/static/[^"]+)"', phone.get("/").page)
    sizes = {}
    for path in found:
        answer = phone.get(path).answer
        assert answer.status_code == 200 and "max-age=31536000" in answer.headers["cache-control"]
        sizes[path.rpartition(".")[2]] = len(answer.content)
    assert sizes["css"] < 12_000 and sizes["js"] < 10_000
    assert phone.get("/static/../app.py").answer.status_code == 404


def _dish(name: str) -> SetDish:
    return SetDish(
        dish_id=given.RICE,
        name_en=name,
        name_fr=name,
        name_rw=name,
        category="main",
        services=("lunch", "dinner"),
        suits=("regular",),
        parts=({"ingredient_id": "rice", "grams": 100},),  # type: ignore[arg-type]
    )


def _token_of_another(portal: Portal) -> str:
    with portal.open() as other, httpx.Client(base_url=other.client.base_url, trust_env=False) as client:
        phone = Phone(client, portal)
        phone.enter()
        return phone.get("/patient/me").hidden("token")


def _orders(portal: Portal) -> int:
    with portal.store.reading() as connection:
        return int(connection.execute(select(func.count()).select_from(TABLES[Order])).scalar_one())
