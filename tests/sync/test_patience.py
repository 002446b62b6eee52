"""How long each end waits: every row of the table is what the code does, by a clock that goes when it is told to."""

from __future__ import annotations

import asyncio
import inspect
import sys
from collections.abc import Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from core.kernel.refusal import Refusal
from core.store import web
from core.store.open import Store
from sync import patience
from sync.client import conversation, enrol, refused
from sync.client.standing import standing
from sync.client.talk import Ask, Rest, Talk, What, failed
from sync.client.transport import HttpLink
from sync.patience import TABLE
from sync.ports import Answer
from sync.protocol import FEWEST_OPS, Changes, Segment, Trouble
from sync.server import effects
from sync.server.app import build, config_of
from sync.server.bell import Bell
from sync.server.devices import Refused
from sync.server.effects import GATEWAYS
from sync.server.house import House
from sync.server.reception import refusal
from sync.wire import encode
from tests.sync.client.hospital import Console, StepLink, Time, enrolled, loop_of, moment, ward_a

SHORTEST, LONGEST = bytes(18), b"\xff" * 18  # what chance can make of a wait
DOCUMENT = Path(__file__).parents[2] / "docs" / "decisions" / "0007-how-long-we-wait.md"
NOW = moment()


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Console:
    folder = tmp_path_factory.mktemp("patience")
    return enrolled(ward_a(folder), folder)


def ms(name: str) -> int:
    return TABLE[name].value


def waits(talk: Talk) -> int:
    return talk.not_before - NOW.mono


def told_no(code: str, status: int = 403, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, named, encode(Trouble(code)))


def taken(console: Console, answer: Answer, talk: Talk | None = None) -> Talk:
    ask = Ask(What.PULL, "GET", "/sync/changes", NOW.mono)
    return refused.take(console.store, talk or Talk(), NOW, LONGEST, ask, answer).talk


# -- the table itself -------------------------------------------------------------------------------------------------


def test_the_document_shows_the_table_as_it_is() -> None:
    shown = [line for line in DOCUMENT.read_text().splitlines() if line.startswith("| `")]

    assert tuple(shown) == patience.rows()


def test_every_row_has_a_test() -> None:
    tests = {name for name, _ in inspect.getmembers(sys.modules[__name__], inspect.isfunction)}

    assert [name for name in TABLE if f"test_{name}" not in tests] == []


# -- a console asks ---------------------------------------------------------------------------------------------------


def test_connect() -> None:
    link = HttpLink("http://127.0.0.1:1")
    assert link._client.timeout.connect == ms("connect") / 1_000
    link.close()


def test_answer() -> None:
    link = HttpLink("http://127.0.0.1:1")
    assert link._client.timeout.read == ms("answer") / 1_000
    link.close()


def test_first_wait() -> None:
    longest = [waits(replace(failed(Talk(failures=number), NOW, LONGEST))) for number in range(3)]

    assert longest == [ms("first_wait") * 2**number for number in range(3)]
    assert waits(failed(Talk(), NOW, SHORTEST)) == ms("first_wait") // 2


def test_longest_wait() -> None:
    assert [waits(failed(Talk(failures=number), NOW, LONGEST)) for number in (7, 15, 99)] == [ms("longest_wait")] * 3


def test_longest_link_wait() -> None:
    hello = Ask(What.GREET, "POST", "/sync/hello", NOW.mono)

    assert waits(conversation.unanswered(Talk(failures=9), NOW, LONGEST, hello)) == ms("longest_link_wait")


def test_a_segment_without_an_answer_goes_again_in_halves_down_to_a_few_acts() -> None:
    talk, lengths = Talk(), []
    for length in (500, 250, 125, 62, 31, 16):
        segment = Segment(1, "device", "incarnation", 1, tuple([b""] * length), b"", b"")
        talk = conversation.unanswered(talk, NOW, LONGEST, Ask(What.PUSH, "POST", "/sync/push", 0, about=segment))
        lengths.append(talk.most)

    assert lengths == [250, 125, 62, 31, FEWEST_OPS, FEWEST_OPS]


def test_refused_wait(console: Console) -> None:
    assert waits(taken(console, told_no("not_your_audience"))) == ms("refused_wait")


def test_longest_asked(console: Console) -> None:
    patient = taken(console, told_no("busy", 503, retry_after="9999"))

    assert waits(patient) == ms("longest_asked")


def test_upgrade(console: Console) -> None:
    talk = taken(console, told_no("wrong_version", 426))

    assert (talk.may_pull, talk.pull_due - NOW.mono) == (False, ms("upgrade"))


def test_enrol(console: Console) -> None:
    link = StepLink(console.link.hospital)
    link.down = True
    with pytest.raises(Refusal, match="no_server"):
        enrol._ask(link, b"", "http://server")
    assert len(link.asked) == ms("enrol")


# -- a console listens ------------------------------------------------------------------------------------------------


def test_silence(console: Console) -> None:
    console.sync()
    with console.store.reading() as connection:
        heard = connection.execute(text("SELECT heard_mono FROM cursor")).scalar_one()
    after = [moment(heard - NOW.mono + late) for late in (ms("silence") - 1, ms("silence"))]

    assert [standing(console.store, one).live for one in after] == [True, False]


def test_heartbeat() -> None:
    assert ms("heartbeat") * 2 <= ms("silence")


def caught_up(console: Console, talk: Talk) -> Talk:
    """After an answer with nothing new in it."""
    with console.store.reading() as connection:
        epoch, seq = connection.execute(text("SELECT epoch, seq FROM cursor")).one()
    nothing = Changes(epoch, (), (), seq, seq, NOW.wall, NOW.wall, None, 0)
    return conversation._take_changes(console.store, talk, NOW, nothing).talk


def test_poll(console: Console) -> None:
    assert caught_up(console, Talk(greeted=True, poll_until=NOW.mono + 1)).pull_due - NOW.mono == ms("poll")


def test_freshen(console: Console) -> None:
    assert caught_up(console, Talk(greeted=True)).pull_due - NOW.mono == ms("freshen")


def test_streams() -> None:
    talk, ended = Talk(), 0
    while not talk.poll_until:
        talk, ended = conversation.stream_ended(talk, NOW, LONGEST), ended + 1

    assert ended == ms("streams")


def test_poll_instead() -> None:
    talk = Talk(silent_streams=ms("streams") - 1)

    assert conversation.stream_ended(talk, NOW, LONGEST).poll_until - NOW.mono == ms("poll_instead")


class Waited:
    """Takes the place of the loop's own clock hand: it only notes how long it should have rested."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def wait(self, seconds: float) -> None:
        self.seconds.append(seconds)

    def clear(self) -> None:
        """Nothing was set."""


def test_watch(console: Console) -> None:
    one, waited = loop_of(console), Waited()
    one._wake = waited  # type: ignore[assignment]  # a hand that only notes
    one._rest_until(Rest(Time().now().mono + 3_600_000))

    assert waited.seconds == [ms("watch") / 1_000]


def test_console_tells(console: Console) -> None:
    one = loop_of(console)
    one.noticed.note("sync_trouble", "", NOW.wall)
    one._tell_troubles()

    assert one._tell_due - Time().now().mono == ms("console_tells")


def test_stop(console: Console) -> None:
    one = loop_of(console)
    joined: list[float | None] = []
    one._thread.join = joined.append  # type: ignore[method-assign,assignment]  # it was never started
    one._link = StepLink(console.link.hospital)
    one.stop()

    assert joined == [ms("stop") / 1_000]


# -- the server -------------------------------------------------------------------------------------------------------


def test_busy() -> None:
    assert refusal(Refused(503, "busy")).headers["retry-after"] == str(ms("busy") // 1_000)


def test_store_busy(console: Console) -> None:
    with console.store.reading() as connection:
        assert connection.execute(text("PRAGMA busy_timeout")).scalar_one() == ms("store_busy")


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What a loop of the server would have slept before its first second turn: it goes no further."""
    seconds: list[float] = []

    async def sleep(asked: float) -> None:
        seconds.append(asked)
        raise asyncio.CancelledError

    monkeypatch.setattr(asyncio, "sleep", sleep)
    return seconds


def first_turn(endless: Coroutine[Any, Any, None]) -> None:
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(endless)


def a_house(console: Console, time: Time) -> House:
    house: House = build(console.link.hospital.store, now=lambda: time.at).state.house
    return house


def test_due(console: Console, slept: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    house = a_house(console, Time())

    async def nothing_fell_due() -> int:
        return 0

    monkeypatch.setattr(house, "tick", nothing_fell_due)
    first_turn(house._passing_time())

    assert slept == [ms("due") / 1_000]


def test_heard(console: Console) -> None:
    time = Time(at=NOW.wall)
    house = a_house(console, time)
    noted = []
    for later in (0, ms("heard") - 1, ms("heard")):
        time.at = NOW.wall + later
        asyncio.run(house._note_heard())
        noted.append(house._noted_at - NOW.wall)

    assert noted == [0, 0, ms("heard")] and ms("heard") < ms("silence")


def test_server_tells(console: Console) -> None:
    time = Time(at=NOW.wall)
    house = a_house(console, time)
    house.process = "test"
    house.writer.start()
    left = []
    for later in (0, ms("server_tells") - 1, ms("server_tells")):
        time.at = NOW.wall + later
        house.noticed.note("server_stumbled", "", time.at)
        asyncio.run(house._tell_troubles())
        left.append(len(house.noticed.take()))
        if left[-1]:
            house.noticed.note("server_stumbled", "", time.at)
    house.writer.stop()

    assert left == [0, 1, 0]


def test_look(console: Console, slept: list[float]) -> None:
    first_turn(Bell(console.link.hospital.store, lambda seq: None)._look())

    assert slept == [ms("look") / 1_000]


def test_look_again(console: Console, slept: list[float]) -> None:
    async def broken() -> None:
        raise OSError("the database is away")

    first_turn(Bell(console.link.hospital.store, lambda seq: None)._again(broken))

    assert slept == [ms("look_again") / 1_000]


@pytest.fixture
def outside(console: Console) -> Store:
    """A server with one message to tell the outside, due at once."""
    store = console.link.hospital.store
    with store.writing() as connection:
        connection.execute(text("DELETE FROM effect"))
        connection.execute(
            text(
                "INSERT INTO effect (op_id, effect, recipient, payload, state, tries, due_at, error) "
                "VALUES (x'01', 'nowhere', 'somebody', '', 'waiting', 0, 0, '')"
            )
        )
    return store


def claimed(store: Store, at: int) -> int:
    with store.writing() as connection:
        return len(effects.claim(connection, at))


def test_claim(outside: Store) -> None:
    assert [claimed(outside, at) for at in (1_000, 1_000 + ms("claim") - 1, 1_000 + ms("claim"))] == [1, 0, 1]


def tried(store: Store) -> list[int]:
    """The instants at which it is tried, each at the first one that it can be; until nobody tries it any more."""
    at, instants = 0, []
    while True:
        with store.writing() as connection:
            found = effects.claim(connection, at)
        if not found:
            return instants
        instants.append(at)
        with store.writing() as connection:
            effects.went(connection, at, [(one, "no way") for one in found])
            state, at = connection.execute(text("SELECT state, due_at FROM effect")).one()
        if state == web.FAILED:
            return instants


def test_claim_tries(outside: Store) -> None:
    assert len(tried(outside)) == ms("claim_tries") and "nowhere" not in GATEWAYS


def test_claim_first(outside: Store) -> None:
    first, second, *_ = tried(outside)
    assert second - first == ms("claim_first")


def test_claim_last(outside: Store) -> None:
    *_, before, last = tried(outside)
    assert last - before == ms("claim_last")


def test_grace(console: Console) -> None:
    app = build(console.link.hospital.store)
    assert config_of(app, behind_proxy=False).timeout_graceful_shutdown == ms("grace") // 1_000


def test_keep_alive(console: Console) -> None:
    app = build(console.link.hospital.store)
    assert config_of(app, behind_proxy=False).timeout_keep_alive == ms("keep_alive") // 1_000
