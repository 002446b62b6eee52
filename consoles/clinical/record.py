"""The right half of a card at rest: what the record holds of allergies, diets and holds, and on whose word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from consoles.clinical.timeline import said_of
from consoles.kit.text import joined, words, wrapped
from core.words import amount, clock, day, word

if TYPE_CHECKING:
    from core.care.card import Card
    from core.diets.model import Allergy
    from core.diets.profile import Period

HOLD = "hold"
WITHDRAWN = ("refuted", "entered_in_error")


def record_lines(card: Card, width: int, language: str) -> list[Text]:
    lines = [words(word("clinical.record_allergies", language), "strong")]
    for one in card.allergies:
        lines += _allergy(card, one, width, language)
    if not card.allergies:
        asked = "clinical.asked_none_long" if card.profile.allergies_asked else "clinical.not_asked"
        lines += _said(word(asked, language), width, "" if card.profile.allergies_asked else "flag")
    lines += [Text(), words(word("clinical.record_diets", language), "strong")]
    for period in [one for one in reversed(card.periods) if one.kind != HOLD]:  # a hold is told with its reason
        lines += _period(card, period, width, language)
    if not card.periods:
        lines += _said(word("clinical.no_diet_yet", language), width, "quiet")
    for hold in card.holds:
        by = card.people.get(hold.held_by, hold.held_by)
        told = word(
            "clinical.hold_line", language, reason=hold.reason, who=by, when=_when(card, hold.held_at, language)
        )
        lines += _said(told, width, "void" if hold.ended_at is not None else "")
    return lines


def _allergy(card: Card, one: Allergy, width: int, language: str) -> list[Text]:
    """`peanut  confirmed, high  hives   nurse 1, 09:12`; what was withdrawn stays, struck through."""
    named = ", ".join(word(f"allergen.{code}", language) for code in one.code.split()) or f'"{one.text}"'
    sure = word(f"verification.{one.verification}", language)
    if not one.code:
        sure = word("clinical.in_words", language)
    parts = [named, sure, word(f"criticality.{one.criticality}", language), one.reaction]
    by = card.people.get(one.withdrawn_by or one.recorded_by, one.recorded_by)
    told = ", ".join(part for part in parts if part)
    told = f"{told} ({by}, {_when(card, one.withdrawn_at or one.recorded_at, language)})"
    token = "void" if one.verification in WITHDRAWN else "" if one.code else "flag"
    return _said(told, width, token)


def _period(card: Card, one: Period, width: int, language: str) -> list[Text]:
    by = card.people.get(one.by, one.by)
    until = word("clinical.ends_open", language)
    if one.until_at is not None:
        until = word("clinical.until", language, time=_when(card, one.until_at, language))
    elif one.kind != "diet":
        until = word("clinical.ends_by_order", language)
    limits = ", ".join(
        f"{word(f'nutrient.{name}', language)} {amount(most, name)}" for name, most in one.limits.items()
    )
    said = f"{said_of(one, language)}{' ' + limits if limits else ''}"
    told = f"{said}: {_when(card, one.from_at, language)}, {until} ({by})"
    return _said(told, width, "quiet" if one.is_over_at(card.at) else "")


def _said(text: str, width: int, token: str) -> list[Text]:
    lines = wrapped(text, max(1, width - 2))
    return [joined(" " if place == 0 else "   ", words(line, token)) for place, line in enumerate(lines)]


def _when(card: Card, at: int, language: str) -> str:
    """The clock; another day is named."""
    that_day = day(at, language)
    return clock(at) if that_day == day(card.at, language) else f"{that_day} {clock(at)}"
