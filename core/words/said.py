"""What is said of an act: why it was refused, what case it opened, what became of it, and what it is called."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from core.words import books
from core.words.figures import ZONE
from core.words.meals import reason_words
from core.words.telling import Detail, Telling, fill


@dataclass(frozen=True, slots=True)
class Refused:
    """A refusal in three sentences: what happened, what stays as it was, what to do next."""

    what: str
    stays: str
    next: str

    def __str__(self) -> str:
        return f"{self.what} {self.stays} {self.next}"


@dataclass(frozen=True, slots=True)
class CaseWords:
    """A case in three sentences: what does not fit, what follows from it, what closes it."""

    what: str
    consequence: str
    next: str

    def __str__(self) -> str:
        return f"{self.what} {self.consequence} {self.next}"


def detail_of(kept: str | None, people: Mapping[str, str]) -> dict[str, str | int]:
    """The arguments that a row keeps for its words (a JSON object), people by the names of shared screens. What is no
    object says nothing."""
    try:
        found = json.loads(kept or "{}")
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    return {name: people.get(str(value), value) for name, value in found.items() if isinstance(value, str | int)}


def refusal_words(
    code: str, detail: Detail | None = None, language: str = books.DEFAULT, *, zone: str = ZONE
) -> Refused:
    """Why it was refused. A code without words is said so, by its name: never silence, never an exception."""
    parts = _parts("refusal", code, ("what", "stays", "next"), detail, language, zone)
    return Refused(*parts)


def case_words(
    code: str, detail: Detail | None = None, language: str = books.DEFAULT, *, zone: str = ZONE
) -> CaseWords:
    """What does not fit. A fact that its rule could not take in carries the refusal's code, and its first sentence."""
    if books.entry(f"case.{code}", language) is None and books.entry(f"refusal.{code}", language) is not None:
        what = _parts("refusal", code, ("what",), detail, language, zone)[0]
        return CaseWords(what, *_parts("case", "refused_fact", ("consequence", "next"), detail, language, zone))
    return CaseWords(*_parts("case", code, ("what", "consequence", "next"), detail, language, zone))


def command_words(name: str, language: str = books.DEFAULT) -> str:
    """The act as lists name it: `start cooking`."""
    return books.template(f"command.{name}", language) or name.rpartition(".")[2].replace("_", " ")


def outcome_words(
    outcome: str,
    code: str = "",
    detail: Detail | None = None,
    language: str = books.DEFAULT,
    *,
    zone: str = ZONE,
) -> str:
    """What became of an act, in one line. outcome "": it waits here to be sent."""
    telling = Telling(detail, language, zone=zone)
    if outcome in ("rejected", "applied_exception"):
        say = refusal_words if outcome == "rejected" else case_words
        line = books.template(f"outcome.{outcome}", language) or "{what}"
        return line.replace("{what}", say(code, detail, language, zone=zone).what)
    if outcome == "duplicate" and telling.has("by") and telling["by"]:
        return fill(books.template("outcome.duplicate_full", language) or "", telling)
    if outcome == "applied" and telling.has("at"):
        return fill(books.template("outcome.applied_full", language) or "", telling)
    key = f"outcome.{outcome or 'waiting'}"
    return fill(books.template(key, language) or outcome.replace("_", " "), telling)


def _parts(
    section: str, code: str, names: tuple[str, ...], detail: Detail | None, language: str, zone: str
) -> tuple[str, ...]:
    def because() -> str:
        reason = str((detail or {}).get("reason", ""))
        return reason_words(reason, detail, language, staff=True, zone=zone)

    known = books.entry(f"{section}.{code}", books.DEFAULT) is not None
    told = detail if known else {"code": code}
    key = f"{section}.{_nearest(section, code, detail) if known else 'unknown_code'}"
    telling = Telling(told, language, zone=zone, because=because, levels=_levels_of(detail))
    return tuple(_begun(fill(books.template(f"{key}.{name}", language) or "", telling)) for name in names)


def _begun(sentence: str) -> str:
    """A sentence may begin with an argument, and begins with a capital all the same."""
    return sentence[:1].upper() + sentence[1:]


def _nearest(section: str, code: str, detail: Detail | None) -> str:
    """Some acts have words of their own for a code: who may write a diet order, for one."""
    act = str((detail or {}).get("command", "")).rpartition(".")[2]
    own = f"{code}_{act}"
    return own if act and books.entry(f"{section}.{own}", books.DEFAULT) is not None else code


def _levels_of(detail: Detail | None) -> str:
    return "fluid" if (detail or {}).get("reason") == "fluid" else "texture"
