"""Live pages: each hears of its own stay at once, misses nothing over a cut, and is told goodbye properly."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from core.menu.commands import MarkOutOfStock
from core.orders.commands import MarkReady, StartCooking
from core.wards.commands import Discharge
from tests import given
from tests.sync.server.consoles import kitchen_screen
from tests.sync.server.portal import EMPTY_BED, EMPTY_CODE, Phone, Portal, admit


@dataclass
class Heard:
    """One event of a stream."""

    id: str
    data: dict[str, Any]


class Stream:
    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines

    def next(self) -> Heard:
        """The next event; comments and the word about coming back are no events. StopIteration at goodbye."""
        number, data = "", ""
        for line in self._lines:
            if line.startswith("id: "):
                number = line[4:]
            elif line.startswith("data: "):
                data = line[6:]
            elif not line and data:
                return Heard(number, json.loads(data))
        raise StopIteration

    def ended(self) -> bool:
        """Whether nothing comes any more, and the goodbye was a proper one."""
        return all(not line.startswith("data") for line in self._lines)


@contextmanager
def stream(phone: Phone, since: str = "", last: str = "") -> Iterator[Stream]:
    headers = {"last-event-id": last} if last else {}
    path = f"/patient/live?since={since}" if since else "/patient/live"
    with phone.client.stream("GET", path, headers=headers) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield Stream(answer.iter_lines())


def test_a_page_hears_of_its_orders_state_with_the_number_of_the_act(patient: Phone, portal: Portal) -> None:
    order_id = patient.order()
    with stream(patient) as live:
        seq = portal.do(StartCooking(order_id=order_id), given.COOK).commit_seq
        heard = live.next()
    assert heard.data["orders"] == {order_id: "cooking"}
    assert heard.id == str(seq)


def test_what_happened_between_page_and_stream_is_told_first(patient: Phone, portal: Portal) -> None:
    order_id = patient.order()
    seen = _seq_of(patient.get(f"/patient/orders/{order_id}"))
    portal.do(StartCooking(order_id=order_id), given.COOK)
    with stream(patient, since=seen) as live:
        assert live.next().data["orders"] == {order_id: "cooking"}


def test_a_page_that_comes_back_is_told_what_it_missed_and_nothing_twice(patient: Phone, portal: Portal) -> None:
    order_id = patient.order()
    with stream(patient) as live:
        portal.do(StartCooking(order_id=order_id), given.COOK)
        last = live.next().id
    portal.do(MarkReady(order_id=order_id), given.COOK)
    with stream(patient, last=last) as live:
        assert live.next().data["orders"] == {order_id: "ready"}
        portal.do(MarkOutOfStock(dish_id=given.SALTY), given.COOK)
        assert set(live.next().data["tables"]) == {"dish", "dish_facts"}


def test_a_page_hears_nothing_of_other_patients(patient: Phone, portal: Portal) -> None:
    admit(portal, bed=EMPTY_BED)
    with portal.open() as other:
        other.enter(EMPTY_CODE)
        theirs = other.order(given.RICE)
        mine = patient.order(given.RICE)
        with stream(patient) as live:
            portal.do(StartCooking(order_id=theirs), given.COOK)
            portal.do(StartCooking(order_id=mine), given.COOK)
            assert live.next().data["orders"] == {mine: "cooking"}


def test_another_page_of_the_same_patient_hears_of_the_cart(patient: Phone) -> None:
    with stream(patient) as live:
        patient.put_in_cart(given.RICE)
        assert live.next().data == {"tables": ["cart"]}


def test_a_kitchen_going_out_of_contact_is_told_to_open_pages(patient: Phone, portal: Portal) -> None:
    kitchen_screen(portal, heard_at=portal.clock.at)
    with stream(patient) as live:
        portal.clock.at += 13_000
        assert live.next().data == {"tables": ["contact"]}


def test_signing_out_ends_the_stream_at_once(patient: Phone) -> None:
    patient.get("/patient/me")
    with stream(patient) as live:
        patient.post("/sign-out", {"token": patient.hidden("token")})
        assert live.ended()


def test_a_session_ended_elsewhere_ends_its_stream_within_seconds(patient: Phone, portal: Portal) -> None:
    from core.store import web

    with stream(patient) as live:
        with portal.store.writing() as connection:
            web.end_sessions_of(connection, at=portal.clock.at, stay_id=_stay(portal))
        assert live.ended()


def test_going_home_ends_the_stream(patient: Phone, portal: Portal) -> None:
    with stream(patient) as live:
        portal.do(Discharge(stay_id=_stay(portal)), given.NURSE)
        assert live.ended()


def test_without_a_session_a_browser_is_told_not_to_come_back(phone: Phone) -> None:
    assert phone.get("/patient/live").answer.status_code == 204


def test_a_server_that_stops_says_goodbye_to_its_streams(portal: Portal) -> None:
    with portal.open() as phone:
        phone.enter()
        cookies = dict(phone.client.cookies)
        url = phone.client.base_url
        with httpx.Client(base_url=url, cookies=cookies, trust_env=False, timeout=10) as client:
            request = client.build_request("GET", "/patient/live")
            answer = client.send(request, stream=True)
            _stop(portal)
            assert all(not line.startswith("data") for line in answer.iter_lines())


@pytest.mark.parametrize("since", ["-1", "x", "999999999", "9" * 30])
def test_a_number_that_is_none_starts_from_the_newest_or_from_everything(patient: Phone, since: str) -> None:
    with stream(patient, since=since) as live:
        patient.put_in_cart(given.RICE)
        assert live.next().data["tables"] in (["cart"], ["*"])


def _seq_of(phone: Phone) -> str:
    import re

    found = re.search(r"since=(\d+)", phone.page)
    assert found
    return found[1]


def _stop(portal: Portal) -> None:
    portal.servers[-1].should_exit = True


def _stay(portal: Portal) -> str:
    from sqlalchemy import func, select

    from core.store.tables import TABLES
    from core.wards.model import Stay

    with portal.store.reading() as connection:
        return str(connection.execute(select(func.min(TABLES[Stay].c.id))).scalar_one())
