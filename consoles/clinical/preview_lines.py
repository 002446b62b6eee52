"""What an order would change, in rows: which meals flip which way, in which state, and where a stop will appear."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.text import Text

from consoles.clinical.timeline import said_of
from consoles.kit.text import cut, joined, sides, words, wrapped
from core.words import case_words, clock, detail_of, reason_words, refusal_words, word

if TYPE_CHECKING:
    from core.care.consequences import Consequences, Flip, Meal, Turn

GRAVE = {"block": "flag", "hold": "flag", "warn": "soon", "allow": "done"}
WHERE = {
    "kitchen_stop": "clinical.kitchen_gets_stop",
    "label_void": "clinical.label_void",
    "tray_stopped": "clinical.handheld_rings",
    "held": "clinical.becomes_held",
    "still_held": "clinical.stays_held",
    "released": "clinical.released",
    "lifted": "clinical.stop_lifted",
}


def preview_lines(found: Consequences, width: int, language: str) -> list[Text]:
    """The count, then each meal with what becomes of it, then trays on their way."""
    if found.refusal is not None:
        refused = refusal_words(found.refusal.code, found.refusal.detail, language)
        return [words(f" {line}", "soon") for line in wrapped(f"{refused.what} {refused.next}", width - 2)]
    if found.unknown:
        return [words(f" {line}", "soon") for line in wrapped(word("clinical.cannot_tell", language), width - 2)]
    if found.placed:
        return [_placed(meal, width, language) for meal in found.placed]
    lines = [words(f" {_count(found, language)}", "strong")]
    for flip in found.flips:
        lines += _flip(flip, width, language)
    lines += [_turn(turn, width, language) for turn in found.turns]
    lines.append(words(f" {_on_the_way(found, language)}", "flag" if found.stops_on_the_way else ""))
    for period in found.ends:
        said = word("clinical.ends_now", language, what=said_of(period, language), time=clock(period.from_at))
        lines += [words(f" {line}", "quiet") for line in wrapped(said, width - 2)]
    return [*lines, *_warnings(found, width, language)]


def _placed(meal: Meal, width: int, language: str) -> Text:
    state = word(f"order_state.{meal.order.state}", language)
    return sides(words(f" {meal.order.number}  {state}"), joined(_verdict(meal.verdict.kind, language), " "), width)


def _count(found: Consequences, language: str) -> str:
    if not found.changed:
        return word("clinical.meals_change_none", language)
    return word("clinical.meals_change", language, count=found.changed)


def _on_the_way(found: Consequences, language: str) -> str:
    count = found.stops_on_the_way
    return word("clinical.tray_stopped", language, count=count) if count else word("clinical.on_the_way_none", language)


def _flip(flip: Flip, width: int, language: str) -> Iterable[Text]:
    """` L-0412  lunch, cooking         ALLOWED -> BLOCKED`, then where the stop appears, and why."""
    meal = word(f"meal.{flip.order.service_id.rpartition('-')[2]}", language)
    state = word(f"order_state.{flip.order.state}", language)
    right = joined(_verdict(flip.before.kind, language), " -> ", _verdict(flip.after.kind, language), " ")
    yield sides(joined(f" {flip.order.number}  ", words(f"{meal}, {state}")), right, width)
    if flip.where:
        yield words(f"         {cut(word(WHERE[flip.where], language), width - 10)}", "strong")
    first = flip.after.headline
    if first is not None and flip.after.kind != flip.before.kind:
        said = reason_words(first.code, first.arguments, language, staff=True)
        for line in wrapped(said, width - 10):
            yield words(f"         {line}", "quiet")


def _turn(turn: Turn, width: int, language: str) -> Text:
    meal = f"{word(f'meal.{turn.service.meal}', language):<9}"
    said = word("clinical.nothing_ordered", language)
    right = joined(_verdict(turn.before.kind, language), " -> ", _verdict(turn.after.kind, language), " ")
    return sides(joined(f" {meal} ", words(said)), right, width)


def _verdict(kind: str, language: str) -> Text:
    return words(word(f"verdict.{kind}", language), GRAVE[kind])


def _warnings(found: Consequences, width: int, language: str) -> list[Text]:
    """What would stay unsettled: a case opens, and says who settles it."""
    lines: list[Text] = []
    for case in found.cases:
        said = case_words(case.code, detail_of(case.detail, {}), language)
        lines += [words(f" {line}", "soon") for line in wrapped(f"{said.what} {said.next}", width - 2)]
    return lines
