"""The flags of a card: everything that can harm, in the one sequence, and nothing that is ordinary."""

from __future__ import annotations

import pytest

from core.diets.commands import HoldTrays, PrescribeDiet
from core.diets.flags import flags_of
from core.diets.model import DietProfile
from core.kernel.tx import Tx
from core.words import flag_mark
from tests import given

SEQUENCE = ["[X]", "[!]", "[?]", "[#]", "[~]", "[=]", "[+]", "[&]", "[%]", "[H]"]


def codes(tx: Tx, stay_id: str, *, rules_age: int | None = 0) -> list[str]:
    profile = tx.get(DietProfile, stay_id)
    return [flag.code for flag in flags_of(profile, serve_at=given.NOON, at=given.NOON, rules_age=rules_age)]


def test_a_patient_with_a_regular_diet_has_none(tx: Tx) -> None:
    assert codes(tx, given.stay(tx).id) == []


def test_all_of_them_stand_in_the_sequence_of_their_gravity(tx: Tx) -> None:
    stay = given.stay(tx, allergies=("milk",), diet=None)
    given.perform(
        tx,
        PrescribeDiet(
            stay_id=stay.id,
            replaces=(),
            components=("diabetic",),
            food_level="4",
            fluid_level="2",
            isolation="contact",
            assistance=("glucose_first", "needs_help_eating", "no_sharp_cutlery"),
        ),
        by=given.DOCTOR,
        at=given.MORNING,
    )
    given.perform(tx, HoldTrays(stay_id=stay.id, reason="vomiting"), by=given.NURSE, at=given.MORNING)
    found = codes(tx, stay.id, rules_age=10 * 3_600_000)
    assert found == [
        "trays_held",
        "allergy",
        "rules_old",
        "texture",
        "fluids",
        "component",
        "isolation",
        "glucose_first",
        "needs_help_eating",
        "no_sharp_cutlery",
    ]
    places = [SEQUENCE.index(flag_mark(code)) for code in found]
    assert places == sorted(places)


def test_a_patient_who_was_not_asked_is_flagged(tx: Tx) -> None:
    assert codes(tx, given.stay(tx, asked=False).id) == ["allergies_not_asked"]


def test_a_patient_without_a_diet_order_is_flagged(tx: Tx) -> None:
    assert codes(tx, given.stay(tx, diet=None).id) == ["no_diet_order"]


def test_a_profile_that_is_not_held_is_a_flag_itself() -> None:
    assert [flag.code for flag in flags_of(None, serve_at=given.NOON, at=given.NOON)] == ["not_known_here"]


@pytest.mark.parametrize(("isolation", "code"), [("airborne", "isolation_airborne"), ("droplet", "isolation")])
def test_airborne_isolation_says_that_only_a_nurse_goes_in(tx: Tx, isolation: str, code: str) -> None:
    stay = given.stay(tx, diet=None)
    diet = PrescribeDiet(stay_id=stay.id, replaces=(), components=("regular",), isolation=isolation)  # type: ignore[arg-type]  # one of them
    given.perform(tx, diet, by=given.DOCTOR, at=given.MORNING)
    assert codes(tx, stay.id) == [code]
