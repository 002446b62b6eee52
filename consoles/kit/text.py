"""The one guarded layer between words from data and the terminal: nothing a person has written can steer a screen.

Two doors, each enough by itself: `words` makes the only text our widgets draw (no markup is ever read in it, nothing
unseen stays in it), and `guard_terminal` cleans every segment where the library turns it into bytes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.segment import Segment
from rich.text import Text
from textual.strip import Strip

REPLACED = "\N{REPLACEMENT CHARACTER}"
MORE = ".."  # what stands where text was cut
# control, format (bidi, zero-width), surrogate, private, unassigned, line and paragraph separators
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_WIDTH_CHANGERS = re.compile("[\ufe00-\ufe0f]")  # one cell in a table, two on the glass


@lru_cache(maxsize=8_192)
def safe(text: str) -> str:
    """The text with every character that a reader would not see replaced by one that is seen."""
    if text.isprintable() and _WIDTH_CHANGERS.search(text) is None:
        return text
    return "".join(_seen(character) for character in text)


def _seen(character: str) -> str:
    category = unicodedata.category(character)
    if category in _UNSEEN or _WIDTH_CHANGERS.match(character):
        return REPLACED
    return " " if category == "Zs" else character


def words(text: str, token: str = "") -> Text:
    """Text for a screen, in the look of a token (`theme.py`). Brackets in it are brackets: markup is never read."""
    return Text(safe(text), style=token, no_wrap=True, end="")


def joined(*parts: Text | str) -> Text:
    """One line of parts, each in its own look."""
    line = Text(no_wrap=True, end="")
    for part in parts:
        line.append_text(part if isinstance(part, Text) else words(part))
    return line


def width_of(text: Text | str) -> int:
    return cell_len(text if isinstance(text, str) else text.plain)


def cut(text: str, width: int) -> str:
    """At most so many cells; what is missing is said by two dots."""
    text = safe(text)
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, max(0, width - len(MORE))).rstrip() + MORE[: max(0, width)]


def padded(text: str, width: int, *, right: bool = False) -> str:
    """Exactly so many cells."""
    text = cut(text, width)
    gap = " " * (width - cell_len(text))
    return gap + text if right else text + gap


def fitted(line: Text, width: int, *, filler: str = "") -> Text:
    """Exactly so many cells of a line, its looks kept. filler: the token of the cells that are added."""
    missing = width - cell_len(line.plain)
    if missing >= 0:
        return joined(line, words(" " * missing, filler or str(line.style)))
    kept = line.copy()
    kept.truncate(max(0, width - len(MORE)))
    return fitted(joined(kept, words(MORE[: max(0, width)], str(line.style))), width)


def sides(left: Text, right: Text, width: int) -> Text:
    """A line with something at both ends. When both do not fit, the left one is cut."""
    room = width - cell_len(right.plain)
    return joined(fitted(left, max(0, room)), right) if room > 0 else fitted(right, width)


def wrapped(text: str, width: int, *, most: int = 100) -> list[str]:
    """Lines of at most so many cells, broken between words; a longer word is broken where it must be."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in safe(paragraph).split():
            for piece in _pieces(word, width):
                if line and cell_len(line) + 1 + cell_len(piece) > width:
                    lines.append(line)
                    line = piece
                else:
                    line = f"{line} {piece}" if line else piece
        lines.append(line)
    if len(lines) > most:
        lines = [*lines[: most - 1], cut(f"{lines[most - 1]} {' '.join(lines[most:])}", width)]
    return lines


def _pieces(word: str, width: int) -> Iterator[str]:
    while cell_len(word) > width:
        head = set_cell_size(word, width).rstrip() or word[:1]
        yield head
        word = word[len(head) :]
    yield word


def guard_terminal() -> None:
    """From here on no text segment of this process carries an unseen character to the terminal, whoever drew it.

    It touches the inside of a pinned library: the 19-widget test holds it to what it promises.
    """
    if getattr(Strip.render, "is_guarded", False):
        return
    unguarded = Strip.render

    def render(strip: Strip, console: Console) -> str:
        if all(segment.text.isprintable() for segment in strip._segments if not segment.control):
            return unguarded(strip, console)
        return unguarded(Strip([_guarded(segment) for segment in strip._segments]), console)

    render.is_guarded = True  # type: ignore[attr-defined]  # read above, once a process
    Strip.render = render  # type: ignore[method-assign, assignment]  # the one place where segments become bytes


def _guarded(segment: Segment) -> Segment:
    if segment.control:
        return segment
    return Segment(safe(segment.text), segment.style)
