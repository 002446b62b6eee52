"""What stands on a patient's card, in words: the flags of `core.diets.flags`, as a handheld and a desk tell them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.words import flag_words

if TYPE_CHECKING:
    from core.diets.model import DietProfile
    from core.diets.verdict import Patient, Verdict

DIET = "component"
SAID_ELSEWHERE = ("no_stay", "rules_unconfirmed")  # by the line of the tray, and by the form of the bedside


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag in words, mark and all. is_diet: `[=]`, which a run list leaves to the bedside."""

    text: str
    is_diet: bool = False

    @property
    def token(self) -> str:
        return "strong" if self.is_diet else "flag"


def flags_of(
    profile: DietProfile | None,
    patient: Patient | None,
    language: str,
    *,
    meal: Verdict | None = None,
    people: Mapping[str, str] | None = None,
    guest: bool = False,
) -> list[Flag]:
    """Every flag of this patient, the gravest first. patient: the profile, read for an instant.

    meal: the verdict on it, for what its dishes leave undecided and what somebody has allowed; people: names by id.
    guest: the tray is for somebody who visits the patient.
    """
    from core.diets.flags import flags_as_read, guest_flags_as_read, named

    if guest:
        return [Flag(flag_words(flag.code, flag.arguments, language)) for flag in guest_flags_as_read(patient)]
    if profile is None or patient is None:
        return [Flag(flag_words("not_known_here", None, language))]
    found = named(flags_as_read(profile, patient, meal), people or {})
    told = [
        Flag(flag_words(flag.code, flag.arguments, language), is_diet=flag.code == DIET)
        for flag in found
        if flag.code not in SAID_ELSEWHERE
    ]
    return list(dict.fromkeys(told))
