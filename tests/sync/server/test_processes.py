"""Real server processes: two over one database are one hospital, and one that is told to stop loses nothing."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from core.menu.commands import MarkOutOfStock
from core.orders.commands import StartCooking
from core.store.open import Store
from tests import given
from tests.sync.server.portal import Phone, Portal, admit, furnish
from tests.sync.server.test_page_streams import stream

ROOT = Path(__file__).parents[3]
SERVE = """
import sys
from pathlib import Path
from core.settings import Settings
from sync.server.app import serve

folder, url, at = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
settings = Settings(data_folder=folder, database_url=url, secure=False)
serve(settings, "127.0.0.1", 0, ready=lambda port: print(port, flush=True), now=lambda: at)
print("ended", flush=True)
"""


@pytest.fixture
def hospital(server_store: Store) -> Portal:
    portal = furnish(server_store)
    admit(portal, allergies=("peanut",))
    return portal


@contextmanager
def process(url: str, folder: Path, at: int = given.MORNING) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server process of its own, and its address."""
    command = [sys.executable, "-c", SERVE, str(folder), url, str(at)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT) as running:
        errors: list[str] = []
        assert running.stdout is not None and running.stderr is not None
        reader = threading.Thread(target=lambda: errors.extend(running.stderr or ()))
        reader.start()
        try:
            port = running.stdout.readline().strip()
            assert port, errors
            yield running, f"http://127.0.0.1:{port}"
        finally:
            if running.poll() is None:
                running.send_signal(signal.SIGTERM)
                running.wait(timeout=20)
            reader.join(timeout=5)


@contextmanager
def phone_at(url: str, portal: Portal) -> Iterator[Phone]:
    with httpx.Client(base_url=url, timeout=15, trust_env=False) as client:
        client.cookies.set("language", "en", domain="127.0.0.1")
        yield Phone(client, portal)


def test_two_processes_over_one_database_are_one_hospital(hospital: Portal, server_url: str, tmp_path: Path) -> None:
    with (
        process(server_url, tmp_path) as (_, one),
        process(server_url, tmp_path) as (_, other),
        phone_at(one, hospital) as here,
        phone_at(other, hospital) as there,
    ):
        here.enter()
        there.client.cookies.update(here.client.cookies)
        first = here.order(given.RICE)
        with stream(there) as live:
            hospital.do(StartCooking(order_id=first), given.COOK)
            assert live.next().data["orders"] == {first: "cooking"}
        second = there.order(given.BEANS)
        assert {hospital.order(first).number, hospital.order(second).number} == {"L-0001", "L-0011"}
        here.get("/patient/menu")
        hospital.do(MarkOutOfStock(dish_id=given.RICE), given.COOK)
        assert 'class="dish finished"' in here.get("/patient/menu").card(given.RICE)
        assert 'class="dish finished"' in there.get("/patient/menu").card(given.RICE)
        here.get("/patient/me")
        with stream(there) as live:
            here.post("/sign-out", {"token": here.hidden("token")})
            assert live.ended()


def test_a_server_that_is_told_to_stop_finishes_what_it_took_in(
    hospital: Portal, server_url: str, tmp_path: Path
) -> None:
    placed: list[str] = []
    with process(server_url, tmp_path) as (running, url), phone_at(url, hospital) as phone:
        phone.enter()
        first = phone.order(given.RICE)
        cookies = phone.client.cookies
        begun = threading.Event()
        clicks = [threading.Thread(target=_order_on, args=(url, hospital, cookies, placed, begun)) for _ in range(4)]
        for one in clicks:
            one.start()
        begun.wait(timeout=10)
        running.send_signal(signal.SIGTERM)
        assert running.wait(timeout=20) == 0
        assert running.stdout is not None and running.stdout.read() == "ended\n"
        for one in clicks:
            one.join(timeout=20)
    assert all(hospital.order(order_id).number for order_id in [first, *placed])


def _order_on(url: str, portal: Portal, cookies: httpx.Cookies, placed: list[str], begun: threading.Event) -> None:
    """Orders again and again until the server is gone; every order that was answered is noted."""
    with phone_at(url, portal) as phone:
        phone.client.cookies.update(cookies)
        try:
            for _ in range(40):
                placed.append(phone.order(given.BEANS))
                begun.set()
        except (httpx.HTTPError, AssertionError):
            begun.set()
