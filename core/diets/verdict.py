"""Whether this dish is for this patient at this time: ALLOW, WARN, BLOCK or HOLD, with every reason (R1 to R12).

Pure and total: the same profile, facts, instants and thresholds give the same verdict on server, console and page, and
there is always one. What is not known never counts as harmless: it holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType

from core.diets.allowed import Allowed, allowed_at
from core.diets.catalogue import DRINK_LEVELS, FOOD_LEVELS, PROTECTIVE, REGULAR
from core.diets.model import DietProfile
from core.diets.nutrients import NOTHING_YET, UNKNOWN, Amounts, of_portion
from core.diets.profile import AGAINST_FOOD, Standing, periods_of, standing
from core.kernel.values import HOUR_MS, codes
from core.menu.model import DishFacts


class VerdictKind(StrEnum):
    """Four, not two (R2). HOLD is BLOCK for a patient alone, and "ask a nurse or the nutritionist" for staff."""

    ALLOW = "allow"
    WARN = "warn"  # a preference: confirm
    HOLD = "hold"  # cannot decide
    BLOCK = "block"


ALLOW, WARN, HOLD, BLOCK = VerdictKind.ALLOW, VerdictKind.WARN, VerdictKind.HOLD, VerdictKind.BLOCK
_GRAVITY: Mapping[VerdictKind, int] = MappingProxyType({ALLOW: 0, WARN: 1, HOLD: 2, BLOCK: 3})

# R3: the sequence in which reasons are told, and what each makes of a meal. The first of a verdict is its headline.
# `window` and `money` are the order's own, told after these.
REASONS: Mapping[str, tuple[int, VerdictKind]] = MappingProxyType(
    {
        "no_stay": (1, BLOCK),
        "nil_by_mouth": (2, BLOCK),
        "trays_held": (2, BLOCK),
        "no_diet_order": (3, BLOCK),
        "allergy": (4, BLOCK),
        "allergies_not_asked": (5, HOLD),
        "allergy_unmatched": (5, HOLD),
        "recipe_unverified": (5, HOLD),
        "not_known_here": (5, HOLD),
        "rules_old": (5, HOLD),
        "rules_unconfirmed": (5, WARN),
        "texture_conflict": (6, HOLD),
        "texture": (6, BLOCK),
        "choking": (6, BLOCK),
        "fluid": (6, BLOCK),
        "component": (7, BLOCK),
        "nutrient_limit": (8, BLOCK),
        "nutrient_unknown": (8, HOLD),
        "preference": (9, WARN),
        "out_of_stock": (10, BLOCK),
        "window": (11, BLOCK),
        "money": (12, BLOCK),
    }
)
_LAST_OF_SAFETY = 8


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason. `detail` are the arguments of its words; dish_id is "" when it speaks of the patient."""

    code: str
    dish_id: str = ""
    detail: tuple[tuple[str, str | int], ...] = ()

    @property
    def place(self) -> int:
        return REASONS[self.code][0]

    @property
    def kind(self) -> VerdictKind:
        return REASONS[self.code][1]

    @property
    def arguments(self) -> dict[str, str | int]:
        return dict(self.detail)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The gravest of its reasons decides; the first in R3's order is told first. notes decide nothing."""

    reasons: tuple[Reason, ...] = ()
    notes: tuple[str, ...] = ()  # after_fasting (R7), no_order_grace (R4)
    overridden: tuple[Reason, ...] = ()  # what somebody has allowed all the same (R16): on the label, and never silent

    @property
    def kind(self) -> VerdictKind:
        gravest = ALLOW
        for reason in self.reasons:
            if _GRAVITY[reason.kind] > _GRAVITY[gravest]:
                gravest = reason.kind
        return gravest

    @property
    def headline(self) -> Reason | None:
        return self.reasons[0] if self.reasons else None

    @property
    def code(self) -> str:
        """The headline's code, or the kind's word when there is nothing to say."""
        return self.reasons[0].code if self.reasons else ALLOW.value

    @property
    def safety(self) -> Verdict:
        """Only what can harm: for a meal on the stove or on its way, stock and preference no longer matter."""
        harmful = tuple(reason for reason in self.reasons if reason.place <= _LAST_OF_SAFETY)
        return Verdict(harmful, self.notes, self.overridden)

    @property
    def forbids(self) -> bool:
        """Neither a patient alone nor a cook may go on."""
        return self.kind in (BLOCK, HOLD)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The hospital's policies that steer a verdict, in ms."""

    no_order_grace: int = 0  # R4: 0 = nil by mouth until ordered
    rules_hold: int = 4 * HOUR_MS  # R46


DEFAULT_THRESHOLDS = Thresholds()


@dataclass(frozen=True, slots=True)
class Patient:
    """A profile, read for one instant: parsed once, then asked for each dish."""

    standing: Standing
    reasons: tuple[Reason, ...]  # those that speak of the patient alone
    notes: tuple[str, ...]
    allergens: tuple[str, ...]
    allergic: bool  # R9: an unverified recipe holds for them
    components: tuple[str, ...]
    allowed: tuple[Allowed, ...] = ()  # R16
    small_child: bool = False  # R56


def verdict(
    profile: DietProfile,
    facts: DishFacts,
    *,
    serve_at: int,
    at: int,
    rules_age: int | None = 0,
    thresholds: Thresholds = DEFAULT_THRESHOLDS,
    used: Amounts = NOTHING_YET,
    halves: int = 2,
) -> Verdict:
    """The verdict on one dish. `used`: what the patient's other meals of that hospital day bring,
    where a limit is set."""
    patient = read(profile, serve_at=serve_at, at=at, rules_age=rules_age, thresholds=thresholds)
    return judge_dish(patient, facts, used=used, halves=halves)


def read(
    profile: DietProfile,
    *,
    serve_at: int,
    at: int,
    rules_age: int | None = 0,
    thresholds: Thresholds = DEFAULT_THRESHOLDS,
) -> Patient:
    """A profile at the instant of serving: not when somebody looks (R7), and never in the past."""
    instant = max(serve_at, at)
    now = standing(profile.periods, instant)
    allergens = _codes(profile.allergens)
    grace = not now.ordered and instant < profile.opened_at + thresholds.no_order_grace
    reasons = (
        *_of_the_stay(profile, now, grace=grace),
        *_unresolved(profile, rules_age=rules_age, thresholds=thresholds),
        *_texture_conflicts(now),
    )
    notes = (("after_fasting",) if now.after_fasting else ()) + (("no_order_grace",) if grace else ())
    return Patient(
        standing=now,
        reasons=reasons,
        notes=notes,
        allergens=allergens,
        allergic=bool(allergens) or profile.unmatched,
        components=_required_components(now),
        allowed=allowed_at(profile.allowances, instant),
        small_child=profile.small_child,
    )


def judge_dish(patient: Patient, facts: DishFacts, *, used: Amounts = NOTHING_YET, halves: int = 2) -> Verdict:
    """The verdict on one dish for a patient read before."""
    reasons = [
        *patient.reasons,
        *_allergies(patient, facts),
        *_recipe(patient, facts),
        *_texture(patient.standing, facts),
        *_components(patient, facts),
        *_limits(patient.standing, facts, used, halves),
        *_preferences(patient.standing, facts),
    ]
    if facts.choking and patient.small_child:
        reasons.append(Reason("choking", facts.id))
    if facts.out_of_stock:
        reasons.append(Reason("out_of_stock", facts.id))
    if len(reasons) > 1:
        reasons.sort(key=_place)  # stable: within one place as found
    if not patient.allowed:
        return Verdict(tuple(reasons), patient.notes)
    waved = tuple(reason for reason in reasons if _is_allowed(patient, facts, reason))
    return Verdict(tuple(reason for reason in reasons if reason not in waved), patient.notes, waved)


def together(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict on a whole meal: every reason of every dish, each once, in R3's order."""
    reasons: dict[Reason, None] = {}
    notes: dict[str, None] = {}
    waved: dict[Reason, None] = {}
    for one in verdicts:
        if one.reasons:
            reasons.update(dict.fromkeys(one.reasons))
        if one.notes:
            notes.update(dict.fromkeys(one.notes))
        if one.overridden:
            waved.update(dict.fromkeys(one.overridden))
    told = tuple(sorted(reasons, key=_place)) if len(reasons) > 1 else tuple(reasons)
    return Verdict(told, tuple(notes), tuple(sorted(waved, key=_place)) if waved else ())


# -- the reasons, in R3's order -------------------------------------------------------------------------------------


def _of_the_stay(profile: DietProfile, now: Standing, *, grace: bool) -> Iterable[Reason]:
    if not profile.open:
        yield Reason("no_stay")
    if now.fasting is not None:
        yield Reason("nil_by_mouth", detail=(("since", now.fasting.at), ("why", now.fasting.reason)))
    if now.hold is not None:
        yield Reason("trays_held", detail=(("since", now.hold.at),))
    if not now.diets and now.fasting is None and not grace:
        yield Reason("no_diet_order")


def _unresolved(profile: DietProfile, *, rules_age: int | None, thresholds: Thresholds) -> Iterable[Reason]:
    if not profile.allergies_asked:
        yield Reason("allergies_not_asked")
    if profile.unmatched:
        yield Reason("allergy_unmatched")
    if rules_age is None or rules_age > thresholds.rules_hold:
        hours = (("hours", -1 if rules_age is None else rules_age // HOUR_MS),)
        yield Reason("rules_old" if _is_delicate(profile) else "rules_unconfirmed", detail=hours)


def _is_delicate(profile: DietProfile) -> bool:
    """R46's flag: any allergy, known or not asked, or any nil by mouth or hold in these days."""
    return (
        bool(profile.allergens)
        or profile.unmatched
        or not profile.allergies_asked
        or any(period.kind in AGAINST_FOOD for period in periods_of(profile.periods))
    )


def _texture_conflicts(now: Standing) -> Iterable[Reason]:
    for levels in (now.food, now.fluid):
        if len(levels) > 1:
            yield Reason("texture_conflict", detail=(("levels", " ".join(levels)),))


def _allergies(patient: Patient, facts: DishFacts) -> Iterable[Reason]:
    if not patient.allergens:
        return
    contains, may_contain = _codes(facts.allergens), _codes(facts.may_contain)
    ingredients = _codes(facts.ingredients)
    for substance in patient.allergens:
        if substance in contains or substance in ingredients:
            yield Reason("allergy", facts.id, (("substance", substance), ("how", "contains")))
        elif substance in may_contain:
            yield Reason("allergy", facts.id, (("substance", substance), ("how", "may_contain")))


def _recipe(patient: Patient, facts: DishFacts) -> Iterable[Reason]:
    if patient.allergic and not facts.verified:
        yield Reason("recipe_unverified", facts.id)


def _texture(now: Standing, facts: DishFacts) -> Iterable[Reason]:
    """Exact, never "at most" (R10). An unknown level is nobody's level."""
    required, accepted, code = (
        (now.fluid, DRINK_LEVELS, "fluid") if facts.is_drink else (now.food, FOOD_LEVELS, "texture")
    )
    for level in required:
        if facts.level not in accepted.get(level, (level,)):
            yield Reason(code, facts.id, (("level", facts.level), ("required", level)))


def _components(patient: Patient, facts: DishFacts) -> Iterable[Reason]:
    if not patient.components:
        return
    suits = _codes(facts.suits)
    for component in patient.components:
        if component not in suits:
            yield Reason("component", facts.id, (("component", component),))


def _limits(now: Standing, facts: DishFacts, used: Amounts, halves: int) -> Iterable[Reason]:
    """Cumulative and unknown-aware (R11): what is known may already be too much; what is not known holds."""
    for nutrient, most in now.limits:
        so_far, here = used.get(nutrient, UNKNOWN), of_portion(facts, nutrient, halves)
        detail = (("nutrient", nutrient), ("most", most), ("left", most - (so_far or 0)))
        if (so_far or 0) + (here or 0) > most:
            yield Reason("nutrient_limit", facts.id, detail)
        elif so_far is UNKNOWN or here is UNKNOWN:
            yield Reason("nutrient_unknown", facts.id, detail[:2])


def _preferences(now: Standing, facts: DishFacts) -> Iterable[Reason]:
    if not now.preferences:
        return
    honoured = _codes(facts.preferences)
    for preference in now.preferences:
        if preference not in honoured:
            yield Reason("preference", facts.id, (("preference", preference),))


def _is_allowed(patient: Patient, facts: DishFacts, reason: Reason) -> bool:
    """Only what speaks against the dish: whoever may not eat at all is helped by a diet order, not by an allowance."""
    return reason.dish_id == facts.id and any(one.covers(facts, reason.code) for one in patient.allowed)


def _required_components(now: Standing) -> tuple[str, ...]:
    """Everything suits a regular diet; protective isolation is a diet rule too (R55)."""
    required = [component for component in now.components if component != REGULAR]
    if PROTECTIVE in now.isolation and PROTECTIVE not in required:
        required.append(PROTECTIVE)
    return tuple(required)


def _place(reason: Reason) -> int:
    return REASONS[reason.code][0]


@lru_cache(maxsize=8_192)
def _codes(text: str) -> tuple[str, ...]:
    return codes(text)
