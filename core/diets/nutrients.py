"""How much of each nutrient some meals bring: whole numbers, where unknown stays unknown and is never zero (R11)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from core.menu.model import DishFacts
from core.menu.substances import NUTRIENTS

UNKNOWN = None
Amounts = Mapping[str, int | None]  # nutrient -> amount; None is unknown, and so is a nutrient that is not there
NOTHING_YET: Amounts = MappingProxyType(dict.fromkeys(NUTRIENTS, 0))


def of_portion(facts: DishFacts, nutrient: str, halves: int) -> int | None:
    """What so many halves of a portion bring (R12), rounded half up."""
    whole = getattr(facts, nutrient, UNKNOWN)
    return UNKNOWN if whole is None else (whole * halves + 1) // 2


def amounts_of(lines: Iterable[tuple[DishFacts, int]], *, besides: Amounts = NOTHING_YET) -> Amounts:
    """The sum over dishes and their halves. One unknown part makes the sum unknown."""
    sums = {nutrient: besides.get(nutrient, UNKNOWN) for nutrient in NUTRIENTS}
    for facts, halves in lines:
        for nutrient, so_far in sums.items():
            here = of_portion(facts, nutrient, halves)
            sums[nutrient] = UNKNOWN if so_far is UNKNOWN or here is UNKNOWN else so_far + here
    return MappingProxyType(sums)
