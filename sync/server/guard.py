"""What every request meets first and every answer leaves through: host, size, headers, a number in the logs, no trace.

Pure ASGI: no task, no copy, no queue.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any

import structlog

from sync.server.metrics import Metrics

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

PUSH_BYTES = 320 * 1024  # a segment of 256 KiB and a margin
FERRY_BYTES = 16 * 1024 * 1024 + 4 * 1024  # a whole queue that was carried here
MOST_BYTES = 1 << 20
LIMITS = {"/sync/push": PUSH_BYTES, "/sync/ferry": FERRY_BYTES}
METHODS = frozenset({"GET", "HEAD", "POST"})
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
ALWAYS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),  # with none at all, a browser calls our own forms foreign
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
)
STRICT_TRANSPORT = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
NO_STORE = (b"cache-control", b"no-store")
lines = structlog.get_logger("dusangire.requests")


class TooLarge(Exception):  # noqa: N818 - what it is
    """The body is larger than this door takes."""


class Guard:
    """See the module. hosts: names without port that this server answers to; ("*",) in practice mode only.

    sorry: the page for somebody whose request ran into a fault of ours, with its number.
    """

    def __init__(
        self,
        app: App,
        *,
        hosts: Sequence[str],
        secure: bool,
        metrics: Metrics,
        chance: Callable[[int], bytes],
        sorry: Callable[[Scope, str], bytes] | None = None,
    ) -> None:
        self._app = app
        self._hosts = frozenset(host.casefold() for host in hosts)
        self._always = (*ALWAYS, STRICT_TRANSPORT) if secure else ALWAYS
        self._metrics = metrics
        self._chance = chance
        self._sorry = sorry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        started = time.perf_counter()
        answer = _Answer(send, self._always, self._chance(8).hex())
        scope.setdefault("state", {})["request"] = answer.request
        try:
            refused = self._refusal(scope)
            if refused:
                await answer.refuse(refused)
            else:
                await self._app(scope, _Metered(receive, _limit(scope)), answer)
        except TooLarge:
            await answer.refuse(413)
        except Exception as error:
            lines.error("failed", request=answer.request, error=type(error).__name__, exc_info=True)
            await answer.refuse(500, self._in_words(scope, answer.request))
        finally:
            self._note(scope, answer, time.perf_counter() - started)
        return None

    def _in_words(self, scope: Scope, request: str) -> bytes:
        """A page that says sorry, for whoever reads pages; nothing when even that fails."""
        if self._sorry is None or scope["path"].startswith("/sync/"):
            return b""
        try:
            return self._sorry(scope, request)
        except Exception:
            lines.error("no words", request=request, exc_info=True)
            return b""

    def _refusal(self, scope: Scope) -> int:
        """An HTTP status to refuse with before anything is read, or 0."""
        host, size = b"", b"0"
        for name, value in scope["headers"]:
            if name == b"host":
                host = value
            elif name == b"content-length":
                size = value
        if "*" not in self._hosts and _name_of(host) not in self._hosts:
            return 400
        if scope["method"] not in METHODS:
            return 405
        if not size.isdigit():
            return 400
        return 413 if int(size) > _limit(scope) else 0

    def _note(self, scope: Scope, answer: _Answer, spent: float) -> None:
        """A line without path or query: they may hold ids. The route's name is enough."""
        endpoint = scope.get("endpoint")
        route = getattr(endpoint, "__name__", type(endpoint).__name__ if endpoint is not None else "none")
        self._metrics.answers.labels(route, str(answer.status)).observe(spent)
        lines.info(
            "answered",
            request=answer.request,
            door=route,
            method=scope["method"],
            status=answer.status,
            ms=round(spent * 1_000, 1),
        )


class _Answer:
    """The `send` that a door gets: adds the headers that no answer may lack."""

    def __init__(self, send: Send, always: Sequence[tuple[bytes, bytes]], request: str) -> None:
        self._send = send
        self._always = always
        self.request = request
        self.status = 0

    def __call__(self, message: Message) -> Awaitable[None]:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            own = list(message.get("headers", ()))
            if not any(name == b"cache-control" for name, _ in own):
                own.append(NO_STORE)
            message["headers"] = [*own, *self._always, (b"dusangire-request", self.request.encode())]
        return self._send(message)

    async def refuse(self, status: int, page: bytes = b"") -> None:
        """A generic answer that says nothing about why, but the number to ask about."""
        if self.status:
            return  # it has begun: the connection ends
        body = page or f"{status}\n{self.request}\n".encode()
        kind = b"text/html; charset=utf-8" if page else b"text/plain; charset=utf-8"
        headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
        if status == 413:
            headers.append((b"connection", b"close"))
        await self({"type": "http.response.start", "status": status, "headers": headers})
        await self({"type": "http.response.body", "body": body})


class _Metered:
    """The `receive` that a door gets: counts a body that comes in pieces, whatever its length said."""

    def __init__(self, receive: Receive, most: int) -> None:
        self._receive = receive
        self._left = most

    async def __call__(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            if self._left < 0:
                raise TooLarge
        return message


def _limit(scope: Scope) -> int:
    return LIMITS.get(scope["path"], MOST_BYTES)


def _name_of(host: bytes) -> str:
    """A Host header without its port, in small letters."""
    text = host.decode("latin-1").casefold()
    if text.startswith("["):
        return text[1:].split("]")[0]
    return text.rsplit(":", 1)[0] if ":" in text else text
