"""What the server said long ago, or to a set of rows that was given back since, is not taken for news."""

from __future__ import annotations

from core.kernel.values import DAY_MS, HOUR_MS
from core.store import queue
from core.wards.commands import OpenStay
from core.wards.model import Stay
from sync.client import conversation, leases
from sync.client.moment import server_time
from sync.client.talk import Ask, Talk, What
from sync.ports import Answer
from sync.server import changes
from sync.wire import encode
from tests.sync.client.hospital import Console, Hospital

CHANCE = bytes(18)


def admit(hospital: Hospital, stay: str) -> None:
    hospital.told(OpenStay(stay_id=stay, ward_id="A", full_name=f"Patient {stay}"))


def news_for(hospital: Hospital, console: Console) -> bytes:
    with console.store.reading() as connection:
        me, cursor = queue.this(connection), queue.read_cursor(connection)
    assert cursor is not None
    with hospital.store.reading() as connection:
        reader = changes.reader_of(connection, me.id, cursor.audiences)
    return encode(changes.since(hospital.store, reader, cursor.seq, hospital.time.now().wall))


def now_at(console: Console) -> int:
    with console.store.reading() as connection:
        return server_time(queue.read_cursor(connection), console.time.now()).at


def test_a_frame_that_lay_in_a_sleeping_machine_does_not_tell_the_hour(console: Console, hospital: Hospital) -> None:
    admit(hospital, "stay-1")
    talk = conversation.listening(Talk(greeted=True), console.time.now())
    said = news_for(hospital, console)
    console.time.at += HOUR_MS
    before = now_at(console)
    talk = conversation.frame(console.store, talk, console.time.now(), CHANCE, said).talk
    assert (talk.listening, now_at(console) >= before) == (False, True)
    hospital.time.at = console.time.at
    console.sync()
    assert console.holds(Stay, "stay-1") is not None


def test_an_answer_that_lay_in_a_sleeping_machine_does_not_tell_the_hour(console: Console, hospital: Hospital) -> None:
    admit(hospital, "stay-1")
    ask = Ask(What.PULL, "GET", "/sync/changes", console.time.now().mono)
    said = Answer(200, {}, news_for(hospital, console))
    console.time.at += HOUR_MS
    before = now_at(console)
    conversation.answered(console.store, Talk(greeted=True), console.time.now(), CHANCE, ask, said)
    assert now_at(console) >= before


def test_what_was_said_to_a_set_that_was_given_back_is_not_taken_in(console: Console, hospital: Hospital) -> None:
    admit(hospital, "stay-1")
    said = news_for(hospital, console)
    console.time.at += DAY_MS
    assert leases.keep(console.store, console.time.now())
    talk = conversation.listening(Talk(greeted=True), console.time.now())
    talk = conversation.frame(console.store, talk, console.time.now(), CHANCE, said).talk
    assert (talk.listening, console.holds(Stay, "stay-1")) == (False, None)
    hospital.time.at = console.time.at
    console.sync()
    assert console.holds(Stay, "stay-1") is not None


def test_a_machine_that_slept_in_the_middle_of_a_load_greets_anew_before_it_goes_on(console: Console) -> None:
    talk = Talk(greeted=True, may_pull=True, heard=console.time.now().mono)
    steps = []
    for _ in range(2):
        steps.append(conversation.next_step(console.store, talk, console.time.now(), lambda message: b""))
        console.time.at += HOUR_MS
    assert [step.what for step in steps if isinstance(step, Ask)] == [What.PULL, What.GREET]


def test_a_greeting_after_a_sleep_whose_answer_is_cut_short_is_said_again(console: Console) -> None:
    talk = Talk(greeted=True, may_pull=True, heard=console.time.now().mono)
    console.time.at += HOUR_MS
    step = conversation.next_step(console.store, talk, console.time.now(), lambda message: b"")
    assert isinstance(step, Ask)
    talk = conversation.answered(console.store, talk, console.time.now(), CHANCE, step, Answer(200, {}, b"\x93")).talk
    console.time.at = max(console.time.at, console.time.at + talk.not_before - console.time.now().mono)
    again = conversation.next_step(console.store, talk, console.time.now(), lambda message: b"")
    assert isinstance(again, Ask)
    assert (step.what, again.what) == (What.GREET, What.GREET)
