"""From the cart to an order: where, a wish, how it is paid, the sum; then one act, however often it is sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import msgspec
from pydantic import ValidationError
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from core.kernel.values import derived_id, due_op_id
from core.menu.model import Service
from core.orders.attempts import Ordered
from core.orders.placing import PlaceOrder
from core.orders.queries import Meal
from core.store import drafts, log
from core.store.drafts import CartLine
from sync.protocol import APPLIED, APPLIED_EXCEPTION, DUPLICATE, Outcome
from sync.server import sessions
from sync.server.house import NUMBERS_AT_ONCE, House
from sync.server.pages import paper
from sync.server.pages.cards import Offer, offer
from sync.server.pages.cart import Basket, baskets, read_cart
from sync.server.pages.dishes import judge_of
from sync.server.pages.web import NotOurForm, Visit, form_of, go, house_of, look, op_id_of, perform, show

LETTERS = {"breakfast": "B", "lunch": "L", "dinner": "D", "snack": "S"}
NUMBER_TRIES = 4  # a number that somebody else took meanwhile is passed over so often
DONE = (APPLIED, DUPLICATE, APPLIED_EXCEPTION)
OF_THE_MEAL = ("meal_blocked", "meal_held", "meal_asks")
OF_ONE_DISH = ("allergy", "texture", "fluid", "component", "nutrient_limit", "nutrient_unknown", "recipe_unverified")


@dataclass(frozen=True, slots=True)
class Told:
    """Why an order was not taken, in three parts, and what the patient may have instead."""

    code: str
    what: str
    stays: str
    next: str
    instead: Offer | None = None


async def checkout(request: Request) -> Response:
    """Cash at the bed or the hospital's account: only what somebody here can complete today."""
    refused = _op_of(request.query_params.get("refused", ""))

    def ask(connection: Connection, visit: Visit) -> tuple[list[CartLine], list[Meal], object]:
        mine = sessions.reference(visit.found.session)
        row = log.outcome_of(connection, refused, mine) if refused else None
        return *read_cart(connection, visit), row

    visit, (lines, meals, row) = await look(request, ask)
    service_id = request.path_params["service"]
    basket = next((one for one in baskets(visit, lines, meals) if one.service.id == service_id), None)
    told = _told(visit, row, meals, visit.menu.service(service_id)) if row is not None else None
    trouble = request.query_params.get("no", "")[:8]
    if basket is None and told is None:
        return go("/patient/cart", no=trouble)
    return show(request, "checkout", visit, basket=basket, told=told, trouble=trouble)


async def place(request: Request) -> Response:
    visit, (lines, meals) = await look(request, read_cart)
    form = await form_of(request, visit)
    house, service_id = house_of(request), request.path_params["service"]
    here = f"/patient/checkout/{service_id}"
    op_id = op_id_of(visit, form.get("op_id", ""))
    known = await house.read(lambda connection: log.known_ops(connection, _tries(op_id)))
    if known:  # sent before: the answer is the one it had
        return _answer(here, list(known.values())[-1])
    basket = next((one for one in baskets(visit, lines, meals) if one.service.id == service_id), None)
    if basket is None or not basket.fitting:
        return go("/patient/cart", no="empty")
    if form.get("sum") != str(basket.francs):
        return go(here, no="changed")
    try:
        command = _command(visit, basket, form)
    except ValidationError:
        return go(here, no="wish")
    outcome = await _place(request, visit, basket.service, command, op_id)
    house.live.tell_stay(visit.stay_id, "cart")
    return _answer(here, outcome)


def _command(visit: Visit, basket: Basket, form: object) -> PlaceOrder:
    """Without its number. Raises ValidationError for a wish with characters that nobody sees."""
    fields = dict(form)  # type: ignore[call-overload]  # a mapping of texts
    method = fields.get("method", "")
    if method not in ("cash", "account"):
        raise NotOurForm
    return PlaceOrder(
        stay_id=visit.stay_id,
        service_id=basket.service.id,
        number=f"{LETTERS.get(basket.service.meal, 'M')}-0000",
        lines=tuple(Ordered(dish_id=one.dish.id, halves=one.line.halves) for one in basket.fitting),
        wish=" ".join(str(fields.get("wish", "")).split()),
        method=method,
        confirm=not basket.asks or "confirm" in fields,
    )


async def _place(request: Request, visit: Visit, service: Service, command: PlaceOrder, op_id: bytes) -> Outcome:
    """One act. A number that somebody else took meanwhile is passed over, under an op id of its own."""
    house = house_of(request)
    for attempt in _tries(op_id):
        number = await _next_number(house, service.id)
        numbered = command.model_copy(update={"number": f"{command.number[0]}-{number:04}"})
        outcome = await perform(request, visit, numbered, attempt, partial(_tidy, visit=visit, service_id=service.id))
        if outcome.outcome not in DONE:
            house.numbers.setdefault(service.id, []).insert(0, number)
        if outcome.code != "number_taken":
            break
        house.numbers.pop(service.id, None)
    return outcome


def _tries(op_id: bytes) -> list[bytes]:
    """The op ids that one form may come to: the same each time it is sent."""
    made_at = int.from_bytes(op_id[:6], "big")
    return [op_id, *(due_op_id("number", op_id.hex(), made_at + n) for n in range(1, NUMBER_TRIES))]


async def _next_number(house: House, service_id: str) -> int:
    """The server's pages count from 1 in each service; each process takes some in advance."""
    waiting = house.numbers.setdefault(service_id, [])
    if not waiting:
        first = await house.writer.write(
            lambda connection: drafts.take_numbers(connection, service_id=service_id, count=NUMBERS_AT_ONCE)
        )
        waiting.extend(range(first, first + NUMBERS_AT_ONCE))
    return waiting.pop(0)


def _tidy(connection: Connection, outcomes: Sequence[Outcome | None], *, visit: Visit, service_id: str) -> None:
    """Ordered: the cart is empty. Refused for one dish: that one is taken out, the rest is still there."""
    outcome = outcomes[0]
    assert outcome is not None, "only a device's act can have a gap before it"
    detail = _detail(outcome.detail)
    if outcome.outcome in DONE:
        drafts.empty_cart(connection, stay_id=visit.stay_id, service_id=service_id)
    elif detail.get("dish") and detail.get("reason") in OF_ONE_DISH:
        dish_id = str(detail["dish"])
        drafts.set_line(
            connection, stay_id=visit.stay_id, service_id=service_id, dish_id=dish_id, halves=0, at=visit.at
        )


def _answer(here: str, outcome: object) -> Response:
    """From the outcome, or from the log's row of it: `op_id`, `outcome`."""
    op_id = bytes(outcome.op_id)  # type: ignore[attr-defined]  # both have it
    if outcome.outcome in DONE:  # type: ignore[attr-defined]  # as above
        return go(f"/patient/orders/{derived_id(op_id, 1)}", placed="yes")
    return go(here, "told", refused=op_id.hex())


# -- a refusal in words -----------------------------------------------------------------------------------------------


def _told(visit: Visit, row: object, meals: list[Meal], service: Service | None) -> Told | None:
    """What happened, what stays as it was, what to do next; and one suggestion."""
    code, detail = str(row.code), _detail(str(row.detail))  # type: ignore[attr-defined]  # a row of the log
    if row.outcome in DONE or service is None:  # type: ignore[attr-defined]  # as above
        return None
    t = paper.tongue(visit.language)
    dish = visit.menu.dishes.get(str(detail.get("dish", "")))
    if code in OF_THE_MEAL:
        why = t.reason(str(detail.get("reason", "")), detail)
        kept = dish is not None and detail.get("reason") in OF_ONE_DISH
        one = offer(judge_of(visit, service, meals), dish, service.meal) if dish is not None else None
        name = t.dish(dish) if dish is not None else ""
        return Told(
            code,
            t.say("told.dish", dish=name, why=why) if dish is not None else t.say("told.meal", why=why),
            t.say("told.taken_out") if kept else t.say("told.nothing_ordered"),
            t.say("told.ask_nurse"),
            one if one is not None and one.instead is not None else None,
        )
    return told_by_code(code, detail, visit.language)


def told_by_code(code: str, detail: dict[str, str | int], language: str) -> Told:
    said = paper.tongue(language).refusal(code, detail)
    return Told(code, said.what, said.stays, said.next)


def _detail(text: str) -> dict[str, str | int]:
    return msgspec.json.decode(text.encode(), type=dict[str, str | int]) if text else {}


def _op_of(text: str) -> bytes:
    try:
        return bytes.fromhex(text) if len(text) == 32 else b""
    except ValueError:
        return b""
