"""What the acts of this console are called, what they are about, and which of them somebody must read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.words import clock, command_words, detail_of, has, word

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.kernel.case import Case, UnreadOutcome

MOST_ACTS = 200
MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Act:
    """One act of this console, and what became of it. about: "L-0412  A-015"."""

    id: str
    kind: str
    about: str
    who: str
    made_at: int
    outcome: str
    code: str
    detail: dict[str, str | int]


@dataclass(frozen=True, slots=True)
class Need:
    """One thing somebody must read or look after. is_case: it stays until somebody closes it."""

    id: str
    is_case: bool
    outcome: str
    code: str
    detail: dict[str, str | int]
    act: str
    who: str
    at: int
    owner: str


@dataclass(frozen=True, slots=True)
class SyncRows:
    needs: tuple[Need, ...]
    waiting: tuple[Act, ...]
    answered: tuple[Act, ...]
    to_send: int = 0  # also those that are not listed
    queue_bytes: int = 0
    store_bytes: int = 0


def room_of(size: int) -> str:
    """Room on a disk: `12 kB`, `1.4 MB`."""
    if size < MEGABYTE:
        return f"{-(-size // 1_000)} kB"
    return f"{size / MEGABYTE:.1f} MB"


def act_words(kind: str, language: str) -> str:
    """The act as lists and the pad call it, short and in capitals: START, READY."""
    if has(f"act_name.{kind}", "en"):
        return word(f"act_name.{kind}", language)
    return command_words(kind, language).upper()


def seconds(at: int | None) -> str:
    """An instant with its seconds, for where somebody waits on them."""
    return f"{clock(at)}:{at // 1_000 % 60:02}" if at else "--:--"


# -- in the store's thread --------------------------------------------------------------------------------------------


def sync_rows(db: Connection, language: str) -> SyncRows:
    """Needs, what waits, and what was answered last, with numbers and beds instead of ids."""
    from core.store import queue
    from core.store.sizes import sizes

    unread, cases = _unread_of(db), _cases_of(db)
    listing = list(queue.queue_listing(db, MOST_ACTS))
    pairs = [(row.kind, row.entity) for row in listing] + [(one.kind, one.entity) for one in unread]
    people = _people(db)
    about = [("", named) for case in cases for named in _about(case, detail_of(case.detail, people))]
    subjects = subjects_of(db, [*pairs, *about])
    acts = [_act(row, subjects, people) for row in listing]
    needs = [
        *(_unread(one, subjects, people, language, _said_by_case(one, cases, people)) for one in unread),
        *(_case(one, subjects, people, language) for one in cases),
    ]
    waiting = tuple(act for act in acts if not act.outcome)
    room = sizes(db)
    answered = tuple(act for act in acts if act.outcome)
    return SyncRows(tuple(needs), waiting, answered, queue.waiting(db), room.acts_bytes, room.store)


def _act(row: Any, subjects: dict[str, str], people: dict[str, str]) -> Act:
    return Act(
        id=bytes(row.op_id).hex(),
        kind=row.kind,
        about=subjects.get(row.entity, ""),
        who=people.get(row.actor_id, row.actor_id),
        made_at=row.made_at,
        outcome=row.outcome or "",
        code=row.code or "",
        detail=detail_of(row.detail, people),
    )


def _said_by_case(one: UnreadOutcome, cases: list[Case], people: dict[str, str]) -> dict[str, str | int]:
    """What the case of an act gives its words: a verdict of an older server names the case alone."""
    about = detail_of(one.detail, {}).get("case", "")
    return next((detail_of(case.detail, people) for case in cases if case.id == about), {})


def _unread(
    one: UnreadOutcome,
    subjects: dict[str, str],
    people: dict[str, str],
    language: str,
    of_case: dict[str, str | int],
) -> Need:
    about = subjects.get(one.entity, "")
    act = f"{act_words(one.kind, language)} {about}".strip()
    who = people.get(one.actor_id, one.actor_id)
    detail = {**of_case, **detail_of(one.detail, people)}
    if about.partition(" ")[2]:  # an order: its number is what the words ask for
        detail.setdefault("number", about.partition(" ")[0])
    return Need(one.id, False, one.outcome, one.code, detail, act, who, one.judged_at, "")


def _case(one: Case, subjects: dict[str, str], people: dict[str, str], language: str) -> Need:
    detail = detail_of(one.detail, people)
    known = [subjects[named] for named in _about(one, detail) if subjects.get(named)]
    command = str(detail.get("command", ""))
    act = f"{act_words(command, language) if command else ''} {(*known, detail.get('device', ''))[0]}".strip()
    who = people.get(one.actor_id, one.actor_id)
    owner = people.get(one.owner_id, one.owner_id)
    return Need(one.id, True, "", one.code, detail, act or one.code, who, one.opened_at, owner)


def _about(one: Case, detail: dict[str, str | int]) -> tuple[str, ...]:
    """Ids of what a case is about, the nearest first: its order, else its patient, else what its words name."""
    return (one.order_id, one.stay_id, str(detail.get("order", "")), str(detail.get("entity", "")))


def _people(db: Connection) -> dict[str, str]:
    from sqlalchemy import select

    from core.people.model import Person
    from core.store.tables import TABLES

    person = TABLES[Person].c
    return {row.id: row.display for row in db.execute(select(person.id, person.display))}


def subjects_of(db: Connection, named: Iterable[tuple[str, str]]) -> dict[str, str]:
    """What rows are called by people: an order by its number and bed, a stay by its bed. What has gone has no name."""
    from core.orders.model import Order, OrderLine
    from core.store.read import TxSource
    from core.wards.model import Stay

    source = TxSource(db, whole=False)
    ids = sorted({entity for _, entity in named if entity})
    lines = source.rows(OrderLine, ids)
    orders = source.rows(Order, sorted({*ids, *(line.order_id for line in lines.values())}))
    stays = source.rows(Stay, sorted({*ids, *(order.stay_id for order in orders.values())}))
    found = {stay.id: stay.bed_id for stay in stays.values()}
    for order in orders.values():
        bed = stays[order.stay_id].bed_id if order.stay_id in stays else ""
        found[order.id] = f"{order.number}  {bed}".strip()
    for line in lines.values():
        found[line.id] = found.get(line.order_id, "")
    return found


def _unread_of(db: Connection) -> list[UnreadOutcome]:
    from sqlalchemy import select

    from core.kernel.case import UnreadOutcome
    from core.store.read import as_rows
    from core.store.tables import TABLES

    table = TABLES[UnreadOutcome]
    unread = select(table).where(table.c.acknowledged_at.is_(None)).order_by(table.c.judged_at.desc())
    return as_rows(UnreadOutcome, db.execute(unread.limit(MOST_ACTS)))


def _cases_of(db: Connection) -> list[Case]:
    from sqlalchemy import select

    from core.kernel.case import Case
    from core.store.read import as_rows
    from core.store.tables import TABLES

    table = TABLES[Case]
    still = select(table).where(table.c.closed_at.is_(None)).order_by(table.c.opened_at)
    return as_rows(Case, db.execute(still.limit(MOST_ACTS)))
