"""What goes wrong on a console is counted there, told with the next contact, and counted once by the server."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from core.cases.errors import BEYOND, MOST_KINDS
from core.cases.model import Trouble
from core.store import notices as kept
from core.store import queue
from core.store.notices import Seen
from core.store.open import Store
from core.store.read import as_rows
from core.store.tables import TABLES
from sync.client import notices
from sync.noticed import Noticed, place_of
from sync.protocol import Notice, Notices
from sync.server.app import build
from sync.wire import encode
from tests.sync.client.hospital import NOON, Console, Hospital

PLACE = "sync.client.rebase:take"


def seen(code: str = "sync_trouble", where: str = PLACE, *, count: int = 1, at: int = 0) -> Seen:
    return Seen(code, where, NOON + at, NOON + at, count)


def told(console: Console, *, lose_answer: bool = False) -> bool:
    """One telling of everything that the server does not know; whether it has it."""
    untold = notices.untold(console.store)
    asked = notices.question(console.store, console.time.now(), console.errand.sign, untold)
    assert asked is not None
    answer = console.link.ask("POST", notices.PATH, *asked)
    return not lose_answer and notices.taken(console.store, untold, answer)


def troubles(store: Store) -> list[Trouble]:
    with store.reading() as connection:
        return as_rows(Trouble, connection.execute(TABLES[Trouble].select().order_by(TABLES[Trouble].c.first_at)))


def test_errors_of_a_console_reach_the_server_with_their_times_and_count(console: Console, hospital: Hospital) -> None:
    hospital.time.at = 60_000
    notices.keep(console.store, (seen(count=3), seen(count=2, at=9_000)))

    assert told(console) and notices.untold(console.store) == ()
    with console.store.reading() as connection:
        me = queue.this(connection).id
    (row,) = troubles(hospital.store)
    assert (row.device_id, row.code, row.where, row.count) == (me, "sync_trouble", PLACE, 5)
    assert (row.first_at, row.last_at) == (NOON, NOON + 9_000)


def test_told_again_after_a_lost_answer_it_counts_once(console: Console, hospital: Hospital) -> None:
    notices.keep(console.store, (seen(count=3),))
    assert not told(console, lose_answer=True)
    notices.keep(console.store, (seen(count=1),))
    told(console)

    assert [row.count for row in troubles(hospital.store)] == [4]


def test_a_console_tells_nothing_twice(console: Console, hospital: Hospital) -> None:
    notices.keep(console.store, (seen(),))
    told(console)
    head = hospital.head
    told(console)

    assert (hospital.head, len(troubles(hospital.store))) == (head, 1)


def test_a_console_that_runs_mad_fills_neither_its_store_nor_the_servers_list(
    console: Console, hospital: Hospital
) -> None:
    notices.keep(console.store, tuple(seen(where=f"sync.x:f{number}") for number in range(3 * MOST_KINDS)))
    told(console)
    strange = Notices(tuple(Notice("odd", f"sync.y:f{number}", NOON, NOON, 1) for number in range(MOST_KINDS)))
    asked = notices.question(console.store, console.time.now(), console.errand.sign, ())
    assert asked is not None
    answer = console.link.ask("POST", notices.PATH, encode(strange), asked[1])

    rows = troubles(hospital.store)
    assert (answer.status, len(rows) <= MOST_KINDS + 1) == (200, True)
    assert sum(row.count for row in rows if row.code == BEYOND) > MOST_KINDS
    with console.store.reading() as connection:
        assert len(kept.untold(connection)) <= kept.MOST + 1


def test_an_errors_own_words_never_leave_the_machine(console: Console, hospital: Hospital) -> None:
    bad = Notices((Notice("sync_trouble", "Mukamana, ward A", NOON, NOON, 1),))
    asked = notices.question(console.store, console.time.now(), console.errand.sign, ())
    assert asked is not None
    answer = console.link.ask("POST", notices.PATH, encode(bad), asked[1])

    assert (answer.status, troubles(hospital.store)) == (400, [])


def test_what_our_loggers_say_is_gathered_by_kind_and_place() -> None:
    noticed = Noticed({"dusangire.loop": "sync_trouble"})
    noticed.open()
    try:
        for text in ("Mukamana", "Uwase"):
            try:
                Path(f"/nowhere/{text}").read_bytes()
            except OSError as error:
                logging.getLogger("dusangire.loop").exception("it stumbled", exc_info=error)
        logging.getLogger("dusangire.other").error("not ours")
    finally:
        noticed.close()
    (one,) = noticed.take()

    assert (one.code, one.count, one.last_at >= one.first_at, noticed.take()) == ("sync_trouble", 2, True, ())
    assert "Mukamana" not in one.where


def test_a_place_is_the_last_one_in_our_own_code() -> None:
    try:
        notices.keep(None, (seen(),))  # type: ignore[arg-type]  # no store: it fails inside our own code
    except AttributeError as error:
        assert place_of(error) == "sync.client.notices:keep"
    assert place_of(None) == ""


def test_the_servers_own_errors_come_into_the_same_list(hospital: Hospital) -> None:
    house = build(hospital.store, now=lambda: NOON, chance=hospital.dice.bytes).state.house

    async def a_bad_moment() -> None:
        house.open()
        try:
            for _ in range(2):
                logging.getLogger("dusangire.house").error("the clockwork stumbled")
            await house.tick()
        finally:
            await house.close()

    asyncio.run(a_bad_moment())
    (row,) = troubles(hospital.store)
    assert (row.device_id, row.code, row.count) == ("", "clockwork_stumbled", 2)
