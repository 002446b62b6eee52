"""An administrator's console that was let in by a real server: what waits for it happens there, and comes back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from consoles.admin.app import AdminApp
from consoles.kit.testing import pressed, settled
from core.devices import keys
from core.kernel.refusal import Refusal
from core.kernel.values import Role
from core.store import home
from core.store.home import Home
from core.store.vault import Vault
from sync.client import enrol
from sync.client.door import Door
from sync.client.errand import Errand
from sync.client.loop import OnChange
from tests.consoles.admin.office import message, rows, text_of, typed
from tests.sync.client.hospital import Dice, Hospital, StepLink, Time, code_for, hire, ward_a

PIN = "864209"


@dataclass
class Desk:
    """One console of the administration and its line to the server."""

    hospital: Hospital
    where: Home
    link: StepLink
    time: Time
    dice: Dice

    def open(self, on_change: OnChange) -> Door:
        door = Door(home.open_device(self.where), clock=self.time, chance=self.dice)
        door.watch(on_change)
        return door

    def sync(self) -> None:
        """Talks to the server until there is nothing more to say."""
        seed = self.where.vault.secret(home.DEVICE_KEY)
        assert seed is not None
        store = home.open_device(self.where)
        Errand(store, self.link, self.time, self.dice, keys.signer(seed)).run(lambda step: False)
        store.close()

    def let_in(self, folder: Path, code: str) -> str:
        """A new machine types this code; what the server calls it. Raises Refusal."""
        where = Home(folder, Vault(folder), plain=True)
        link = StepLink(self.hospital)
        answer = enrol.enrol(where, "http://server", code=code, name="", link=link, clock=self.time, chance=self.dice)
        return answer.name


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    hospital = ward_a(tmp_path)
    hire(hospital, "admin-1", role=Role.ADMIN, ward_id="", pin=PIN)
    where = Home(tmp_path / "office", Vault(tmp_path / "office"), plain=True)
    made = Desk(hospital, where, StepLink(hospital), hospital.time, Dice("office"))
    code = code_for(hospital, kind="admin", ward_id="", kitchen_id="")
    enrol.enrol(where, "http://server", code=code, name="admin 1", link=made.link, clock=made.time, chance=made.dice)
    made.sync()
    yield made
    hospital.store.close()


def console(desk: Desk) -> AdminApp:
    app = AdminApp(desk.open, look="dark")
    app.chance = Dice("codes").bytes
    return app


async def test_a_code_lets_nobody_in_before_the_server_has_it_and_one_console_after(desk: Desk, tmp_path: Path) -> None:
    app = console(desk)
    async with app.run_test(size=(120, 36)) as pilot:
        await settled(pilot)
        await pressed(pilot, "f10", "1", *PIN, "7", "c", "right", "space", "tab", "tab")
        await typed(pilot, "handheld 3")
        found = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}", text_of(pilot))
        assert found is not None
        await pressed(pilot, "escape")
        assert message(pilot) == "CODE FOR handheld 3   needs the server, waits for the link"
        with pytest.raises(Refusal) as refused:
            desk.let_in(tmp_path / "early", found[0])
        desk.sync()
        assert (refused.value.code, desk.let_in(tmp_path / "new", found[0])) == ("code_wrong", "handheld 3")
        desk.sync()
        app.note(("*",))
        await settled(pilot)
        assert "handheld 3" in text_of(pilot)


async def test_a_ward_that_was_opened_here_is_there_once_the_server_has_taken_it(desk: Desk) -> None:
    app = console(desk)
    async with app.run_test(size=(120, 36)) as pilot:
        await settled(pilot)
        await pressed(pilot, "f10", "1", *PIN, "3", "a")
        await typed(pilot, "surg")
        await typed(pilot, "Surgery")
        await pressed(pilot, *["enter"] * 5)
        assert "SURG" not in "\n".join(rows(pilot)[4:10])
        desk.sync()
        app.note(("*",))
        await settled(pilot)
        assert any(row.startswith((" SURG", ">SURG")) for row in rows(pilot))


async def test_without_the_server_the_page_stays_and_says_how_old_it_is(desk: Desk) -> None:
    app = console(desk)
    async with app.run_test(size=(120, 36)) as pilot:
        await settled(pilot)
        await pressed(pilot, "f10", "1", *PIN)
        desk.time.at += 4 * 60_000
        await app._standing.now()
        await settled(pilot)
        assert rows(pilot)[0].rstrip().endswith("OFFLINE 4 min, 0 to send")
        assert "NEEDS A PERSON" in text_of(pilot) and "DEVICES" in text_of(pilot)
