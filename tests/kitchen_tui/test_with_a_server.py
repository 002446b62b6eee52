"""A wall that was let in by a real server: what it pressed is judged there, and what came of it stands on F2."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from textual.pilot import Pilot

from consoles.kit.app import Opening
from consoles.kit.not_opened import EnrolScreen
from consoles.kit.testing import pressed, settled
from core.devices import keys
from core.diets.allergies import RecordAllergiesAsked
from core.diets.commands import PrescribeDiet
from core.kernel.refusal import Refusal
from core.kernel.values import HOUR_MS, MINUTE_MS, Actor, Role
from core.menu.commands import Part, SetDish, SetIngredient, SetService
from core.orders.attempts import Ordered
from core.orders.model import Order
from core.orders.placing import CancelOrder, PlaceOrder
from core.store import home
from core.store.home import Home
from core.store.vault import Vault
from core.wards.commands import AssignBed, OpenStay
from kitchen_tui.app import KitchenApp
from sync.client import enrol
from sync.client.door import Door
from sync.client.errand import Errand
from sync.client.loop import OnChange
from tests.kitchen_tui.presses import rows, saved
from tests.sync.client.hospital import NOON, Dice, Hospital, StepLink, Time, code_for, hire, ward_a

DAY = "2025-10-09"  # of the hospital's noon
SERVICE = f"{DAY}-lunch"
DOCTOR = Actor("doctor-1", frozenset({Role.DOCTOR}))


@dataclass
class Kitchen:
    """One wall and its line to the server."""

    hospital: Hospital
    where: Home
    link: StepLink
    time: Time
    dice: Dice
    door: Door | None = None

    def open(self, on_change: OnChange) -> Door:
        store = home.open_device(self.where)
        self.door = Door(store, clock=self.time, chance=self.dice)
        self.door.watch(on_change)
        return self.door

    def enrolling(self, server: str, code: str, name: str) -> str:
        answer = enrol.enrol(
            self.where, server, code=code, name=name, link=self.link, clock=self.time, chance=self.dice
        )
        self.sync()
        return answer.name

    def sync(self) -> None:
        """Talks to the server until there is nothing more to say."""
        seed = self.where.vault.secret(home.DEVICE_KEY)
        assert seed is not None
        store = home.open_device(self.where)
        Errand(store, self.link, self.time, self.dice, keys.signer(seed)).run(lambda step: False)
        store.close()


@pytest.fixture
def kitchen(tmp_path: Path) -> Iterator[Kitchen]:
    hospital = ward_a(tmp_path)
    hire(hospital, "cook-1", role=Role.COOK, ward_id="", pin="370915")
    plain = SetIngredient(ingredient_id="rice", name_en="rice", name_fr="riz", name_rw="umuceri", verified=True)
    hospital.told(plain)
    hospital.told(
        SetDish(
            dish_id="umuceri",
            name_en="Rice",
            name_fr="Riz",
            name_rw="Umuceri",
            category="staple",
            suits=("regular",),
            services=("lunch",),
            portion_grams=200,
            parts=(Part(ingredient_id="rice", grams=100),),
        )
    )
    hospital.told(
        SetService(
            service_id=SERVICE,
            kitchen_id="main",
            day=DAY,
            meal="lunch",
            opens_at=NOON - 3 * HOUR_MS,
            cut_off_at=NOON + 10 * MINUTE_MS,
            dispatch_at=NOON + 30 * MINUTE_MS,
            ends_at=NOON + 2 * HOUR_MS,
        )
    )
    where = Home(tmp_path / "wall", Vault(tmp_path / "wall"), plain=True)
    made = Kitchen(hospital, where, StepLink(hospital), hospital.time, Dice("wall"))
    yield made
    hospital.store.close()


def ordered(hospital: Hospital, stay: str, number: str) -> str:
    """A patient in a bed, with a diet and a meal; the meal's id."""
    hospital.told(OpenStay(stay_id=stay, ward_id="A", full_name=stay, hospital_number=stay, birth_date="1974-04-12"))
    hospital.told(AssignBed(stay_id=stay, bed_id=f"A-00{stay[-1]}"))
    hospital.told(RecordAllergiesAsked(stay_id=stay, none=True))
    hospital.do(PrescribeDiet(stay_id=stay, replaces=(), components=("regular",)), DOCTOR)
    place = PlaceOrder(stay_id=stay, service_id=SERVICE, number=number, lines=(Ordered(dish_id="umuceri"),))
    hospital.told(place)
    with hospital.store.reading() as connection:
        from core.orders.queries import orders_numbered

        found: Order = orders_numbered(connection, number)[0]
    return found.id


def wall(kitchen: Kitchen) -> KitchenApp:
    opening: Opening = kitchen.open
    app = KitchenApp(opening, look="dark")
    app.enrolling, app.server_url = kitchen.enrolling, "http://server"
    return app


async def let_in(pilot: Pilot[None], kitchen: Kitchen) -> None:
    """Types the one-time code and a name, and goes in."""
    code = code_for(kitchen.hospital, kind="kitchen", ward_id="", kitchen_id="main")
    await pressed(pilot, *code, "tab", *"kitchen 1", "enter")


async def test_a_new_console_offers_to_enrol_and_is_on_its_board_after_the_code(kitchen: Kitchen) -> None:
    ordered(kitchen.hospital, "stay-1", "L-0001")
    app = wall(kitchen)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert isinstance(app.screen, EnrolScreen)
        await let_in(pilot, kitchen)
        assert "A-001" in rows(pilot)[3]


async def test_a_code_that_was_used_is_told_in_words_and_nothing_is_lost(kitchen: Kitchen) -> None:
    app = wall(kitchen)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pressed(pilot, *"AAAA-BBBB", "tab", *"kitchen 1", "enter")
        assert isinstance(app.screen, EnrolScreen)
        assert any("The server does not know this code." in row for row in rows(pilot))


async def test_a_meal_started_after_the_patient_cancelled_it_stands_on_f2_until_it_is_read(kitchen: Kitchen) -> None:
    order_id = ordered(kitchen.hospital, "stay-1", "L-0001")
    app = wall(kitchen)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await let_in(pilot, kitchen)
        kitchen.hospital.told(CancelOrder(order_id=order_id))
        await pressed(pilot, "f10", "1", *"370915", "enter")
        assert (saved(pilot), rows(pilot)[0].endswith("SENDING 1 ")) == (["orders.start_cooking"], True)
        kitchen.sync()
        app.note(("*",))
        await settled(pilot)
        assert rows(pilot)[0].endswith("REFUSED 1 ")
        await pressed(pilot, "f2")
        assert [row.rstrip() for row in rows(pilot)[3:7]] == [
            " NEEDS YOU 2",
            ">1 CASE      START L-0001  A-001                               cook 1      10:53",
            "            L-0001 was put on the stove after it was cancelled.",
            "            The kitchen has a STOP card. Nobody pays.    Enter = I have read it",
        ]
        await pressed(pilot, "enter")
        assert saved(pilot) == ["cases.acknowledge_outcome"]


async def test_what_a_colleague_did_elsewhere_is_on_the_board_without_a_key(kitchen: Kitchen) -> None:
    ordered(kitchen.hospital, "stay-1", "L-0001")
    app = wall(kitchen)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await let_in(pilot, kitchen)
        ordered(kitchen.hospital, "stay-2", "L-0002")
        kitchen.sync()
        app.note(("order",))
        await settled(pilot)
        assert "A-002" in rows(pilot)[3]


async def test_a_store_that_cannot_be_opened_is_told_in_three_parts(tmp_path: Path) -> None:
    def opening(on_change: OnChange) -> Door:
        raise Refusal("newer_store", has="1.4", knows="1.3")

    app = KitchenApp(opening, look="dark")
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        box = [row[9:71].strip() for row in rows(pilot) if row[8:9] == "|"]
    assert box[2:5] == [
        "This console is older than its data (needs 1.4).",
        "Nothing was changed.",
        "Update it: dusangire update.",
    ]
