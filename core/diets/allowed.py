"""What somebody has allowed against the rules (R16): one dish for one patient, for some hours, for named reasons.

A profile carries it to every judge, and it counts as long as nothing is newer: whatever changes the patient's rules
takes it out of the profile, and a change of the dish leaves it without effect.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import msgspec

from core.menu.model import DishFacts

NONE_ALLOWED = "[]"
DIET_REASONS = ("component", "nutrient_limit", "nutrient_unknown")  # a nutritionist may allow these
DISH_REASONS = (
    *DIET_REASONS,
    "allergy",
    "choking",
    "fluid",
    "recipe_unverified",
    "texture",
)  # and a doctor all of these
NEEDS_SECOND = ("allergy",)  # with a second person of the ward beside them


class Allowed(msgspec.Struct, frozen=True, omit_defaults=True, rename={"from_at": "from", "until_at": "until"}):
    """One allowance as the profile carries it; its id is its row's. facts: the version of the dish that was seen."""

    id: str
    dish: str
    facts: int
    codes: tuple[str, ...]
    from_at: int
    until_at: int
    by: str
    second: str = ""

    def covers(self, facts: DishFacts, code: str) -> bool:
        return self.dish == facts.id and self.facts == facts.version and code in self.codes


_DECODER = msgspec.json.Decoder(tuple[Allowed, ...])


@lru_cache(maxsize=8_192)
def allowed_of(text: str) -> tuple[Allowed, ...]:
    """The allowances of a profile's column."""
    return _DECODER.decode(text)


def allowed_at(text: str, instant: int) -> tuple[Allowed, ...]:
    """Those that hold for a meal that is eaten at this instant."""
    if text == NONE_ALLOWED:
        return ()
    return tuple(one for one in allowed_of(text) if one.from_at <= instant < one.until_at)


def with_allowed(text: str, new: Allowed, *, at: int) -> str:
    """The column with one more; what is over is left out."""
    return _as_text([*(one for one in allowed_of(text) if one.until_at > at), new])


def without_allowed(text: str, allowance_id: str) -> str:
    return _as_text(one for one in allowed_of(text) if one.id != allowance_id)


def _as_text(allowed: Iterable[Allowed]) -> str:
    return msgspec.json.encode(list(allowed), order="sorted").decode()
