"""Why a meal may be cooked or may not: the rule, its version, who set it, when,
and how old this wall's knowledge is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consoles.kit.explain import ExplainScreen, Told
from core.words import clock, day, duration, flag_words, reason_words, word

if TYPE_CHECKING:
    from consoles.kit.screen import ConsoleScreen
    from core.orders.history import Why

GRAVE = {"block": "flag", "hold": "flag", "warn": "soon", "allow": "done"}


async def explain(screen: ConsoleScreen, order_id: str) -> None:
    """Asks the store and lays the answer over the screen."""
    app = screen.console_app
    door = app.store.door
    if door is None:
        return

    def asked() -> Why | None:
        from core.orders.history import why

        at, age, language = app.now(), screen.rules_age, app.language
        return door.read(lambda db: why(db, order_id, at=at, rules_age=age, language=language))

    found = await app.store.run(asked)
    if found is None:
        return screen.say(screen.word("kitchen.has_left"))
    title = word("kitchen_why.title", app.language, number=found.ticket.number, bed=found.ticket.bed)
    app.push_screen(ExplainScreen(title, told(found, now=app.now(), rules_age=screen.rules_age, language=app.language)))


def told(found: Why, *, now: int, rules_age: int | None, language: str) -> list[Told]:
    """The lines of the explanation."""
    lines = [Told(word("kitchen_why.verdict", language), word(f"verdict.{found.kind}", language), GRAVE[found.kind])]
    lines += [Told("", flag_words(flag.code, flag.arguments, language)) for flag in found.flags]
    rules = [_reason(found, place, language) for place in range(len(found.reasons))]
    for place, rule in enumerate(rules or [word("kitchen_why.none", language)]):
        lines.append(Told(word("kitchen_why.rule", language) if place == 0 else "", rule))
    if found.version:
        version = word("kitchen_why.version_told", language, version=found.version)
        lines.append(Told(word("kitchen_why.version", language), version))
        when = f"{found.changed_by}, {day(found.changed_at, language)} {clock(found.changed_at)}"
        lines.append(Told(word("kitchen_why.set_by", language), when))
    if found.checked_at:
        lines.append(Told(word("kitchen_why.checked", language), clock(found.checked_at)))
    known = word("kitchen_why.known_never", language)
    if rules_age is not None:
        known = word("kitchen_why.known_told", language, time=clock(now - rules_age), age=duration(rules_age, language))
    return [*lines, Told(word("kitchen_why.known", language), known)]


def _reason(found: Why, place: int, language: str) -> str:
    reason = found.reasons[place]
    said = reason_words(reason.code, reason.arguments, language, staff=True)
    dish = found.dish_names.get(reason.dish_id, "")
    return f"{dish}: {said}" if dish else said
