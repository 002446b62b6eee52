"""A doctor or nutritionist allows one dish against the rules: with a reason, for some hours, not always alone (R16)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from core.diets.allergies import CLINICAL
from core.diets.allowed import DIET_REASONS, DISH_REASONS, NEEDS_SECOND, Allowed, with_allowed, without_allowed
from core.diets.events import RulesChanged
from core.diets.model import Allowance, DietProfile
from core.kernel.handle import Handle
from core.kernel.message import Command
from core.kernel.refusal import Refusal
from core.kernel.text import Codes, Instant, RowId, ShortWords
from core.kernel.tx import Tx
from core.kernel.values import DAY_MS, Role, as_codes
from core.menu.model import DishFacts
from core.people.access import known_actor

LONGEST_DAYS = 7


class AllowDish(Command):
    """This dish may be served to this patient until then, although these reasons speak against it.

    rules_version: of the patient's rules as the person saw them. second_id: who stands by it as well.
    """

    stay_id: RowId
    dish_id: RowId
    codes: Annotated[Codes, Field(min_length=1)]
    why: ShortWords = Field(min_length=1)
    until_at: Instant
    rules_version: int = Field(ge=1, lt=1 << 53)
    second_id: RowId | Literal[""] = ""


def allow_dish(tx: Tx, cmd: AllowDish) -> None:
    """Every open meal of the patient is judged again at once; any newer rule takes the allowance away."""
    profile = tx.get(DietProfile, cmd.stay_id)
    _refuse_unfit(tx, cmd, profile)
    facts = tx.get(DishFacts, cmd.dish_id)
    allowance = tx.add(
        Allowance(
            id=tx.new_id(),
            stay_id=profile.id,
            ward_id=profile.ward_id,
            dish_id=facts.id,
            codes=as_codes(cmd.codes),
            why=cmd.why,
            allowed_by=tx.actor.person_id,
            second_id=cmd.second_id,
            from_at=tx.at,
            until_at=cmd.until_at,
            rules_version=profile.rules_version,
        )
    )
    told = Allowed(
        id=allowance.id,
        dish=facts.id,
        facts=facts.version,
        codes=tuple(sorted(cmd.codes)),
        from_at=tx.at,
        until_at=cmd.until_at,
        by=tx.actor.person_id,
        second=cmd.second_id,
    )
    tx.change(profile, allowances=with_allowed(profile.allowances, told, at=tx.at))
    tx.emit(RulesChanged(stay_id=profile.id, why="dish_allowed"))


def _refuse_unfit(tx: Tx, cmd: AllowDish, profile: DietProfile) -> None:
    if not profile.open:
        raise Refusal("stay_closed", at=profile.changed_at)
    if cmd.rules_version != profile.rules_version:
        raise Refusal("rules_changed_meanwhile", by=profile.changed_by, at=profile.changed_at)
    if cmd.until_at <= tx.at:
        raise Refusal("allowance_over_already")
    if cmd.until_at > tx.at + LONGEST_DAYS * DAY_MS:
        raise Refusal("allowance_too_long", days=LONGEST_DAYS)
    mine = DISH_REASONS if tx.actor.is_any(Role.DOCTOR) else DIET_REASONS
    for code in cmd.codes:
        if code not in mine:
            raise Refusal("not_yours_to_allow", reason=code)
    if any(code in NEEDS_SECOND for code in cmd.codes):
        _refuse_alone(tx, cmd.second_id)


def _refuse_alone(tx: Tx, second_id: str) -> None:
    """The second person is somebody else, and clinical."""
    second = known_actor(tx, second_id, tx.at) if second_id and second_id != tx.actor.person_id else None
    if second is None or not second.is_any(*CLINICAL):
        raise Refusal("second_person_needed")


class EndAllowance(Command):
    """The dish is forbidden again, by whoever may allow one."""

    allowance_id: RowId


def end_allowance(tx: Tx, cmd: EndAllowance) -> None:
    allowance = tx.get(Allowance, cmd.allowance_id)
    if allowance.ended_at is not None:
        return tx.already(by=allowance.ended_by)
    profile = tx.get(DietProfile, allowance.stay_id)
    tx.change(allowance, ended_at=tx.at, ended_by=tx.actor.person_id, ended_why="ended")
    tx.change(profile, allowances=without_allowed(profile.allowances, allowance.id))
    tx.emit(RulesChanged(stay_id=profile.id, why="allowance_ended"))


MAY_ALLOW = frozenset({Role.DOCTOR, Role.NUTRITIONIST})

HANDLERS = (
    Handle(AllowDish, allow_dish, roles=MAY_ALLOW),
    Handle(EndAllowance, end_allowance, roles=MAY_ALLOW),
)
