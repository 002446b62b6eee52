"""What a patient eats, or does not for now: diets, nil by mouth and holds. Allergies are in `core.diets.allergies`.

Whatever stops food is a fact and needs only the profile, so it works on every console at once. Whatever gives food
again is an intent of a doctor, and names what it replaces: nil by mouth and holds that its doctor could not have seen
stand, and open a case (R47).
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

import msgspec
from pydantic import Field, model_validator

from core.diets import allergies
from core.diets import profile as periods
from core.diets.allergies import CLINICAL
from core.diets.care import close_orders, rewrite_profile
from core.diets.catalogue import ASSISTANCE, COMPONENTS, PREFERENCES
from core.diets.model import DietKind, DietOrder, DietProfile, DietState, TrayHold
from core.diets.profile import Period
from core.kernel.handle import FACT, Handle
from core.kernel.message import Command
from core.kernel.refusal import Refusal
from core.kernel.text import Code, Codes, Instant, RowId, ShortWords
from core.kernel.tx import Tx
from core.kernel.values import Role, as_codes, codes
from core.menu.substances import NUTRIENTS

Named = Annotated[tuple[RowId, ...], Field(max_length=40)]


class Lasting(Command):
    """Whatever holds from one instant until another; from None: from now; until None: until something ends it."""

    from_at: Instant | None = None
    until_at: Instant | None = None

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.from_at is not None and self.until_at is not None and self.until_at <= self.from_at:
            raise ValueError("it must end after it starts")
        return self


# -- diets ----------------------------------------------------------------------------------------------------------


class PrescribeDiet(Lasting):
    """A doctor orders what a patient eats.

    replaces: the diets, nil by mouth and holds that the doctor saw and that end when this order starts; the form fills
    it with `core.diets.profile.replaced_by_order`. What is not named stays in force beside it.
    limits: the most of a nutrient in one hospital day.
    """

    stay_id: RowId
    replaces: Named
    components: Codes = ()
    preferences: Codes = ()
    food_level: Literal["", "3", "4", "5", "6", "7EC", "7"] = ""
    fluid_level: Literal["", "0", "1", "2", "3", "4"] = ""
    limits: Annotated[dict[Code, Annotated[int, Field(ge=0, lt=1 << 31)]], Field(max_length=8)] = Field(
        default_factory=dict
    )
    isolation: Literal["", "airborne", "contact", "droplet", "protective"] = ""
    assistance: Codes = ()
    reason: ShortWords = ""


def prescribe_diet(tx: Tx, cmd: PrescribeDiet) -> None:
    """The order stands beside what it does not name: two textures hold all trays, a fast unseen goes on (R5,
    R6, R47)."""
    profile = tx.get(DietProfile, cmd.stay_id)
    _refuse_unknown_codes(cmd)
    starts = max(cmd.from_at or tx.at, tx.at)  # an order effective earlier is judged from now on (R13)
    if cmd.until_at is not None and cmd.until_at <= starts:
        raise Refusal("diet_over_already")
    order = _add_order(tx, profile, cmd)
    ended = [period for period in periods.periods_of(profile.periods) if period.id in cmd.replaces]
    told = periods.with_diet(profile.periods, _diet_period(tx, order, cmd, starts), replaces=cmd.replaces, at=tx.at)
    rewrite_profile(tx, profile, why="diet_prescribed", periods=told)
    standing = periods.stands_against(told, replaces=cmd.replaces, from_at=starts, until_at=cmd.until_at)
    for period in standing[:1]:
        tx.case("fasting_stands", about=order, kind=period.kind, since=period.at)
    levels = periods.texture_conflict(told, from_at=starts)
    if levels:
        tx.case("texture_conflict", about=order, levels=" ".join(levels))
    close_orders(tx, ended, state=DietState.SUPERSEDED, at=starts)


def _add_order(tx: Tx, profile: DietProfile, cmd: PrescribeDiet) -> DietOrder:
    return tx.add(
        DietOrder(
            id=tx.new_id(),
            stay_id=profile.id,
            ward_id=profile.ward_id,
            kind=DietKind.DIET,
            components=as_codes(cmd.components),
            preferences=as_codes(cmd.preferences),
            food_level=cmd.food_level,
            fluid_level=cmd.fluid_level,
            limits=msgspec.json.encode(cmd.limits, order="sorted").decode() if cmd.limits else "",
            isolation=cmd.isolation,
            assistance=as_codes(cmd.assistance),
            reason=cmd.reason,
            from_at=tx.at if cmd.from_at is None else cmd.from_at,
            until_at=cmd.until_at,
            ordered_by=tx.actor.person_id,
            ordered_at=tx.at,
            supersedes=as_codes(cmd.replaces),
        )
    )


def _diet_period(tx: Tx, order: DietOrder, cmd: PrescribeDiet, starts: int) -> Period:
    return Period(
        kind=periods.DIET,
        id=order.id,
        from_at=starts,
        until_at=cmd.until_at,
        components=codes(order.components),
        preferences=codes(order.preferences),
        food=cmd.food_level,
        fluid=cmd.fluid_level,
        limits=cmd.limits,
        isolation=cmd.isolation,
        assistance=codes(order.assistance),
        by=tx.actor.person_id,
        at=tx.claimed_at,
    )


def _refuse_unknown_codes(cmd: PrescribeDiet) -> None:
    catalogues = (
        (cmd.components, COMPONENTS),
        (cmd.preferences, PREFERENCES),
        (cmd.assistance, ASSISTANCE),
        (tuple(cmd.limits), NUTRIENTS),
    )
    for used, known in catalogues:
        for code in used:
            if code not in known:
                raise Refusal("unknown_diet_code", code=code)


class EndDietOrder(Command):
    """A doctor ends a diet order, or says that it was written in error.
    Nil by mouth ends by a diet order alone (R6)."""

    diet_order_id: RowId
    in_error: bool = False


def end_diet_order(tx: Tx, cmd: EndDietOrder) -> None:
    order = tx.get(DietOrder, cmd.diet_order_id)
    if order.kind != DietKind.DIET:
        raise Refusal("fasting_ends_by_order")
    if order.state != DietState.ACTIVE:
        return tx.already()
    profile = tx.get(DietProfile, order.stay_id)
    state = DietState.ENTERED_IN_ERROR if cmd.in_error else DietState.ENDED
    tx.change(order, state=state, superseded_at=tx.at)
    told = periods.without_order(profile.periods, order.id, ends_at=tx.at)
    rewrite_profile(tx, profile, why="diet_ended", periods=told)


# -- stopping food --------------------------------------------------------------------------------------------------


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
    Handle(PrescribeDiet, prescribe_diet, roles={Role.DOCTOR}),
    Handle(EndDietOrder, end_diet_order, roles={Role.DOCTOR}),
    Handle(StartNilByMouth, start_nil_by_mouth, kind=FACT, roles={Role.DOCTOR}),
    Handle(HoldTrays, hold_trays, kind=FACT, roles=CLINICAL),
)
