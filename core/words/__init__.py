"""Every word of the product, in English, French and Kinyarwanda: found by its key, told with its arguments.

Pure: reads only the TOML beside it, each file once. A key without words in one language is said in English, and a key
without any is its own last part, so no screen is ever blank for want of a word.
"""

from __future__ import annotations

from core.words import books
from core.words.books import LANGUAGES
from core.words.figures import amount, clock, day, duration, money
from core.words.meals import flag_mark, flag_words, reason_words, state_words
from core.words.said import (
    CaseWords,
    Refused,
    case_words,
    command_words,
    detail_of,
    outcome_words,
    refusal_words,
)
from core.words.telling import Telling, fill

__all__ = [
    "LANGUAGES",
    "CaseWords",
    "Refused",
    "amount",
    "case_words",
    "clock",
    "command_words",
    "day",
    "detail_of",
    "duration",
    "flag_mark",
    "flag_words",
    "has",
    "money",
    "outcome_words",
    "reason_words",
    "refusal_words",
    "state_words",
    "word",
]

_ONE = {"en": (1,), "fr": (0, 1), "rw": (1,)}  # counts that take the singular


def word(key: str, language: str = "en", **arguments: str | int) -> str:
    """The words under `section.name` with these arguments.

    With `count`, `section.name_one` is taken where the language says one thing of it: `1 dish`, `2 dishes`.
    """
    found = books.template(key, language)
    if arguments.get("count") in _ONE.get(language, (1,)):
        found = books.own(f"{key}_one", language) or found
    if found is None:
        return key.rpartition(".")[2].replace("_", " ")
    return fill(found, _given(arguments, language)) if "{" in found else found


def has(key: str, language: str) -> bool:
    """Whether this very language has words under the key."""
    return books.own(key, language) is not None


def _given(arguments: dict[str, str | int], language: str) -> Telling:
    """Arguments of a screen are words already: they stand as they are."""
    telling = Telling(None, language)
    telling.update({name: str(value) for name, value in arguments.items()})
    return telling
