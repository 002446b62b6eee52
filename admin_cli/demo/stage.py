"""What the launcher can do to its hospital: open and close consoles, cut, kill, fill with patients, let phones in."""

from __future__ import annotations

import os
import random
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import ExitStack

from admin_cli.demo.busy import BusyHour
from admin_cli.demo.hands import Hands, pin_of
from admin_cli.demo.hospital import HERE, PLACES, Hospital
from admin_cli.demo.journal import Journal
from admin_cli.demo.phone import Phone
from admin_cli.demo.tour import VISITOR
from admin_cli.demo.walk import Walk
from core.store.demo import pages
from core.wards.model import Stay

CONSOLES = ("kitchen", "ward", "clinical", "admin")
EVERYWHERE = "0.0.0.0"  # noqa: S104 - only after the visitor has said yes
MOST_PHONES = 12


class Stage:
    """One demo while it runs. Consoles that no person has opened are kept talking by this process."""

    def __init__(self, hospital: Hospital) -> None:
        self.hospital = hospital
        self.walk = Walk(hospital)
        self.opened: set[str] = set()  # by a person
        self.busy: BusyHour | None = None
        self.wifi = False
        self._leaving = ExitStack()
        self._guard = threading.RLock()
        self._is_over = False
        for name in CONSOLES:
            self.walk.at(name)
        self.journal = Journal(hospital.database_url, hospital.homes)
        self._leaving.callback(hospital.close)
        self._leaving.callback(self.walk.close)
        self._leaving.callback(self.journal.close)
        self._beds = self._beds_that_order()

    def close(self) -> None:
        self.stop_busy()
        with self._guard:
            self._is_over = True  # a console that a person leaves from now on is not taken up again
        self._leaving.close()

    # -- consoles ---------------------------------------------------------------------------------------------------

    def people(self) -> dict[str, tuple[str, str]]:
        """Console -> who works there, and their PIN of practice."""
        shown = {str(one["code"]): str(one["display"]) for one in pages.staff()}
        return {name: (shown[PLACES[name].person], pin_of(PLACES[name].person)) for name in CONSOLES}

    def open(self, name: str) -> int:
        """The real console, full-screen, until Esc on its first screen; its exit code."""
        with self._guard:
            self.opened.add(name)
            self.walk.close_console(name)  # its own process talks now
        try:
            return subprocess.run(
                [sys.executable, "-m", "admin_cli.demo.console", name],
                env=self.hospital.environment_of(name),
                check=False,
            ).returncode
        finally:
            self._take_up(name)

    def _take_up(self, *names: str) -> None:
        """Consoles that no person has open any more."""
        with self._guard:
            self.opened.difference_update(names)
            for name in names if not self._is_over else ():
                self.walk.at(name)

    def hands(self, name: str) -> Hands | None:
        """Whoever plays along there; None while a person does."""
        with self._guard:
            return None if name in self.opened else self.walk.people.get(name)

    # -- trouble ----------------------------------------------------------------------------------------------------

    def toggle_network(self) -> bool:
        """Whether it is up now."""
        line = self.hospital.line
        if line.is_cut:
            line.join()
        else:
            line.cut()
        return not line.is_cut

    def toggle_server(self) -> bool:
        """Whether it is up now."""
        if self.hospital.server_is_up:
            self.hospital.kill_server()
        else:
            self.hospital.start_server()
        return self.hospital.server_is_up

    # -- a busy hour ------------------------------------------------------------------------------------------------

    def toggle_busy(self) -> bool:
        if self.busy is not None:
            self.stop_busy()
            return False
        self.busy = BusyHour(self.hands, self._some_phone)
        return True

    def stop_busy(self) -> None:
        if self.busy is not None:
            self.busy.stop()
            self.busy = None

    def _beds_that_order(self) -> list[str]:
        stays = [stay for stay in self.walk.on_server(Stay) if stay.bed_id and stay.closed_at is None]
        beds = sorted(stay.bed_id for stay in stays if stay.ward_id in ("A", "B") and stay.bed_id != VISITOR)
        random.Random(7).shuffle(beds)  # noqa: S311 - a play, not a secret
        return beds[:MOST_PHONES]

    def _some_phone(self) -> Phone | None:
        """The phones take turns; each signs in at its bed's door when it is first used."""
        if not self.hospital.server_is_up or not self._beds:
            return None
        bed = self._beds.pop(0)
        self._beds.append(bed)
        fresh = bed not in self.walk.phones
        phone = self.walk.phone_at(bed)
        if fresh:
            day, month, year = self.walk.birth_date(bed)
            phone.send(lambda form, _: "year" in form.fields, day=day, month=month, year=year)
        return phone

    # -- the visitor's phone ----------------------------------------------------------------------------------------

    def address(self) -> str:
        """Of the visitor's page: for phones once they may, else for this machine's browser."""
        host = machine_address() if self.wifi else HERE
        return f"http://{host}:{self.hospital.server_port}/B/{self.walk.door_code(VISITOR)}"

    def birth_date(self) -> str:
        day, month, year = self.walk.birth_date(VISITOR)
        return f"{int(day)} {int(month)} {year}"

    def hospital_number(self) -> str:
        """With the birth date it says who lies there, where no wristband can be scanned."""
        return self.walk.patient_in(VISITOR).hospital_number

    def let_phones_in(self) -> str:
        """Binds this machine's address too; the address, "" when there is none that a phone could reach."""
        address = machine_address()
        if not address:
            return ""
        settings = self.hospital.folder / "server" / "dusangire.toml"
        settings.write_text(
            f'[server]\nhost = "{EVERYWHERE}"\nport = {self.hospital.server_port}\n'
            f'hosts = ["{HERE}", "localhost", "{address}"]\nsecure = false\n'
        )
        self.hospital.restart_server()
        self.wifi = True
        return address

    # -- all four side by side --------------------------------------------------------------------------------------

    def side_by_side(self) -> int:
        """Four panes of tmux, until the visitor leaves it."""
        session = f"dusangire-{os.getpid()}"
        with self._guard:
            self.opened.update(CONSOLES)
            for name in CONSOLES:
                self.walk.close_console(name)
        try:
            for place, name in enumerate(CONSOLES):
                start = ["new-session", "-d", "-s", session, "-x", "160", "-y", "50"]
                command = start if place == 0 else ["split-window", "-t", session]
                told = [f"{key}={value}" for key, value in _changed(self.hospital.environment_of(name)).items()]
                subprocess.run(
                    ["tmux", *command, "env", *told, sys.executable, "-m", "admin_cli.demo.console", name], check=True
                )
                subprocess.run(["tmux", "select-layout", "-t", session, "tiled"], check=True)
            return subprocess.run(["tmux", "attach", "-t", session], check=False).returncode
        finally:
            subprocess.run(["tmux", "kill-session", "-t", session], check=False, stderr=subprocess.DEVNULL)
            self._take_up(*CONSOLES)


def has_tmux() -> bool:
    return shutil.which("tmux") is not None


def machine_address() -> str:
    """The address that this machine's network knows it by; nothing is sent to find it. "" when there is none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # a documentation address: a datagram socket sends nothing on connect
        except OSError:
            return ""
        address = str(probe.getsockname()[0])
    return "" if address.startswith("127.") else address


def _changed(environment: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in environment.items() if os.environ.get(key) != value}
