"""Whether this console holds what the server holds, and remembers the log that the server has: asked hourly, and after
each load (sync.md §2.4; security.md N21)."""

from __future__ import annotations

from dataclasses import replace

from core.kernel.values import HOUR_MS
from core.store import incidents, pruned, queue, sums, witness
from core.store.open import Store
from core.store.queue import Cursor
from core.store.tables import SCHEMA
from sync.client.images import Wanted
from sync.client.moment import Moment, server_time
from sync.client.talk import Talk
from sync.patience import FRESHEN_MS
from sync.protocol import AudienceChange, Changes

EVERY_MS = HOUR_MS
NO_EPOCH = "?"
FIRST_MS = 60_000  # after a start or a load: there is enough to do then


def greeted(talk: Talk, moment: Moment) -> Talk:
    return replace(talk, bears_witness=True, check_due=talk.check_due or moment.mono + FIRST_MS)


def next_in(talk: Talk, moment: Moment) -> int:
    """ms until a quiet console pulls all the same: after a while, or when sums are due before that."""
    left = talk.check_due - moment.mono
    return min(FRESHEN_MS, left) if left > 0 else FRESHEN_MS


def asked(store: Store, talk: Talk, moment: Moment) -> str:
    """What a pull asks besides, after a greeting and when sums are due: the seal, with the one that is remembered, and
    what became of acts that the server could not judge, from the oldest on."""
    counts = talk.check_due and moment.mono >= talk.check_due
    if not counts and not talk.bears_witness:
        return ""
    with store.reading() as connection:
        known, parked = witness.read(connection), pruned.oldest_parked(connection)
    said = f"&witness={known.seq}.{known.seal.hex()}" if known is not None else "&witness="
    said += f"&parked={parked}" if parked else ""
    return f"{said}&checks={SCHEMA}" if counts else said


def heard(store: Store, talk: Talk, moment: Moment, changes: Changes) -> Talk:
    """Remembers the seal, compares the sums, and wants those audiences anew whose rows are others here."""
    if changes.seal:
        with store.writing() as connection:
            witness.keep(connection, witness.Witness(changes.epoch, changes.next, changes.seal))
        talk = replace(talk, bears_witness=False)
    if not changes.checks or talk.wanted is not None:
        return talk
    with store.reading() as connection:
        cursor = queue.read_cursor(connection)
        if cursor is None or cursor.seq != changes.next or cursor.seq < cursor.ready_seq:
            return talk
        told = {check.audience: check.sum for check in changes.checks if check.audience in cursor.audiences}
        found = sums.of_console(connection, told)
    differing = tuple(audience for audience in sorted(told) if told[audience] != found[audience])
    if not differing:
        return replace(talk, check_due=moment.mono + EVERY_MS)
    same = AudienceChange(cursor.audiences_version, cursor.audiences)
    return replace(talk, wanted=Wanted(same, cursor.epoch, afresh=False, missing=differing, anew=differing))


def loaded(store: Store, talk: Talk, moment: Moment, wanted: Wanted) -> Talk:
    """Images have been laid: what lies here is looked over when there is time; those that mend were told to differ, and
    a person hears."""
    if not wanted.anew:
        return replace(talk, check_due=moment.mono + FIRST_MS)
    with store.writing() as connection:
        at = server_time(queue.read_cursor(connection), moment).at
        for audience in wanted.anew:
            incidents.note(connection, "rows_mended", at, audience=audience)
    return replace(talk, to_tell=True, check_due=moment.mono + EVERY_MS)


def look_back(store: Store, moment: Moment, before: Cursor, common: int) -> None:
    """The server was restored. Acts that were pruned here, because a newer backup than that one held them, are in
    neither place now: a person must hear."""
    with store.writing() as connection:
        gone = pruned.last_of(connection)
        if gone and before.epoch != NO_EPOCH and common < before.durable_seq:
            acts = min(gone, before.durable_seq - common)
            incidents.note(connection, "acts_forgotten", server_time(before, moment).at, acts=acts)


def forget_history(store: Store, moment: Moment) -> None:
    """The server's log is not the one that was told here. Everything is loaded anew and every act that is kept goes
    again under its own id, as after a restore: no epoch of the server goes by this name."""
    with store.writing() as connection:
        cursor = queue.read_cursor(connection)
        if cursor is None:
            return
        known = witness.read(connection)
        witness.forget(connection)
        queue.write_cursor(connection, replace(cursor, epoch=NO_EPOCH))
        incidents.note(connection, "log_differs", server_time(cursor, moment).at, acts=known.seq if known else 0)
