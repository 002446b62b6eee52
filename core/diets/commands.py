"""What a patient does not eat for now: nil by mouth and holds. Diets are in `prescribing`, allergies in `allergies`.

Whatever stops food is a fact and needs only the profile, so it works on every console at once. Whatever gives food
again is an intent of a doctor, and names what it replaces: nil by mouth and holds that its doctor could not have seen
stand, and open a case (R47).
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from core.diets import allergies, isolation, namesakes, overrides, prescribing
from core.diets import profile as periods
from core.diets.allergies import CLINICAL
from core.diets.care import rewrite_profile
from core.diets.model import DietKind, DietOrder, DietProfile, TrayHold
from core.diets.prescribing import EndDietOrder, PrescribeDiet
from core.diets.profile import Period
from core.kernel.handle import FACT, Handle
from core.kernel.lasting import Lasting
from core.kernel.message import Command
from core.kernel.text import RowId, ShortWords
from core.kernel.tx import Tx
from core.kernel.values import Role

__all__ = ["HANDLERS", "EndDietOrder", "HoldTrays", "PrescribeDiet", "StartNilByMouth"]


class StartNilByMouth(Lasting):
    """Nothing by mouth, from now or from an hour. It ends by the next diet order that names it, never by itself."""

    stay_id: RowId
    reason: Literal["doctor", "procedure", "swallow_screen"]


def start_nil_by_mouth(tx: Tx, cmd: StartNilByMouth) -> None:
    """A fact: it wins over every diet that takes effect before it ends, even when it is heard of too late."""
    profile = tx.get(DietProfile, cmd.stay_id)
    starts = tx.at if cmd.from_at is None else cmd.from_at
    if cmd.until_at is not None:
        starts = min(starts, cmd.until_at - 1)
    order = tx.add(
        DietOrder(
            id=tx.new_id(),
            stay_id=profile.id,
            ward_id=profile.ward_id,
            kind=DietKind.NIL_BY_MOUTH,
            reason=cmd.reason,
            from_at=starts,
            until_at=cmd.until_at,
            ordered_by=tx.actor.person_id,
            ordered_at=tx.at,
        )
    )
    fast = Period(
        kind=periods.NIL_BY_MOUTH,
        id=order.id,
        from_at=starts,
        until_at=cmd.until_at,
        reason=cmd.reason,
        by=tx.actor.person_id,
        at=tx.claimed_at if cmd.from_at is None else starts,
    )
    told = periods.with_period(profile.periods, fast, at=tx.at)
    rewrite_profile(tx, profile, why="nil_by_mouth", periods=told)


class HoldTrays(Command):
    """All food of a patient is held until a doctor's next diet order."""

    stay_id: RowId
    reason: ShortWords = Field(min_length=1)


def hold_trays(tx: Tx, cmd: HoldTrays) -> None:
    profile = tx.get(DietProfile, cmd.stay_id)
    hold = tx.add(
        TrayHold(
            id=tx.new_id(),
            stay_id=profile.id,
            ward_id=profile.ward_id,
            reason=cmd.reason,
            held_by=tx.actor.person_id,
            held_at=tx.at,
        )
    )
    period = Period(kind=periods.HOLD, id=hold.id, from_at=tx.at, by=tx.actor.person_id, at=tx.claimed_at)
    told = periods.with_period(profile.periods, period, at=tx.at)
    rewrite_profile(tx, profile, why="trays_held", periods=told)


HANDLERS = (
    *allergies.HANDLERS,
    *overrides.HANDLERS,
    *prescribing.HANDLERS,
    *isolation.HANDLERS,
    *namesakes.HANDLERS,
    Handle(StartNilByMouth, start_nil_by_mouth, kind=FACT, roles={Role.DOCTOR}),
    Handle(HoldTrays, hold_trays, kind=FACT, roles=CLINICAL),
)
