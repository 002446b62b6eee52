"""Yesterday's dinner, from the first order to the last empty tray: what a day's report is made of."""

from __future__ import annotations

from collections.abc import Mapping

from core.delivery.commands import CollectTray
from core.kernel.values import MINUTE_MS
from core.store.demo import meals, pages
from core.store.demo.hours import Hours, around, day_text, midnight
from core.store.demo.script import Script
from core.store.demo.stays import Guest

MEAL = "dinner"
ORDERED_APART_MINUTES = 3
READY_BEFORE_MINUTES = 4  # the cart leaves
GIVEN_AFTER_MINUTES = 5  # the first tray; the others a minute later each
EATEN_MINUTES = 40
SETTLED_MINUTES = 60  # after admission nobody orders yet


def serve(script: Script, guests: Mapping[str, Guest]) -> None:
    """Whoever lay here then ate what they eat today."""
    hours = _dinner(script.now)
    eaters = [order for order in pages.orders() if _was_settled(script, guests[order["patient"]], hours)]
    for place, order in enumerate(eaters):
        _eat(script, hours, guests[order["patient"]], order, place)


def _dinner(now: int) -> Hours:
    day = day_text(midnight(now) - 1)
    return next(hours for hours in around(now) if (hours.day, hours.meal) == (day, MEAL))


def _was_settled(script: Script, guest: Guest, hours: Hours) -> bool:
    admitted = script.ago(guest.written["admitted_minutes_ago"])
    return admitted + SETTLED_MINUTES * MINUTE_MS < hours.opens_at


def _eat(script: Script, hours: Hours, guest: Guest, order: pages.Page, place: int) -> None:
    cook_id = meals.COOKS[place % len(meals.COOKS)]
    ordered_at = hours.opens_at + (1 + place * ORDERED_APART_MINUTES) * MINUTE_MS
    number = meals.number_of(hours, 1 + place)
    meal = meals.place(script, hours, guest, order, number, at=ordered_at)
    ready_at = hours.dispatch_at - READY_BEFORE_MINUTES * MINUTE_MS
    ready = meals.make_ready(script, order, meal, cook_id, ready_at)
    meals.carry(script, guest, meal, ready, hours.dispatch_at)
    given_at = hours.dispatch_at + (GIVEN_AFTER_MINUTES + place) * MINUTE_MS
    meals.give(script, guest, order, meal, ready, given_at)
    empty = CollectTray(order_id=meal.made(1))
    script.by_staff(given_at + EATEN_MINUTES * MINUTE_MS, meals.RUNNERS[guest.ward_id], empty)
