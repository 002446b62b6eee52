"""A second opinion: the verdict told from the rules of the design alone, slowly and obviously, beside the engine.

It shares no line with `core.diets`: it reads plain dictionaries,
walks every recipe itself and looks at every period one by one. Where it and the engine differ,
one of them has misread a rule.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

FOREVER = 1 << 60


@dataclass
class Told:
    """What a doctor, a nurse or a clock has said about food. kind: diet, fast, hold; apart from those: isolation."""

    kind: str
    starts: int
    ends: int = FOREVER
    components: set[str] = field(default_factory=set)
    preferences: set[str] = field(default_factory=set)
    food: str = ""
    drink: str = ""
    limits: dict[str, int] = field(default_factory=dict)
    isolation: str = ""


@dataclass
class Person:
    """A patient as the wards know them."""

    here: bool = True
    under_five: bool = False
    arrived: int = 0
    asked: bool = True
    substances: set[str] = field(default_factory=set)
    unmatched: bool = False
    told: list[Told] = field(default_factory=list)
    isolated: list[Told] = field(default_factory=list)
    eaten: dict[str, int | None] = field(default_factory=dict)


@dataclass
class Leaf:
    """An ingredient: what it is, what it may do, what it nourishes per 100 g."""

    name: str
    allergens: set[str] = field(default_factory=set)
    may_contain: set[str] = field(default_factory=set)
    vouched: bool = True
    per_100: dict[str, int | None] = field(default_factory=dict)


@dataclass
class Plate:
    """A dish with its recipe: grams of leaves and of other plates. yields: grams of one portion of it."""

    name: str
    parts: list[tuple[int, Leaf | Plate]] = field(default_factory=list)
    yields: int = 0
    cross_contact: set[str] = field(default_factory=set)
    suits: set[str] = field(default_factory=set)
    honours: set[str] = field(default_factory=set)
    is_drink: bool = False
    level: str = "7"
    gone: bool = False
    on_choking_list: bool = False


# R10: who needs the level on the left may have what is on the right, and nothing else
FOOD_MAY = {"3": "3", "4": "4", "5": "5", "6": "6", "7EC": "7EC 6 5", "7": "7 7EC 6 5 4 3"}
DRINK_MAY = {"0": "0 1 2 3 4", "1": "1", "2": "2", "3": "3", "4": "4"}


def opinion(
    person: Person, plate: Plate, *, now: int, served: int, halves: int = 2, rules_age: int | None = 0,
    grace: int = 0, too_old: int = 4 * 3_600_000,
) -> tuple[str, set[str]]:  # fmt: skip
    """The kind of verdict and the codes of all its reasons."""
    when = served if served > now else now  # R7, and nobody is served in the past
    why: set[str] = set()
    if not person.here:
        why.add("no_stay")
    why |= _may_eat_at_all(person, when, grace)
    why |= _allergies(person, plate)
    why |= _old_rules(person, rules_age, too_old)
    diets = [one for one in person.told if one.kind == "diet" and _in_force(one, person, when)]
    why |= _texture(diets, plate)
    why |= _components(diets, person, plate, when)
    why |= _limits(diets, person, plate, halves)
    if any(wanted not in plate.honours for diet in diets for wanted in diet.preferences):
        why.add("preference")
    if plate.on_choking_list and person.under_five:  # R56
        why.add("choking")
    if plate.gone:
        why.add("out_of_stock")
    return _gravest(why), why


def _gravest(why: set[str]) -> str:
    blocks = {
        "no_stay", "nil_by_mouth", "trays_held", "no_diet_order", "allergy", "texture", "choking", "fluid", "component",
        "nutrient_limit", "out_of_stock",
    }  # fmt: skip
    holds = {
        "allergies_not_asked", "allergy_unmatched", "recipe_unverified", "rules_old", "texture_conflict",
        "nutrient_unknown",
    }  # fmt: skip
    if why & blocks:
        return "block"
    if why & holds:
        return "hold"
    return "warn" if why else "allow"


# -- R4 to R7 -------------------------------------------------------------------------------------------------------


def _running(one: Told, when: int) -> bool:
    return one.starts <= when < one.ends


def _in_force(diet: Told, person: Person, when: int) -> bool:
    """R6: a fast that has begun ends for good every diet that took effect before the fast was over."""
    if not _running(diet, when):
        return False
    for fast in person.told:
        began = fast.starts < fast.ends and fast.starts <= when
        if fast.kind == "fast" and began and diet.starts < fast.ends:
            return False
    return True


def _may_eat_at_all(person: Person, when: int, grace: int) -> set[str]:
    why = set()
    fasting = any(one.kind == "fast" and _running(one, when) for one in person.told)
    if fasting:
        why.add("nil_by_mouth")
    if any(one.kind == "hold" and _running(one, when) for one in person.told):
        why.add("trays_held")
    has_diet = any(one.kind == "diet" and _in_force(one, person, when) for one in person.told)
    ever_ordered = any(one.kind != "hold" and one.starts < one.ends and one.starts <= when for one in person.told)
    in_grace = not ever_ordered and when < person.arrived + grace
    if not has_diet and not fasting and not in_grace:
        why.add("no_diet_order")
    return why


# -- R1, R8, R9 -----------------------------------------------------------------------------------------------------


def leaves(plate: Plate) -> list[Leaf]:
    """Everything in it, at any depth."""
    found: list[Leaf] = []
    for _, part in plate.parts:
        found += leaves(part) if isinstance(part, Plate) else [part]
    return found


def plates(plate: Plate) -> list[Plate]:
    found = [plate]
    for _, part in plate.parts:
        if isinstance(part, Plate):
            found += plates(part)
    return found


def _allergies(person: Person, plate: Plate) -> set[str]:
    why = set()
    inside = {leaf.name for leaf in leaves(plate)}
    inside |= {allergen for leaf in leaves(plate) for allergen in leaf.allergens | leaf.may_contain}
    inside |= {allergen for one in plates(plate) for allergen in one.cross_contact}
    if person.substances & inside:
        why.add("allergy")
    if not person.asked:
        why.add("allergies_not_asked")
    if person.unmatched:
        why.add("allergy_unmatched")
    vouched = all(leaf.vouched for leaf in leaves(plate)) and all(one.parts for one in plates(plate))
    if (person.substances or person.unmatched) and not vouched:
        why.add("recipe_unverified")
    return why


def _old_rules(person: Person, rules_age: int | None, too_old: int) -> set[str]:
    """R46: past four hours the delicate are held, and for the others a nurse confirms."""
    if rules_age is not None and rules_age <= too_old:
        return set()
    delicate = bool(person.substances) or person.unmatched or not person.asked
    delicate = delicate or any(one.kind in ("fast", "hold") and one.starts < one.ends for one in person.told)
    return {"rules_old"} if delicate else {"rules_unconfirmed"}


# -- R5, R10 --------------------------------------------------------------------------------------------------------


def _texture(diets: list[Told], plate: Plate) -> set[str]:
    why = set()
    foods = {diet.food for diet in diets} - {""}
    drinks = {diet.drink for diet in diets} - {""}
    if len(foods) > 1 or len(drinks) > 1:
        why.add("texture_conflict")
    needed, may, code = (drinks, DRINK_MAY, "fluid") if plate.is_drink else (foods, FOOD_MAY, "texture")
    if any(plate.level not in may[level].split() for level in needed):
        why.add(code)
    return why


def _components(diets: list[Told], person: Person, plate: Plate, when: int) -> set[str]:
    """R5: all that is ordered applies; a regular diet asks for nothing. R55: protective isolation is a rule as well,
    and stands whatever becomes of diets and fasts."""
    needed = {component for diet in diets for component in diet.components} - {"regular"}
    needed |= {"protective" for one in person.isolated if one.isolation == "protective" and _running(one, when)}
    return {"component"} if needed - plate.suits else set()


# -- R11, R12 -------------------------------------------------------------------------------------------------------


def exactly(plate: Plate, nutrient: str) -> Fraction | None:
    """How much one portion brings; None as soon as one part of it is not known."""
    if not plate.parts:
        return None
    total = Fraction(0)
    for grams, part in plate.parts:
        if isinstance(part, Leaf):
            known = part.per_100.get(nutrient)
            if known is None:
                return None
            total += Fraction(known * grams, 100)
        else:
            inner = exactly(part, nutrient)
            weight = part.yields or sum(g for g, _ in part.parts)
            if inner is None or weight == 0:
                return None
            total += inner * Fraction(grams, weight)
    return total


def half_up(exact: Fraction) -> int:
    return int(exact + Fraction(1, 2))


def _limits(diets: list[Told], person: Person, plate: Plate, halves: int) -> set[str]:
    why = set()
    lowest: dict[str, int] = {}
    for diet in diets:
        for nutrient, most in diet.limits.items():
            lowest[nutrient] = min(most, lowest.get(nutrient, most))
    for nutrient, most in lowest.items():
        exact = exactly(plate, nutrient)
        here = None if exact is None else half_up(Fraction(half_up(exact) * halves, 2))
        before: Any = person.eaten.get(nutrient, 0)
        if (before or 0) + (here or 0) > most:
            why.add("nutrient_limit")
        elif here is None or before is None:
            why.add("nutrient_unknown")
    return why
