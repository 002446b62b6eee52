"""A busy lunch hour through the real doors: patients order on pages, hands cook and carry where no person does."""

from __future__ import annotations

import contextlib
import random
import threading
from collections.abc import Callable

from admin_cli.demo.hands import Hands, rows_of
from admin_cli.demo.phone import Button, Form, Phone
from core.delivery.commands import GiveTray, TakeOut
from core.delivery.model import Tray
from core.kernel.refusal import Refusal
from core.orders.commands import MarkReady, StartCooking, TickLine
from core.orders.model import Order, OrderState

PACE_SECONDS = 0.6  # ten times as fast as a lunch hour of a hundred meals
GIVEN_AFTER_TICKS = 4


class BusyHour:
    """One thread; at every tick somebody orders, cooks, carries. `hands` gives whoever no person replaces."""

    def __init__(self, hands: Callable[[str], Hands | None], phones: Callable[[], Phone | None], seed: int = 1) -> None:
        self._hands, self._phones = hands, phones
        self._chance = random.Random(seed)  # noqa: S311 - a play, not a secret
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="demo-busy", daemon=True)
        self.ordered = self.cooked = self.given = 0
        self._thread.start()

    @property
    def is_running(self) -> bool:
        return self._thread.is_alive()

    def stop(self) -> None:
        self._ending.set()
        self._thread.join(30.0)

    def _run(self) -> None:
        while not self._ending.wait(PACE_SECONDS):
            for play in (self._order, self._cook, self._carry):
                with contextlib.suppress(Refusal, LookupError, OSError, TimeoutError):
                    play()  # whoever is refused tries something else in the next tick

    def _order(self) -> None:
        phone = self._phones()
        if phone is None:
            return
        phone.open("/patient/menu?kind=all")
        phone.send(self._some_allowed_dish())
        phone.open("/patient/cart")
        ways = [link for link in phone.page.links if link.startswith("/patient/checkout/")]
        if ways:
            phone.open(ways[0])
            phone.send(lambda form, _: "sum" in form.fields, method=self._chance.choice(("cash", "account")))
            self.ordered += 1

    def _some_allowed_dish(self) -> Callable[[Form, Button], bool]:
        skip = self._chance.randrange(6)
        seen = 0

        def chooses(_: Form, button: Button) -> bool:
            nonlocal seen
            if button.name != "line" or not button.words.startswith("Add to cart"):
                return False
            seen += 1
            return seen > skip

        return chooses

    def _cook(self) -> None:
        cook = self._hands("kitchen")
        if cook is None:
            return
        for order in cook.rows(Order, state=OrderState.COOKING.value)[:2]:
            if not order.stop and cook.door.now() - order.state_at > 2_000:
                for line in cook.lines(order):
                    cook.press(TickLine(line_id=line.id))
                cook.press(MarkReady(order_id=order.id))
                self.cooked += 1
        for order in sorted(cook.rows(Order, state=OrderState.CONFIRMED.value), key=lambda one: one.placed_at)[:2]:
            cook.refusal(StartCooking(order_id=order.id))

    def _carry(self) -> None:
        runner = self._hands("ward")
        if runner is None:
            return
        for order in runner.rows(Order, state=OrderState.OUT.value):
            if not order.stop and runner.door.now() - order.state_at > GIVEN_AFTER_TICKS * 1_000:
                tray = _tray(runner, order)
                runner.press(
                    GiveTray(
                        order_id=order.id, tray_id=tray.id if tray else "", wristband=order.stay_id, proof="signature"
                    )
                )
                self.given += 1
                break
        for order in runner.rows(Order, state=OrderState.READY.value)[:2]:
            tray = _tray(runner, order)
            runner.refusal(TakeOut(order_id=order.id, tray_id=tray.id if tray else ""))


def _tray(hands: Hands, order: Order) -> Tray | None:
    trays = hands.door.read(lambda db: rows_of(db, Tray, order_id=order.id))
    return max(trays, key=lambda tray: tray.number) if trays else None
