"""Flags in rows: complete, in their sequence; where they do not fit there are more rows, and none is cut."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.text import Text

from consoles.kit.text import joined, width_of, words, wrapped
from core.words import flag_words, word

if TYPE_CHECKING:
    from core.diets.flags import Flag
    from core.diets.model import Allergy

DIET = "[=]"
GAP = "  "


def flag_texts(flags: Iterable[Flag], language: str, allergies: Iterable[Allergy] = ()) -> list[Text]:
    """Each flag in its look. allergies: where they are held, each is told by itself, with how sure it is."""
    told: list[Text] = []
    known = [one for one in allergies if one.code]
    for flag in flags:
        if flag.code == "allergy" and known:
            told += [words(allergy_flag(one, language), "flag") for one in known]
        else:
            told.append(_text(flag_words(flag.code, flag.arguments, language)))
    return told


def allergy_flag(one: Allergy, language: str) -> str:
    """`[!] ALLERGY PEANUT confirmed, high`"""
    said = flag_words("allergy", {"substance": one.code}, language)
    sure = word(f"verification.{one.verification}", language)
    grave = f", {word(f'criticality.{one.criticality}', language)}" if one.criticality == "high" else ""
    return f"{said} {sure}{grave}"


def packed(flags: Iterable[Text], width: int) -> list[Text]:
    """As many rows as they need, none cut: one that is wider than a row is broken between its words."""
    rows: list[Text] = []
    for flag in flags:
        if rows and width_of(rows[-1]) + len(GAP) + width_of(flag) <= width:
            rows[-1] = joined(rows[-1], GAP, flag)
        else:
            rows += [words(piece, str(flag.style)) for piece in wrapped(flag.plain, max(1, width))]
    return rows


def _text(said: str) -> Text:
    return words(said, "strong" if said.startswith(DIET) else "flag")
