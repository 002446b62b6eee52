"""Opens a console's store; a damaged one is made anew around what can still be read of its queue (sync.md §2.2).

Rows come from the server again. An act that cannot be read is never sent: it is said aloud, and a case opens.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from sqlalchemy.exc import DatabaseError

from core.store import home, image, incidents, mending, queue
from core.store.device_schema import DEVICE, this_device
from core.store.home import STORE_KEY, Home
from core.store.open import Store, StoreTrouble, driver_of
from core.store.salvage import Salvaged, lay_back, salvage
from core.store.tables import SCHEMA
from sync.client import outbox, tidy
from sync.client.lock import SyncLock
from sync.client.moment import Moment
from sync.client.refused import new_incarnation
from sync.wire import WireError, decode_op

LAID_BY_HAND = ("this_device", "cursor", "op", "outcome")
damage = logging.getLogger("dusangire.mend")


@dataclass(frozen=True, slots=True)
class Kept:
    """What a damaged store still gave: acts that are whole, and how many of those not yet answered are not."""

    acts: Sequence[Mapping[str, Any]]
    lost: int
    in_order: bool  # every act without an answer is here, one behind the other


def open_device(where: Home, moment: Moment, chance: bytes) -> Store:
    """The store, whole. Raises Refusal("not_enrolled"), StoreTrouble: wrong_key, newer_store; damaged_store when it
    cannot be mended, or another process is at work on it; nothing is changed then."""
    image.forget_left(moment.wall)
    lock = SyncLock(where.lock_file)
    alone = where.folder.is_dir() and lock.take()
    try:
        if alone:
            mending.finish(where)
        try:
            store = _checked(where, alone=alone)
        except StoreTrouble as trouble:
            if not alone or not _is_damage(where, trouble):
                raise
            _mend(where, moment, chance, trouble)
            store = home.open_device(where)
        if alone:
            tidy.give_room_back(store)
            mending.remember(where, store, None if where.plain else where.vault.secret(STORE_KEY))
    finally:
        lock.free()
    return store


def _checked(where: Home, *, alone: bool) -> Store:
    """Raises StoreTrouble("damaged_store") also for a queue with an act in it that cannot be what was pressed."""
    store = home.open_device(where)
    try:
        if alone:
            home.check_seals(store)
        with store.reading() as connection:
            me = queue.this(connection)
            waiting = queue.unsent(connection, me.incarnation, me.answered_dseq, me.next_dseq) if me else []
        if any(not _is_act(body, dseq=dseq) for dseq, body in waiting):
            raise StoreTrouble("damaged_store")
    except (DatabaseError, driver_of(None).DatabaseError, driver_of(b"").DatabaseError) as error:
        store.close()
        raise StoreTrouble("damaged_store") from error
    except BaseException:
        store.close()
        raise
    return store


def _is_damage(where: Home, trouble: StoreTrouble) -> bool:
    """A first page that cannot be read looks like a wrong key, but the key is known to be right."""
    return trouble.code == "damaged_store" or (trouble.code == "wrong_key" and mending.is_our_key(where))


def _mend(where: Home, moment: Moment, chance: bytes, trouble: StoreTrouble) -> None:
    """Raises the trouble when nobody knows whose store it is."""
    key = None if where.plain else where.vault.secret(STORE_KEY)
    saved = salvage(where.store_file, key)
    me = _me(where, saved)
    if me is None:
        raise trouble
    kept = _kept(saved, me)
    damage.warning("a damaged store is made anew: %d acts kept, %d lost", len(kept.acts), kept.lost)
    fresh, keep = new_incarnation(chance), kept.lost > 0 or saved.holes > 0
    mending.exchange(where, key, lambda store: _build(store, saved, me, kept, moment, fresh), keep=keep)


def _me(where: Home, saved: Salvaged) -> dict[str, Any] | None:
    """Who this console is, from its store or from what was remembered beside it."""
    known = saved.one("this_device")
    if known is not None:
        return {**known, "is_whole": True}
    who = mending.recall(where)
    if who is None:
        return None
    me = {name: getattr(who, name) for name in ("id", "kind", "name", "kitchen_id", "ward_id", "server_url")}
    counted = {"next_place": 1, "next_dseq": 1, "answered_dseq": 0, "answered_hash": b"", "schema": SCHEMA}
    return {**me, **counted, "server_key": bytes.fromhex(who.server_key), "incarnation": "", "is_whole": False}


def _kept(saved: Salvaged, me: Mapping[str, Any]) -> Kept:
    acts = {row["place"]: row for row in saved.rows.get("op", []) if _is_whole(row)}
    answered = {bytes(row["op_id"]) for row in saved.rows.get("outcome", [])}
    here = {row["dseq"] for row in acts.values() if row["incarnation"] == me["incarnation"]}
    waited = range(me["answered_dseq"] + 1, me["next_dseq"])
    lost = sum(1 for dseq in waited if dseq not in here)
    if not me["is_whole"]:
        lost = max(1, saved.holes)  # nobody knows how many there were
    unread = sum(1 for row in saved.rows.get("op", []) if not _is_whole(row) and bytes(row["op_id"]) not in answered)
    return Kept([acts[place] for place in sorted(acts)], max(lost, unread), in_order=not lost and me["is_whole"])


def _is_whole(row: Mapping[str, Any]) -> bool:
    return isinstance(row["body"], bytes) and _is_act(row["body"], dseq=row["dseq"], op_id=row["op_id"])


def _is_act(body: bytes, *, dseq: int, op_id: bytes = b"") -> bool:
    """Whether these bytes can be what was pressed there."""
    try:
        act = decode_op(body)
    except WireError:
        return False
    return act.dseq == dseq and op_id in (b"", act.op_id)


def _build(store: Store, saved: Salvaged, me: Mapping[str, Any], kept: Kept, moment: Moment, incarnation: str) -> None:
    with store.writing() as connection:
        lay_back(connection, [name for name in DEVICE.tables if name not in LAID_BY_HAND], saved.rows)
        columns = {column.name: me[column.name] for column in this_device.c if column.name != "one"}
        places = [row["place"] for row in kept.acts]
        columns["next_place"] = max([me["next_place"], *(place + 1 for place in places)])
        queue.become(connection, **columns)
        cursor = _cursor(saved)
        queue.write_cursor(connection, cursor)
        lay_back(connection, ["op"], {"op": kept.acts})
        if cursor.epoch:  # else nobody knows which history they are of: what was answered is asked again
            lay_back(connection, ["outcome"], saved.rows)
        at = max(moment.wall, cursor.server_at)
        incidents.note(connection, "store_mended", at, acts=len(kept.acts))
        if kept.lost:
            incidents.note(connection, "acts_lost", at, acts=kept.lost)
    if not kept.in_order:
        outbox.reincarnate(store, incarnation)  # the server learns of it at the next greeting


def _cursor(saved: Salvaged) -> queue.Cursor:
    """Nothing is held; what is known of the server's clock stays known, for a lease counts by it."""
    known = saved.one("cursor")
    empty = queue.Cursor("", 0, 1, 0, 0, 0, 0, "", 0, (), 0, 0)
    if known is None:
        return empty
    clock = ("server_at", "heard_wall", "heard_mono", "heard_boot", "clock_error")
    names = [field.name for field in fields(queue.Cursor) if field.name in clock or field.name.startswith("seen_")]
    found = {name: known[name] for name in ("epoch", "durable_seq", *names) if name in known}
    return replace(empty, **found)
