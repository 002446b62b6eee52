"""The server as one program: house, guard, doors and pages put together, served, and closed without losing anything."""

from __future__ import annotations

import asyncio
import gc
import ipaddress
import logging
import secrets
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from core.devices import keys
from core.kernel.refusal import Refusal
from core.settings import Settings
from core.store import log, migrations
from core.store.open import Store, open_server_store
from sync.patience import GRACE_MS, KEEP_ALIVE_MS
from sync.server import doors, parked
from sync.server.bell import Bell, notify_url
from sync.server.guard import Guard
from sync.server.house import House
from sync.server.live import Live
from sync.server.metrics import CONTENT_TYPE, Metrics
from sync.server.pages import routes
from sync.server.pages.menu import MenuShelf
from sync.server.reception import Reception
from sync.server.writer import Writer

BACKLOG = 2_048
YOUNG_OBJECTS = 20_000  # a turn makes thousands of rows that all end with it: rubbish is looked for between turns
SWITCH_SECONDS = 0.001  # a thread with long work (what falls due, an image, sums) lets a press in after this
THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
troubles = logging.getLogger("dusangire.server")


def wall_clock() -> int:
    """The server's clock, ms UTC."""
    return time.time_ns() // 1_000_000


def build(
    store: Store,
    *,
    hosts: Sequence[str] = ("*",),
    secure: bool = True,
    database_url: str = "",
    now: Callable[[], int] = wall_clock,
    chance: Callable[[int], bytes] = secrets.token_bytes,
) -> Starlette:
    """One hospital's application over its store, which stays the caller's to close. hosts: names it answers to."""
    house = _house(store, secure=secure, database_url=database_url, now=now, chance=chance)

    @asynccontextmanager
    async def life(app: Starlette) -> AsyncIterator[None]:
        house.open()
        try:
            yield
        finally:
            await house.close()

    guard = Middleware(Guard, hosts=hosts, secure=secure, metrics=house.metrics, chance=chance, sorry=routes.sorry)
    app = Starlette(
        routes=[*doors.ROUTES, *routes.ROUTES, *HEALTH],
        middleware=[guard],
        exception_handlers=routes.HANDLE,
        lifespan=life,
    )
    app.state.house = house
    return app


def _house(
    store: Store, *, secure: bool, database_url: str, now: Callable[[], int], chance: Callable[[int], bytes]
) -> House:
    metrics = Metrics()
    live = Live(store, now, metrics)
    bell = Bell(store, live.heard, notify_url(database_url))
    return House(
        store=store,
        now=now,
        chance=chance,
        secure=secure,
        metrics=metrics,
        writer=Writer(store, now, metrics, bell.ring),
        bell=bell,
        live=live,
        menu=MenuShelf(),
        reception=Reception(store, now, keys.verify),
    )


# -- for those who watch it -------------------------------------------------------------------------------------------


async def healthz(request: Request) -> Response:
    """This process lives."""
    return PlainTextResponse("ok\n")


async def readyz(request: Request) -> Response:
    """This process can serve: its writer runs and its database answers."""
    house: House = request.app.state.house
    if not house.writer.is_running:
        return PlainTextResponse("writer\n", 503)
    try:
        await asyncio.to_thread(house.head_seq)
    except Exception:
        troubles.warning("the database does not answer", exc_info=True)
        return PlainTextResponse("database\n", 503)
    return PlainTextResponse("ok\n")


async def metrics(request: Request) -> Response:
    house: House = request.app.state.house
    return Response(house.metrics.text(), headers={"content-type": CONTENT_TYPE})


HEALTH = [
    Route("/healthz", healthz, name="healthz"),
    Route("/readyz", readyz, name="readyz"),
    Route("/metrics", metrics, name="metrics"),
]


# -- serving ----------------------------------------------------------------------------------------------------------


class Server(uvicorn.Server):
    """Says goodbye to its live streams first: they never end by themselves, and their clients go to whoever serves."""

    def __init__(self, config: uvicorn.Config, house: House, ready: Callable[[int], None]) -> None:
        super().__init__(config)
        self.house = house
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.should_exit and sockets:
            self._ready(int(sockets[0].getsockname()[1]))

    def handle_exit(self, sig: int, frame: object) -> None:
        """Told to stop: it stops, and ends like a program that has done its work. A second Ctrl-C does not wait."""
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self.house.end_streams()
        await super().shutdown(sockets)


def serve(
    settings: Settings,
    host: str = "",
    port: int | None = None,
    *,
    also: Sequence[str] = (),
    ready: Callable[[int], None] = lambda port: None,
    now: Callable[[], int] = wall_clock,
) -> None:
    """Serves this machine's hospital until it is told to stop (SIGTERM, SIGINT), then finishes what it took in.

    also: more addresses to answer at. ready: told the port once it listens; port 0 takes a free one.
    Raises Refusal: no_hospital, newer_store, not_practice, address_taken; nothing is served then.
    """
    tell_logs()
    store = open_hospital(settings)
    try:
        try_again(store, now())
        hosts = hosts_of(settings, [host or settings.host, *also])
        app = build(store, hosts=hosts, secure=settings.secure, database_url=settings.hospital_url, now=now)
        wanted = settings.port if port is None else port
        sockets = listen([host or settings.host, *also], wanted)
        _seldom_look_for_rubbish()
        sys.setswitchinterval(SWITCH_SECONDS)
        Server(config_of(app, behind_proxy=settings.secure), app.state.house, ready).run(sockets)
    finally:
        store.close()


def _seldom_look_for_rubbish() -> None:
    """The program itself lasts until the end: no search goes through it any more."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, 20, 20)


def try_again(store: Store, at: int) -> None:
    """What an earlier version could not judge may be judged by this one. If that fails, it waits; the server serves."""
    try:
        parked.judge_again(store, at)
    except Exception:
        troubles.exception("parked acts wait on")


def open_hospital(settings: Settings) -> Store:
    """The hospital's database, brought to this version's schema. Raises Refusal when there is none yet."""
    store = open_server_store(settings.hospital_url)
    try:
        migrations.bring_up(store)
        with store.reading() as connection:
            if not log.is_created(connection):
                raise Refusal("no_hospital", where=settings.hospital_url.rpartition("/")[2])
            practice = log.read_head(connection).practice
        if not settings.secure and not practice:
            raise Refusal("not_practice")
    except BaseException:
        store.close()
        raise
    return store


def hosts_of(settings: Settings, addresses: Sequence[str]) -> tuple[str, ...]:
    """The names this server answers to: those it was told, else this machine's own."""
    if settings.hosts:
        return settings.hosts
    return tuple(dict.fromkeys([*THIS_MACHINE, socket.gethostname(), *addresses]))


def config_of(app: Starlette, *, behind_proxy: bool) -> uvicorn.Config:
    """behind_proxy: whoever ends TLS on this machine says who asked."""
    return uvicorn.Config(
        app,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=behind_proxy,
        backlog=BACKLOG,
        timeout_keep_alive=KEEP_ALIVE_MS // 1_000,
        timeout_graceful_shutdown=GRACE_MS // 1_000,
    )


def listen(addresses: Sequence[str], port: int) -> list[socket.socket]:
    """A listening socket for each address, all on one port."""
    sockets: list[socket.socket] = []
    try:
        for address in dict.fromkeys(addresses):
            family = socket.AF_INET6 if _is_six(address) else socket.AF_INET
            listening = socket.socket(family, socket.SOCK_STREAM)
            sockets.append(listening)
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind((address, sockets[0].getsockname()[1] if len(sockets) > 1 else port))
            listening.set_inheritable(True)
    except OSError as error:
        for listening in sockets:
            listening.close()
        raise Refusal("address_taken", port=port, why=error.strerror or "") from error
    return sockets


def _is_six(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).version == 6
    except ValueError:
        return False


# -- logs -------------------------------------------------------------------------------------------------------------


def tell_logs(level: int = logging.INFO) -> None:
    """Every line of this process is one JSON object. No line holds a name, a path or a query:
    only numbers and codes."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    out = logging.StreamHandler(sys.stderr)
    out.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder(allow=())],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _where_it_failed,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [out]
    root.setLevel(level)
    for chatty in ("uvicorn.access", "uvicorn.error", "httpx"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def _where_it_failed(logger: object, method: str, line: Mapping[str, Any]) -> Mapping[str, Any]:
    """An exception as its kind and its places in our code; its text may quote a patient's data."""
    told = dict(line)
    info = told.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    if isinstance(info, BaseException):
        info = (type(info), info, info.__traceback__)
    if isinstance(info, tuple) and info[0] is not None:
        places = []
        trace = info[2]
        while trace is not None:
            places.append(f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}")
            trace = trace.tb_next
        told["error"] = info[0].__name__
        told["where"] = places[-12:]
    return told
