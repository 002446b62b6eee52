"""The meal in full swing: what was ordered, cooked, carried and given until now, and what was tried in vain."""

from __future__ import annotations

from collections.abc import Mapping

from core.delivery.commands import GiveTray, TakeOut
from core.kernel.values import MINUTE_MS
from core.menu.commands import MarkOutOfStock
from core.orders.attempts import Ordered
from core.orders.commands import MarkReady, StartCooking, TickLine
from core.orders.placing import CancelOrder, PlaceOrder
from core.payments.commands import TakeCash
from core.store.demo import pages
from core.store.demo.hours import Hours
from core.store.demo.script import Deed, Script
from core.store.demo.stays import Guest
from core.wards.commands import AssignBed

FIRST_NUMBER = 393
CARRIED_MINUTES = 6  # from the kitchen's door to the bed
WAITED_MINUTES = 3  # a ready tray, for its cart
COOKED_MINUTES = 9
COOKS = ("cook_1", "cook_2", "cook_3")
RUNNERS: Mapping[str, str] = {"A": "runner_1", "EM": "runner_1", "B": "runner_2", "ICU": "runner_2"}
THE_WARD_ORDERS = ("ICU", "EM")  # for patients who cannot order themselves
LINES_FROM = 3  # of the rows an order makes: itself, its first move, then its lines
TRAY_OF_READY = 2  # of the rows a ready meal makes: its move, then its tray


def serve(script: Script, swing: Hours, guests: Mapping[str, Guest]) -> None:
    """Orders get their numbers in the sequence they are placed."""
    placed = sorted(pages.orders(), key=lambda order: -order["minutes_ago"])
    for count, order in enumerate(placed):
        guest = guests[order["patient"]]
        number = number_of(swing, FIRST_NUMBER + count)
        at = script.ago(order["minutes_ago"])
        meal = place(script, swing, guest, order, number, at=at)
        _live(script, guest, order, meal, cook_id=COOKS[count % len(COOKS)])
    _try_in_vain(script, swing, guests)


def number_of(hours: Hours, count: int) -> str:
    """`L-0412`: the meal's letter and a count within it."""
    return f"{hours.meal[0].upper()}-{count:04}"


def place(script: Script, hours: Hours, guest: Guest, order: pages.Page, number: str, *, at: int) -> Deed:
    wanted = PlaceOrder(
        stay_id=guest.stay_id,
        service_id=hours.service_id,
        number=number,
        lines=tuple(Ordered(dish_id=line["dish"], halves=line["halves"]) for line in order["lines"]),
        wish=order["wish"],
        method=order["payment"],
    )
    if guest.ward_id in THE_WARD_ORDERS:
        return script.by_staff(at, guest.nurse_id, wanted)
    return script.by_patient(at, guest.patient_id, guest.stay_id, wanted)


def _live(script: Script, guest: Guest, order: pages.Page, meal: Deed, *, cook_id: str) -> None:
    """The steps up to the state where the order is now, told back from when it got there."""
    order_id, state = meal.made(1), order["state"]
    at = script.ago(order["state_minutes_ago"])
    if state == "cancelled":
        cancel = CancelOrder(order_id=order_id, reason=order["reason"])
        script.by_patient(at, guest.patient_id, guest.stay_id, cancel)
    if state == "cooking":
        _cook(script, order, meal, cook_id, at)
    if state == "ready":
        make_ready(script, order, meal, cook_id, at)
    if state == "out":
        ready = make_ready(script, order, meal, cook_id, at - WAITED_MINUTES * MINUTE_MS)
        carry(script, guest, meal, ready, at)
    if state == "delivered":
        out_at = at - CARRIED_MINUTES * MINUTE_MS
        ready = make_ready(script, order, meal, cook_id, out_at - WAITED_MINUTES * MINUTE_MS)
        carry(script, guest, meal, ready, out_at)
        give(script, guest, order, meal, ready, at)


def _cook(script: Script, order: pages.Page, meal: Deed, cook_id: str, at: int) -> None:
    """On the stove; of several dishes the first is on the tray already."""
    script.by_staff(at, cook_id, StartCooking(order_id=meal.made(1)))
    if len(order["lines"]) > 1:
        script.by_staff(at + MINUTE_MS, cook_id, TickLine(line_id=meal.made(LINES_FROM)))


def make_ready(script: Script, order: pages.Page, meal: Deed, cook_id: str, at: int) -> Deed:
    script.by_staff(at - COOKED_MINUTES * MINUTE_MS, cook_id, StartCooking(order_id=meal.made(1)))
    for line in range(len(order["lines"])):
        script.by_staff(at - MINUTE_MS, cook_id, TickLine(line_id=meal.made(LINES_FROM + line)))
    return script.by_staff(at, cook_id, MarkReady(order_id=meal.made(1)))


def carry(script: Script, guest: Guest, meal: Deed, ready: Deed, at: int) -> None:
    load = TakeOut(order_id=meal.made(1), tray_id=ready.made(TRAY_OF_READY))
    script.by_staff(at, RUNNERS[guest.ward_id], load)


def give(script: Script, guest: Guest, order: pages.Page, meal: Deed, ready: Deed, at: int) -> None:
    runner_id = RUNNERS[guest.ward_id]
    hand_over = GiveTray(
        order_id=meal.made(1),
        tray_id=ready.made(TRAY_OF_READY),
        wristband=guest.stay_id,
        proof="signature",
    )
    script.by_staff(at, runner_id, hand_over)
    if order["payment"] == "cash":
        script.by_staff(at, runner_id, TakeCash(order_id=meal.made(1), francs=_price(order)))


def _price(order: pages.Page) -> int:
    prices = {dish["code"]: int(dish["price_francs"]) for dish in pages.dishes()}
    return sum((prices[line["dish"]] * line["halves"] + 1) // 2 for line in order["lines"])


def _try_in_vain(script: Script, swing: Hours, guests: Mapping[str, Guest]) -> None:
    """The nutritionist's, the nurse's and the kitchen's share of trouble."""
    for count, tried in enumerate(pages.troubles("attempt"), start=1):
        guest = guests[tried["patient"]]
        wanted = PlaceOrder(
            stay_id=guest.stay_id,
            service_id=swing.service_id,
            number=number_of(swing, FIRST_NUMBER - count),
            lines=(Ordered(dish_id=tried["dish"]),),
        )
        at = script.ago(tried["minutes_ago"])
        script.by_patient(at, guest.patient_id, guest.stay_id, wanted, refused="meal_blocked")
    for wish in pages.troubles("refused"):
        bed = AssignBed(stay_id=guests[wish["patient"]].stay_id, bed_id=wish["bed"])
        script.by_staff(script.ago(wish["minutes_ago"]), wish["by"], bed, refused="bed_closed")
    for gone in pages.troubles("out_of_stock"):
        ran_out = MarkOutOfStock(dish_id=gone["dish"])
        script.by_staff(script.ago(gone["minutes_ago"]), gone["by"], ran_out)
