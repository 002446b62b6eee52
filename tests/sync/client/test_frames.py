"""A live stream is taken in whole and in order, or not at all."""

from __future__ import annotations

import asyncio
from pathlib import Path

from sqlalchemy import text

from core.store import queue
from core.wards.commands import AddBeds, NewBed, OpenStay
from core.wards.model import Stay
from sync.client import conversation
from sync.client.talk import Ask, Talk, What
from sync.server import changes
from sync.server.listener import Message
from sync.server.live import DeviceListener, Live
from sync.server.metrics import Metrics
from sync.wire import encode
from tests.sync.client.hospital import Console, Hospital, enrolled

CHANCE = bytes(18)


def admit(stay: str) -> OpenStay:
    return OpenStay(stay_id=stay, ward_id="A", full_name=f"Patient {stay}")


def next_frame(hospital: Hospital, console: Console, after: int) -> bytes:
    with console.store.reading() as connection:
        me = queue.this(connection)
    with hospital.store.reading() as connection:
        reader = changes.reader_of(connection, me.id, cursor(console).audiences)
    return encode(changes.since(hospital.store, reader, after, hospital.time.now().wall))


def cursor(console: Console) -> queue.Cursor:
    with console.store.reading() as connection:
        found = queue.read_cursor(connection)
    assert found is not None
    return found


def test_after_a_frame_that_found_no_room_the_ones_behind_it_wait_for_the_next_stream(
    hospital: Hospital, console: Console
) -> None:
    begun = hospital.head
    for count in range(120):
        hospital.told(admit(f"stay-{count}"))
    middle = hospital.head
    lost = next_frame(hospital, console, begun)
    hospital.told(admit("stay-late"))
    behind = next_frame(hospital, console, middle)
    talk = conversation.listening(Talk(greeted=True), console.time.now())
    fill(console)
    limit(console, more_pages=0)
    talk = conversation.frame(console.store, talk, console.time.now(), CHANCE, lost).talk
    limit(console, more_pages=10_000)
    talk = conversation.frame(console.store, talk, console.time.now(), CHANCE, behind).talk
    assert (talk.listening, cursor(console).seq) == (False, begun)
    console.sync()
    assert [console.holds(Stay, stay) is not None for stay in ("stay-0", "stay-119", "stay-late")] == [True] * 3


def test_news_that_come_all_day_put_off_no_pull_that_is_due(hospital: Hospital, console: Console) -> None:
    console.sync()
    quiet = Talk(greeted=True, check_due=console.time.now().mono + 60_000)
    talk = conversation.listening(quiet, console.time.now())
    due = [talk.pull_due]
    for later, bed in ((59_000, "A-101"), (1_000, "A-102"), (1_000, "A-103")):
        console.time.at += later
        begun = hospital.head
        hospital.told(AddBeds(ward_id="A", beds=(NewBed(bed_id=bed),)))
        now = console.time.now()
        talk = conversation.frame(console.store, talk, now, CHANCE, next_frame(hospital, console, begun)).talk
        due.append(talk.pull_due)
    assert due == [quiet.check_due] * 4
    step = conversation.next_step(console.store, talk, console.time.now(), console.errand.sign)
    assert isinstance(step, Ask) and (step.what, "&checks=" in step.path) == (What.PULL, True)


def test_who_pressed_is_told_after_everybody_else(hospital: Hospital, console: Console, tmp_path: Path) -> None:
    other = enrolled(hospital, tmp_path, "handheld 2")
    console.sync()
    begun = hospital.head
    console.press(admit("stay-1"))
    console.sync()

    async def told() -> list[str]:
        live = Live(hospital.store, lambda: hospital.time.now().wall, Metrics())
        live.seq = begun
        heard: list[str] = []
        for one in (console, other):
            await live.join_device(_listener(hospital, one, begun, heard))
        live.tell(live.read(begun, hospital.head))
        return heard

    assert asyncio.run(told()) == [name_of(other), name_of(console)]


def _listener(hospital: Hospital, console: Console, told: int, heard: list[str]) -> DeviceListener:
    name = name_of(console)

    async def send(message: Message) -> None:
        heard.append(name)

    with hospital.store.reading() as connection:
        return DeviceListener(send, changes.reader_of(connection, name, cursor(console).audiences), told)


def name_of(console: Console) -> str:
    with console.store.reading() as connection:
        return str(queue.this(connection).id)


def fill(console: Console) -> None:
    """The pages that were free are full of something else."""
    with console.store.writing() as connection:
        free = int(connection.execute(text("PRAGMA freelist_count")).scalar_one())
        connection.execute(text(f"CREATE TABLE filler AS SELECT zeroblob({(free + 1) * 4_096}) AS bytes"))


def limit(console: Console, *, more_pages: int) -> None:
    with console.store.writing() as connection:
        pages = int(connection.execute(text("PRAGMA page_count")).scalar_one())
        connection.execute(text(f"PRAGMA max_page_count = {pages + more_pages}"))
