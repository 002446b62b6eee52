"""The doors that consoles knock at: bytes in, the reception's word, bytes out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from core.store.open import StoreTrouble
from sync.ports import Answer
from sync.server import devices
from sync.server.devices import Refused
from sync.server.house import House
from sync.server.live import DeviceListener, TooMany
from sync.server.reception import KIND, Asked, Chore, Work, refusal
from sync.server.writer import Busy, Lane
from sync.wire import encode, frame

BRIEF_BYTES = 1_024  # packed: some ten acts


def house_of(request: Request) -> House:
    house: House = request.app.state.house
    return house


async def ask(request: Request) -> Response:
    """Any request but a stream."""
    house = house_of(request)
    try:
        asked = await _asked(request)
        hop = _hop(house, asked)
        said = await hop(house.reception.receive, asked)
        answer, aside = said.answer, said.aside
        while isinstance(answer, Work):
            beside, aside = (aside, None) if answer.submissions else (None, aside)
            answer = await _work(house, hop, answer, beside)
    except Busy:
        answer = refusal(Refused(503, "busy"))
    except StoreTrouble as trouble:  # the disk is full or broken: nothing was taken in, and it may be better later
        answer = refusal(Refused(503, trouble.code))
    else:
        if aside is not None:
            house.writer.note(aside)
    return _response(answer)


def _hop(house: House, asked: Asked) -> Callable[..., Awaitable[Any]]:
    """How its questions to the database are asked: those of a few acts cost less than a hop into a thread."""
    is_brief = asked.path == "/sync/push" and len(asked.body) <= BRIEF_BYTES
    return _here if is_brief and house.store.dialect == "sqlite" else asyncio.to_thread


async def _here(ask: Callable[..., Any], *about: Any) -> Any:
    return ask(*about)


async def _work(house: House, hop: Callable[..., Awaitable[Any]], work: Work, beside: Chore | None) -> Answer | Work:
    """beside: a chore that nobody waits for, in one transaction with the acts."""
    also = (lambda connection, _: beside(connection)) if beside is not None else None
    outcomes = await house.writer.perform(work.submissions, Lane.DEVICE, also)
    if work.chore is not None:
        await house.writer.write(work.chore)
    answer: Answer | Work = await hop(work.then, outcomes)
    return answer


async def _asked(request: Request) -> Asked:
    path = request.scope.get("raw_path", request.url.path.encode()).split(b"?")[0]
    return Asked(
        method=request.method,
        path=path.decode("latin-1"),
        query=request.scope["query_string"].decode("latin-1"),
        headers={name.decode("latin-1").lower(): value.decode("latin-1") for name, value in request.headers.raw},
        body=await request.body(),
        address=request.client.host if request.client else "",
    )


def _response(answer: Answer) -> Response:
    return Response(answer.body, answer.status, dict(answer.headers))


class LiveDoor:
    """GET /sync/live: the stream of frames, a plain ASGI door because it keeps its `send`."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        house = house_of(request)
        opening = await asyncio.to_thread(house.reception.listen, await _asked(request))
        if isinstance(opening, Answer):
            return await _response(opening)(scope, receive, send)
        incarnation = request.headers.get("dusangire-incarnation", "")
        listener = DeviceListener(send, opening.reader, opening.cursor, incarnation)
        headers = [(b"content-type", KIND.encode()), (b"x-accel-buffering", b"no")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        try:
            if opening.told is not None:
                listener.give(frame(encode(opening.told)))
                return await send({"type": "http.response.body", "body": b"", "more_body": False})
            await house.live.join_device(listener)
            await listener.wait(receive)
        except TooMany:
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            house.live.leave(listener)
            now = house.now()
            house.writer.note(lambda connection: devices.note_contact(connection, now, incarnation))


ROUTES = [
    Route("/sync/live", LiveDoor(), methods=["GET"], name="live"),
    Route("/sync/hello", ask, methods=["POST"], name="hello"),
    Route("/sync/enrol", ask, methods=["POST"], name="enrol"),
    Route("/sync/incarnation", ask, methods=["POST"], name="incarnation"),
    Route("/sync/push", ask, methods=["POST"], name="push"),
    Route("/sync/ferry", ask, methods=["POST"], name="ferry"),
    Route("/sync/changes", ask, methods=["GET"], name="changes"),
    Route("/sync/incidents", ask, methods=["POST"], name="incidents"),
    Route("/sync/seen", ask, methods=["GET"], name="seen"),
    Route("/sync/notices", ask, methods=["POST"], name="notices"),
    Route("/sync/image/{audience}", ask, methods=["GET"], name="image"),
]
