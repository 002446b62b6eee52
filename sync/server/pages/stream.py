"""The live stream of a page: Server-Sent Events about one stay, with replay by the number the page has seen last."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from sync.server.live import PageListener, TooMany
from sync.server.pages.web import SignedOut, house_of, look

AGAIN = b"retry: 2000\n\n"  # how soon a browser comes back after a cut
BUSY_SECONDS = "10"


class PageStream:
    """GET /patient/live: a plain ASGI door because it keeps its `send`."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            visit, _ = await look(request, lambda connection, visit: None)
        except SignedOut:
            return await Response(status_code=204)(scope, receive, send)  # tells a browser not to come back
        house = house_of(request)
        listener = PageListener(send, visit.stay_id, visit.found.session.token_hash)
        headers = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"x-accel-buffering", b"no")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        try:
            listener.give(AGAIN)
            await house.live.join_page(listener, _seen(request, visit.found.seq))
            await listener.wait(receive)
        except TooMany:
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            house.live.leave(listener)


def _seen(request: Request, newest: int) -> int:
    """The number after which this page wants to hear: the browser's own memory counts before the page's."""
    last = request.headers.get("last-event-id", "") or request.query_params.get("since", "")
    return int(last) if last.isascii() and last.isdecimal() and len(last) < 16 else newest
