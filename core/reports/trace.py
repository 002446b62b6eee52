"""Why an order is what it is: every rule in R3's sequence, what it says, on whose word, how old that word is.

Told from the newest rows of this store, by the verdict itself: nothing is decided here a second time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Connection, Table, select

from core.delivery.model import HandOver
from core.diets.model import DietProfile
from core.diets.profile import AGAINST_FOOD, Period, periods_of
from core.diets.verdict import Reason, Verdict
from core.kernel.case import Case
from core.kernel.found import held
from core.kernel.refusal import Refusal, Unknown
from core.kernel.row import Row
from core.kernel.tx import Act, Source, Tx
from core.kernel.values import SYSTEM, Origin
from core.menu.model import DishFacts, Service
from core.orders.model import Order, OrderLine, OrderMove, OrderTable
from core.orders.rules import serve_at, verdict_on
from core.payments.model import Payment

R = TypeVar("R", bound=Row)
ORDER: Table = OrderTable.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it

# R3's places; what each asks; the reasons it may give
PLACES: tuple[tuple[int, str, tuple[str, ...]], ...] = (
    (1, "stay", ("no_stay",)),
    (2, "nil_by_mouth", ("nil_by_mouth", "trays_held")),
    (3, "diet_order", ("no_diet_order",)),
    (4, "allergy", ("allergy",)),
    (
        5,
        "resolved",
        (
            "allergies_not_asked",
            "allergy_unmatched",
            "recipe_unverified",
            "not_known_here",
            "rules_old",
            "rules_unconfirmed",
        ),
    ),
    (6, "texture", ("texture_conflict", "texture", "choking", "fluid")),
    (7, "component", ("component",)),
    (8, "nutrient", ("nutrient_limit", "nutrient_unknown")),
    (9, "preference", ("preference",)),
    (10, "stock", ("out_of_stock",)),
    (11, "window", ("window",)),
    (12, "money", ("money",)),
)


@dataclass(frozen=True, slots=True)
class Word:
    """On what a rule stands: a row or a period, its version, who wrote it and when (ms UTC); 0 and "" where unknown."""

    what: str
    row_id: str
    version: int
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule asked of this order. verdict: allow, warn, hold or block."""

    place: int
    name: str
    verdict: str
    reasons: tuple[Reason, ...]
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Trace:
    """An order, explained. age_ms: how old this store's knowledge is (0 on the server)."""

    order: Order
    lines: tuple[OrderLine, ...]
    at: int
    serve_at: int
    age_ms: int
    verdict: Verdict
    rules: tuple[Rule, ...]
    moves: tuple[OrderMove, ...]
    hand_overs: tuple[HandOver, ...]
    cases: tuple[Case, ...]


def find_order(db: Connection, name: str, *, service_id: str = "") -> str:
    """The id behind an id, or behind a number as labels show it: the newest order of that number.

    Raises Refusal("unknown_order").
    """
    found = select(ORDER.c.id).where((ORDER.c.id == name) | (ORDER.c.number == name.upper()))
    if service_id:
        found = found.where(ORDER.c.service_id == service_id)
    row = db.execute(found.order_by(ORDER.c.placed_at.desc(), ORDER.c.id).limit(1)).one_or_none()
    if row is None:
        raise Refusal("unknown_order", number=name)
    return str(row.id)


def trace(source: Source, order_id: str, *, at: int, age_ms: int = 0) -> Trace:
    """Asks every rule of one order, as it is judged at this instant. Raises Refusal("gone"), Unknown."""
    tx = Tx(source, rules_age=age_ms)
    tx.begin(Act(op_id=bytes(16), kind="trace", at=at, claimed_at=at, actor=SYSTEM, origin=Origin.CLI))
    try:
        return _trace(tx, order_id, age_ms)
    finally:
        tx.drop()


def _trace(tx: Tx, order_id: str, age_ms: int) -> Trace:
    order = tx.get(Order, order_id)
    found = verdict_on(tx, order)
    lines = tx.all(OrderLine, of=order)
    return Trace(
        order=order,
        lines=tuple(lines),
        at=tx.at,
        serve_at=serve_at(tx, order),
        age_ms=age_ms,
        verdict=found,
        rules=tuple(_rules(tx, order, lines, found)),
        moves=tuple(_all(tx, OrderMove, order)),
        hand_overs=tuple(_all(tx, HandOver, order)),
        cases=tuple(_all(tx, Case, order)),
    )


def _rules(tx: Tx, order: Order, lines: Iterable[OrderLine], found: Verdict) -> Iterator[Rule]:
    profile = held(tx, DietProfile, order.stay_id)
    dishes = [facts for facts in (held(tx, DishFacts, line.dish_id) for line in lines) if facts is not None]
    service, payment = held(tx, Service, order.service_id), held(tx, Payment, order.id)
    for place, name, codes in PLACES:
        reasons = tuple(reason for reason in found.reasons if reason.code in codes)
        words = tuple(_words(place, profile, dishes, service, payment))
        yield Rule(place, name, Verdict(reasons).kind.value, reasons, words)


def _words(
    place: int,
    profile: DietProfile | None,
    dishes: list[DishFacts],
    service: Service | None,
    payment: Payment | None,
) -> Iterator[Word]:
    """The rows that a rule has read."""
    if place in (1, 4, 5) and profile is not None:
        yield Word("diet_profile", profile.id, profile.rules_version, profile.changed_by, profile.changed_at)
    if place in (2, 3, 6, 7, 8, 9) and profile is not None:
        yield from (_of_period(period) for period in periods_of(profile.periods) if _speaks(period, place))
    if place in (4, 5, 6, 7, 8, 9, 10):
        yield from (Word("dish", facts.id, facts.version, facts.changed_by, facts.changed_at) for facts in dishes)
    if place == 11 and service is not None:
        yield Word("service", service.id, service.version, "", 0)
    if place == 12 and payment is not None:
        yield Word(f"payment {payment.method} {payment.state}", payment.id, payment.version, "", payment.state_at)


def _speaks(period: Period, place: int) -> bool:
    return (period.kind in AGAINST_FOOD) if place == 2 else (period.kind not in AGAINST_FOOD)


def _of_period(period: Period) -> Word:
    says = " ".join((period.kind, *period.components, *period.preferences, period.food, period.fluid, period.isolation))
    says = f"{says} {period.reason}"
    return Word(" ".join(says.split()), period.id, 0, period.by, period.at or period.from_at)


def _all(tx: Tx, table: type[R], order: Order) -> list[R]:
    """What hangs on the order, as far as this store holds it."""
    try:
        return tx.all(table, of=order)
    except Unknown:
        return []
