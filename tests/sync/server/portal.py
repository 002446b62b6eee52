"""A hospital with its pages, for tests: the real application over a real store, a clock that goes when told, phones."""

from __future__ import annotations

import hashlib
import html
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import Queue
from typing import Any

import httpx
from starlette.applications import Starlette

from core.kernel.message import Command
from core.kernel.values import SYSTEM, Actor, Origin, due_op_id
from core.orders.model import Order
from core.store import log
from core.store.open import Store
from core.store.read import TxSource
from core.wards.commands import AddBeds, NewBed
from core.wards.model import Stay
from sync.protocol import Outcome
from sync.server.app import Server, build, config_of, listen
from sync.server.perform import perform, submit
from tests import given

BED, CODE = "A-015", "7XWK88"
EMPTY_BED, EMPTY_CODE = "A-016", "EMPTY1"
BORN = {"day": "12", "month": "4", "year": "1974"}
STRANGER = {"day": "1", "month": "1", "year": "1970"}


@dataclass
class Clock:
    """Stands still until it is told to go on."""

    at: int = given.MORNING

    def __call__(self) -> int:
        return self.at


@dataclass
class Portal:
    """One hospital: its store, and acts of other people as their consoles and the administrator give them."""

    store: Store
    clock: Clock = field(default_factory=Clock)
    servers: list[Server] = field(default_factory=list)
    _acts: int = 0
    _drawn: int = 0

    def chance(self, count: int) -> bytes:
        self._drawn += 1
        return hashlib.shake_256(f"portal {self._drawn}".encode()).digest(count)

    def do(self, command: Command, by: Actor = SYSTEM) -> Outcome:
        self._acts += 1
        op_id = due_op_id("test", command.name, given.MIDNIGHT + self._acts)
        wanted = submit(command, op_id=op_id, actor=by, origin=Origin.CLI)
        outcome = perform(self.store, self.clock.at, [wanted])[0]
        assert outcome is not None and outcome.outcome in ("applied", "applied_exception", "duplicate"), outcome
        return outcome

    def order(self, order_id: str) -> Order:
        with self.store.reading() as connection:
            return TxSource(connection, whole=True).rows(Order, [order_id])[order_id]

    @contextmanager
    def open(self, **more: Any) -> Iterator[Phone]:
        """A server of its own on loopback, and a phone before it."""
        app = build(self.store, now=self.clock, chance=self.chance, **{"secure": False, **more})
        with serving(app, self.servers) as url, httpx.Client(base_url=url, timeout=10, trust_env=False) as client:
            client.cookies.set("language", "en", domain="127.0.0.1")
            yield Phone(client, self)


@contextmanager
def serving(app: Starlette, servers: list[Server]) -> Iterator[str]:
    """The application on a free port of loopback, in a thread; its address. Stopped as a signal would stop it."""
    listens: Queue[int] = Queue()
    server = Server(config_of(app, behind_proxy=False), app.state.house, listens.put)
    servers.append(server)
    thread = threading.Thread(target=server.run, args=(listen(["127.0.0.1"], 0),))
    thread.start()
    try:
        yield f"http://127.0.0.1:{listens.get(timeout=10)}"
    finally:
        server.should_exit = True
        thread.join(timeout=20)
        assert not thread.is_alive()


def furnish(store: Store) -> Portal:
    """The hospital of `given`, with two beds that have doors."""
    with store.writing() as connection:
        log.create_hospital(connection, epoch="epoch-1", at=given.MIDNIGHT, signing_seed="00" * 32, practice=True)
        tx = given.Tx(TxSource(connection, whole=True))
        given.hospital(tx)
        beds = (NewBed(bed_id=BED, door_code=CODE), NewBed(bed_id=EMPTY_BED, door_code=EMPTY_CODE))
        given.perform(tx, AddBeds(ward_id="A", beds=beds), by=SYSTEM, at=given.MIDNIGHT)
        given.saved(tx)
    return Portal(store)


def admit(portal: Portal, *, bed: str = BED, **more: object) -> Stay:
    """A patient in the bed, as `given.stay` makes one."""
    with portal.store.writing() as connection:
        tx = given.Tx(TxSource(connection, whole=True))
        stay = given.stay(tx, bed=bed, at=portal.clock.at, **more)  # type: ignore[arg-type]
        given.saved(tx)
    return stay


class Phone:
    """A browser without JavaScript: it keeps cookies, reads pages, and sends the forms it has read."""

    def __init__(self, client: httpx.Client, portal: Portal) -> None:
        self.client = client
        self.portal = portal
        self.answer: httpx.Response = httpx.Response(200)

    @property
    def page(self) -> str:
        return self.answer.text

    @property
    def text(self) -> str:
        """The words a person reads."""
        body = re.sub(r"<(script|style)\b.*?</\1>", " ", self.page[self.page.find("<body") :], flags=re.DOTALL)
        return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())

    def get(self, path: str, **headers: str) -> Phone:
        self.answer = self.client.get(path, headers=headers)
        return self

    def post(self, path: str, fields: dict[str, str], **headers: str) -> Phone:
        self.answer = self.client.post(path, data=fields, headers=headers)
        return self

    def follow(self) -> Phone:
        return self.get(self.location.partition("#")[0])

    @property
    def location(self) -> str:
        return str(self.answer.headers.get("location", ""))

    def hidden(self, name: str) -> str:
        found = re.search(rf'name="{name}" value="([^"]*)"', self.page)
        assert found, f"no {name} on this page: {self.text[:200]}"
        return html.unescape(found[1])

    def card(self, dish_id: str) -> str:
        """The card of one dish, as HTML."""
        found = re.search(rf'<article class="dish [^"]*" id="dish-{dish_id}".*?</article>', self.page, re.DOTALL)
        assert found, f"no card of {dish_id}"
        return found[0]

    def enter(self, code: str = CODE, born: dict[str, str] = BORN) -> Phone:
        """Through the bed's door."""
        return self.post(f"/b/{code}", born)

    def put_in_cart(self, *dishes: str, service: str = given.LUNCH, amount: str = "+2") -> Phone:
        self.get("/patient/menu")
        token, op_id = self.hidden("token"), self.hidden("op_id")
        for dish in dishes:
            line = f"{service}/{dish}/{amount}"
            self.post("/patient/cart", {"token": token, "op_id": op_id, "back": "menu", "line": line})
        return self

    def order_form(self, service: str = given.LUNCH, **more: str) -> dict[str, str]:
        self.get(f"/patient/checkout/{service}")
        fields = {name: self.hidden(name) for name in ("token", "op_id", "sum")}
        return {**fields, "method": "cash", "wish": "", **more}

    def order(self, *dishes: str, **more: str) -> str:
        """Chooses and orders; the order's id."""
        self.put_in_cart(*(dishes or (given.RICE, given.BEANS)))
        self.post(f"/patient/checkout/{given.LUNCH}", self.order_form(**more))
        assert self.location.startswith("/patient/orders/"), self.location
        return self.location.removeprefix("/patient/orders/").partition("?")[0]
