"""Which page answers at which address, and what is said where there is none."""

from __future__ import annotations

import gzip
from collections.abc import MutableMapping
from functools import cache
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from core.store.open import StoreTrouble
from sync.server.pages import cart, checkout, dishes, door, orders, paper, patient
from sync.server.pages.stream import PageStream
from sync.server.pages.web import (
    NotHere,
    NotOurForm,
    SignedOut,
    cookie_name,
    go,
    house_of,
    language_of,
    show,
    sign_out,
)
from sync.server.writer import Busy

KEPT_A_YEAR = "public, max-age=31536000, immutable"


async def file(request: Request) -> Response:
    """What lies beside the pages. Its name changes with its content."""
    asset = paper.assets().get(request.path_params["name"])
    if asset is None:
        raise NotHere
    headers = {"cache-control": KEPT_A_YEAR, "vary": "accept-encoding"}
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(asset.body, 200, headers, media_type=asset.kind)
    return Response(_packed(asset.name), 200, {**headers, "content-encoding": "gzip"}, media_type=asset.kind)


@cache
def _packed(name: str) -> bytes:
    return gzip.compress(paper.assets()[name].body, 9, mtime=0)


# -- what is said instead of a page -----------------------------------------------------------------------------------


async def to_the_door(request: Request, error: Exception) -> Response:
    """A form that comes too late is not lost in silence: the door says so."""
    house = house_of(request)
    answer = go("/", no="signed" if cookie_name(house) in request.cookies else "")
    sign_out(house, answer)
    return answer


async def not_our_form(request: Request, error: Exception) -> Response:
    return show(request, "sorry", status=403, code="form")


async def not_here(request: Request, error: Exception) -> Response:
    return show(request, "sorry", status=404, code="gone")


async def http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return show(request, "sorry", status=error.status_code, code="gone" if error.status_code == 404 else "form")


async def busy(request: Request, error: Exception) -> Response:
    answer = show(request, "sorry", status=503, code="busy")
    answer.headers["retry-after"] = "2"
    return answer


async def store_trouble(request: Request, error: Exception) -> Response:
    return show(request, "sorry", status=503, code="store")


def sorry(scope: MutableMapping[str, Any], number: str) -> bytes:
    """A fault of ours, in words; outside of any page's own work, so it needs nothing but the request."""
    language = language_of(Request(dict(scope)))
    page = paper.print_page("sorry", language, path="/", visit=None, at=0, code="trouble", number=number)
    return page.encode()


HANDLE = {
    SignedOut: to_the_door,
    NotOurForm: not_our_form,
    NotHere: not_here,
    HTTPException: http_error,
    Busy: busy,
    StoreTrouble: store_trouble,
}
ROUTES: list[BaseRoute] = [
    Route("/", door.start, name="start"),
    Route("/door", door.typed_code, methods=["POST"], name="typed_code"),
    Route("/b/{code}", door.bed, name="bed"),
    Route("/B/{code}", door.bed, name="bed_capitals"),
    Route("/b/{code}", door.open_bed, methods=["POST"], name="open_bed"),
    Route("/sign-in", door.staff_door, name="staff_door"),
    Route("/sign-in", door.open_staff, methods=["POST"], name="open_staff"),
    Route("/sign-out", door.leave, methods=["POST"], name="sign_out"),
    Route("/staff", door.staff_home, name="staff"),
    Route("/patient/", patient.home, name="home"),
    Route("/patient/plan", patient.plan, name="plan"),
    Route("/patient/me", patient.me, name="me"),
    Route("/patient/menu", dishes.menu, name="menu"),
    Route("/patient/dishes/{dish}", dishes.dish, name="dish"),
    Route("/patient/cart", cart.cart, name="cart"),
    Route("/patient/cart", cart.change, methods=["POST"], name="change_cart"),
    Route("/patient/checkout/{service}", checkout.checkout, name="checkout"),
    Route("/patient/checkout/{service}", checkout.place, methods=["POST"], name="place"),
    Route("/patient/orders", orders.listing, name="orders"),
    Route("/patient/orders/{order}", orders.tracking, name="order"),
    Route("/patient/orders/{order}/cancel", orders.cancel, methods=["POST"], name="cancel"),
    Route("/patient/live", PageStream(), methods=["GET"], name="page_stream"),
    Route("/static/{name}", file, name="file"),
]
