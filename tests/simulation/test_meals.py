"""The second reading of what patients may eat: plain cases, so that nobody need believe it because it agrees."""

from __future__ import annotations

import pytest

from sync.simulation.meals import DIET, FAST, HOLD, ISOLATION, Kitchen, Leaf, Leave, Patient, Plate, Said, forbidden

NOW, HOUR = 1_000_000_000, 3_600_000
KITCHEN = Kitchen(
    leaves={
        "rice": Leaf(amounts={"sodium_mg": 100}),
        "paste": Leaf(contains=frozenset({"peanut"}), amounts={"sodium_mg": 100}),
        "herb": Leaf(verified=False, amounts={"sodium_mg": None}),
    },
    plates={
        "plain": Plate(parts=(("rice", 200),), suits=frozenset({"diabetic"})),
        "nutty": Plate(parts=(("rice", 100), ("paste", 50))),
        "wild": Plate(parts=(("herb", 100),)),
        "smooth": Plate(parts=(("rice", 100),), level="4"),
        "juice": Plate(parts=(("rice", 100),), is_drink=True, level="0"),
        "fried": Plate(parts=(("rice", 100),), touched=frozenset({"fish"})),
    },
)


def a_patient(*said: Said, allergies: dict[str, frozenset[str] | None] | None = None) -> Patient:
    patient = Patient(asked=True, allergies=allergies or {})
    patient.said = {(one.kind, str(number)): one for number, one in enumerate(said)}
    return patient


def why(patient: Patient, *dishes: str, at: int = NOW) -> set[str]:
    return {code for _, code in forbidden(patient, KITCHEN, [(dish, 2) for dish in dishes], [], at)}


REGULAR = Said(DIET, NOW - HOUR, components=("regular",))


@pytest.mark.parametrize(
    ("patient", "dish", "expected"),
    [
        (a_patient(REGULAR), "plain", set()),
        (a_patient(), "plain", {"no_diet_order"}),
        (a_patient(REGULAR, Said(HOLD, NOW)), "plain", {"trays_held"}),
        (a_patient(REGULAR, Said(FAST, NOW, NOW + HOUR)), "plain", {"nil_by_mouth"}),
        (a_patient(REGULAR, allergies={"a": frozenset({"peanut"})}), "nutty", {"allergy"}),
        (a_patient(REGULAR, allergies={"a": frozenset({"fish"})}), "fried", {"allergy"}),
        (a_patient(REGULAR, allergies={"a": frozenset({"rice"})}), "plain", {"allergy"}),
        (a_patient(REGULAR, allergies={"a": None}), "plain", {"allergy_unmatched"}),
        (a_patient(REGULAR, allergies={"a": frozenset({"peanut"})}), "wild", {"recipe_unverified"}),
        (a_patient(Said(DIET, NOW, components=("diabetic",))), "nutty", {"component"}),
        (a_patient(Said(DIET, NOW, food="4")), "plain", {"texture"}),
        (a_patient(Said(DIET, NOW, food="4")), "smooth", set()),
        (a_patient(Said(DIET, NOW, fluid="2")), "juice", {"fluid"}),
        (a_patient(Said(DIET, NOW, food="4"), Said(DIET, NOW, food="5")), "smooth", {"texture_conflict", "texture"}),
        (a_patient(Said(DIET, NOW, limits={"sodium_mg": 150})), "plain", {"nutrient_limit"}),
        (a_patient(Said(DIET, NOW, limits={"sodium_mg": 150})), "wild", {"nutrient_unknown"}),
        (a_patient(REGULAR, Said(ISOLATION, NOW, protective=True)), "plain", {"component"}),
    ],
)
def test_each_reason_by_itself(patient: Patient, dish: str, expected: set[str]) -> None:
    assert why(patient, dish) == expected


def test_a_fast_that_is_over_brings_no_diet_back_and_one_ordered_for_its_end_counts() -> None:
    fast = Said(FAST, NOW - HOUR, NOW)
    assert why(a_patient(Said(DIET, NOW - 2 * HOUR), fast), "plain") == {"no_diet_order"}
    assert why(a_patient(Said(DIET, NOW), fast), "plain") == set()


def test_a_fast_that_was_replaced_before_it_began_ends_nothing() -> None:
    never = Said(FAST, NOW + HOUR, NOW)
    assert why(a_patient(REGULAR, never), "plain", at=NOW + 2 * HOUR) == set()


def test_what_else_is_eaten_that_day_counts_towards_a_limit() -> None:
    patient = a_patient(Said(DIET, NOW, limits={"sodium_mg": 350}))
    assert forbidden(patient, KITCHEN, [("plain", 2)], [("plain", 2)], NOW) == {("plain", "nutrient_limit")}
    assert forbidden(patient, KITCHEN, [("plain", 2)], [("plain", 1)], NOW) == set()


def test_a_signature_lifts_what_it_names_for_its_dish_and_hours() -> None:
    patient = a_patient(REGULAR, allergies={"a": frozenset({"peanut"})})
    patient.leaves = {"l": Leave("nutty", frozenset({"allergy"}), NOW, NOW + HOUR)}
    assert why(patient, "nutty") == set()
    assert why(patient, "nutty", at=NOW + HOUR) == {"allergy"}
    patient.leaves = {"l": Leave("nutty", frozenset({"component"}), NOW, NOW + HOUR)}
    assert why(patient, "nutty") == {"allergy"}


def test_nobody_asked_is_not_nobody_allergic() -> None:
    patient = a_patient(REGULAR)
    patient.asked = False
    assert why(patient, "plain") == {"allergies_not_asked"}
