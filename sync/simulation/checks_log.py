"""Invariants of the hospital's log, each checked on what an act has just written (sync.md §3, security.md's N-list)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from core import handlers
from core.kernel.handle import Kind
from core.orders.model import ALLOWED_MOVES
from core.payments.commands import TakeCash
from core.store.open import Store
from core.store.server_schema import incarnation, resent
from sync import chain
from sync.protocol import APPLIED, APPLIED_EXCEPTION, DUPLICATE, NEEDS_READING, PARKED, REJECTED
from sync.simulation.journal import Broken, Journal
from sync.simulation.replica import Judgement, Key, Replica, Version

BY_ITSELF = ("due", "gateway")  # nobody presses what time wants, or that a console is let in
OF_EACH_ACT = ("2", "3", "4", "6", "7", "8", "9", "18", "N05", "N09", "N11", "N14", "N16", "N22")
Rows = Iterable[tuple[Key, Version]]


def check_acts(journal: Journal, replica: Replica, fresh: list[Judgement]) -> None:
    """Everything that can be said of acts that were judged just now."""
    for act in fresh:
        numbered_without_gaps(replica, act)
        pressed_by_somebody(journal, act)
        judged_once(journal, replica, act)
        device_order_kept(replica, act)
        meals_move_along_the_table(replica, act)
        no_update_is_lost(replica, act)
        one_patient_a_bed(replica, act)
        money_is_whole(journal, replica, act)
        verdict_has_a_reader(replica, act)
        permitted_at_commit(replica, act)
        names_somebody_real(replica, act)
    journal.check(OF_EACH_ACT, len(fresh))


def numbered_without_gaps(replica: Replica, act: Judgement) -> None:
    """4. Numbers are gap-free in commit order, and the log's instants never go back (N11)."""
    if replica.acts[act.seq - 1 : act.seq] != [act]:
        raise Broken("4", f"{act.kind} has number {act.seq}, which is not its place")
    if act.seq > 1 and replica.acts[act.seq - 2].at > act.at:
        raise Broken("N11", f"number {act.seq} was judged before the one it follows")


def pressed_by_somebody(journal: Journal, act: Judgement) -> None:
    """N05. Nothing is in the log that nobody did."""
    if act.origin not in BY_ITSELF and act.of not in journal.deeds:
        raise Broken("N05", f"{act.kind} {act.op_id.hex()[-6:]} is in the log and nobody pressed it")


def judged_once(journal: Journal, replica: Replica, act: Judgement) -> None:
    """2. Effects of an act happen at most once: what could not be judged is judged once more, and then for good."""
    first = replica.by_id.get(act.of)
    if act.is_mark and (first is None or first.outcome != PARKED or act.outcome == PARKED):
        raise Broken("2", f"{act.kind} {act.of.hex()[-6:]} was judged again: {act.outcome}, and had been {first}")
    if (replica.marks.get(act.of) if act.is_mark else first) is not act:
        raise Broken("2", f"{act.kind} {act.of.hex()[-6:]} was judged twice")
    journal.show(act.of, act.outcome, act.code, "the log")
    if act.is_mark:
        journal.count(f"judged again: {act.outcome}")


def device_order_kept(replica: Replica, act: Judgement) -> None:
    """3. Numbers rise with a console's own order, for every incarnation."""
    if not act.incarnation:
        return
    for earlier in reversed(replica.acts[: act.seq - 1]):
        if earlier.incarnation == act.incarnation:
            if earlier.dseq >= act.dseq:
                raise Broken("3", f"dseq {act.dseq} of {act.incarnation[:6]} was judged after {earlier.dseq}")
            return


def meals_move_along_the_table(replica: Replica, act: Judgement) -> None:
    """6. Every order's history is a path of the allowed graph; what lies outside has a case."""
    states: dict[str, str] = {}
    for (table, _), version in act.changes:
        row: Any = version.row
        if table != "order_move" or row is None or row.version != 1:
            continue
        before = states.get(row.order_id)
        if before is None:
            known = replica.version(("order", row.order_id), act.seq - 1)
            before = getattr(known.row, "state", "") if known is not None else ""
        if row.from_state != before or row.to_state not in ALLOWED_MOVES[before]:
            raise Broken("6", f"an order went from {before} by {row.from_state} to {row.to_state} at {act.seq}")
        if row.at != act.at:
            raise Broken("N11", f"a move of {act.seq} has the instant {row.at}, the log says {act.at}")
        states[row.order_id] = row.to_state
    for (table, row_id), version in act.changes:
        if table != "order" or version.row is None:
            continue
        now: Any = version.row
        earlier = replica.version((table, row_id), act.seq - 1)
        was = states.get(row_id) or getattr(earlier.row if earlier else None, "state", now.state)
        if now.state != was:
            raise Broken("6", f"order {now.number} is {now.state} without a move")


def no_update_is_lost(replica: Replica, act: Judgement) -> None:
    """N09. Whatever changes a row has seen its newest version: versions only rise."""
    for key, version in act.changes:
        earlier = replica.version(key, act.seq - 1)
        was: Any = earlier.row if earlier is not None else None
        now: Any = version.row
        if was is not None and now is not None and now.version <= was.version:
            raise Broken("N09", f"{act.kind} at {act.seq} wrote {key} over version {was.version}")


def one_patient_a_bed(replica: Replica, act: Judgement) -> None:
    """7. No bed has two patients at any instant of any number; no patient has two beds (N16)."""
    if not any(table == "bed_assignment" for (table, _), _ in act.changes):
        return
    beds: dict[str, str] = {}
    stays: dict[str, str] = {}
    for (table, _), versions in replica.rows.items():
        if table != "bed_assignment":
            continue
        version = next((one for one in reversed(versions) if one.seq <= act.seq), None)
        row: Any = version.row if version is not None else None
        if row is None or row.ended_at is not None:
            continue
        if row.bed_id in beds or row.stay_id in stays:
            raise Broken("7", f"bed {row.bed_id} has {beds.get(row.bed_id)} and {row.stay_id} at {act.seq}")
        beds[row.bed_id], stays[row.stay_id] = row.stay_id, row.bed_id


def money_is_whole(journal: Journal, replica: Replica, act: Judgement) -> None:
    """8. At most one charge an order and kind; every franc that somebody took is in the ledger, once."""
    charges: dict[tuple[str, str], int] = {}
    if any(table == "charge" for (table, _), _ in act.changes):
        for charge in replica.all("charge"):
            charges[(charge.order_id, charge.kind)] = charges.get((charge.order_id, charge.kind), 0) + 1
        if max(charges.values()) > 1:
            raise Broken("8", "an order was charged twice")
    back = {row.order_id for table, row in _rows(act.changes) if table == "ledger_entry" and row.account == "owed_back"}
    for order_id in sorted(back):
        posted = [row for row in replica.all("ledger_entry") if row.order_id == order_id]
        paid, owed = (sum(row.francs for row in posted if row.account == name) for name in ("cash", "owed_back"))
        if owed > paid:
            raise Broken("N14", f"{owed} francs go back of {paid} that were paid for {order_id}")
    deed = journal.deeds.get(act.of)
    if deed is None or not isinstance(deed.command, TakeCash):
        return
    booked = [row.francs for table, row in _rows(act.changes) if table == "ledger_entry" and row.account == "cash"]
    taken = [] if act.outcome in (REJECTED, PARKED) else [deed.command.francs]
    if booked != taken:
        raise Broken("8", f"{deed.actor_id} took {taken} and the ledger says {booked}")


def verdict_has_a_reader(replica: Replica, act: Judgement) -> None:
    """9. What somebody must read is a row for the actor and the supervisor; an exception has its open case."""
    if act.is_mark:
        told_after_all(replica, act)
    elif act.origin == "device" and act.outcome in NEEDS_READING:
        unread = [row for table, row in _rows(act.changes) if table == "unread_outcome"]
        person = replica.now("person", act.actor_id)
        supervisor = person.supervisor_id if person is not None else ""
        told = [(row.id, row.actor_id, row.supervisor_id) for row in unread]
        if told != [(act.op_id.hex(), act.actor_id, supervisor)]:
            raise Broken("9", f"{act.kind} ended {act.outcome} {act.code}, told to {told}")
    if act.outcome == APPLIED_EXCEPTION and not any(
        table == "case" and row.op_id == act.of.hex() for table, row in _rows(act.changes)
    ):
        raise Broken("6", f"{act.kind} ended {act.code} without a case")


def told_after_all(replica: Replica, act: Judgement) -> None:
    """9. Whoever was told that an act could not be judged is told what became of it, by the same row: to be read, or
    gone from their screens because there is nothing to do."""
    key = ("unread_outcome", act.of.hex())
    before, after = replica.version(key, act.seq - 1), replica.version(key, act.seq)
    was: Any = before.row if before is not None else None
    row: Any = after.row if after is not None else None
    if before is None:
        raise Broken("9", f"{act.kind} was parked and nobody was told")
    if act.outcome not in NEEDS_READING:
        if row is not None:
            raise Broken("9", f"{act.kind} ended {act.outcome} after all and is still to be read: {row}")
    elif row is None or (was is not None and _readers(row) != _readers(was)) or _says(row) != (act.outcome, act.code):
        raise Broken("9", f"{act.kind} ended {act.outcome} {act.code} after all, told as {row}")


def _readers(row: Any) -> tuple[str, str]:
    return row.actor_id, row.supervisor_id


def _says(row: Any) -> tuple[str, str]:
    return row.outcome, row.code


def permitted_at_commit(replica: Replica, act: Judgement) -> None:
    """18. Every applied intent was permitted to its actor when it was committed."""
    handle = handlers.find(act.kind)
    if act.origin != "device" or handle is None or handle.kind is Kind.FACT:
        return
    if act.outcome not in (APPLIED, APPLIED_EXCEPTION, DUPLICATE):
        return
    grants = [
        version.row
        for key in replica.rows
        if key[0] == "grant" and (version := replica.version(key, act.seq - 1)) is not None
    ]
    holding: list[Any] = [
        grant
        for grant in grants
        if getattr(grant, "person_id", "") == act.actor_id and getattr(grant, "role", "") in handle.roles
    ]
    holding = [grant for grant in holding if grant.holds_at(act.at)]
    if not holding:
        raise Broken("18", f"{act.actor_id} had no right to {act.kind} at {act.seq}")
    wards = {grant.ward_id for grant in holding}
    columns = ("ward_id", "from_ward_id")  # whoever may act on the ward a patient leaves may move them
    touched = {getattr(row, column, "") for _, row in _rows(act.changes) for column in columns} - {""}
    if "" not in wards and touched.isdisjoint(wards) and touched:
        raise Broken("18", f"{act.actor_id} has {sorted(wards)} and {act.kind} wrote in {sorted(touched)}")


def names_somebody_real(replica: Replica, act: Judgement) -> None:
    """N22. Every act of a console names a person and a device that the hospital knows; what it did, one who may."""
    if act.origin != "device":
        return
    if replica.now("device", act.device) is None:
        raise Broken("N22", f"{act.kind} at {act.seq} came from {act.device[-6:]}, which nobody has let in")
    if act.outcome in (APPLIED, DUPLICATE) and replica.now("person", act.actor_id) is None:
        raise Broken("N22", f"{act.kind} at {act.seq} is said to be of {act.actor_id}, whom nobody knows")


def chains_hold(store: Store, replica: Replica) -> None:
    """N06, N21. Each incarnation's acts are 1, 2, 3 ... without a gap, and their chain verifies from its start."""
    with store.reading() as connection:
        known = connection.execute(select(incarnation).order_by(incarnation.c.id)).all()
        again = connection.execute(select(resent)).all()
    for row in known:
        acts = {act.dseq: (act.body_hash, act.chain) for act in replica.acts if act.incarnation == row.id}
        links = {**{dseq: link for dseq, (_, link) in acts.items()}}
        links.update({one.dseq: bytes(one.chain) for one in again if one.incarnation == row.id})
        if sorted(links) != list(range(1, row.last_dseq + 1)):
            raise Broken("N06", f"{row.id[:6]} has {sorted(links)} of {row.last_dseq}")
        head = chain.start(row.id)
        for dseq in range(1, row.last_dseq + 1):
            body_hash = acts.get(dseq, (b"", b""))[0]
            if body_hash and chain.extend_hash(head, body_hash) != links[dseq]:
                raise Broken("N21", f"the chain of {row.id[:6]} breaks at {dseq}")
            head = links[dseq]
        if head != bytes(row.head_hash):
            raise Broken("N21", f"the head of {row.id[:6]} is not the end of its chain")


def _rows(changes: Rows) -> list[tuple[str, Any]]:
    return [(table, version.row) for (table, _), version in changes if version.row is not None]
