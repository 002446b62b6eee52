"""One of each message, always the same bytes: for tests of the wire and for the golden folder."""

from __future__ import annotations

import hashlib

import msgspec

from core.handlers import encode as encode_command
from core.kernel.values import uuid7
from core.orders.commands import StartCooking
from sync import chain
from sync.protocol import (
    MIN_PROTO,
    PROTO,
    AudienceChange,
    Change,
    Changes,
    Check,
    Enrol,
    EnrolAnswer,
    Ferry,
    FerryAnswer,
    Hello,
    HelloAnswer,
    Holder,
    Incident,
    Incidents,
    Notice,
    Notices,
    Op,
    Outcome,
    PushAnswer,
    Reincarnate,
    SeenAnswer,
    Segment,
    Trouble,
)
from sync.wire import encode_op, pack_segment

NOON = 1_795_514_400_000
DEVICE, INCARNATION = "019a0000000070008000000000000001", "5f" * 16


def noise(*about: object, size: int = 16) -> bytes:
    return hashlib.shake_256(repr(about).encode()).digest(size)


def an_op(place: int = 1) -> Op:
    order_id = uuid7(NOON - 1_000, noise("order", place, size=10)).hex()
    return Op(
        op_id=uuid7(NOON + place, noise("op", place, size=10)),
        salt=noise("salt", place),
        dseq=place,
        actor_id="cook_2",
        grant_id="019a0000000070008000000000000007",
        kind=StartCooking.name,
        v=1,
        entity=order_id,
        expect=0,
        base_seq=4_711,
        args=encode_command(StartCooking(order_id=order_id)),
        claimed_at=NOON + place,
        t_mono=86_400_000 + place,
        boot_id="0b" * 16,
        clk_err=12,
    )


def a_segment() -> Segment:
    ops = (encode_op(an_op(1)), encode_op(an_op(2)))
    head = chain.start(INCARNATION)
    for body in ops:
        head = chain.extend(head, body)
    return Segment(PROTO, DEVICE, INCARNATION, 1, ops, head, noise("signature", size=64))


def an_outcome() -> Outcome:
    return Outcome(an_op().op_id, 1, "rejected", "bed_taken", '{"bed":"B-009"}', 4_712)


def one_of_each() -> dict[str, msgspec.Struct]:
    change = Change(4_712, "order", "o1", msgspec.msgpack.encode({"id": "o1", "version": 2}))
    holder = Holder("kitchen 1", "kitchen", has=True, at=NOON, heard_at=NOON + 5)
    notice = Notice("sync_trouble", "sync.client.rebase:take", NOON, NOON + 5, 3)
    told = AudienceChange(7, ("hospital", "kitchen:main"))
    incident = Incident(noise("incident", size=16), "store_mended", '{"acts":3}', NOON)
    return {
        "op": an_op(),
        "segment": a_segment(),
        "outcome": an_outcome(),
        "push_answer": PushAnswer((an_outcome(),), 4_712, NOON, 4_000),
        "change": change,
        "audience_change": told,
        "changes": Changes("e1", (change,), (an_outcome(),), 4_712, 4_713, NOON, NOON, told, 4_000),
        "changes_checked": Changes(
            "e1",
            (change,),
            (an_outcome(),),
            4_712,
            4_713,
            NOON,
            NOON,
            told,
            4_000,
            checks=(Check("ward:A", 2**62 + 5),),
            seal=noise("seal", size=32),
        ),
        "check": Check("ward:A", 2**62 + 5),
        "incident": incident,
        "incidents": Incidents((incident,)),
        "trouble": Trouble("expected_dseq", '{"expected":7}'),
        "hello": Hello(PROTO, MIN_PROTO, "dusangire", 1, DEVICE, INCARNATION),
        "hello_answer": HelloAnswer(PROTO, MIN_PROTO, 1, "e1", NOON, 4_712, 7, told),
        "enrol": Enrol("7KQ2-M4XD", noise("key", size=32), INCARNATION, "kitchen 1"),
        "enrol_answer": EnrolAnswer(DEVICE, "kitchen", "kitchen 1", "e1", told, noise("server", size=32)),
        "holder": holder,
        "seen_answer": SeenAnswer("s1", 4_712, NOON, NOON + 5, (holder,)),
        "ferry": Ferry(DEVICE, "kitchen 1", NOON, (pack_segment(a_segment()),)),
        "ferry_answer": FerryAnswer("kitchen 1", NOON, 3, 2, 1),
        "notice": notice,
        "notices": Notices((notice,)),
        "reincarnate": Reincarnate(DEVICE, INCARNATION, "6e" * 16, noise("signature", size=64)),
    }
