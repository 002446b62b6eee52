"""What a patient must not have: recorded by anybody clinical, matched to what food is made of, withdrawn by a doctor.

Adding always wins over withdrawing (R47), without a clock and without comparing numbers: every allergy is a row of its
own, a withdrawal names one row, and a substance leaves the profile when no row counts it any more.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from core.diets.care import retell_allergies, rewrite_profile
from core.diets.catalogue import NOT_A_FOOD
from core.diets.model import Allergy, AllergyReview, DietProfile, Verification
from core.kernel.handle import FACT, Handle
from core.kernel.message import Command
from core.kernel.refusal import Refusal
from core.kernel.text import Code, Codes, RowId, ShortWords
from core.kernel.tx import Tx
from core.kernel.values import Role, as_codes, codes
from core.menu.substances import is_known_substance

CLINICAL = frozenset({Role.DOCTOR, Role.NURSE, Role.NUTRITIONIST})


class RecordAllergy(Command):
    """Somebody says that a patient must not have this. Code "" is text that still has to be matched."""

    stay_id: RowId
    code: Code | Literal[""] = ""
    text: ShortWords = ""
    reaction: ShortWords = ""
    criticality: Literal["low", "high", "unable_to_assess"] = "unable_to_assess"
    confirmed: bool = False

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.code and not self.text:
            raise ValueError("an allergy needs a code or a text")
        return self


def record_allergy(tx: Tx, cmd: RecordAllergy) -> None:
    """A fact, and always a row of its own. A substance no dish can be checked for is text, and unresolved (R8, R9)."""
    profile = tx.get(DietProfile, cmd.stay_id)
    code = cmd.code if cmd.code and is_known_substance(tx, cmd.code) else ""
    tx.add(
        Allergy(
            id=tx.new_id(),
            stay_id=profile.id,
            ward_id=profile.ward_id,
            code=code,
            text=cmd.text or ("" if code else cmd.code),
            reaction=cmd.reaction,
            criticality=cmd.criticality,
            verification=Verification.CONFIRMED if cmd.confirmed else Verification.UNCONFIRMED,
            recorded_by=tx.actor.person_id,
            recorded_at=tx.at,
        )
    )
    rewrite_profile(
        tx,
        profile,
        why="allergy_recorded",
        allergens=as_codes([*codes(profile.allergens), *codes(code)]),
        unmatched=profile.unmatched or not code,
        allergies_asked=True,
    )


class RecordAllergiesAsked(Command):
    """A patient was asked about allergies; none: and has none."""

    stay_id: RowId
    none: bool


def record_allergies_asked(tx: Tx, cmd: RecordAllergiesAsked) -> None:
    """A fact. "None" beside an allergy that counts is a conflict somebody has to settle: the allergy stands (R8)."""
    profile = tx.get(DietProfile, cmd.stay_id)
    review = tx.add(
        AllergyReview(
            id=tx.new_id(),
            stay_id=profile.id,
            ward_id=profile.ward_id,
            none=cmd.none,
            asked_by=tx.actor.person_id,
            asked_at=tx.at,
        )
    )
    rewrite_profile(tx, profile, why="allergies_asked", allergies_asked=True)
    if cmd.none and (profile.allergens or profile.unmatched):
        tx.case("allergy_data_conflict", about=review, allergens=profile.allergens)


class MatchAllergy(Command):
    """A nutritionist or doctor says which substances a free text means; "not_a_food" for a medicine or latex."""

    allergy_id: RowId
    codes: Annotated[Codes, Field(min_length=1)]


def match_allergy(tx: Tx, cmd: MatchAllergy) -> None:
    allergy = tx.get(Allergy, cmd.allergy_id)
    for code in cmd.codes:
        if code != NOT_A_FOOD and not is_known_substance(tx, code):
            raise Refusal("unknown_substance", code=code)
    tx.change(allergy, code=as_codes(cmd.codes))
    retell_allergies(tx, allergy.stay_id, why="allergy_matched")


class WithdrawAllergy(Command):
    """A doctor has refuted an allergy, or it was written for the wrong patient. It names one record,
    never a substance."""

    allergy_id: RowId
    finding: Literal["refuted", "entered_in_error"]
    reason: ShortWords = Field(min_length=1)


def withdraw_allergy(tx: Tx, cmd: WithdrawAllergy) -> None:
    allergy = tx.get(Allergy, cmd.allergy_id)
    if allergy.withdrawn_at is not None:
        return tx.already(by=allergy.withdrawn_by)
    tx.change(
        allergy,
        verification=cmd.finding,
        withdrawn_by=tx.actor.person_id,
        withdrawn_at=tx.at,
        withdrawn_why=cmd.reason,
    )
    retell_allergies(tx, allergy.stay_id, why="allergy_withdrawn")


HANDLERS = (
    Handle(RecordAllergy, record_allergy, kind=FACT, roles=CLINICAL | {Role.SYSTEM}),
    Handle(RecordAllergiesAsked, record_allergies_asked, kind=FACT, roles=CLINICAL | {Role.SYSTEM}),
    Handle(MatchAllergy, match_allergy, roles={Role.DOCTOR, Role.NUTRITIONIST}),
    Handle(WithdrawAllergy, withdraw_allergy, roles={Role.DOCTOR}),
)
