"""F2, `t`: a file of another console goes to the server through this one, and whoever carried it reads what it held."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from consoles.admin.app import AdminApp
from consoles.kit.testing import pressed, settled
from core.devices import keys
from core.kernel.values import Role
from core.settings import load
from core.store import home
from core.store.home import Home
from core.store.vault import Vault
from core.wards.commands import AssignBed, OpenStay
from core.wards.model import Stay
from sync.client import enrol, ferry
from sync.client.carrying import BESIDE, lay
from sync.client.door import Door
from sync.client.errand import Errand
from sync.client.loop import OnChange
from sync.ferry import MAGIC, MARK_BYTES
from tests.consoles.admin.office import text_of
from tests.sync.client.hospital import Console, Dice, Hospital, StepLink, code_for, enrolled, hire, ward_a

PIN = "864209"


@pytest.fixture
def hospital(tmp_path: Path) -> Iterator[Hospital]:
    made = ward_a(tmp_path)
    hire(made, "admin-1", role=Role.ADMIN, ward_id="", pin=PIN)
    yield made
    made.store.close()


@pytest.fixture
def away(hospital: Hospital, tmp_path: Path) -> Console:
    """A ward's console without a network: a patient was admitted there and laid into a bed."""
    console = enrolled(hospital, tmp_path, "ward A 1")
    console.link.down = True
    console.press(OpenStay(stay_id="stay-1", ward_id="A", full_name="Mukamana"))
    console.press(AssignBed(stay_id="stay-1", bed_id="A-001"))
    return console


@pytest.fixture
def link(hospital: Hospital) -> StepLink:
    return StepLink(hospital)


@pytest.fixture
def desk(hospital: Hospital, link: StepLink, tmp_path: Path) -> AdminApp:
    """The administration's console, with a line to the server."""
    where = Home(tmp_path / "office", Vault(tmp_path / "office"), plain=True)
    code, dice = code_for(hospital, kind="admin", ward_id="", kitchen_id=""), Dice("office")
    enrol.enrol(where, "http://server", code=code, name="admin 1", link=link, clock=hospital.time, chance=dice)
    seed = where.vault.secret(home.DEVICE_KEY)
    assert seed is not None
    store, sign = home.open_device(where), keys.signer(seed)
    Errand(store, link, hospital.time, dice, sign).run(lambda step: False)

    def opening(on_change: OnChange) -> Door:
        door = Door(store, clock=hospital.time, chance=dice, sign=sign, link=link)
        door.watch(on_change)
        return door

    return AdminApp(opening, look="dark")


def carried(away: Console, folder: Path) -> Path:
    loaded = ferry.load(away.store, away.time.now(), keys.signer(away.seed), away.dice.bytes(ferry.CHANCE_BYTES))
    return lay(loaded, folder).path


async def on_f2(pilot: Pilot[None]) -> None:
    await settled(pilot)
    await pressed(pilot, "f10", "1", *PIN, "f2")


async def take(pilot: Pilot[None], file: Path) -> str:
    """Types the name of a file in answer to `t`; what is said then, in one line."""
    await pressed(pilot, "t", "1")
    pilot.app.screen.query_one(Input).value = str(file)
    await pressed(pilot, "enter")
    await settled(pilot)
    return " ".join(text_of(pilot).replace("|", " ").split())


async def test_a_file_of_another_console_reaches_the_server_and_counts_once(
    desk: AdminApp, away: Console, hospital: Hospital, tmp_path: Path
) -> None:
    file = carried(away, tmp_path / "s")
    async with desk.run_test(size=(120, 36)) as pilot:
        await on_f2(pilot)
        first = await take(pilot, file)
        stay = hospital.row(Stay, "stay-1")
        await pressed(pilot, "escape")
        again = await take(pilot, file)

    assert "Written at ward A 1" in first and "New: 2. Known already: 0. For a person to read: 0." in first
    assert stay is not None and stay.bed_id == "A-001"
    assert "All 2 acts in it were known already. Nothing was counted twice." in again


async def test_files_that_lie_beside_the_data_are_there_to_choose(
    desk: AdminApp, away: Console, hospital: Hospital
) -> None:
    file = carried(away, load().data_folder / BESIDE)
    async with desk.run_test(size=(80, 24)) as pilot:
        await on_f2(pilot)
        await pressed(pilot, "t")
        asked = text_of(pilot)
        await pressed(pilot, "1")
        await settled(pilot)

    assert file.name in asked and hospital.row(Stay, "stay-1") is not None


PLACE = len(MAGIC) + MARK_BYTES  # where what is in plain sight of a file's hospital ends
DAMAGE: Mapping[str, Callable[[bytes], bytes]] = {
    "This is not a file that a console has written to be carried.": lambda data: b"nothing of the kind",
    "This file is not whole: ": lambda data: data[:-10],
    "This file was altered or damaged on its way.": lambda data: data[:-1] + bytes([data[-1] ^ 1]),
    "This file is for the server of another hospital": lambda data: MAGIC + bytes(MARK_BYTES) + data[PLACE:],
}


async def test_a_file_that_is_not_as_it_was_written_is_refused_in_words_and_changes_nothing(
    desk: AdminApp, away: Console, hospital: Hospital, tmp_path: Path
) -> None:
    file = carried(away, tmp_path / "s")
    whole, head = file.read_bytes(), hospital.head
    async with desk.run_test(size=(120, 36)) as pilot:
        await on_f2(pilot)
        for said, damaged in DAMAGE.items():
            file.write_bytes(damaged(whole))
            told = await take(pilot, file)
            await pressed(pilot, "escape")
            assert said in told and "Nothing of it was taken in." in told, told

    assert (hospital.head, hospital.row(Stay, "stay-1")) == (head, None)


async def test_without_the_server_and_without_a_file_somebody_is_told_so(
    desk: AdminApp, away: Console, link: StepLink, tmp_path: Path
) -> None:
    async with desk.run_test(size=(120, 36)) as pilot:
        await on_f2(pilot)
        missing = await take(pilot, tmp_path / "none.ferry")
        await pressed(pilot, "escape")
        link.down = True
        alone = await take(pilot, carried(away, tmp_path / "s"))

    assert "The file none.ferry cannot be read." in missing
    assert "This console does not reach the server, so it cannot pass the file on." in alone
    assert "You can go on working." in alone
