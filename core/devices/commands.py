"""Consoles join by a one-time code and leave by a word of the administrator."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from core.devices import incidents
from core.devices.model import Device, EnrolCode, NumberLease
from core.kernel.found import held
from core.kernel.handle import SERVER, Handle
from core.kernel.message import Command
from core.kernel.policy import Policy
from core.kernel.refusal import Refusal
from core.kernel.text import RowId, ShortWords
from core.kernel.tx import Tx
from core.kernel.values import MINUTE_MS, Role
from core.wards.model import Kitchen, Ward

Hex32 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class MakeCode(Command):
    """A code for one new console. code_id is the hash of the code: the code itself is only on the screen.

    ward_id "" on a ward or clinical console: every ward. kitchen_id "" on a kitchen console: every kitchen.
    """

    code_id: Hex32
    kind: Literal["kitchen", "ward", "clinical", "admin"]
    title: ShortWords = Field(min_length=1)
    kitchen_id: RowId | Literal[""] = ""
    ward_id: RowId | Literal[""] = ""

    @model_validator(mode="after")
    def _stands_somewhere(self) -> Self:
        if self.ward_id and self.kind not in ("ward", "clinical"):
            raise ValueError("only ward and clinical consoles stand on a ward")
        if self.kitchen_id and self.kind != "kitchen":
            raise ValueError("only kitchen consoles stand in a kitchen")
        return self


def make_code(tx: Tx, cmd: MakeCode) -> None:
    if cmd.ward_id:
        tx.get(Ward, cmd.ward_id)
    if cmd.kitchen_id:
        tx.get(Kitchen, cmd.kitchen_id)
    tx.add(
        EnrolCode(
            id=cmd.code_id,
            kind=cmd.kind,
            name=cmd.title,
            kitchen_id=cmd.kitchen_id,
            ward_id=cmd.ward_id,
            made_by=tx.actor.person_id,
            made_at=tx.at,
            expires_at=tx.at + tx.policy("enrol_code_minutes") * MINUTE_MS,
        )
    )


class EnrolDevice(Command):
    """A console shows a code and its public key. title: what it calls itself, "" for the code's own name."""

    code_id: Hex32
    public_key: Hex32
    incarnation: RowId
    title: ShortWords = ""


def enrol_device(tx: Tx, cmd: EnrolDevice) -> None:
    """Once. The same console asking again after a lost answer is the same act, and known by its id."""
    code = tx.get(EnrolCode, cmd.code_id)
    if code.used_at is not None:
        raise Refusal("code_used", at=code.used_at)
    if tx.at >= code.expires_at:
        raise Refusal("code_too_old", at=code.expires_at)
    device = tx.add(
        Device(
            id=tx.new_id(),
            kind=code.kind,
            name=cmd.title or code.name,
            kitchen_id=code.kitchen_id,
            ward_id=code.ward_id,
            public_key=cmd.public_key,
            incarnation=cmd.incarnation,
            enrolled_at=tx.at,
            enrolled_by=code.made_by,
        )
    )
    tx.change(code, used_at=tx.at, device_id=device.id)


class RevokeDevice(Command):
    device_id: RowId


def revoke_device(tx: Tx, cmd: RevokeDevice) -> None:
    device = tx.get(Device, cmd.device_id)
    if device.revoked_at is not None:
        return tx.already(at=device.revoked_at)
    tx.change(device, revoked_at=tx.at)
    for lease in tx.all(NumberLease, of=device):
        tx.change(lease, returned_at=tx.at)


class LeaseNumbers(Command):
    """Twenty order numbers for one console, so that it can order without its server."""

    device_id: RowId
    first: int = Field(ge=8_000, lt=9_800, multiple_of=20)


def lease_numbers(tx: Tx, cmd: LeaseNumbers) -> None:
    device = tx.get(Device, cmd.device_id)
    if device.revoked_at is not None:
        raise Refusal("device_revoked", at=device.revoked_at)
    tx.add(NumberLease(id=tx.new_id(), device_id=device.id, first=cmd.first, leased_at=tx.at))


class SetOfflineLimit(Command):
    """How long consoles may go without the server: walls, or all that is carried or personal (sync.md §2.6)."""

    limit: Literal["wall", "personal"]
    minutes: int = Field(ge=60, le=14 * 24 * 60)


def set_offline_limit(tx: Tx, cmd: SetOfflineLimit) -> None:
    name = f"offline_{cmd.limit}_minutes"
    known = held(tx, Policy, name)
    if known is None:
        tx.add(Policy(id=name, value=cmd.minutes))
    elif known.value != cmd.minutes:
        tx.change(known, value=cmd.minutes)


class NewIncarnation(Command):
    """A console's file was restored or copied: it goes on under a new name, with the same key."""

    device_id: RowId
    incarnation: RowId


def new_incarnation(tx: Tx, cmd: NewIncarnation) -> None:
    device = tx.get(Device, cmd.device_id)
    if device.revoked_at is not None:
        raise Refusal("device_revoked", at=device.revoked_at)
    tx.change(device, incarnation=cmd.incarnation)


HANDLERS = (
    Handle(MakeCode, make_code, where=SERVER, roles={Role.ADMIN, Role.SYSTEM}),
    Handle(EnrolDevice, enrol_device, where=SERVER, roles={Role.SYSTEM}),
    Handle(RevokeDevice, revoke_device, where=SERVER, roles={Role.ADMIN, Role.SYSTEM}),
    Handle(LeaseNumbers, lease_numbers, where=SERVER, roles={Role.SYSTEM}),
    Handle(SetOfflineLimit, set_offline_limit, where=SERVER, roles={Role.ADMIN, Role.SYSTEM}),
    Handle(NewIncarnation, new_incarnation, where=SERVER, roles={Role.SYSTEM}),
    *incidents.HANDLERS,
)
