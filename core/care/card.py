"""A patient's card: what holds when, today's meals with their verdicts, what may still be had, and who wrote what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import Connection

from core.care.meals_of_day import day_around, meals_with_default
from core.delivery.compliance import Compliance, compliance, meals_served
from core.diets.flags import Flag, flags_of, named
from core.diets.model import Allergy, Allowance, DietAttempt, DietOrder, DietProfile, TrayHold, Verification
from core.diets.profile import Period, periods_of, standing
from core.diets.queries import allergies_of, allowances_of, attempts_of, holds_of, to_sign
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
MOST_COUNTED = 200
COUNTING = (Verification.UNCONFIRMED.value, Verification.CONFIRMED.value)


@dataclass(frozen=True, slots=True)
class MealOfDay:
    """One service of the day, and what this patient has of it. No order: the verdict is on the patient alone.

    fasted: nothing by mouth was in force when it was served; default_at: when a default tray comes by itself, 0: none.
    """

    service: Service
    order: Order | None
    dishes: tuple[tuple[str, int], ...]  # name, halves
    verdict: Verdict
    fasted: bool = False
    default_at: int = 0

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
class Plan:
    """How many meals followed the rules (R28), of those this console knows. since: the first of them; 0: none.

    tried: attempts that the rules stopped, which are no violations and are told apart.
    """

    kept: Compliance = field(default_factory=Compliance)
    since: int = 0
    tried: int = 0

    @property
    def against(self) -> int:
        return self.kept.served - self.kept.kept


@dataclass(frozen=True, slots=True)
class Change:
    """The newest change of what may be eaten: `what` is a period, an allergy or a hold, told by the screen."""

    at: int
    by: str
    what: Period | Allergy | None


@dataclass(frozen=True, slots=True)
class Card:
    """Everything of one patient that this console holds. flags: what the patient brings; allergies apart.

    waiting: diet orders without a doctor's name; allowed: dishes that somebody allows against the rules now.
    """

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
    waiting: tuple[DietOrder, ...] = ()
    allowed: tuple[Allowance, ...] = ()
    plan: Plan = field(default_factory=Plan)

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
    ordered = [meal for meal in meals_of_stay(db, stay_id) if not meal.order.guest]
    services = day_around(db, tx.at, kitchen_id=stay.kitchen_id)
    allergies, holds = allergies_of(db, stay_id), holds_of(db, stay_id)
    periods = periods_of(profile.periods)
    identity = held(tx, LabelIdentity, stay_id)
    attempts = attempts_of(db, stay_id, limit=MOST_COUNTED)
    waiting = to_sign(db, stay_id=stay_id)
    allowed = [one for one in allowances_of(db, stay_id) if one.ended_at is None and one.until_at > tx.at]
    dishes = [*(line.dish_id for meal in ordered for line in meal.lines), *(one.dish_id for one in allowed)]
    names = _dish_names(tx, [*dishes, *_tried(attempts)], language)
    people = [profile.changed_by, *(one.recorded_by for one in allergies), *(one.by for one in periods)]
    people += [*_who_proposed(waiting), *(by for one in allowed for by in (one.allowed_by, one.second_id))]
    with_default = meals_with_default(db, stay.kitchen_id)
    meals = tuple(_meals(tx, stay, profile, services, ordered, names, with_default))
    known = _people(tx, [*people, *(one.by for one in attempts), *(one.held_by for one in holds)])
    return Card(
        stay=stay,
        ward=held(tx, Ward, stay.ward_id),
        profile=profile,
        at=tx.at,
        rules_age=tx.rules_age,
        born=identity.birth_date if identity is not None else "",
        flags=_flags(tx, profile, meals, known),
        allergies=tuple(allergies),
        periods=periods,
        holds=tuple(holds),
        meals=meals,
        left=tuple(_left(tx, profile, ordered, services)),
        attempts=tuple(attempts[:MOST_ATTEMPTS]),
        dish_names=names,
        people=known,
        change=_change(profile, periods, allergies),
        waiting=tuple(waiting),
        allowed=tuple(allowed),
        plan=_plan(db, stay, tx.at, tried=len(attempts)),
    )


def _flags(tx: Tx, profile: DietProfile, meals: Iterable[MealOfDay], people: dict[str, str]) -> tuple[Flag, ...]:
    """What the patient brings; and that somebody has allowed what is on a meal still to come."""
    ahead = [meal.verdict for meal in meals if meal.order is not None and meal.order.is_open]
    waved = Verdict(overridden=tuple(reason for verdict in ahead for reason in verdict.overridden))
    found = flags_of(
        profile, serve_at=tx.at, at=tx.at, rules_age=tx.rules_age, thresholds=thresholds_of(tx), meal=waved
    )
    return named(found, people)


def _plan(db: Connection, stay: Stay, at: int, *, tried: int) -> Plan:
    served = meals_served(db, stay.id, from_at=stay.opened_at, until_at=at + 1)
    return Plan(compliance(served), served[0].at if served else 0, tried)


def _who_proposed(waiting: Iterable[DietOrder]) -> Iterable[str]:
    return (by for one in waiting for by in (one.ordered_by, one.heard_by, one.drafted_by))


def _meals(
    tx: Tx,
    stay: Stay,
    profile: DietProfile,
    services: Iterable[Service],
    ordered: list[Meal],
    names: dict[str, str],
    with_default: frozenset[str],
) -> Iterable[MealOfDay]:
    for service in services:
        mine = [meal for meal in ordered if meal.order.service_id == service.id]
        meal = next((one for one in mine if one.order.state not in NOT_EATEN), mine[0] if mine else None)
        if meal is None:
            found = judge_lines(tx, stay_id=profile.id, lines=(), serve_at=service.dispatch_at)
            fasted = standing(profile.periods, service.dispatch_at).fasting is not None
            comes = service.meal in with_default and not found.forbids and not stay.is_away_at(service.dispatch_at)
            default_at = service.cut_off_at if comes and service.dispatch_at > tx.at and not mine else 0
            yield MealOfDay(service, None, (), found, fasted=fasted, default_at=default_at)
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
