"""What is said of a meal: why it is not for this patient, which flags stand on its card, how far it is."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from core.words import books
from core.words.figures import ZONE
from core.words.telling import Detail, Settled, Telling, fill, settled, whole_or_short

Reader = Literal["staff", "patient"]
STATE_MACHINES = ("order", "payment", "tray")
MOST_REMEMBERED = 4_096  # pages and boards say the same of many dishes and cards
_FLUID = ("fluid", "fluids")  # whose levels are those of drinks


def reason_words(
    code: str,
    detail: Detail | None = None,
    language: str = books.DEFAULT,
    *,
    staff: bool = False,
    zone: str = ZONE,
) -> str:
    """Why a meal is not allowed, without a capital and without a full stop: it goes on after `Not for you: `.

    Patients read `contains peanut, and you have a peanut allergy`, staff `allergy: contains peanut`.
    """
    return _reason(code, settled(detail), language, zone, staff=staff)


def flag_words(code: str, detail: Detail | None = None, language: str = books.DEFAULT, *, zone: str = ZONE) -> str:
    """The flag as cards show it, mark and all: `[!] ALLERGY PEANUT, FISH`."""
    return _flag(code, settled(detail), language, zone)


@lru_cache(maxsize=MOST_REMEMBERED)
def _reason(code: str, given: Settled, language: str, zone: str, *, staff: bool) -> str:
    detail = dict(given)
    section = "reason_staff" if staff else "reason"
    components = "component" if staff else "component_patient"
    telling = Telling(detail, language, zone=zone, levels=_levels(code), components=components)
    found = _allergy_by_trace(section, code, detail, language) or whole_or_short(f"{section}.{code}", telling)
    return fill(found or code.replace("_", " "), telling)


@lru_cache(maxsize=MOST_REMEMBERED)
def _flag(code: str, given: Settled, language: str, zone: str) -> str:
    telling = Telling(dict(given), language, zone=zone, levels=_levels(code), capitals=True)
    found = whole_or_short(f"flag.{code}", telling)
    if found is None:
        return f"[?] {code.replace('_', ' ').upper()}"
    return fill(found, telling)


def flag_mark(code: str) -> str:
    """The mark alone: `[!]`. The same in every language."""
    found = books.template(f"flag.{code}", books.DEFAULT)
    return found[:3] if found else "[?]"


def state_words(state: str, language: str = books.DEFAULT, reader: Reader = "staff", *, reason: str = "") -> str:
    """The state of an order, a payment or a tray, for this reader. `tray.out` names the machine, `out` does not.

    reason: why it was cancelled or not delivered; patients read it behind the state.
    """
    named, _, bare = state.rpartition(".")
    ending = "_patient" if reader == "patient" else ""
    telling = Telling({"reason": reason}, language)
    for machine in (named,) if named else STATE_MACHINES:
        for section in dict.fromkeys((f"{machine}_state{ending}", f"{machine}_state")):
            found = whole_or_short(f"{section}.{bare}", telling)
            if found is not None:
                return fill(found, telling)
    return bare.replace("_", " ")


def _levels(code: str) -> str:
    return "fluid" if code in _FLUID else "texture"


def _allergy_by_trace(section: str, code: str, detail: Detail, language: str) -> str | None:
    """An allergen that a dish only may contain is said to be so."""
    if code != "allergy" or detail.get("how") != "may_contain":
        return None
    return books.template(f"{section}.allergy_may_contain", language)
