"""What a console is told when it greets, enrols or forks, and whether a signed request is truly its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from core.devices import keys
from core.devices.commands import EnrolDevice
from core.devices.model import Device, EnrolCode
from core.kernel.values import MINUTE_MS, SYSTEM, Origin, derived_id, due_op_id
from core.store import log, taken_over
from core.store.open import Store
from core.store.read import TxSource, as_rows
from core.store.tables import SCHEMA, TABLES
from core.wards.model import Stay
from sync import chain
from sync.protocol import (
    APPLIED,
    DUPLICATE,
    MIN_PROTO,
    PROTO,
    AudienceChange,
    Enrol,
    EnrolAnswer,
    Hello,
    HelloAnswer,
    Holder,
    Outcome,
    Reincarnate,
    SeenAnswer,
    Trouble,
)
from sync.server import audience
from sync.server.perform import Submission, submit

Verify = Callable[[bytes, bytes, bytes], bool]  # public key, message, signature
CLOCKS_APART_MS = 10 * MINUTE_MS
KEY_BYTES = 32
INCARNATION_HEX = 32


class Refused(Exception):  # noqa: N818 - what it is
    """A request is refused. `trouble.code` has words, `status` is HTTP's."""

    def __init__(self, status: int, code: str, /, **detail: str | int) -> None:
        super().__init__(code)
        self.status = status
        self.trouble = Trouble(code, msgspec.json.encode(detail).decode() if detail else "")


@dataclass(frozen=True, slots=True)
class Signed:
    """Who a request says it is from: header values, and `METHOD path?query`."""

    device: str
    incarnation: str
    time: str
    signature: str
    about: str


def who_asks(store: Store, now: int, said: Signed, verify: Verify) -> Device:
    """The device that signed a request. Raises Refused: 401 unknown_device,
    wrong_clock (with our instant), bad_signature."""
    with store.reading() as connection:
        device = TxSource(connection, whole=True).rows(Device, [said.device]).get(said.device)
        known = log.incarnation_row(connection, said.incarnation)
    if device is None or known is None or known["device_id"] != device.id or not said.time.isdecimal():
        raise Refused(401, "unknown_device")
    message = f"{said.about} {said.time}".encode()
    if not verify(bytes.fromhex(device.public_key), message, _from_hex(said.signature)):
        raise Refused(401, "bad_signature")
    if abs(int(said.time) - now) > CLOCKS_APART_MS:
        raise Refused(401, "wrong_clock", at=now)
    return device


def standing(store: Store, device_id: str, now: int) -> tuple[log.Head, tuple[str, ...]]:
    """Where the log stands, and which audiences this device may hold: none when it is revoked."""
    with store.reading() as connection:
        head = log.read_head(connection)
        return head, audience.of_device(connection, device_id, max(now, head.at))


def hello(store: Store, now: int, message: Hello) -> HelloAnswer:
    """Says nothing that is secret: whoever pulls must sign.

    Raises Refused: 426 wrong_version, 401 unknown_device, 409 unknown_incarnation.
    """
    if message.min_proto > PROTO or message.proto < MIN_PROTO:
        raise Refused(426, "wrong_version", proto=PROTO)
    with store.reading() as connection:
        head = log.read_head(connection)
        at = max(now, head.at)
        known = log.incarnation_row(connection, message.incarnation)
        if known is None or known["device_id"] != message.device:
            raise _unknown(connection, message.device, known)
        may = audience.of_device(connection, message.device, at)
    return HelloAnswer(
        proto=PROTO,
        min_proto=MIN_PROTO,
        schema=SCHEMA,
        epoch=head.epoch,
        at=at,
        head=head.seq,
        last_dseq=known["last_dseq"],
        audiences=AudienceChange(audience.version_of(may), may),
        epochs=head.history(),
    )


# -- enrolment --------------------------------------------------------------------------------------------------------


def enrolment(store: Store, now: int, message: Enrol) -> Submission:
    """The act that lets a new console in. The same code, key and incarnation make the same act."""
    if len(message.public_key) != KEY_BYTES or not _is_incarnation(message.incarnation):
        raise Refused(400, "bad_message")
    code_id = keys.code_hash(message.code)
    with store.reading() as connection:
        code = TxSource(connection, whole=True).rows(EnrolCode, [code_id]).get(code_id)
    if code is None:
        raise Refused(403, "code_wrong")
    key = message.public_key.hex()
    command = EnrolDevice(code_id=code_id, public_key=key, incarnation=message.incarnation, title=message.name)
    op_id = due_op_id("enrol", f"{code_id} {key} {message.incarnation}", code.made_at)
    return submit(command, op_id=op_id, actor=SYSTEM, origin=Origin.GATEWAY, origin_ref="enrol")


def enrolled(outcome: Outcome | None, wanted: Submission) -> str:
    """The new device's id. Raises Refused with the rule's own code."""
    if outcome is None or outcome.outcome not in (APPLIED, DUPLICATE):
        raise Refused(403, outcome.code if outcome is not None else "server_error")
    return derived_id(wanted.op_id, 1)


def open_incarnation(connection: Connection, now: int, device_id: str, incarnation: str) -> None:
    """The place where a device's chain begins. Nothing happens when it is there already."""
    known = log.incarnation_row(connection, incarnation)
    if known is None:
        log.open_incarnation(
            connection,
            incarnation_id=incarnation,
            device_id=device_id,
            at=now,
            start=chain.start(incarnation),
        )
    elif known["device_id"] != device_id:
        raise Refused(409, "forked")


def welcome(store: Store, now: int, device_id: str) -> EnrolAnswer:
    with store.reading() as connection:
        head = log.read_head(connection)
        device = TxSource(connection, whole=True).rows(Device, [device_id])[device_id]
        may = audience.of_device(connection, device_id, max(now, head.at))
        seed = bytes.fromhex(log.signing_seed(connection))
    return EnrolAnswer(
        device=device.id,
        kind=device.kind,
        name=device.name,
        epoch=head.epoch,
        audiences=AudienceChange(audience.version_of(may), may),
        server_key=keys.public_key(seed),
    )


def _unknown(connection: Connection, device_id: str, known: Any) -> Refused:
    """A server that was restored from a backup may know a device and not the incarnation it has begun since."""
    device = TxSource(connection, whole=True).rows(Device, [device_id]).get(device_id)
    if device is None or known is not None:
        return Refused(401, "unknown_device")
    return Refused(409, "unknown_incarnation")


# -- a store that was cloned or restored ------------------------------------------------------------------------------


def check_reincarnation(store: Store, message: Reincarnate, verify: Verify) -> None:
    """A forked store may begin a new chain; its key proves that it is that device. A restored server may not know the
    old one."""
    if not _is_incarnation(message.new):
        raise Refused(400, "bad_message")
    with store.reading() as connection:
        device = TxSource(connection, whole=True).rows(Device, [message.device]).get(message.device)
        known = log.incarnation_row(connection, message.old)
    if device is None or (known is not None and known["device_id"] != device.id):
        raise Refused(401, "unknown_device")
    signed = chain.reincarnate_message(message.device, message.old, message.new)
    if not verify(bytes.fromhex(device.public_key), signed, message.signature):
        raise Refused(401, "bad_signature")


def note_heard(connection: Connection, now: int, incarnation: str, cursor: int) -> None:
    """How far it says itself that it has come, and when: a screen's "seen by" reads it."""
    taken_over.note(connection, incarnation, cursor=cursor, at=now)
    log.note_heard(connection, incarnation, cursor=cursor, at=now, waiting=0)


def note_all_heard(connection: Connection, now: int, heard: Sequence[tuple[str, int]]) -> None:
    """Consoles that hang on a live stream are in contact. What they were sent is not what they say they have."""
    for incarnation, _ in heard:
        note_contact(connection, now, incarnation)


def note_contact(connection: Connection, now: int, incarnation: str) -> None:
    """It was there until now; how far it has come it says itself."""
    log.note_contact(connection, incarnation, at=now)


def seen_by(store: Store, now: int, device_id: str, stay_id: str) -> SeenAnswer:
    """Who has taken over the newest rules of one patient. Raises Refused: 403 not_your_audience, device_revoked.

    stay_id "": every console of the hospital, for the administrator's page.
    """
    if not stay_id:
        return _every_console(store, now, device_id)
    with store.reading() as connection:
        head = log.read_head(connection)
        may = audience.of_device(connection, device_id, max(now, head.at))
        stay = TxSource(connection, whole=True).rows(Stay, [stay_id]).get(stay_id)
        if not may:
            raise Refused(403, "device_revoked")
        if stay is None or not {f"care:{stay.ward_id}", f"ward:{stay.ward_id}"}.intersection(may):
            raise Refused(403, "not_your_audience")
        reach = taken_over.reach_of(connection, stay)
    holders = tuple(Holder(one.name, one.kind, one.has, one.at, one.heard_at) for one in reach.holders)
    return SeenAnswer(stay_id, reach.seq, reach.changed_at, max(now, head.at), holders)


def _every_console(store: Store, now: int, device_id: str) -> SeenAnswer:
    """How far each console in use says it has come: a holder's name is its id, `at` the instant its rows are of."""
    with store.reading() as connection:
        head = log.read_head(connection)
        if "admin" not in audience.of_device(connection, device_id, max(now, head.at)):
            raise Refused(403, "not_your_audience")
        table = TABLES[Device]
        in_use = as_rows(Device, connection.execute(select(table).where(table.c.revoked_at.is_(None))))
        known = {row.id: row for row in log.devices_heard(connection)}
        instants = log.instants_of(connection, [row.cursor for row in known.values()])
    holders = []
    for device in sorted(in_use, key=_name):
        row = known.get(device.incarnation)
        cursor, heard_at = (row.cursor, row.heard_at) if row is not None else (0, 0)
        has = cursor >= head.seq
        holders.append(Holder(device.id, device.kind, has, heard_at if has else instants.get(cursor, 0), heard_at))
    return SeenAnswer("", head.seq, head.at, max(now, head.at), tuple(holders))


def _name(device: Device) -> tuple[str, str]:
    return (device.name, device.id)


def _is_incarnation(text: str) -> bool:
    return len(text) == INCARNATION_HEX and _from_hex(text) != b""


def _from_hex(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""
