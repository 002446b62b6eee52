"""The codes a diet order may use, and which IDDSI levels satisfy which: each has its words in three languages."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

REGULAR = "regular"
PROTECTIVE = "protective"

COMPONENTS = (
    "clear_liquids",
    "diabetic",
    "high_protein",
    "low_potassium",
    "low_salt",
    PROTECTIVE,
    REGULAR,
    "renal",
    "soft",
    "vegetarian",
)
PREFERENCES = ("halal", "kosher", "no_pork", "vegan", "vegetarian")
ISOLATIONS = ("airborne", "contact", "droplet", PROTECTIVE)
ASSISTANCE = ("adaptive_cutlery", "glucose_first", "needs_help_eating", "no_sharp_cutlery")
FASTING_REASONS = ("doctor", "procedure", "swallow_screen")
NOT_A_FOOD = "not_a_food"  # what a free-text allergy is matched to when no food is meant: a medicine, latex

# Level required -> levels that satisfy it (R10). Exact, except where the site's list says otherwise: whoever may eat
# regular food or drink thin fluids may have any; easy to chew takes in soft and minced.
FOOD_LEVELS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "3": ("3",),
        "4": ("4",),
        "5": ("5",),
        "6": ("6",),
        "7EC": ("7EC", "6", "5"),
        "7": ("7", "7EC", "6", "5", "4", "3"),
    }
)
DRINK_LEVELS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "0": ("0", "1", "2", "3", "4"),
        "1": ("1",),
        "2": ("2",),
        "3": ("3",),
        "4": ("4",),
    }
)
