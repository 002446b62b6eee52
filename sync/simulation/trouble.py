"""What goes wrong on a simulated day: one function a fault, and the table of their names."""

from __future__ import annotations

from collections.abc import Mapping

from core.devices import keys
from core.devices.commands import MakeCode
from core.diets.commands import HoldTrays, StartNilByMouth
from core.kernel.message import Command
from core.kernel.refusal import Refusal
from core.kernel.values import HOUR_MS, MINUTE_MS, Origin, uuid7
from core.store.open import StoreTrouble
from core.store.queue import knows_schema
from core.store.tables import SCHEMA
from sync.client import enrol, ferry
from sync.ports import Answer
from sync.server.perform import perform, submit
from sync.server.reception import Asked
from sync.simulation import day, hospital
from sync.simulation.console import Console, Identity
from sync.simulation.disk import AFTER, BEFORE, Crash, VirtualDisk
from sync.simulation.journal import Deed
from sync.simulation.trouble_line import LINE_FAULTS, Fault, any_console
from sync.simulation.world import World

YEAR_MS = 365 * 24 * HOUR_MS


def one(world: World) -> None:
    """One of the faults that this day has."""
    if world.plan.events:
        name = world.dice.one_of(world.plan.events)
        world.journal.count(f"fault: {name}")
        FAULTS[name](world)


# -- consoles ---------------------------------------------------------------------------------------------------------


def _console_dies(world: World) -> None:
    console = any_console(world)
    world.journal.tell(console.name, "is killed")
    console.crash(world.dice.between(500, 60_000))


def _console_dies_at_commit(world: World) -> None:
    console = any_console(world)
    console.store.doom(world.dice.one_of((BEFORE, AFTER)), world.dice.between(0, 4))


def _console_full(world: World) -> None:
    console = any_console(world)
    world.journal.tell(console.name, "its disk is full")
    console.store.set_full(is_full=True)

    def emptied() -> None:
        console.store.set_full(is_full=False)
        world.journal.tell(console.name, "its disk has room again")

    world.after(world.dice.between(3_000, 90_000), emptied)


def _console_off(world: World) -> None:
    console, ms = any_console(world), world.dice.between(30_000, 40 * MINUTE_MS)
    world.journal.tell(console.name, f"is switched off for {ms // 1_000} s")
    console.crash(ms)


def _reboot(world: World) -> None:
    console = any_console(world)
    world.journal.tell(console.name, "reboots")
    console.clock.reboot()
    console.crash(world.dice.between(2_000, 60_000))


def _set_clock(world: World) -> None:
    console = any_console(world)
    by = world.dice.one_of((-YEAR_MS * 5, -3 * HOUR_MS, -60_000, 60_000, 3 * HOUR_MS, YEAR_MS * 5))
    world.journal.tell(console.name, f"its clock is set by {by // 1_000} s")
    console.clock.set_wall(by)


def _copy(world: World) -> None:
    console = any_console(world)
    world.journal.tell(console.name, "its folder is copied")
    world.copies[console.name] = (console.store.content(), console.places)


def _clone(world: World) -> None:
    """Somebody starts the copy beside the original: one key, one incarnation, two machines."""
    console = any_console(world)
    content, places = world.copies.get(console.name, (console.store.content(), console.places))
    name = f"{console.who.kind}~{world.placed}"
    world.journal.tell(console.name, f"is cloned: {name}")
    who = Identity(name, console.who.kind, console.who.device_id, console.who.seed)
    clone = world.place(who, content)
    clone.places = places


def _roll_back(world: World) -> None:
    """The folder is put back as it was: what was pressed since, and not sent, is gone with it."""
    names = [console for console in world.consoles if console.name in world.copies]
    if not names:
        return _copy(world)
    console = world.dice.one_of(names)
    content, places = world.copies.pop(console.name)
    console.stop()
    console.look()
    for op_id in world.acts_of(console, after=places):
        world.journal.deeds[op_id].lost = True
    console.store.overwrite(content)
    console.kept_at = 0
    console.places = places
    world.watches[console.name] = type(world.watches[console.name])()
    world.journal.tell(console.name, "is rolled back to its copy")
    world.after(1_000, console.start)


def _newer_console(world: World) -> None:
    console = any_console(world)
    person, _ = day.somebody(world, console)
    if not console.on or not person or not console.cursor().audiences:
        return
    kind, v, args = world.dice.one_of(
        (
            ("orders.teleport", 1, b"{}"),
            ("orders.start_cooking", 2, b'{"order_id":"x"}'),
            ("orders.start_cooking", 1, b'{"order_id":"x","colour":"red"}'),
            ("orders.start_cooking", 1, b"\xff\xfe"),
        )
    )
    try:
        console.press_of_another_version(person, kind, v, args)
    except StoreTrouble as trouble:
        world.journal.count(f"at the press: {trouble.code}")
    except Crash:
        console.crash()


def _older_rows(world: World) -> None:
    """Its program was replaced by another version: what it holds is loaded anew, and its queue stays."""
    console = any_console(world)
    if console.store.is_doomed:
        return
    world.journal.tell(console.name, "goes on with a newer program")
    console.stop()
    console.look()
    with console.store.writing() as connection:
        knows_schema(connection, SCHEMA - 1)
    world.after(1_000, console.start)


def _revoke_console(world: World) -> None:
    console = any_console(world)
    if console.who.kind != "admin" and len(world.consoles) > 3:
        day.revoke(world, console)


def _enrol_console(world: World) -> None:
    """A new console joins, by the real steps; its network is as bad as everybody's after that."""
    process = world.servers.processes[0]
    if process is None or world.server_store.is_doomed or len(world.consoles) > 9:
        return
    kind = world.dice.one_of(sorted(hospital.CONSOLES))
    place, kitchen_id, ward_id = hospital.CONSOLES[kind]
    code = keys.code_from(world.dice.bytes(keys.CODE_BYTES))
    make = MakeCode(code_id=keys.code_hash(code), kind=place, title=kind, kitchen_id=kitchen_id, ward_id=ward_id)  # type: ignore[arg-type]  # one of the four
    op_id = uuid7(world.now, world.dice.bytes(10))
    world.journal.note(Deed(op_id, "office", "clerk", make.name, world.now, make))
    wanted = submit(make, op_id=op_id, actor=hospital.CLERK, origin=Origin.CLI)
    if world.servers.do(lambda: perform(world.server_store, world.now, [wanted])) is None:
        world.journal.deeds[op_id].sure = False
        return
    me = enrol.newcomer(world.dice.bytes(48), code, kind)
    asked = Asked("POST", enrol.PATH, "", {}, me.message())
    first: Answer | None = world.servers.do(lambda: process.answer(asked))
    second: Answer | None = world.servers.do(lambda: process.answer(asked))  # its first answer was lost
    if first is None or second is None:
        return
    admitted = enrol.admitted(second, "server")
    store = VirtualDisk(world.shelf).open("new")
    enrol.settle_in(store, me, admitted, "server")
    name = f"{kind}+{world.placed}"
    world.journal.tell("office", f"lets {name} in")
    world.place(Identity(name, kind, admitted.device, me.seed), store.content())


# -- servers ----------------------------------------------------------------------------------------------------------


def _server_dies(world: World) -> None:
    world.servers.crash(world.dice.between(0, 1), world.dice.between(500, 30_000))


def _server_dies_at_commit(world: World) -> None:
    world.server_store.doom(world.dice.one_of((BEFORE, AFTER)), world.dice.between(0, 3))


def _server_full(world: World) -> None:
    world.journal.tell("the servers", "their disk is full")
    world.server_store.set_full(is_full=True)

    def emptied() -> None:
        world.server_store.set_full(is_full=False)
        world.journal.tell("the servers", "their disk has room again")

    world.after(world.dice.between(2_000, 60_000), emptied)


def _back_up(world: World) -> None:
    if world.server_store.is_doomed:
        return
    world.journal.tell("the servers", f"a backup of {world.replica.seq} acts is made and verified")
    world.servers.do(lambda: world.servers.back_up(world.replica.seq))


def _restore(world: World) -> None:
    """The database burns; what the backup has not must come from the consoles that live."""
    if world.servers.backup is None:
        return _back_up(world)
    seq = world.servers.restore()
    for act in world.replica.acts[seq:]:
        world.journal.forget_verdict(act.of)
        deed = world.journal.deeds.get(act.op_id)
        if deed is not None and act.origin != Origin.DEVICE:
            deed.lost = True
    world.replica.back_to(seq)
    for console in [one for one in world.consoles if world.replica.now("device", one.who.device_id) is None]:
        world.journal.tell(console.name, "joined after the backup: it must be let in again by hand")
        console.stop()
        console.look()
        world.consoles.remove(console)
        for op_id in world.acts_of(console, after=0):
            world.journal.deeds[op_id].lost = True
    world.journal.tell("the servers", f"are restored from the backup of {seq} acts")
    world.restored()


def _late_change(world: World) -> None:
    """What a patient may eat changes, and whoever cooks or carries their meal just then cannot hear of it."""
    working = [one for one in world.consoles if one.can_be_pressed and one.who.kind.startswith(("kitchen", "ward"))]
    clinical = [one for one in world.consoles if one.can_be_pressed and one.who.kind.startswith("clinical")]
    if not working or not clinical:
        return
    console, other = world.dice.one_of(working), world.dice.one_of(clinical)
    found = day.meal_at(world, console)
    if found is None:
        return
    person, command, stay_id = found
    world.journal.tell(console.name, "has no network for 60 s, and somebody changes a diet")
    console.line.cut_until = world.now + MINUTE_MS
    changes = (HoldTrays(stay_id=stay_id, reason="vomiting"), StartNilByMouth(stay_id=stay_id, reason="doctor"))
    other.press("doctor_1", world.dice.one_of(changes))
    world.after(world.dice.between(1_000, 8_000), lambda: _press(console, person, command))


def _press(console: Console, person: str, command: Command) -> None:
    if console.can_be_pressed:
        console.press(person, command)


def _carry(world: World) -> None:
    """Somebody takes a console's queue to the server on a stick, and another console passes it on."""
    console, bearer = any_console(world), any_console(world)
    console.look()  # it may have died right after it saved
    try:
        load = ferry.load(console.store, console.clock.now(), console.sign, console.dice.bytes(ferry.CHANCE_BYTES))
        headers = ferry.question(bearer.store, bearer.clock.now(), bearer.sign, load.data)
    except Refusal as refusal:
        world.journal.count(f"carried: {refusal.code}")
        return
    world.journal.tell(console.name, f"has {load.acts} acts carried to the server")
    asked = Asked("POST", ferry.PATH, "", headers, load.data)
    told = world.journal.count
    times = world.dice.one_of((1, 1, 2))
    for _ in range(times):
        later = world.dice.between(100, 400_000)
        world.after(later, lambda: world.servers.ask(asked, lambda answer: told(f"carried: {_status(answer)}")))


def _status(answer: Answer | None) -> int:
    return answer.status if answer is not None else 0


def _leap(world: World) -> None:
    ms = world.dice.one_of((HOUR_MS, 5 * HOUR_MS, 16 * HOUR_MS, 30 * HOUR_MS))
    world.journal.tell("everybody", f"sleeps for {ms // HOUR_MS} h")
    world.leap(ms)


FAULTS: Mapping[str, Fault] = {
    **LINE_FAULTS,
    "console_dies": _console_dies,
    "console_dies_at_commit": _console_dies_at_commit,
    "console_full": _console_full,
    "console_off": _console_off,
    "reboot": _reboot,
    "set_clock": _set_clock,
    "clone": _clone,
    "copy": _copy,
    "roll_back": _roll_back,
    "server_dies": _server_dies,
    "server_dies_at_commit": _server_dies_at_commit,
    "server_full": _server_full,
    "back_up": _back_up,
    "restore": _restore,
    "late_change": _late_change,
    "carry": _carry,
    "leap": _leap,
    "newer_console": _newer_console,
    "older_rows": _older_rows,
    "revoke_console": _revoke_console,
    "enrol_console": _enrol_console,
}
