"""What doctors, nurses and nutritionists want of a patient's food: allergies, diets, holds, and leave for one dish."""

from __future__ import annotations

from typing import Any

from core.diets.allergies import MatchAllergy, RecordAllergiesAsked, RecordAllergy, WithdrawAllergy
from core.diets.commands import EndDietOrder, HoldTrays, PrescribeDiet, StartNilByMouth
from core.diets.isolation import EndIsolation, Isolate
from core.diets.model import DietOrder, DietProfile
from core.diets.overrides import AllowDish, EndAllowance
from core.diets.prescribing import CosignDiet, DraftDiet, SignDiet, TakeVerbalDiet
from core.diets.profile import replaced_by_order
from core.kernel.message import Command
from core.kernel.values import HOUR_MS
from sync.simulation.hands import Hands, Wants

LATER_MS = (HOUR_MS, 3 * HOUR_MS, 9 * HOUR_MS)
ALLOWED_CODES = ("allergy", "component", "nutrient_limit", "texture")
DIETS: tuple[tuple[dict[str, Any], int], ...] = (
    ({"components": ("regular",)}, 12),
    ({"components": ("diabetic",)}, 4),
    ({"components": ("low_salt",)}, 3),
    ({"components": ("regular",), "food_level": "4"}, 2),
    ({"components": ("regular",), "fluid_level": "2"}, 2),
    ({"components": ("regular",), "limits": {"sodium_mg": 450}}, 2),
    ({"components": ("regular",), "isolation": "protective"}, 1),
)


def asked(hands: Hands) -> Command | None:
    stay = hands.stay()
    return RecordAllergiesAsked(stay_id=stay, none=hands.dice.happens(0.7)) if stay else None


def allergy(hands: Hands) -> Command | None:
    """Mostly a substance that dishes are checked for; now and then words that somebody has to match."""
    stay = hands.stay()
    if not stay:
        return None
    if hands.dice.happens(0.2):
        return RecordAllergy(stay_id=stay, text="ibinyobwa")
    return RecordAllergy(stay_id=stay, code=hands.dice.one_of(("peanut", "milk", "rice", "moon_dust")))


def match(hands: Hands) -> Command | None:
    unmatched = hands.one([one.id for one in hands.view.allergies() if not one.code])
    found = hands.dice.one_of((("not_a_food",), ("milk",), ("beans", "peanut")))
    return MatchAllergy(allergy_id=unmatched, codes=found) if unmatched else None


def withdraw(hands: Hands) -> Command | None:
    allergy_id = hands.one([one.id for one in hands.view.allergies()])
    return WithdrawAllergy(allergy_id=allergy_id, finding="refuted", reason="tested") if allergy_id else None


def hold(hands: Hands) -> Command | None:
    stay = hands.stay()
    return HoldTrays(stay_id=stay, reason="vomiting") if stay else None


def nil(hands: Hands) -> Command | None:
    """From now, or from an hour to come; until somebody ends it, or until an hour."""
    stay = hands.stay()
    if not stay:
        return None
    from_at = hands.at + hands.dice.one_of(LATER_MS) if hands.dice.happens(0.3) else None
    begins = from_at or hands.at
    until_at = begins + hands.dice.one_of(LATER_MS) if hands.dice.happens(0.4) else None
    return StartNilByMouth(stay_id=stay, reason="procedure", from_at=from_at, until_at=until_at)


def diet(hands: Hands) -> Command | None:
    written = _written(hands)
    return PrescribeDiet(**written, replaces=_seen(hands, written["stay_id"])) if written else None


def verbal_diet(hands: Hands) -> Command | None:
    """A doctor has said it on the telephone."""
    written = _written(hands)
    if not written:
        return None
    return TakeVerbalDiet(**written, replaces=_seen(hands, written["stay_id"]), doctor_id="doctor_1")


def cosign(hands: Hands) -> Command | None:
    order = hands.one([one.id for one in hands.view.diet_orders() if one.heard_by and one.signed_at is None])
    return CosignDiet(diet_order_id=order) if order else None


def draft(hands: Hands) -> Command | None:
    written = _written(hands)
    return DraftDiet(**written) if written else None


def sign(hands: Hands) -> Command | None:
    drafts: list[DietOrder] = [one for one in hands.view.diet_orders() if one.state == "draft"]
    if not drafts:
        return None
    chosen = hands.dice.one_of(drafts)
    return SignDiet(diet_order_id=chosen.id, replaces=_seen(hands, chosen.stay_id))


def end_diet(hands: Hands) -> Command | None:
    order = hands.one([one.id for one in hands.view.diet_orders() if one.state in ("active", "draft")])
    return EndDietOrder(diet_order_id=order, in_error=hands.dice.happens(0.3)) if order else None


def isolate(hands: Hands) -> Command | None:
    stay = hands.stay()
    kind = hands.dice.one_of(("contact", "protective"))
    return Isolate(stay_id=stay, isolation=kind) if stay else None  # type: ignore[arg-type]  # one of its words


def end_isolation(hands: Hands) -> Command | None:
    stay = hands.stay()
    return EndIsolation(stay_id=stay) if stay else None


def allow(hands: Hands) -> Command | None:
    """Mostly for a patient whose rules are in the way of something."""
    profiles: list[DietProfile] = [one for one in hands.view.profiles() if one.open]
    strict = [one for one in profiles if one.allergens] or profiles
    dishes = hands.view.dishes()
    if not strict or not dishes:
        return None
    profile = hands.dice.one_of(strict)
    return AllowDish(
        stay_id=profile.id,
        dish_id=hands.dice.one_of(dishes).id,
        codes=hands.dice.some_of(ALLOWED_CODES, 0.5) or ("allergy",),
        why="asked for it, and it is well borne",
        until_at=hands.at + hands.dice.one_of(LATER_MS),
        rules_version=profile.rules_version,
        second_id=hands.dice.one_of(("head_nurse", "nurse_a", "")),
    )


def end_allowance(hands: Hands) -> Command | None:
    allowance = hands.one([one.id for one in hands.view.allowances() if one.ended_at is None])
    return EndAllowance(allowance_id=allowance) if allowance else None


def _written(hands: Hands) -> dict[str, Any]:
    """What a diet order says, {} when there is nobody to write it for."""
    stay = hands.stay()
    if not stay:
        return {}
    from_at = hands.at + hands.dice.one_of(LATER_MS) if hands.dice.happens(0.2) else None
    until_at = (from_at or hands.at) + hands.dice.one_of(LATER_MS) if hands.dice.happens(0.2) else None
    return {"stay_id": stay, "from_at": from_at, "until_at": until_at, **hands.dice.weighted(DIETS)}


def _seen(hands: Hands, stay_id: str) -> tuple[str, ...]:
    """What its doctor saw, and means to replace; some see only the half of it."""
    profile = hands.view.profile(stay_id)
    if profile is None:
        return ()
    seen = replaced_by_order(profile.periods, from_at=profile.changed_at + 1)
    return hands.dice.some_of(seen, 0.5) if hands.dice.happens(0.2) else seen


OF_NURSES: Wants = ((asked, 2), (allergy, 2), (hold, 1), (verbal_diet, 1))
OF_DOCTORS: Wants = (
    (diet, 8),
    (nil, 2),
    (withdraw, 2),
    (allergy, 3),
    (sign, 2),
    (cosign, 2),
    (match, 2),
    (allow, 3),
    (end_diet, 1),
    (end_allowance, 1),
    (isolate, 1),
    (end_isolation, 1),
)
OF_NUTRITIONISTS: Wants = ((hold, 1), (allergy, 1), (match, 2), (draft, 2), (allow, 2), (end_allowance, 1))
