"""What has been: the meals made ready last, one meal's whole life, a patient's last trays.
And why a meal is judged so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, Table, select

from core.diets.flags import Flag
from core.diets.model import DietProfile, DietProfileTable
from core.diets.verdict import Reason, VerdictKind, judge_dish, read, together
from core.kernel.row import Row
from core.menu.model import Dish, DishTable
from core.menu.queries import facts_of
from core.orders.model import Order, OrderMove, OrderMoveTable, OrderState, OrderTable
from core.orders.queries import moves_of
from core.orders.tickets import Ticket, ticket_of
from core.people.model import PersonTable
from core.wards.model import StayTable

R = TypeVar("R", bound=Row)
ORDER: Table = OrderTable.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
MOVE: Table = OrderMoveTable.__table__  # type: ignore[attr-defined]  # as above
STAY: Table = StayTable.__table__  # type: ignore[attr-defined]  # as above
PERSON: Table = PersonTable.__table__  # type: ignore[attr-defined]  # as above
PROFILE: Table = DietProfileTable.__table__  # type: ignore[attr-defined]  # as above
DISH: Table = DishTable.__table__  # type: ignore[attr-defined]  # as above
RECALLED = 20
LAST_TRAYS = 10


@dataclass(frozen=True, slots=True)
class Made:
    """One meal that was made ready, or begun: who did it and when, and how far it is now."""

    order_id: str
    number: str
    bed: str
    step: str
    state: str
    at: int
    by: str

    @property
    def can_come_back(self) -> bool:
        """A step that nobody has built upon yet."""
        return self.state == self.step


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a meal's life. from_state "": it was placed."""

    at: int
    by: str
    from_state: str
    to_state: str
    reason: str
    implied: bool


@dataclass(frozen=True, slots=True)
class Why:
    """The rule behind a meal: its verdict now, by which version of whose rules, since when."""

    ticket: Ticket
    kind: VerdictKind
    reasons: tuple[Reason, ...]
    version: int
    changed_at: int
    changed_by: str
    checked_at: int | None
    dish_names: dict[str, str]
    flags: tuple[Flag, ...]


def made_last(db: Connection, *, since: int, limit: int = RECALLED) -> list[Made]:
    """The newest steps of the kitchen's hands, one a meal, for bringing back."""
    steps = [OrderState.COOKING.value, OrderState.READY.value]
    rows = (
        select(
            MOVE.c.order_id,
            MOVE.c.to_state,
            MOVE.c.claimed_at,
            PERSON.c.display,
            ORDER.c.number,
            ORDER.c.state,
            ORDER.c.ward_id,
            STAY.c.bed_id,
        )
        .join(ORDER, ORDER.c.id == MOVE.c.order_id)
        .outerjoin(STAY, STAY.c.id == ORDER.c.stay_id)
        .outerjoin(PERSON, PERSON.c.id == MOVE.c.by)
        .where(MOVE.c.to_state.in_(steps), MOVE.c.at >= since, MOVE.c.reason != "taken_back")
        .order_by(MOVE.c.at.desc(), MOVE.c.id.desc())
        .limit(limit * 3)
    )
    found: dict[str, Made] = {}
    for row in db.execute(rows):
        bed = row.bed_id or row.ward_id
        made = Made(row.order_id, row.number, bed, row.to_state, row.state, row.claimed_at, row.display or "")
        found.setdefault(row.order_id, made)
    return list(found.values())[:limit]


def life_of(db: Connection, order_id: str) -> list[Step]:
    """Every step of one meal, the first first."""
    names = _names(db)
    return [_step(move, names) for move in moves_of(db, order_id)]


def trays_before(db: Connection, stay_id: str, *, limit: int = LAST_TRAYS) -> list[Order]:
    """A patient's last meals, the newest first."""
    last = select(ORDER).where(ORDER.c.stay_id == stay_id).order_by(ORDER.c.placed_at.desc(), ORDER.c.id.desc())
    return _rows(db, Order, last.limit(limit))


def why(db: Connection, order_id: str, *, at: int, rules_age: int | None, language: str = "en") -> Why | None:
    """Why this meal may be cooked, or may not, told from what this machine knows."""
    ticket = ticket_of(db, order_id, at=at, rules_age=rules_age, language=language)
    if ticket is None:
        return None
    profiles = _rows(db, DietProfile, select(PROFILE).where(PROFILE.c.id == ticket.stay_id))
    orders = _rows(db, Order, select(ORDER).where(ORDER.c.id == order_id))
    dish_ids = [item.dish_id for item in ticket.items]
    reasons: Sequence[Reason] = (Reason("not_known_here", "", (("what", "diet_profile"),)),)
    kind = VerdictKind.HOLD
    if orders and orders[0].guest:
        reasons, kind = (), VerdictKind.ALLOW
    elif profiles:
        patient = read(profiles[0], serve_at=ticket.leaves_at, at=at, rules_age=rules_age)
        facts = facts_of(db, dish_ids)
        verdict = together(judge_dish(patient, facts[dish_id]) for dish_id in dish_ids if dish_id in facts)
        reasons, kind = verdict.reasons, verdict.kind
    names = _names(db)
    changed_by = profiles[0].changed_by if profiles else ""
    return Why(
        ticket=ticket,
        kind=kind,
        reasons=tuple(reasons),
        version=profiles[0].rules_version if profiles else 0,
        changed_at=profiles[0].changed_at if profiles else 0,
        changed_by=names.get(changed_by, changed_by),
        checked_at=orders[0].checked_at if orders else None,
        dish_names=_dish_names(db, dish_ids, language),
        flags=ticket.flags,
    )


def _step(move: OrderMove, names: dict[str, str]) -> Step:
    by = names.get(move.by, "")
    return Step(move.claimed_at, by, move.from_state, move.to_state, move.reason, move.implied)


def _names(db: Connection) -> dict[str, str]:
    return {row.id: row.display for row in db.execute(select(PERSON.c.id, PERSON.c.display))}


def _dish_names(db: Connection, dish_ids: Sequence[str], language: str) -> dict[str, str]:
    dishes = _rows(db, Dish, select(DISH).where(DISH.c.id.in_(list(dish_ids))))
    return {dish.id: dish.name(language) for dish in dishes}


def _rows(db: Connection, table: type[R], chosen: Select[Any]) -> list[R]:
    return [table.trusted(dict(row)) for row in db.execute(chosen).mappings()]
