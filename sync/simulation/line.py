"""The virtual twin of a link, and the fates that a network has for every request and every answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sync.ports import Answer, LinkDown, Stream
from sync.server.reception import Asked
from sync.simulation.chance import SeededChance
from sync.simulation.serving import ServerProcess, VirtualStream

ASK_TIMEOUT_MS = 15_000  # the real link's patience with one answer
CONNECT_MS = 5_000  # ... and with a connection that nobody takes


@dataclass(frozen=True, slots=True)
class Weather:
    """How often a network does what: shares of all requests."""

    lose: float = 0.0
    lose_answer: float = 0.0
    duplicate: float = 0.0
    delay: float = 0.0  # a request that arrives when its sender has long given it up
    busy: float = 0.0  # a server, or a proxy before it, that says no for now
    garbage: float = 0.0  # a proxy's own page


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of one request. Instants in ms from now; None: never."""

    arrives: tuple[int, ...]  # once, or twice
    answer_after: int | None
    instead: Answer | None = None
    said: str = ""


def fate(dice: SeededChance, weather: Weather) -> Fate:
    """Drawn once a request."""
    first = dice.between(2, 250)
    back = dice.between(2, 250)
    if dice.happens(weather.lose):
        return Fate((), None, said="lost")
    if dice.happens(weather.busy):
        return Fate((), first + back, Answer(503, {"retry-after": "2"}), said="busy")
    if dice.happens(weather.garbage):
        return Fate((), first + back, Answer(dice.one_of((200, 404, 502)), {}, b"<html>proxy</html>"), said="garbage")
    if dice.happens(weather.delay):
        return Fate((dice.between(ASK_TIMEOUT_MS, 4 * ASK_TIMEOUT_MS),), None, said="delayed")
    if dice.happens(weather.lose_answer):
        return Fate((first,), None, said="answer lost")
    if dice.happens(weather.duplicate):
        return Fate((first, first + dice.between(0, 20_000)), back, said="twice")
    return Fate((first,), back)


class VirtualLink:
    """The virtual twin of a link: straight to a process, unless it is down or the answer gets lost on the way."""

    def __init__(
        self, process: ServerProcess, *, dice: SeededChance | None = None, weather: Weather = Weather()
    ) -> None:
        self._process, self._dice, self._weather = process, dice or SeededChance("line"), weather
        self._closed = False
        self.is_down = False

    def ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        drawn = fate(self._dice, self._weather)
        if self._closed or self.is_down:
            raise LinkDown("down")
        plain, _, query = path.partition("?")
        answer = drawn.instead
        for _ in drawn.arrives:
            answer = self._process.answer(Asked(method, plain, query, headers, body))
        if answer is None or drawn.answer_after is None:
            raise LinkDown(drawn.said)
        return answer

    def listen(self, path: str, headers: Mapping[str, str]) -> Stream | Answer:
        if self._closed or self.is_down:
            raise LinkDown("down")
        plain, _, query = path.partition("?")
        found: VirtualStream | Answer = self._process.listen(Asked("GET", plain, query, headers))
        return found

    def close(self) -> None:
        self._closed = True
