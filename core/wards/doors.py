"""What a bed's page door has seen and the ward should know: that somebody keeps guessing at it."""

from __future__ import annotations

import msgspec
from pydantic import Field

from core.kernel.case import Case
from core.kernel.handle import FACT, SERVER, Handle
from core.kernel.message import Command
from core.kernel.text import RowId
from core.kernel.tx import Tx
from core.kernel.values import Role
from core.wards.model import Bed


class NoteDoorTries(Command):
    """So many wrong birth dates in a row at one bed's page."""

    bed_id: RowId
    tries: int = Field(ge=1, le=10_000)


def note_door_tries(tx: Tx, cmd: NoteDoorTries) -> None:
    """A fact for the ward to look at: a patient who mistypes, or somebody who is not the patient."""
    bed = tx.get(Bed, cmd.bed_id)
    tx.add(
        Case(
            id=tx.new_id(),
            code="door_tries",
            detail=msgspec.json.encode({"bed": bed.id, "tries": cmd.tries}).decode(),
            op_id=tx.layer.act.op_id.hex(),
            actor_id=tx.actor.person_id,
            ward_id=bed.ward_id,
            opened_at=tx.at,
        )
    )


HANDLERS = (Handle(NoteDoorTries, note_door_tries, kind=FACT, where=SERVER, roles={Role.SYSTEM}),)
