"""Invariants of what leaves a server: nobody is sent a row that is not theirs to know, and no act blocks another."""

from __future__ import annotations

from typing import Any

from core.devices.audience import audiences_of
from core.store import log
from sync.ports import Answer
from sync.protocol import Changes, PushAnswer, Segment
from sync.server.reception import Asked
from sync.simulation.disk import VirtualStore
from sync.simulation.journal import Broken
from sync.simulation.replica import Replica
from sync.wire import decode, decode_op, unpack_segment


def may_hold(replica: Replica, device_id: str, at: int) -> frozenset[str]:
    """The audiences of a console as the log stands now."""
    device: Any = replica.now("device", device_id)
    if device is None:
        return frozenset()
    grants = [grant for grant in replica.all("grant") if grant.holds_at(at)]
    wards = [ward.id for ward in replica.all("ward")]
    kitchens = [kitchen.id for kitchen in replica.all("kitchen")]
    return frozenset(audiences_of(device, ward_ids=wards, kitchen_ids=kitchens, grants=grants))


def nothing_leaks(replica: Replica, device_id: str, at: int, changes: Changes) -> None:
    """10. After a revocation no byte of what was taken is sent: every row has a reader whom this console serves."""
    if not changes.changes:
        return
    may = may_hold(replica, device_id, max(at, changes.at))  # the log's instant may be a little ahead
    for change in changes.changes:
        version = replica.version((change.table, change.row_id), change.seq)
        if change.body and version is not None and may.isdisjoint(version.after):
            raise Broken(
                "10", f"{device_id[-6:]} is sent {change.table} of {change.seq}, and may hold {sorted(may)[:4]}"
            )


def check_answer(store: VirtualStore, replica: Replica, at: int, asked: Asked, answer: Answer) -> None:
    """What a process has answered to a console."""
    if answer.status != 200:
        return
    if asked.path == "/sync/changes":
        nothing_leaks(replica, asked.headers["dusangire-device"], at, decode(answer.body, Changes))
    elif asked.path == "/sync/push":
        segment, told = unpack_segment(asked.body), decode(answer.body, PushAnswer)
        judged = len(told.outcomes)
        if judged != len(segment.ops) and not _place_is_taken(store, segment, judged):
            raise Broken("19", f"{judged} of {len(segment.ops)} acts were judged in one round")


def _place_is_taken(store: VirtualStore, segment: Segment, place: int) -> bool:
    """Whether the log has another act where this one belongs: a store that was cloned or put back has said two things,
    and both were on their way at once. The next push from there hears that it is forked."""
    if place >= len(segment.ops):
        return False
    dseq = segment.from_dseq + place
    with store.reading() as connection:
        there = log.ops_from(connection, segment.incarnation, [dseq]).get(dseq)
    return there is not None and bytes(there.op_id) != decode_op(segment.ops[place]).op_id
