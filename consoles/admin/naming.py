"""What a thing that needs a person is called, what is wrong with it, and who looks after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.words import case_words, command_words, duration, has, money, outcome_words, refusal_words, word

if TYPE_CHECKING:
    from consoles.admin.rehearsal import Francs
    from core.reports.needs import Need

BY_THE_KITCHEN = ("stop",)
BY_THE_WARD = ("held",)
WAITING = ("stop", "held")


def subject(need: Need, language: str = "en") -> str:
    """`L-0398  ICU-004`: number and bed, as far as there are any."""
    place = source(need, language)
    return f"{need.number:<6}  {place}".strip() if need.number else place


def source(need: Need, language: str) -> str:
    """Where it is: a bed, a console, or the server itself."""
    return need.bed or (word("admin.error_server", language) if need.kind == "error" else "")


def what(need: Need, now: int, language: str) -> str:
    """What is wrong, in few words: the number stands beside it already."""
    if need.kind in WAITING:
        return word(f"why.{need.code}", language)
    if need.kind == "device":
        return word("admin.silent", language, age=duration(now - need.since, language))
    said = whole(need, language)[0]
    if need.kind == "error":
        return f"{word('admin.error_count', language, count=need.count)}: {said}"
    for known in (need.number, need.bed):
        said = said.removeprefix(known).strip(" :,") if known else said
    return said


def whole(need: Need, language: str) -> tuple[str, str, str]:
    """What happened, what follows from it or stays as it was, and what to do."""
    if need.kind in WAITING:
        return (word(f"why.{need.code}", language), "", word(f"admin.next_{need.kind}", language))
    if need.kind == "device":
        return ("", "", word("admin.next_device", language))
    if need.kind == "error":
        told = refusal_words(need.code, need.detail, language)
        return (told.what, told.stays, told.next)
    if need.outcome and need.outcome != "rejected":
        return (outcome_words(need.outcome, need.code, need.detail, language), "", word("admin.next_read", language))
    if need.outcome:
        refused = refusal_words(need.code, need.detail, language)
        return (refused.what, refused.stays, refused.next)
    case = case_words(need.code, need.detail, language)
    return (case.what, case.consequence, case.next)


def owner(need: Need, language: str) -> str:
    """Who looks after it. A stop is the kitchen's, a hold the ward's, a refusal theirs who pressed."""
    if need.owner:
        return need.owner
    if need.kind in BY_THE_KITCHEN:
        return word("admin.owner_kitchen", language)
    if need.kind in BY_THE_WARD:
        return word("admin.owner_ward", language, ward=need.ward_id)
    return word("admin.owner_nobody", language)


def act(need: Need, language: str) -> str:
    """What was pressed, as lists name it: START, or the words of the command."""
    known = has(f"act_name.{need.act}", "en")
    return word(f"act_name.{need.act}", language) if known else command_words(need.act, language).upper()


def share(tenths: int | None, language: str) -> str:
    """`96.2`; a word where nothing was measured yet."""
    return word("admin.not_yet", language) if tenths is None else f"{tenths // 10}.{tenths % 10}"


def money_words(francs: Francs, language: str) -> str:
    """What a step by hand does to the books, in one sentence a change."""
    if francs.nothing:
        return word("admin.money_nothing", language)
    parts = []
    if francs.charged:
        name = "admin.money_charged" if francs.charged > 0 else "admin.money_uncharged"
        parts.append(word(name, language, francs=money(abs(francs.charged))))
    if francs.on_account:
        name = "admin.money_put_on" if francs.on_account > 0 else "admin.money_taken_off"
        parts.append(word(name, language, francs=money(abs(francs.on_account))))
    if francs.owed_back:
        parts.append(word("admin.money_back", language, francs=money(francs.owed_back)))
    elif francs.due_after < francs.due_before:
        parts.append(word("admin.money_waived", language, francs=money(francs.due_before)))
    return " ".join(parts)
