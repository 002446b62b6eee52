"""Why a meal is judged as it is: every rule in the one sequence, what it says, on whose word, how old that word is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from consoles.kit.explain import ExplainScreen, Told
from core.words import clock, day, duration, reason_words, word

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from consoles.clinical.screen import ClinicalScreen
    from core.reports.trace import Rule, Trace, Word

GRAVE = {"block": "flag", "hold": "flag", "warn": "soon", "allow": ""}


def explain(screen: ClinicalScreen, order_id: str, *, seen: Sequence[tuple[str, str]] = ()) -> None:
    """Asks the store and lays the answer over the screen. seen: each console that holds the patient, and its word."""
    screen.run_worker(_explain(screen, order_id, seen), group="why", exclusive=True)


def seen_told(seen: Sequence[tuple[str, str]], language: str) -> list[Told]:
    """Who has the newest change, every one of them."""
    lead = word("clinical.why_seen", language)
    return [Told(lead if place == 0 else "", said) for place, (_, said) in enumerate(seen)]


async def _explain(screen: ClinicalScreen, order_id: str, seen: Sequence[tuple[str, str]]) -> None:
    app = screen.console_app
    door = app.store.door
    if door is None:
        return
    found = await app.store.run(door.read, lambda db: _asked(db, screen, order_id))
    if found is None:
        return screen.say(screen.word("clinical.order_gone"), "soon")
    title, lines = found
    app.push_screen(ExplainScreen(title, [*lines, *seen_told(seen, screen.language)]))


def _asked(db: Connection, screen: ClinicalScreen, order_id: str) -> tuple[str, list[Told]] | None:
    """In the store's thread."""
    from core.care.people import names_of
    from core.kernel.refusal import Refusal, Unknown
    from core.menu.queries import all_dishes
    from core.reports.trace import trace
    from core.store.read import TxSource

    language = screen.language
    with screen.looking(db) as tx:
        at, age = tx.at, tx.rules_age
    try:
        found = trace(TxSource(db, whole=False), order_id, at=at, age_ms=age)
    except (Refusal, Unknown):
        return None
    dishes = {dish.id: dish.kitchen_name(language) for dish in all_dishes(db)}
    return _title(found, language), told(found, names_of(db), dishes, language)


def _title(found: Trace, language: str) -> str:
    state = word(f"order_state.{found.order.state}", language)
    return word("clinical.why_title", language, number=found.order.number, state=state)


def told(found: Trace, people: dict[str, str], dishes: dict[str, str], language: str) -> list[Told]:
    """The verdict; then rule by rule, those that object with everything they object to."""
    verdict = word(f"verdict.{found.verdict.kind}", language)
    lines = [Told(word("clinical.verdict", language), verdict, GRAVE[found.verdict.kind])]
    lines.append(Told(word("clinical.why_serving", language), clock(found.serve_at)))
    quiet: list[Rule] = []
    for rule in found.rules:
        if not rule.reasons:
            quiet.append(rule)
            continue
        lines += [*_nothing_against(quiet, language), *_rule(rule, people, dishes, language)]
        quiet = []
    lines += _nothing_against(quiet, language)
    age = duration(found.age_ms, language)
    lines.append(Told(word("why_screen.known", language), word("clinical.why_age", language, age=age)))
    return lines


def _nothing_against(rules: list[Rule], language: str) -> list[Told]:
    """Rules in a row that have nothing to say, in one line."""
    if not rules:
        return []
    places = [str(rules[0].place), *([str(rules[-1].place)] if len(rules) > 1 else [])]
    names = ", ".join(word(f"clinical_rule.{rule.name}", language) for rule in rules)
    label = word("clinical.why_rule", language, place="-".join(places))
    return [Told(label, word("clinical.why_nothing", language, rules=names), "quiet")]


def _rule(rule: Rule, people: dict[str, str], dishes: dict[str, str], language: str) -> list[Told]:
    label = word("clinical.why_rule", language, place=rule.place)
    lines = []
    for place, reason in enumerate(rule.reasons):
        said = reason_words(reason.code, reason.arguments, language, staff=True)
        dish = dishes.get(reason.dish_id, "")
        text = f"{dish}: {said}" if dish else said
        lines.append(Told(label if place == 0 else "", text, GRAVE[reason.kind]))
    newest = max(rule.words, key=_word_at, default=None)
    if newest is not None and newest.at:
        lines.append(Told("", _whose(newest, people, language), "quiet"))
    return lines


def _word_at(one: Word) -> int:
    return one.at


def _whose(one: Word, people: dict[str, str], language: str) -> str:
    when = f"{day(one.at, language)} {clock(one.at)}"
    by = people.get(one.by, one.by)
    if one.version:
        return word("clinical.why_version", language, version=one.version, who=by, when=when)
    return word("clinical.why_by", language, who=by, when=when)
