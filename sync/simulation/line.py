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


SLOW_BYTES_A_MS = 8  # the worst link that must do: 8 kB a second


@dataclass(slots=True)
class Line:
    """One console's own line: until when what is wrong with it."""

    cut_until: int = 0
    deaf_until: int = 0  # it is heard, and hears nothing
    mute_until: int = 0  # it hears, and nobody hears it
    slow_until: int = 0

    def is_cut(self, now: int) -> bool:
        return now < self.cut_until

    def hears(self, now: int) -> bool:
        return now >= self.cut_until and now >= self.deaf_until

    def is_heard(self, now: int) -> bool:
        return now >= self.cut_until and now >= self.mute_until

    def ms_for(self, now: int, size: int) -> int:
        """How long so many bytes take."""
        return size // SLOW_BYTES_A_MS if now < self.slow_until else 0


@dataclass(frozen=True, slots=True)
class Weather:
    """How often a network does what: shares of all requests."""

    lose: float = 0.0
    lose_answer: float = 0.0
    duplicate: float = 0.0
    delay: float = 0.0  # a request that arrives when its sender has long given it up
    busy: float = 0.0  # a server, or a proxy before it, that says no for now
    garbage: float = 0.0  # a proxy's own page
    cut_short: float = 0.0  # an answer of which the second half never comes


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of one request. Instants in ms from now; None: never."""

    arrives: tuple[int, ...]  # once, or twice
    answer_after: int | None
    instead: Answer | None = None
    said: str = ""
    is_cut_short: bool = False


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
    if dice.happens(weather.cut_short):
        return Fate((first,), back, said="cut short", is_cut_short=True)
    if dice.happens(weather.duplicate):
        return Fate((first, first + dice.between(0, 20_000)), back, said="twice")
    return Fate((first,), back)


def cut_short(dice: SeededChance, answer: Answer) -> Answer | None:
    """Most links notice and say that nothing came; one behind a proxy takes what came for the whole."""
    if dice.happens(0.5) or not answer.body:
        return None
    return Answer(answer.status, answer.headers, answer.body[: dice.between(0, len(answer.body) - 1)])


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
