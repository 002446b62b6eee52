"""N17: no meal that is forbidden reaches a bed unless somebody has signed for it, and what changes is told in time.

Measured by the book that is kept outside (`food_book`), not by the rules that the product judges by.
"""

from __future__ import annotations

from typing import Any

from core.delivery.commands import GiveTray
from core.kernel.message import Command
from core.orders.held import SubstituteDish
from sync.protocol import APPLIED
from sync.simulation.disk import VirtualStore
from sync.simulation.food_book import Book, Meal
from sync.simulation.journal import Broken, Journal
from sync.simulation.meals import UNDECIDED, Patient, Reason, forbidden, patient_of_row
from sync.simulation.replica import Judgement
from sync.simulation.views import row_held

WAITING = ("confirmed", "held")
BEING_MADE = ("cooking", "kitchen_issue", "ready", "out")
TOWARDS_THE_BED = ("cooking", "ready", "out")
AT_THE_BED = ("delivered", "handed_to_nurse")
TOLD = ("given_against_rules", "eaten_against_rules")
MOST_SWEPT = 20  # what the product judges at once when a dish changes; the rest waits for its next step or the clock
BY_THE_MENU = ("component", "texture", "fluid")  # of a dish, and the same on every day
JUDGED_AT_THE_PRESS = ("orders.start_cooking", "orders.mark_ready", "delivery.take_out", "delivery.give_tray")
HOURS = (0, 3_600_000, 5 * 3_600_000, 20 * 3_600_000)


def check_act(journal: Journal, book: Book, act: Judgement, command: Command | None) -> None:
    """Takes an act into the book, and looks at every meal and patient it has touched."""
    journal.check("N17")
    changed = book.take(act, command)
    for stay_id in sorted(changed):
        for meal in book.open_meals(stay_id):
            told_at_once(book, meal, act)
    dishes = {key[1] for key, _ in act.changes if key[0] == "dish_facts"}
    meals = [meal for meal in book.meals.values() if any(dish in dishes for dish, _ in meal.dishes)] if dishes else []
    if len(meals) <= MOST_SWEPT:
        for meal in meals:
            told_at_once(book, meal, act)
    for (table, row_id), version in act.changes:
        row: Any = version.row
        if row is None:
            continue
        if table == "order" and row.version == 1:
            accepted_only_when_allowed(book, book.meals[row_id], act)
        elif table == "order_line" and act.kind == SubstituteDish.name:
            told_at_once(book, book.meals[row.order_id], act)
        elif table == "order_move" and row.version == 1:
            went_on(journal, book, book.meals[row.order_id], act, command, row.to_state)
        elif table == "diet_profile":
            profile_says_what_was_said(book, row, act)


def accepted_only_when_allowed(book: Book, meal: Meal, act: Judgement) -> None:
    """What conflicts when it is accepted waits for somebody, or is no order."""
    why = book.forbidden(meal, at=book.served_at(meal, act.at))
    if why and meal.order.state != "held":
        raise Broken("N17", f"{meal.order.number} was accepted as {meal.order.state} against {_words(why)}")


def told_at_once(book: Book, meal: Meal, act: Judgement) -> None:
    """R14: whatever the new rules forbid is held or stopped by the act that changed them."""
    order = meal.order
    if order.state not in (*WAITING, *BEING_MADE):
        return
    why = book.forbidden(meal, at=book.served_at(meal, act.at))
    if not why:
        return
    if order.state == "confirmed" or (order.state in BEING_MADE and not order.stop):
        raise Broken("N17", f"{order.number} goes on as {order.state} after {act.kind} forbade it: {_words(why)}")


def went_on(journal: Journal, book: Book, meal: Meal, act: Judgement, command: Command | None, to: str) -> None:
    """A step of a forbidden meal is never a simple step: it is stopped before anybody can call it ready,
    and at the bed only a signature, or a case that somebody looks at, explains it."""
    at_the_bed = to in AT_THE_BED
    if not at_the_bed and to not in TOWARDS_THE_BED:
        return
    journal.check("N17 at a step")
    why = book.forbidden(meal, at=act.at if at_the_bed else book.served_at(meal, act.at))
    if not why:
        journal.count("N17: allowed steps")
        return
    cases = {version.row.code for (table, _), version in act.changes if table == "case" and version.row is not None}  # type: ignore[attr-defined]  # a case
    if at_the_bed:
        if isinstance(command, GiveTray) and command.nurse_id and {code for _, code in why} <= UNDECIDED:
            journal.count("N17: decided by a nurse at the bed")
        elif act.outcome == APPLIED or cases.isdisjoint(TOLD):
            raise Broken("N17", f"{meal.order.number} was given against {_words(why)}: {act.outcome} {sorted(cases)}")
        else:
            journal.count("N17: given against rules that came later, and told")
    elif meal.order.state in BEING_MADE and not meal.order.stop:
        raise Broken("N17", f"{meal.order.number} is {to} against {_words(why)} and nobody stops it")
    else:
        journal.count("N17: steps that were stopped")


def profile_says_what_was_said(book: Book, profile: Any, act: Judgement) -> None:
    """What wards and kitchens get of a patient is what was said of them, now and in the hours to come."""
    patient, told = book.patients.get(profile.id, Patient()), patient_of_row(profile)
    for hours in HOURS:
        instant = act.at + hours
        ours, theirs = _standing(patient, instant), _standing(told, instant)
        if ours != theirs:
            raise Broken("N17", f"{profile.id} at {act.seq}, in {hours // 3_600_000} h: {ours}, its profile: {theirs}")


def _standing(patient: Patient, instant: int) -> tuple[object, ...]:
    diets = patient.diets_at(instant)
    return (
        sorted(patient.against_eating(instant)),
        sorted(patient.substances),
        sorted((sorted(one.components), one.food, one.fluid, sorted(one.limits.items())) for one in diets),
        patient.is_protected_at(instant),
    )


# -- where it is pressed ----------------------------------------------------------------------------------------------


def pressed_within_the_rules(journal: Journal, book: Book, store: VirtualStore, command: Any, op_id: bytes) -> None:
    """At a press: what this console holds of the patient and the dishes lets the meal go on, whatever is newer
    elsewhere. Recipes change on a simulated day, so what is inside a dish is read from what the console holds."""
    order: Any = row_held(store, "order", command.order_id)
    profile = row_held(store, "diet_profile", order.stay_id) if order is not None else None
    if profile is None:
        return
    journal.check("N17 at a press")
    at_the_bed = isinstance(command, GiveTray)
    made_at = int(store.look("SELECT made_at FROM op WHERE op_id = ?", op_id)[0][0])
    served = made_at if at_the_bed else max(made_at, book.dispatch[order.service_id])
    patient = patient_of_row(profile)
    lines = store.look("SELECT dish_id, halves FROM order_line WHERE order_id = ? ORDER BY id", order.id)
    why = {
        (dish, code)
        for dish, code in forbidden(patient, book.kitchen, lines, (), served)
        if not dish or code in BY_THE_MENU
    }
    why |= {(dish, "allergy") for dish, _ in lines if _holds_an_allergen(store, patient, dish)}
    if at_the_bed and command.nurse_id and {code for _, code in why} <= UNDECIDED:
        return
    if why:
        raise Broken("N17", f"{command.name} of {order.number} was let through against {_words(why)}")


def _holds_an_allergen(store: VirtualStore, patient: Patient, dish: str) -> bool:
    facts: Any = row_held(store, "dish_facts", dish)
    inside = {*facts.allergens.split(), *facts.may_contain.split(), *facts.ingredients.split()}
    signed = any(leave.dish == dish and "allergy" in leave.codes for leave in patient.leaves.values())
    return not signed and not patient.substances.isdisjoint(inside)


def _words(why: set[Reason]) -> str:
    return ", ".join(f"{dish} {code}".strip() for dish, code in sorted(why))
