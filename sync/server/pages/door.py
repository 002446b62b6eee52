"""The doors: a bed's code and a birth date for a patient, e-mail and password for staff; and the way out."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from core.kernel.values import DAY_MS, SYSTEM, Origin, due_op_id
from core.people import passwords
from core.store import web
from core.wards.doors import NoteDoorTries
from sync.server import sessions
from sync.server.house import House
from sync.server.pages.shown import birth_date
from sync.server.pages.web import (
    SignedOut,
    Visit,
    cookie_name,
    form_of,
    go,
    house_of,
    keep_language,
    language_of,
    look,
    show,
    sign_in,
    sign_out,
)
from sync.server.perform import submit
from sync.server.sessions import DoorStaysShut, Opened
from sync.server.writer import Lane

CODE = re.compile(r"^[A-Z0-9]{1,12}$")
TRIES_A_MINUTE = 20  # from one address, right or wrong: a ward's phones may share one
STAFF_HOME = "/staff"
HOME = "/patient/"


async def start(request: Request) -> Response:
    """The first page of all. Whoever is signed in is taken to their own."""
    home = await _home_of(request)
    if home:
        return go(home)
    return show(request, "start", trouble=request.query_params.get("no", "")[:8])


async def _home_of(request: Request) -> str:
    for home, staff in ((HOME, False), (STAFF_HOME, True)):
        try:
            await look(request, lambda connection, visit: None, staff=staff)
        except SignedOut:
            continue
        return home
    return ""


async def typed_code(request: Request) -> Response:
    """The short code on the card at the bed, typed."""
    form = await form_of(request)
    code = _code(form.get("code", ""))
    return go(f"/b/{code}") if code else go("/", no="code")


async def bed(request: Request) -> Response:
    """The door of one bed. It says whose bed it is not, and nothing about who lies there."""
    house = house_of(request)
    code = _code(request.path_params["code"])
    door = await house.read(lambda connection: web.door_of(connection, code)) if code else None
    if door is None:
        _count(house, request)
        return show(request, "start", trouble="code", status=404)
    shut_until = await house.read(lambda connection: _shut_until(connection, house.now(), f"bed:{code}"))
    trouble = request.query_params.get("no", "")[:8]
    return show(request, "bed", door=door, code=code, shut_until=shut_until, trouble=trouble)


async def open_bed(request: Request) -> Response:
    house = house_of(request)
    form = await form_of(request)
    code = _code(request.path_params["code"])
    born = birth_date(form.get("day", ""), form.get("month", ""), form.get("year", ""))
    if not code:
        return go("/", no="code")
    if not _count(house, request):
        return go(f"/b/{code}", no="often")
    if not born:
        return go(f"/b/{code}", no="date")
    chance = house.chance(sessions.TOKEN_BYTES + 10)
    try:
        tried = await house.writer.write(lambda connection: _try_bed(connection, house.now(), chance, code, born))
    except DoorStaysShut:
        return go(f"/b/{code}", no="shut")
    if tried.opened is None:
        await _tell_ward(house, tried)
        return go(f"/b/{code}", no="match")
    answer = go(HOME)
    sign_in(house, answer, tried.opened)
    keep_language(house, answer, language_of(request, tried.language))
    return answer


@dataclass(frozen=True, slots=True)
class Tried:
    """One try at a bed's door. failures: instants of the wrong tries in a row, newest first."""

    opened: Opened | None
    bed_id: str
    language: str
    failures: tuple[int, ...] = ()


def _try_bed(connection: Connection, now: int, chance: bytes, code: str, born: str) -> Tried:
    door, behind = web.door_of(connection, code), web.behind_door(connection, code)
    language = behind.language if behind is not None else ""
    bed_id = door.bed_id if door is not None else ""
    opened = sessions.open_bed_door(connection, now, chance, code=code, birth_date=born)
    if opened is not None:
        return Tried(opened, bed_id, language)
    since = now - DAY_MS
    wrong = web.failures_in_a_row(connection, f"bed:{code}", since=since, most=sessions.MOST_TRIES)
    return Tried(None, bed_id, language, tuple(wrong))


async def _tell_ward(house: House, tried: Tried) -> None:
    """After so many wrong tries the ward has a case: once for a run of them, however long it gets."""
    if not tried.bed_id or len(tried.failures) < sessions.FREE_TRIES:
        return
    command = NoteDoorTries(bed_id=tried.bed_id, tries=len(tried.failures))
    op_id = due_op_id("door_tries", tried.bed_id, tried.failures[-1])
    wanted = submit(command, op_id=op_id, actor=SYSTEM, origin=Origin.GATEWAY, origin_ref="door")
    await house.writer.perform([wanted], Lane.PAGE)


def _code(text: str) -> str:
    """A code as it is kept: capitals, without the spaces and dashes that people type. "" when it is none."""
    code = "".join(letter for letter in text.upper() if letter.isalnum())
    return code if CODE.match(code) else ""


def _count(house: House, request: Request) -> bool:
    address = request.client.host if request.client else ""
    return house.may_try("page", address, TRIES_A_MINUTE)


def _shut_until(connection: Connection, now: int, door: str) -> int:
    try:
        sessions.may_try(connection, now, door)
    except DoorStaysShut as shut:
        return shut.until
    return 0


# -- staff ------------------------------------------------------------------------------------------------------------


async def staff_door(request: Request) -> Response:
    return show(request, "sign_in", trouble=request.query_params.get("no", "")[:8])


async def open_staff(request: Request) -> Response:
    """Takes as long for an account that does not exist; even the right password waits when too many were wrong."""
    house = house_of(request)
    form = await form_of(request)
    email, password = form.get("email", "").strip(), form.get("password", "")[: passwords.LONGEST_PASSWORD]
    if not _count(house, request):
        return go("/sign-in", no="often")
    door = sessions.account_door(email)
    if await house.read(lambda connection: _shut_until(connection, house.now(), door)):
        return go("/sign-in", no="shut")
    person_id, stored = await house.read(lambda connection: web.account_of(connection, email))
    matched = await asyncio.to_thread(sessions.password_matches, stored, password, passwords.matches)
    chance = house.chance(sessions.TOKEN_BYTES + 10)
    try:
        opened = await house.writer.write(
            lambda connection: sessions.open_staff_door(
                connection, house.now(), chance, door=door, person_id=person_id, matched=matched
            )
        )
    except DoorStaysShut:
        return go("/sign-in", no="shut")
    if opened is None:
        return go("/sign-in", no="match")
    answer = go(STAFF_HOME)
    sign_in(house, answer, opened)
    return answer


async def staff_home(request: Request) -> Response:
    """Who they are here, and what the doors of their wards have seen. Their work is on the consoles."""

    def ask(connection: Connection, visit: Visit) -> web.Colleague:
        colleague = web.colleague(connection, visit.person_id, visit.at)
        if colleague is None:
            raise SignedOut
        return colleague

    visit, colleague = await look(request, ask, staff=True)
    return show(request, "staff", visit, colleague=colleague)


# -- out --------------------------------------------------------------------------------------------------------------


async def leave(request: Request) -> Response:
    """Signed out here and on every page of this browser, at once."""
    house = house_of(request)
    answer = go("/", no="out")
    for staff in (False, True):
        try:
            visit, _ = await look(request, lambda connection, visit: None, staff=staff)
        except SignedOut:
            continue
        await form_of(request, visit)
        ended = visit.found.session.token_hash
        await house.writer.write(lambda connection: web.end_session(connection, ended, visit.at))  # noqa: B023
        house.live.cut_session(ended)
        break
    if cookie_name(house) in request.cookies:
        sign_out(house, answer)
    return answer
