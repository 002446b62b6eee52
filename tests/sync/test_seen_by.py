"""Who has taken over what a patient may eat: told by each console's own cursor, never by what it was sent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.devices import keys
from core.diets.commands import HoldTrays, StartNilByMouth
from core.kernel.values import MINUTE_MS, Actor, Role
from core.store.home import Home
from core.store.vault import Vault
from core.wards.commands import MoveStay, OpenStay
from sync.client import enrol, seen
from sync.client.seen import SeenBy
from sync.ports import Answer
from sync.protocol import Trouble
from sync.server.reception import Asked
from sync.wire import decode
from tests.sync.client.hospital import NOON, Console, Dice, StepLink, code_for, ward_a

DOCTOR = Actor("doctor-1", frozenset({Role.DOCTOR}))
STAY = "stay-1"


class House:
    """A hospital with one patient on ward A, and consoles that talk to it when they are told to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.hospital = ward_a(folder)
        self.hospital.told(OpenStay(stay_id=STAY, ward_id="A", full_name="Uwimana", hospital_number="H-1"))
        self.kept: dict[str, SeenBy] = {}

    def console(self, name: str, kind: str, *, ward_id: str = "", kitchen_id: str = "") -> Console:
        link, time, dice = StepLink(self.hospital), self.hospital.time, Dice(name)
        where = Home(self.folder / name, Vault(self.folder / name), plain=True)
        code = code_for(self.hospital, kind=kind, ward_id=ward_id, kitchen_id=kitchen_id)
        enrol.enrol(where, "http://server", code=code, name=name, link=link, clock=time, chance=dice)
        seed = where.vault.secret("device")
        assert seed is not None
        from core.store import home

        console = Console(home.open_device(where), link, time, seed, "nurse-1", where, dice)
        console.sync()
        return console

    def pass_(self, minutes: int) -> None:
        self.hospital.time.at += minutes * MINUTE_MS

    def fast(self) -> None:
        self.hospital.do(StartNilByMouth(stay_id=STAY, reason="doctor"), DOCTOR)

    def answer(self, console: Console, stay_id: str = STAY) -> Answer:
        asked = seen.question(console.store, console.time.now(), keys.signer(console.seed), stay_id)
        assert asked is not None
        return console.link.ask("GET", asked[0], b"", asked[1])

    def seen_by(self, console: Console) -> dict[str, tuple[bool, int]]:
        """Each console's name: whether it has it, and how many minutes after noon it said so."""
        assert seen.take(self.kept, STAY, self.answer(console)) or STAY in self.kept
        return {one.name: (one.has, (one.at - NOON) // MINUTE_MS) for one in self.kept[STAY].holders}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.hospital.store.close()


def test_a_card_reads_who_has_taken_a_change_over_and_when(house: House) -> None:
    clinical = house.console("clinical 1", "clinical")
    kitchen, handheld = house.console("kitchen 1", "kitchen"), house.console("handheld 1", "ward", ward_id="A")
    house.pass_(5)
    house.fast()
    house.pass_(1)
    kitchen.sync()
    house.pass_(6)
    assert house.seen_by(clinical) == {"kitchen 1": (True, 6), "handheld 1": (False, -NOON // MINUTE_MS)}
    handheld.sync()
    assert house.seen_by(clinical)["handheld 1"] == (True, 12)


def test_the_minute_is_that_of_the_first_time_it_was_said(house: House) -> None:
    clinical, kitchen = house.console("clinical 1", "clinical"), house.console("kitchen 1", "kitchen")
    house.fast()
    kitchen.sync()
    house.pass_(30)
    kitchen.sync()
    assert house.seen_by(clinical) == {"kitchen 1": (True, 0)}


def test_the_next_change_is_not_seen_until_it_is_taken_over_too(house: House) -> None:
    clinical, kitchen = house.console("clinical 1", "clinical"), house.console("kitchen 1", "kitchen")
    house.fast()
    kitchen.sync()
    house.pass_(2)
    house.hospital.do(HoldTrays(stay_id=STAY, reason="vomiting"), DOCTOR)
    assert house.seen_by(clinical)["kitchen 1"][0] is False
    kitchen.sync()
    assert house.seen_by(clinical) == {"kitchen 1": (True, 2)}


def test_a_console_that_was_sent_a_change_and_has_not_said_so_has_not_taken_it_over(house: House) -> None:
    """Its stream got the frame; its own cursor is told by itself."""
    clinical, kitchen = house.console("clinical 1", "clinical"), house.console("kitchen 1", "kitchen")
    with kitchen.store.reading() as connection:
        from core.store import queue
        from sync.client import contact

        me, cursor = queue.this(connection), queue.read_cursor(connection)
    assert cursor is not None
    query = f"cursor={cursor.epoch}.{cursor.seq}&audiences={cursor.audiences_version}"
    path = f"/sync/live?{query}"
    headers = contact.signed_headers(me, cursor, kitchen.time.now(), keys.signer(kitchen.seed), "GET", path)
    stream = house.hospital.process.listen(Asked("GET", "/sync/live", query, headers))
    assert not isinstance(stream, Answer)
    house.fast()
    house.hospital.process.ring()
    assert stream.bytes
    assert house.seen_by(clinical)["kitchen 1"][0] is False


def test_only_consoles_that_hold_the_patient_are_named(house: House) -> None:
    clinical = house.console("clinical 1", "clinical")
    house.console("kitchen 1", "kitchen", kitchen_id="main")
    house.console("handheld A", "ward", ward_id="A")
    house.console("handheld B", "ward", ward_id="B")
    assert list(house.seen_by(clinical)) == ["kitchen 1", "handheld A"]
    house.hospital.told(MoveStay(stay_id=STAY, ward_id="B"))
    assert list(house.seen_by(clinical)) == ["kitchen 1", "handheld B"]


def test_a_console_enrolled_after_the_change_has_it_from_its_first_load(house: House) -> None:
    clinical = house.console("clinical 1", "clinical")
    house.fast()
    house.pass_(9)
    house.console("kitchen 2", "kitchen")
    assert house.seen_by(clinical) == {"kitchen 2": (True, 9)}


def test_a_revoked_console_is_not_waited_for(house: House) -> None:
    clinical, kitchen = house.console("clinical 1", "clinical"), house.console("kitchen 1", "kitchen")
    house.hospital.revoke(kitchen)
    assert house.seen_by(clinical) == {}


def test_nobody_asks_about_a_patient_they_do_not_hold(house: House) -> None:
    other = house.console("clinical B", "clinical", ward_id="B")
    answer = house.answer(other)
    assert (answer.status, decode(answer.body, Trouble).code) == (403, "not_your_audience")
    assert seen.take(house.kept, STAY, answer) is False
    assert house.answer(other, "nobody").status == 403


def test_a_change_that_a_stream_brings_is_confirmed_by_a_pull_at_once(house: House) -> None:
    """What a doctor waits for is not left to the next ten minutes."""
    kitchen = house.console("kitchen 1", "kitchen")
    before = kitchen.link.asked.count("GET /sync/changes")
    house.fast()
    kitchen.sync()
    assert kitchen.link.asked.count("GET /sync/changes") - before >= 2


def test_the_administrator_s_page_reads_how_far_every_console_is(house: House) -> None:
    admin, kitchen = house.console("admin 1", "admin"), house.console("kitchen 1", "kitchen")
    house.pass_(5)
    house.fast()
    house.pass_(20)
    admin.sync()
    assert seen.take(house.kept, "", house.answer(admin, ""))
    told = {one.kind: (one.has, (house.kept[""].at - one.heard_at) // MINUTE_MS) for one in house.kept[""].holders}
    assert told == {"admin": (True, 0), "kitchen": (False, 25)}
    kitchen.sync()
    assert seen.take(house.kept, "", house.answer(admin, ""))
    assert {one.kind: one.has for one in house.kept[""].holders} == {"admin": True, "kitchen": True}


def test_how_far_every_console_is_is_told_to_the_administrator_s_page_alone(house: House) -> None:
    clinical = house.console("clinical 1", "clinical")
    refused = house.answer(clinical, "")
    assert (refused.status, decode(refused.body, Trouble).code) == (403, "not_your_audience")
