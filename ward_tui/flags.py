"""What stands on a patient's card, red flags first: the flags of a profile in the one sequence (screens.md §2.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.words import flag_words

if TYPE_CHECKING:
    from core.diets.model import DietProfile
    from core.diets.verdict import Patient, Reason, Verdict

AIRBORNE = "airborne"
PLAIN = ("[=]",)  # what is no alarm: a diet


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag in words, mark and all. is_diet: `[=]`, which a run list leaves to the bedside."""

    text: str
    is_diet: bool = False

    @property
    def token(self) -> str:
        return "strong" if self.is_diet else "flag"


def flags_of(profile: DietProfile | None, patient: Patient | None, language: str) -> list[Flag]:
    """Every flag of this patient, the gravest first. patient: the profile, read for an instant."""
    if profile is None or patient is None:
        return [Flag(flag_words("not_known_here", None, language))]
    now = patient.standing
    reasons = [reason for reason in patient.reasons if reason.code != "no_stay" and reason.kind != "warn"]
    found = [_of_reason(reason, language) for reason in reasons]
    if patient.allergens:
        found.append(Flag(flag_words("allergy", {"substance": " ".join(patient.allergens)}, language)))
    found += [Flag(flag_words("texture", {"required": level}, language)) for level in now.food if level != "7"]
    found += [Flag(flag_words("fluids", {"required": level}, language)) for level in now.fluid if level != "0"]
    diets = [code for code in now.components if code != "regular"]
    if diets:
        found.append(Flag(flag_words("component", {"component": " ".join(diets)}, language), is_diet=True))
    for isolation in now.isolation:
        code = "isolation_airborne" if isolation == AIRBORNE else "isolation"
        found.append(Flag(flag_words(code, {"isolation": isolation}, language)))
    if profile.name_alert:
        found.append(Flag(flag_words("name_alert", None, language)))
    found += [Flag(flag_words(code, None, language)) for code in sorted(now.assistance, key=_after_glucose)]
    return _in_sequence(found)


def flags_of_verdict(verdict: Verdict, language: str) -> list[Flag]:
    """What the meal itself brings and the profile does not say: a recipe not checked, a dish not known here."""
    of_meal = [reason for reason in verdict.reasons if reason.dish_id and reason.kind == "hold"]
    return list(dict.fromkeys(_of_reason(reason, language) for reason in of_meal))


def _of_reason(reason: Reason, language: str) -> Flag:
    return Flag(flag_words(reason.code, reason.arguments, language))


def _after_glucose(code: str) -> tuple[bool, str]:
    return (code != "glucose_first", code)


_SEQUENCE = ("[X]", "[!]", "[?]", "[#]", "[~]", "[=]", "[*]", "[+]", "[&]", "[%]", "[H]", "[G]")


def _in_sequence(flags: list[Flag]) -> list[Flag]:
    places = {mark: place for place, mark in enumerate(_SEQUENCE)}
    return sorted(dict.fromkeys(flags), key=lambda flag: places.get(flag.text[:3], len(places)))
