"""How a meal is told to the kitchen: its flags, its dishes, what has changed. Of the same rows it is the same ticket.

Every asking reads every row that it tells from, whoever wrote it: this process, another one, the sync, a repair. And it
reads the rules anew at its own instant. What is remembered is what was made of exactly these: no card is older than
its store.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypeVar

from sqlalchemy import Connection, Select, Table, bindparam, select

from core.diets.flags import Flag, diet_names, flags_as_read, guest_flags_as_read, named
from core.diets.model import DietProfile, DietProfileTable
from core.diets.queries import thresholds_set
from core.diets.verdict import DEFAULT_THRESHOLDS, Patient, Thresholds, judge_dish, read, together
from core.kernel.row import Row
from core.kernel.values import MINUTE_MS
from core.menu.model import Dish, DishFacts, DishFactsTable, DishTable, Service, ServiceTable
from core.orders.model import Order, OrderLine, OrderLineTable, OrderMoveTable, OrderState, OrderTable
from core.people.model import PersonTable
from core.wards.model import Stay, StayTable, Ward, WardTable

R = TypeVar("R", bound=Row)
ORDER: Table = OrderTable.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
LINE: Table = OrderLineTable.__table__  # type: ignore[attr-defined]  # as above
MOVE: Table = OrderMoveTable.__table__  # type: ignore[attr-defined]  # as above
DISH: Table = DishTable.__table__  # type: ignore[attr-defined]  # as above
FACTS: Table = DishFactsTable.__table__  # type: ignore[attr-defined]  # as above
SERVICE: Table = ServiceTable.__table__  # type: ignore[attr-defined]  # as above
STAY: Table = StayTable.__table__  # type: ignore[attr-defined]  # as above
PROFILE: Table = DietProfileTable.__table__  # type: ignore[attr-defined]  # as above
WARD: Table = WardTable.__table__  # type: ignore[attr-defined]  # as above
PERSON: Table = PersonTable.__table__  # type: ignore[attr-defined]  # as above


@dataclass(frozen=True, slots=True)
class Item:
    """One dish of a meal. name: as the kitchen calls it, at most 20 cells."""

    line_id: str
    dish_id: str
    name: str
    halves: int
    ticked: bool
    is_drink: bool = False


@dataclass(frozen=True, slots=True)
class Changed:
    """What may be eaten, or what is on the tray, has changed since the order was placed.

    was: the components that held before. instead_of: dishes that others have taken the place of, as the kitchen
    calls them.
    """

    version: int
    at: int
    was: tuple[str, ...]
    instead_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ticket:
    """One meal as its card shows it. Equal when it looks equal. Instants in ms UTC."""

    key: str
    number: str
    bed: str
    ward_id: str
    extension: str
    stay_id: str
    state: str
    state_at: int
    placed_at: int
    placed_by: str
    placed_by_patient: bool
    leaves_at: int
    service_id: str
    walking_order: int
    late: bool
    first: str  # why it comes before all others: emergency, glucose, late; ""
    flags: tuple[Flag, ...]
    items: tuple[Item, ...]
    wish: str
    stop: str
    stop_at: int | None
    stop_seen_by: str
    held_for: str
    problem: str
    changed: Changed | None
    cook: str  # who took it to the stove
    variant: tuple[Flag, ...]  # what makes its dishes other dishes at the stove
    default: bool = False  # nobody has chosen it

    @property
    def is_stopped(self) -> bool:
        """A STOP that nobody has read yet."""
        return bool(self.stop) and not self.stop_seen_by

    @property
    def ticked(self) -> int:
        return sum(item.ticked for item in self.items)


# -- what they are told from -----------------------------------------------------------------------------------------


def _statement(table: Table, column: str = "id") -> Select[Any]:
    """Built once: putting it together costs more than asking."""
    return select(table).where(table.c[column].in_(bindparam("keys", expanding=True)))


_COOKS = (
    select(MOVE.c.order_id, MOVE.c.by)
    .where(MOVE.c.order_id.in_(bindparam("keys", expanding=True)), MOVE.c.to_state == OrderState.COOKING.value)
    .order_by(MOVE.c.at, MOVE.c.id)
)
_NAMES = select(PERSON.c.id, PERSON.c.display)
_WARDS = select(WARD)
_ORDER = select(ORDER).where(ORDER.c.id == bindparam("order_id"))
_LINES = select(LINE).where(LINE.c.order_id == bindparam("order_id")).order_by(LINE.c.id)


class _Rows(Generic[R]):
    """The rows of one table as they were read last. One that says the same again stays the very same object."""

    def __init__(self, kind: type[R], table: Table) -> None:
        self._kind = kind
        self._names = tuple(column.name for column in table.c)
        self._id = self._names.index("id")
        self._by_keys = _statement(table)
        self._known: dict[str, tuple[tuple[Any, ...], R]] = {}

    def read(self, db: Connection, chosen: Select[Any], told: Mapping[str, Any] | None = None) -> dict[str, R]:
        """By id, in the sequence they are found. What is not among them is forgotten."""
        known, self._known = self._known, {}
        for values in map(tuple, db.execute(chosen, told).all()):
            one = known.get(values[self._id])
            if one is None or one[0] != values:
                one = (values, self._kind.trusted(dict(zip(self._names, values, strict=True))))
            self._known[values[self._id]] = one
        return {id: row for id, (_, row) in self._known.items()}

    def of(self, db: Connection, ids: Iterable[str]) -> dict[str, R]:
        return self.read(db, self._by_keys, {"keys": sorted(set(ids))})


@dataclass(frozen=True, slots=True)
class _Around:
    """The rows that tickets are told from, and the instant at which the rules are read."""

    stays: Mapping[str, Stay]
    profiles: Mapping[str, DietProfile]
    wards: Mapping[str, Ward]
    services: Mapping[str, Service]
    dishes: Mapping[str, Dish]
    facts: Mapping[str, DishFacts]
    names: Mapping[str, str]  # of people, as shared screens call them
    cooks: Mapping[str, str]
    thresholds: Thresholds
    at: int
    rules_age: int | None
    language: str
    patients: dict[tuple[str, int, bool], Patient] = field(default_factory=dict)  # read once for all their meals


class _From(NamedTuple):
    """All that one ticket is told from, beside the language and people's names. Equal, and so is the ticket."""

    order: Order
    lines: tuple[OrderLine, ...]
    stay: Stay | None
    ward: Ward | None
    service: Service | None
    profile: DietProfile | None
    patient: Patient | None  # the profile as the rules read it at this instant
    dishes: tuple[Dish | None, ...]
    facts: tuple[DishFacts | None, ...]
    cook: str


# -- telling them -----------------------------------------------------------------------------------------------------


class Tickets:
    """Tells the meals of one wall, asking after asking. In one thread."""

    def __init__(self) -> None:
        self._orders, self._lines = _Rows(Order, ORDER), _Rows(OrderLine, LINE)
        self._stays, self._profiles = _Rows(Stay, STAY), _Rows(DietProfile, PROFILE)
        self._wards, self._services = _Rows(Ward, WARD), _Rows(Service, SERVICE)
        self._dishes, self._facts = _Rows(Dish, DISH), _Rows(DishFacts, FACTS)
        self._told: dict[str, tuple[_From, Ticket]] = {}
        self._told_in: tuple[str, Mapping[str, str]] = ("", {})

    def of(
        self,
        db: Connection,
        orders: Select[Any],
        lines: Select[Any],
        chosen: Mapping[str, Any],
        *,
        at: int,
        rules_age: int | None,
        language: str,
    ) -> list[Ticket]:
        """One for each order, in their sequence. orders, lines: whole rows, chosen by the same values."""
        found = list(self._orders.read(db, orders, chosen).values())
        by_order: dict[str, list[OrderLine]] = {}
        for line in self._lines.read(db, lines, chosen).values():
            by_order.setdefault(line.order_id, []).append(line)
        around = self._around(db, found, by_order, at=at, rules_age=rules_age, language=language)
        before = self._told if self._told_in == (language, around.names) else {}
        self._told, self._told_in = {}, (language, around.names)
        for order in found:
            told_from = _told_from(order, tuple(by_order.get(order.id, ())), around)
            known = before.get(order.id)
            told = known if known is not None and known[0] == told_from else (told_from, _ticket(told_from, around))
            self._told[order.id] = told
        return [ticket for _, ticket in self._told.values()]

    def _around(
        self,
        db: Connection,
        orders: Sequence[Order],
        lines: Mapping[str, Sequence[OrderLine]],
        *,
        at: int,
        rules_age: int | None,
        language: str,
    ) -> _Around:
        stay_ids = {order.stay_id for order in orders}
        dish_ids = {one for of_order in lines.values() for line in of_order for one in _dishes_of(line)}
        return _Around(
            stays=self._stays.of(db, stay_ids),
            profiles=self._profiles.of(db, stay_ids),
            wards=self._wards.read(db, _WARDS),
            services=self._services.of(db, {order.service_id for order in orders}),
            dishes=self._dishes.of(db, dish_ids),
            facts=self._facts.of(db, dish_ids),
            names={row[0]: row[1] for row in db.execute(_NAMES)},
            cooks=_cooks(db, [order.id for order in orders if order.state == OrderState.COOKING]),
            thresholds=thresholds_set(db),
            at=at,
            rules_age=rules_age,
            language=language,
        )


def ticket_of(
    db: Connection, order_id: str, *, at: int, rules_age: int | None = 0, language: str = "en"
) -> Ticket | None:
    """One meal as its card would show it, wherever it is by now."""
    chosen = {"order_id": order_id}
    tickets = Tickets().of(db, _ORDER, _LINES, chosen, at=at, rules_age=rules_age, language=language)
    return tickets[0] if tickets else None


def _told_from(order: Order, lines: tuple[OrderLine, ...], around: _Around) -> _From:
    ward, service = around.wards.get(order.ward_id), around.services.get(order.service_id)
    profile = around.profiles.get(order.stay_id)
    dish_ids = [one for line in lines for one in _dishes_of(line)]
    return _From(
        order=order,
        lines=lines,
        stay=around.stays.get(order.stay_id),
        ward=ward,
        service=service,
        profile=profile,
        patient=_patient(profile, around, serve_at=_leaves_at(order, ward, service), guest=order.guest),
        dishes=tuple(around.dishes.get(dish_id) for dish_id in dish_ids),
        facts=tuple(around.facts.get(dish_id) for dish_id in dish_ids),
        cook=around.names.get(around.cooks.get(order.id, ""), ""),
    )


def _patient(profile: DietProfile | None, around: _Around, *, serve_at: int, guest: bool) -> Patient | None:
    """How the rules read a profile at this instant. What a guest eats asks for no knowledge of diets."""
    if profile is None:
        return None
    asked = (profile.id, serve_at, guest)
    if asked not in around.patients:
        age, thresholds = (0, DEFAULT_THRESHOLDS) if guest else (around.rules_age, around.thresholds)
        around.patients[asked] = read(profile, serve_at=serve_at, at=around.at, rules_age=age, thresholds=thresholds)
    return around.patients[asked]


def _leaves_at(order: Order, ward: Ward | None, service: Service | None) -> int:
    walk = (ward.minutes_from_kitchen if ward is not None else 0) * MINUTE_MS
    return service.dispatch_at if service is not None and not order.late else order.promised_at - walk


def _dishes_of(line: OrderLine) -> tuple[str, ...]:
    return (line.dish_id, line.instead_of) if line.instead_of else (line.dish_id,)


def _ticket(told_from: _From, around: _Around) -> Ticket:
    order, lines, stay, ward, service, profile, *_ = told_from
    flags = _flags(told_from, around)
    return Ticket(
        key=order.id,
        number=order.number,
        bed=stay.bed_id if stay is not None and stay.bed_id else order.ward_id,
        ward_id=order.ward_id,
        extension=ward.extension if ward is not None else "",
        stay_id=order.stay_id,
        state=order.state,
        state_at=order.state_at,
        placed_at=order.placed_at,
        placed_by=around.names.get(order.placed_by, ""),
        placed_by_patient=order.placed_by not in around.names,
        leaves_at=_leaves_at(order, ward, service),
        service_id=order.service_id,
        walking_order=ward.walking_order if ward is not None else 0,
        late=order.late,
        first=_first(order, ward, flags),
        flags=flags,
        items=tuple(_item(line, around) for line in lines),
        wish=order.wish,
        stop=order.stop,
        stop_at=order.stop_at,
        stop_seen_by=order.stop_seen_by,
        held_for=order.held_for,
        problem=order.problem,
        changed=_changed(order, lines, profile, around),
        cook=told_from.cook,
        variant=tuple(flag for flag in flags if flag.code in ("texture", "fluids", "component")),
        default=order.default,
    )


def _flags(told_from: _From, around: _Around) -> tuple[Flag, ...]:
    order, profile, patient = told_from.order, told_from.profile, told_from.patient
    if order.guest:
        return guest_flags_as_read(patient)
    overlay = order.stop if order.stop in ("cancelled", "discharged") else ""
    flags = _flags_of_patient(profile, patient, told_from.lines, around)
    return (Flag(overlay), *flags) if overlay else flags


def _flags_of_patient(
    profile: DietProfile | None, patient: Patient | None, lines: Sequence[OrderLine], around: _Around
) -> tuple[Flag, ...]:
    """A profile that this machine does not hold is a flag itself: nothing is known, so nothing is harmless."""
    if profile is None or patient is None:
        return (Flag("not_known_here"),)
    facts = [around.facts[line.dish_id] for line in lines if line.dish_id in around.facts]
    meal = together(judge_dish(patient, of_dish) for of_dish in facts)
    return named(flags_as_read(profile, patient, meal), around.names)


def _item(line: OrderLine, around: _Around) -> Item:
    dish = around.dishes.get(line.dish_id)
    ticked, is_drink = line.ticked_at is not None, dish is not None and dish.is_drink
    return Item(line.id, line.dish_id, _kitchen_name(line.dish_id, around), line.halves, ticked, is_drink)


def _kitchen_name(dish_id: str, around: _Around) -> str:
    dish = around.dishes.get(dish_id)
    return dish.kitchen_name(around.language) if dish is not None else dish_id


def _first(order: Order, ward: Ward | None, flags: Sequence[Flag]) -> str:
    if ward is not None and ward.first:
        return "emergency"
    if any(flag.code == "glucose_first" for flag in flags):
        return "glucose"
    return "late" if order.late else ""


def _changed(order: Order, lines: Sequence[OrderLine], profile: DietProfile | None, around: _Around) -> Changed | None:
    """Until somebody in the kitchen has read it. What is held or stopped says so itself."""
    concerned = order.state in (OrderState.CONFIRMED, OrderState.COOKING, OrderState.KITCHEN_ISSUE) and not order.stop
    if profile is None or not concerned or profile.rules_version <= order.change_seen_version:
        return None
    if order.swapped_at is not None:
        gone = tuple(_kitchen_name(line.instead_of, around) for line in lines if line.instead_of)
        return Changed(profile.rules_version, order.swapped_at, (), gone)
    if profile.changed_at <= order.placed_at:
        return None
    return Changed(profile.rules_version, profile.changed_at, diet_names(profile, at=profile.changed_at - 1))


def _cooks(db: Connection, order_ids: Sequence[str]) -> dict[str, str]:
    """Who took each of these to the stove last."""
    return {row.order_id: row.by for row in db.execute(_COOKS, {"keys": list(order_ids)})}
