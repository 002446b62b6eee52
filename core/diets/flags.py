"""Which flags stand on a patient's card, in the order of screens.md §2.1: everything that can harm, complete."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.diets.catalogue import REGULAR
from core.diets.children import pieces_mm
from core.diets.model import DietProfile
from core.diets.verdict import DEFAULT_THRESHOLDS, Patient, Thresholds, Verdict, read

STOPPING = ("no_stay", "nil_by_mouth", "trays_held")  # [X]
UNDECIDED = (  # [?]
    "no_diet_order",
    "allergies_not_asked",
    "allergy_unmatched",
    "recipe_unverified",
    "not_known_here",
    "rules_old",
    "rules_unconfirmed",
    "texture_conflict",
    "nutrient_unknown",
)
ORDINARY_FOOD, ORDINARY_DRINK = "7", "0"
HELP = ("needs_help_eating", "no_sharp_cutlery", "adaptive_cutlery")  # [H], in this sequence


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag by its code, with the arguments of its words."""

    code: str
    detail: tuple[tuple[str, str | int], ...] = ()

    @property
    def arguments(self) -> dict[str, str | int]:
        return dict(self.detail)


def flags_of(
    profile: DietProfile | None,
    *,
    serve_at: int,
    at: int,
    rules_age: int | None = 0,
    thresholds: Thresholds = DEFAULT_THRESHOLDS,
    meal: Verdict | None = None,
) -> tuple[Flag, ...]:
    """The flags of one patient when a meal is eaten. meal: the verdict on it, for what its dishes leave undecided.

    A profile that this machine does not hold is a flag itself: nothing is known, so nothing is harmless.
    """
    if profile is None:
        return (Flag("not_known_here"),)
    patient = read(profile, serve_at=serve_at, at=at, rules_age=rules_age, thresholds=thresholds)
    return flags_as_read(profile, patient, meal)


def flags_as_read(profile: DietProfile, patient: Patient, meal: Verdict | None = None) -> tuple[Flag, ...]:
    """The same for a profile that was read already."""
    found = [
        *_of_reasons(patient, STOPPING),
        *([Flag("allergy", (("substances", profile.allergens),))] if profile.allergens else []),
        *_of_reasons(patient, UNDECIDED, meal),
        *_of_the_diet(patient, child=profile.child),
        *([Flag("override", (("by", patient.allowed[0].by),))] if meal is not None and meal.overridden else []),
        *([Flag("name_alert")] if profile.name_alert else []),
        *_of_assistance(patient),
    ]
    return tuple(dict.fromkeys(found))


def named(flags: Iterable[Flag], people: Mapping[str, str]) -> tuple[Flag, ...]:
    """With whoever allowed something by the name on shared screens, not by an id."""
    return tuple(_by_name(flag, people) if flag.code == "override" else flag for flag in flags)


def _by_name(flag: Flag, people: Mapping[str, str]) -> Flag:
    by = str(flag.arguments.get("by", ""))
    return Flag(flag.code, (("by", people.get(by, by)),))


def flags_for_guest(profile: DietProfile | None, *, serve_at: int, at: int) -> tuple[Flag, ...]:
    """On food for somebody who visits the patient (R17): that it is no patient's, and what whoever enters must know."""
    return guest_flags_as_read(read(profile, serve_at=serve_at, at=at) if profile is not None else None)


def guest_flags_as_read(patient: Patient | None) -> tuple[Flag, ...]:
    """The same for the patient of that room, read already."""
    if patient is None:
        return (Flag("guest"),)
    of_the_room = [flag for flag in _of_the_diet(patient) if flag.code in ("isolation", "isolation_airborne")]
    return (*_of_reasons(patient, ("nil_by_mouth",)), *of_the_room, Flag("guest"))


def _of_reasons(patient: Patient, wanted: tuple[str, ...], meal: Verdict | None = None) -> list[Flag]:
    reasons = [*patient.reasons, *(meal.reasons if meal is not None else ())]
    return [Flag(reason.code, reason.detail) for code in wanted for reason in reasons if reason.code == code]


def _of_the_diet(patient: Patient, *, child: bool = False) -> list[Flag]:
    now = patient.standing
    flags: list[Flag] = []
    if len(now.food) == 1 and now.food[0] != ORDINARY_FOOD:
        flags.append(Flag("texture", (("level", now.food[0]),)))
        largest = pieces_mm(now.food[0], child=child)
        if child and largest is not None:
            flags.append(Flag("pieces", (("mm", largest),)))
    if len(now.fluid) == 1 and now.fluid[0] != ORDINARY_DRINK:
        flags.append(Flag("fluids", (("level", now.fluid[0]),)))
    said_below = (REGULAR, *now.isolation)  # protective isolation is a diet too, and is one flag
    components = [component for component in now.components if component not in said_below]
    if components:
        flags.append(Flag("component", (("components", " ".join(components)),)))
    for isolation in now.isolation:
        code = "isolation_airborne" if isolation == "airborne" else "isolation"
        flags.append(Flag(code, (("isolation", isolation),)))
    return flags


def _of_assistance(patient: Patient) -> list[Flag]:
    wanted = patient.standing.assistance
    glucose = [Flag("glucose_first")] if "glucose_first" in wanted else []
    return [*glucose, *(Flag(code) for code in HELP if code in wanted)]


def diet_names(profile: DietProfile, *, at: int) -> tuple[str, ...]:
    """The components that hold at an instant: what a changed card says it was."""
    now = read(profile, serve_at=at, at=at).standing
    return now.components or (() if now.fasting else (REGULAR,) if now.diets else ())
