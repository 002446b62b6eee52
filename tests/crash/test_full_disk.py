"""A full disk, on a console and on the server: an act is refused before it is begun, never after,
and all goes on when there is room."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select, text
from starlette.testclient import TestClient
from textual.pilot import Pilot

from consoles.kit.dialogs import RefusedScreen
from consoles.kit.testing import StillClock, glass, pressed, settled
from core.kernel.refusal import Refusal
from core.store import device_schema, server_schema
from core.store.open import Store
from core.wards.commands import OpenStay
from core.wards.model import Stay
from core.words import refusal_words
from kitchen_tui.app import KitchenApp
from sync.ports import Answer, LinkDown, Stream
from sync.server.app import build
from tests import given
from tests.consoles import house
from tests.crash.accounts import settle_accounts
from tests.crash.full import filled, limited
from tests.crash.power import may_mount, small_disk
from tests.kitchen_tui import lunch
from tests.kitchen_tui.presses import choose, saved, sign_in
from tests.sync.client.hospital import Console, Hospital, enrolled, ward_a

LONG = "Somebody with a name that takes a little room on a page " * 2
SMALL_KB = 6_000
MOST_TRIES = 500


def admit(name: str) -> OpenStay:
    return OpenStay(stay_id=name, ward_id="A", full_name=LONG)


@pytest.fixture
def hospital(tmp_path: Path) -> Hospital:
    return ward_a(tmp_path)


@pytest.fixture
def console(hospital: Hospital, tmp_path: Path) -> Console:
    return enrolled(hospital, tmp_path, plain=False)


def kept(console: Console) -> list[str]:
    """What is in the console's file of these acts, op and row, each of which must be there with the other."""
    with console.store.reading() as connection:
        acts = list(connection.execute(select(device_schema.op.c.entity).order_by(device_schema.op.c.place)).scalars())
        rows = set(connection.execute(text("SELECT id FROM stay")).scalars())
        whole = connection.execute(text("PRAGMA integrity_check")).scalars().all()
    assert (set(acts) ^ rows, whole) == (set(), ["ok"])
    return acts


def test_at_whatever_page_the_room_ends_an_act_is_saved_whole_or_refused_whole(
    console: Console, hospital: Hospital
) -> None:
    console.link.down = True
    told, refused = [], 0
    for room in range(12):
        with limited(console.store, more_pages=room):
            for count in range(4):
                name = f"stay-{room}-{count}"
                try:
                    console.press(admit(name))
                    told.append(name)
                except Refusal as refusal:
                    assert refusal.code == "disk_full"
                    refused += 1
                assert kept(console) == told
    assert told and refused
    console.link.down = False
    console.sync()
    assert settle_accounts({"console": console.store}, hospital.store).troubles == []


def test_the_words_say_that_nothing_is_half_done_in_three_languages() -> None:
    said = refusal_words("disk_full", {}, "en")
    assert f"{said.what} {said.stays} {said.next}" == (
        "No room left on this device. I stopped before saving. Nothing is half done. Free 200 MB, then press F2."
    )
    assert len({refusal_words("disk_full", {}, language).what for language in ("en", "fr", "rw")}) == 3


class DoorLink:
    """A line to the server's own doors in this process: what they make of a full disk is what a console hears."""

    def __init__(self, hospital: Hospital) -> None:
        app = build(hospital.store, secure=False, now=lambda: hospital.time.now().wall)
        self.client = TestClient(app, base_url="http://server")

    def ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        told = self.client.request(method, path, content=body, headers=dict(headers))
        return Answer(told.status_code, {name.lower(): value for name, value in told.headers.items()}, told.content)

    def listen(self, path: str, headers: Mapping[str, str]) -> Stream | Answer:
        raise LinkDown("no streams here")

    def close(self) -> None:
        """Its client is the test's to close."""


def test_a_server_without_room_judges_nothing_by_halves_and_all_of_it_when_there_is_room(
    console: Console, hospital: Hospital
) -> None:
    for count in range(20):
        console.press(admit(f"stay-{count}"))
    link = DoorLink(hospital)
    console.link = link  # type: ignore[assignment]  # another line to the same server
    with link.client:
        with limited(hospital.store, more_pages=0):
            talk = console.sync()
            assert (talk.trouble, console.waiting, judged(hospital)) == ("server_error", 20, [])
            assert hospital.row(Stay, "stay-0") is None
        console.sync()
    assert {outcome for outcome, _ in console.verdicts()} == {"applied"}
    assert settle_accounts({"console": console.store}, hospital.store).troubles == []


def judged(hospital: Hospital) -> list[str]:
    """The acts of consoles in the log; the server does some of its own accord."""
    acts = select(server_schema.op.c.entity).where(server_schema.op.c.kind == OpenStay.name)
    with hospital.store.reading() as connection:
        return list(connection.execute(acts).scalars())


def test_a_console_without_room_for_the_news_tells_it_and_takes_them_when_there_is_some(
    console: Console, hospital: Hospital
) -> None:
    for count in range(150):
        hospital.told(admit(f"stay-{count}"))
    with limited(console.store, more_pages=1):
        assert console.sync().trouble == "disk_full"
        assert kept(console) == []
    console.sync()
    assert settle_accounts({"console": console.store}, hospital.store).troubles == []


# -- a real file system -----------------------------------------------------------------------------------------------


@contextmanager
def no_room(folder: Path, store: Store, *, on_its_own: bool) -> Iterator[None]:
    """On a disk that is full; where this machine lets nobody mount, at a limit of pages."""
    with filled(folder, but=48 * 1024) if on_its_own else limited(store, more_pages=6):
        yield


def test_a_disk_that_something_else_has_filled_stops_presses_and_no_press_is_lost(
    hospital: Hospital, tmp_path: Path
) -> None:
    mounts = may_mount(tmp_path)
    with ExitStack() as leaving:
        place = tmp_path / "small"
        if mounts:
            leaving.enter_context(small_disk(place, kilobytes=SMALL_KB))
        console = enrolled(hospital, place, plain=False)
        leaving.callback(console.store.close)
        console.link.down = True
        told: list[str] = []
        with no_room(place, console.store, on_its_own=mounts), pytest.raises(Refusal, match="disk_full"):
            for count in range(MOST_TRIES):
                console.press(admit(f"stay-{count}"))
                told.append(f"stay-{count}")
        assert kept(console) == told
        console.press(admit("stay-after"))
        console.link.down = False
        console.sync()
        assert kept(console) == [*told, "stay-after"]
        assert settle_accounts({"console": console.store}, hospital.store).troubles == []


# -- what the person before it sees -----------------------------------------------------------------------------------


async def test_the_cook_reads_which_act_was_not_saved_and_presses_it_again_when_there_is_room(tmp_path: Path) -> None:
    clock = StillClock(lunch.NOW)
    with given.transaction() as tx:
        lunch.hospital(tx)
        house.give_pins(tx)
        lunch.swing(tx)
        store = house.device_store(tx, tmp_path, heard=clock.now())
    app = KitchenApp(house.opening_of(store, clock))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await sign_in(pilot)
        await choose(pilot, "L-0412")
        with limited(store, more_pages=0):
            await _until_refused(pilot)
            seen = " ".join("\n".join(glass(app)).split())
            assert "L-0412" in seen
            assert "No room left on this device" in seen
            assert "Nothing is half done" in seen
        before = saved(pilot)
        await pressed(pilot, "escape")
        await pressed(pilot, "space")
        assert saved(pilot) == [*before, "orders.tick_line"]
    store.close()


async def _until_refused(pilot: Pilot[None]) -> None:
    """Ticks a line and takes it back until there is no room."""
    for count in range(MOST_TRIES):
        key = "space" if count % 2 == 0 else "u"
        before = len(saved(pilot))
        await pressed(pilot, key)
        if isinstance(pilot.app.screen, RefusedScreen):
            assert len(saved(pilot)) == before
            return
    raise AssertionError("the room never ends")
