"""What happens on a simulated day besides trouble: people press at consoles, patients order by page,
the office decides."""

from __future__ import annotations

from functools import partial
from typing import Any

from core import handlers
from core.devices.commands import RevokeDevice
from core.devices.model import DeviceKind
from core.kernel.message import Command
from core.kernel.values import Actor, Origin, Role, uuid7
from core.orders.attempts import Ordered
from core.orders.model import OrderState
from core.orders.placing import BEFORE_COOKING, CancelOrder, PlaceOrder
from core.people.access import ADMIN_ROLES, CLINICAL_ROLES, KITCHEN_ROLES, WARD_ROLES
from core.people.commands import GiveGrant, RevokeGrant
from core.store.open import StoreTrouble
from sync.client import numbers
from sync.protocol import Outcome
from sync.server.perform import Submission, submit
from sync.simulation import hospital, people
from sync.simulation.console import Console
from sync.simulation.hands import Hands
from sync.simulation.journal import Deed
from sync.simulation.views import Elsewhere, View
from sync.simulation.world import World

MOST_TRIES = 6
FOR_THE_KITCHEN = (OrderState.CONFIRMED, OrderState.KITCHEN_ISSUE, OrderState.COOKING)
FOR_THE_WARD = (OrderState.READY, OrderState.OUT)
ROLES_AT = {
    DeviceKind.KITCHEN.value: KITCHEN_ROLES,
    DeviceKind.WARD.value: WARD_ROLES,
    DeviceKind.CLINICAL.value: CLINICAL_ROLES,
    DeviceKind.ADMIN.value: ADMIN_ROLES,
}


def something(world: World) -> None:
    """One act of somebody, somewhere."""
    drawn = world.dice.weighted((("console", 58), ("meal", 28), ("page", 9), ("office", 5)))
    if drawn == "meal":
        bring_a_meal_on(world)
    elif drawn == "page":
        by_page(world)
    elif drawn == "office":
        by_office(world)
    else:
        at_console(world)


def at_console(world: World) -> None:
    """Somebody who may work at a console presses there what fits what they see, or what they believe."""
    consoles = [console for console in world.consoles if console.can_be_pressed]
    if not consoles:
        return
    console = world.dice.one_of(consoles)
    person, ward = somebody(world, console)
    if not person:
        return
    view = View(console.store)
    if world.dice.happens(world.plan.misfits):
        view = Elsewhere(console.store, world.replica)
    roles = frozenset(role for role, _ in hospital.STAFF[person][0])
    hands = _hands(world, console, view, person, ward)
    wished = people.wish(hands, roles)
    if wished is not None:
        console.press(person, wished.command, wished.expect)


def bring_a_meal_on(world: World) -> None:
    """Somebody whose work it is does the next step of a meal, as their console shows it."""
    places = ("kitchen", "ward")
    consoles = [one for one in world.consoles if one.can_be_pressed and hospital.CONSOLES[one.who.kind][0] in places]
    if not consoles:
        return
    console = world.dice.one_of(consoles)
    found = meal_at(world, console)
    if found is not None:
        person, command, _ = found
        console.press(person, command)


def meal_at(world: World, console: Console) -> tuple[str, Command, str] | None:
    """Somebody who works at this console, the next step of a meal that it shows, and whose meal that is."""
    kitchen = hospital.CONSOLES[console.who.kind][0] == "kitchen"
    view = View(console.store)
    orders = view.orders(*(FOR_THE_KITCHEN if kitchen else FOR_THE_WARD))
    if not orders:
        return None
    person = world.dice.one_of(("cook_1", "cook_2", "lead") if kitchen else ("runner_1", "runner_1", "head_nurse"))
    order = world.dice.one_of(orders)
    command = people.next_step(_hands(world, console, view, person, ""), order)
    return (person, command, order.stay_id) if command is not None else None


def _hands(world: World, console: Console, view: View, person: str, ward: str) -> Hands:
    return Hands(view, world.dice, person, ward, partial(number_of, console), world.next_number, world.now)


def somebody(world: World, console: Console) -> tuple[str, str]:
    """A member of staff whose work is done at such a console, and the console's ward."""
    kind, _, ward = hospital.CONSOLES[console.who.kind]
    roles = ROLES_AT[kind]
    found = [
        person
        for person, (grants, _) in hospital.STAFF.items()
        if any(role in roles and (not ward or not of or of == ward) for role, of in grants)
    ]
    return (world.dice.one_of(found), ward) if found else ("", ward)


def number_of(console: Console, service_id: str) -> str:
    """As the consoles' own forms ask for it: one that is leased to this console. A copied store has the same lease."""
    with console.store.reading() as connection:
        return numbers.next_number(connection, service_id)


# -- without a console ------------------------------------------------------------------------------------------------


def by_page(world: World) -> None:
    """A patient orders, or cancels what is not on the stove; some click twice, some reload."""
    stays = [stay for stay in world.replica.all("stay") if stay.closed_at is None]
    if not stays:
        return
    stay = world.dice.one_of(stays)
    command = _of_patient(world, stay.id, stay.kitchen_id)
    if command is None:
        return
    op_id = uuid7(world.now, world.dice.bytes(10))
    patient = Actor(stay.patient_id, frozenset({Role.PATIENT}), stay_id=stay.id)
    wanted = submit(command, op_id=op_id, actor=patient, origin=Origin.PAGE, origin_ref="session")
    send(world, wanted, command, f"page {stay.id}")
    if world.dice.happens(0.2):
        world.journal.tell(f"page {stay.id}", "clicks again")
        world.after(world.dice.between(1, 4_000), lambda: _try(world, wanted, 1))


def _of_patient(world: World, stay_id: str, kitchen_id: str) -> Command | None:
    orders = [order for order in world.replica.all("order") if order.stay_id == stay_id]
    open_orders = [order for order in orders if order.state in BEFORE_COOKING]
    if open_orders and world.dice.happens(0.3):
        return CancelOrder(order_id=world.dice.one_of(open_orders).id)
    services = [one for one in world.replica.all("service") if one.kitchen_id == kitchen_id]
    if not services:
        return None
    service = world.dice.one_of(services)
    dishes = world.dice.some_of(tuple(hospital.DISHES), 0.4) or ("umuceri",)
    return PlaceOrder(
        stay_id=stay_id,
        service_id=service.id,
        number=f"{service.meal[0].upper()}-{world.next_number():04}",
        lines=tuple(Ordered(dish_id=dish) for dish in dishes),
        method=world.dice.one_of(("cash", "account")),
        confirm=True,
    )


def by_office(world: World) -> None:
    """The office gives rights back, or takes some, from its own machine."""
    people_ = [name for name in hospital.STAFF if not name.startswith("admin")]
    person = world.dice.one_of(people_)
    role, ward = world.dice.one_of(hospital.STAFF[person][0])
    held = [one for one in world.replica.all("grant") if one.person_id == person and one.revoked_at is None]
    command: Command
    if held and world.dice.happens(0.4):
        command = RevokeGrant(grant_id=world.dice.one_of(held).id)
    else:
        staff_role: Any = role.value
        command = GiveGrant(person_id=person, role=staff_role, ward_id=ward)
    send(world, _of_office(world, command), command, "office")


def revoke(world: World, console: Console) -> None:
    command = RevokeDevice(device_id=console.who.device_id)
    send(world, _of_office(world, command), command, "office")


def _of_office(world: World, command: Command) -> Submission:
    op_id = uuid7(world.now, world.dice.bytes(10))
    return submit(command, op_id=op_id, actor=hospital.CLERK, origin=Origin.CLI)


def send(world: World, wanted: Submission, command: Command, where: str) -> None:
    handle = handlers.find(command.name)
    assert handle is not None
    world.journal.note(Deed(wanted.op_id, where, wanted.actor_id, command.name, world.now, command, sure=False))
    world.journal.tell(where, f"{command.name} {command.entity[-6:]}")
    _try(world, wanted, 0)


def _try(world: World, wanted: Submission, tries: int) -> None:
    """Until somebody has said what became of it, or its person has given up."""

    def said(outcomes: list[Outcome | None] | StoreTrouble | None) -> None:
        found = outcomes[0] if isinstance(outcomes, list) else None
        if found is None:
            if tries < MOST_TRIES:
                world.after(1_500, lambda: _try(world, wanted, tries + 1))
        elif not world.net.happens(world.weather.lose_answer):
            deed = world.journal.deeds[wanted.op_id]
            deed.sure = True
            world.journal.show(wanted.op_id, found.outcome, found.code, deed.where)

    world.servers.submit([wanted], said)
