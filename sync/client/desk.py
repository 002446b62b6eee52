"""A person presses a key: the act is judged on what this console knows, saved with its effects,
and queued (sync.md §2.2).

One transaction; when it returns, the act is durable. No network is asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core import handlers
from core.kernel.message import Command
from core.kernel.refusal import Refusal, Unknown
from core.kernel.tx import Act, Tx
from core.kernel.values import Actor, Origin, uuid7
from core.store import queue
from core.store.open import Store
from core.store.read import TxSource
from sync.client import overlay
from sync.client.moment import Moment, rules_age, server_time
from sync.protocol import Op
from sync.wire import encode_op

CHANCE_BYTES = 26  # ten for the id, sixteen of salt


@dataclass(frozen=True, slots=True)
class Signed:
    """Who presses: the person, what they may do here, and by which grant."""

    actor: Actor
    grant_id: str


@dataclass(frozen=True, slots=True)
class Pressed:
    """A saved act. `needs_server`: nothing is shown of it until the server has judged it. `tables`: what it changed."""

    op_id: bytes
    place: int
    needs_server: bool
    tables: tuple[str, ...] = ()


def press(store: Store, moment: Moment, chance: bytes, signed: Signed, command: Command, *, expect: int = 0) -> Pressed:
    """Saves one act of one person.

    Raises Refusal when a rule says no here and now: then no act exists (an attempt that rules want logged is queued as
    an act of its own). Raises StoreTrouble("disk_full") with nothing half done.
    """
    handle = handlers.find(command.name)
    if handle is None:
        raise Refusal("unknown_command", command=command.name)
    refused: Refusal | None = None
    with store.writing() as connection:
        cursor = queue.read_cursor(connection)
        me = queue.this(connection)
        if me is None or cursor is None:
            raise Refusal("not_enrolled")
        if cursor.seq < cursor.ready_seq:
            raise Refusal("still_loading")
        if not signed.actor.roles & handle.roles:
            raise Refusal("not_your_role", command=command.name)
        tx = Tx(TxSource(connection, whole=False), rules_age=rules_age(cursor, moment))
        act = _act(moment, cursor, me, chance, signed, command)
        refused = _try_before(tx, act, handle, command)
        if refused is None:
            tx.rules_age = 0  # how old the rules are is for the person at the press; effects replay without it
            tried = overlay.run(tx, act, handle, command)
            refused = tried.refusal
        if refused is None:
            place = _queue(connection, cursor, me, moment, chance, act, signed, command, expect, tried)
            overlay.show(connection, tx, cursor.audiences)
            return Pressed(act.op_id, place, tried.unknown, _tables(tried))
    attempt = handle.attempt(command, refused.code) if handle.attempt else None
    if attempt is not None:
        press(store, moment, _other(chance), signed, attempt)
    raise refused


def _act(moment: Moment, cursor: queue.Cursor, me: Any, chance: bytes, signed: Signed, command: Command) -> Act:
    estimate = server_time(cursor, moment)
    return Act(
        op_id=uuid7(estimate.at, chance),
        kind=command.name,
        at=estimate.at,
        claimed_at=estimate.at,
        actor=signed.actor,
        origin=Origin.DEVICE,
        origin_ref=me.id,
        base_seq=cursor.seq,
    )


def _try_before(tx: Tx, act: Act, handle: Any, command: Command) -> Refusal | None:
    if handle.before is None:
        return None
    tx.begin(act)
    try:
        handle.before(tx, command)
    except Refusal as refusal:
        return refusal
    except Unknown as unknown:
        return Refusal("not_known_here", what=unknown.table, id=unknown.key)
    finally:
        tx.drop()
    return None


def _queue(
    connection: Any,
    cursor: queue.Cursor,
    me: Any,
    moment: Moment,
    chance: bytes,
    act: Act,
    signed: Signed,
    command: Command,
    expect: int,
    tried: overlay.Tried,
) -> int:
    place, dseq = queue.next_place(connection)
    op = Op(
        op_id=act.op_id,
        salt=chance[10:26],
        dseq=dseq,
        actor_id=act.actor.person_id,
        grant_id=signed.grant_id,
        kind=command.name,
        v=command.v,
        entity=command.entity,
        expect=expect,
        base_seq=act.base_seq,
        args=handlers.encode(command),
        claimed_at=act.claimed_at,
        t_mono=moment.mono,
        boot_id=moment.boot,
        clk_err=server_time(cursor, moment).error,
    )
    values = {
        "place": place,
        "dseq": dseq,
        "incarnation": me.incarnation,
        "op_id": act.op_id,
        "kind": command.name,
        "entity": command.entity,
        "actor_id": act.actor.person_id,
        "made_at": act.claimed_at,
        "body": encode_op(op),
    }
    queue.keep_op(connection, values, tried.touched)
    return place


def _tables(tried: overlay.Tried) -> tuple[str, ...]:
    written = [key.split(" ", 1)[0] for key, modes in tried.touched.items() if queue.WROTE in modes]
    return (*sorted({name for name in written if "@" not in name}), "op")


def _other(chance: bytes) -> bytes:
    """Other bytes of the same chance, for the attempt that is queued instead of the refused act."""
    return bytes(byte ^ 0x5A for byte in chance)
