"""Diet orders: proposed by whoever looks after the patient, signed by a doctor, heard by telephone, ended by a doctor.

What feeds somebody is a doctor's. A draft feeds nobody; a verbal order feeds at once, and its doctor signs it within a
day, or somebody is told.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal

import msgspec
from pydantic import Field

from core.diets import profile as periods
from core.diets.care import close_isolations, close_orders, rewrite_profile
from core.diets.catalogue import ASSISTANCE, COMPONENTS, PREFERENCES
from core.diets.model import DietKind, DietOrder, DietProfile, DietState
from core.diets.profile import Period
from core.kernel.case import Case
from core.kernel.handle import SERVER, Handle
from core.kernel.lasting import Lasting
from core.kernel.message import Command
from core.kernel.refusal import Refusal
from core.kernel.text import Code, Codes, RowId, ShortWords
from core.kernel.tx import Tx
from core.kernel.values import Role, as_codes, codes
from core.menu.substances import NUTRIENTS
from core.people.access import known_actor

Named = Annotated[tuple[RowId, ...], Field(max_length=40)]


class DietWritten(Lasting):
    """What a diet order says. limits: the most of a nutrient in one hospital day."""

    stay_id: RowId
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


class PrescribeDiet(DietWritten):
    """A doctor orders what a patient eats.

    replaces: the diets, nil by mouth and holds that the doctor saw and that end when this order starts; the form fills
    it with `core.diets.profile.replaced_by_order`. What is not named stays in force beside it.
    """

    replaces: Named


def prescribe_diet(tx: Tx, cmd: PrescribeDiet) -> None:
    """Two textures hold all trays, a fast unseen goes on (R5, R6, R47)."""
    order = _write(tx, cmd, state=DietState.ACTIVE, ordered_by=tx.actor.person_id, supersedes=as_codes(cmd.replaces))
    _take_effect(tx, order, replaces=cmd.replaces)


class DraftDiet(DietWritten):
    """A diet order is proposed, for a doctor to sign. Until then it feeds nobody."""


def draft_diet(tx: Tx, cmd: DraftDiet) -> None:
    me = tx.actor.person_id
    _write(tx, cmd, state=DietState.DRAFT, ordered_by=me, drafted_by=me)


class SignDiet(Command):
    """A doctor makes a draft their own order. replaces: as in `PrescribeDiet`."""

    diet_order_id: RowId
    replaces: Named


def sign_diet(tx: Tx, cmd: SignDiet) -> None:
    draft = tx.get(DietOrder, cmd.diet_order_id)
    if draft.state != DietState.DRAFT:
        raise Refusal("not_a_draft", state=draft.state)
    order = tx.change(
        draft,
        state=DietState.ACTIVE.value,
        ordered_by=tx.actor.person_id,
        ordered_at=tx.at,
        supersedes=as_codes(cmd.replaces),
    )
    _take_effect(tx, order, replaces=cmd.replaces)


class TakeVerbalDiet(PrescribeDiet):
    """A nurse writes down what a doctor has ordered by word of mouth. It holds at once; the doctor signs it later."""

    doctor_id: RowId


def take_verbal_diet(tx: Tx, cmd: TakeVerbalDiet) -> None:
    doctor = known_actor(tx, cmd.doctor_id, tx.at)
    if doctor is None or not doctor.is_any(Role.DOCTOR):
        raise Refusal("not_a_doctor")
    order = _write(
        tx,
        cmd,
        state=DietState.ACTIVE,
        ordered_by=cmd.doctor_id,
        heard_by=tx.actor.person_id,
        supersedes=as_codes(cmd.replaces),
    )
    _take_effect(tx, order, replaces=cmd.replaces)


class CosignDiet(Command):
    """A doctor puts a name to an order that was given by word of mouth."""

    diet_order_id: RowId


def cosign_diet(tx: Tx, cmd: CosignDiet) -> None:
    """By the doctor who gave it, or one who stands in: who signed is kept."""
    order = tx.get(DietOrder, cmd.diet_order_id)
    if not order.heard_by:
        raise Refusal("not_a_verbal_order")
    if order.signed_at is not None:
        return tx.already(by=order.signed_by)
    tx.change(order, signed_by=tx.actor.person_id, signed_at=tx.at)


class MissSignature(Command):
    """A day has passed and nobody has signed: by time itself."""

    diet_order_id: RowId


def miss_signature(tx: Tx, cmd: MissSignature) -> None:
    """The order goes on, for the patient must eat something; somebody asks for the name."""
    order = tx.get(DietOrder, cmd.diet_order_id)
    if order.signed_at is not None or order.signature_missed_at is not None or not order.heard_by:
        return tx.already(by=order.signed_by)
    tx.change(order, signature_missed_at=tx.at)
    tx.add(
        Case(
            id=tx.new_id(),
            code="verbal_order_not_signed",
            detail=msgspec.json.encode({"by": order.ordered_by, "since": order.ordered_at}).decode(),
            op_id=tx.layer.act.op_id.hex(),
            actor_id=order.ordered_by,
            stay_id=order.stay_id,
            ward_id=order.ward_id,
            opened_at=tx.at,
        )
    )


class EndDietOrder(Command):
    """A doctor ends a diet order, or says that it was written in error.

    Nil by mouth ends by a diet order alone (R6), isolation by its own. A draft that is ended was never in force.
    """

    diet_order_id: RowId
    in_error: bool = False


def end_diet_order(tx: Tx, cmd: EndDietOrder) -> None:
    order = tx.get(DietOrder, cmd.diet_order_id)
    if order.kind == DietKind.NIL_BY_MOUTH:
        raise Refusal("fasting_ends_by_order")
    if order.state not in (DietState.ACTIVE, DietState.DRAFT):
        return tx.already()
    profile = tx.get(DietProfile, order.stay_id)
    state = DietState.ENTERED_IN_ERROR if cmd.in_error else DietState.ENDED
    tx.change(order, state=state.value, superseded_at=tx.at)
    isolation = order.kind == DietKind.ISOLATION
    told = periods.without_order(profile.periods, order.id, ends_at=tx.at, in_error=cmd.in_error or isolation)
    rewrite_profile(tx, profile, why="isolation_ended" if isolation else "diet_ended", periods=told)


# -- what an order is, and what it does -----------------------------------------------------------------------------


def _write(tx: Tx, cmd: DietWritten, *, state: DietState, **columns: Any) -> DietOrder:
    profile = tx.get(DietProfile, cmd.stay_id)
    _refuse_unknown_codes(cmd)
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
            state=state.value,
            ordered_at=tx.at,
            **columns,
        )
    )


def _take_effect(tx: Tx, order: DietOrder, *, replaces: Iterable[str]) -> None:
    """The order stands beside what it does not name; one that was meant for earlier is judged from now on (R13)."""
    profile = tx.get(DietProfile, order.stay_id)
    named = dict.fromkeys(replaces)
    starts = max(order.from_at, tx.at)
    if order.until_at is not None and order.until_at <= starts:
        raise Refusal("diet_over_already")
    ended = [period for period in periods.periods_of(profile.periods) if period.id in named]
    told = periods.with_diet(profile.periods, _period(tx, order, starts), replaces=named, at=tx.at)
    rewrite_profile(tx, profile, why="diet_prescribed", periods=told)
    for period in periods.stands_against(told, replaces=named, from_at=starts, until_at=order.until_at)[:1]:
        tx.case("fasting_stands", about=order, kind=period.kind, since=period.at)
    levels = periods.texture_conflict(told, from_at=starts)
    if levels:
        tx.case("texture_conflict", about=order, levels=" ".join(levels))
    close_orders(tx, ended, state=DietState.SUPERSEDED, at=starts)
    if order.isolation:
        close_isolations(tx, periods.periods_of(profile.periods), at=starts)


def _period(tx: Tx, order: DietOrder, starts: int) -> Period:
    limits: dict[str, int] = msgspec.json.decode(order.limits) if order.limits else {}
    return Period(
        kind=periods.DIET,
        id=order.id,
        from_at=starts,
        until_at=order.until_at,
        components=codes(order.components),
        preferences=codes(order.preferences),
        food=order.food_level,
        fluid=order.fluid_level,
        limits=limits,
        isolation=order.isolation,
        assistance=codes(order.assistance),
        by=order.ordered_by,
        at=tx.claimed_at,
    )


def _refuse_unknown_codes(cmd: DietWritten) -> None:
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


PROPOSERS = frozenset({Role.DOCTOR, Role.NUTRITIONIST, Role.NURSE})

HANDLERS = (
    Handle(PrescribeDiet, prescribe_diet, roles={Role.DOCTOR}),
    Handle(DraftDiet, draft_diet, roles=PROPOSERS),
    Handle(SignDiet, sign_diet, roles={Role.DOCTOR}),
    Handle(TakeVerbalDiet, take_verbal_diet, roles={Role.NURSE}),
    Handle(CosignDiet, cosign_diet, roles={Role.DOCTOR}),
    Handle(MissSignature, miss_signature, where=SERVER, roles={Role.SYSTEM}),
    Handle(EndDietOrder, end_diet_order, roles={Role.DOCTOR}),
)
