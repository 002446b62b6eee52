"""The menu as every page of this process sees it: one immutable snapshot,
as old as the rules version that it carries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeVar

from sqlalchemy import Connection, select

from core.diets.model import DietProfile
from core.diets.nutrients import NOTHING_YET, UNKNOWN, Amounts, amounts_of
from core.diets.verdict import Patient, Reason, Thresholds, Verdict, VerdictKind, judge_dish, read
from core.kernel.policy import DEFAULTS, Policy
from core.kernel.values import DAY_MS, MINUTE_MS, codes
from core.menu import queries
from core.menu.model import Dish, DishFacts, Service
from core.menu.substances import MEALS
from core.store.read import as_rows
from core.store.tables import TABLES

CATEGORIES = ("main", "staple", "greens", "side", "soup", "porridge", "fruit", "drink")  # as a meal is put together
KEPT_SERVICES_MS = DAY_MS  # a service that is over longer than this is on no page
T = TypeVar("T")
MOST_LOOKS = 512  # menus of one patient each; then all are forgotten
MOST_CARDS = 8_192  # pieces of pages kept; then all are forgotten and made anew


@dataclass(frozen=True, slots=True)
class Menu:
    """What can be ordered, by the rules of one version. Dishes are in the sequence of the menu."""

    rules_version: int
    dishes: Mapping[str, Dish]
    facts: Mapping[str, DishFacts]
    services: tuple[Service, ...]
    policies: Mapping[str, int]
    meals: Mapping[str, tuple[Dish, ...]]  # what is sold at each

    @property
    def thresholds(self) -> Thresholds:
        return Thresholds(
            no_order_grace=self.policies["no_diet_order_grace_minutes"] * MINUTE_MS,
            rules_hold=self.policies["rules_hold_minutes"] * MINUTE_MS,
        )

    def of_meal(self, meal: str) -> tuple[Dish, ...]:
        """What is sold at a meal; a dish without services is sold at all."""
        return self.meals.get(meal, ())

    def service(self, service_id: str) -> Service | None:
        return next((service for service in self.services if service.id == service_id), None)

    def open_at(self, at: int, kitchen_id: str) -> list[Service]:
        """What a patient of this kitchen may order now, the nearest cut-off first."""
        mine = [service for service in self.services if service.kitchen_id == kitchen_id]
        still = [service for service in mine if service.opens_at <= at < service.cut_off_at]
        return sorted(still, key=lambda service: (service.cut_off_at, service.id))

    def next_at(self, at: int, kitchen_id: str) -> Service | None:
        """What opens next."""
        coming = [s for s in self.services if s.kitchen_id == kitchen_id and s.opens_at > at]
        return min(coming, key=lambda service: (service.opens_at, service.id), default=None)

    def just_closed_at(self, at: int, kitchen_id: str) -> Service | None:
        """What could be ordered a while ago and is not over yet."""
        closed = [s for s in self.services if s.kitchen_id == kitchen_id and s.cut_off_at <= at < s.ends_at]
        return max(closed, key=lambda service: (service.cut_off_at, service.id), default=None)


class MenuShelf:
    """Keeps the newest snapshot, and the pieces of pages made from it. Every page brings the version it has read."""

    def __init__(self) -> None:
        self._menu: Menu | None = None
        self.cards: dict[tuple[object, ...], str] = {}
        self._looks: dict[tuple[object, ...], Any] = {}

    def menu(self, connection: Connection, rules_version: int, at: int) -> Menu:
        """The menu of exactly this version, read in the same transaction as the version itself."""
        kept = self._menu
        if kept is not None and kept.rules_version == rules_version:
            return kept
        fresh = _read(connection, rules_version, at)
        if kept is None or kept.rules_version < rules_version:
            self._menu = fresh
        return fresh

    def look(self, key: tuple[object, ...], make: Callable[[], T]) -> T:
        """What one patient's rules make of the menu. The key holds the version of all that it is made from."""
        kept: T | None = self._looks.get(key)
        if kept is None:
            if len(self._looks) >= MOST_LOOKS:
                self._looks.clear()
            kept = self._looks[key] = make()
        return kept

    def keep_card(self, key: tuple[object, ...], card: str) -> None:
        if len(self.cards) >= MOST_CARDS:
            self.cards.clear()
        self.cards[key] = card


def place_of(category: str) -> tuple[int, str]:
    """Where a category stands on the menu; one that is not known stands at its end."""
    return (CATEGORIES.index(category) if category in CATEGORIES else len(CATEGORIES), category)


def _read(connection: Connection, rules_version: int, at: int) -> Menu:
    sold = [dish for dish in queries.all_dishes(connection) if dish.sold and dish.withdrawn_at is None]
    sold.sort(key=lambda dish: (place_of(dish.category), dish.id))
    policies = as_rows(Policy, connection.execute(select(TABLES[Policy])))
    at_meal = {meal: tuple(d for d in sold if not d.services or meal in codes(d.services)) for meal in MEALS}
    return Menu(
        rules_version=rules_version,
        meals=MappingProxyType(at_meal),
        dishes=MappingProxyType({dish.id: dish for dish in sold}),
        facts=MappingProxyType(queries.all_facts(connection)),
        services=tuple(queries.services_ending_after(connection, at - KEPT_SERVICES_MS)),
        policies=MappingProxyType({**DEFAULTS, **{policy.id: policy.value for policy in policies}}),
    )


# -- for whom ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Judge:
    """One patient before one service: every dish has its verdict, computed when it is first asked for.

    version: equal for two judges that must say the same.
    """

    menu: Menu
    patient: Patient | None  # None: nothing is known of this stay
    used: Amounts
    version: tuple[object, ...]
    _known: dict[str, Verdict] = field(default_factory=dict)

    def verdict(self, dish_id: str) -> Verdict:
        known = self._known.get(dish_id)
        if known is None:
            known = self._known[dish_id] = self._judged(dish_id)
        return known

    def _judged(self, dish_id: str) -> Verdict:
        if self.patient is None:
            return Verdict((Reason("no_stay"),))
        facts = self.menu.facts.get(dish_id)
        if facts is None:
            return Verdict((Reason("not_known_here", dish_id, (("what", "dish_facts"),)),))
        return judge_dish(self.patient, facts, used=self.used)

    def instead_of(self, dish: Dish, meal: str) -> Dish | None:
        """The nearest dish of the same kind that is allowed: by price, then by name."""
        fitting = [
            other
            for other in self.menu.of_meal(meal)
            if other.id != dish.id
            and other.category == dish.category
            and self.verdict(other.id).kind is VerdictKind.ALLOW
        ]
        return min(fitting, key=lambda other: (abs(other.price_francs - dish.price_francs), other.id), default=None)


def judge_for(
    menu: Menu, profile: DietProfile | None, service: Service | None, at: int, eaten: Iterable[tuple[str, int]]
) -> Judge:
    """eaten: dishes and halves of the patient's other meals of that hospital day (R11)."""
    if profile is None:
        return Judge(menu, None, NOTHING_YET, (menu.rules_version,))
    serve_at = service.dispatch_at if service is not None else at
    patient = read(profile, serve_at=serve_at, at=at, rules_age=0, thresholds=menu.thresholds)
    used = _amounts(menu, eaten) if patient.standing.limits else NOTHING_YET
    version = (menu.rules_version, profile.id, profile.version, max(serve_at, at), *used.values())
    return Judge(menu, patient, used, version)


def _amounts(menu: Menu, eaten: Iterable[tuple[str, int]]) -> Amounts:
    known = [(menu.facts.get(dish_id), halves) for dish_id, halves in eaten]
    if any(facts is None for facts, _ in known):
        return dict.fromkeys(NOTHING_YET, UNKNOWN)
    return amounts_of([(facts, halves) for facts, halves in known if facts is not None])
