"""`dusangire check`: looks this machine over, and says of each thing how it is and what to do about it."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import typer

from admin_cli import shown

if TYPE_CHECKING:
    from core.settings import Settings

app = typer.Typer(add_completion=False, rich_markup_mode=None)
GOOD, CARE, WRONG = "good", "care", "wrong"
MARKS = {GOOD: "ok", CARE: "CARE", WRONG: "WRONG"}
ENOUGH_BYTES = 1_000_000_000
FEWEST_BYTES = 200_000_000  # below this a console stops before a save (screens.md §13)
WALL, HANDHELD = (80, 24), (40, 20)  # columns and rows
SECONDS = 5.0  # of patience with anybody who is asked
DAYS_LEFT = 14  # of a certificate
DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `code` has words (section `check`), `detail` their arguments."""

    name: str
    state: str
    code: str
    detail: dict[str, str | int]

    def words(self, language: str) -> str:
        from core.words import word

        return word(f"check.{self.code}", language, **self.detail)


def finding(name: str, state: str, code: str, /, **detail: str | int) -> Finding:
    return Finding(name, state, code, detail)


@app.command()
def check(as_json: shown.Json = False) -> None:
    """Clock, disk, ports, server, TLS as a phone sees it, keys, printer, screen: a line each, with what to do.

    Ends with exit code 1 when something is wrong. JSON: a list of {name, state: good|care|wrong, code, detail, words}.
    """
    from core.settings import load

    settings = load()
    found = list(look_over(settings))
    if as_json:
        shown.as_json([{**asdict(one), "words": one.words(settings.language)} for one in found])
    else:
        for one in found:
            typer.echo(f"{MARKS[one.state]:<6}{one.name:<10}{one.words(settings.language)}")
    if any(one.state == WRONG for one in found):
        raise typer.Exit(1)


def look_over(settings: Settings) -> Iterator[Finding]:
    looks: tuple[Callable[[Settings], Finding], ...] = (
        clock,
        disk,
        port,
        server,
        tls,
        keys,
        console,
        database,
        printer,
        terminal,
        colours,
    )
    for look in looks:
        yield look(settings)


# -- the machine ----------------------------------------------------------------------------------------------------


def clock(settings: Settings) -> Finding:
    """Against the centre's, as far as this console has heard it."""
    from core.kernel.refusal import Refusal
    from core.store.home import home_of, open_device
    from sync.client.machine import MachineClock
    from sync.client.standing import standing

    try:
        store = open_device(home_of(settings))
    except Refusal:
        return finding("clock", CARE, "clock_not_compared", time=time.strftime("%H:%M"))
    try:
        known = standing(store, MachineClock().now())
    finally:
        store.close()
    if known.clock_error_ms is None:
        return finding("clock", CARE, "clock_not_compared", time=time.strftime("%H:%M"))
    minutes = round(known.clock_ahead_ms / 60_000)
    return (
        finding("clock", WRONG, "clock_off", minutes=f"{minutes:+}")
        if minutes
        else finding("clock", GOOD, "clock_right")
    )


def disk(settings: Settings) -> Finding:
    folder = settings.data_folder
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    state, code = (GOOD, "disk_good") if free >= ENOUGH_BYTES else (CARE, "disk_little")
    if free < FEWEST_BYTES:
        state, code = WRONG, "disk_full"
    return finding("disk", state, code, free=free // 1_000_000, folder=str(settings.data_folder))


def port(settings: Settings) -> Finding:
    """Whether a server could listen here, or does."""
    address: dict[str, str | int] = {"host": settings.host, "port": settings.port}
    try:
        with socket.socket() as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind((settings.host, settings.port))
    except OSError:
        if _answers(f"http://{settings.host}:{settings.port}"):
            return finding("port", GOOD, "port_ours", **address)
        return finding("port", WRONG, "port_taken", **address)
    return finding("port", GOOD, "port_free", **address)


# -- the way to the server ------------------------------------------------------------------------------------------


def server(settings: Settings) -> Finding:
    address = _server_of(settings)
    if not address:
        return finding("server", CARE, "server_unset")
    began = time.perf_counter()
    if not _answers(address, settings.ca_file):
        return finding("server", WRONG, "server_silent", server=address)
    spent = round((time.perf_counter() - began) * 1_000)
    return finding("server", GOOD, "server_answers", server=address, ms=spent)


def tls(settings: Settings) -> Finding:
    """As a phone sees it: with the authorities that everybody knows, not with this machine's own file."""
    address = _server_of(settings)
    parts = urlsplit(address)
    if not address:
        return finding("tls", CARE, "server_unset")
    if parts.scheme != "https":
        return finding("tls", CARE, "tls_plain")
    host = parts.hostname or ""
    try:
        with (
            socket.create_connection((host, parts.port or 443), timeout=SECONDS) as plain,
            ssl.create_default_context().wrap_socket(plain, server_hostname=host) as secured,
        ):
            certificate = secured.getpeercert() or {}
    except ssl.SSLError as error:
        return finding(
            "tls", WRONG, "tls_untrusted", host=host, why=getattr(error, "verify_message", "") or error.reason
        )
    except OSError:
        return finding("tls", WRONG, "server_silent", server=address)
    ends = ssl.cert_time_to_seconds(str(certificate.get("notAfter", "Jan  1 00:00:00 1970 GMT")))
    days = int((ends - time.time()) // DAY_SECONDS)
    return finding("tls", CARE if days < DAYS_LEFT else GOOD, "tls_ends" if days < DAYS_LEFT else "tls_good", days=days)


def _server_of(settings: Settings) -> str:
    """The address in settings, else the one where this console was enrolled, else ""."""
    from core.kernel.refusal import Refusal
    from core.store import queue
    from core.store.home import home_of, open_device

    if settings.server_url:
        return settings.server_url
    try:
        store = open_device(home_of(settings))
    except Refusal:
        return ""
    try:
        with store.reading() as connection:
            me = queue.this(connection)
        return str(me.server_url) if me is not None else ""
    finally:
        store.close()


def _answers(address: str, ca_file: Path | None = None) -> bool:
    """Whether a server of ours lives there."""
    import httpx

    try:
        trusted = ssl.create_default_context(cafile=str(ca_file)) if ca_file else True
        found = httpx.get(f"{address.rstrip('/')}/healthz", timeout=SECONDS, verify=trusted, trust_env=False)
    except (httpx.HTTPError, OSError, ValueError):
        return False
    return found.status_code == httpx.codes.OK


# -- what it keeps --------------------------------------------------------------------------------------------------


def keys(settings: Settings) -> Finding:
    from core.kernel.refusal import Refusal
    from core.store.home import STORE_KEY
    from core.store.vault import open_vault

    try:
        open_vault(settings).secret(STORE_KEY)
    except Refusal as refusal:
        return finding("keys", WRONG, "keys_shut", why=refusal.code.replace("_", " "))
    return finding("keys", GOOD, "keys_file" if settings.keys == "file" else "keys_desktop")


def console(settings: Settings) -> Finding:
    from core.kernel.refusal import Refusal
    from core.store import queue
    from core.store.home import home_of, open_device

    try:
        store = open_device(home_of(settings))
    except Refusal as refusal:
        if refusal.code == "not_enrolled":
            return finding("console", GOOD, "console_none")
        return finding("console", WRONG, "console_shut", why=refusal.code.replace("_", " "))
    try:
        with store.reading() as connection:
            me = queue.this(connection)
            waiting = queue.waiting(connection)
    finally:
        store.close()
    return finding("console", GOOD, "console_here", name=me.name if me else "?", waiting=waiting)


def database(settings: Settings) -> Finding:
    from admin_cli import hospital
    from core.kernel.refusal import Refusal

    try:
        with hospital.hospital(settings.hospital_url):
            return finding("hospital", GOOD, "hospital_here", where=hospital.shown(settings.hospital_url))
    except Refusal as refusal:
        if refusal.code == "no_hospital":
            return finding("hospital", GOOD, "hospital_none")
        return finding("hospital", WRONG, "hospital_shut", where=hospital.shown(settings.hospital_url))


# -- what it shows --------------------------------------------------------------------------------------------------


def printer(settings: Settings) -> Finding:
    """What the system's own print service knows."""
    asking = shutil.which("lpstat")
    if asking is None:
        return finding("printer", CARE, "printer_none")
    try:
        told = subprocess.run([asking, "-p"], capture_output=True, text=True, timeout=SECONDS, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return finding("printer", CARE, "printer_none")
    names = [line.split()[1] for line in told.splitlines() if line.startswith("printer ") and len(line.split()) > 1]
    if not names:
        return finding("printer", CARE, "printer_none")
    return finding("printer", GOOD, "printer_here", names=", ".join(names))


def terminal(settings: Settings) -> Finding:
    if not sys.stdout.isatty():
        return finding("screen", CARE, "screen_none")
    size = shutil.get_terminal_size()
    detail = {"columns": size.columns, "rows": size.lines}
    if size.columns >= WALL[0] and size.lines >= WALL[1]:
        return finding("screen", GOOD, "screen_good", **detail)
    if size.columns >= HANDHELD[0] and size.lines >= HANDHELD[1]:
        return finding("screen", CARE, "screen_handheld", **detail)
    return finding("screen", WRONG, "screen_small", **detail)


def colours(settings: Settings) -> Finding:
    """Everything is also told by shape and word: without colours nothing is lost."""
    if (sys.stdout.encoding or "").lower().replace("-", "") != "utf8":
        return finding("colours", WRONG, "letters_missing", encoding=sys.stdout.encoding or "?")
    kind = os.environ.get("TERM", "")
    if os.environ.get("NO_COLOR") or kind in ("", "dumb"):
        return finding("colours", GOOD, "colours_none")
    if os.environ.get("COLORTERM", "") in ("truecolor", "24bit") or kind.endswith(("256color", "-direct")):
        return finding("colours", GOOD, "colours_full")
    return finding("colours", CARE, "colours_few", kind=kind)
