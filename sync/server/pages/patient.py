"""A patient's own pages: the first look, the meal plan in words, and what is theirs to set."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from core.delivery.compliance import Compliance, compliance, meals_served
from core.diets.catalogue import REGULAR
from core.diets.model import DietProfile
from core.diets.profile import Period, Standing, standing
from core.kernel.values import codes
from core.orders import queries as orders
from core.orders.queries import Meal
from sync.server.pages.cards import offers
from sync.server.pages.dishes import judge_of, table_for
from sync.server.pages.orders import running, silent_since, steps_of
from sync.server.pages.web import Visit, house_of, look, show


@dataclass(frozen=True, slots=True)
class Plan:
    """What a patient is told of their plan. blocks: reasons that stand before every dish, in R3's order."""

    now: Standing
    newest: Period | None
    allergens: tuple[str, ...]
    asked: bool
    unmatched: bool

    @property
    def components(self) -> tuple[str, ...]:
        return self.now.components or ((REGULAR,) if self.now.diets else ())


def plan_of(profile: DietProfile | None, at: int) -> Plan:
    if profile is None:
        return Plan(Standing(), None, (), False, False)
    now = standing(profile.periods, at)
    newest = now.diets[-1] if now.diets else None
    return Plan(now, newest, codes(profile.allergens), profile.allergies_asked, profile.unmatched)


def _meals(connection: Connection, visit: Visit) -> tuple[list[Meal], Compliance]:
    """The newest meals, and how many of all that were served followed the plan (R28)."""
    served = meals_served(connection, visit.stay_id, from_at=0, until_at=visit.at + 1)
    return orders.meals_of_stay(connection, visit.stay_id, limit=12), compliance(served)


async def home(request: Request) -> Response:
    visit, (meals, kept) = await look(request, _meals)
    table = table_for(visit)
    judge = judge_of(visit, table.service, meals)
    fitting = 0
    if table.service is not None:
        meal = table.service.meal
        every = offers(house_of(request).menu, judge, visit.menu.of_meal(meal), meal)
        fitting = sum(one.can_be_ordered for one in every)
    on_their_way = running(meals, visit.at)
    return show(
        request,
        "home",
        visit,
        plan=plan_of(visit.found.profile, visit.at),
        kept=kept,
        table=table,
        fitting=fitting,
        whole=judge.patient.reasons if judge.patient is not None else (),
        meals=[(meal, steps_of(meal.order, [])) for meal in on_their_way],
        dishes=visit.menu.dishes,
        silent_since=silent_since(visit) if any(meal.order.is_open for meal in on_their_way) else None,
    )


async def plan(request: Request) -> Response:
    visit, _ = await look(request, lambda connection, visit: None)
    return show(request, "plan", visit, plan=plan_of(visit.found.profile, visit.at))


async def me(request: Request) -> Response:
    visit, _ = await look(request, lambda connection, visit: None)
    return show(request, "me", visit)
