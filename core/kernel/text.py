"""What may stand in a command's texts: ids, codes, and words that say nothing but what they show.

Free text with control, bidirectional or zero-width characters is refused on decode: it could look like another text.
"""

from __future__ import annotations

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

SHORT_WORDS = 140
LONG_WORDS = 2_000
MOST_CODES = 40

# control, format (bidi, zero-width, soft hyphen), surrogate, private, unassigned, line and paragraph separators
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def unseen(text: str, *, allowed: str = "") -> str:
    """The first character that a reader would not see, or ""."""
    for character in text:
        if character not in allowed and unicodedata.category(character) in _UNSEEN:
            return character
    return ""


def cells(text: str) -> int:
    """How many terminal cells a text takes: two for a wide character, none for a combining one."""
    count = 0
    for character in text:
        if unicodedata.category(character) in ("Mn", "Me"):
            continue
        count += 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1
    return count


def _one_line(text: str) -> str:
    return _composed(text, allowed="")


def _several_lines(text: str) -> str:
    return _composed(text, allowed="\n")


def _composed(text: str, *, allowed: str) -> str:
    culprit = unseen(text, allowed=allowed)
    if culprit:
        raise ValueError(f"holds a character that nobody sees: U+{ord(culprit):04X}")
    return unicodedata.normalize("NFC", text)


ShortWords = Annotated[str, StringConstraints(max_length=SHORT_WORDS, strip_whitespace=True), AfterValidator(_one_line)]
Words = Annotated[str, StringConstraints(max_length=LONG_WORDS, strip_whitespace=True), AfterValidator(_several_lines)]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,47}$")]
RowId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Codes = Annotated[tuple[Code, ...], Field(max_length=MOST_CODES)]
Instant = Annotated[int, Field(ge=1, lt=1 << 53)]  # ms UTC
