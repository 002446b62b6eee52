"""The spine of the house (screens.md §14.1), walked without a terminal: pages by HTTP, consoles by their keys.

Each step says what must be seen; it returns how many ms that took, and raises when it is not seen.
"""

from __future__ import annotations

import time

from textual.events import Key

from admin_cli.demo.glass import Glass
from admin_cli.demo.hands import Unseen, held_by, pin_of, wait
from admin_cli.demo.hospital import PLACES
from admin_cli.demo.joint import ON_THE_WAY, THEIRS, order_by_phone, page_shows_verdicts, server_up
from admin_cli.demo.walk import Walk
from core.delivery.codes import tray_code, wristband_code
from core.delivery.model import Tray
from core.orders.model import OPEN, Order, OrderState
from core.wards.model import Stay

SIZES = {"kitchen": (80, 24), "ward": (40, 20), "clinical": (120, 36), "admin": (120, 36)}
OUT_OF_CONTACT_SECONDS = 30.0
MOST_PAGES = 8


def hospital_at_lunch(walk: Walk) -> float:
    """A hospital in the middle of a meal: about 25 open meals, in every state."""
    began = time.perf_counter()
    open_meals = [order for order in walk.on_server(Order) if order.state in OPEN]
    _must(len(open_meals) >= 15, f"only {len(open_meals)} open meals")
    states = {order.state for order in open_meals}
    _must({"confirmed", "cooking", "ready", "out", "held"} <= states, f"only {sorted(states)}")
    return (time.perf_counter() - began) * 1_000


def ordered_and_on_the_wall(walk: Walk) -> float:
    """The patient orders beans and rice, to be paid at the bed; the wall shows the ticket with its red flags first."""
    wall = console(walk, "kitchen")
    number = order_by_phone(walk, walk.phone_at(THEIRS), "ibishyimbo", "umuceri", method="cash")
    placed = time.perf_counter()
    walk.noted["number"] = number
    held = walk.console_store("kitchen")
    wait(lambda: held_by(held, Order, number=number), what=f"{number} is not on the wall")
    passed = (time.perf_counter() - placed) * 1_000
    text = show_tile(wall, number)
    for flag in ("[!] ALLERGY", "PEANUT", "FISH", "[=] DIABETIC"):
        _must(flag in text, f"{flag} is not on the ticket:\n{text}")
    return passed


def cooked_by_keys(walk: Walk) -> float:
    """Its digit, Enter; Space, Space; Enter: the phone says Being prepared, then Ready, untouched."""
    wall, phone, number = console(walk, "kitchen"), walk.phone_at(THEIRS), walk.noted["number"]
    sign_in(wall, "kitchen")
    choose(wall, number)
    wall.press("enter")
    ms = phone.wait_for("Being prepared") * 1_000
    wall.press("space", "space", "enter")
    phone.wait_for("Ready")
    return ms


def taken_back_and_explained(walk: Walk) -> float:
    """u takes it back to COOKING, Enter makes it ready again; e tells the rule, its author and its age."""
    wall, number = console(walk, "kitchen"), walk.noted["number"]
    began = time.perf_counter()
    wall.press("u")
    _wait_state(walk, number, OrderState.COOKING)
    passed = (time.perf_counter() - began) * 1_000
    choose(wall, number)
    wall.press("enter")
    _wait_state(walk, number, OrderState.READY)
    choose(wall, walk_any(walk, OrderState.CONFIRMED))
    wall.press("e")
    wall.wait_for("doctor")
    wall.press("escape")
    return passed


def network_gone(walk: Walk) -> float:
    """The network is cut: both consoles say OFFLINE; the phone says since when the kitchen is out of contact."""
    wall, handheld = console(walk, "kitchen"), console(walk, "ward")
    sign_in(handheld, "ward")
    handheld.wait_until(lambda text: "ready" in text or "TAKE OUT" in text, "the run list")
    walk.hospital.line.cut()
    ms = wall.wait_for("OFFLINE")
    handheld.wait_for("OFF ")
    walk.phone_at(THEIRS).wait_for("out of contact", seconds=OUT_OF_CONTACT_SECONDS)
    return ms


def they_go_on_working(walk: Walk) -> float:
    """Two more are readied, the tray is taken out and given with two scans and a signature; the queue counts up."""
    wall, handheld, number = console(walk, "kitchen"), console(walk, "ward"), walk.noted["number"]
    began = time.perf_counter()
    for _ in range(2):
        other = walk_any(walk, OrderState.COOKING)
        choose(wall, other)
        wall.press("enter")
        if "Enter again" in wall.text():
            wall.press("enter")
        _wait_here(walk, "kitchen", other, OrderState.READY)
    store = walk.console_store("ward")
    order = held_by(store, Order, number=number)[0]
    tray = max(held_by(store, Tray, order_id=order.id), key=lambda one: one.number)
    handheld.press("l")
    handheld.wait_for("cart A")
    handheld.press(handheld.tile_of("cart A"))
    if THEIRS not in handheld.text():
        handheld.press("enter")
    handheld.wait_for(THEIRS)
    handheld.press("enter")
    _wait_here(walk, "ward", number, OrderState.OUT)
    scan(handheld, tray_code(tray.id, tray.label_version))
    scan(handheld, wristband_code(order.stay_id))
    handheld.wait_for("= =  MATCH")
    handheld.press("enter")
    pay_and_sign(handheld)
    _wait_here(walk, "ward", number, OrderState.DELIVERED)
    handheld.wait_for("to send")
    return (time.perf_counter() - began) * 1_000


def and_back(walk: Walk) -> float:
    """The network is back: LIVE within seconds, nothing waits; the phone shows Delivered."""
    wall, handheld = console(walk, "kitchen"), console(walk, "ward")
    walk.hospital.line.join()
    began = time.perf_counter()
    for glass in (wall, handheld):
        glass.wait_until(lambda text: "to send" not in text and "OFF" not in text.split("\n", 1)[0], "still offline")
    passed = (time.perf_counter() - began) * 1_000
    walk.phone_at(THEIRS).wait_for("Delivered")
    return passed


def stopped_before_saving(walk: Walk) -> float:
    """The doctor opens A-022, whose tray is on its way, and presses m: the preview says what it would stop."""
    card = console(walk, "clinical")
    sign_in(card, "clinical")
    card.wait_for("PATIENTS", "A-001")
    card.press("slash", *ON_THE_WAY, "enter")
    card.press("enter")
    card.wait_for(f"PATIENT {ON_THE_WAY}")
    began = time.perf_counter()
    card.press("m")
    card.wait_for("IF YOU SAVE", "1 tray on the way will be stopped", "ALLOWED -> BLOCKED")
    stay = walk.on_server(Stay, bed_id=ON_THE_WAY)[0]
    order = next(one for one in walk.on_server(Order, stay_id=stay.id) if one.state == OrderState.OUT)
    _must(not order.stop, "something was saved by looking")
    walk.noted["stopped"] = order.number
    return (time.perf_counter() - began) * 1_000


def do_not_give(walk: Walk) -> float:
    """Enter: the handheld says DO NOT GIVE and no key gives the tray; the card says that the handheld has it."""
    card, handheld, number = console(walk, "clinical"), console(walk, "ward"), walk.noted["stopped"]
    card.press("enter")
    began = time.perf_counter()
    handheld.wait_for("STOP")
    passed = (time.perf_counter() - began) * 1_000
    order = held_by(walk.console_store("ward"), Order, number=number)[0]
    tray = max(held_by(walk.console_store("ward"), Tray, order_id=order.id), key=lambda one: one.number)
    scan(handheld, tray_code(tray.id, tray.label_version))
    scan(handheld, wristband_code(order.stay_id))
    handheld.wait_for("DO NOT GIVE")
    handheld.press("enter", "t", "x")
    _must(walk.on_server(Order, number=number)[0].state == OrderState.OUT, "the tray was given")
    card.wait_until(lambda text: "handheld 1" in text.partition("seen by")[2], "not seen by handheld 1")
    return passed


def taken_back_and_read(walk: Walk) -> float:
    """1 takes the tray back and nothing is owed; on the wall the open STOP is read with its digit and a point."""
    wall, handheld, number = console(walk, "kitchen"), console(walk, "ward"), walk.noted["stopped"]
    began = time.perf_counter()
    handheld.press("1")
    _wait_state(walk, number, OrderState.UNDELIVERABLE)
    passed = (time.perf_counter() - began) * 1_000
    stopped = next(one for one in walk.on_server(Order) if one.stop and not one.stop_seen_by and one.state == "cooking")
    choose(wall, stopped.number)
    wall.press(".")
    wait(lambda: walk.on_server(Order, id=stopped.id)[0].stop_seen_by == "cook_2", what="nobody has read the STOP")
    return passed


def server_dies(walk: Walk) -> float:
    """The server is killed; two acts on the wall; it comes up again: both are confirmed, none twice."""
    wall = console(walk, "kitchen")
    walk.hospital.kill_server()
    wall.wait_for("OFFLINE")
    first = walk_any(walk, OrderState.CONFIRMED)
    choose(wall, first)
    wall.press("enter")
    _wait_here(walk, "kitchen", first, OrderState.COOKING)
    wall.press("u")
    _wait_here(walk, "kitchen", first, OrderState.CONFIRMED)
    walk.hospital.start_server()
    began = time.perf_counter()
    wall.wait_until(lambda text: "to send" not in text and "OFFLINE" not in text, "still offline")
    return (time.perf_counter() - began) * 1_000


def what_needs_a_person(walk: Walk) -> float:
    """One list of what needs a person: the refused act, the held meal; and the consoles with their last contact."""
    overview = console(walk, "admin")
    began = time.perf_counter()
    sign_in(overview, "admin")
    overview.wait_for("NEEDS A PERSON", "HELD", "DEVICES", "kitchen 1")
    return (time.perf_counter() - began) * 1_000


def all_counted(walk: Walk) -> float:
    """Every act in every console's own store is in the centre's log, once: none lost, none done twice, none waiting."""
    counted, passed = wait(
        lambda: found if (found := walk.counted()).waiting == 0 else None, what="acts are still waiting"
    )
    _must(counted.is_well, counted.sentence)
    print(f"    {counted.sentence}")
    return passed


SPINE = (
    server_up,
    hospital_at_lunch,
    page_shows_verdicts,
    ordered_and_on_the_wall,
    cooked_by_keys,
    taken_back_and_explained,
    network_gone,
    they_go_on_working,
    and_back,
    stopped_before_saving,
    do_not_give,
    taken_back_and_read,
    server_dies,
    what_needs_a_person,
    all_counted,
)


# -- what several steps do ------------------------------------------------------------------------------------------


def console(walk: Walk, name: str) -> Glass:
    """The console of that name, enrolled and opened when first asked for."""
    return walk.glass(name, SIZES[name])


def sign_in(glass: Glass, name: str) -> None:
    person = PLACES[name].person
    glass.wait_until(lambda text: "OPENING" not in text and "OFFLINE" not in text, "the store is not open")
    glass.press("f10")
    glass.wait_for("Who is acting")
    glass.press(glass.tile_of(person.replace("_1", " 1").replace("_2", " 2").replace("doctor 1", "doctor")))
    glass.wait_for("PIN")
    glass.press(*pin_of(person))
    glass.wait_until(lambda text: "PIN" not in text, "the PIN pad stays")


def show_tile(wall: Glass, number: str) -> str:
    """Turns pages until the ticket is on the glass; what the glass says."""
    for turn in (*("-" for _ in range(MOST_PAGES)), *("+" for _ in range(MOST_PAGES))):
        text = wall.text()
        if any(number in row for row in text.split("\n")[3:21]):
            return text
        wall.press(turn)
    raise Unseen(f"{number} is on no page:\n{wall.text()}")


def choose(wall: Glass, number: str) -> None:
    """Presses the digit of this order's tile."""
    show_tile(wall, number)
    wall.press(digit_of(wall, number))


def digit_of(wall: Glass, number: str) -> str:
    """The digit at the top of the tile whose last row names this order: the nearest one above, in the same column."""
    rows = [row.split("|") for row in wall.rows()]
    place = next(((y, x) for y, row in enumerate(rows) for x, cell in enumerate(row) if number in cell and y > 2), None)
    if place is None:
        raise Unseen(f"{number} is on no tile:\n{wall.text()}")
    for y in range(place[0], 2, -1):
        if place[1] < len(rows[y]):
            head = rows[y][place[1]].strip().lstrip(">").strip()
            if head[:1].isdigit() and head[1:2] == " ":
                return head[0]
    raise Unseen(f"no digit over {number}:\n{wall.text()}")


def walk_any(walk: Walk, state: OrderState) -> str:
    """The number of some meal in this state on the wall that nothing holds up."""
    found = held_by(walk.console_store("kitchen"), Order, state=state.value)
    orders = [order for order in found if not order.stop and not order.problem]
    _must(bool(orders), f"no meal is {state}")
    return min(orders, key=lambda one: one.placed_at).number


def scan(handheld: Glass, code: str) -> None:
    """A scanner's burst: prefix, characters, Enter."""
    handheld.post(Key("f13", None), *(Key(sign, sign) for sign in code), Key("enter", "\r"))


def pay_and_sign(handheld: Glass) -> None:
    """The cash that is due, exactly or on the account, then X and PIN."""
    handheld.wait_until(lambda text: "cash" in text.lower() or "sign" in text.lower(), "neither cash nor signature")
    if "No cash now" in handheld.text():
        handheld.press("n")
    handheld.wait_until(lambda text: "X and PIN" in text or "PIN" in text, "no signature is asked for")
    handheld.press("x")
    handheld.wait_for("PIN")
    handheld.press(*pin_of("runner_1"))


def _wait_state(walk: Walk, number: str, state: OrderState) -> None:
    wait(lambda: walk.on_server(Order, number=number)[0].state == state, what=f"{number} is not {state} at the centre")


def _wait_here(walk: Walk, name: str, number: str, state: OrderState) -> None:
    store = walk.console_store(name)
    wait(lambda: held_by(store, Order, number=number)[0].state == state, what=f"{number} is not {state} on {name}")


def _must(seen: bool, why: str) -> None:
    if not seen:
        raise Unseen(why)
