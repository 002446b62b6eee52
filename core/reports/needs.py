"""What needs a person anywhere in the hospital: stops, held meals, lost beds, cases, unread refusals, silence, errors.

Each with who looks after it and since when; the gravest kind first, in it the oldest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, Table, select

from core.cases.model import Trouble, TroubleTable
from core.devices.model import Device, DeviceTable
from core.kernel.case import Case, CaseTable, UnreadOutcome, UnreadOutcomeTable
from core.kernel.row import Row
from core.kernel.values import MINUTE_MS
from core.orders.model import Order, OrderLine, OrderLineTable, OrderState, OrderTable
from core.people.model import PersonTable
from core.wards.model import Stay, StayTable
from core.words import detail_of

R = TypeVar("R", bound=Row)
ORDER: Table = OrderTable.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
LINE: Table = OrderLineTable.__table__  # type: ignore[attr-defined]  # as above
STAY: Table = StayTable.__table__  # type: ignore[attr-defined]  # as above
CASE: Table = CaseTable.__table__  # type: ignore[attr-defined]  # as above
UNREAD: Table = UnreadOutcomeTable.__table__  # type: ignore[attr-defined]  # as above
DEVICE: Table = DeviceTable.__table__  # type: ignore[attr-defined]  # as above
TROUBLE: Table = TroubleTable.__table__  # type: ignore[attr-defined]  # as above
PERSON: Table = PersonTable.__table__  # type: ignore[attr-defined]  # as above
STOP, HELD, BEDS, CASE_OPEN, MONEY, REFUSED, DEVICE_SILENT, ERROR = (
    "stop",
    "held",
    "beds",
    "case",
    "money",
    "refused",
    "device",
    "error",
)
KINDS = (STOP, HELD, BEDS, MONEY, CASE_OPEN, REFUSED, DEVICE_SILENT, ERROR)
SILENT_MS = 15 * MINUTE_MS
MOST = 500
GIVEN = (OrderState.DELIVERED, OrderState.HANDED_TO_NURSE, OrderState.COMPLETED)
BED_CODES = ("bed_taken", "bed_closed", "bed_of_another_ward")
MONEY_CODES = ("cash_not_due", "overpaid", "underpaid", "money_owed_back")
EXCEPTION = "applied_exception"  # its case says it already

Detail = Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Heard:
    """How far one console has come, as known at `as_of`. Instants in ms UTC, None: never, or not known.

    is_here: it is this very console, whose chip says it all.
    """

    at: int | None = None
    rules_at: int | None = None
    waiting: int | None = None
    as_of: int = 0
    is_here: bool = False


@dataclass(frozen=True, slots=True)
class Need:
    """One thing. id: of the row that is to be closed. code and detail: of its words; owner "": nobody yet."""

    kind: str
    id: str
    code: str
    since: int
    detail: Detail
    number: str = ""
    bed: str = ""
    ward_id: str = ""
    order_id: str = ""
    owner: str = ""
    act: str = ""  # the command that was refused
    outcome: str = ""  # what became of it: rejected, superseded, parked
    count: int = 1  # how often it came
    last: int = 0  # when it came last, 0: with `since`

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.id}"


@dataclass(frozen=True, slots=True)
class Closed:
    """What was closed last, for when nothing is open."""

    at: int
    by: str


def needs_a_person(db: Connection, *, heard: Mapping[str, Heard] | None = None) -> tuple[Need, ...]:
    """Everything that waits for somebody. heard: by device, where it is known."""
    people = people_of(db)
    acts = [*_stops_and_holds(db), *_unread(db, people), *_cases(db, people)]
    found = [*acts, *_silent(db, heard or {}), *_errors(db)]
    return tuple(sorted(found, key=_gravest))


def last_closed(db: Connection) -> Closed | None:
    newest = select(CASE).where(CASE.c.closed_at.is_not(None)).order_by(CASE.c.closed_at.desc()).limit(1)
    for case in _rows(db, Case, newest):
        return Closed(case.closed_at or 0, people_of(db).get(case.closed_by, case.closed_by))
    return None


def people_of(db: Connection) -> dict[str, str]:
    """Everybody by the name of shared screens."""
    return {row.id: row.display for row in db.execute(select(PERSON.c.id, PERSON.c.display))}


def _gravest(need: Need) -> tuple[int, int, str]:
    return (KINDS.index(need.kind), need.since, need.id)


def _stops_and_holds(db: Connection) -> list[Need]:
    done = [state.value for state in GIVEN]
    stopped = (ORDER.c.stop != "") & (ORDER.c.stop_seen_by == "") & ORDER.c.state.not_in(done)
    wanted = select(ORDER).where(stopped | (ORDER.c.state == OrderState.HELD.value)).limit(MOST)
    orders = _rows(db, Order, wanted)
    beds = beds_of(db, orders)
    return [_of_order(order, beds) for order in orders]


def _of_order(order: Order, beds: Mapping[str, str]) -> Need:
    stopped = bool(order.stop) and not order.stop_seen_by
    return Need(
        kind=STOP if stopped else HELD,
        id=order.id,
        code=order.stop if stopped else order.held_for,
        since=(order.stop_at or order.state_at) if stopped else order.state_at,
        detail={"number": order.number},
        number=order.number,
        bed=beds.get(order.stay_id, order.ward_id),
        ward_id=order.ward_id,
        order_id=order.id,
    )


def _unread(db: Connection, people: Mapping[str, str]) -> list[Need]:
    waiting = select(UNREAD).where(UNREAD.c.acknowledged_at.is_(None), UNREAD.c.outcome != EXCEPTION)
    outcomes = _rows(db, UnreadOutcome, waiting.order_by(UNREAD.c.judged_at).limit(MOST))
    about = subjects(db, [one.entity for one in outcomes])
    return [_of_outcome(one, about.get(one.entity, _NOTHING), people) for one in outcomes]


def _of_outcome(one: UnreadOutcome, about: Subject, people: Mapping[str, str]) -> Need:
    detail = detail_of(one.detail, people)
    detail.setdefault("number", about.number) if about.number else None
    bed = str(detail.get("bed", "")) or about.bed
    return Need(
        kind=BEDS if one.code in BED_CODES else REFUSED,
        id=one.id,
        code=one.code,
        since=one.judged_at,
        detail=detail,
        number=about.number,
        bed=bed,
        ward_id=about.ward_id,
        order_id=about.order_id,
        owner=people.get(one.actor_id, one.actor_id),
        act=one.kind,
        outcome=one.outcome,
    )


def _cases(db: Connection, people: Mapping[str, str]) -> list[Need]:
    still = select(CASE).where(CASE.c.closed_at.is_(None)).order_by(CASE.c.opened_at).limit(MOST)
    cases = _rows(db, Case, still)
    about = subjects(db, [_about(case) for case in cases])
    return [_of_case(case, about.get(_about(case), _NOTHING), people) for case in cases]


def _about(case: Case) -> str:
    """The order or stay it is about; cash that nobody waited for names its order in words alone."""
    return case.order_id or case.stay_id or str(detail_of(case.detail, {}).get("order", ""))


def _of_case(case: Case, about: Subject, people: Mapping[str, str]) -> Need:
    detail = detail_of(case.detail, people)
    return Need(
        kind=MONEY if case.code in MONEY_CODES else CASE_OPEN,
        id=case.id,
        code=case.code,
        since=case.opened_at,
        detail=detail,
        number=about.number or str(detail.get("number", "")),
        bed=about.bed,
        ward_id=case.ward_id,
        order_id=about.order_id,
        owner=people.get(case.owner_id, case.owner_id),
    )


def _silent(db: Connection, heard: Mapping[str, Heard]) -> list[Need]:
    """Consoles the server had not heard for a while when it was asked last: of later nobody here knows."""
    found = []
    for device in _rows(db, Device, select(DEVICE).where(DEVICE.c.revoked_at.is_(None))):
        told = heard.get(device.id)
        last = told.at if told is not None and not told.is_here else None
        if told is not None and last is not None and told.as_of - last > SILENT_MS:
            found.append(Need(DEVICE_SILENT, device.id, DEVICE_SILENT, last, {"name": device.name}, bed=device.name))
    return found


def _errors(db: Connection) -> list[Need]:
    """Errors of our machines that nobody has closed: a kind at a source is one, however often it came."""
    names = {row.id: row.name for row in db.execute(select(DEVICE.c.id, DEVICE.c.name))}
    still = select(TROUBLE).where(TROUBLE.c.closed_at.is_(None)).order_by(TROUBLE.c.first_at).limit(MOST)
    return [
        Need(
            kind=ERROR,
            id=one.id,
            code=one.code,
            since=one.first_at,
            detail={"where": one.where},
            number=one.number,
            bed=names.get(one.device_id, one.device_id),
            count=one.count,
            last=one.last_at,
        )
        for one in _rows(db, Trouble, still)
    ]


# -- what rows are called ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Subject:
    """What an act is about, as people call it."""

    number: str = ""
    bed: str = ""
    ward_id: str = ""
    order_id: str = ""

    def __str__(self) -> str:
        return f"{self.number}  {self.bed}".strip()


_NOTHING = Subject()


def subjects(db: Connection, ids: Iterable[str]) -> dict[str, Subject]:
    """Orders, their lines and stays behind these ids; what is none of them, or has left, is not among them."""
    wanted = sorted({one for one in ids if one})
    lines = {line.id: line.order_id for line in _rows(db, OrderLine, select(LINE).where(LINE.c.id.in_(wanted)))}
    order_ids = sorted({*wanted, *lines.values()})
    orders = {order.id: order for order in _rows(db, Order, select(ORDER).where(ORDER.c.id.in_(order_ids)))}
    beds = beds_of(db, orders.values())
    found = {
        order.id: Subject(order.number, beds.get(order.stay_id, order.ward_id), order.ward_id, order.id)
        for order in orders.values()
    }
    found |= {line_id: found[order_id] for line_id, order_id in lines.items() if order_id in found}
    for stay in _rows(db, Stay, select(STAY).where(STAY.c.id.in_(wanted))):
        found.setdefault(stay.id, Subject("", stay.bed_id or stay.ward_id, stay.ward_id))
    return found


def beds_of(db: Connection, orders: Iterable[Order]) -> dict[str, str]:
    """Where the patients of these orders lie, by stay; who has no bed is left out."""
    stay_ids = sorted({order.stay_id for order in orders})
    lying = select(STAY.c.id, STAY.c.bed_id).where(STAY.c.id.in_(stay_ids), STAY.c.bed_id != "")
    return {row.id: row.bed_id for row in db.execute(lying)}


def _rows(db: Connection, table: type[R], chosen: Select[Any]) -> list[R]:
    return [table.trusted(dict(row)) for row in db.execute(chosen).mappings()]
