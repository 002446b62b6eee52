"""A live stream is taken in whole and in order, or not at all."""

from __future__ import annotations

from sqlalchemy import text

from core.store import queue
from core.wards.commands import OpenStay
from core.wards.model import Stay
from sync.client import conversation
from sync.client.talk import Talk
from sync.server import changes
from sync.wire import encode
from tests.sync.client.hospital import Console, Hospital

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


def fill(console: Console) -> None:
    """The pages that were free are full of something else."""
    with console.store.writing() as connection:
        free = int(connection.execute(text("PRAGMA freelist_count")).scalar_one())
        connection.execute(text(f"CREATE TABLE filler AS SELECT zeroblob({(free + 1) * 4_096}) AS bytes"))


def limit(console: Console, *, more_pages: int) -> None:
    with console.store.writing() as connection:
        pages = int(connection.execute(text("PRAGMA page_count")).scalar_one())
        connection.execute(text(f"PRAGMA max_page_count = {pages + more_pages}"))
