"""Patients and dishes as the verdict reads them: rows made in one line, for tests that ask the rules alone."""

from __future__ import annotations

from typing import Any

from core.diets.model import DietProfile
from core.diets.profile import DIET, HOLD, NIL_BY_MOUTH, Period, as_text
from core.kernel.values import DAY_MS, HOUR_MS
from core.menu.model import DishFacts
from core.menu.substances import NUTRIENTS
from tests import given

NOON = given.NOON


def diet(*components: str, id: str = "d1", at: int = NOON - DAY_MS, until: int | None = None, **more: Any) -> Period:
    return Period(kind=DIET, id=id, from_at=at, until_at=until, components=components or ("regular",), **more)


def fast(*, id: str = "n1", at: int = NOON - HOUR_MS, until: int | None = None) -> Period:
    return Period(kind=NIL_BY_MOUTH, id=id, from_at=at, until_at=until, reason="procedure")


def hold(*, id: str = "h1", at: int = NOON - HOUR_MS) -> Period:
    return Period(kind=HOLD, id=id, from_at=at)


def patient(*periods: Period, allergens: str = "", **more: Any) -> DietProfile:
    """Somebody who was asked about allergies; on a regular diet unless periods say otherwise."""
    columns: dict[str, Any] = {"allergies_asked": True, "opened_at": NOON - 2 * DAY_MS, **more}
    return DietProfile(
        id="stay-1",
        ward_id="A",
        kitchen_id="main",
        allergens=allergens,
        periods=as_text(periods or (diet(),)),
        changed_at=NOON,
        changed_by="doctor_1",
        **columns,
    )


def dish(id: str = "dish", **facts: Any) -> DishFacts:
    """A dish of which everything is known, and ten of every nutrient."""
    amounts: dict[str, Any] = dict.fromkeys(NUTRIENTS, 10)
    return DishFacts(id=id, changed_at=NOON, changed_by="lead", **{**amounts, **facts})
