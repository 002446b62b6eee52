"""The left half of a card: the time line, today's meals with their verdicts, what may still be had, what was tried."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.text import Text

from consoles.clinical.timeline import timeline
from consoles.kit.text import fitted, joined, padded, sides, width_of, words, wrapped
from core.words import amount, clock, day, reason_words, word

if TYPE_CHECKING:
    from core.care.card import Card, Left, MealOfDay
    from core.diets.verdict import Verdict

GRAVE = {"block": "flag", "hold": "flag", "warn": "soon", "allow": "done"}
PORTIONS = {1: "1/2", 2: "", 3: "1 1/2", 4: "2"}
LEAST_BARS = 2
LEAST_ROWS = 6  # with fewer, only what is eaten today is told


def left_lines(card: Card, width: int, height: int, language: str) -> list[Text]:
    """Flags stand above; when the room is short the time line gives way first."""
    today = today_lines(card, width, language)
    if height < LEAST_ROWS:
        return today
    plan, tried = plan_lines(card, width, language), tried_lines(card, width, language)
    room = height - len(today) - len(plan) - 3
    bars = timeline(card.profile.periods, card.at, width, max(LEAST_BARS, room), language)
    lines = [*bars, *today]
    for more in (plan, tried):
        spare = height - len(lines)
        lines += [Text(), *more] if spare > len(more) else more if spare == len(more) else []
    return lines


def plan_lines(card: Card, width: int, language: str) -> list[Text]:
    """`PLAN KEPT  9 of 10 meals, 90 %   since Sun 1 Feb`: no meal has no share; what was only tried is told apart."""
    plan, lead = card.plan, words(f"{word('clinical.plan_kept', language)}  ", "strong")
    if plan.kept.percent is None:
        return [fitted(joined(lead, words(word("clinical.plan_none", language), "quiet")), width)]
    told = word(
        "clinical.plan_kept_line",
        language,
        kept=plan.kept.kept,
        all=plan.kept.served,
        percent=plan.kept.percent,
        day=day(plan.since, language),
    )
    parts = [
        word(f"clinical.plan_{name}", language, count=count)
        for name, count in (("allowed", plan.kept.allowed), ("against", plan.against), ("tried", plan.tried))
        if count
    ]
    below = [words(" " * 11 + line, "quiet") for line in wrapped("   ".join(parts), width - 11)] if parts else []
    return [fitted(joined(lead, words(told)), width), *below]


def today_lines(card: Card, width: int, language: str) -> list[Text]:
    head = sides(words(word("clinical.today", language), "strong"), words(word("clinical.verdict", language)), width)
    lines = [head]
    name_cells = max([10, *(width_of(word(f"meal.{meal.service.meal}", language)) for meal in card.meals)])
    for meal in card.meals:
        lines += meal_lines(meal, card.at, width, language, name_cells)
        lines += reason_lines(meal.verdict, card.dish_names, width, language) if _objects(meal) else []
    if not card.meals:
        lines.append(words(f" {word('clinical.no_service', language)}", "quiet"))
    return [*lines, *left_today(card.left, width, language)]


def meal_lines(meal: MealOfDay, now: int, width: int, language: str, name_cells: int) -> list[Text]:
    """`lunch      L-0412  beans, rice 1/2   COOKING        ALLOWED`; dishes that have no room stand below."""
    name = padded(word(f"meal.{meal.service.meal}", language), name_cells)
    kind = meal.verdict.kind
    verdict = words(word(f"verdict.{kind}", language), GRAVE[kind])
    if meal.order is None:
        verdict = Text() if meal.service.ends_at <= now else verdict
        return [sides(joined(name, " ", words(_nothing(meal, now, language), "quiet")), verdict, width)]
    state, token = word(f"order_state.{meal.order.state}", language), ""
    if meal.order.stop:
        state, token = word("mark.stop", language), "flag"
    if meal.is_over:
        verdict = words(clock(meal.order.state_at), "quiet")
    right = joined(words(padded(state, 11), token), " ", words(" " * max(0, 8 - width_of(verdict))), verdict)
    left = joined(name, " ", words(f"{meal.order.number}  "))
    room = max(1, width - width_of(left) - width_of(right) - 1)
    named = ", ".join(_dish(dish, halves) for dish, halves in meal.dishes)
    if meal.order.default:
        named = f"{word('clinical.default_ordered', language)}: {named}"
    dishes = wrapped(named, room)
    below = [words(" " * width_of(left) + line) for line in dishes[1:]]
    return [joined(left, words(padded(dishes[0], room)), " ", right), *below]


def _nothing(meal: MealOfDay, now: int, language: str) -> str:
    if meal.service.ends_at <= now:
        return word("clinical.not_served_nil" if meal.fasted else "clinical.not_ordered", language)
    if meal.default_at:
        return word("clinical.default_at", language, time=clock(meal.default_at))
    if meal.service.cut_off_at <= now:
        return word("clinical.not_ordered", language)
    return word("clinical.order_until", language, time=clock(meal.service.cut_off_at))


def _dish(name: str, halves: int) -> str:
    portion = PORTIONS.get(halves, f"{halves}/2")
    return f"{name} {portion}".strip()


def _objects(meal: MealOfDay) -> bool:
    return bool(meal.verdict.reasons) and meal.order is not None and not meal.is_over


def reason_lines(found: Verdict, dish_names: dict[str, str], width: int, language: str) -> list[Text]:
    """The headline, and how many more there are: `e` tells them all."""
    first = found.reasons[0]
    said = reason_words(first.code, first.arguments, language, staff=True)
    dish = dish_names.get(first.dish_id, "")
    told = f"{dish}: {said}" if dish else said
    if len(found.reasons) > 1:
        told = word("clinical.and_more", language, told=told, count=len(found.reasons) - 1)
    return [words(f"{'':11}{line}") for line in wrapped(told, max(1, width - 12))]


def left_today(left: Iterable[Left], width: int, language: str) -> list[Text]:
    """`left today sodium 810 mg     potassium not known`: unknown is a word, never a zero."""
    told = [_left(one, language) for one in left]
    if not told:
        return []
    lead = word("clinical.left_today_lead", language)
    pieces = wrapped(f"{lead} {'   '.join(told)}", width) if len(told) > 2 else [f"{lead} {'     '.join(told)}"]
    return [words(piece) for piece in pieces]


def _left(one: Left, language: str) -> str:
    nutrient = word(f"nutrient.{one.nutrient}", language)
    if one.left is None:
        return word("clinical.not_known", language, nutrient=nutrient)
    return f"{nutrient} {amount(max(one.left, 0), one.nutrient)}"


def tried_lines(card: Card, width: int, language: str) -> list[Text]:
    """What somebody tried and the rules stopped, the newest first."""
    lines: list[Text] = []
    for one in card.attempts:
        dish = card.dish_names.get(one.dish_id, word("clinical.whole_meal", language))
        said = f"{clock(one.at)} {dish}: {word(f'why.{one.code}', language)}"
        lead = padded(word("clinical.tried", language) if not lines else "", 11)
        lines.append(fitted(joined(words(lead, "strong"), words(said)), width))
    return lines
