"""The hospital's store on the server's own machine: acts of the command line are judged there like everybody's.

Safe beside a running server: whoever writes locks the hospital's one row first, and the server hears of it at once.
"""

from __future__ import annotations

import getpass
import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DatabaseError

from core.kernel.message import Command
from core.kernel.refusal import Refusal
from core.kernel.row import Row
from core.kernel.values import SYSTEM, Actor, Origin, Role, uuid7
from core.settings import load
from core.store import log, migrations
from core.store.open import Store, StoreTrouble, open_server_store
from core.store.read import TxSource
from sync.protocol import APPLIED, APPLIED_EXCEPTION, DUPLICATE, PARKED, Outcome
from sync.server.perform import Submission, perform, perform_over, submit

TAKEN_IN = (APPLIED, APPLIED_EXCEPTION, DUPLICATE)


class Undone(Refusal):
    """Acts that belong together were undone, because the one at `place` was refused: nothing of them is left."""

    def __init__(self, place: int, refusal: Refusal) -> None:
        super().__init__(refusal.code, **refusal.detail)
        self.place = place


class _Rehearsed(Exception):  # noqa: N818 - not an error
    """Everything would have gone well; it is undone all the same."""


def now() -> int:
    return time.time_ns() // 1_000_000


@contextmanager
def hospital(url: str = "") -> Iterator[Store]:
    """The store behind this machine's settings.

    Raises Refusal("no_hospital"), Refusal("no_database"), StoreTrouble("newer_store"); nothing is made or changed then.
    """
    address = url or load().hospital_url
    store = open_database(address)
    try:
        with _database_trouble(address), store.reading() as connection:
            has = migrations.version_of(connection)
            made = bool(has) and log.is_created(connection)
        if not made:
            raise Refusal("no_hospital", where=shown(address))
        if has != migrations.newest():
            with _database_trouble(address):
                migrations.bring_up(store)
        yield store
    finally:
        store.close()


def open_database(address: str, *, make: bool = False) -> Store:
    """Opens the database itself, whatever is in it. make: a file that is not there yet is made."""
    try:
        parsed = make_url(address)
    except ArgumentError as error:
        raise Refusal("no_database", where=shown(address), why="bad address") from error
    if parsed.get_backend_name() == "sqlite" and not make and not Path(parsed.database or "").exists():
        raise Refusal("no_hospital", where=shown(address))
    with _database_trouble(address):
        return open_server_store(address)


def act(store: Store, command: Command, *, by: str = "") -> Outcome:
    """Performs one act. by: a person whose grants are asked; otherwise the command line itself.

    Raises the refusal; then nothing has changed.
    """
    outcome = perform(store, now(), [submission(command, by=by)])[0]
    assert outcome is not None, "only a device's acts can have a gap"
    refusal = refusal_of(outcome)
    if refusal is not None:
        raise refusal
    return outcome


def act_whole(store: Store, commands: Sequence[Command], *, dry_run: bool = False) -> list[Outcome]:
    """Performs all of them in one transaction, or none. dry_run: judged for good, and then undone.

    Raises Undone with the first one that was refused.
    """
    submissions = [submission(command) for command in commands]
    outcomes: list[Outcome] = []
    try:
        with store.writing() as connection:
            for place, outcome in enumerate(perform_over(connection, now(), submissions)):
                assert outcome is not None, "only a device's acts can have a gap"
                refusal = refusal_of(outcome)
                if refusal is not None:
                    raise Undone(place, refusal)
                outcomes.append(outcome)
            if dry_run:
                raise _Rehearsed
    except _Rehearsed:
        pass
    return outcomes


def submission(command: Command, *, by: str = "") -> Submission:
    """An act of the command line, with an id of its own and the machine's user as where it came from."""
    op_id = uuid7(now(), os.urandom(10))
    actor = Actor(by, frozenset[Role]()) if by else SYSTEM
    made = submit(command, op_id=op_id, actor=actor, origin=Origin.CLI, origin_ref=_user())
    return replace(made, actor=None) if by else made


def refusal_of(outcome: Outcome) -> Refusal | None:
    if outcome.outcome in TAKEN_IN:
        return None
    detail = json.loads(outcome.detail) if outcome.detail else {}
    code = "server_error" if outcome.outcome == PARKED else outcome.code
    return Refusal(code, **detail)


def require(store: Store, table: type[Row], row_id: str) -> None:
    """Raises Refusal("gone") when there is no such row: before anybody is asked for anything."""
    with store.reading() as connection:
        if row_id not in TxSource(connection, whole=True).rows(table, [row_id]):
            raise Refusal("gone", what=table.table_name)


def shown(address: str) -> str:
    """A database's address without its password."""
    try:
        return make_url(address).render_as_string(hide_password=True)
    except ArgumentError:
        return "?"


@contextmanager
def _database_trouble(address: str) -> Iterator[None]:
    try:
        yield
    except StoreTrouble:
        raise
    except (DatabaseError, ImportError, OSError) as error:
        raise Refusal("no_database", where=shown(address), why=type(error).__name__) from error


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""
