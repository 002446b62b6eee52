"""One meal decided on both ends: the steps of the check that go through doors and pages, with cuts and kills between.

Each step says in its first sentence what must be seen; it returns how many ms that took,
and raises when it is not seen.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time

from admin_cli.demo.counted import Counted
from admin_cli.demo.hands import Hands, Unseen, pin_of, wait
from admin_cli.demo.phone import Phone
from admin_cli.demo.walk import Walk
from core.delivery.commands import GiveTray, ReportIssue, TakeOut
from core.delivery.model import HandOver
from core.diets.commands import StartNilByMouth
from core.kernel.case import Case, UnreadOutcome
from core.orders.commands import MarkReady, StartCooking, TakeBack, TickLine
from core.orders.model import Order, OrderState
from core.orders.placing import CancelOrder
from core.payments.commands import TakeCash
from core.payments.model import CashDue
from core.store import queue
from core.store.home import open_device
from core.wards.commands import AssignBed, OpenStay
from core.wards.model import Bed, Stay

THEIRS = "A-015"  # the visitor's bed: diabetic, low salt, allergic to peanut and fish
ON_THE_WAY = "A-022"  # a tray is on its way to this bed
NUMBER = re.compile(r"\b([BLDS]-\d{4,6})\b")
HAND_SECONDS = 1.0


def server_up(walk: Walk) -> float:
    """The server is a process of its own, and up."""
    began = time.perf_counter()
    walk.hospital.start_server()
    return (time.perf_counter() - began) * 1_000


def consoles_linked(walk: Walk) -> float:
    """Three consoles are enrolled by one-time codes, hold what they may hold, and are linked."""
    began = time.perf_counter()
    for name in ("kitchen", "ward", "clinical"):
        walk.at(name)
    return (time.perf_counter() - began) * 1_000


def page_shows_verdicts(walk: Walk) -> float:
    """The patient opens the bed's page with a birth date; every dish has its verdict, Isombe is grey and says why."""
    phone = walk.phone_at(THEIRS)
    day, month, year = walk.birth_date(THEIRS)
    began = time.perf_counter()
    phone.send(lambda form, _: form.method == "post" and "year" in form.fields, day=day, month=month, year=year)
    phone.open("/patient/menu")
    passed = (time.perf_counter() - began) * 1_000
    _must(phone.sees("Isombe", "peanut"), f"no reason on the menu: {phone.page.text[:300]}")
    _must("not available for you" in phone.page.text.lower(), "nothing is grey")
    return passed


def order_on_wall(walk: Walk) -> float:
    """The patient orders beans and rice, to be paid at the bed; the ticket is on the wall at once."""
    number = order_by_phone(walk, walk.phone_at(THEIRS), "ibishyimbo", "umuceri", method="cash")
    placed = time.perf_counter()
    walk.noted["number"] = number
    walk.at("kitchen").wait_for_state(number, OrderState.CONFIRMED)
    return (time.perf_counter() - placed) * 1_000


def cooked_on_phone(walk: Walk) -> float:
    """The cook starts, ticks and readies it; the phone follows: Being prepared, Ready."""
    cook, phone, number = walk.at("kitchen"), walk.phone_at(THEIRS), walk.noted["number"]
    order = _order(walk, "kitchen", number)
    cook.press(StartCooking(order_id=order.id))
    passed = phone.wait_for("Being prepared") * 1_000
    for line in cook.lines(order):
        cook.press(TickLine(line_id=line.id))
    cook.press(MarkReady(order_id=order.id))
    phone.wait_for("Ready")
    return passed


def given_and_paid(walk: Walk) -> float:
    """The runner takes it out, gives it with tray and wristband scanned, takes the cash; the phone says Delivered."""
    number = walk.noted["number"]
    ms = carry_and_give(walk, number)
    runner = walk.at("ward")
    order = _order(walk, "ward", number)
    due, _ = wait(lambda: runner.row(CashDue, id=order.id), what="no cash is due")
    runner.press(TakeCash(order_id=order.id, francs=due.due_francs))
    walk.phone_at(THEIRS).wait_for("Delivered")
    return ms


def works_while_cut(walk: Walk) -> float:
    """The network is cut: the kitchen starts and readies two more meals, nothing waits for it,
    and the acts queue up."""
    cook = walk.at("kitchen")
    waiting = [order for order in cook.rows(Order, state=OrderState.CONFIRMED.value) if not order.stop]
    walk.hospital.line.cut()
    wait(lambda: not cook.door.standing().live, what="the wall does not notice that the line is cut")
    began, pressed = time.perf_counter(), 0
    done: list[str] = []
    for order in waiting:
        if len(done) < 2 and not cook.refusal(StartCooking(order_id=order.id)):
            cook.press(MarkReady(order_id=order.id))
            done.append(order.number)
            pressed += 2
    passed = (time.perf_counter() - began) * 1_000
    _must(len(done) == 2, f"only {done} could be cooked")
    _must(cook.door.standing().waiting == pressed, f"{cook.door.standing().waiting} wait, {pressed} were pressed")
    walk.noted["offline"] = " ".join(done)
    return passed


def killed_in_the_middle(walk: Walk) -> float:
    """Meanwhile the server is killed with SIGKILL, and so is a console in the middle of its presses:
    nothing saved is lost."""
    walk.hospital.kill_server()
    walk.close_console("kitchen")
    said = _press_until_killed(walk)
    store = open_device(walk.hospital.homes["kitchen"])
    try:
        with store.reading() as connection:
            kept = {bytes(row.op_id).hex() for row in queue.queue_listing(connection, 100_000)}
    finally:
        store.close()
    lost = [op_id for op_id in said if op_id not in kept]
    _must(not lost, f"{len(lost)} of {len(said)} saved acts are gone")
    walk.noted["pressed"] = str(len(said))
    return 0.0


def everything_arrives(walk: Walk) -> float:
    """Server and network come back: the queues drain by themselves, and the centre shows each step of the two meals."""
    walk.hospital.start_server()
    walk.hospital.line.join()
    began = time.perf_counter()
    walk.at("kitchen").wait_until_sent()
    passed = (time.perf_counter() - began) * 1_000
    for number in walk.noted["offline"].split():
        order = walk.on_server(Order, number=number)[0]
        _must(order.state == OrderState.READY, f"{number} is {order.state} at the centre")
    return passed


def one_bed_two_consoles(walk: Walk) -> float:
    """Two consoles give one bed away while cut off: one patient has it, the other's nurse is told who,
    nobody is dropped."""
    nurse = walk.at("nurse")
    doctor = walk.at("clinical")
    bed = _free_bed(walk)
    walk.hospital.line.cut()
    for hands, stay_id in ((nurse, "demo-first"), (doctor, "demo-second")):
        hands.press(OpenStay(stay_id=stay_id, ward_id="A", full_name=f"Practice {stay_id}"))
        hands.press(AssignBed(stay_id=stay_id, bed_id=bed))
    walk.hospital.line.join()
    began = time.perf_counter()
    nurse.wait_until_sent()
    doctor.wait_until_sent()
    wait(lambda: _told(nurse, "bed_taken") or _told(doctor, "bed_taken") or None, what="nobody was told about the bed")
    passed = (time.perf_counter() - began) * 1_000
    lying = walk.on_server(Stay, bed_id=bed)
    _must(len(lying) == 1, f"{len(lying)} patients in {bed}")
    admitted = [stay for stay in walk.on_server(Stay) if stay.id in ("demo-first", "demo-second")]
    _must(len(admitted) == 2, "a patient was dropped")
    return passed


def delivered_after_cancel(walk: Walk) -> float:
    """A meal is taken back and cancelled while its runner, cut off, gives it: both are kept,
    and a case opens for a person."""
    nurse, kitchen, runner = walk.at("nurse"), walk.at("kitchen"), walk.at("ward")
    number = walk.noted["offline"].split()[0]
    runner.wait_for_state(number, OrderState.READY)
    order = _order(walk, "ward", number)
    walk.hospital.line.cut()
    tray = runner.tray(order)
    assert tray is not None, "a meal that is ready has a tray"
    runner.press(TakeOut(order_id=order.id, tray_id=tray.id))
    runner.press(GiveTray(order_id=order.id, tray_id=tray.id, wristband=order.stay_id, proof="signature"))
    walk.close_console("ward")
    walk.hospital.line.join()
    kitchen.press(TakeBack(order_id=order.id, step="ready"))
    nurse.wait_for_state(number, OrderState.COOKING)
    nurse.press(CancelOrder(order_id=order.id, reason="changed their mind"))
    nurse.wait_until_sent()
    walk.at("ward").wait_until_sent()
    cases, passed = wait(lambda: _cases(walk, "delivered_after_cancel", order), what="no case: delivered after cancel")
    _must(walk.on_server(Order, id=order.id)[0].state == OrderState.CANCELLED, "the order did not stay cancelled")
    _must(len(walk.on_server(HandOver, order_id=order.id)) == 1, "the hand-over was not kept")
    return passed if cases else 0.0


def nil_by_mouth_at_the_bed(walk: Walk) -> float:
    """A doctor writes nil by mouth while the tray is on its way: the hand-over is refused at the press,
    and no act exists."""
    doctor, runner = walk.at("clinical"), walk.at("ward")
    stay = doctor.stay_in(ON_THE_WAY)
    order = next(o for o in runner.rows(Order, stay_id=stay.id) if o.state == OrderState.OUT)
    began = time.perf_counter()
    doctor.press(StartNilByMouth(stay_id=stay.id, reason="doctor"))
    wait(lambda: (runner.order(order.number) or order).stop, what="the handheld does not hear of the stop")
    passed = (time.perf_counter() - began) * 1_000
    before = runner.door.read(lambda db: len(queue.queue_listing(db, 10_000)))
    tray = runner.tray(order)
    assert tray is not None, "a meal on its way has a tray"
    code = runner.refusal(GiveTray(order_id=order.id, tray_id=tray.id, wristband=stay.id, proof="signature"))
    _must(code in ("meal_blocked", "stop_not_seen", "stopped"), f"the tray was given: {code!r}")
    after = runner.door.read(lambda db: queue.queue_listing(db, 10_000))
    made = [row.kind for row in after[: len(after) - before]]
    _must("delivery.give_tray" not in made, "an act exists")
    runner.press(ReportIssue(order_id=order.id, code="nil_by_mouth"))
    return passed


def verdicts_are_seen(walk: Walk) -> float:
    """Whatever went another way than pressed is shown to the one who pressed and to the supervisor,
    until it is read."""
    unread = walk.on_server(UnreadOutcome)
    _must(bool(unread), "no verdict to read")
    for outcome in unread:
        _must(bool(outcome.actor_id) and bool(outcome.supervisor_id), f"{outcome.code} has no reader")
    began = time.perf_counter()
    for name in list(walk.people):
        hands = walk.people[name]
        for mine in [o for o in unread if o.actor_id == hands.person_id and o.acknowledged_at is None]:
            wait(lambda h=hands, m=mine: h.row(UnreadOutcome, id=m.id), what=f"{mine.code} is not on {name}")  # type: ignore[misc]
            hands.door.acknowledge(mine.id)
    return (time.perf_counter() - began) * 1_000


def nothing_lost(walk: Walk) -> float:
    """Every act in every console's own store is in the centre's log, once: none lost, none done twice, none waiting."""
    for hands in list(walk.people.values()):
        hands.wait_until_sent()
    counted, passed = wait(lambda: _all_settled(walk), what=walk.counted().sentence)
    _must(counted.is_well, counted.sentence)
    print(f"    {counted.sentence}")
    return passed


JOINT = (
    server_up,
    consoles_linked,
    page_shows_verdicts,
    order_on_wall,
    cooked_on_phone,
    given_and_paid,
    works_while_cut,
    killed_in_the_middle,
    everything_arrives,
    one_bed_two_consoles,
    delivered_after_cancel,
    nil_by_mouth_at_the_bed,
    verdicts_are_seen,
    nothing_lost,
)


# -- what several steps do ------------------------------------------------------------------------------------------


def order_by_phone(walk: Walk, phone: Phone, *dishes: str, method: str) -> str:
    """Fills the cart and orders; the number on the page."""
    for dish in dishes:
        phone.open("/patient/menu?kind=all")
        phone.send(lambda _, button, dish=dish: button.name == "line" and f"/{dish}/" in button.value)  # type: ignore[misc]
    phone.open("/patient/cart")
    ways = [link for link in phone.page.links if link.startswith("/patient/checkout/")]
    _must(bool(ways), f"no way to pay: {phone.page.text[:300]}")
    phone.open(ways[0])
    phone.send(lambda form, button: "op_id" in form.fields and "sum" in form.fields, method=method)
    found = NUMBER.search(phone.page.text)
    if found is None:
        raise Unseen(f"no order number: {phone.page.text[:300]}")
    return found[1]


def carry_and_give(walk: Walk, number: str) -> float:
    """From the pass to the bed; ms until the kitchen shows it as given."""
    runner = walk.at("ward")
    runner.wait_for_state(number, OrderState.READY)
    order = _order(walk, "ward", number)
    tray, _ = wait(lambda: runner.tray(order), what="no tray")
    runner.press(TakeOut(order_id=order.id, tray_id=tray.id))
    runner.press(GiveTray(order_id=order.id, tray_id=tray.id, wristband=order.stay_id, proof="signature"))
    return walk.at("kitchen").wait_for_state(number, OrderState.DELIVERED)


def _order(walk: Walk, console: str, number: str) -> Order:
    order, _ = wait(lambda: walk.at(console).order(number), what=f"{number} is not on {console}")
    return order


def _press_until_killed(walk: Walk) -> list[str]:
    """The ids that a console had printed when it was killed: the acts whose press had returned."""
    hand = subprocess.Popen(
        [sys.executable, "-m", "admin_cli.demo.hand", "cook_2", pin_of("cook_2")],
        stdout=subprocess.PIPE,
        text=True,
        env=walk.hospital.environment_of("kitchen"),
    )
    assert hand.stdout is not None
    said = [hand.stdout.readline().strip()]
    time.sleep(HAND_SECONDS)
    hand.kill()
    said += hand.stdout.read().split()
    hand.wait()
    _must(len(said) > 5, f"the hand pressed {len(said)} times only")
    return [op_id for op_id in said if len(op_id) == 32]


def _free_bed(walk: Walk) -> str:
    taken = {stay.bed_id for stay in walk.on_server(Stay) if stay.closed_at is None}
    beds = [bed.id for bed in walk.on_server(Bed, ward_id="A", state="in_use") if bed.id not in taken]
    return beds[0]


def _told(hands: Hands, code: str) -> list[UnreadOutcome]:
    return [row for row in hands.rows(UnreadOutcome) if row.code == code]


def _cases(walk: Walk, code: str, order: Order) -> list[Case] | None:
    return [case for case in walk.on_server(Case, order_id=order.id) if case.code == code] or None


def _all_settled(walk: Walk) -> Counted | None:
    counted = walk.counted()
    return counted if counted.waiting == 0 else None


def _must(seen: bool, why: str) -> None:
    if not seen:
        raise Unseen(why)
