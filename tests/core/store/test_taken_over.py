"""Who said that they hold what a patient may eat, and when: on either database."""

from __future__ import annotations

import pytest

from core.devices.commands import EnrolDevice, MakeCode
from core.diets.allergies import RecordAllergy
from core.diets.commands import StartNilByMouth
from core.kernel.message import Command
from core.kernel.values import DAY_MS, MINUTE_MS, Actor, Origin, Role, derived_id, due_op_id
from core.store import log, taken_over
from core.store.open import Store
from core.store.read import TxSource
from core.wards.commands import OpenKitchen, OpenStay, OpenWard
from core.wards.model import Stay
from sync import chain
from sync.server import devices
from sync.server.perform import perform, submit
from tests import given

ALL = Actor("clerk", frozenset(Role))
NOON = given.NOON


class House:
    """A hospital with one patient, and consoles by their incarnations."""

    def __init__(self, store: Store) -> None:
        self.store, self._acts, self.at = store, 0, NOON
        with store.writing() as connection:
            log.create_hospital(connection, epoch="e", at=NOON, signing_seed="00" * 32, practice=True)
        self.do(OpenKitchen(kitchen_id="main", title="Main kitchen"))
        for ward in ("A", "B"):
            self.do(OpenWard(ward_id=ward, kitchen_id="main", name_en=f"Ward {ward}"))
        self.do(OpenStay(stay_id="s", ward_id="A", full_name="Uwimana", hospital_number="H-1"))

    def do(self, command: Command) -> bytes:
        self._acts += 1
        op_id = due_op_id("house", command.name, NOON + self._acts)
        done = perform(self.store, self.at, [submit(command, op_id=op_id, actor=ALL, origin=Origin.CLI)])[0]
        assert done is not None and done.outcome == "applied", done
        return op_id

    def console(self, kind: str, **place: str) -> str:
        """An enrolled console that has said nothing yet; the name of its chain."""
        name = f"{self._acts:032x}"
        code = f"{self._acts:064x}"
        self.do(MakeCode(code_id=code, kind=kind, title=f"{kind} {self._acts}", **place))  # type: ignore[arg-type]
        made = self.do(EnrolDevice(code_id=code, public_key=code, incarnation=name))
        with self.store.writing() as connection:
            log.open_incarnation(
                connection,
                incarnation_id=name,
                device_id=derived_id(made, 1),
                at=self.at,
                start=chain.start(name),
            )
        return name

    @property
    def head(self) -> int:
        with self.store.reading() as connection:
            return log.read_head(connection).seq

    def says(self, name: str, cursor: int | None = None, *, minutes: int = 0) -> None:
        with self.store.writing() as connection:
            devices.note_heard(connection, self.at + minutes * MINUTE_MS, name, self.head if cursor is None else cursor)

    def told(self) -> list[tuple[str, bool, int]]:
        """Kind, whether it has it, and how many minutes after noon it said so."""
        with self.store.reading() as connection:
            stay = TxSource(connection, whole=True).rows(Stay, ["s"])["s"]
            found = taken_over.reach_of(connection, stay)
        return [(one.kind, one.has, (one.at - NOON) // MINUTE_MS if one.at else -1) for one in found.holders]


@pytest.fixture
def house(server_store: Store) -> House:
    return House(server_store)


def test_it_is_told_by_the_consoles_own_cursor(house: House) -> None:
    kitchen = house.console("kitchen")
    house.do(StartNilByMouth(stay_id="s", reason="doctor"))
    assert house.told() == [("kitchen", False, -1)]
    house.says(kitchen, house.head - 1, minutes=1)
    assert house.told() == [("kitchen", False, -1)]
    house.says(kitchen, minutes=2)
    assert house.told() == [("kitchen", True, 2)]


def test_saying_the_same_again_keeps_the_first_minute(house: House) -> None:
    kitchen = house.console("kitchen")
    house.do(StartNilByMouth(stay_id="s", reason="doctor"))
    house.says(kitchen, minutes=2)
    house.do(RecordAllergy(stay_id="s", code="fish"))
    house.says(kitchen, minutes=3)
    house.says(kitchen, minutes=9)
    assert house.told() == [("kitchen", True, 3)]


def test_being_in_contact_is_not_having_it(house: House) -> None:
    kitchen = house.console("kitchen")
    house.do(StartNilByMouth(stay_id="s", reason="doctor"))
    with house.store.writing() as connection:
        devices.note_all_heard(connection, NOON, [(kitchen, house.head)])
    assert house.told() == [("kitchen", False, -1)]


def test_whoever_jumps_far_has_it_from_a_minute_nobody_knows(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taken_over, "MOST_NUMBERS", 1)
    kitchen = house.console("kitchen")
    house.do(StartNilByMouth(stay_id="s", reason="doctor"))
    house.do(OpenWard(ward_id="C", kitchen_id="main", name_en="Ward C"))
    house.says(kitchen)
    assert house.told() == [("kitchen", True, -1)]


def test_consoles_elsewhere_and_at_desks_are_not_named(house: House) -> None:
    for kind, place in (("ward", {"ward_id": "B"}), ("ward", {"ward_id": "A"}), ("ward", {}), ("admin", {})):
        house.says(house.console(kind, **place))
    assert [kind for kind, _, _ in house.told()] == ["ward", "ward"]


def test_what_nobody_asks_about_any_more_is_swept_away_and_still_known_by_the_cursor(house: House) -> None:
    kitchen = house.console("kitchen")
    house.do(StartNilByMouth(stay_id="s", reason="doctor"))
    house.says(kitchen, minutes=2)
    with house.store.writing() as connection:
        taken_over.drop_old(connection, before=NOON + DAY_MS)
    assert house.told() == [("kitchen", True, -1)]
