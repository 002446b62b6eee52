"""A patient's card: what holds when, today's meals with their verdicts, what may still be had, and who wrote what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from core.care.services import day_around
from core.diets.flags import Flag, flags_of
from core.diets.model import Allergy, DietAttempt, DietProfile, TrayHold, Verification
from core.diets.profile import Period, periods_of, standing
from core.diets.queries import allergies_of, attempts_of, holds_of
from core.diets.rules import amounts, judge_lines, thresholds_of
from core.diets.verdict import Reason, Verdict
from core.kernel.found import held
from core.kernel.refusal import Refusal, Unknown
from core.kernel.tx import Tx
from core.menu.model import Dish, Service
from core.orders.model import Order
from core.orders.queries import Meal, meals_of_stay
from core.orders.rules import BEING_MADE, NOT_EATEN, day_of, verdict_on
from core.people.model import Person
from core.wards.model import LabelIdentity, Stay, Ward

MOST_ATTEMPTS = 5
COUNTING = (Verification.UNCONFIRMED.value, Verification.CONFIRMED.value)


@dataclass(frozen=True, slots=True)
class MealOfDay:
    """One service of the day, and what this patient has of it. No order: the verdict is on the patient alone.

    fasted: nothing by mouth was in force when it was served.
    """

    service: Service
    order: Order | None
    dishes: tuple[tuple[str, int], ...]  # name, halves
    verdict: Verdict
    fasted: bool = False

    @property
    def is_over(self) -> bool:
        return self.order is not None and not self.order.is_open


@dataclass(frozen=True, slots=True)
class Left:
    """What may still be had of a nutrient today; None: something that was ordered is not known."""

    nutrient: str
    most: int
    left: int | None


@dataclass(frozen=True, slots=True)
class Change:
    """The newest change of what may be eaten: `what` is a period, an allergy or a hold, told by the screen."""

    at: int
    by: str
    what: Period | Allergy | None


@dataclass(frozen=True, slots=True)
class Card:
    """Everything of one patient that this console holds. flags: what the patient brings; allergies apart."""

    stay: Stay
    ward: Ward | None
    profile: DietProfile
    at: int
    rules_age: int
    born: str  # 1974-04-12, "" where it is not held
    flags: tuple[Flag, ...]
    allergies: tuple[Allergy, ...]
    periods: tuple[Period, ...]
    holds: tuple[TrayHold, ...]
    meals: tuple[MealOfDay, ...]
    left: tuple[Left, ...]
    attempts: tuple[DietAttempt, ...]
    dish_names: dict[str, str]
    people: dict[str, str]
    change: Change

    @property
    def counting(self) -> tuple[Allergy, ...]:
        """Allergies that forbid something."""
        return tuple(one for one in self.allergies if one.verification in COUNTING)

    @property
    def next_meal(self) -> MealOfDay | None:
        """The order that is judged next; else the next service."""
        open_ones = [meal for meal in self.meals if meal.order is not None and meal.order.is_open]
        coming = [meal for meal in self.meals if meal.service.ends_at > self.at]
        return next(iter([*open_ones, *coming]), None)


def card_of(tx: Tx, db: Connection, stay_id: str, *, language: str) -> Card | None:
    """The card, as of the transaction's instant; None when this console does not hold the patient (any more)."""
    stay, profile = held(tx, Stay, stay_id), held(tx, DietProfile, stay_id)
    if stay is None or profile is None:
        return None
    ordered = meals_of_stay(db, stay_id)
    services = day_around(db, tx.at, kitchen_id=stay.kitchen_id)
    allergies, holds = allergies_of(db, stay_id), holds_of(db, stay_id)
    periods = periods_of(profile.periods)
    identity = held(tx, LabelIdentity, stay_id)
    attempts = attempts_of(db, stay_id, limit=MOST_ATTEMPTS)
    names = _dish_names(tx, [*(line.dish_id for meal in ordered for line in meal.lines), *_tried(attempts)], language)
    people = [profile.changed_by, *(one.recorded_by for one in allergies), *(one.by for one in periods)]
    return Card(
        stay=stay,
        ward=held(tx, Ward, stay.ward_id),
        profile=profile,
        at=tx.at,
        rules_age=tx.rules_age,
        born=identity.birth_date if identity is not None else "",
        flags=_flags(tx, profile),
        allergies=tuple(allergies),
        periods=periods,
        holds=tuple(holds),
        meals=tuple(_meals(tx, profile, services, ordered, names)),
        left=tuple(_left(tx, profile, ordered, services)),
        attempts=tuple(attempts),
        dish_names=names,
        people=_people(tx, [*people, *(one.by for one in attempts), *(one.held_by for one in holds)]),
        change=_change(profile, periods, allergies),
    )


def _flags(tx: Tx, profile: DietProfile) -> tuple[Flag, ...]:
    return flags_of(profile, serve_at=tx.at, at=tx.at, rules_age=tx.rules_age, thresholds=thresholds_of(tx))


def _meals(
    tx: Tx, profile: DietProfile, services: Iterable[Service], ordered: list[Meal], names: dict[str, str]
) -> Iterable[MealOfDay]:
    for service in services:
        mine = [meal for meal in ordered if meal.order.service_id == service.id]
        meal = next((one for one in mine if one.order.state not in NOT_EATEN), mine[0] if mine else None)
        if meal is None:
            found = judge_lines(tx, stay_id=profile.id, lines=(), serve_at=service.dispatch_at)
            fasted = standing(profile.periods, service.dispatch_at).fasting is not None
            yield MealOfDay(service, None, (), found, fasted=fasted)
            continue
        dishes = tuple((names.get(line.dish_id, line.dish_id), line.halves) for line in meal.lines)
        yield MealOfDay(service, meal.order, dishes, ruling(tx, meal.order))


def ruling(tx: Tx, order: Order) -> Verdict:
    """The newest rules on an order; of one that is being made or carried, what can harm."""
    try:
        found = verdict_on(tx, order)
    except (Refusal, Unknown):
        return Verdict((Reason("not_known_here"),))
    return found.safety if order.state in BEING_MADE else found


def _left(tx: Tx, profile: DietProfile, ordered: list[Meal], services: list[Service]) -> Iterable[Left]:
    """Only where a limit stands; of the hospital day that is shown."""
    limits = standing(profile.periods, tx.at).limits
    if not limits or not services:
        return
    day = services[0].day
    today = [one for one in ordered if day_of(one.order.service_id) == day and one.order.state not in NOT_EATEN]
    used = amounts(tx, [line for meal in today for line in meal.dishes])
    for nutrient, most in limits:
        so_far = used.get(nutrient)
        yield Left(nutrient, most, None if so_far is None else most - so_far)


def _change(profile: DietProfile, periods: tuple[Period, ...], allergies: list[Allergy]) -> Change:
    """What the profile's newest version is about, as far as its rows tell: the newest of them by the same hand."""
    news: list[tuple[int, Period | Allergy]] = [(one.at, one) for one in periods]
    news += [(one.withdrawn_at or one.recorded_at, one) for one in allergies]
    newest = max(news, key=_at, default=None)
    return Change(profile.changed_at, profile.changed_by, newest[1] if newest is not None else None)


def _at(news: tuple[int, Period | Allergy]) -> int:
    return news[0]


def _tried(attempts: Iterable[DietAttempt]) -> Iterable[str]:
    return (one.dish_id for one in attempts if one.dish_id)


def _dish_names(tx: Tx, dish_ids: Iterable[str], language: str) -> dict[str, str]:
    found = ((dish_id, held(tx, Dish, dish_id)) for dish_id in dict.fromkeys(dish_ids))
    return {dish_id: dish.kitchen_name(language) for dish_id, dish in found if dish is not None}


def _people(tx: Tx, ids: Iterable[str]) -> dict[str, str]:
    found = ((person_id, held(tx, Person, person_id)) for person_id in dict.fromkeys(ids) if person_id)
    return {person_id: person.display for person_id, person in found if person is not None}
