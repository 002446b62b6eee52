"""The menu of the coming service with today's verdict for every dish, and one dish with all that is in it."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from core.kernel.values import codes
from core.menu.model import Service
from core.menu.substances import NUTRIENTS
from core.orders import queries as orders
from core.orders.model import OrderState
from core.orders.queries import Meal
from core.orders.rules import day_of
from sync.server.pages import paper
from sync.server.pages.cards import cards, offer, offers, reasons_of
from sync.server.pages.menu import Judge, MenuShelf, judge_for, place_of
from sync.server.pages.web import NotHere, Visit, house_of, look, show

EVERYTHING = "all"  # the kind that shows every dish, however many
CATEGORY_PAGE = 40  # dishes; a longer menu is shown one category a page
NOT_EATEN = (OrderState.CANCELLED.value, OrderState.UNDELIVERABLE.value)


@dataclass(frozen=True, slots=True)
class Table:
    """What can be ordered now. service: the one looked at; opens: whether it can be ordered from."""

    service: Service | None
    opens: bool
    open_services: tuple[Service, ...]
    coming: Service | None


def table_for(visit: Visit, wanted: str = "") -> Table:
    """The service asked for if it can be ordered, else the one that closes next, else what was or comes."""
    menu, kitchen = visit.menu, visit.found.kitchen_id
    still = menu.open_at(visit.at, kitchen)
    coming = menu.next_at(visit.at, kitchen)
    chosen = next((service for service in still if service.id == wanted), still[0] if still else None)
    if chosen is not None:
        return Table(chosen, True, tuple(still), coming)
    return Table(menu.just_closed_at(visit.at, kitchen) or coming, False, (), coming)


def judge_of(visit: Visit, service: Service | None, meals: list[Meal]) -> Judge:
    """This patient before this service, with what their other meals of that day bring."""
    day = day_of(service.id) if service is not None else ""
    eaten = [
        dish
        for meal in meals
        if day_of(meal.order.service_id) == day and meal.order.state not in NOT_EATEN and not meal.order.guest
        for dish in meal.dishes
    ]
    return judge_for(visit.menu, visit.found.profile, service, visit.at, eaten)


def _meals(connection: Connection, visit: Visit) -> list[Meal]:
    return orders.meals_of_stay(connection, visit.stay_id, limit=12)


@dataclass(frozen=True, slots=True)
class Sight:
    """The part of the menu that is looked at, printed: the kinds to choose from, how many dishes, their cards."""

    kind: str
    printed: Markup


async def menu(request: Request) -> Response:
    visit, meals = await look(request, _meals)
    asked = request.query_params
    table = table_for(visit, asked.get("service", "")[:64])
    judge = judge_of(visit, table.service, meals)
    meal = table.service.meal if table.service is not None else ""
    kind, search = asked.get("kind", "")[:48], asked.get("q", "")[:40].strip()
    return show(
        request,
        "menu",
        visit,
        table=table,
        sight=_sight(house_of(request).menu, visit, table, judge, kind, search),
        search=search,
        whole=judge.patient.reasons if judge.patient is not None else (),
        added=visit.menu.dishes.get(asked.get("added", "")[:64]),
        refused=_refused(judge, visit, asked.get("refused", "")[:64], meal),
        closed=asked.get("no", "") == "closed",
    )


def _sight(shelf: MenuShelf, visit: Visit, table: Table, judge: Judge, kind: str, search: str) -> Sight:
    """Kept while neither menu nor patient change; a search is made anew each time."""
    meal = table.service.meal if table.service is not None else ""
    dishes = visit.menu.of_meal(meal) if meal else tuple(visit.menu.dishes.values())

    def made() -> Sight:
        kinds = tuple(sorted({dish.category for dish in dishes}, key=place_of))
        long = len(dishes) > CATEGORY_PAGE and not search and kind != EVERYTHING
        shown = kind if kind in kinds else kinds[0] if long and kinds else ""
        every = offers(shelf, judge, dishes, meal)
        found = [one for one in every if (not shown or one.dish.category == shown) and _matches(one.dish, search)]
        found.sort(key=lambda one: not one.can_be_ordered)  # stable: what may be eaten stands first
        service_id = table.service.id if table.service is not None else ""
        printed = paper.print_piece(
            "sight",
            visit.language,
            kinds=kinds,
            kind=shown,
            service_id=service_id,
            count=len(found),
            fitting=sum(one.can_be_ordered for one in found),
            cards=cards(shelf, found, service=table.service, language=visit.language, opens=table.opens),
        )
        return Sight(shown, printed)

    if search:
        return made()
    key = (*judge.version, visit.language, table.service.id if table.service else "", table.opens, kind)
    return shelf.look(key, made)


def _refused(judge: Judge, visit: Visit, dish_id: str, meal: str) -> object:
    """What was pressed and may not be had, by the rules as they are now."""
    dish = visit.menu.dishes.get(dish_id)
    if dish is None:
        return None
    one = offer(judge, dish, meal)
    return None if one.can_be_ordered else one


def _matches(dish: object, search: str) -> bool:
    if not search:
        return True
    names = " ".join(str(getattr(dish, f"name_{language}")) for language in ("en", "fr", "rw"))
    return search.casefold() in names.casefold()


async def dish(request: Request) -> Response:
    """What is in it; unknown is said to be unknown."""
    visit, meals = await look(request, _meals)
    wanted = visit.menu.dishes.get(request.path_params["dish"])
    if wanted is None:
        raise NotHere
    table = table_for(visit, request.query_params.get("service", "")[:64])
    judge = judge_of(visit, table.service, meals)
    meal = table.service.meal if table.service is not None else ""
    served = not wanted.services or meal in codes(wanted.services)
    one = offer(judge, wanted, meal)
    return show(
        request,
        "dish",
        visit,
        table=table,
        offer=one,
        dish=wanted,
        facts=one.facts,
        reasons=reasons_of(one.verdict),
        orderable=table.opens and served and one.can_be_ordered,
        served=served,
        nutrients=[(name, getattr(one.facts, name, None)) for name in NUTRIENTS],
    )
