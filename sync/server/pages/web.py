"""How a page is asked and answered: who is looking, in which language, and whether a form is truly ours."""

from __future__ import annotations

import gzip
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from core.kernel.message import Command
from core.kernel.values import DAY_MS, MINUTE_MS, Origin, is_op_id, uuid7
from core.store import visit as visits
from core.store import web
from core.words import LANGUAGES
from sync.protocol import Outcome
from sync.server import sessions
from sync.server.house import House
from sync.server.pages import paper
from sync.server.pages.menu import Menu
from sync.server.perform import submit
from sync.server.writer import Beside, Lane

T = TypeVar("T")
LANGUAGE_COOKIE = "language"
YEAR_SECONDS = 365 * 24 * 60 * 60
GZIP_FROM = 1_000  # bytes; below, a header costs as much as it saves
MOST_FIELDS = 60
FORM_LIVES_MS = DAY_MS
CLOCK_SLACK_MS = 5 * MINUTE_MS


class SignedOut(Exception):  # noqa: N818 - what it is
    """Nobody is signed in here (any more): to the door, and afterwards back to where they were."""


class NotOurForm(Exception):  # noqa: N818 - what it is
    """This form did not come from a page of this session, or is too old: nothing was done."""


class NotHere(Exception):  # noqa: N818 - what it is
    """There is no such page, or it is somebody else's: the answer is one and the same."""


@dataclass(frozen=True, slots=True)
class Visit:
    """Who is looking, as the database had it in this page's own read transaction. `at`: now, never before the log."""

    token: str
    found: visits.Found
    menu: Menu
    language: str
    at: int

    @property
    def stay_id(self) -> str:
        return self.found.session.stay_id

    @property
    def person_id(self) -> str:
        return self.found.session.person_id


def house_of(request: Request) -> House:
    house: House = request.app.state.house
    return house


# -- who is looking ---------------------------------------------------------------------------------------------------


async def look(request: Request, ask: Callable[[Connection, Visit], T], *, staff: bool = False) -> tuple[Visit, T]:
    """The visit and whatever this page asks for, in one read transaction. Raises SignedOut."""
    house = house_of(request)
    token = request.cookies.get(cookie_name(house), "")
    if not token or len(token) > 2 * sessions.TOKEN_BYTES:
        raise SignedOut
    visit, asked = await house.read(lambda connection: _look(connection, house, request, token, ask, staff=staff))
    if sessions.wants_noting(visit.found.session, visit.at):
        note_seen(house, visit)
    return visit, asked


def _look(
    connection: Connection,
    house: House,
    request: Request,
    token: str,
    ask: Callable[[Connection, Visit], T],
    *,
    staff: bool,
) -> tuple[Visit, T]:
    now = house.now()
    found = visits.find(connection, sessions.hash_of(token), now)
    if found is None or found.closed or staff == bool(found.session.stay_id):
        raise SignedOut
    at = max(now, found.at)
    menu = house.menu.menu(connection, found.rules_version, at)
    if not sessions.holds(found.session, at, sessions.limits_of(menu.policies)):
        raise SignedOut
    visit = Visit(token, found, menu, language_of(request, found.language), at)
    return visit, ask(connection, visit)


def note_seen(house: House, visit: Visit) -> None:
    """Nobody waits for it."""
    seen = visit.found.session.token_hash
    house.writer.note(lambda connection: web.see_session(connection, seen, visit.at))


def language_of(request: Request, own: str = "") -> str:
    """What was chosen here, else the patient's own, else what the browser asks for, else English."""
    wanted = [request.query_params.get("language", ""), request.cookies.get(LANGUAGE_COOKIE, ""), own]
    asked = request.headers.get("accept-language", "")[:200]
    wanted += [part.split(";")[0].strip()[:2].casefold() for part in asked.split(",")]
    return next((language for language in wanted if language in LANGUAGES), "en")


# -- forms ------------------------------------------------------------------------------------------------------------


async def form_of(request: Request, visit: Visit | None = None) -> Mapping[str, str]:
    """The fields of a form of ours. Raises NotOurForm for a foreign one, or one without this session's token."""
    refuse_foreign(request)
    async with request.form(max_files=0, max_fields=MOST_FIELDS) as sent:
        fields = {name: value for name, value in sent.items() if isinstance(value, str)}
    if visit is not None and not sessions.is_form_token(visit.token, fields.get("token", "")):
        raise NotOurForm
    return fields


def refuse_foreign(request: Request) -> None:
    """A browser that says where a form comes from must say: from here."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    host = request.headers.get("host", "")
    if site not in ("same-origin", "none") or (origin and urlsplit(origin).netloc.casefold() != host.casefold()):
        raise NotOurForm


def op_id_of(visit: Visit, shown: str, part: str = "") -> bytes:
    """The act that a form means: the same for a double click, back or reload, and nobody else's.

    part: which of several acts of one form.

    Raises NotOurForm for a form that is too old to be judged by what it says.
    """
    if not is_op_id(shown):
        raise NotOurForm
    made_at = int(shown[:12], 16)
    if not visit.at - FORM_LIVES_MS <= made_at <= visit.at + CLOCK_SLACK_MS:
        raise NotOurForm
    return uuid7(made_at, hmac.digest(visit.token.encode(), f"{shown} {part}".encode(), "sha256"))


async def perform(
    request: Request, visit: Visit, command: Command, op_id: bytes, beside: Beside | None = None
) -> Outcome:
    """Judged by the writer like everybody's acts. Raises Busy, StoreTrouble. beside: see `Writer.perform`."""
    wanted = submit(
        command,
        op_id=op_id,
        actor=sessions.actor_of(visit.found.session),
        origin=Origin.PAGE,
        origin_ref=sessions.reference(visit.found.session),
    )
    outcome = (await house_of(request).writer.perform([wanted], Lane.PAGE, beside))[0]
    assert outcome is not None, "only a device's act can have a gap before it"
    return outcome


# -- answers ----------------------------------------------------------------------------------------------------------


def show(request: Request, name: str, visit: Visit | None = None, status: int = 200, **facts: Any) -> Response:
    """One page. What a template may ask for is in `paper`; everything it prints goes through `shown`."""
    house = house_of(request)
    language = visit.language if visit is not None else language_of(request)
    facts.setdefault("visit", visit)
    facts.setdefault("at", visit.at if visit is not None else house.now())
    facts["token"] = sessions.form_token(visit.token, house.chance(sessions.PAD_BYTES)) if visit is not None else ""
    facts["op_id"] = uuid7(facts["at"], house.chance(10)).hex()
    body = paper.print_page(name, language, path=request.url.path, **facts).encode()
    answer = html(request, body, status)
    if request.query_params.get("language") in LANGUAGES:
        keep_language(house, answer, language)
    return answer


def html(request: Request, body: bytes, status: int = 200) -> Response:
    headers = {"vary": "accept-encoding, cookie"}
    if len(body) >= GZIP_FROM and "gzip" in request.headers.get("accept-encoding", ""):
        body = gzip.compress(body, 1, mtime=0)
        headers["content-encoding"] = "gzip"
    return Response(body, status, headers, media_type="text/html")


def go(path: str, anchor: str = "", **query: str) -> RedirectResponse:
    """After a POST, always: see there."""
    given = {name: value for name, value in query.items() if value}
    url = f"{path}?{urlencode(given)}" if given else path
    return RedirectResponse(f"{url}#{anchor}" if anchor else url, 303)


def cookie_name(house: House) -> str:
    """With the prefix, a browser takes it over https and for this host alone."""
    return "__Host-dusangire" if house.secure else "dusangire"


def sign_in(house: House, answer: Response, opened: sessions.Opened) -> None:
    answer.set_cookie(cookie_name(house), opened.token, secure=house.secure, httponly=True, samesite="lax", path="/")


def sign_out(house: House, answer: Response) -> None:
    answer.delete_cookie(cookie_name(house), secure=house.secure, httponly=True, samesite="lax", path="/")


def keep_language(house: House, answer: Response, language: str) -> None:
    answer.set_cookie(
        LANGUAGE_COOKIE, language, max_age=YEAR_SECONDS, secure=house.secure, httponly=True, samesite="lax", path="/"
    )
