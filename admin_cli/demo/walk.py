"""What the steps of the check share: the hospital, the people at their consoles, the patient's phone,
and what they found."""

from __future__ import annotations

from contextlib import ExitStack
from importlib import import_module
from typing import TypeVar

from admin_cli.demo.counted import Counted, count
from admin_cli.demo.glass import Glass
from admin_cli.demo.hands import Hands, held_by
from admin_cli.demo.hospital import PLACES, Hospital
from admin_cli.demo.phone import Phone
from core.kernel.row import Row
from core.store.home import open_device
from core.store.open import Store, open_server_store
from core.wards.model import BedDoor, Patient, Stay

R = TypeVar("R", bound=Row)
APPS = {
    "kitchen": ("kitchen_tui.app", "KitchenApp"),
    "ward": ("ward_tui.app", "WardApp"),
    "clinical": ("consoles.clinical.app", "ClinicalApp"),
    "admin": ("consoles.admin.app", "AdminApp"),
}


class Walk:
    """See the module. Everything that was opened is closed with it."""

    def __init__(self, hospital: Hospital) -> None:
        self.hospital = hospital
        self.people: dict[str, Hands] = {}
        self.phones: dict[str, Phone] = {}
        self.noted: dict[str, str] = {}  # what a step leaves for the ones after it
        self.glasses: dict[str, Glass] = {}
        self._stores: dict[str, Store] = {}
        self._leaving = ExitStack()

    def close(self) -> None:
        self._leaving.close()

    def at(self, console: str, person_id: str = "") -> Hands:
        """Whoever works at this console; enrolled and opened when first asked for."""
        person = person_id or PLACES[console].person
        if console not in self.people:
            where = self.hospital.homes.get(console) or self.hospital.enrol(console)
            self.people[console] = Hands(where, person)
            self._leaving.callback(self.close_console, console)
        return self.people[console]

    def close_console(self, console: str) -> None:
        hands = self.people.pop(console, None)
        if hands is not None:
            hands.close()

    def glass(self, name: str, size: tuple[int, int]) -> Glass:
        """The console of that name driven by its keys; enrolled and opened when first asked for."""
        if name not in self.glasses:
            if name not in self.hospital.homes:
                self.hospital.enrol(name)
            kind = getattr(import_module(APPS[name][0]), APPS[name][1])
            self.glasses[name] = Glass(kind, self.hospital.settings_of(name), size=size)
            self._leaving.callback(self.glasses[name].close)
        return self.glasses[name]

    def console_store(self, name: str) -> Store:
        """That console's own store, to look into."""
        if name not in self._stores:
            self._stores[name] = open_device(self.hospital.homes[name])
            self._leaving.callback(self._stores[name].close)
        return self._stores[name]

    def phone_at(self, bed_id: str) -> Phone:
        """The phone of whoever lies in this bed, at the bed's door."""
        if bed_id not in self.phones:
            phone = Phone(self.hospital.url)
            self._leaving.callback(phone.close)
            self.phones[bed_id] = phone
            phone.open(f"/b/{self.door_code(bed_id)}")
        return self.phones[bed_id]

    def on_server(self, table: type[R], **columns: str) -> list[R]:
        """Rows as the server's own store has them."""
        store = open_server_store(self.hospital.database_url)
        try:
            return held_by(store, table, **columns)
        finally:
            store.close()

    def door_code(self, bed_id: str) -> str:
        return self.on_server(BedDoor, id=bed_id)[0].code

    def patient_in(self, bed_id: str) -> Patient:
        """Whoever lies there."""
        stay = self.on_server(Stay, bed_id=bed_id)[0]
        return self.on_server(Patient, id=stay.patient_id)[0]

    def birth_date(self, bed_id: str) -> tuple[str, str, str]:
        """Day, month, year of whoever lies there."""
        year, month, day = self.patient_in(bed_id).birth_date.split("-")
        return day, month, year

    def counted(self) -> Counted:
        """Every console's own store against the server's log."""
        stores = [open_device(where) for where in self.hospital.homes.values()]
        server = open_server_store(self.hospital.database_url)
        try:
            return count(stores, server)
        finally:
            for store in (*stores, server):
                store.close()
