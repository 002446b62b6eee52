"""Pages: what a patient's menu of two hundred dishes, an order and the kitchen's own news cost the server;
how many questions a page asks, and how many bytes it is."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import structlog
from sqlalchemy import event

from core.kernel.tx import Tx
from core.kernel.values import Origin, uuid7
from core.orders.commands import StartCooking
from core.store import home, migrations
from core.store.open import Store, open_server_store
from core.store.read import TxSource
from core.words import LANGUAGES
from sync.client import conversation
from sync.client.errand import load
from sync.client.machine import MachineClock
from sync.client.talk import CHANCE_BYTES, Ask, What
from sync.protocol import APPLIED
from sync.server import sessions
from sync.server.perform import perform, submit
from tests import given
from tests.bench import wards
from tests.bench.cpu import spent_ms
from tests.bench.ground import Bench, CountingLink, hospital_with
from tests.bench.metric import Metric
from tests.sync.server import portal

PATIENTS, DISHES, OPEN_ORDERS = 64, 200, 100
ROUNDS = 6
CARDS = 25
WHOLE_MENU = "/patient/menu?kind=all"
PLAIN = {"accept-encoding": "identity"}
OF_THE_TESTS = 5  # dishes that the hospital of the tests has


def measure() -> Iterator[Metric]:
    with hospital_with(OPEN_ORDERS, patients=PATIENTS, dishes=DISHES) as bench:
        yield _kitchen(bench)
        phones = [phone(bench, token) for token in bench.tokens]
        try:
            yield _portal(bench, phones)
            yield _order(bench, phones)
        finally:
            for one in phones:
                one.close()
    yield from _size_and_questions()


def phone(bench: Bench, token: str) -> httpx.Client:
    """A browser whose page is open; no compression, as the load contract wants it."""
    client = httpx.Client(base_url=bench.hospital.url, headers=PLAIN, timeout=30, trust_env=False)
    client.cookies.set("dusangire", token)
    client.cookies.set("language", "en")
    return client


# -- the server's own time --------------------------------------------------------------------------------------------


def _portal(bench: Bench, phones: list[httpx.Client]) -> Metric:
    """Every patient looks several times; the first look, which prints their menu, is told apart."""
    first = _spent(bench, lambda: [_look(one) for one in phones]) / len(phones)
    again = _spent(bench, lambda: [_look(one) for _ in range(ROUNDS) for one in phones]) / (ROUNDS * len(phones))
    return Metric("page.portal_cpu_ms", again, "ms", {"first_look_ms": first, "cards": DISHES, "patients": PATIENTS})


def _look(one: httpx.Client) -> str:
    answer = one.get(WHOLE_MENU)
    assert answer.status_code == 200 and answer.text.count("<article") >= DISHES, answer.text[:300]
    return answer.text


def _order(bench: Bench, phones: list[httpx.Client]) -> Metric:
    """One dish into the cart and one order, each a form that is sent and durable; every patient once, for warmth,
    then twice."""
    _all(put_in_cart, bench, phones)
    _all(place, bench, phones)
    putting = placing = 0.0
    for _ in range(2):
        putting += _spent(bench, lambda: _all(put_in_cart, bench, phones))
        placing += _spent(bench, lambda: _all(place, bench, phones))
    count = 2 * len(phones)
    peer = {"cart_ms": putting / count, "place_ms": placing / count}
    return Metric("page.order_cpu_ms", (putting + placing) / count, "ms", peer)


def _all(act: Callable[[httpx.Client, str], object], bench: Bench, phones: list[httpx.Client]) -> None:
    for one, token in zip(phones, bench.tokens, strict=True):
        act(one, token)


def put_in_cart(one: httpx.Client, token: str) -> None:
    """A dish that everybody may have."""
    form = {**_form(token), "back": "cart", "line": f"{wards.LUNCH}/{wards.dish_id(0)}/+2"}
    answer = one.post("/patient/cart", data=form, headers=_origin(one))
    assert answer.headers.get("location") == "/patient/cart", answer.headers


def place(one: httpx.Client, token: str) -> str:
    """The order's id."""
    form = {**_form(token), "sum": str(wards.DISH_PRICE), "method": "cash", "wish": ""}
    answer = one.post(f"/patient/checkout/{wards.LUNCH}", data=form, headers=_origin(one))
    location = answer.headers.get("location", "")
    assert location.startswith("/patient/orders/"), location
    return str(location.removeprefix("/patient/orders/").partition("?")[0])


def _form(token: str) -> dict[str, str]:
    """What a page of this session has put into its forms."""
    made = uuid7(time.time_ns() // 1_000_000, secrets.token_bytes(10)).hex()
    return {"token": sessions.form_token(token, secrets.token_bytes(sessions.PAD_BYTES)), "op_id": made}


def _origin(one: httpx.Client) -> dict[str, str]:
    return {"origin": str(one.base_url).rstrip("/")}


def _kitchen(bench: Bench) -> Metric:
    """A kitchen's console that holds a hundred open orders asks for what has changed, one order changed each time;
    beside it the same hundred changes asked for at once."""
    where = bench.hospital.enrol("kitchen")
    store, link = home.open_device(where), CountingLink(bench.hospital.line_url)
    centre = open_server_store(bench.hospital.database_url)
    try:
        errand = bench.errand(where, store, link)
        talk = load(errand)
        spent = 0.0
        for order_id in bench.orders:
            _begin(centre, order_id)
            asked = replace(talk, pull_due=0)
            step = conversation.next_step(store, asked, errand.clock.now(), errand.sign)
            assert isinstance(step, Ask) and step.what is What.PULL, step
            before = spent_ms(bench.server_pid)
            answer = link.ask(step.method, step.path, step.body, step.headers)
            spent += spent_ms(bench.server_pid) - before
            chance = errand.chance.bytes(CHANCE_BYTES)
            talk = conversation.answered(store, asked, errand.clock.now(), chance, step, answer).talk
    finally:
        centre.close()
        store.close()
        link.close()
    count = len(bench.orders)
    return Metric("page.kitchen_cpu_ms", spent / count, "ms", {"open_orders": count, "bytes": link.down / count})


def _begin(centre: Store, order_id: str) -> None:
    now = MachineClock().now().wall
    op_id = uuid7(now, secrets.token_bytes(10))
    start = submit(StartCooking(order_id=order_id), op_id=op_id, actor=given.COOK, origin=Origin.CLI)
    outcome = perform(centre, now, [start])[0]
    assert outcome is not None and outcome.outcome == APPLIED, outcome


def _spent(bench: Bench, work: Callable[[], object]) -> float:
    before = spent_ms(bench.server_pid)
    work()
    return spent_ms(bench.server_pid) - before


# -- questions and bytes ----------------------------------------------------------------------------------------------


def _size_and_questions() -> Iterator[Metric]:
    """The real application in a thread of this process, where its questions can be counted."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))  # lines are for metrics
    with _portal_with(CARDS - OF_THE_TESTS) as one:
        plain, packed = [], []
        for language in LANGUAGES:
            one.get(f"/patient/menu?language={language}")
            assert one.page.count("<article") == CARDS, one.text
            plain.append(len(one.answer.content))
            packed.append(int(one.answer.headers["content-length"]))
        yield Metric("page.bytes", max(plain), "bytes", {"on_the_wire": max(packed), "cards": CARDS})
    with _portal_with(DISHES - OF_THE_TESTS) as one:
        with _questions(one.portal.store) as first:
            one.get(WHOLE_MENU)
        with _questions(one.portal.store) as asked:
            one.get(WHOLE_MENU)
        assert one.page.count("<article") == DISHES, one.text[:300]
        yield Metric("page.portal_queries", len(asked), "queries", {"first_look": len(first)})


@contextmanager
def _portal_with(dishes: int) -> Iterator[portal.Phone]:
    """The phone of an allergic patient, before a menu with so many dishes more."""
    with TemporaryDirectory(prefix="dusangire-bench-") as folder:
        store = open_server_store(f"sqlite:///{Path(folder) / 'hospital.db'}")
        migrations.bring_up(store)
        hospital = portal.furnish(store)
        with store.writing() as connection:
            tx = Tx(TxSource(connection, whole=True))
            wards.menu(tx, dishes)
            given.saved(tx)
        portal.admit(hospital, allergies=("peanut",))
        with hospital.open() as one:
            one.enter()
            yield one
        store.close()


@contextmanager
def _questions(store: Store) -> Iterator[list[str]]:
    """What the pages' own thread asks; the clockwork and the bell ask from others, whenever they like."""
    asked: list[str] = []

    def heard(connection: object, cursor: object, statement: str, *rest: object) -> None:
        own = not threading.current_thread().name.startswith("asyncio")
        if own and statement.lstrip().upper().startswith("SELECT"):
            asked.append(statement)

    event.listen(store._reader, "before_cursor_execute", heard)
    try:
        yield asked
    finally:
        event.remove(store._reader, "before_cursor_execute", heard)
