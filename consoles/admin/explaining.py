"""Why an order is what it is: every rule with something to say, on whose word, and how old this console's rows are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consoles.kit.explain import Told
from core.words import clock, day, duration, reason_words, word

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.reports.trace import Rule, Trace

LOOK = {"block": "flag", "hold": "flag", "warn": "soon", "allow": "done"}


def order_told(db: Connection, order_id: str, *, at: int, age: int, language: str) -> tuple[str, list[Told]] | None:
    """In the store's thread: title and lines; None when this console does not hold what it takes."""
    from core.kernel.refusal import Refusal, Unknown
    from core.reports.needs import people_of
    from core.reports.trace import trace
    from core.store.read import TxSource

    try:
        found = trace(TxSource(db, whole=False), order_id, at=at, age_ms=age)
    except (Refusal, Unknown):
        return None
    title = word("admin.why_title", language, number=found.order.number)
    return title, list(_lines(found, people_of(db), language))


def _lines(found: Trace, people: dict[str, str], language: str) -> list[Told]:
    order, kind = found.order, found.verdict.kind.value
    lines = [
        Told(word("admin.state", language), word(f"order_state.{order.state}", language)),
        Told(word("why_screen.verdict", language), word(f"verdict.{kind}", language), LOOK[kind]),
    ]
    if order.stop:
        lines.append(Told(word("case_title.stop", language), word(f"why.{order.stop}", language), "flag"))
    for rule in found.rules:
        lines += _of_rule(rule, people, language)
    if not found.verdict.reasons:
        lines.append(Told(word("why_screen.rule", language), word("why_screen.nothing", language)))
    known = duration(found.age_ms, language)
    lines.append(Told(word("why_screen.known", language), word("why_screen.age", language, age=known)))
    return lines


def _of_rule(rule: Rule, people: dict[str, str], language: str) -> list[Told]:
    """What the rule says, and the words it stands on; a rule that says nothing is left out."""
    lines = [
        Told(
            word("why_screen.rule", language) if place == 0 else "",
            reason_words(reason.code, reason.arguments, language, staff=True),
            LOOK[rule.verdict],
        )
        for place, reason in enumerate(rule.reasons)
    ]
    if not lines:
        return []
    for told in dict.fromkeys(rule.words):
        version = word("why_screen.version", language, version=told.version) if told.version else ""
        by = people.get(told.by, told.by)
        when = f"{day(told.at, language)} {clock(told.at)}" if told.at else ""
        said = ", ".join(part for part in (version, by, when) if part)
        if said:
            lines.append(Told(word("admin.on_the_word", language), said, "quiet"))
    return lines
