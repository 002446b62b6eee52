"""The cart: what a patient is choosing. It is not an order; every line is judged when it is put in,
and again at the look."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from core.diets.rules import judge_lines
from core.diets.verdict import Verdict, VerdictKind
from core.kernel.refusal import Refusal
from core.kernel.tx import Act, Tx
from core.kernel.values import Origin
from core.menu.model import Dish, Service
from core.orders import queries as orders
from core.orders.attempts import MOST_LINES, NoteAttempt, Ordered
from core.orders.queries import Meal
from core.orders.rules import used_besides
from core.store import drafts
from core.store.drafts import CartLine
from core.store.read import TxSource
from sync.server import sessions
from sync.server.pages.cards import Offer, offer
from sync.server.pages.dishes import judge_of
from sync.server.pages.web import NotOurForm, Visit, form_of, go, house_of, look, op_id_of, perform, show

MOST_HALVES = 8
PORTION = 2
CART = "/patient/cart"


@dataclass(frozen=True, slots=True)
class Chosen:
    """One line of the cart as it is shown: what it costs, and whether it may still be had."""

    line: CartLine
    offer: Offer

    @property
    def dish(self) -> Dish:
        return self.offer.dish

    @property
    def francs(self) -> int:
        return (self.dish.price_francs * self.line.halves + 1) // 2


@dataclass(frozen=True, slots=True)
class Basket:
    """What is in the cart for one service."""

    service: Service
    chosen: tuple[Chosen, ...]

    @property
    def fitting(self) -> tuple[Chosen, ...]:
        return tuple(one for one in self.chosen if one.offer.can_be_ordered)

    @property
    def francs(self) -> int:
        return sum(one.francs for one in self.fitting)

    @property
    def asks(self) -> tuple[Chosen, ...]:
        """Lines against a preference: they want a word."""
        return tuple(one for one in self.fitting if one.offer.verdict.kind is VerdictKind.WARN)


def baskets(visit: Visit, lines: list[CartLine], meals: list[Meal]) -> list[Basket]:
    """The cart by service, what can still be ordered only, each line judged by the rules as they are now."""
    found = []
    for service in visit.menu.open_at(visit.at, visit.found.kitchen_id):
        judge = judge_of(visit, service, meals)
        places = {dish_id: place for place, dish_id in enumerate(visit.menu.dishes)}
        mine = [line for line in lines if line.service_id == service.id and line.dish_id in places]
        mine.sort(key=lambda line: places[line.dish_id])
        chosen = [Chosen(line, offer(judge, visit.menu.dishes[line.dish_id], service.meal)) for line in mine]
        if chosen:
            found.append(Basket(service, tuple(chosen)))
    return found


def read_cart(connection: Connection, visit: Visit) -> tuple[list[CartLine], list[Meal]]:
    """Two queries: what was chosen, and the meals whose nutrients count with it."""
    return drafts.cart_of(connection, visit.stay_id), orders.meals_of_stay(connection, visit.stay_id, limit=12)


async def cart(request: Request) -> Response:
    visit, (lines, meals) = await look(request, read_cart)
    asked = request.query_params
    return show(
        request,
        "cart",
        visit,
        baskets=baskets(visit, lines, meals),
        taken_out=visit.menu.dishes.get(asked.get("out", "")[:64]),
        added=visit.menu.dishes.get(asked.get("added", "")[:64]),
    )


# -- changing it ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a button says: so many halves of a dish at a service; at_least: more than that may stay."""

    service_id: str
    dish_id: str
    halves: int
    at_least: bool


def wanted(text: str) -> Wanted:
    """`2026-11-24-lunch/ibishyimbo/+2`. Raises NotOurForm for anything else."""
    service_id, _, rest = text.partition("/")
    dish_id, _, amount = rest.rpartition("/")
    digits = amount.removeprefix("+")
    if not service_id or not dish_id or len(text) > 160 or digits not in "012345678" or len(digits) != 1:
        raise NotOurForm
    return Wanted(service_id, dish_id, int(digits), at_least=amount.startswith("+"))


async def change(request: Request) -> Response:
    """Sets a line. What the rules forbid does not go in: it is told why, and the attempt is kept."""
    visit, _ = await look(request, lambda connection, visit: None)
    form = await form_of(request, visit)
    back = "menu" if form.get("back") == "menu" else "cart"
    if "clear" in form:
        return await _clear(request, visit, form["clear"])
    line = wanted(form.get("line", ""))
    if visit.menu.service(line.service_id) is None or line.dish_id not in visit.menu.dishes:
        raise NotOurForm
    if line.service_id not in [s.id for s in visit.menu.open_at(visit.at, visit.found.kitchen_id)]:
        return go("/patient/menu", no="closed")
    found = await house_of(request).writer.write(lambda connection: _set(connection, visit, line))
    house_of(request).live.tell_stay(visit.stay_id, "cart")
    if found is not None:
        await _keep_attempt(request, visit, line, form.get("op_id", ""))
        return go("/patient/menu", "told", service=line.service_id, refused=line.dish_id)
    added = line.dish_id if line.halves else ""
    if back == "cart":
        return go(CART, out="" if added else line.dish_id)
    return go("/patient/menu", f"dish-{added}", service=line.service_id, added=added, kind=form.get("kind", "")[:48])


async def _clear(request: Request, visit: Visit, service_id: str) -> Response:
    house = house_of(request)
    await house.writer.write(
        lambda connection: drafts.empty_cart(connection, stay_id=visit.stay_id, service_id=service_id[:64])
    )
    house.live.tell_stay(visit.stay_id, "cart")
    return go(CART)


def _set(connection: Connection, visit: Visit, line: Wanted) -> Verdict | None:
    """In the writer: judged by the newest rows. The verdict that forbids it, None when it is in the cart now."""
    lying = {(one.service_id, one.dish_id): one.halves for one in drafts.cart_of(connection, visit.stay_id)}
    key = (line.service_id, line.dish_id)
    halves = max(line.halves, lying.get(key, 0)) if line.at_least else line.halves
    others = [(dish, many) for (service, dish), many in lying.items() if (service, dish) != key and service == key[0]]
    if halves:
        found = _judged(connection, visit, line, [*others[: MOST_LINES - 1], (line.dish_id, min(halves, MOST_HALVES))])
        if found.kind in (VerdictKind.BLOCK, VerdictKind.HOLD):
            return found
    drafts.set_line(
        connection,
        stay_id=visit.stay_id,
        service_id=line.service_id,
        dish_id=line.dish_id,
        halves=min(halves, MOST_HALVES),
        at=visit.at,
    )
    return None


def _judged(connection: Connection, visit: Visit, line: Wanted, lines: list[tuple[str, int]]) -> Verdict:
    """What speaks against this dish, beside what lies in the cart already.
    What is wrong with those is not its fault."""
    tx = Tx(TxSource(connection, whole=True))
    actor = sessions.actor_of(visit.found.session)
    tx.begin(Act(bytes(16), "draft", visit.at, visit.at, actor, Origin.PAGE))
    service = visit.menu.service(line.service_id)
    serve_at = max(service.dispatch_at, visit.at) if service is not None else visit.at
    try:
        used = used_besides(tx, stay_id=visit.stay_id, service_id=line.service_id, serve_at=serve_at)
    except Refusal:  # the stay is gone: the verdict says so
        used = {}
    found = judge_lines(tx, stay_id=visit.stay_id, lines=lines, serve_at=serve_at, used=used)
    tx.drop()
    return Verdict(tuple(one for one in found.reasons if one.dish_id in ("", line.dish_id)), found.notes)


async def _keep_attempt(request: Request, visit: Visit, line: Wanted, shown: str) -> None:
    """Somebody tried what the rules forbid: the nutritionist is to know.
    A second press of one page tells nothing new."""
    attempt = NoteAttempt(
        stay_id=visit.stay_id,
        service_id=line.service_id,
        lines=(Ordered(dish_id=line.dish_id, halves=min(max(line.halves, 1), MOST_HALVES)),),
        step="order",
    )
    await perform(request, visit, attempt, op_id_of(visit, shown, line.dish_id))
