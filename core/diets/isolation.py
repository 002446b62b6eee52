"""Isolation: a standing fact of a stay, put there by a doctor or a nurse, ended by a doctor or by its hour (R55).

It says which tray and who goes in, and protective isolation is a rule of what may be eaten as well. No diet order and
no nil by mouth takes it away.
"""

from __future__ import annotations

from typing import Literal

from core.diets import profile as periods
from core.diets.care import close_isolations, rewrite_profile
from core.diets.model import DietKind, DietOrder, DietProfile
from core.diets.profile import ISOLATION, Period
from core.kernel.handle import FACT, Handle
from core.kernel.lasting import Lasting
from core.kernel.message import Command
from core.kernel.refusal import Refusal
from core.kernel.text import RowId, ShortWords
from core.kernel.tx import Tx
from core.kernel.values import Role


class Isolate(Lasting):
    """This patient is isolated, from now or from an hour, in place of any isolation before."""

    stay_id: RowId
    isolation: Literal["airborne", "contact", "droplet", "protective"]
    reason: ShortWords = ""


def isolate(tx: Tx, cmd: Isolate) -> None:
    """A fact: it only narrows what may be eaten, and whoever goes in must know at once."""
    profile = tx.get(DietProfile, cmd.stay_id)
    starts = tx.at if cmd.from_at is None else max(cmd.from_at, tx.at)
    if cmd.until_at is not None and cmd.until_at <= starts:
        return tx.already(at=cmd.until_at)
    order = tx.add(
        DietOrder(
            id=tx.new_id(),
            stay_id=profile.id,
            ward_id=profile.ward_id,
            kind=DietKind.ISOLATION,
            isolation=cmd.isolation,
            reason=cmd.reason,
            from_at=starts,
            until_at=cmd.until_at,
            ordered_by=tx.actor.person_id,
            ordered_at=tx.at,
        )
    )
    new = Period(
        kind=ISOLATION,
        id=order.id,
        from_at=starts,
        until_at=cmd.until_at,
        isolation=cmd.isolation,
        reason=cmd.reason,
        by=tx.actor.person_id,
        at=tx.claimed_at,
    )
    close_isolations(tx, periods.periods_of(profile.periods), at=starts)
    told = periods.with_isolation(profile.periods, new, at=tx.at)
    rewrite_profile(tx, profile, why="isolated", periods=told)


class EndIsolation(Command):
    """A doctor ends every isolation of a patient."""

    stay_id: RowId


def end_isolation(tx: Tx, cmd: EndIsolation) -> None:
    profile = tx.get(DietProfile, cmd.stay_id)
    told = periods.without_isolation(profile.periods, at=tx.at)
    if told == profile.periods:
        raise Refusal("not_isolated")
    close_isolations(tx, periods.periods_of(profile.periods), at=tx.at)
    rewrite_profile(tx, profile, why="isolation_ended", periods=told)


HANDLERS = (
    Handle(Isolate, isolate, kind=FACT, roles={Role.DOCTOR, Role.NURSE}),
    Handle(EndIsolation, end_isolation, roles={Role.DOCTOR}),
)
