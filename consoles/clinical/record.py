"""The right half of a card at rest: what the record holds of allergies, diets and holds, and on whose word."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.text import Text

from consoles.clinical.timeline import period_of, said_of
from consoles.kit.text import joined, words, wrapped
from core.words import amount, clock, day, word

if TYPE_CHECKING:
    from core.care.card import Card
    from core.diets.model import Allergy, Allowance, DietOrder
    from core.diets.profile import Period

HOLD, DRAFT = "hold", "draft"
AGAINST_FOOD = ("nil_by_mouth", HOLD)  # what ends by a diet order alone
WITHDRAWN = ("refuted", "entered_in_error")


def record_lines(
    card: Card, width: int, language: str, *, waiting: Iterable[DietOrder] = (), allowed: Iterable[Allowance] = ()
) -> list[Text]:
    """waiting: diet orders that nobody has signed; allowed: dishes that somebody allows against the rules."""
    unsigned = [line for order in waiting for line in order_lines(card, order, width, language)]
    lines = [words(word("clinical.record_to_sign", language), "strong"), *unsigned, Text()] if unsigned else []
    lines.append(words(word("clinical.record_allergies", language), "strong"))
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
    exceptions = [line for one in allowed for line in _exception(card, one, width, language)]
    if exceptions:
        lines += [Text(), words(word("clinical.record_allowed", language), "strong"), *exceptions]
    return lines


def order_lines(card: Card, order: DietOrder, width: int, language: str) -> list[Text]:
    """What a diet order says that nobody has signed, and who has written it down."""
    when = _when(card, order.ordered_at, language)
    if order.state == DRAFT:
        by = _called(card, order.drafted_by or order.ordered_by)
        head = word("clinical.draft_line", language, who=by, when=when)
    else:
        doctor, nurse = _called(card, order.ordered_by), _called(card, order.heard_by)
        head = word("clinical.verbal_line", language, doctor=doctor, nurse=nurse, when=when)
    lines = _said(head, width, "soon")
    return [*lines, *_period(card, period_of(order), width, language)]


def _exception(card: Card, one: Allowance, width: int, language: str) -> list[Text]:
    """`[*] Isombe, although allergy: "asked for it" until 14:30 (doctor, with nurse 1)`"""
    against = ", ".join(word(f"why.{code}", language) for code in one.codes.split())
    told = word(
        "clinical.allowed_line",
        language,
        dish=card.dish_names.get(one.dish_id, one.dish_id),
        against=against,
        why=one.why,
        until=_when(card, one.until_at, language),
    )
    name = "clinical.by_two" if one.second_id else "clinical.by_one"
    by = word(name, language, who=_called(card, one.allowed_by), second=_called(card, one.second_id))
    return _said(f"{told} {by}", width, "flag")


def _called(card: Card, person_id: str) -> str:
    return card.people.get(person_id, person_id)


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
    elif one.kind == "nil_by_mouth":
        until = word("clinical.ends_by_order", language)
    limits = ", ".join(
        f"{word(f'nutrient.{name}', language)} {amount(most, name)}" for name, most in one.limits.items()
    )
    kind = word(f"isolation.{one.isolation}", language) if one.isolation else ""
    said = " ".join(part for part in (said_of(one, language), kind, limits) if part)
    told = f"{said}: {_when(card, one.from_at, language)}, {until} ({by})"
    return _said(told, width, "quiet" if one.is_over_at(card.at) else "")


def _said(text: str, width: int, token: str) -> list[Text]:
    lines = wrapped(text, max(1, width - 2))
    return [joined(" " if place == 0 else "   ", words(line, token)) for place, line in enumerate(lines)]


def _when(card: Card, at: int, language: str) -> str:
    """The clock; another day is named."""
    that_day = day(at, language)
    return clock(at) if that_day == day(card.at, language) else f"{that_day} {clock(at)}"
