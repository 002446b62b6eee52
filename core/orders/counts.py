"""Counts beside the kitchen's board: every dish by its kinds, and how far each ward's trolley has come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Table, bindparam, select

from core.diets.flags import Flag
from core.orders.model import OrderMoveTable, OrderState
from core.orders.tickets import Item, Ticket
from core.people.model import PersonTable

MOVE: Table = OrderMoveTable.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
PERSON: Table = PersonTable.__table__  # type: ignore[attr-defined]  # as above
GIVEN = (OrderState.DELIVERED, OrderState.HANDED_TO_NURSE, OrderState.COMPLETED)
LEFT = (OrderState.OUT, OrderState.UNDELIVERABLE, *GIVEN)
COOKED = (OrderState.READY, *LEFT)
TO_COME = (OrderState.CONFIRMED, OrderState.COOKING, OrderState.KITCHEN_ISSUE)
_HAND_OVERS = (  # built once: putting it together costs more than asking
    select(MOVE.c.order_id, MOVE.c.claimed_at, PERSON.c.display)
    .outerjoin(PERSON, PERSON.c.id == MOVE.c.by)
    .where(
        MOVE.c.order_id.in_(bindparam("keys", expanding=True)),
        MOVE.c.to_state.in_([state.value for state in GIVEN[:2]]),
    )
    .order_by(MOVE.c.at, MOVE.c.id)
)


@dataclass(frozen=True, slots=True)
class KindCount:
    """One kind of a dish: flags that make it another dish at the stove; none for plain."""

    flags: tuple[Flag, ...]
    left: int
    done: int


@dataclass(frozen=True, slots=True)
class DishCount:
    """Portions, a half one counted as one pan's worth: what is plated is counted, not weighed."""

    dish_id: str
    name: str
    left: int
    done: int
    kinds: tuple[KindCount, ...]


@dataclass(frozen=True, slots=True)
class Trolley:
    """One ward's trays of the meal. near: where its runner gave the last one."""

    ward_id: str
    leaves_at: int
    ready: int  # on their trays, in the kitchen or beyond
    left: int
    delivered: int
    all: int
    runner: str = ""
    near_bed: str = ""
    near_at: int | None = None


def dish_counts(tickets: Sequence[Ticket]) -> tuple[DishCount, ...]:
    """What is still to cook of every dish and what is done, the most left first. Stopped and held meals wait."""
    kinds: dict[str, dict[tuple[Flag, ...], list[int]]] = {}
    names: dict[str, str] = {}
    for ticket in tickets:
        if ticket.stop or ticket.state not in (*TO_COME, *COOKED):
            continue
        for item in ticket.items:
            names[item.dish_id] = item.name
            done = ticket.state in COOKED or item.ticked
            counted = kinds.setdefault(item.dish_id, {}).setdefault(_kind(ticket, item), [0, 0])
            counted[1 if done else 0] += 1
    counts = [_dish(dish_id, names[dish_id], of_dish) for dish_id, of_dish in kinds.items()]
    return tuple(sorted(counts, key=lambda dish: (-dish.left, -dish.done, dish.name)))


def _kind(ticket: Ticket, item: Item) -> tuple[Flag, ...]:
    """How thick a drink is says nothing about the rice beside it."""
    other = "texture" if item.is_drink else "fluids"
    return tuple(flag for flag in ticket.variant if flag.code != other)


def _dish(dish_id: str, name: str, kinds: dict[tuple[Flag, ...], list[int]]) -> DishCount:
    listed = [KindCount(flags, left, done) for flags, (left, done) in kinds.items()]
    listed.sort(key=lambda kind: (bool(kind.flags), -kind.left, str(kind.flags)))
    return DishCount(dish_id, name, sum(k.left for k in listed), sum(k.done for k in listed), tuple(listed))


def trolleys(db: Connection, tickets: Sequence[Ticket], service_id: str) -> tuple[Trolley, ...]:
    """The wards of a meal, those that have left first, then by when they leave."""
    wards: dict[str, list[Ticket]] = {}
    for ticket in tickets:
        if ticket.service_id == service_id and ticket.state in (*TO_COME, *COOKED):
            wards.setdefault(ticket.ward_id, []).append(ticket)
    seen = _last_given(db, {ticket.key: ticket for ticket in tickets if ticket.state in GIVEN})
    found = [_trolley(ward_id, of_ward, seen.get(ward_id)) for ward_id, of_ward in wards.items()]
    return tuple(sorted(found, key=lambda one: (not one.left, one.delivered == one.all, one.leaves_at, one.ward_id)))


def _trolley(ward_id: str, tickets: Sequence[Ticket], seen: tuple[str, str, int] | None) -> Trolley:
    states = [ticket.state for ticket in tickets]
    return Trolley(
        ward_id=ward_id,
        leaves_at=min(ticket.leaves_at for ticket in tickets),
        ready=sum(state in COOKED for state in states),
        left=sum(state in LEFT for state in states),
        delivered=sum(state in GIVEN for state in states),
        all=len(tickets),
        runner=seen[0] if seen is not None else "",
        near_bed=seen[1] if seen is not None else "",
        near_at=seen[2] if seen is not None else None,
    )


def _last_given(db: Connection, given: dict[str, Ticket]) -> dict[str, tuple[str, str, int]]:
    """(who, bed, when) of each ward's last hand-over."""
    found: dict[str, tuple[str, str, int]] = {}
    for row in db.execute(_HAND_OVERS, {"keys": list(given)}):
        ticket = given[row.order_id]
        found[ticket.ward_id] = (row.display or "", ticket.bed, row.claimed_at)
    return found
