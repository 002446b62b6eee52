"""Errors of our own machines are counted, one row a kind and source, and closed by somebody who says what was done."""

from __future__ import annotations

from pydantic import Field

from core.cases.model import Trouble, number_of, trouble_id
from core.devices.model import Device
from core.kernel.found import held
from core.kernel.handle import SERVER, Handle
from core.kernel.message import Command
from core.kernel.refusal import Refusal
from core.kernel.text import Instant, RowId, ShortWords
from core.kernel.tx import Tx
from core.kernel.values import Role

MOST_KINDS = 40  # of one source; what comes beyond is one kind more, and counted
BEYOND = "many_errors"


class NoteTrouble(Command):
    """An error came again. more: how often since it was last told. total: how often in all, where the source counts.

    device_id "": the server itself. where: a place in our code, never what an error said: that may quote a patient.
    """

    device_id: str = Field(default="", max_length=64, pattern=r"^[A-Za-z0-9._-]*$")
    code: str = Field(pattern=r"^[a-z][a-z0-9_]{0,47}$")
    where: str = Field(default="", max_length=80, pattern=r"^[A-Za-z0-9_.:<>-]*$")
    first_at: Instant
    last_at: Instant
    more: int = Field(default=0, ge=0, le=1_000_000)
    total: int = Field(default=0, ge=0, le=1_000_000_000)


def note_trouble(tx: Tx, cmd: NoteTrouble) -> None:
    """Told twice it counts once; told after it was closed, it is open again and begins anew."""
    code, where = cmd.code, cmd.where
    row = held(tx, Trouble, trouble_id(cmd.device_id, code, where))
    if row is None and _has_many(tx, cmd.device_id):
        code, where = BEYOND, ""
        row = held(tx, Trouble, trouble_id(cmd.device_id, code, where))
    first, last = min(cmd.first_at, tx.at), min(cmd.last_at, tx.at)
    if row is None:
        new = Trouble(
            id=trouble_id(cmd.device_id, code, where),
            device_id=cmd.device_id,
            code=code,
            where=where,
            number=number_of(code, where),
            first_at=min(first, last),
            last_at=last,
            count=cmd.total or cmd.more,
            before=0,
        )
        tx.add(new)
        return
    count = max(row.count, cmd.total - row.before) if cmd.total and code != BEYOND else row.count + cmd.more
    if row.closed_at is None:
        tx.change(row, last_at=max(row.last_at, last), count=count)
    elif count > row.count:
        tx.change(
            row,
            first_at=max(first, row.closed_at),
            last_at=max(last, row.closed_at),
            before=row.before + row.count,
            count=count - row.count,
            closed_at=None,
            closed_by="",
            closing="",
        )


def _has_many(tx: Tx, device_id: str) -> bool:
    device = held(tx, Device, device_id) if device_id else None
    return device is not None and len(tx.all(Trouble, of=device)) >= MOST_KINDS


class CloseTrouble(Command):
    """It is mended. closing: what was done, in words."""

    trouble_id: RowId
    closing: ShortWords = Field(min_length=1)


def close_trouble(tx: Tx, cmd: CloseTrouble) -> None:
    row = tx.get(Trouble, cmd.trouble_id)
    if row.closed_at is not None:
        raise Refusal("trouble_closed", by=row.closed_by, at=row.closed_at)
    tx.change(row, closed_at=tx.at, closed_by=tx.actor.person_id, closing=cmd.closing)


HANDLERS = (
    Handle(NoteTrouble, note_trouble, where=SERVER, roles={Role.SYSTEM}),
    Handle(
        CloseTrouble, close_trouble, roles={Role.ADMIN}, reads=(lambda c, tx: ((Trouble, c.trouble_id),),)
    ),
)
