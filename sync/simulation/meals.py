"""What patients may eat, told a second time: from what people did and the log took in, apart from the product's rules.

It shares no line with `core.diets` and looks at every period, part and substance one by one. Where it says that a meal
was forbidden and nobody was told, an unsafe meal has reached a bed (N17).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

FOREVER = 1 << 60
DIET, FAST, HOLD, ISOLATION = "diet", "nil_by_mouth", "hold", "isolation"
Spoken = tuple[str, str]  # kind, id: one order may speak of a diet and of an isolation
UNDECIDED = frozenset(  # a nurse at the bed may decide these
    {"allergies_not_asked", "allergy_unmatched", "recipe_unverified", "texture_conflict", "nutrient_unknown"}
)
FOOD_MAY = {"3": "3", "4": "4", "5": "5", "6": "6", "7EC": "7EC 6 5", "7": "7 7EC 6 5 4 3"}
DRINK_MAY = {"0": "0 1 2 3 4", "1": "1", "2": "2", "3": "3", "4": "4"}
Reason = tuple[str, str]  # dish or "", code
Line = tuple[str, int]  # dish, halves


@dataclass
class Said:
    """What somebody has said about a patient's food, from one instant until another."""

    kind: str
    starts: int
    ends: int = FOREVER
    components: tuple[str, ...] = ()
    food: str = ""
    fluid: str = ""
    limits: Mapping[str, int] = field(default_factory=dict)
    protective: bool = False  # of an isolation

    @property
    def began(self) -> bool:
        """Not replaced before it would have begun."""
        return self.starts < self.ends

    def runs_at(self, instant: int) -> bool:
        return self.starts <= instant < self.ends


@dataclass
class Leave:
    """That a dish may be served all the same, against these reasons."""

    dish: str
    codes: frozenset[str]
    starts: int
    ends: int


@dataclass
class Patient:
    """What is known of one patient's food. substances: None for an allergy that nobody has matched yet."""

    asked: bool = False
    allergies: dict[str, frozenset[str] | None] = field(default_factory=dict)
    said: dict[Spoken, Said] = field(default_factory=dict)
    leaves: dict[str, Leave] = field(default_factory=dict)

    @property
    def substances(self) -> frozenset[str]:
        return frozenset(code for codes in self.allergies.values() for code in codes or ())

    @property
    def unmatched(self) -> bool:
        return None in self.allergies.values()

    def rules(self) -> object:
        """Equal as long as nothing about what may be eaten has changed."""
        return (self.asked, self.substances, self.unmatched, deepcopy(self.said))

    def diets_at(self, instant: int) -> list[Said]:
        """A fast that has begun ends for good every diet that took effect before the fast was over."""
        fasts = [one for one in self.said.values() if one.kind == FAST and one.starts <= instant and one.began]
        return [
            one
            for one in self.said.values()
            if one.kind == DIET and one.runs_at(instant) and all(one.starts >= fast.ends for fast in fasts)
        ]

    def is_protected_at(self, instant: int) -> bool:
        """Protective isolation is a rule of what may be eaten."""
        return any(one.protective for one in self.said.values() if one.kind == ISOLATION and one.runs_at(instant))

    def against_eating(self, instant: int) -> set[str]:
        """Why this patient gets nothing at all, whatever it is."""
        why = {
            code
            for kind, code in ((FAST, "nil_by_mouth"), (HOLD, "trays_held"))
            if any(one.kind == kind and one.runs_at(instant) for one in self.said.values())
        }
        diets = self.diets_at(instant)
        if not diets and "nil_by_mouth" not in why:
            why.add("no_diet_order")
        if not self.asked:
            why.add("allergies_not_asked")
        if self.unmatched:
            why.add("allergy_unmatched")
        if len({one.food for one in diets} - {""}) > 1 or len({one.fluid for one in diets} - {""}) > 1:
            why.add("texture_conflict")
        return why


@dataclass
class Leaf:
    """One ingredient; amounts per 100 g."""

    contains: frozenset[str] = frozenset()
    verified: bool = True
    amounts: Mapping[str, int | None] = field(default_factory=dict)


@dataclass
class Plate:
    """One dish: grams of ingredients. touched: allergens of its cross contact."""

    parts: tuple[tuple[str, int], ...] = ()
    touched: frozenset[str] = frozenset()
    suits: frozenset[str] = frozenset()
    is_drink: bool = False
    level: str = "7"


@dataclass
class Kitchen:
    """What dishes are made of."""

    leaves: dict[str, Leaf] = field(default_factory=dict)
    plates: dict[str, Plate] = field(default_factory=dict)

    def inside(self, dish: str) -> frozenset[str]:
        plate = self.plates[dish]
        found = set(plate.touched)
        for name, _ in plate.parts:
            found |= {name, *self.leaves[name].contains}
        return frozenset(found)

    def is_verified(self, dish: str) -> bool:
        parts = self.plates[dish].parts
        return bool(parts) and all(self.leaves[name].verified for name, _ in parts)

    def amount(self, dish: str, nutrient: str, halves: int) -> int | None:
        """Rounded half up, first for a portion and then for so many halves of it."""
        total = 0
        if not self.plates[dish].parts:
            return None
        for name, grams in self.plates[dish].parts:
            known = self.leaves[name].amounts.get(nutrient)
            if known is None:
                return None
            total += known * grams
        portion = (total + 50) // 100
        return (portion * halves + 1) // 2


def forbidden(
    patient: Patient, kitchen: Kitchen, lines: Iterable[Line], besides: Iterable[Line], instant: int
) -> set[Reason]:
    """Everything that speaks against this meal at this instant, without what somebody has signed for.

    besides: what the patient's other meals of the day hold.
    """
    why: set[Reason] = {("", code) for code in patient.against_eating(instant)}
    diets = patient.diets_at(instant)
    eaten = list(besides)
    for dish, halves in lines:
        for code in _against_dish(patient, kitchen, dish, instant):
            why.add((dish, code))
        for code in _against_amount(kitchen, diets, eaten, dish, halves):
            why.add((dish, code))
        eaten.append((dish, halves))
    signed = [leave for leave in patient.leaves.values() if leave.starts <= instant < leave.ends]
    return {
        (dish, code) for dish, code in why if not any(dish == leave.dish and code in leave.codes for leave in signed)
    }


def _against_dish(patient: Patient, kitchen: Kitchen, dish: str, instant: int) -> Iterable[str]:
    plate, diets = kitchen.plates[dish], patient.diets_at(instant)
    if not patient.substances.isdisjoint(kitchen.inside(dish)):
        yield "allergy"
    if (patient.substances or patient.unmatched) and not kitchen.is_verified(dish):
        yield "recipe_unverified"
    may = DRINK_MAY if plate.is_drink else FOOD_MAY
    for level in {one.fluid if plate.is_drink else one.food for one in diets} - {""}:
        if plate.level not in may[level].split():
            yield "fluid" if plate.is_drink else "texture"
    wanted = {component for one in diets for component in one.components} - {"regular"}
    if patient.is_protected_at(instant):
        wanted.add("protective")
    if not wanted <= plate.suits:
        yield "component"


def _against_amount(kitchen: Kitchen, diets: list[Said], eaten: list[Line], dish: str, halves: int) -> Iterable[str]:
    lowest: dict[str, int] = {}
    for one in diets:
        for nutrient, most in one.limits.items():
            lowest[nutrient] = min(most, lowest.get(nutrient, most))
    for nutrient, most in lowest.items():
        before = [kitchen.amount(name, nutrient, part) for name, part in eaten]
        here = kitchen.amount(dish, nutrient, halves)
        known = sum(amount for amount in before if amount is not None) if None not in before else 0
        if known + (here or 0) > most:
            yield "nutrient_limit"
        elif here is None or None in before:
            yield "nutrient_unknown"


def patient_of_row(profile: Any) -> Patient:
    """The same, as a console's profile of a patient carries it: read plainly, one period after the other."""
    patient = Patient(asked=profile.allergies_asked)
    patient.allergies = {code: frozenset({code}) for code in profile.allergens.split()}
    if profile.unmatched:
        patient.allergies["?"] = None
    for told in json.loads(profile.periods):
        ends = told.get("until")
        patient.said[(told["kind"], told["id"])] = Said(
            told["kind"],
            told["from"],
            FOREVER if ends is None else ends,
            tuple(told.get("components", ())),
            told.get("food", ""),
            told.get("fluid", ""),
            told.get("limits", {}),
            told.get("isolation", "") == "protective",
        )
    for told in json.loads(profile.allowances):
        codes = frozenset(told["codes"])
        patient.leaves[told["id"]] = Leave(told["dish"], codes, told["from"], told["until"])
    return patient
