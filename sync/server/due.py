"""Time that passes is a command: one table of which rows fall due when, and what then happens to them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.exc import DBAPIError

from core.delivery.commands import EndWaiting
from core.delivery.waiting import waited_too_long
from core.diets.namesakes import telling_of, untold
from core.diets.prescribing import MissSignature
from core.diets.queries import unsigned
from core.kernel.message import Command
from core.kernel.policy import DEFAULTS, Policy
from core.kernel.row import Row
from core.kernel.tx import Tx
from core.kernel.values import DAY_MS, HOUR_MS, SYSTEM, Origin, due_op_id
from core.menu.commands import ArchiveService
from core.menu.model import Service
from core.orders.commands import ArchiveOrder, CompleteOrder
from core.orders.defaults import owed, placing_of
from core.orders.model import Order, OrderState
from core.orders.numbers import leasing_of, wanted
from core.orders.sweep import judging, judging_of
from core.store import drafts, horizon, log, taken_over, web
from core.store.open import Store, StoreTrouble
from core.store.read import TxSource
from core.store.statement import Statement
from core.store.tables import TABLES
from core.wards.commands import ArchiveStay
from core.wards.model import Stay
from sync.protocol import TURN_OPS
from sync.server.perform import Submission, submit

PAGES = 8  # pages of rows looked through for ones that were not judged yet
KEPT_SESSIONS_MS = 7 * DAY_MS
KEPT_TRIES_MS = DAY_MS
KEPT_EFFECTS_MS = 30 * DAY_MS
KEPT_CARTS_MS = 3 * DAY_MS
KEPT_TAKEN_OVER_MS = 90 * DAY_MS
LOG_DAYS = "log_days"
troubles = logging.getLogger("dusangire.house")


@dataclass(frozen=True, slots=True)
class Due:
    """Rows of one table that fall due `after_ms` after the instant in `column`."""

    rule: str
    row: type[Row]
    column: str
    after_ms: int
    states: tuple[str, ...]
    still_empty: str  # the column that the command fills, "" when the state tells
    command: Callable[[str], Command]


@dataclass(frozen=True, slots=True)
class Found:
    """Rows that a query of their concept finds: (row, since when) at an instant, so many at most,
    the most urgent first."""

    rule: str
    find: Callable[[Connection, int, int], list[tuple[str, int]]]
    command: Callable[[str], Command]


FINISHED = (OrderState.DELIVERED, OrderState.HANDED_TO_NURSE, OrderState.UNDELIVERABLE)
OVER = (OrderState.COMPLETED, OrderState.CANCELLED)
RULES = (
    Due("complete_order", Order, "state_at", 4 * HOUR_MS, FINISHED, "archived_at", lambda i: CompleteOrder(order_id=i)),
    Due("archive_order", Order, "state_at", DAY_MS, OVER, "archived_at", lambda i: ArchiveOrder(order_id=i)),
    Due("archive_service", Service, "ends_at", 2 * DAY_MS, (), "archived_at", lambda i: ArchiveService(service_id=i)),
    Due("archive_stay", Stay, "closed_at", DAY_MS, (), "archived_at", lambda i: ArchiveStay(stay_id=i)),
)
# what keeps a meal safe comes before all that is mere order
FIRST = (
    Found("judge_again", lambda db, at, most: judging(Tx(TxSource(db, whole=True)), db, at), judging_of),
    Found("default_tray", lambda db, at, most: owed(db, at, limit=most), placing_of),
    Found("no_signature", lambda db, at, most: unsigned(db, at, limit=most), lambda i: MissSignature(diet_order_id=i)),
    Found("order_numbers", lambda db, at, most: wanted(db, at, most=most), leasing_of),
    Found("name_alert", lambda db, at, most: untold(db, limit=most), telling_of),
    Found("end_waiting", lambda db, at, most: waited_too_long(db, at, limit=most), lambda i: EndWaiting(order_id=i)),
)


def fallen(store: Store, now: int) -> list[Submission]:
    """A few turns of acts at most that time itself gives, for the writer to cut.

    A second process finds the same ids, and they happen once. Where one rule stumbles, the others are asked anyway.
    """
    found: list[Submission] = []
    with store.reading() as connection:
        at = max(now, log.read_head(connection).at)
        for rule in (*FIRST, *RULES):
            try:
                for page in _pages(connection, rule, at):
                    known = log.known_ops(connection, [submission.op_id for submission in page])
                    found.extend(submission for submission in page if submission.op_id not in known)
                    if len(found) >= TURN_OPS:
                        return found
            except (StoreTrouble, DBAPIError):  # not the rule's fault: there is nothing to ask any more
                raise
            except Exception:
                troubles.exception("a rule of time stumbled")
    return found


def sweep(connection: Connection, now: int) -> None:
    """Housekeeping of what is not in the log."""
    web.drop_old(
        connection,
        sessions_before=now - KEPT_SESSIONS_MS,
        tries_before=now - KEPT_TRIES_MS,
        effects_before=now - KEPT_EFFECTS_MS,
    )
    drafts.sweep(connection, before=now - KEPT_CARTS_MS)
    taken_over.drop_old(connection, before=now - KEPT_TAKEN_OVER_MS)
    after = b""
    for _ in range(PAGES):
        after = horizon.let_go(connection, after)
        if not after:
            break


def forget(connection: Connection, now: int) -> bool:
    """One short turn of what the log forgets; whether there is more to do."""
    row = TxSource(connection, whole=True).rows(Policy, [LOG_DAYS]).get(LOG_DAYS)
    days = row.value if row is not None else DEFAULTS[LOG_DAYS]
    return horizon.turn(connection, now - max(1, days) * DAY_MS)


def _pages(connection: Connection, rule: Found | Due, at: int) -> Iterator[list[Submission]]:
    """Oldest first. A row whose act could not be judged stays due, so the pages after it are looked at too."""
    if isinstance(rule, Found):
        rows = rule.find(connection, at, PAGES * TURN_OPS)
        yield [_act(rule.rule, rule.command(row_id), row_id, since) for row_id, since in rows]
    else:
        yield from _pages_of(connection, rule, at)


def _pages_of(connection: Connection, rule: Due, at: int) -> Iterator[list[Submission]]:
    after: tuple[int, str] = (-1, "")
    for _ in range(PAGES):
        asked = {"until": at - rule.after_ms, "since": after[0], "id": after[1], "states": [*map(str, rule.states)]}
        rows = _query(rule).all(connection, asked)
        if not rows:
            return
        after = (rows[-1].since, rows[-1].id)
        yield [_submission(rule, row) for row in rows]
        if len(rows) < TURN_OPS:
            return


def _submission(rule: Due, row: Any) -> Submission:
    return _act(rule.rule, rule.command(row.id), row.id, row.since + rule.after_ms)


def _act(rule: str, command: Command, row_id: str, since: int) -> Submission:
    op_id = due_op_id(rule, row_id, since)
    return submit(command, op_id=op_id, actor=SYSTEM, origin=Origin.DUE, origin_ref=rule)


@lru_cache(maxsize=None)
def _query(rule: Due) -> Statement:
    columns = TABLES[rule.row].c
    since = columns[rule.column]
    query = select(columns.id, since.label("since")).where(since <= bindparam("until"))
    behind = (since == bindparam("since")) & (columns.id > bindparam("id"))
    query = query.where((since > bindparam("since")) | behind)
    if rule.states:
        query = query.where(columns.state.in_(bindparam("states", expanding=True)))
    if rule.still_empty:
        query = query.where(columns[rule.still_empty].is_(None))
    return Statement(query.order_by(since, columns.id).limit(TURN_OPS))
