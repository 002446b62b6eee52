"""Away: a patient who is on leave or elsewhere for treatment, in this stay all the same. No tray comes by itself."""

from __future__ import annotations

from typing import Literal

from core.kernel.handle import FACT, Handle
from core.kernel.lasting import Lasting
from core.kernel.message import Command
from core.kernel.text import RowId
from core.kernel.tx import Tx
from core.kernel.values import Role
from core.wards.model import Stay


class MarkAway(Lasting):
    """From now or from an hour, until an hour or until somebody says that the patient is back."""

    stay_id: RowId
    why: Literal["leave", "dialysis", "procedure"]


def mark_away(tx: Tx, cmd: MarkAway) -> None:
    """A fact, in place of what was said before. What is ordered stays ordered: a meal may be wanted on return."""
    stay = tx.get(Stay, cmd.stay_id)
    if stay.closed_at is not None:
        return tx.already(at=stay.closed_at)
    starts = tx.at if cmd.from_at is None else cmd.from_at
    tx.change(stay, away_from_at=starts, away_until_at=cmd.until_at, away_why=cmd.why)


class MarkBack(Command):
    stay_id: RowId


def mark_back(tx: Tx, cmd: MarkBack) -> None:
    """Takes back a leave that has not begun as well."""
    stay = tx.get(Stay, cmd.stay_id)
    if stay.away_from_at is None:
        return tx.already()
    tx.change(stay, away_from_at=None, away_until_at=None, away_why="")


AT_THE_WARD = frozenset({Role.NURSE, Role.DOCTOR, Role.NUTRITIONIST, Role.ADMIN})

HANDLERS = (
    Handle(MarkAway, mark_away, kind=FACT, roles=AT_THE_WARD, reads=(lambda cmd, tx: ((Stay, cmd.stay_id),),)),
    Handle(MarkBack, mark_back, kind=FACT, roles=AT_THE_WARD, reads=(lambda cmd, tx: ((Stay, cmd.stay_id),),)),
)
