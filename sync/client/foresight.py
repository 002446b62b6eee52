"""What an act would change, before anybody gives it: the real handler over this console's rows, and all is dropped."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from core import handlers
from core.care.consequences import Ahead, Consequences, of_stay, told
from core.kernel.case import Case
from core.kernel.message import Command
from core.kernel.refusal import Refusal, Unknown
from core.kernel.tx import Act, Tx
from core.kernel.values import Actor, Origin, uuid7
from core.store import queue
from core.store.read import TxSource
from sync.client import overlay
from sync.client.moment import Moment, rules_age, server_time

LOOKING = bytes(10)  # whatever rows the act makes are never kept, so nobody needs to be unable to guess their ids
NOBODY = Actor("", frozenset())


def foresee(connection: Connection, moment: Moment, actor: Actor, command: Command, stay_id: str) -> Consequences:
    """What this act of this person would do to the meals of one patient. Nothing is written."""
    handle = handlers.find(command.name)
    assert handle is not None, "a screen asks for commands of its own version"
    if not actor.roles & handle.roles:
        return Consequences(refusal=Refusal("not_your_role", command=command.name))
    at = server_time(queue.read_cursor(connection), moment).at
    act = Act(uuid7(at, LOOKING), command.name, at, at, actor, Origin.DEVICE)
    tx = Tx(TxSource(connection, whole=False))
    try:
        before = _ahead(tx, act, stay_id)
        tried = overlay.run(tx, act, handle, command)
        if tried.refusal is not None or tried.unknown:
            return Consequences(refusal=tried.refusal, unknown=tried.unknown)
        cases = [change.after for change in tx.written() if isinstance(change.after, Case)]
        return told(before, _ahead(tx, act, stay_id), cases)
    except (Unknown, Refusal):
        return Consequences(unknown=True)


@contextmanager
def looking(connection: Connection, moment: Moment) -> Iterator[Tx]:
    """A transaction that only looks, now and by rules as old as this console's: what is done in it is dropped."""
    cursor = queue.read_cursor(connection)
    at = server_time(cursor, moment).at
    tx = Tx(TxSource(connection, whole=False), rules_age=rules_age(cursor, moment))
    tx.begin(Act(uuid7(at, LOOKING), "look", at, at, NOBODY, Origin.DEVICE))
    try:
        yield tx
    finally:
        tx.drop()


def _ahead(tx: Tx, act: Act, stay_id: str) -> Ahead:
    tx.begin(act)
    try:
        return of_stay(tx, stay_id)
    finally:
        tx.drop()
