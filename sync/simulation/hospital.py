"""The hospital that every simulated day begins in: built once a process by commands and enrolments, then copied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from core.devices import keys
from core.devices.commands import MakeCode
from core.diets.allergies import RecordAllergiesAsked, RecordAllergy
from core.diets.commands import PrescribeDiet
from core.kernel.message import Command
from core.kernel.values import HOUR_MS, MINUTE_MS, Actor, Origin, Role, due_op_id
from core.menu.commands import Part, SetDish, SetIngredient, SetService
from core.menu.defaults import SetDefaultMeal
from core.people.commands import AddPerson, GiveGrant
from core.store import log
from core.store.open import Store
from core.store.tables import SERVER
from core.wards.commands import AddBeds, AssignBed, NewBed, OpenKitchen, OpenStay, OpenWard
from sync.client import enrol
from sync.client.errand import Errand, load
from sync.ports import Moment
from sync.server.perform import perform, submit
from sync.simulation.chance import SeededChance
from sync.simulation.disk import Shelf, VirtualDisk
from sync.simulation.line import VirtualLink
from sync.simulation.serving import ServerProcess

BEGIN = 1_795_500_000_000  # 2026-11-24, in the morning
EPOCH = "epoch-1"
CLERK = Actor("clerk", frozenset({Role.ADMIN, Role.DOCTOR, Role.SYSTEM}))
KITCHENS = ("main", "annex")
WARDS: Mapping[str, str] = {"A": "main", "B": "main", "C": "annex"}
BEDS = 4
SERVICES = ("2026-11-24-lunch", "2026-11-24-dinner", "2026-11-25-lunch")
DISHES: Mapping[str, tuple[str, ...]] = {
    "umuceri": ("rice",),
    "ibishyimbo": ("beans",),
    "isombe": ("cassava_leaves", "groundnut_paste"),
    "igikoma": ("milk",),
}
ALLERGENS: Mapping[str, tuple[str, ...]] = {"groundnut_paste": ("peanut",), "milk": ("milk",)}
LEVELS = {"isombe": "4", "igikoma": "0"}  # what is eaten is as everybody eats it, unless it is here
DRINKS = ("igikoma",)
SALTY = ("ibishyimbo", "igikoma")  # the others suit whoever must not have salt
DEFAULTS = (("lunch", ("umuceri", "ibishyimbo")), ("lunch", ("umuceri",)), ("dinner", ("isombe",)))
PRICE = 700

# person -> roles, each with the ward it is for ("" everywhere), and the supervisor
STAFF: Mapping[str, tuple[tuple[tuple[Role, str], ...], str]] = {
    "cook_1": (((Role.COOK, ""),), "lead"),
    "cook_2": (((Role.COOK, ""),), "lead"),
    "lead": (((Role.KITCHEN_LEAD, ""),), "admin_1"),
    "runner_1": (((Role.RUNNER, ""),), "lead"),
    "runner_a": (((Role.RUNNER, "A"),), "lead"),
    "nurse_a": (((Role.NURSE, "A"),), "head_nurse"),
    "nurse_b": (((Role.NURSE, "B"),), "head_nurse"),
    "nurse_c": (((Role.NURSE, "C"), (Role.NURSE, "B")), "head_nurse"),
    "head_nurse": (((Role.NURSE, ""),), "admin_1"),
    "doctor_1": (((Role.DOCTOR, ""),), "admin_1"),
    "nutritionist_1": (((Role.NUTRITIONIST, ""),), "admin_1"),
    "cashier_1": (((Role.CASHIER, ""),), "admin_1"),
    "admin_1": (((Role.ADMIN, ""),), "admin_2"),
    "admin_2": (((Role.ADMIN, ""),), "admin_1"),
}

# console -> kind, kitchen, ward
CONSOLES: Mapping[str, tuple[str, str, str]] = {
    "kitchen main": ("kitchen", "main", ""),
    "kitchen annex": ("kitchen", "annex", ""),
    "ward A": ("ward", "", "A"),
    "ward B": ("ward", "", "B"),
    "ward C": ("ward", "", "C"),
    "clinical": ("clinical", "", ""),
    "clinical C": ("clinical", "", "C"),
    "admin": ("admin", "", ""),
}


@dataclass(frozen=True, slots=True)
class Template:
    """The hospital as files: the server's database, and each console's store with its key."""

    server: bytes
    consoles: Mapping[str, bytes]
    seeds: Mapping[str, bytes]
    ids: Mapping[str, str]
    at: int
    acts: Mapping[bytes, Command]  # what was done to build it, by its ids


@dataclass
class Builder:
    """Performs commands on an empty hospital, one minute after the other."""

    store: Store
    at: int = BEGIN - 3 * HOUR_MS
    acts: dict[bytes, Command] = field(default_factory=dict)
    steps: int = 0

    def do(self, command: Command) -> None:
        self.at += MINUTE_MS // 10
        op_id = due_op_id("template", f"{command.name} {self.steps}", self.at)
        self.acts[op_id] = command
        self.steps += 1
        done = perform(self.store, self.at, [submit(command, op_id=op_id, actor=CLERK, origin=Origin.CLI)])[0]
        assert done is not None and done.outcome == "applied", (command, done)


@lru_cache(maxsize=1)
def template() -> Template:
    shelf, dice = Shelf(), SeededChance("template")
    store = VirtualDisk(shelf).open_server()
    with store.writing() as connection:
        SERVER.create_all(connection)
        log.create_hospital(connection, epoch=EPOCH, at=BEGIN - 3 * HOUR_MS, signing_seed="07" * 32, practice=True)
    builder = Builder(store)
    _house(builder)
    _menu(builder)
    _people(builder)
    _patients(builder)
    disk, seeds, ids = VirtualDisk(shelf), {}, {}
    process = ServerProcess(store, lambda: builder.at)
    for name in CONSOLES:
        seeds[name], ids[name] = join(builder, process, disk, name, dice)
    contents = {name: disk.open(name).content() for name in CONSOLES}
    return Template(store.content(), contents, seeds, ids, builder.at, dict(builder.acts))


def join(
    builder: Builder, process: ServerProcess, disk: VirtualDisk, name: str, dice: SeededChance
) -> tuple[bytes, str]:
    """A console is let in by a code and loads what it may hold: its key's seed and its id."""
    kind, kitchen_id, ward_id = CONSOLES[name]
    code = keys.code_from(dice.bytes(keys.CODE_BYTES))
    make = MakeCode(
        code_id=keys.code_hash(code),
        kind=kind,  # type: ignore[arg-type]  # one of the four
        title=name,
        kitchen_id=kitchen_id,
        ward_id=ward_id,
    )
    builder.do(make)
    me = enrol.newcomer(dice.bytes(48), code, name)
    link = VirtualLink(process)
    admitted = enrol.admitted(link.ask("POST", enrol.PATH, me.message(), {}), "server")
    builder.steps += 1  # the enrolment has an act of its own
    store = disk.open(name)
    enrol.settle_in(store, me, admitted, "server")
    clock = _Still(builder)
    load(Errand(store, link, clock, dice, keys.signer(me.seed)))
    return me.seed, admitted.device


@dataclass(frozen=True, slots=True)
class _Still:
    """While the hospital is built, its clocks are right."""

    builder: Builder

    def now(self) -> Moment:
        return Moment(self.builder.at, self.builder.at - BEGIN + 24 * HOUR_MS, "template")


def _house(builder: Builder) -> None:
    for kitchen in KITCHENS:
        builder.do(OpenKitchen(kitchen_id=kitchen, title=kitchen))
    for order, (ward, kitchen) in enumerate(WARDS.items()):
        builder.do(
            OpenWard(
                ward_id=ward, kitchen_id=kitchen, name_en=f"Ward {ward}", walking_order=order, minutes_from_kitchen=4
            )
        )
        beds = tuple(NewBed(bed_id=f"{ward}-{number:03}") for number in range(1, BEDS + 1))
        builder.do(AddBeds(ward_id=ward, beds=beds))


def _menu(builder: Builder) -> None:
    for ingredient in sorted({one for parts in DISHES.values() for one in parts}):
        builder.do(ingredient_as(ingredient))
    for dish in DISHES:
        builder.do(dish_as(dish))
    for kitchen in KITCHENS:
        for rank, (meal, dishes) in enumerate(DEFAULTS, start=1):
            name = f"{kitchen}_{meal}_{rank}"
            builder.do(
                SetDefaultMeal(default_id=name, kitchen_id=kitchen, meal=meal, rank=rank, dish_ids=dishes)  # type: ignore[arg-type]  # one of the four
            )
        for number, service in enumerate(SERVICES):
            leaves = BEGIN + (2 + 6 * number) * HOUR_MS
            builder.do(
                SetService(
                    service_id=service if kitchen == "main" else f"{service}-{kitchen}",
                    kitchen_id=kitchen,
                    day=service[:10],
                    meal=service[11:],  # type: ignore[arg-type]  # one of the four
                    opens_at=BEGIN - 4 * HOUR_MS,
                    cut_off_at=leaves - 90 * MINUTE_MS,
                    dispatch_at=leaves,
                    ends_at=leaves + 2 * HOUR_MS,
                )
            )


def ingredient_as(
    code: str, *, energy: int = 100, allergens: tuple[str, ...] | None = None, verified: bool = True
) -> SetIngredient:
    nutrients = ("carbohydrate_mg", "protein_mg", "fat_mg", "sugars_mg", "sodium_mg", "potassium_mg", "phosphorus_mg")
    figures: dict[str, Any] = dict.fromkeys(nutrients, 100)
    return SetIngredient(
        ingredient_id=code,
        name_en=code,
        name_fr=code,
        name_rw=code,
        allergens=ALLERGENS.get(code, ()) if allergens is None else allergens,
        verified=verified,
        energy_kcal=energy,
        **figures,
    )


def dish_as(code: str, *, price: int = PRICE) -> SetDish:
    return SetDish(
        dish_id=code,
        name_en=code,
        name_fr=code,
        name_rw=code,
        category="main",
        price_francs=price,
        suits=("regular", "diabetic") if code in SALTY else ("regular", "diabetic", "low_salt"),
        is_drink=code in DRINKS,
        level=LEVELS.get(code, "7"),  # type: ignore[arg-type]  # one of the levels
        services=("lunch", "dinner"),
        portion_grams=200,
        parts=tuple(Part(ingredient_id=one, grams=100) for one in DISHES[code]),
    )


def _people(builder: Builder) -> None:
    for person, (grants, supervisor) in STAFF.items():
        builder.do(AddPerson(person_id=person, display=person, full_name=person, supervisor_id=supervisor))
        for role, ward in grants:
            builder.do(GiveGrant(person_id=person, role=role.value, ward_id=ward))  # type: ignore[arg-type]  # a staff role


def _patients(builder: Builder) -> None:
    for count, ward in enumerate((*WARDS, *WARDS), start=1):
        stay_id = f"stay-{count}"
        builder.do(
            OpenStay(
                stay_id=stay_id,
                ward_id=ward,
                hospital_number=f"H-{count}",
                full_name=f"Patient {count}",
                birth_date="1974-04-12",
            )
        )
        asked = RecordAllergiesAsked(stay_id=stay_id, none=True)
        builder.do(RecordAllergy(stay_id=stay_id, code="milk") if count % 3 == 0 else asked)
        builder.do(PrescribeDiet(stay_id=stay_id, replaces=(), components=("regular",)))
        builder.do(AssignBed(stay_id=stay_id, bed_id=f"{ward}-{(count + 2) // 3:03}"))
